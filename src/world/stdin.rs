//! Reads the lines of standard input that hold a code or keys. It never reads a byte beyond the last of
//! them: the rest belongs to whoever reads next.

use super::tty::read_line;
use crate::value::encoding::Encoding;
use std::fs::File;
use std::io::{self, Read as _};
use zeroize::Zeroizing;

/// Reads `count` lines of at most `longest` bytes each, with the line ends between them. Fewer if the
/// input ends first; `None` if it is empty.
pub(crate) fn read_lines(count: usize, longest: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut input = open()?;
    // Allocated once: a buffer that grows leaves copies of a secret behind.
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
        // The second byte of a UTF-16 line feed. At the end of a pipe it is missing.
        let _ = input.read(&mut [0])?;
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Whether input may come: it is a pipe or a file, not a terminal or the null device.
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

/// Whether it is a terminal, which would show what is typed.
pub(crate) fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    open().is_ok_and(|input| input.is_terminal())
}

/// Reads standard input to its end. Fails at more than `longest` bytes.
pub(crate) fn read_all(longest: u64) -> io::Result<Vec<u8>> {
    super::plain::read_up_to(open()?, longest)
}

/// A handle of our own. `io::stdin` would read ahead, and those bytes would be lost to the next program.
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
