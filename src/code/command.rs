//! Gets the code from a command that prints it: `--code-command` and the profile's `mfa_process`. It
//! never shows what the command printed.
//!
//! The command runs in the platform's shell with the terminal as its input and its standard error
//! visible, so that it can ask for a key's touch or a vault's password.

use super::wanted::Wanted;
use super::{Code, line};
use crate::exit::{Exit, Failure, Result};
use crate::world::command::{CommandLine, Ended, in_words};
use std::time::Duration;

/// Enough to touch a key, unlock a vault, or type a code into a window.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs `command` and returns the code in the first line it prints.
///
/// `named_by` is the flag or setting that holds the command; `wanted` and `in_progress` are what it and an
/// awsmfa inside it find in their environment. Fails with exit code 7 if the command can't be run, fails,
/// prints no code or takes longer than `limit`, and with 130 if the user cancels it.
pub(crate) async fn run(
    command: &str,
    named_by: &str,
    wanted: Wanted<'_>,
    in_progress: &str,
    limit: Duration,
) -> Result<Code> {
    let command = CommandLine {
        line: command,
        in_progress,
        variables: &wanted.variables(),
        limit,
    };
    let ended = command.first_line(line::LONGEST).await;
    if ended.as_ref().is_ok_and(Ended::is_cancelled) {
        return Err(Failure::cancelled());
    }
    ended
        .map_err(|why| why.to_string())
        .and_then(|ended| read(&ended))
        .map_err(|why| {
            Failure::new(Exit::CodeNeeded, format!("{named_by} gave no code: {why}")).hint(
                "run the command yourself; the first line it prints must be the six-digit code",
            )
        })
}

/// The code in the first line of a command's output, or why there is none.
fn read(ended: &Ended) -> Result<Code, String> {
    let Ended { printed, status } = ended;
    if !status.success() {
        return Err(in_words(*status));
    }
    if printed.is_empty() {
        return Err("it printed nothing".to_owned());
    }
    if line::is_blank(printed) {
        return Err("the first line it printed is empty".to_owned());
    }
    line::code_on(printed).map_err(|why| format!("the first line it printed is not a code: {why}"))
}
