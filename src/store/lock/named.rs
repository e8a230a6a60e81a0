//! Locks a name that callers agree on, next to an AWS file. It does not know what the lock is for, and
//! never waits.

use super::lockfile::{self, Attempt};
use crate::store::limit;
use crate::store::state::StateFolder;
use crate::store::target::Target;
use crate::text::io_message;
use crate::value::hash::stable_hash;
use std::fs::{File, Metadata};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Encoded names longer than this are hashed, so that the lock's name fits a folder entry.
const NAME_LENGTH: usize = 100;
/// The number stays below this, so that the file stays smaller than a block of any disk.
const NUMBERS: u64 = 4096;

/// A named lock for an AWS file: a file next to the resolved one, else in the state folder. Released
/// when dropped.
#[derive(Debug)]
pub(crate) struct NamedLock {
    // Kept open for its lock; closing it releases the lock. Else the reason why there is none.
    file: Result<File, String>,
    folder: PathBuf,
}

/// The result of an attempt to take a lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is ours.
    Locked,
    /// Another program holds it.
    Busy,
    /// Nothing can be locked, with the reason: `the folder … can't hold a lock (…)`, for example.
    Impossible(String),
}

impl NamedLock {
    /// Opens the lock `name` of `target`, creating its file and the folder if necessary. It is not
    /// locked yet. Nothing is put next to a device.
    pub(in crate::store) fn open(target: &Target, state: &StateFolder, name: &str) -> Self {
        let path = target.beside(&suffix(name));
        let beside = target
            .check_plain()
            .and_then(|()| target.make_folder())
            .and_then(|()| lockfile::open(&path));
        let file = beside.or_else(|error| {
            let folder = state.made().map_err(|_| &error);
            let elsewhere = folder.map(|folder| folder.join(file_name(target, name)));
            let opened = elsewhere.and_then(|path| lockfile::open(&path).map_err(|_| &error));
            opened.map_err(|error| holds_no_lock(&target.folder, &lockfile::reason(&path, error)))
        });
        Self {
            file,
            folder: target.folder.clone(),
        }
    }

    /// A lock that can't be taken, for the reason `why`.
    pub(in crate::store) fn impossible(why: String) -> Self {
        Self {
            file: Err(why),
            folder: PathBuf::new(),
        }
    }

    /// Whether another program holds the lock `name` of `target`. Creates nothing.
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
    pub(crate) fn try_take(&self) -> Taken {
        match self.file.as_ref().map(lockfile::attempt) {
            Ok(Ok(Attempt::Locked)) => Taken::Locked,
            Ok(Ok(Attempt::Busy)) => Taken::Busy,
            Ok(Ok(Attempt::Unsupported(error)) | Err(error)) => {
                Taken::Impossible(holds_no_lock(&self.folder, &io_message(&error)))
            }
            Err(why) => Taken::Impossible(why.clone()),
        }
    }

    /// A small number that anybody who opens the lock can read, and that stays when it is released. It
    /// is the length of the file, whose bytes are all zero, so the file holds no data. 0 if nothing can
    /// be locked.
    pub(crate) fn number(&self) -> u64 {
        let file = self.file.as_ref().ok();
        file.and_then(|file| file.metadata().ok())
            .map_or(0, |about| about.len())
    }

    /// Sets the number; only while the lock is held. The number is lost if it can't be set, or if the
    /// file is not one of our lock files: somebody may have given a lock's name to a different file.
    pub(crate) fn set_number(&self, number: u64) {
        if let Ok(file) = &self.file
            && file.metadata().is_ok_and(|about| self.holds_number(&about))
            && is_blank(file)
            && limit::check(number as usize).is_ok()
        {
            let _ = file.set_len(number % NUMBERS);
        }
    }

    /// Whether this module may have made the file: it is short, has no other name, and belongs to us or
    /// to the owner of the folder.
    fn holds_number(&self, about: &Metadata) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let folder = || std::fs::metadata(&self.folder).map(|about| about.uid());
            let is_ours = about.uid() == rustix::process::geteuid().as_raw()
                || folder().is_ok_and(|owner| owner == about.uid());
            if about.nlink() != 1 || !is_ours {
                return false;
            }
        }
        about.is_file() && about.len() < NUMBERS
    }
}

/// Whether a short file holds no data, as every lock file does, so that cutting it harms nobody.
fn is_blank(mut file: &File) -> bool {
    let mut bytes = Vec::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.take(NUMBERS).read_to_end(&mut bytes));
    read.is_ok() && bytes.iter().all(|byte| *byte == 0)
}

/// `why` is worded for parentheses.
fn holds_no_lock(folder: &Path, why: &str) -> String {
    format!("the folder {} can't hold a lock ({why})", folder.display())
}

/// The suffix of the lock file's name, after the name of the AWS file.
fn suffix(name: &str) -> String {
    format!(".awsmfa-{}.lock", encoded(name))
}

/// The name of the lock file in the state folder.
fn file_name(target: &Target, name: &str) -> std::ffi::OsString {
    let mut file = StateFolder::stem(target);
    file.push(suffix(name));
    file
}

/// `name` as part of a file name that every system accepts.
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
        // Short names never contain `%h`, because a percent sign there is followed by hexadecimal
        // digits.
        format!("%h{:016x}", stable_hash(name.as_bytes()))
    } else {
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_hashed_only_if_it_is_too_long_for_a_folder_entry() {
        let longest = "x".repeat(NAME_LENGTH);
        assert_eq!(encoded(&longest), longest);
        assert!(encoded(&(longest + "x")).starts_with("%h"));
        assert_eq!(encoded("my dev/ü"), "my%20dev%2F%C3%BC");
    }
}
