//! Reads and updates one of the two AWS files: lock, read again, edit, prove, replace. It does not
//! decide what is written.

use super::lock::{self, EditLock, NamedLock};
use super::meaning::Meaning;
use super::proof::{self, Readings, Subject};
use super::seen::Seen;
use super::state::StateFolder;
use super::target::{Access, Snapshot, Target};
use super::write::{self, Mode, Outcome, Replacement};
use super::{notices, steady};
use crate::exit::{Failure, Result};
use crate::ini::{Document, Edit, FileKind};
use crate::text::io_message;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// For how long an edit is made again because another program writes all the time. A code may have
/// been spent for it, so not less than a person would wait.
const PERSISTENCE: Duration = Duration::from_secs(5);

/// One of the two shared AWS files.
pub(crate) struct AwsFile {
    kind: FileKind,
    path: PathBuf,
    meaning: Meaning,
    pub(super) state: StateFolder,
    /// What was last seen of it.
    last: Mutex<Option<Arc<Seen>>>,
}

/// What came of an update.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// For a person to read: one line each, lower case, no full stop. The same ones come with each
    /// update of a file.
    pub(crate) warnings: Vec<String>,
}

impl AwsFile {
    /// The file of this kind at `path`, which need not exist.
    pub(crate) fn new(kind: FileKind, path: PathBuf, meaning: Meaning) -> Self {
        Self {
            kind,
            path,
            meaning,
            state: StateFolder::of_user(),
            last: Mutex::new(None),
        }
    }

    /// Reads the file; a missing one is an empty document. A write in place that was cut
    /// short is finished first, and one that seems under way by another program is waited for.
    pub(crate) fn read(&self) -> Result<Arc<Document>> {
        let target = Target::resolve(&self.path)?;
        if write::is_pending(&target, &self.state) {
            // Waiting for the lock is waiting for a write in place that is under way, too. What
            // can't be recovered is said by the next update.
            if let Ok(lock) = EditLock::take(&target)
                && lock.is_held()
            {
                let _ = write::recover(&target, &self.state);
            }
        }
        let (snapshot, mut seen) = self.read_steadily(&target, Access::Read)?;
        if let Some(found) = snapshot.found.filter(write::is_shared)
            && let Ok(file) = found.file()
            && lock::wait_for_writer(&file)
        {
            // It was being written in place under another name, beside which the backup lies.
            (_, seen) = self.read_steadily(&target, Access::Read)?;
        }
        let document = Arc::clone(&seen.document);
        *self.last() = Some(seen);
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
        change: &mut dyn FnMut(&Document) -> Result<Vec<Edit>>,
    ) -> Result<Report> {
        let target = Target::resolve(&self.path)?;
        // Nothing is put beside a device or a folder, not even a lock.
        target
            .check_plain()
            .map_err(|error| self.cannot_open(&error, Access::Write))?;
        target.make_folder().map_err(|error| {
            Failure::failed(format!(
                "can't make the folder {}: {}",
                target.folder.display(),
                io_message(&error)
            ))
        })?;
        let lock = EditLock::take(&target)?;
        let mut notes: Vec<String> = lock.warning.iter().cloned().collect();
        if lock.is_held() {
            notes.extend(write::recover(&target, &self.state)?);
        }
        let begun = Instant::now();
        while begun.elapsed() < PERSISTENCE {
            let (snapshot, seen) = self.read_steadily(&target, Access::Write)?;
            *self.last() = Some(Arc::clone(&seen));
            let edits = change(&seen.document)?;
            let mut warnings = notes.clone();
            if edits.is_empty() {
                return Ok(Report { warnings });
            }
            let subject = Subject {
                kind: self.kind,
                path: &self.path,
                header_counts: self.meaning.header_counts,
            };
            let readings = seen.readings(subject)?;
            let proven = proof::prove(subject, &seen.document, readings, &edits)?;
            warnings.extend(proven.warnings);
            warnings.extend(self.notices(&snapshot, &seen.document, &proven.readings));
            if proven.document.as_bytes() == snapshot.bytes.as_slice() {
                return Ok(Report { warnings });
            }
            let outcome = write::replace(&Replacement {
                target: &target,
                old: &snapshot,
                new: proven.document.as_bytes(),
                mode,
                state: &self.state,
            })?;
            match outcome {
                Outcome::Overtaken { kept } => {
                    notes.extend(kept.map(|kept| notices::kept(&self.path, &kept)));
                    sleep(steady::BETWEEN_READS);
                }
                Outcome::Replaced => {
                    if mode == Mode::Save {
                        let saved = Seen::with_readings(proven.document, proven.readings);
                        *self.last() = Some(Arc::new(saved));
                    }
                    return Ok(Report { warnings });
                }
            }
        }
        Err(Failure::failed(format!(
            "{} was left as it is: another program keeps writing to it",
            self.path.display()
        ))
        .hint("end that program, or try again later"))
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

    fn read_steadily(&self, target: &Target, access: Access) -> Result<(Snapshot, Arc<Seen>)> {
        let last = self.last().clone();
        steady::read(target, access, last.as_ref())
            .map_err(|error| self.cannot_open(&error, access))
    }

    /// What a person should know of the file, whatever the edit.
    fn notices(
        &self,
        snapshot: &Snapshot,
        document: &Document,
        readings: &Readings,
    ) -> Vec<String> {
        let mut notices = Vec::new();
        if (self.meaning.is_secret)(document) {
            notices.extend(notices::open_to_others(&self.path, snapshot));
        }
        notices.extend(notices::refused_by_cli(&self.path, readings));
        if snapshot.found.as_ref().is_some_and(write::is_mounted_alone) {
            notices.push(notices::mounted_alone(&self.path));
        }
        notices
    }

    fn last(&self) -> MutexGuard<'_, Option<Arc<Seen>>> {
        // What a panic left in it is all of something that was seen, or none.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cannot_open(&self, error: &io::Error, access: Access) -> Failure {
        let does = match access {
            Access::Read => "read",
            Access::Write => "read and write",
        };
        Failure::failed(format!(
            "can't {does} {}: {}",
            self.path.display(),
            io_message(error)
        ))
        .hint("check what is there and who may use it")
    }
}
