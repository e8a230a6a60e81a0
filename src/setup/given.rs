//! Reads the keys that were handed in: a file of AWS's, or two lines of standard input. It changes
//! nothing of either, and never reads more than such keys can take.

use super::key_file::{self, Row};
use super::question::check_id;
use super::request::{KeyFile, Request};
use crate::code::CodeFlag;
use crate::exit::{Exit, Failure, Result};
use crate::text::{escape, io_message};
use crate::value::Keys;
use crate::value::encoding::decoded;
use crate::world::prompt::run_blocking;
use crate::world::ui::Ui;
use crate::world::{plain, stdin};
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// More than the keys of every user of an account take.
const LONGEST_FILE: u64 = 1 << 20;
/// More than any line with a key on it.
const LONGEST_LINE: usize = 4096;
/// How long it is waited for without a word.
const SILENCE: Duration = Duration::from_secs(2);
/// How long standard input is waited for where nothing is needed from it: it may be a pipe in which
/// nothing ever comes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was handed in.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Nothing,
    /// One pair, on standard input.
    Pair(Keys),
    /// All the pairs of a file.
    Rows(Vec<Row>),
}

impl Given {
    /// Reads what `request` names, else what stands on standard input. `is_needed` where no keys are
    /// there yet.
    pub(super) async fn read(request: &Request, is_needed: bool, ui: Ui) -> Result<Self> {
        let is_code = matches!(request.sign_in.code, Some(CodeFlag::Stdin));
        match &request.file {
            Some(file) => {
                check_input(file, is_code)?;
                let named = file.clone();
                let read = run_blocking(move || match named {
                    KeyFile::Stdin => stdin::read_all(LONGEST_FILE),
                    KeyFile::Path(path) => plain::read(&path, LONGEST_FILE),
                });
                rows(file, read.await?).map(Self::Rows)
            }
            None if is_code || !stdin::may_hold_input() => Ok(Self::Nothing),
            None => {
                let mut read = pin!(run_blocking(|| stdin::read_lines(2, LONGEST_LINE)));
                let read = match is_needed {
                    true => match timeout(SILENCE, &mut read).await {
                        Ok(read) => read,
                        Err(_) => {
                            ui.say(
                                "waiting for the access key id and its secret on standard input, one per line",
                            );
                            read.await
                        }
                    },
                    false => match timeout(PATIENCE, read).await {
                        Ok(read) => read,
                        Err(_) => return Ok(Self::Nothing),
                    },
                };
                pair(read?)
            }
        }
    }
}

/// Standard input can be read once, and the terminal would show what is pasted into it.
fn check_input(file: &KeyFile, is_code: bool) -> Result<()> {
    match file {
        KeyFile::Stdin if is_code => Err(Failure::new(
            Exit::Usage,
            "--code-stdin can't be used when the keys come from standard input",
        )),
        KeyFile::Stdin if stdin::is_terminal() => Err(Failure::new(
            Exit::Usage,
            "--from-csv - would read from the terminal here, which shows the secret",
        )
        .hint("give the file, or pass it with `<FILE` or a pipe; without --from-csv you are asked for the keys")),
        _ => Ok(()),
    }
}

fn rows(file: &KeyFile, read: io::Result<Vec<u8>>) -> Result<Vec<Row>> {
    let bytes = Zeroizing::new(read.map_err(|error| {
        let failure = Failure::failed(format!("can't read {file}: {}", io_message(&error)));
        match file {
            KeyFile::Path(path) if plain::is_pipe(path) => {
                failure.hint("for keys from a pipe, use - as the file")
            }
            KeyFile::Path(_) | KeyFile::Stdin => failure,
        }
    })?);
    key_file::rows(&decoded(&bytes)).map_err(|wrong| unusable(&file.to_string(), &wrong))
}

/// The failure of a `file` with keys in which something is `wrong`.
pub(super) fn unusable(file: &str, wrong: &str) -> Failure {
    Failure::failed(format!("{file} {wrong}")).hint(
        "give the file that the IAM console offers when it creates an access key (Download .csv file)",
    )
}

/// The keys on the two lines that were read; nothing where there is nothing on them.
fn pair(read: io::Result<Option<Zeroizing<Vec<u8>>>>) -> Result<Given> {
    let failed = |why: &str| {
        Failure::failed(format!("no keys on standard input: {why}")).hint(
            "give the access key id on the first line and the secret on the second, or AWS's file with --from-csv -",
        )
    };
    let read = read.map_err(|error| failed(&io_message(&error)))?;
    let text = read.map_or_else(Zeroizing::default, |bytes| decoded(&bytes));
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(Given::Nothing);
    }
    let (id, secret) = text.split_once('\n').unwrap_or((text, ""));
    check_id(id.trim()).map_err(|why| failed(&why))?;
    Keys::parse(id, secret, None)
        .map(Given::Pair)
        .map_err(|unfit| failed(&unfit.describe(|part| format!("the {}", part.words()))))
}

impl std::fmt::Display for KeyFile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stdin => out.write_str("standard input"),
            Self::Path(path) => out.write_str(&escape(&path.display().to_string())),
        }
    }
}
