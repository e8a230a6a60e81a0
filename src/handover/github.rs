//! Hands a session to the later steps of a GitHub Actions job: masks the secrets in its log, and
//! writes the variables to the file that `GITHUB_ENV` names. It never creates that file.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::environment::Change;
use super::variables;
use crate::exit::{Failure, Result};
use crate::profile::paired::absence_of;
use crate::text::io_message;
use crate::world::env::{self, EXPORTED};
use crate::world::{Context, plain};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The variable that names the file of a job's variables.
const ENV: &str = "GITHUB_ENV";

/// The job that this step belongs to.
pub(crate) struct Job {
    path: PathBuf,
    variables: File,
}

impl Job {
    /// Finds the job's file; fails when there is none or it can't be written.
    ///
    /// It is not created: the runner makes it, and a path that leads nowhere would leave the
    /// session in a file that nobody knows of.
    pub(crate) fn find(context: Context) -> Result<Self> {
        let Some(path) = context.env.path(ENV) else {
            return Err(Failure::failed(format!(
                "{ENV} is not set: this is not a GitHub Actions step"
            ))
            .hint("choose another --format"));
        };
        // What is written to a device or a pipe is in no later step.
        match plain::open(plain::options().read(true).append(true), &path) {
            Ok(variables) => Ok(Self { path, variables }),
            Err(error) => Err(cannot_write(&path, &error)),
        }
    }

    /// Masks the secrets, then writes what `change` sets. The job's log is told first, so that nothing can
    /// print a secret before it is masked.
    pub(crate) fn hand_over(mut self, change: &Change, context: Context) -> Result<()> {
        let mut lines = Zeroizing::new(String::new());
        let left_over = left_over(change, context);
        for (name, value) in &change.set {
            if variables::is_secret(name) {
                // The runner reads %XX in a command as one character.
                let value = Zeroizing::new(value.replace('%', "%25"));
                context.ui.raw(&format!("::add-mask::{}\n", *value))?;
            }
            let ours_too = match &**name {
                EXPORTED => left_over.iter().map(|it| format!(",{it}")).collect(),
                _ => String::new(),
            };
            lines.push_str(&format!("{name}={}{ours_too}\n", **value));
        }
        let (absent, kept): (Vec<&str>, Vec<&str>) = left_over
            .iter()
            .map(String::as_str)
            .partition(|name| absence_of(name).is_some());
        for name in absent {
            let absence = absence_of(name).unwrap_or_default();
            lines.push_str(&format!("{name}={absence}\n"));
        }
        self.append(&lines)
            .map_err(|error| cannot_write(&self.path, &error))?;
        warn_of_others(change, &kept, context);
        Ok(())
    }

    /// Appends in one piece, on a line of its own.
    fn append(&mut self, lines: &str) -> io::Result<()> {
        let text = if self.ends_amid_a_line() { "\n" } else { "" };
        let text = Zeroizing::new(format!("{text}{lines}"));
        self.variables.write_all(text.as_bytes())
    }

    fn ends_amid_a_line(&mut self) -> bool {
        let mut last = [b'\n'];
        // What is empty, or no file to go back in, has no such line.
        let read = self
            .variables
            .seek(SeekFrom::End(-1))
            .and_then(|_| self.variables.read_exact(&mut last));
        read.is_ok() && last != *b"\n"
    }
}

/// What an earlier export has set and this one does not. A step can give the later ones a variable
/// but not take one from them, so these stay set, and stay ours: where a value says the same as no
/// variable they get that.
fn left_over(change: &Change, context: Context) -> Vec<String> {
    let mut names = context.env.exported();
    names.retain(|name| change.clear.contains(name));
    names.retain(|name| context.env.as_tools_read(name).is_some());
    names
}

fn warn_of_others(change: &Change, kept: &[&str], context: Context) {
    let set: Vec<&str> = variables::OTHERS
        .into_iter()
        .filter(|name| change.clear.iter().any(|it| it == name))
        .filter(|name| *name != env::CODE && context.env.text(name).is_some())
        .collect();
    if !set.is_empty() {
        context.ui.warn(&format!(
            "if later steps have {} too, some AWS tools use it rather than the session: set it only for this step",
            set.join(", ")
        ));
    }
    if !kept.is_empty() {
        context.ui.warn(&format!(
            "later steps still have {} from an earlier export: a job can't clear a variable",
            kept.join(", ")
        ));
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!(
        "can't write {} ({ENV}): {}",
        path.display(),
        io_message(error)
    ))
}
