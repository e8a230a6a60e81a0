//! Gets the code from a command that prints it: `--code-command` and the profile's `mfa_process`.
//! What it printed is never shown.
//!
//! The command runs in the platform's shell with the terminal as its input and its standard
//! error shown, so that a key's touch or a vault's password can be asked for.

use super::{Code, line};
use crate::exit::{Exit, Failure, Result};
use crate::world::command::{CommandLine, Ended, in_words};
use std::time::Duration;

/// How long a person may take to touch a key or to unlock a vault.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `command` and returns the code in the first line it prints.
///
/// `named_by` is the flag or setting that names the command, `in_progress` what an awsmfa in it finds
/// in its environment. Fails with exit code 7 when the command can't be run, fails, prints no code or
/// takes more than a minute; what it printed is never shown.
pub(crate) async fn run(command: &str, named_by: &str, in_progress: &str) -> Result<Code> {
    let command = CommandLine {
        line: command,
        in_progress,
        limit: LIMIT,
    };
    command
        .first_line(line::LONGEST)
        .await
        .map_err(|why| why.to_string())
        .and_then(|ended| read(&ended))
        .map_err(|why| {
            Failure::new(Exit::CodeNeeded, format!("{named_by} gave no code: {why}")).hint(
                "run the command yourself; the first line it prints must be the six-digit code",
            )
        })
}

/// The code in the first line that a command printed, or why there is none.
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
