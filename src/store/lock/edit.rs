//! Locks an AWS file for one edit, so that no other awsmfa edits it in the meantime. It never edits.

use super::lockfile::{self, Attempt, cannot_lock};
use super::pauses::Pauses;
use crate::exit::{Failure, Result};
use crate::store::folder::refuses;
use crate::store::target::{self, Target};
use crate::text::io_message;
use crate::world::plain;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;
#[cfg(windows)]
use winapi_util::file::{Information, information};

/// How long an edit waits for another one. An edit takes milliseconds: a program that holds the lock
/// longer is stopped or stuck.
const EDIT_WAIT: Duration = Duration::from_secs(20);

/// How long a reader waits for a write in place.
const READ_WAIT: Duration = Duration::from_secs(2);

/// The suffix of the lock file's name, after the name of the AWS file.
const SUFFIX: &str = ".awsmfa.lock";

/// The state of a file's lock at one moment.
pub(in crate::store) enum LockState {
    /// An edit would get it.
    Free,
    /// Another program holds it, or has locked the AWS file itself; with the path of the locked file.
    Held(PathBuf),
    /// The lock can't be used; with its path and the reason.
    Unusable(PathBuf, String),
}

/// The state of the lock of `target`; `file` is the target itself, if it exists. Creates nothing, and
/// does not wait.
pub(in crate::store) fn look(target: &Target, file: Option<&File>) -> LockState {
    let path = target.beside(SUFFIX);
    match lockfile::open_existing(&path) {
        Ok(lock) if lockfile::is_locked(&lock) => return LockState::Held(path),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let why = lockfile::reason(&path, &error);
            return LockState::Unusable(path, why);
        }
        _ => {}
    }
    match file {
        Some(file) if !cfg!(windows) && lockfile::is_locked(file) => {
            LockState::Held(target.path.clone())
        }
        _ => LockState::Free,
    }
}

/// The lock around one edit of one file. Released when dropped.
pub(in crate::store) struct EditLock {
    // Kept open for its lock; closing it releases the lock.
    beside: Option<File>,
    // The AWS file itself, kept open for its lock too.
    itself: Option<File>,
    /// Why nothing could be locked.
    pub(in crate::store) warning: Option<String>,
}

impl EditLock {
    /// Waits for the lock of `target`, whose folder must exist.
    pub(in crate::store) fn take(target: &Target) -> Result<Self> {
        let path = target.beside(SUFFIX);
        let mut lock = match lockfile::open(&path) {
            Ok(file) => match wait(target, &file, &path)? {
                None => Self::beside(file),
                Some(unsupported) => Self::none(target, &io_message(&unsupported)),
            },
            Err(error) if refuses(&error) => Self::none(target, &lockfile::reason(&path, &error)),
            Err(error) => return Err(cannot_lock(&path, &error)),
        };
        // Another name of the file has a separate lock next to it, and a user who can't create that one
        // locks only the file.
        if lock.add_itself(target)? {
            lock.warning = None;
        }
        Ok(lock)
    }

    /// Locks the file itself too. `false` if it does not exist or can't be locked: some file systems
    /// have no locks, and on Windows nobody could read a locked file.
    fn add_itself(&mut self, target: &Target) -> Result<bool> {
        while self.itself.is_none() {
            let Some(file) = open_itself(target) else {
                return Ok(false);
            };
            if wait(target, &file, &target.path)?.is_some() {
                return Ok(false);
            }
            // The program that held the lock may have replaced the file.
            if is_at(&file, &target.path) {
                self.itself = Some(file);
            }
        }
        Ok(true)
    }

    /// Whether no other awsmfa can be editing the file now.
    pub(in crate::store) fn is_held(&self) -> bool {
        self.beside.is_some() || self.itself.is_some()
    }

    fn beside(file: File) -> Self {
        Self {
            beside: Some(file),
            itself: None,
            warning: None,
        }
    }

    fn none(target: &Target, why: &str) -> Self {
        Self {
            beside: None,
            itself: None,
            warning: Some(format!(
                "{} can't be locked ({why}): don't run awsmfa more than once at a time",
                target.path.display()
            )),
        }
    }
}

/// Tries to lock `file`, which is at `path`, until it is locked; fails after [`EDIT_WAIT`]. Returns the
/// reason if it can't be locked at all.
fn wait(target: &Target, file: &File, path: &Path) -> Result<Option<io::Error>> {
    let mut pauses = Pauses::up_to(EDIT_WAIT);
    loop {
        match lockfile::attempt(file).map_err(|error| cannot_lock(path, &error))? {
            Attempt::Locked => return Ok(None),
            Attempt::Unsupported(error) => return Ok(Some(error)),
            Attempt::Busy => {}
        }
        let Some(pause) = pauses.next() else {
            return Err(Failure::failed(format!(
                "another program has held the lock of {} for {} s",
                target.path.display(),
                EDIT_WAIT.as_secs()
            ))
            .hint(format!(
                "see which process has {} open, and stop it",
                path.display()
            )));
        };
        sleep(pause);
    }
}

/// Waits while another awsmfa has `file`, an AWS file itself, locked to write to it, but no longer than
/// a write takes. For readers only. Returns whether any had it.
pub(in crate::store) fn wait_for_writer(file: &File) -> bool {
    let mut had_to_wait = false;
    if cfg!(windows) {
        // Nobody locks the file itself there, and a look at the lock would keep others from writing.
        return false;
    }
    for pause in Pauses::up_to(READ_WAIT) {
        if !lockfile::is_locked(file) {
            break;
        }
        had_to_wait = true;
        sleep(pause);
    }
    had_to_wait
}

/// Opens the AWS file itself. Not on Windows, where nobody else could read a locked file.
fn open_itself(target: &Target) -> Option<File> {
    if cfg!(windows) {
        return None;
    }
    let mut options = plain::options();
    options.read(true).write(true);
    target::open(&options, &target.path).ok()
}

/// Whether `file` is still the one at `path`.
#[cfg(unix)]
pub(in crate::store) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |found: io::Result<std::fs::Metadata>| {
        let found = found.ok()?;
        Some((found.dev(), found.ino()))
    };
    identity(file.metadata()) == identity(std::fs::metadata(path))
}

/// Whether `file` is still the one at `path`.
#[cfg(windows)]
pub(in crate::store) fn is_at(file: &File, path: &Path) -> bool {
    let place = |found: io::Result<Information>| Some(target::place(&found.ok()?));
    place(information(file)) == place(target::on_disk(path))
}

#[cfg(not(any(unix, windows)))]
pub(in crate::store) fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
#[cfg_attr(
    unix,
    expect(clippy::disallowed_methods, reason = "the files are a test's own")
)]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};

    #[test]
    fn the_file_itself_is_locked_too_if_it_exists() {
        let home = Home::with(TWO);
        let lock = EditLock::take(&home.target()).expect("locked");
        assert!(lock.is_held() && lock.warning.is_none());
        // On Windows nobody could read a locked file.
        let is_locked = || {
            let found = home.target().snapshot(target::Access::Write).expect("read");
            let found = found.found.expect("there");
            lockfile::is_locked(&found.file().expect("open"))
        };
        assert_eq!(is_locked(), !cfg!(windows));
        drop(lock);
        assert!(!is_locked());
        let missing = Home::new();
        let lock = EditLock::take(&missing.target()).expect("locked");
        assert!(lock.is_held(), "by the file beside it");
    }

    #[test]
    fn a_lock_that_can_not_be_taken_is_not_held_and_the_warning_says_why() {
        let lock = EditLock::none(&Home::with(TWO).target(), "it can't");
        assert!(!lock.is_held());
        let warning = lock.warning.unwrap_or_default();
        assert!(warning.contains("can't be locked (it can't)"), "{warning}");
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_is_no_longer_the_one_at_its_path() {
        let home = Home::with(TWO);
        let file = open_itself(&home.target()).expect("open");
        assert!(is_at(&file, &home.path()));
        let other = home.leave("other", TWO);
        assert!(!is_at(&file, &other));
        std::fs::rename(other, home.path()).expect("renamed");
        assert!(!is_at(&file, &home.path()));
        assert!(!is_at(&file, &home.folder.path().join("missing")));
    }

    #[cfg(not(windows))]
    #[test]
    fn a_reader_waits_for_a_writer_and_for_nobody_else() {
        let home = Home::with(TWO);
        let open = || open_itself(&home.target()).expect("open");
        assert!(!wait_for_writer(&open()));
        let lock = EditLock::take(&home.target()).expect("locked");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                sleep(Duration::from_millis(100));
                drop(lock);
            });
            assert!(wait_for_writer(&open()));
        });
    }
}
