//! Examines an AWS file and everything that an edit of it would meet, for a caller that only reports it.
//! It creates nothing, finishes no write, and waits for no lock.

use super::file::{AwsFile, cannot_open, check_form, is_only_readable};
use super::lock::{self, LockState};
use super::notices::{self, Notice};
use super::pipe::{Pipe, Place};
use super::proof::{NotFound, headers_not_found, text};
use super::target::{Access, Snapshot, Target, nowhere};
use super::{owner, write};
use crate::exit::Result;
use crate::ini::botocore::Reading;
use crate::ini::{Document, FileKind};
#[cfg(unix)]
use crate::text::io_message;
use crate::text::typed_word;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// At most this many problems of one kind are reported.
const MOST: usize = 3;

/// The state of an AWS file as it was found.
pub(crate) struct Inspection {
    /// The file's name for the user, with the target of a link; `None` if there is no place for the
    /// file.
    pub(crate) named: Option<String>,
    /// Whether there is a file, or a pipe in its place.
    pub(crate) is_there: bool,
    /// Whether it has another name too, and so is written in place.
    pub(crate) has_other_names: bool,
    /// Its content, or why that can't be read.
    pub(crate) document: Result<Arc<Document>>,
    /// Its problems, for the user.
    pub(crate) troubles: Vec<Trouble>,
    /// Whether a write of it was cut short; the next run that reads it finishes the write.
    pub(crate) is_pending: bool,
}

/// A problem to tell the user about.
pub(crate) struct Trouble {
    /// Whether it makes tools ignore the file, or part of it.
    pub(crate) is_grave: bool,
    /// The problem in words.
    pub(crate) notice: Notice,
}

impl Trouble {
    fn grave(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            is_grave: true,
            ..Self::slight(what, remedy)
        }
    }

    fn slight(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (what, remedy) = (what.into(), Some(remedy.into()));
        Self::from(Notice { what, remedy })
    }
}

impl From<Notice> for Trouble {
    fn from(notice: Notice) -> Self {
        Self {
            is_grave: false,
            notice,
        }
    }
}

impl AwsFile {
    /// Examines the file and its leftovers and locks.
    pub(crate) fn inspect(&self) -> Inspection {
        let path = match self.path() {
            Ok(path) => path,
            Err(why) => return Inspection::unread(None, Err(why)),
        };
        match Place::at(path) {
            Ok(Place::File(target)) => self.inspect_file(path, &target),
            Ok(Place::Pipe(pipe)) => self.inspect_pipe(path, &pipe),
            Err(why) => Inspection::unread(Some(path.display().to_string()), Err(why)),
        }
    }

    fn inspect_pipe(&self, path: &Path, pipe: &Pipe) -> Inspection {
        let why = is_only_readable(path);
        let trouble = Trouble::slight(why.message, why.hint.unwrap_or_default());
        let document = self.read_pipe(pipe);
        let read = document.as_ref().ok();
        let troubles = read.map(|document| unread(self.kind(), path, document));
        Inspection {
            is_there: true,
            troubles: troubles.into_iter().flatten().chain([trouble]).collect(),
            ..Inspection::unread(Some(path.display().to_string()), document)
        }
    }

    fn inspect_file(&self, path: &Path, target: &Target) -> Inspection {
        let is_pending = write::is_pending(target, &self.state);
        let snapshot = self.look(target);
        let snapshot = snapshot.map_err(|error| cannot_open(path.display(), path, "read", &error));
        let mut troubles = Vec::new();
        if let Some(what) = nowhere(path) {
            troubles.push(Trouble::grave(what, notices::LINK_TO_NOTHING));
        }
        let found = snapshot.as_ref().ok().and_then(|(it, _)| it.found.as_ref());
        let file = found.and_then(|found| found.file().ok());
        let (is_there, has_other_names) = (
            found.is_some() || snapshot.is_err(),
            found.is_some_and(write::is_shared) && !found.is_some_and(write::is_mounted_alone),
        );
        let document = snapshot.as_ref().map_err(Clone::clone).and_then(
            |(snapshot, document)| -> Result<Arc<Document>> {
                check_form(path, &snapshot.bytes)?;
                Ok(Arc::clone(document))
            },
        );
        let named = Some(target.named_as(path));
        if document.is_ok() && target.check_plain().is_err() {
            // Nobody locks a device such as /dev/null, or restricts access to it.
            return Inspection {
                is_there,
                ..Inspection::unread(named, document)
            };
        }
        if let (Ok(document), Ok((snapshot, _))) = (&document, &snapshot) {
            troubles.extend(unread(self.kind(), path, document));
            troubles.extend(self.known(path, snapshot, document));
        }
        troubles.extend(not_yours(target));
        troubles.extend(not_written(self.kind(), path, target, is_there));
        match lock::look(target, file.as_deref()) {
            LockState::Free => troubles.extend(
                write::look(target, &self.state)
                    .into_iter()
                    .map(Trouble::from),
            ),
            // Any leftovers belong to that program.
            LockState::Held(lock) => troubles.push(Trouble::slight(
                format!(
                    "another program holds the lock of {} right now",
                    path.display()
                ),
                format!(
                    "if this persists, see which process has {} open, and stop it",
                    lock.display()
                ),
            )),
            LockState::Unusable(lock, why) => troubles.push(Trouble::slight(
                format!(
                    "{} can't be locked by {} ({why}), so two runs of awsmfa may write to it at once",
                    path.display(),
                    lock.display()
                ),
                "check what is there and who owns it",
            )),
        }
        Inspection {
            named,
            is_there,
            has_other_names,
            document,
            troubles,
            is_pending,
        }
    }

    /// The problems that don't depend on how tools read the file.
    fn known(&self, path: &Path, snapshot: &Snapshot, document: &Document) -> Vec<Trouble> {
        let mut known = Vec::new();
        if self.is_secret(document) {
            known.extend(notices::open_to_others(path, snapshot).map(Trouble::from));
        }
        if snapshot.found.as_ref().is_some_and(write::is_mounted_alone) {
            known.push(notices::mounted_alone(path).into());
        }
        known
    }

    /// A snapshot of the file, and its content.
    fn look(&self, target: &Target) -> std::io::Result<(Snapshot, Arc<Document>)> {
        let (snapshot, seen) = self.read_steadily(target, Access::Read)?;
        let document = Arc::clone(&seen.document);
        self.remember(seen);
        Ok((snapshot, document))
    }
}

impl Inspection {
    /// An inspection that reports nothing else.
    fn unread(named: Option<String>, document: Result<Arc<Document>>) -> Self {
        Self {
            named,
            is_there: false,
            has_other_names: false,
            document,
            troubles: Vec::new(),
            is_pending: false,
        }
    }
}

/// Which tools ignore the file or part of it, and because of which line.
fn unread(kind: FileKind, path: &Path, document: &Document) -> Vec<Trouble> {
    const CORRECT: &str = "fix that line";
    let text = match text(document.as_bytes()) {
        Ok(text) => text,
        Err(line) => {
            let what = notices::read_by_nobody(path, line, "it is not UTF-8");
            return vec![Trouble::grave(what, "save the file as UTF-8")];
        }
    };
    let reading = Reading::of(text);
    match (document.refusal_of_sdks(), reading.faults.as_slice()) {
        (Some(_), []) => {
            let only = notices::only_for_botocore(path, document);
            let only = only.map(|what| Trouble::slight(what, CORRECT));
            only.into_iter().collect()
        }
        (Some(refusal), _) => {
            let what = notices::read_by_nobody(path, refusal.line, refusal.reason);
            vec![Trouble::grave(what, CORRECT)]
        }
        (None, []) => {
            let is_profile = |section: &str| match kind {
                FileKind::Credentials => true,
                FileKind::Config => section == "default" || section.starts_with("profile "),
            };
            let odd = headers_not_found(kind, text, &reading, is_profile);
            let told = |NotFound { section, line }: NotFound<'_>| {
                Trouble::slight(
                    format!(
                        "the AWS CLI does not find [{section}] on line {line} of {}",
                        path.display()
                    ),
                    format!(
                        "write [{section}] there, without spaces in its brackets or brackets after them"
                    ),
                )
            };
            odd.into_iter().map(told).take(MOST).collect()
        }
        (None, faults) => {
            let told = notices::refused_by_cli(path, faults.iter().take(MOST));
            let told = told.into_iter();
            told.map(|what| Trouble::grave(what, CORRECT)).collect()
        }
    }
}

/// Warns if the file or its folder belongs to somebody else, or if others can put files next to it.
fn not_yours(target: &Target) -> Vec<Trouble> {
    let owned = [&target.path, &target.folder]
        .into_iter()
        .filter_map(|path| {
            let owner = owner::of_another(path)?;
            Some(Trouble::slight(
                format!("{} belongs to {owner}", path.display()),
                "change its owner with `chown`, as root",
            ))
        });
    let open = mode_open_to_all(&target.folder).map(|mode| {
        let folder = target.folder.display();
        Trouble::slight(
            format!("everybody can add files to {folder} (mode {mode:04o})"),
            format!(
                "fix it with `chmod 700 {}`",
                typed_word(&folder.to_string())
            ),
        )
    });
    owned.chain(open).collect()
}

/// Says whether the file can't be written, or has to be written in place.
fn not_written(kind: FileKind, path: &Path, target: &Target, is_there: bool) -> Option<Trouble> {
    let way = match kind {
        FileKind::Config => {
            "make it writable; until then a sign-in says which settings to add to it"
        }
        FileKind::Credentials => {
            "make it writable; until then `awsmfa exec` and `awsmfa export` hand out a session without saving it"
        }
    };
    if is_there && let Some(why) = refuses_writes(&target.path) {
        return Some(Trouble::slight(
            format!("{} can't be written: {why}", path.display()),
            way,
        ));
    }
    let folder = existing(&target.folder)?;
    let why = refuses_writes(&folder)?;
    Some(match is_there {
        true => Trouble::slight(
            format!(
                "no file can be created in {} ({why}), so {} is written in place",
                folder.display(),
                path.display()
            ),
            "make the folder writable, so that the file is replaced as a whole",
        ),
        false => Trouble::slight(
            format!(
                "{} can't be created: no file can be created in {} ({why})",
                path.display(),
                folder.display()
            ),
            way,
        ),
    })
}

/// The folder at `path`, or its nearest existing parent.
fn existing(path: &Path) -> Option<PathBuf> {
    let there = path.ancestors().find(|it| it.exists())?;
    Some(there.to_path_buf())
}

/// Why we can't write to `path`.
#[cfg(unix)]
fn refuses_writes(path: &Path) -> Option<String> {
    use rustix::fs::{Access, access};
    let error = access(path, Access::WRITE_OK).err()?;
    Some(io_message(&error.into()))
}

/// Like the Unix version, except that only the file's own attribute can be checked.
#[cfg(not(unix))]
fn refuses_writes(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    // On a folder, this attribute means something else.
    let is_refused = about.is_file() && about.permissions().readonly();
    is_refused.then(|| "it is read-only".to_owned())
}

/// The mode of a folder in which anybody can create and replace files.
#[cfg(unix)]
fn mode_open_to_all(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode() & 0o7777;
    // With the sticky bit, nobody can remove or replace another user's files.
    (mode & 0o002 != 0 && mode & 0o1000 == 0).then_some(mode)
}

/// Windows has no modes.
#[cfg(not(unix))]
fn mode_open_to_all(_: &Path) -> Option<u32> {
    None
}
