//! Locks a name that callers agree on, beside an AWS file. It does not know what the lock is for,
//! and never waits.

use super::lockfile::{self, Attempt, cannot_lock};
use crate::exit::Result;
use crate::store::folder::refuses;
use crate::store::hash::stable_hash;
use crate::store::state::StateFolder;
use crate::store::target::Target;
use crate::text::io_message;
use std::fs::{File, Metadata};
use std::io;
use std::path::PathBuf;

/// Encoded names longer than this are hashed, so that the lock's name fits a folder entry.
const NAME_LENGTH: usize = 100;
/// The counter begins again at this, so that its file stays smaller than a block of any disk.
const COUNTS: u64 = 4096;

/// A lock of a name beside an AWS file: a file beside the resolved one, else in the state folder.
/// Released when dropped.
#[derive(Debug)]
pub(crate) struct NamedLock {
    // Held for its lock; closing it releases that.
    file: io::Result<File>,
    path: PathBuf,
    folder: PathBuf,
}

/// What became of an attempt to take a lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is ours.
    Locked,
    /// Another program has it.
    Busy,
    /// Nothing can be locked, in these words: `the folder … can't hold a lock (…)`.
    Impossible(String),
}

impl NamedLock {
    /// Opens the lock `name` of `target`, creating its file and the folder for it if need be.
    /// Nothing is locked by that.
    pub(in crate::store) fn open(target: &Target, state: &StateFolder, name: &str) -> Result<Self> {
        let path = target.beside(&suffix(name));
        let opened = target.make_folder().and_then(|()| lockfile::open(&path));
        let file = match opened {
            Err(error) if refuses(&error) => {
                let elsewhere = state
                    .made()
                    .map(|folder| folder.join(file_name(target, name)));
                elsewhere
                    .and_then(|path| lockfile::open(&path))
                    .map_err(|_| error)
            }
            Err(error) => return Err(cannot_lock(&path, &error)),
            file => file,
        };
        Ok(Self {
            file,
            path,
            folder: target.folder.clone(),
        })
    }

    /// Whether another program has the lock `name` of `target`. Creates nothing.
    pub(in crate::store) fn is_locked(target: &Target, state: &StateFolder, name: &str) -> bool {
        let beside = lockfile::open_existing(&target.beside(&suffix(name)));
        let elsewhere = || {
            let folder = state.0.as_deref()?;
            lockfile::open_existing(&folder.join(file_name(target, name))).ok()
        };
        let file = beside.ok().or_else(elsewhere);
        file.is_some_and(|file| lockfile::is_locked(&file))
    }

    /// Tries to take the lock.
    pub(crate) fn try_take(&self) -> Result<Taken> {
        let attempt = match &self.file {
            Ok(file) => lockfile::attempt(file),
            Err(error) => return Ok(self.impossible(error)),
        };
        match attempt {
            Ok(Attempt::Locked) => Ok(Taken::Locked),
            Ok(Attempt::Busy) => Ok(Taken::Busy),
            Ok(Attempt::Unsupported(error)) => Ok(self.impossible(&error)),
            Err(error) => Err(cannot_lock(&self.path, &error)),
        }
    }

    fn impossible(&self, error: &io::Error) -> Taken {
        Taken::Impossible(format!(
            "the folder {} can't hold a lock ({})",
            self.folder.display(),
            io_message(error)
        ))
    }

    /// A small number that can be read wherever the lock is opened, and that stays when it is released. It is kept in the length of the file, whose bytes are all zero: the file holds no
    /// data. Nought where nothing can be locked.
    pub(crate) fn counter(&self) -> u64 {
        let file = self.file.as_ref().ok();
        file.and_then(|file| file.metadata().ok())
            .map_or(0, |about| about.len())
    }

    /// Counts one up; only while the lock is held. A count that fails is lost, as is one in a file
    /// that is not a lock's own: somebody may have given the lock's name to a file of another kind.
    pub(crate) fn count_up(&self) {
        if let Ok(file) = &self.file
            && file.metadata().is_ok_and(|about| is_counter(&about))
        {
            let _ = file.set_len((self.counter() + 1) % COUNTS);
        }
    }
}

/// Whether a file can be one that this module made: short, and without another name or owner.
fn is_counter(about: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if about.nlink() != 1 || about.uid() != rustix::process::geteuid().as_raw() {
            return false;
        }
    }
    about.is_file() && about.len() < COUNTS
}

/// What follows the AWS file's name in the name of the lock `name`.
fn suffix(name: &str) -> String {
    format!(".awsmfa-{}.lock", encoded(name))
}

/// The name of the lock's file in the state folder.
fn file_name(target: &Target, name: &str) -> std::ffi::OsString {
    let mut file = StateFolder::stem(target);
    file.push(suffix(name));
    file
}

/// `name` as part of a file name that every system takes.
fn encoded(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    if encoded.len() > NAME_LENGTH {
        // No percent sign is followed by `h`, so no short name can look like this.
        format!("%h{:016x}", stable_hash(name.as_bytes()))
    } else {
        encoded
    }
}
