//! Owns the code that comes on standard input: its first line.

use super::Code;
use crate::exit::{Exit, Failure};
use std::io::Read as _;
use zeroize::Zeroizing;

/// More than any line with a code on it; what is longer is no code.
const LONGEST_LINE: u64 = 256;

/// Reads one line of standard input and the code on it. Nothing after the line is read, so a
/// script can go on with the rest.
#[expect(clippy::disallowed_methods, reason = "this is the owner")]
pub(crate) fn read() -> anyhow::Result<Code> {
    let failed = |why: &str| {
        Failure::new(
            Exit::CodeNeeded,
            format!("no code on standard input: {why}"),
        )
        .hint(
            "pipe one line with the six digits into awsmfa, or leave --code-stdin out to be asked",
        )
    };
    let mut line = Zeroizing::new(Vec::new());
    for byte in std::io::stdin().lock().bytes().take(LONGEST_LINE as usize) {
        match byte.map_err(|error| failed(&error.to_string()))? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    if line.is_empty() {
        return Err(failed("it is empty").into());
    }
    Ok(
        Code::parse(&Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
            .map_err(failed)?,
    )
}
