//! Owns the code that a command prints: `--code-command` and the profile's `mfa_process`.
//!
//! The command runs in the platform's shell with the terminal as its input and its standard
//! error shown, so that a key's touch or a vault's password can be asked for.

use super::Code;
use crate::exit::{Exit, Failure};
use crate::world::tty;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long a person may take to touch a key or to unlock a vault.
const LIMIT: Duration = Duration::from_secs(60);

/// More than any line with a code on it; what is longer is no code.
const LONGEST_LINE: u64 = 256;

/// Why there is no code yet; none when the time is over.
type Why = Option<String>;

/// Runs `line` and returns the code in the first line it prints.
///
/// `named_by` is the flag or setting that names the command. Fails with exit code 7 when the
/// command can't be run, fails, prints no code or takes more than a minute; what it printed is
/// never shown.
pub(crate) fn run(line: &str, named_by: &str) -> anyhow::Result<Code> {
    within(LIMIT, line, named_by)
}

fn within(limit: Duration, line: &str, named_by: &str) -> anyhow::Result<Code> {
    let failed = |why: String| {
        Failure::new(
            Exit::CodeNeeded,
            format!("the command of {named_by} gave no code: {why}"),
        )
        .hint("run the command by itself; the first line it prints must be the six digits")
    };
    let deadline = Instant::now() + limit;
    let mut child = shell(line)
        .stdin(tty::as_standard_input())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let ended = match first_line(&mut child, deadline) {
        Ok(printed) => wait(&mut child, deadline).map(|status| (printed, status)),
        Err(why) => Err(why),
    };
    let (printed, status) = match ended {
        Ok(ended) => ended,
        Err(why) => {
            // It may have ended by itself meanwhile; there is nothing to do about a failure here.
            let _ = child.kill();
            let _ = child.wait();
            return Err(failed(why.unwrap_or_else(|| {
                format!("it took longer than {} seconds", limit.as_secs_f32())
            }))
            .into());
        }
    };
    if interrupted(status) {
        // Ctrl-C went to the command and to us. Our own cancellation is on its way, and is what is
        // to be reported; only an interrupt that was meant for the command alone outlasts this.
        std::thread::sleep(Duration::from_secs(1));
    }
    if !status.success() {
        return Err(failed(format!("it ended with {status}")).into());
    }
    if printed.trim().is_empty() {
        return Err(failed("the first line it printed is empty".to_owned()).into());
    }
    Code::parse(&printed)
        .map_err(|why| failed(format!("{why}, and the first line it printed is not")).into())
}

/// The first line that `child` prints. The rest is read and dropped by a thread, so that a
/// command that prints more is not stopped by a full or closed pipe.
fn first_line(child: &mut Child, deadline: Instant) -> Result<Zeroizing<String>, Why> {
    let output = child
        .stdout
        .take()
        .ok_or_else(|| Some("its output is closed".to_owned()))?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Zeroizing::new(Vec::new());
        let read = output
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        // Nobody receives any more when the time is over: nothing is left to do then.
        let _ =
            send.send(read.map(|_| Zeroizing::new(String::from_utf8_lossy(&line).into_owned())));
        let _ = io::copy(&mut output, &mut io::sink());
    });
    match receive.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(error)) => Err(Some(error.to_string())),
        Err(_) => Err(None),
    }
}

/// Waits until `child` has ended; `Child::wait` knows no limit of time.
fn wait(child: &mut Child, deadline: Instant) -> Result<ExitStatus, Why> {
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() >= deadline => return Err(None),
            Ok(None) => std::thread::sleep(pause),
            Err(error) => return Err(Some(error.to_string())),
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(unix)]
fn interrupted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::INT.as_raw())
}

#[cfg(not(unix))]
fn interrupted(_: ExitStatus) -> bool {
    false
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this is the owner")]
fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "this is the owner")]
fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt as _;
    let mut command = Command::new("cmd.exe");
    // cmd.exe reads the rest of its command line by its own rules; std's quoting would change it.
    command.raw_arg("/D /S /C").raw_arg(format!("\"{line}\""));
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::{LIMIT, within};
    use crate::exit::{Exit, Failure};
    use std::time::{Duration, Instant};

    /// Nothing here waits a minute: the limit is an argument, and that it is a minute is a fact.
    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        assert_eq!(LIMIT, Duration::from_secs(60));
        for line in [
            "sleep 20",
            "echo 123456; exec sleep 20",
            "exec >&-; exec sleep 20",
            "exec yes 123456",
        ] {
            let begin = Instant::now();
            let error = within(Duration::from_millis(200), line, "--code-command")
                .expect_err("no code in time");
            assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
            let failure = error.downcast::<Failure>().expect("a failure");
            assert_eq!(failure.exit, Exit::CodeNeeded);
            assert_eq!(
                failure.message,
                "the command of --code-command gave no code: it took longer than 0.2 seconds",
                "{line}"
            );
        }
    }
}
