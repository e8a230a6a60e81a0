//! Runs a user's command line in the platform's shell, with limits on time and output. It never shows
//! what the command printed.
//!
//! The command stays in our process group, so it has the same access to the terminal, and Ctrl-C reaches
//! both. [`IN_PROGRESS`] tells an awsmfa inside it what this one is doing.

use super::env::IN_PROGRESS;
use super::{descendants, tty};
use crate::text::io_message;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

/// How much output is read at a time.
const PIECE: usize = 16 * 1024;

/// Far more than any set of keys needs.
const LONGEST_OUTPUT: usize = 1 << 20;

/// A command line with its limits.
#[derive(Clone, Copy)]
pub(crate) struct CommandLine<'a> {
    /// The line for the shell.
    pub(crate) line: &'a str,
    /// What an awsmfa inside it finds in its environment.
    pub(crate) in_progress: &'a str,
    /// What else it is told in its environment.
    pub(crate) variables: &'a [(&'static str, String)],
    /// How long it may take.
    pub(crate) limit: Duration,
}

/// The result of a command that ended by itself.
pub(crate) struct Ended {
    /// The part of its output that is kept.
    pub(crate) printed: Zeroizing<Vec<u8>>,
    /// How it ended.
    pub(crate) status: ExitStatus,
}

/// The exit code with which a command says that the user cancelled it, as shells do for Ctrl-C.
const CANCELLED: i32 = 130;

impl Ended {
    /// Whether the user cancelled the command itself.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.status.code() == Some(CANCELLED) || is_interrupted(self.status)
    }
}

/// How a command that did not succeed ended, for people.
pub(crate) fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it failed (exit {code})"),
        None => format!(
            "it was ended by {}",
            status.to_string().replacen(": ", " ", 1)
        ),
    }
}

/// Why a command did not end by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfinished {
    /// It could not be run, or its output could not be read.
    #[error("{}", io_message(.0))]
    Broken(#[from] io::Error),
    /// It was killed at the time limit.
    #[error("it took longer than {} seconds", .0.as_secs_f32())]
    Late(Duration),
    /// It was killed because it printed too much.
    #[error("it printed more than 1 MiB")]
    TooMuch,
}

impl CommandLine<'_> {
    /// Runs it with the terminal as its input and its error output visible. Keeps the first line of its
    /// output, up to `longest` bytes; the command may print as much as it likes.
    pub(crate) async fn first_line(self, longest: usize) -> Result<Ended, Unfinished> {
        let mut command = self.in_shell();
        command.stdin(tty::as_standard_input());
        self.run(command, Kept::new(longest, true)).await
    }

    /// Runs it without input, and discards its error output. Keeps everything it prints, up to 1 MiB.
    pub(crate) async fn output(self) -> Result<Ended, Unfinished> {
        let mut command = self.in_shell();
        command.stdin(Stdio::null()).stderr(Stdio::null());
        self.run(command, Kept::new(LONGEST_OUTPUT, false)).await
    }

    /// Runs it with `input` and a line end on its standard input. Its output goes to standard error: our
    /// own standard output is reserved for data.
    pub(crate) async fn fed(self, input: &str) -> Result<ExitStatus, Unfinished> {
        let mut command = self.in_shell();
        command.stdin(Stdio::piped()).stdout(as_standard_error());
        let _modes = tty::KeptModes::now();
        let mut child = self.tell(&mut command).spawn()?;
        // Allocated once: text that grows leaves copies of a secret behind.
        let line = Zeroizing::new([input, "\n"].concat());
        let ended = timeout(self.limit, async {
            if let Some(mut pipe) = child.stdin.take() {
                // A program may end without reading its input; its exit status tells whether that is a
                // failure.
                let _ = pipe.write_all(line.as_bytes()).await;
            }
            child.wait().await
        });
        match ended.await {
            Ok(status) => Ok(status?),
            Err(_) => {
                descendants::end(&mut child).await;
                Err(Unfinished::Late(self.limit))
            }
        }
    }

    /// Puts what it is told into its environment.
    fn tell(self, command: &mut Command) -> &mut Command {
        let told = self.variables.iter().map(|(name, value)| (name, value));
        command.env(IN_PROGRESS, self.in_progress).envs(told)
    }

    async fn run(self, mut command: Command, mut kept: Kept) -> Result<Ended, Unfinished> {
        // The terminal's modes are restored however the command ends, even if Ctrl-C ends the sign-in.
        let _modes = tty::KeptModes::now();
        command.stdout(Stdio::piped());
        let mut child = self.tell(&mut command).spawn()?;
        let ended = timeout(self.limit, read(&mut child, &mut kept)).await;
        match ended.unwrap_or(Err(Unfinished::Late(self.limit))) {
            Ok(status) => {
                if is_interrupted(status) {
                    // Ctrl-C reached both the command and us. Our own cancellation is on its way and is
                    // what should be reported; if it does not come, the interrupt was meant for the
                    // command alone.
                    sleep(Duration::from_secs(1)).await;
                }
                Ok(Ended {
                    printed: kept.bytes,
                    status,
                })
            }
            Err(why) => {
                descendants::end(&mut child).await;
                Err(why)
            }
        }
    }

    #[cfg(unix)]
    #[expect(
        clippy::disallowed_methods,
        reason = "the command is what the person named"
    )]
    fn in_shell(self) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(self.line);
        command
    }

    #[cfg(windows)]
    #[expect(
        clippy::disallowed_methods,
        reason = "the command is what the person named"
    )]
    fn in_shell(self) -> Command {
        let mut command = Command::new("cmd.exe");
        // cmd.exe parses the rest of its command line by its own rules, which std's quoting would break.
        let line = format!("\"{}\"", self.line);
        command.raw_arg("/D /S /C").raw_arg(line);
        command
    }
}

/// Our standard error as a child's standard output.
#[expect(clippy::disallowed_methods, reason = "it is the child's to write")]
fn as_standard_error() -> Stdio {
    io::stderr().into()
}

/// Reads the output of `child` until it ends, and returns its exit status.
///
/// After that it waits for nothing: a program left in the background may keep the pipe open for as long
/// as it lives.
async fn read(child: &mut Child, kept: &mut Kept) -> Result<ExitStatus, Unfinished> {
    let mut output = child
        .stdout
        .take()
        .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let mut is_open = true;
    let status = loop {
        tokio::select! {
            // Output that is not kept is read as well, so that a full or closed pipe does not stop the
            // command.
            length = output.read(&mut piece), if is_open => match length? {
                0 => is_open = false,
                length => kept.add(&piece[..length])?,
            },
            status = child.wait() => break status?,
        }
    };
    if is_open {
        read_rest(&mut output, &mut piece, kept).await?;
    }
    Ok(status)
}

/// Reads what is left in the pipe: everything the command itself wrote before it ended.
#[cfg(unix)]
async fn read_rest(
    output: &mut ChildStdout,
    piece: &mut [u8],
    kept: &mut Kept,
) -> Result<(), Unfinished> {
    use rustix::io::Errno;
    while !kept.is_complete() {
        // Tokio may not know yet that the pipe is readable, so it is read directly; it does not block.
        match rustix::io::read(&*output, &mut *piece) {
            Ok(0) | Err(Errno::AGAIN) => break,
            Ok(length) => kept.add(&piece[..length])?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(Unfinished::Broken(error.into())),
        }
    }
    Ok(())
}

/// The same on Windows, where a pipe can't be read without waiting. A thread reads what the command
/// wrote at once, so a second is more than enough.
#[cfg(windows)]
async fn read_rest(
    output: &mut ChildStdout,
    piece: &mut [u8],
    kept: &mut Kept,
) -> Result<(), Unfinished> {
    let rest = async {
        while !kept.is_complete() {
            match output.read(piece).await? {
                0 => break,
                length => kept.add(&piece[..length])?,
            }
        }
        Ok(())
    };
    timeout(Duration::from_secs(1), rest)
        .await
        .unwrap_or(Ok(()))
}

/// The kept part of the output.
struct Kept {
    bytes: Zeroizing<Vec<u8>>,
    longest: usize,
    /// Keep only the first line, with its line end, as far as it fits.
    is_line: bool,
}

impl Kept {
    fn new(longest: usize, is_line: bool) -> Self {
        Self {
            // Allocated once: a buffer that grows leaves copies of a secret behind.
            bytes: Zeroizing::new(Vec::with_capacity(longest)),
            longest,
            is_line,
        }
    }

    fn add(&mut self, piece: &[u8]) -> Result<(), Unfinished> {
        let room = self.longest - self.bytes.len();
        if !self.is_line {
            if piece.len() > room {
                return Err(Unfinished::TooMuch);
            }
            self.bytes.extend_from_slice(piece);
        } else if !self.is_complete() {
            let end = piece.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(piece.len(), |end| end + 1).min(room);
            self.bytes.extend_from_slice(&piece[..length]);
        }
        Ok(())
    }

    /// Whether no later output will be kept.
    fn is_complete(&self) -> bool {
        self.is_line && (self.bytes.ends_with(b"\n") || self.bytes.len() == self.longest)
    }
}

#[cfg(unix)]
fn is_interrupted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::INT.as_raw())
}

#[cfg(not(unix))]
fn is_interrupted(_: ExitStatus) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Instant;

    fn of(line: &str, limit: Duration) -> CommandLine<'_> {
        CommandLine {
            line,
            in_progress: "",
            variables: &[],
            limit,
        }
    }

    async fn first_line(line: &str) -> String {
        let ended = of(line, Duration::from_secs(30)).first_line(16).await;
        let printed = ended.expect("it ends").printed;
        String::from_utf8(printed.to_vec()).expect("it is text")
    }

    #[tokio::test]
    async fn the_first_line_is_kept_however_it_arrives() {
        for (line, expected) in [
            ("echo one; echo two", "one\n"),
            ("printf o; sleep 0.1; printf 'ne\\ntwo'", "one\n"),
            ("printf one", "one"),
            ("exec printf '\\none\\n'", "\n"),
            ("printf 0123456789abcdef0", "0123456789abcdef"),
            ("echo 0123456789abcdef; echo two", "0123456789abcdef"),
            ("true", ""),
        ] {
            assert_eq!(first_line(line).await, expected, "{line}");
        }
    }

    /// The process writes the line and ends, so both arrive at the same moment.
    #[tokio::test]
    async fn a_line_written_just_before_the_end_is_never_lost() {
        for number in 0..300 {
            // Another process keeps the pipe open, so its end never comes.
            let line = format!("sleep 3 2>/dev/null & echo {number}");
            assert_eq!(first_line(&line).await, format!("{number}\n"));
        }
    }

    #[tokio::test]
    async fn nothing_is_waited_for_after_the_end() {
        for line in [
            "sleep 20 &",
            "(trap '' HUP; sleep 20) & exit 3",
            "yes & true",
        ] {
            let begin = Instant::now();
            let ended = of(line, Duration::from_secs(15)).first_line(16).await;
            ended.expect("it ends");
            let all = of(line, Duration::from_secs(15)).output().await;
            assert!(
                matches!(all, Ok(_) | Err(Unfinished::TooMuch)),
                "{line}: {:?}",
                all.err()
            );
            assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
        }
    }

    #[tokio::test]
    async fn more_output_than_allowed_ends_it_at_once_and_exactly_the_limit_does_not() {
        let limit = Duration::from_secs(30);
        let just = of("head -c 1048576 /dev/zero", limit).output().await;
        assert_eq!(just.expect("it ends").printed.len(), 1 << 20);
        for line in [
            "head -c 1048577 /dev/zero",
            "head -c 1048577 /dev/zero; sleep 20",
            "head -c 1073741824 /dev/zero",
            "exec yes",
            "yes & wait",
        ] {
            let begin = Instant::now();
            let more = of(line, limit).output().await;
            assert!(matches!(more, Err(Unfinished::TooMuch)), "{line}");
            assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
        }
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_ended_whatever_it_does_with_its_output() {
        for line in [
            "sleep 20",
            "echo 123456; exec sleep 20",
            "exec >&-; exec sleep 20",
            "exec yes 123456",
            "trap '' TERM; while :; do sleep 1; done",
        ] {
            let begin = Instant::now();
            let ended = of(line, Duration::from_millis(200)).first_line(16).await;
            assert!(matches!(ended, Err(Unfinished::Late(_))), "{line}");
            assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
        }
    }
}
