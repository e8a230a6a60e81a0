//! Reads lines of standard input that hold a code or keys. It never reads a byte further than the
//! last of them: what follows is for whoever reads next.

use super::tty::read_line;
use crate::value::encoding::Encoding;
use std::fs::File;
use std::io::{self, Read as _};
use zeroize::Zeroizing;

/// Reads `count` lines of at most `longest` bytes each, with the line ends between them. Fewer where
/// the input ends first; none where there is no byte.
pub(crate) fn read_lines(count: usize, longest: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut input = open()?;
    // Room for all of it at once: a buffer that grows leaves copies of a secret behind.
    let mut text = Zeroizing::new(Vec::with_capacity(count * (longest + 1)));
    for number in 0..count {
        let Some(line) = read_line(&mut input, longest, b"\n")? else {
            break;
        };
        if number > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(&line);
        if line.len() >= longest {
            break;
        }
    }
    if Encoding::of(&text) == Encoding::Utf16Le {
        // The other half of the line feed. A pipe that has ended has none.
        let _ = input.read(&mut [0])?;
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Whether something may come: it is a pipe or a file, and neither a terminal nor nothing.
pub(crate) fn may_hold_input() -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{FileType, fstat};
        let about = open().and_then(|input| Ok(fstat(&input)?));
        about.is_ok_and(|about| !FileType::from_raw_mode(about.st_mode).is_char_device())
    }
    #[cfg(not(unix))]
    {
        !is_terminal()
    }
}

/// Whether it is a terminal, which shows what is typed.
pub(crate) fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    open().is_ok_and(|input| input.is_terminal())
}

/// Reads standard input to its end. More than `longest` bytes are an error.
pub(crate) fn read_all(longest: u64) -> io::Result<Vec<u8>> {
    super::plain::read_up_to(open()?, longest)
}

/// A handle of our own on standard input. `io::stdin` would read ahead, and what it takes is lost
/// to the next program.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "a code or keys may come on standard input"
)]
fn open() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "a code or keys may come on standard input"
)]
fn open() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}
