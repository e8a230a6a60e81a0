//! Reads and updates one of the two AWS files: lock, read again, edit, prove, replace. It does not
//! decide what is written.

use super::lock::{self, EditLock, NamedLock};
use super::meaning::Meaning;
use super::not_written::NotWritten;
use super::pipe::{Pipe, Place, is_pipe};
use super::proof::{self, Readings, Subject};
use super::seen::Seen;
use super::state::StateFolder;
use super::target::{self, Access, Snapshot, Target, is_busy};
use super::write::{self, Mode, Outcome, Replacement};
use super::{notices, owner, steady};
use crate::exit::{Failure, Result};
use crate::ini::{Document, Edit, FileKind, Form, foreign_form};
use crate::text::io_message;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long an edit is retried while another program keeps writing the file, or keeps us from opening
/// it. Nothing is lost yet, so we give up soon.
const REHEARSED: Duration = Duration::from_secs(5);
/// How long saving a session is retried. A code may have been spent on it, so this is longer than the
/// user would wait for anything else. The config file gets the shorter limit: a session works without
/// what we write there.
const SAVED: Duration = Duration::from_secs(30);
/// After another program has been faster this often, the next attempt begins the moment that it has
/// written, which leaves as much time as possible before it writes again.
const POLITE: usize = 3;

/// One of the two shared AWS files.
pub(crate) struct AwsFile {
    kind: FileKind,
    /// Where it is, or why there is no place for it.
    path: Result<PathBuf>,
    meaning: Meaning,
    pub(super) state: StateFolder,
    /// Its last known content.
    last: Mutex<Option<Arc<Seen>>>,
}

/// A file that is locked against other runs of awsmfa.
struct Held {
    target: Target,
    /// Warnings about the lock, and about the leftovers of killed runs.
    warnings: Vec<String>,
    _lock: EditLock,
}

/// The result of an update.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Warnings for the user: one line each, lower case, no full stop. Each update of a file repeats
    /// them.
    pub(crate) warnings: Vec<String>,
}

impl AwsFile {
    /// The file of this kind at `path`, which need not exist.
    pub(crate) fn new(kind: FileKind, path: PathBuf, meaning: Meaning) -> Self {
        Self::at(kind, Ok(path), meaning)
    }

    /// A file of this kind that has no place, for the reason `why`. It reads as empty, and can't be
    /// written.
    pub(crate) fn nowhere(kind: FileKind, why: Failure, meaning: Meaning) -> Self {
        Self::at(kind, Err(why), meaning)
    }

    fn at(kind: FileKind, path: Result<PathBuf>, meaning: Meaning) -> Self {
        Self {
            kind,
            path,
            meaning,
            state: StateFolder::of_user(),
            last: Mutex::new(None),
        }
    }

    /// Fails if there is no place for the file.
    pub(crate) fn check_place(&self) -> Result<()> {
        self.path().map(|_| ())
    }

    pub(super) fn path(&self) -> Result<&Path> {
        self.path.as_deref().map_err(Failure::clone)
    }

    /// Reads the file; a missing one is an empty document. A write in place that was cut short is
    /// finished first, and one that another program seems to be making is waited for.
    ///
    /// A pipe is read only the first time.
    pub(crate) fn read(&self) -> Result<Arc<Document>> {
        let Ok(path) = self.path() else {
            return Ok(Document::parse("").into());
        };
        let target = match Place::at(path)? {
            Place::File(target) => target,
            Place::Pipe(pipe) => return self.read_pipe(&pipe),
        };
        if write::is_pending(&target, &self.state) {
            // Waiting for the lock also waits for a write in place that is under way. If recovery fails,
            // the next update reports it.
            if let Ok(lock) = EditLock::take(&target)
                && lock.is_held()
            {
                let _ = write::recover(&target, &self.state);
            }
        }
        let read = || {
            self.read_steadily(&target, Access::Read)
                .map_err(|error| cannot_open(path.display(), path, "read", &error))
        };
        let (snapshot, mut seen) = read()?;
        check_form(path, &snapshot.bytes)?;
        if let Some(found) = snapshot.found.filter(write::is_shared)
            && let Ok(file) = found.file()
            && lock::wait_for_writer(&file)
        {
            // It was being written in place under another name, and the backup lies next to that name.
            (_, seen) = read()?;
        }
        let document = Arc::clone(&seen.document);
        *self.last() = Some(seen);
        Ok(document)
    }

    /// Edits the file under its lock. `change` gets the current document and returns the edits; it is
    /// called again if another program wrote in the meantime. If it returns no edits, or edits that
    /// change nothing, the file is left untouched.
    ///
    /// A rehearsal also makes the folder and the lock file if they are missing. The error tells a file
    /// that can't be written at all from an objection by `change` or by a reader of the file.
    pub(crate) fn update(
        &self,
        mode: Mode,
        change: &mut dyn FnMut(&Document) -> Result<Vec<Edit>>,
    ) -> Result<Report, NotWritten> {
        let path = self.path().map_err(NotWritten::Unwritable)?;
        let target = match Place::at(path)? {
            Place::File(target) => target,
            Place::Pipe(pipe) => {
                let edits = change(&*self.read_pipe(&pipe)?)?;
                if edits.is_empty() {
                    return Ok(Report::default());
                }
                return Err(NotWritten::Unwritable(is_only_readable(path)));
            }
        };
        let mut held = self.hold(path, target)?;
        let mut kept_files = Vec::new();
        let limit = match (mode, self.kind) {
            (Mode::Save, FileKind::Credentials) => SAVED,
            (Mode::Rehearse, _) | (Mode::Save, FileKind::Config) => REHEARSED,
        };
        let (begun, mut attempts) = (Instant::now(), 0);
        while begun.elapsed() < limit {
            // Another program may have put a link in place of the file, or redirected the link.
            let target = Target::resolve(path)?;
            if target.path != held.target.path {
                // Release it first: the holder of the other lock may be waiting for this one.
                drop(held);
                held = self.hold(path, target)?;
                continue;
            }
            attempts += 1;
            let (snapshot, seen) = match self.read_steadily(&target, Access::Write) {
                Err(error) if is_busy(&error) && begun.elapsed() < limit => continue,
                read => read.map_err(|error| cannot_write(path, &target, &error))?,
            };
            check_form(path, &snapshot.bytes)?;
            *self.last() = Some(Arc::clone(&seen));
            let edits = change(&seen.document)?;
            let mut warnings = held.warnings.clone();
            warnings.extend_from_slice(&kept_files);
            if edits.is_empty() {
                return Ok(Report { warnings });
            }
            let subject = Subject {
                kind: self.kind,
                path,
                header_counts: self.meaning.header_counts,
            };
            let readings = seen.readings(subject)?;
            let proven = proof::prove(subject, &seen.document, readings, &edits)?;
            warnings.extend(proven.warnings);
            warnings.extend(self.notices(path, &snapshot, &seen.document, &proven.readings));
            if proven.document.as_bytes() == snapshot.bytes.as_slice() {
                return Ok(Report { warnings });
            }
            let outcome = write::replace(&Replacement {
                target: &target,
                old: &snapshot,
                new: proven.document.as_bytes(),
                mode,
                state: &self.state,
            })
            .map_err(NotWritten::Unwritable)?;
            match outcome {
                Outcome::Overtaken { kept } => {
                    kept_files.extend(kept.map(|kept| notices::kept(path, &kept)));
                    if attempts < POLITE {
                        sleep(steady::BETWEEN_READS);
                    } else {
                        steady::wait_for_write(&target);
                    }
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
        let overtaken = Failure::failed(format!(
            "{} was left unchanged: another program keeps writing to it, and was faster {attempts} times within {} s",
            path.display(),
            limit.as_secs()
        ));
        Err(NotWritten::Unwritable(overtaken.hint(
            "find out which program that is and stop it, then run this again",
        )))
    }

    /// Like [`Self::update`], for a change that may not concern this file: if there is nothing to
    /// change, the file is left alone, and needs neither write access nor a place for a lock.
    pub(crate) fn update_where_needed(
        &self,
        mode: Mode,
        change: &mut dyn FnMut(&Document) -> Result<Vec<Edit>>,
    ) -> Result<Report, NotWritten> {
        if change(&*self.read()?)?.is_empty() {
            return Ok(Report::default());
        }
        self.update(mode, change)
    }

    /// Locks `target`, which `path` leads to, and tidies up after killed runs, so that it can be edited.
    fn hold(&self, path: &Path, target: Target) -> Result<Held, NotWritten> {
        // Nothing is put next to a device or a folder, not even a lock.
        target
            .check_plain()
            .map_err(|error| cannot_write(path, &target, &error))?;
        target.make_folder().map_err(|error| {
            NotWritten::Unwritable(self.unless_it_leads_nowhere(Failure::failed(format!(
                "can't create the folder {}: {}",
                target.folder.display(),
                io_message(&error)
            ))))
        })?;
        let lock = EditLock::take(&target).map_err(NotWritten::Unwritable)?;
        let mut warnings: Vec<String> = lock.warning.iter().cloned().collect();
        if lock.is_held() {
            warnings.extend(write::recover(&target, &self.state)?);
        }
        Ok(Held {
            target,
            warnings,
            _lock: lock,
        })
    }

    /// The last known content of the file: what an update wrote, else what was read. Reads nothing.
    pub(crate) fn last_seen(&self) -> Option<Arc<Document>> {
        let last = self.last();
        last.as_ref().map(|seen| Arc::clone(&seen.document))
    }

    /// Opens the lock `name` next to the file, which need not exist. It is independent of the lock for
    /// edits: a caller that holds it can update the file.
    ///
    /// Next to a pipe there is no place for a lock, and the pipe could not be written anyway.
    pub(crate) fn named_lock(&self, name: &str) -> Result<NamedLock> {
        let path = match self.path() {
            Ok(path) => path,
            Err(why) => return Ok(NamedLock::impossible(why.message)),
        };
        Ok(match Place::at(path)? {
            Place::File(target) => NamedLock::open(&target, &self.state, name),
            Place::Pipe(_) => NamedLock::impossible(is_only_readable(path).message),
        })
    }

    /// Says that a link on the way to the file leads to nothing, if one does.
    pub(crate) fn leads_nowhere(&self) -> Option<String> {
        target::nowhere(self.path.as_deref().ok()?)
    }

    /// Whether another program holds the lock `name` next to the file. Creates nothing.
    pub(crate) fn is_locked(&self, name: &str) -> bool {
        match self.path().and_then(Place::at) {
            Ok(Place::File(target)) => NamedLock::is_locked(&target, &self.state, name),
            _ => false,
        }
    }

    /// Whether the file is a pipe, which can be read once and not written. Opens nothing.
    pub(crate) fn is_pipe(&self) -> bool {
        self.path().is_ok_and(is_pipe)
    }

    /// If only the AWS CLI and boto3 can read the file, which contains `document`: a message that says
    /// so and names the line that stops the others.
    pub(crate) fn who_reads(&self, document: &Document) -> Option<String> {
        notices::only_for_botocore(self.path().ok()?, document)
    }

    /// The same if no AWS tool can read it, which an edit says by itself.
    pub(crate) fn is_for_nobody(&self, document: &Document) -> Option<String> {
        let refusal = document.refusal_of_sdks();
        let refusal = refusal.filter(|_| document.only_for_botocore().is_none())?;
        let path = self.path().ok()?;
        Some(notices::read_by_nobody(path, refusal.line, refusal.reason))
    }

    /// The content of the pipe, which is read now unless it was read before.
    pub(super) fn read_pipe(&self, pipe: &Pipe) -> Result<Arc<Document>> {
        let mut last = self.last();
        let seen = match last.take() {
            Some(seen) => seen,
            None => {
                let path = pipe.path();
                let bytes = pipe
                    .read()
                    .map_err(|error| cannot_open(path.display(), path, "read", &error))?;
                check_form(path, &bytes)?;
                Arc::new(Seen::of(&bytes))
            }
        };
        let document = Arc::clone(&seen.document);
        *last = Some(seen);
        Ok(document)
    }

    /// Replaces `failure` if the file's path is a link to nothing, because that explains it. A target
    /// that can be created is created.
    fn unless_it_leads_nowhere(&self, failure: Failure) -> Failure {
        match self.leads_nowhere() {
            Some(what) => Failure::failed(what).hint(notices::LINK_TO_NOTHING),
            None => failure,
        }
    }

    pub(super) fn read_steadily(
        &self,
        target: &Target,
        access: Access,
    ) -> io::Result<(Snapshot, Arc<Seen>)> {
        let last = self.last().clone();
        steady::read(target, access, last.as_ref())
    }

    /// The path, if `other` is the same file or pipe: by path, by link or by a second name. Devices such
    /// as `/dev/null`, which are never written, are never the same.
    pub(crate) fn same_as(&self, other: &Self) -> Option<&Path> {
        let path = self.path().ok()?;
        let is_same = match (Place::at(path), Place::at(other.path().ok()?)) {
            (Ok(Place::File(one)), Ok(Place::File(two))) => one.is_same_as(&two),
            (Ok(Place::Pipe(one)), Ok(Place::Pipe(two))) => one.is_same_as(&two),
            _ => false,
        };
        is_same.then_some(path)
    }

    /// Warnings about the file, whatever the edit.
    fn notices(
        &self,
        path: &Path,
        snapshot: &Snapshot,
        document: &Document,
        readings: &Readings,
    ) -> Vec<String> {
        let mut notices = Vec::new();
        if self.is_secret(document) {
            notices.extend(notices::open_to_others(path, snapshot).map(|it| it.to_string()));
        }
        notices.extend(notices::refused_by_cli(path, readings.refusals_of_cli()));
        if snapshot.found.as_ref().is_some_and(write::is_mounted_alone) {
            notices.push(notices::mounted_alone(path).to_string());
        }
        notices
    }

    /// What kind of file it is.
    pub(super) fn kind(&self) -> FileKind {
        self.kind
    }

    /// Whether the file holds secrets if `document` is its content.
    pub(super) fn is_secret(&self, document: &Document) -> bool {
        (self.meaning.is_secret)(document)
    }

    /// Records the content that was just seen.
    pub(super) fn remember(&self, seen: Arc<Seen>) {
        *self.last() = Some(seen);
    }

    fn last(&self) -> MutexGuard<'_, Option<Arc<Seen>>> {
        // A panic leaves either a whole value in it or none.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_write(path: &Path, target: &Target, error: &io::Error) -> NotWritten {
    NotWritten::Unwritable(cannot_open(target.named_as(path), path, "write", error))
}

/// Fails if the bytes of the file at `path` are in a form that AWS tools don't read.
pub(super) fn check_form(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = path.display();
    let utf = |name| {
        Failure::failed(format!("{path} is in {name}, which AWS tools don't read")).hint(
            "save it as UTF-8, in an editor or with iconv; PowerShell's `>` writes UTF-16: use `| Set-Content -Encoding ascii`",
        )
    };
    Err(match foreign_form(bytes) {
        None => return Ok(()),
        Some(Form::Utf16) => utf("UTF-16"),
        Some(Form::Utf32) => utf("UTF-32"),
        Some(Form::CarriageReturns) => Failure::failed(format!(
            "the lines of {path} end only in carriage returns, which the AWS SDKs don't read"
        ))
        .hint("save it with Unix or Windows line endings, in an editor or with `tr '\\r' '\\n'`"),
    })
}

pub(super) fn is_only_readable(path: &Path) -> Failure {
    Failure::failed(format!(
        "can't write {}: it is a pipe, which can only be read",
        path.display()
    ))
    .hint("use a file that can be written instead")
}

/// `named` is how the message refers to the file at `path`.
pub(super) fn cannot_open(
    named: impl Display,
    path: &Path,
    does: &str,
    error: &io::Error,
) -> Failure {
    if let Some((why, remedy)) = target::obstacle(path, error) {
        return Failure::failed(format!("can't {does} {named}: {why}")).hint(remedy);
    }
    let owner = match error.kind() {
        ErrorKind::PermissionDenied => owner::of_another(path),
        _ => None,
    };
    let whose = owner.map_or_else(String::new, |owner| format!("; it belongs to {owner}"));
    Failure::failed(format!(
        "can't {does} {named}: {}{whose}",
        io_message(error)
    ))
    .hint("check what is there and who may use it")
}
