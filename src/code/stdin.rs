//! Reads the code from the first line of standard input. It never reads a byte further.

use super::Code;
use super::line;
use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use crate::world::stdin;

/// Reads one line of standard input and the code on it. Nothing after the line is read, so a
/// script can go on with the rest.
pub(crate) fn read() -> Result<Code> {
    let failed = |why: &str| {
        Failure::new(
            Exit::CodeNeeded,
            format!("no code on standard input: {why}"),
        )
        .hint(
            "pipe one line with the six digits into awsmfa, or leave out --code-stdin to be asked",
        )
    };
    let line = stdin::read_lines(1, line::LONGEST).map_err(|error| failed(&io_message(&error)))?;
    match line {
        Some(line) if !line::is_blank(&line) => line::code_on(&line).map_err(failed),
        _ => Err(failed("it is empty")),
    }
}
