//! Asks at the terminal: the only reader of what a person types.
//!
//! It is the terminal itself, not standard input or output: both may be a pipe
//! (`eval "$(…)"`, `credential_process`) while a person still sits in front of it.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::process::Stdio;
use zeroize::Zeroizing;

#[cfg(unix)]
const INPUT: &str = "/dev/tty";
#[cfg(unix)]
const OUTPUT: &str = "/dev/tty";
#[cfg(windows)]
const INPUT: &str = "CONIN$";
#[cfg(windows)]
const OUTPUT: &str = "CONOUT$";

/// The longest line that a terminal hands over (Linux: 4096 bytes).
const LONGEST_LINE: usize = 4096;

/// The terminal this process belongs to.
pub(crate) struct Terminal {
    input: File,
    output: File,
}

impl Terminal {
    /// Opens the terminal; none when this process has none.
    pub(crate) fn open() -> Option<Self> {
        Some(Self {
            input: open(INPUT)?,
            output: open(OUTPUT)?,
        })
    }

    /// Whether this process is in the terminal's foreground: a question from the background would
    /// stop it.
    pub(crate) fn is_ours(&self) -> bool {
        #[cfg(unix)]
        {
            let group = rustix::termios::tcgetpgrp(&self.input);
            group.is_ok_and(|group| group == rustix::process::getpgrp())
        }
        #[cfg(not(unix))]
        {
            true
        }
    }

    /// A second handle on the same terminal, for another thread.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            input: self.input.try_clone()?,
            output: self.output.try_clone()?,
        })
    }

    /// Shows one line of text.
    pub(crate) fn show(&self, text: &str) -> io::Result<()> {
        writeln!(&self.output, "{}", crate::text::escape(text))
    }

    /// Ends a line that a question left open.
    pub(crate) fn end_line(&self) {
        let _ = writeln!(&self.output);
    }

    /// Shows `question` and stays on its line.
    pub(crate) fn show_question(&self, question: &str) -> io::Result<()> {
        write!(&self.output, "{}", crate::text::escape(question))?;
        (&self.output).flush()
    }

    /// Reads one line, visibly. `None` when the input ends first. Blocks.
    ///
    /// Lines typed or pasted after this one stay in the terminal.
    pub(crate) fn read_answer(&self) -> io::Result<Option<Zeroizing<String>>> {
        let line = read_line(&mut &self.input, LONGEST_LINE)?;
        Ok(line.map(|line| Zeroizing::new(String::from_utf8_lossy(&line).trim().to_owned())))
    }
}

/// Reads one line of at most `longest` bytes, without its line feed. `None` when the input ends
/// first.
///
/// Reads byte by byte: what comes after the line stays for whoever reads next.
pub(crate) fn read_line(
    input: &mut impl Read,
    longest: usize,
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Room for all of it at once: a buffer that grows leaves copies of a code behind.
    let mut typed = Zeroizing::new(Vec::with_capacity(longest));
    let mut byte = Zeroizing::new([0]);
    while typed.len() < longest {
        match input.read(&mut *byte) {
            Ok(0) if typed.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => typed.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(typed))
}

/// The terminal as the standard input of a child; nothing to read where there is no terminal.
pub(crate) fn as_standard_input() -> Stdio {
    open(INPUT).map_or_else(Stdio::null, Stdio::from)
}

#[expect(clippy::disallowed_methods, reason = "the terminal is no AWS file")]
fn open(path: &str) -> Option<File> {
    File::options().read(true).write(true).open(path).ok()
}
