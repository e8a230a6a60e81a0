//! Reads the code from the first line of standard input. It never reads a byte further.

use super::Code;
use super::line::{self, Encoding};
use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use crate::world::tty;
use std::fs::File;
use std::io::{self, Read as _};
use zeroize::Zeroizing;

/// Reads one line of standard input and the code on it. Nothing after the line is read, so a
/// script can go on with the rest.
pub(crate) fn read() -> Result<Code> {
    let failed = |why: &str| {
        Failure::new(
            Exit::CodeNeeded,
            format!("no code on standard input: {why}"),
        )
        .hint(
            "pipe one line with the six digits into awsmfa, or leave --code-stdin out to be asked",
        )
    };
    let line = read_line().map_err(|error| failed(&io_message(&error)))?;
    match line {
        Some(line) if !line::is_blank(&line) => line::code_on(&line).map_err(failed),
        _ => Err(failed("it is empty")),
    }
}

fn read_line() -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut input = open()?;
    let line = tty::read_line(&mut input, line::LONGEST, b"\n")?;
    if line.as_deref().map(|line| Encoding::of(line)) == Some(Encoding::Utf16Le) {
        // The other half of the line feed. A pipe that has ended has none.
        let _ = input.read(&mut [0])?;
    }
    Ok(line)
}

/// A handle of our own on standard input. `io::stdin` would read ahead, and what it takes is lost
/// to the next program.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "a code may come on standard input"
)]
fn open() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "a code may come on standard input"
)]
fn open() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}
