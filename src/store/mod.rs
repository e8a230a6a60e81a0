//! Owns the AWS files on the disk, and is the only writer of them: lock, read again, edit, prove,
//! replace. Nothing may ever be lost by it. It must not know what a session is, nor decide what is
//! written.

mod folder;
mod hash;
mod inplace;
mod leftovers;
mod limit;
mod lock;
mod meaning;
mod notices;
mod readers;
mod recover;
mod replace;
mod state;
mod steady;
mod target;
mod verify;
mod verify_ini;
mod verify_sdk;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod removals;
#[cfg(test)]
#[expect(clippy::print_stderr, reason = "skipped tests say so loudly")]
mod tests;

pub(crate) use lock::{NamedLock, Pauses, Taken};
pub(crate) use meaning::Meaning;

use crate::exit::{Exit, Failure, Result};
use crate::ini::{Bytes, Document, Edit, FileKind};
use crate::text::io_message;
use lock::EditLock;
use readers::Readings;
use replace::Outcome;
use state::StateFolder;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use steady::LOOK_AGAIN;
use target::{Access, Target};
use verify::Subject;

/// For how long an edit is made again because another program writes all the time. A code may have
/// been spent for it, so not less than a person would wait.
const PERSISTENCE: Duration = Duration::from_secs(5);

/// One of the two shared AWS files.
pub(crate) struct AwsFile {
    kind: FileKind,
    path: PathBuf,
    meaning: Meaning,
    state: StateFolder,
    memory: Mutex<Option<Memory>>,
}

/// Whether an update is only to find out if it could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything but the last step: the file keeps its bytes, and no temporary file stays.
    Rehearse,
    Save,
}

/// What an update did.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The file has new bytes, or would have after a rehearsal.
    pub(crate) changed: bool,
    /// For a person to read: one line each, lower case, no full stop. The same ones come with each
    /// update of a file.
    pub(crate) warnings: Vec<String>,
}

/// What was last seen of a file, and what was found out about it since.
struct Memory {
    document: Arc<Document>,
    /// How the readers read it, once that was asked.
    readings: Option<Readings>,
}

impl AwsFile {
    /// The file of this kind at `path`, which need not exist.
    pub(crate) fn new(kind: FileKind, path: PathBuf, meaning: Meaning) -> Self {
        Self {
            kind,
            path,
            meaning,
            state: StateFolder::of_user(),
            memory: Mutex::new(None),
        }
    }

    /// Reads the file; a missing one is an empty document. A write of ours that was cut short is
    /// finished first, and one that seems under way by another program is waited for.
    pub(crate) fn read(&self) -> anyhow::Result<Arc<Document>> {
        let target = Target::resolve(&self.path)?;
        if recover::pending(&target, &self.state) {
            // Who waits for the lock also waits for a write in place that is under way. What can't
            // be recovered is said by the next update.
            if let Ok(lock) = EditLock::take(&target)
                && lock.is_held()
            {
                let _ = recover::recover(&target, &self.state);
            }
        }
        let (_, document) = self.steady(&target, Access::Look)?;
        self.remember(&document, None);
        Ok(document)
    }

    /// Edits the file under its lock. `change` is given the file as it is and returns what is to
    /// change; it is called again when another program wrote meanwhile. No edits, or edits that
    /// change nothing, leave the file untouched.
    ///
    /// A rehearsal makes the folder and the lock file too, if they are missing.
    pub(crate) fn update(
        &self,
        mode: Mode,
        change: &mut dyn FnMut(&Document) -> anyhow::Result<Vec<Edit>>,
    ) -> anyhow::Result<Report> {
        let target = Target::resolve(&self.path)?;
        // Nothing is put beside a device or a folder, not even a lock.
        match std::fs::metadata(&target.path) {
            Ok(it) if it.is_dir() => {
                let error = io::ErrorKind::IsADirectory.into();
                return Err(self.unread(&error, Access::Write));
            }
            Ok(it) if !it.is_file() => {
                let error = io::Error::other("not a plain file");
                return Err(self.unread(&error, Access::Write));
            }
            _ => {}
        }
        target.make_folder().map_err(|error| {
            failure(format!(
                "can't make the folder {}: {}",
                target.folder.display(),
                io_message(&error)
            ))
        })?;
        let lock = EditLock::take(&target)?;
        let mut notes: Vec<String> = lock.warning.iter().cloned().collect();
        if lock.is_held() {
            notes.extend(recover::recover(&target, &self.state)?);
        }
        let begin = Instant::now();
        while begin.elapsed() < PERSISTENCE {
            let (snapshot, document) = self.steady(&target, Access::Write)?;
            let edits = change(&document)?;
            let mut report = Report {
                changed: false,
                warnings: notes.clone(),
            };
            if edits.is_empty() {
                self.remember(&document, None);
                return Ok(report);
            }
            let subject = Subject {
                kind: self.kind,
                path: &self.path,
                header_counts: self.meaning.header_counts,
            };
            let readings = self.readings(&document, subject)?;
            let proven = verify::prove(subject, &document, &readings, &edits);
            self.remember(&document, Some(readings));
            let proven = proven?;
            report.warnings.extend(proven.warnings);
            report.warnings.extend(self.warnings(&snapshot, &document));
            let new = proven.document.as_bytes();
            if new == snapshot.bytes.as_slice() {
                return Ok(report);
            }
            report.changed = true;
            match replace::replace(&target, &snapshot, new, mode, &self.state)? {
                Outcome::Overtaken => sleep(LOOK_AGAIN),
                Outcome::Replaced if mode == Mode::Rehearse => return Ok(report),
                Outcome::Replaced => {
                    self.remember(&Arc::new(proven.document), Some(proven.readings));
                    return Ok(report);
                }
            }
        }
        Err(failure(format!(
            "{} was left as it is: another program keeps writing to it",
            self.path.display()
        ))
        .hint("end that program, or try again later")
        .into())
    }

    /// Opens the lock `name` beside the file, which need not exist. It has nothing to do with the
    /// lock of an edit: a caller that holds it can update the file.
    pub(crate) fn named_lock(&self, name: &str) -> Result<NamedLock> {
        NamedLock::open(&Target::resolve(&self.path)?, &self.state, name)
    }

    /// Whether another program holds the lock `name` beside the file. Creates nothing.
    pub(crate) fn is_locked(&self, name: &str) -> bool {
        Target::resolve(&self.path)
            .is_ok_and(|target| NamedLock::is_locked(&target, &self.state, name))
    }

    /// The document of `bytes`: the one remembered, if it has the same.
    fn document(&self, bytes: &Bytes) -> Arc<Document> {
        match self.memory().as_ref() {
            Some(seen) if seen.document.bytes() == bytes => Arc::clone(&seen.document),
            _ => Arc::new(Document::of(Arc::clone(bytes))),
        }
    }

    /// How the readers read `document`: as remembered, if it is the one that was seen last.
    fn readings(&self, document: &Arc<Document>, subject: Subject) -> anyhow::Result<Readings> {
        if let Some(seen) = self.memory().as_mut()
            && Arc::ptr_eq(&seen.document, document)
            && let Some(readings) = seen.readings.take()
        {
            return Ok(readings);
        }
        let text = readers::text(document.as_bytes())
            .map_err(|line| verify::unreadable(subject, line, "it is not UTF-8"))?;
        Ok(Readings::of(self.kind, text))
    }

    fn remember(&self, document: &Arc<Document>, readings: Option<Readings>) {
        let mut memory = self.memory();
        match memory.as_mut() {
            Some(seen) if Arc::ptr_eq(&seen.document, document) => {
                seen.readings = readings.or_else(|| seen.readings.take());
            }
            _ => {
                *memory = Some(Memory {
                    document: Arc::clone(document),
                    readings,
                });
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Option<Memory>> {
        // What a panic left in it is a whole memory or none.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unread(&self, error: &io::Error, access: Access) -> anyhow::Error {
        let does = match access {
            Access::Look => "read",
            Access::Write => "read and write",
        };
        failure(format!(
            "can't {does} {}: {}",
            self.path.display(),
            io_message(error)
        ))
        .hint("check what is there and who may use it")
        .into()
    }
}

/// A failure that has no exit code of its own.
fn failure(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Failed, message)
}
