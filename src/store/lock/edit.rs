//! Locks an AWS file for one edit, so that no other awsmfa edits it meanwhile. It never edits.

use super::lockfile::{self, Attempt, cannot_lock};
use super::pauses::Pauses;
use crate::exit::{Failure, Result};
use crate::store::folder::refuses;
use crate::store::target::Target;
use crate::text::io_message;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// How long an edit waits for another's. An edit takes milliseconds: a program that holds the lock
/// longer is stopped or stuck.
const EDIT_WAIT: Duration = Duration::from_secs(20);

/// The lock around one edit of one file. Released when dropped.
pub(in crate::store) struct EditLock {
    // Held for its lock; closing it releases that.
    file: Option<File>,
    /// Why nothing could be locked.
    pub(in crate::store) warning: Option<String>,
}

impl EditLock {
    /// Waits for the lock of `target`, whose folder must exist.
    pub(in crate::store) fn take(target: &Target) -> Result<Self> {
        let path = target.beside(".awsmfa.lock");
        loop {
            let (file, at) = match lockfile::open(&path) {
                Ok(file) => (file, &path),
                Err(error) if refuses(&error) => match open_itself(target) {
                    Some(file) => (file, &target.path),
                    None => return Ok(Self::none(target, &error)),
                },
                Err(error) => return Err(cannot_lock(&path, &error)),
            };
            match wait(&file) {
                // The AWS file itself may have been replaced by the program that had its lock.
                Ok(Attempt::Locked) if at == &target.path && !is_at(&file, at) => {}
                Ok(Attempt::Locked) => {
                    return Ok(Self {
                        file: Some(file),
                        warning: None,
                    });
                }
                Ok(Attempt::Busy) => {
                    return Err(Failure::failed(format!(
                        "another program has held the lock of {} for {} s",
                        target.path.display(),
                        EDIT_WAIT.as_secs()
                    ))
                    .hint(format!(
                        "see which process has {} open, and end it",
                        at.display()
                    )));
                }
                Ok(Attempt::Unsupported(error)) => return Ok(Self::none(target, &error)),
                Err(error) => return Err(cannot_lock(at, &error)),
            }
        }
    }

    /// Whether no other awsmfa can be editing the file now.
    pub(in crate::store) fn is_held(&self) -> bool {
        self.file.is_some()
    }

    fn none(target: &Target, error: &io::Error) -> Self {
        Self {
            file: None,
            warning: Some(format!(
                "{} can't be locked ({}): don't run awsmfa twice at once",
                target.path.display(),
                io_message(error)
            )),
        }
    }
}

/// Attempts to lock `file` until it is locked or [`EDIT_WAIT`] has passed.
fn wait(file: &File) -> io::Result<Attempt> {
    let mut pauses = Pauses::up_to(EDIT_WAIT);
    loop {
        match lockfile::attempt(file)? {
            Attempt::Busy => {}
            ended => return Ok(ended),
        }
        let Some(pause) = pauses.next() else {
            return Ok(Attempt::Busy);
        };
        sleep(pause);
    }
}

/// The AWS file itself, where its folder takes no lock file from us. Not on Windows, where a locked
/// file can't be read by others.
#[expect(clippy::disallowed_methods, reason = "the AWS file is locked itself")]
fn open_itself(target: &Target) -> Option<File> {
    if cfg!(windows) {
        return None;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(&target.path)
        .ok()
}

/// Whether `file` is still what is found at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |found: io::Result<std::fs::Metadata>| {
        let found = found.ok()?;
        Some((found.dev(), found.ino()))
    };
    identity(file.metadata()) == identity(std::fs::metadata(path))
}

/// Windows never locks the file itself.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
