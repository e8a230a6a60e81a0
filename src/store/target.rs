//! Follows the path of an AWS file to its target, and takes snapshots that tell two states of it apart.
//! It never writes to the file.

use super::folder;
use crate::exit::{Failure, Result};
use crate::ini::Bytes;
use crate::world::plain;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
#[cfg(windows)]
use winapi_util::file::{Information, information};
use zeroize::Zeroizing;

/// The longest file that is read or written, in bytes: over 200,000 profiles. A sparse file of a
/// terabyte must not take up the machine's memory.
pub(super) const LONGEST: u64 = 64 * MIB;

const MIB: u64 = 1 << 20;

/// Links followed before a chain counts as a loop; Linux gives up after the same number.
const LINKS: usize = 40;

/// The file that is really read and replaced, after every link was followed.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The resolved path; nothing need exist there.
    pub(super) path: PathBuf,
    /// The folder that holds it.
    pub(super) folder: PathBuf,
    /// Its name in that folder.
    pub(super) name: OsString,
}

/// Whether a file is opened only for reading, or must be writable too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// One state of a file: its bytes and its metadata.
pub(super) struct Snapshot {
    pub(super) bytes: Bytes,
    /// `None` if there was no file.
    pub(super) found: Option<Found>,
}

/// A file that existed.
pub(super) struct Found {
    /// Kept open, so that later questions go to the very file that was read.
    #[cfg(not(windows))]
    pub(super) file: File,
    /// Windows does not replace a file that any program has open, ourselves included, so it is opened
    /// again on demand.
    #[cfg(windows)]
    opened: (OpenOptions, PathBuf),
    pub(super) metadata: Metadata,
}

impl Found {
    /// The file, open with the access that the snapshot was taken with.
    #[cfg(not(windows))]
    pub(super) fn file(&self) -> io::Result<impl Deref<Target = File> + '_> {
        Ok(&self.file)
    }

    /// The file, open with the access that the snapshot was taken with.
    #[cfg(windows)]
    pub(super) fn file(&self) -> io::Result<impl Deref<Target = File> + '_> {
        let (options, path) = &self.opened;
        open(options, path).map(Box::new)
    }

    /// Whether the file has another name.
    #[cfg(windows)]
    pub(super) fn has_other_names(&self) -> bool {
        on_disk(&self.opened.1).is_ok_and(|about| about.number_of_links() > 1)
    }
}

impl Target {
    /// The target at `path` itself, without following links.
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            folder: folder_of(path),
            name: path.file_name().unwrap_or_default().to_os_string(),
        }
    }

    /// Follows the links at `path` to a target that need not exist. A loop is a failure.
    pub(super) fn resolve(path: &Path) -> Result<Self> {
        let mut at = path.to_path_buf();
        for _ in 0..LINKS {
            match fs::read_link(&at) {
                // An absolute target replaces the whole path in `join`.
                Ok(to) => at = folder_of(&at).join(to),
                // EINVAL: not a link. Any other problem shows when the file is opened.
                Err(_) => {
                    let Some(name) = at.file_name().map(OsStr::to_os_string) else {
                        return Err(Failure::failed(format!("{} is not a file", path.display())));
                    };
                    let folder = folder_of(&at);
                    return Ok(Self {
                        path: at,
                        folder,
                        name,
                    });
                }
            }
        }
        Err(Failure::failed(format!(
            "{} is a link that points to itself",
            path.display()
        ))
        .hint("remove the link, or point it at a file"))
    }

    /// A name that the user recognises: `path`, with the target if it is a link, since the problem may
    /// lie there.
    pub(super) fn named_as(&self, path: &Path) -> String {
        if self.path == path {
            path.display().to_string()
        } else {
            format!("{}, a link to {}", path.display(), self.path.display())
        }
    }

    /// A value that changes when the file, or whatever is at its path, is written; `None` if there is
    /// nothing.
    pub(super) fn state(&self) -> Option<impl PartialEq + use<>> {
        Some(identity(&fs::symlink_metadata(&self.path).ok()?))
    }

    /// Whether `other` is the same plain file, or would be once it exists.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (fs::metadata(&self.path), fs::metadata(&other.path)) {
            (Ok(one), Ok(two)) => one.is_file() && is_one((&self.path, &one), (&other.path, &two)),
            (Err(_), Err(_)) => {
                let folder = |target: &Self| {
                    let folder = fs::canonicalize(&target.folder);
                    folder.unwrap_or_else(|_| target.folder.clone())
                };
                self.name == other.name && folder(self) == folder(other)
            }
            _ => false,
        }
    }

    /// Fails if something other than a plain file is at the path.
    pub(super) fn check_plain(&self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(about) => plain::check(&about),
            Err(_) => Ok(()),
        }
    }

    /// Creates the folder of the file, for the user alone, if it is missing.
    pub(super) fn make_folder(&self) -> io::Result<()> {
        folder::make(&self.folder)
    }

    /// The path of a file next to this one: `name` followed by `suffix`.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.name.clone();
        name.push(suffix);
        self.folder.join(name)
    }

    /// Reads the file as it is now. A missing file is an empty snapshot. Anything but a plain file is an
    /// error, except that an empty device (`/dev/null`) may be read.
    pub(super) fn snapshot(&self, access: Access) -> io::Result<Snapshot> {
        let mut options = plain::options();
        options.read(true).write(access == Access::Write);
        let mut file = match open(&options, &self.path) {
            Ok(file) => file,
            // There is no file below something that is not a folder, either: `HOME=/dev/null` is a home
            // without files.
            Err(error) if is_missing(&error) => {
                return Ok(Snapshot {
                    bytes: Bytes::default(),
                    found: None,
                });
            }
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let readable = match access {
            Access::Read => metadata.is_file() || holds_nothing(&mut file, &metadata),
            Access::Write => metadata.is_file(),
        };
        if !readable {
            return Err(plain::not_plain());
        }
        // Windows refuses this when the file is opened, Wine does not.
        if cfg!(windows) && access == Access::Write && metadata.permissions().readonly() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let bytes = if metadata.is_file() {
            content(&mut file, metadata.len())?
        } else {
            Zeroizing::default()
        };
        Ok(Snapshot {
            bytes: Arc::new(bytes),
            found: Some(Found {
                #[cfg(not(windows))]
                file,
                #[cfg(windows)]
                opened: (options, self.path.clone()),
                metadata,
            }),
        })
    }
}

/// Describes the link in `path` that leads to nothing, if there is one.
pub(super) fn nowhere(path: &Path) -> Option<String> {
    let is_link = |at: &Path| fs::symlink_metadata(at).is_ok_and(|about| about.is_symlink());
    let is_missing =
        |at: &Path| fs::metadata(at).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let link = path.ancestors().find(|at| is_link(at) && is_missing(at))?;
    let to = folder_of(link).join(fs::read_link(link).ok()?);
    Some(format!(
        "{} is a link to {}, which does not exist",
        link.display(),
        to.display()
    ))
}

/// Reads `file`, of about `length` bytes, to its end. A file longer than [`LONGEST`] is an error, even
/// if it only grows that long while it is read.
pub(super) fn content(file: &mut File, length: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    if length > LONGEST {
        return Err(too_long());
    }
    // With one byte more than the size, the first read finds the end.
    let mut bytes = Zeroizing::new(Vec::new());
    bytes.try_reserve_exact(length as usize + 1)?;
    match length {
        // A system file does not tell its length, and may have no end.
        0 => file.take(LONGEST + 1).read_to_end(&mut bytes)?,
        // Not through `take`, which reads in small pieces.
        _ => file.read_to_end(&mut bytes)?,
    };
    if bytes.len() as u64 > LONGEST {
        return Err(too_long());
    }
    Ok(bytes)
}

/// The error for a file that is longer than [`LONGEST`].
pub(super) fn too_long() -> io::Error {
    io::Error::other(format!(
        "longer than {} MiB, the most awsmfa reads of an AWS file",
        LONGEST / MIB
    ))
}

/// How long we try to open a file that another program keeps to itself. A file server asks that program
/// to let go, which takes a moment.
const BUSY: Duration = Duration::from_secs(2);
/// The pause between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Opens an AWS file, retrying for a while if it is busy.
#[expect(clippy::disallowed_methods, reason = "the AWS file itself")]
pub(super) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    let begun = Instant::now();
    loop {
        match options.open(path) {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY => sleep(BETWEEN_TRIES),
            opened => return opened,
        }
    }
}

/// Whether a file can't be opened only because another program is using it: it holds a lease, as file
/// servers do (EAGAIN), the file is a running program, or Windows lets nobody else open it.
pub(super) fn is_busy(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::ExecutableFileBusy | ErrorKind::ResourceBusy
    ) || cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// What keeps an AWS file at `path` from being opened, and what to do about it, where the system's words
/// don't say so.
pub(super) fn obstacle(path: &Path, error: &io::Error) -> Option<(&'static str, &'static str)> {
    let is_read_only =
        || fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().readonly());
    if !cfg!(windows) {
        None
    } else if is_busy(error) {
        let remedy = "close it there, for example in an editor, then run this again";
        Some(("another program has it open", remedy))
    } else if error.kind() == ErrorKind::PermissionDenied && is_read_only() {
        let remedy = "clear its read-only attribute (`attrib -r`), then run this again";
        Some(("it is read-only", remedy))
    } else {
        None
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Snapshot {
    /// Whether the file at `path` is still the one in the snapshot, judged by its metadata without a
    /// look at its bytes.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let now = fs::symlink_metadata(path);
        match (&self.found, now) {
            (Some(found), Ok(now)) => identity(&found.metadata) == identity(&now),
            _ => false,
        }
    }

    /// Like [`Self::is_at`] for the file of `target`; if there was no file, whether there still is none.
    pub(super) fn is_still_at(&self, target: &Target) -> bool {
        match self.found {
            Some(_) => self.is_at(&target.path),
            None => fs::symlink_metadata(&target.path).is_err(),
        }
    }

    /// Whether `other` shows the same file in the same state.
    pub(super) fn same(&self, other: &Self) -> bool {
        let identity = match (&self.found, &other.found) {
            (None, None) => true,
            (Some(one), Some(two)) => identity(&one.metadata) == identity(&two.metadata),
            _ => false,
        };
        identity && self.bytes == other.bytes
    }
}

/// Whether two paths lead to one file, or one pipe.
#[cfg(unix)]
pub(super) fn is_one(one: (&Path, &Metadata), other: (&Path, &Metadata)) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |about: &Metadata| (about.dev(), about.ino());
    place(one.1) == place(other.1)
}

/// Whether two paths lead to one file.
#[cfg(not(unix))]
pub(super) fn is_one(one: (&Path, &Metadata), other: (&Path, &Metadata)) -> bool {
    let path = |path| fs::canonicalize(path).ok();
    path(one.0).is_some_and(|it| Some(it) == path(other.0)) || is_second_name(one.0, other.0)
}

/// Whether two paths are two names of one file.
#[cfg(windows)]
fn is_second_name(one: &Path, other: &Path) -> bool {
    match (on_disk(one), on_disk(other)) {
        (Ok(one), Ok(other)) => one.number_of_links() > 1 && place(&one) == place(&other),
        _ => false,
    }
}

#[cfg(not(any(unix, windows)))]
fn is_second_name(_: &Path, _: &Path) -> bool {
    false
}

/// What Windows tells about the file at `path`, even if another program keeps it to itself.
#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "nothing is read or written")]
pub(super) fn on_disk(path: &Path) -> io::Result<Information> {
    use std::os::windows::fs::OpenOptionsExt as _;
    information(plain::options().access_mode(0).open(path)?)
}

/// Where the file is, by whatever name.
#[cfg(windows)]
pub(super) fn place(about: &Information) -> (u64, u64) {
    (about.volume_serial_number(), about.file_index())
}

/// The metadata that differ between two states of a file even if the bytes are the same. The change time
/// covers mode, owner and attributes, which the new file is given too.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    use std::os::unix::fs::MetadataExt;
    (
        (metadata.dev(), metadata.ino(), metadata.len()),
        (metadata.mtime(), metadata.mtime_nsec()),
        (metadata.ctime(), metadata.ctime_nsec()),
    )
}

/// The metadata that differ between two states of a file even if the bytes are the same.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    (
        metadata.len(),
        metadata.modified().ok(),
        metadata.created().ok(),
    )
}

/// Whether `file` is a device at its end, such as people put in place of a file that they don't want
/// read.
fn holds_nothing(file: &mut File, metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        metadata.file_type().is_char_device() && matches!(file.read(&mut [0]), Ok(0))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        matches!(file.read(&mut [0]), Ok(0))
    }
}

/// The folder of `path`, never an empty path.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};

    #[test]
    fn only_a_file_that_another_program_is_using_is_busy() {
        for kind in [
            ErrorKind::WouldBlock,
            ErrorKind::ExecutableFileBusy,
            ErrorKind::ResourceBusy,
        ] {
            assert!(is_busy(&kind.into()), "{kind}");
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::NotFound] {
            assert!(!is_busy(&kind.into()), "{kind}");
        }
        // On other systems, that number means a broken pipe.
        let shared = io::Error::from_raw_os_error(32);
        assert_eq!(is_busy(&shared), cfg!(windows));
        assert!(!is_busy(&io::Error::from_raw_os_error(1)));
    }

    #[test]
    fn another_file_of_the_same_bytes_is_a_different_one() {
        let home = Home::with(TWO);
        let snapshot = || home.target().snapshot(Access::Read).expect("read");
        let old = snapshot();
        assert!(old.same(&snapshot()));
        let other = home.leave("other", TWO);
        fs::rename(other, home.path()).expect("renamed");
        assert!(!old.same(&snapshot()));
        fs::remove_file(home.path()).expect("removed");
        assert!(!old.same(&snapshot()) && snapshot().same(&snapshot()));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_that_never_ends_is_not_a_file() {
        let target = Target::at(Path::new("/dev/zero"));
        assert!(target.snapshot(Access::Read).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn of_a_pipe_that_never_ends_no_more_is_read_than_a_file_may_hold() {
        use std::io::Write;
        use std::os::fd::OwnedFd;
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let piece = vec![b'#'; 1 << 20];
        let more = LONGEST / piece.len() as u64 + 2;
        let write = std::thread::spawn(move || (0..more).all(|_| writer.write_all(&piece).is_ok()));
        let mut file = File::from(OwnedFd::from(reader));
        assert!(content(&mut file, 0).is_err());
        let left = io::copy(&mut file, &mut io::sink()).expect("read");
        assert_eq!(left, (2 << 20) - 1);
        assert!(write.join().expect("written"));
    }

    #[test]
    fn a_write_changes_the_state_of_a_file_and_so_does_its_end() {
        let home = Home::with(TWO);
        let state = || home.target().state();
        let before = state();
        assert!(before.is_some() && state() == before);
        fs::write(home.path(), "").expect("written");
        assert!(state().is_some() && state() != before);
        fs::remove_file(home.path()).expect("removed");
        assert!(state().is_none());
    }

    #[test]
    fn the_folder_of_a_bare_name_is_the_current_one() {
        let folder = |path| Target::at(Path::new(path)).folder;
        assert_eq!(folder("credentials"), Path::new("."));
        assert_eq!(folder("a/credentials"), Path::new("a"));
        assert_eq!(folder("/credentials"), Path::new("/"));
    }

    #[test]
    fn there_is_nothing_below_a_file() {
        for kind in [ErrorKind::NotFound, ErrorKind::NotADirectory] {
            assert!(is_missing(&kind.into()), "{kind}");
        }
        assert!(!is_missing(&ErrorKind::PermissionDenied.into()));
    }
}
