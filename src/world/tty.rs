//! Asks at the terminal, and is the only reader of what the user types.
//!
//! It uses the terminal itself, not standard input or output: both may be pipes (`eval "$(…)"`,
//! `credential_process`) while the user still sits in front of it.

#[cfg(unix)]
use super::line_mode::Modes;
use super::line_mode::{CTRL_C, LineMode, Screen, Typing};
use crate::picture::Size;
use std::cell::Cell;
use std::fs::File;
use std::future::{Future as _, poll_fn};
use std::io::{self, Read, Write as _};
use std::pin::Pin;
use std::process::Stdio;
use std::task::Poll;
use tokio::task::{JoinHandle, spawn_blocking};
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

/// The user's terminal.
pub(crate) struct Terminal {
    input: File,
    output: File,
    /// Whether it is our controlling terminal: it has job control, and its keys send signals.
    is_controlling: bool,
}

impl Terminal {
    /// Opens the terminal that this process belongs to. If there is none, standard input may still be a
    /// terminal, as in some containers and editors. `None` if nobody can be asked.
    pub(crate) fn open() -> Option<Self> {
        let controlling = || {
            Some(Self {
                input: open(INPUT)?,
                output: open(OUTPUT)?,
                is_controlling: true,
            })
        };
        controlling().or_else(of_standard_input)
    }

    /// Whether this process is in the terminal's foreground: a question from the background would stop
    /// it.
    pub(crate) fn is_ours(&self) -> bool {
        self.screen().is_ours()
    }

    /// Whether another program reads single keys from it, as full-screen programs do.
    pub(crate) fn is_raw(&self) -> bool {
        !self.screen().takes_lines()
    }

    /// Puts it into line mode for a question, until the result is dropped.
    pub(crate) fn line_mode(&self) -> io::Result<LineMode<'_>> {
        LineMode::enter(self.screen(), Typing::Shown)
    }

    /// The same for a secret: what is typed is not shown.
    pub(crate) fn hidden_mode(&self) -> io::Result<LineMode<'_>> {
        LineMode::enter(self.screen(), Typing::Hidden)
    }

    /// The same for single keys: each is handed over as it is pressed, and shown by whoever reads it.
    #[cfg(unix)]
    pub(super) fn key_mode(&self) -> io::Result<LineMode<'_>> {
        LineMode::enter(self.screen(), Typing::KeyByKey)
    }

    /// Whether it can hide what is typed, and hand it over key by key.
    pub(super) fn has_modes(&self) -> bool {
        self.screen().has_modes()
    }

    /// Whether text is styled on it: the person may not want that, or the terminal not know how.
    #[cfg(unix)]
    pub(super) fn shows_styles(&self) -> bool {
        use anstream::{AutoStream, ColorChoice};
        AutoStream::choice(&self.output) != ColorChoice::Never
    }

    /// Its columns and lines; `None` if it does not know them.
    pub(crate) fn size(&self) -> Option<Size> {
        let (columns, lines) = terminal_size::terminal_size_of(&self.output)?;
        Some(Size {
            columns: columns.0.into(),
            lines: lines.0.into(),
        })
    }

    /// A second handle on the same terminal, which may outlive this one.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            input: self.input.try_clone()?,
            output: self.output.try_clone()?,
            is_controlling: self.is_controlling,
        })
    }

    /// Whether something was typed or pasted that has not been read yet; in line mode a whole line.
    pub(super) fn holds_typed(&self) -> bool {
        #[cfg(unix)]
        {
            rustix::io::ioctl_fionread(&self.input).is_ok_and(|bytes| bytes > 0)
        }
        #[cfg(not(unix))]
        {
            false
        }
    }

    /// Discards what was typed and not read yet.
    #[cfg(unix)]
    pub(super) fn forget_typed(&self) {
        use rustix::termios::{QueueSelector, tcflush};
        let _ = tcflush(&self.input, QueueSelector::IFlush);
    }

    /// Writes `text`, including its escape sequences. Writes nothing from the background if that would
    /// stop us.
    pub(super) fn draw(&self, text: &str) -> io::Result<()> {
        #[cfg(unix)]
        {
            use rustix::termios::{LocalModes, tcgetattr};
            let stops =
                |modes: &rustix::termios::Termios| modes.local_modes.contains(LocalModes::TOSTOP);
            if !self.is_ours() && tcgetattr(&self.output).is_ok_and(|modes| stops(&modes)) {
                return Ok(());
            }
            (&self.output).write_all(text.as_bytes())
        }
        // A console file expects the console's code page, the stream takes Unicode.
        #[cfg(windows)]
        #[expect(clippy::disallowed_methods, reason = "it is the console")]
        {
            io::stderr().write_all(text.as_bytes())
        }
    }

    /// Shows one line of text.
    pub(crate) fn show(&self, text: &str) -> io::Result<()> {
        let _mode = self.line_mode()?;
        writeln!(&self.output, "{}", crate::text::escape(text))
    }

    /// Ends a line that a question left open.
    pub(crate) fn end_line(&self) {
        let _mode = self.line_mode();
        let _ = writeln!(&self.output);
    }

    /// Goes to the beginning of the line.
    pub(super) fn begin_line(&self) {
        let _ = (&self.output).write_all(b"\r");
    }

    /// Shows `question` and stays on its line.
    pub(crate) fn show_question(&self, question: &str) -> io::Result<()> {
        write!(&self.output, "{}", crate::text::escape(question))?;
        (&self.output).flush()
    }

    /// Reads one line, with echo. `None` if the input ends first, or if Ctrl-C only typed itself.
    ///
    /// Lines typed or pasted after this one stay in the terminal. If a read for an earlier, dropped
    /// question is still under way, it continues for this one: two reads at once would share what is
    /// typed.
    pub(crate) async fn read_answer(&self) -> io::Result<Option<Zeroizing<String>>> {
        let ends: &[u8] = if self.is_controlling {
            b"\n"
        } else {
            &[b'\n', CTRL_C]
        };
        let Some(line) = self.read(LONGEST_LINE, ends).await? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&line);
        let is_cancelled = line.contains(&CTRL_C);
        Ok((!is_cancelled).then(|| Zeroizing::new(text.trim().to_owned())))
    }

    /// Reads one byte in [key mode](Self::key_mode). `None` when the input ends first.
    ///
    /// A read that was dropped goes on for the next one, as with lines: nothing else may be asked between
    /// the two.
    #[cfg(unix)]
    pub(super) async fn read_byte(&self) -> io::Result<Option<u8>> {
        let line = self.read(1, b"\n").await?;
        // Of a line feed the line has nothing but its end.
        Ok(line.map(|line| line.first().copied().unwrap_or(b'\n')))
    }

    /// Reads a line as [`read_line`] does, or awaits what a read that was dropped comes to.
    async fn read(&self, longest: usize, ends: &'static [u8]) -> Line {
        let mut reading = match READING.take() {
            Some(handle) => Reading(Some(handle)),
            None => {
                let mut input = self.input.try_clone()?;
                Reading(Some(spawn_blocking(move || {
                    read_line(&mut input, longest, ends)
                })))
            }
        };
        let line = poll_fn(|context| match &mut reading.0 {
            Some(handle) => Pin::new(handle).poll(context),
            None => Poll::Pending,
        })
        .await;
        reading.0 = None;
        line.map_err(io::Error::other)?
    }

    /// The same in [hidden mode](Self::hidden_mode). A Windows console has no such mode here, so it is
    /// asked to hide this one line.
    pub(crate) async fn read_hidden_answer(&self) -> io::Result<Option<Zeroizing<String>>> {
        #[cfg(windows)]
        {
            let read = spawn_blocking(rpassword::read_password).await;
            match read.map_err(io::Error::other)? {
                Ok(line) => Ok(Some(Zeroizing::new(line.trim().to_owned()))),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                Err(error) => Err(error),
            }
        }
        #[cfg(not(windows))]
        {
            self.read_answer().await
        }
    }

    fn screen(&self) -> Screen<'_> {
        Screen {
            file: &self.input,
            is_controlling: self.is_controlling,
        }
    }
}

/// The terminal's modes, restored when this is dropped: a program that is killed while it asks for a
/// password leaves the terminal without echo. So could we, which is why the runtime handles the signals
/// that would end us meanwhile.
pub(super) struct KeptModes {
    #[cfg(unix)]
    terminal: Terminal,
    #[cfg(unix)]
    modes: Modes,
}

impl KeptModes {
    /// The current modes; `None` if there is no terminal, or if it belongs to another program now.
    pub(super) fn now() -> Option<Self> {
        #[cfg(unix)]
        {
            let terminal = Terminal::open().filter(Terminal::is_ours)?;
            let modes = Modes::of(terminal.screen()).ok()?;
            super::signals::catch_ends();
            Some(Self { terminal, modes })
        }
        #[cfg(not(unix))]
        {
            None
        }
    }
}

#[cfg(unix)]
impl Drop for KeptModes {
    fn drop(&mut self) {
        self.modes.put_back(self.terminal.screen());
    }
}

/// The result of a read: a line, or the end of the input.
type Line = io::Result<Option<Zeroizing<Vec<u8>>>>;

thread_local! {
    /// The unfinished read of a question that was dropped.
    static READING: Cell<Option<JoinHandle<Line>>> = const { Cell::new(None) };
}

/// A read under way. If it is dropped before its end, the next question gets it.
struct Reading(Option<JoinHandle<Line>>);

impl Drop for Reading {
    fn drop(&mut self) {
        READING.set(self.0.take());
    }
}

/// Reads one line of at most `longest` bytes. It `ends` with one of these bytes; a line feed is not part
/// of the line. `None` if the input ends first.
///
/// Reads byte by byte, so that what comes after the line is left for whoever reads next.
pub(crate) fn read_line(
    input: &mut impl Read,
    longest: usize,
    ends: &[u8],
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Allocated once: a buffer that grows leaves copies of a code behind.
    let mut typed = Zeroizing::new(Vec::with_capacity(longest));
    let mut byte = Zeroizing::new([0]);
    while typed.len() < longest {
        match input.read(&mut *byte) {
            Ok(0) if typed.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => {
                typed.push(byte[0]);
                if ends.contains(&byte[0]) {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(typed))
}

/// The terminal as a child's standard input; without a terminal the child reads nothing.
pub(crate) fn as_standard_input() -> Stdio {
    Terminal::open().map_or_else(Stdio::null, |terminal| terminal.input.into())
}

#[expect(clippy::disallowed_methods, reason = "the terminal is no AWS file")]
fn open(path: &str) -> Option<File> {
    File::options().read(true).write(true).open(path).ok()
}

/// Standard input, if it is a terminal that can be written to, as programs usually get it.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "it is the terminal, and not read ahead"
)]
fn of_standard_input() -> Option<Terminal> {
    use rustix::fs::{OFlags, fcntl_getfl};
    use std::io::IsTerminal as _;
    use std::os::fd::AsFd as _;
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    let input: File = stdin.as_fd().try_clone_to_owned().ok()?.into();
    let flags = fcntl_getfl(&input).ok()?;
    (flags & OFlags::RWMODE == OFlags::RDWR).then_some(())?;
    Some(Terminal {
        output: input.try_clone().ok()?,
        input,
        is_controlling: false,
    })
}

/// The console belongs to the process, whatever its standard input is.
#[cfg(not(unix))]
fn of_standard_input() -> Option<Terminal> {
    None
}
