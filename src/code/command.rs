//! Runs a command for the code that it prints: `--code-command` and the profile's `mfa_process`.
//! What it printed is never shown.
//!
//! The command runs in the platform's shell with the terminal as its input and its standard
//! error shown, so that a key's touch or a vault's password can be asked for.

use super::Code;
use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use crate::world::tty;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

/// How long a person may take to touch a key or to unlock a vault.
const LIMIT: Duration = Duration::from_secs(60);

/// More than any line with a code on it; a longer line holds none.
const LONGEST_LINE: u64 = 256;

/// Runs `line` and returns the code in the first line it prints.
///
/// `named_by` is the flag or setting that names the command. Fails with exit code 7 when the
/// command can't be run, fails, prints no code or takes more than a minute; what it printed is
/// never shown.
pub(crate) async fn run(line: &str, named_by: &str) -> Result<Code> {
    within(LIMIT, line, named_by).await
}

async fn within(limit: Duration, line: &str, named_by: &str) -> Result<Code> {
    let failed = |why: &str| {
        Failure::new(
            Exit::CodeNeeded,
            format!("the command of {named_by} gave no code: {why}"),
        )
        .hint("run the command by itself; the first line it prints must be the six digits")
    };
    let mut child = shell(line)
        .stdin(tty::as_standard_input())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&io_message(&error)))?;
    let ended = timeout(limit, read(&mut child)).await;
    let (printed, status) = match ended {
        Ok(Ok(ended)) => ended,
        late => {
            // It may have ended by itself meanwhile; there is nothing to do about a failure here.
            let _ = child.kill().await;
            return Err(match late {
                Ok(Err(error)) => failed(&io_message(&error)),
                _ => failed(&format!(
                    "it took longer than {} seconds",
                    limit.as_secs_f32()
                )),
            });
        }
    };
    if is_interrupted(status) {
        // Ctrl-C went to the command and to us. Our own cancellation is on its way, and is what is
        // to be reported; only an interrupt that was meant for the command alone outlasts this.
        sleep(Duration::from_secs(1)).await;
    }
    if !status.success() {
        return Err(failed(&format!("it ended with {status}")));
    }
    if printed.trim().is_empty() {
        return Err(failed("the first line it printed is empty"));
    }
    Code::parse(&printed)
        .map_err(|why| failed(&format!("{why}, and the first line it printed is not")))
}

/// The first line that `child` prints, and how it ended.
async fn read(child: &mut Child) -> io::Result<(Zeroizing<String>, ExitStatus)> {
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut output = BufReader::new(output);
    let line = first_line(&mut output).await?;
    // What a command prints after it is read and dropped, so that it is not stopped by a full or
    // closed pipe; and no longer than the command runs, as a child of its own may keep the pipe.
    let rest =
        tokio::spawn(async move { tokio::io::copy(&mut output, &mut tokio::io::sink()).await });
    let status = child.wait().await;
    rest.abort();
    Ok((line, status?))
}

async fn first_line(output: &mut BufReader<ChildStdout>) -> io::Result<Zeroizing<String>> {
    // Room for all of it at once: a buffer that grows leaves copies of a code behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE as usize));
    output
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await?;
    Ok(Zeroizing::new(String::from_utf8_lossy(&line).into_owned()))
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

#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "the command is what the person named"
)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "the command is what the person named"
)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd.exe");
    // cmd.exe reads the rest of its command line by its own rules; std's quoting would change it.
    command.raw_arg("/D /S /C").raw_arg(format!("\"{line}\""));
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::{LIMIT, within};
    use crate::exit::Exit;
    use std::time::{Duration, Instant};

    /// Nothing here waits a minute: the limit is an argument, and that it is a minute is a fact.
    #[tokio::test]
    async fn a_command_that_takes_too_long_is_ended() {
        assert_eq!(LIMIT, Duration::from_secs(60));
        for line in [
            "sleep 20",
            "echo 123456; exec sleep 20",
            "exec >&-; exec sleep 20",
            "exec yes 123456",
        ] {
            let begin = Instant::now();
            let failure = within(Duration::from_millis(200), line, "--code-command")
                .await
                .expect_err("no code in time");
            assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
            assert_eq!(failure.exit, Exit::CodeNeeded);
            assert_eq!(
                failure.message,
                "the command of --code-command gave no code: it took longer than 0.2 seconds",
                "{line}"
            );
        }
    }
}
