//! Follows the path of an AWS file to its target, and takes snapshots of it that tell two states
//! apart. It never writes to the file.

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
use zeroize::Zeroizing;

/// The longest file that is read or written, in bytes: over 200,000 profiles. A sparse file of a
/// terabyte must not take the memory of the machine.
pub(super) const LONGEST: u64 = 64 * 1024 * 1024;

/// Links followed before a chain counts as a loop; Linux gives up after the same number.
const LINKS: usize = 40;

/// The file that is really read and replaced, once every link is followed.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The resolved path; nothing need be there.
    pub(super) path: PathBuf,
    /// The folder that holds it.
    pub(super) folder: PathBuf,
    /// Its name in that folder.
    pub(super) name: OsString,
}

/// Whether a file is opened to be read, or must be writable too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// One state of a file: its bytes and what the file system says of it.
pub(super) struct Snapshot {
    pub(super) bytes: Bytes,
    /// `None`: there was no file.
    pub(super) found: Option<Found>,
}

/// A file that was there.
pub(super) struct Found {
    /// Held, so that what is asked of it is asked of the file that was read.
    #[cfg(not(windows))]
    pub(super) file: File,
    /// Windows replaces no file that a program has open, this one included: it is opened again
    /// when it is asked for.
    #[cfg(windows)]
    opened: (OpenOptions, PathBuf),
    pub(super) metadata: Metadata,
}

impl Found {
    /// The file, open for what the snapshot was taken for.
    #[cfg(not(windows))]
    pub(super) fn file(&self) -> io::Result<impl Deref<Target = File> + '_> {
        Ok(&self.file)
    }

    /// The file, open for what the snapshot was taken for.
    #[cfg(windows)]
    pub(super) fn file(&self) -> io::Result<impl Deref<Target = File> + '_> {
        let (options, path) = &self.opened;
        open(options, path).map(Box::new)
    }
}

impl Target {
    /// What is at `path` itself, whose links are not followed by name.
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            folder: folder_of(path),
            name: path.file_name().unwrap_or_default().to_os_string(),
        }
    }

    /// Follows the links at `path`, to a target that need not exist. A loop is a failure.
    pub(super) fn resolve(path: &Path) -> Result<Self> {
        let mut at = path.to_path_buf();
        for _ in 0..LINKS {
            match fs::read_link(&at) {
                // An absolute target replaces the whole path in `join`.
                Ok(to) => at = folder_of(&at).join(to),
                // EINVAL: not a link. Whatever else is wrong shows when the file is opened.
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

    /// How a person knows it, who calls it `path`: with where a link leads to, whose reason may be
    /// found there.
    pub(super) fn named_as(&self, path: &Path) -> String {
        if self.path == path {
            path.display().to_string()
        } else {
            format!("{}, a link to {}", path.display(), self.path.display())
        }
    }

    /// What tells whether the file, or whatever is at its path, was written since; none where nothing is.
    pub(super) fn state(&self) -> Option<impl PartialEq + use<>> {
        Some(identity(&fs::symlink_metadata(&self.path).ok()?))
    }

    /// Whether `other` is the same plain file, or would be once it is there.
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

    /// Fails where something other than a plain file is at the path.
    pub(super) fn check_plain(&self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(about) => plain::check(&about),
            Err(_) => Ok(()),
        }
    }

    /// Makes the folder of the file, open to the user alone, if it is missing.
    pub(super) fn make_folder(&self) -> io::Result<()> {
        folder::make(&self.folder)
    }

    /// A file beside this one: `name` followed by `suffix`.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.name.clone();
        name.push(suffix);
        self.folder.join(name)
    }

    /// Reads the file as it is now. A missing file is an empty snapshot; anything but a plain file
    /// is an error, save a device that holds nothing (`/dev/null`) that is only looked at.
    pub(super) fn snapshot(&self, access: Access) -> io::Result<Snapshot> {
        let mut options = plain::options();
        options.read(true).write(access == Access::Write);
        let mut file = match open(&options, &self.path) {
            Ok(file) => file,
            // Nor is there a file below what is not a folder: `HOME=/dev/null` is a home for nothing.
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

/// The link in `path` that leads to nothing, if there is one, in words.
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

/// Reads `file`, of about `length` bytes, to its end. One longer than [`LONGEST`] is an error, also
/// while it grows.
pub(super) fn content(file: &mut File, length: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    if length > LONGEST {
        return Err(too_long());
    }
    // One byte more than the size lets the first read see the end.
    let mut bytes = Zeroizing::new(Vec::new());
    bytes.try_reserve_exact(length as usize + 1)?;
    if length > 0 {
        // Not through `take`, which reads in small pieces.
        file.read_to_end(&mut bytes)?;
    } else {
        // A file of the system's own says nothing of its length, and may have no end.
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > LONGEST {
        return Err(too_long());
    }
    Ok(bytes)
}

/// The error of a file that is longer than [`LONGEST`].
pub(super) fn too_long() -> io::Error {
    io::Error::other("longer than 64 MiB, the most awsmfa reads of an AWS file")
}

/// How long a file that another program keeps to itself is tried to be opened. A server of files asks
/// that program to let go, which takes it a moment.
const BUSY: Duration = Duration::from_secs(2);
/// How long such a file is left alone before it is tried again.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Opens an AWS file, and tries again for a while where it is busy.
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

/// Whether a file can't be opened only because another program has it just now: by a lease, as servers
/// of files take it (EAGAIN), as a program that runs, or so that Windows lets nobody else open it.
pub(super) fn is_busy(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::ExecutableFileBusy | ErrorKind::ResourceBusy
    ) || cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Snapshot {
    /// Whether what is at `path` is the file that it shows, untouched since: by all that the file system
    /// tells, but without a look at the bytes.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let now = fs::symlink_metadata(path);
        match (&self.found, now) {
            (Some(found), Ok(now)) => identity(&found.metadata) == identity(&now),
            _ => false,
        }
    }

    /// The same of the file of `target`, or that there still is none.
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

/// Whether what is at two paths is one file, or one pipe, under whatever names.
#[cfg(unix)]
pub(super) fn is_one(one: (&Path, &Metadata), other: (&Path, &Metadata)) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |about: &Metadata| (about.dev(), about.ino());
    place(one.1) == place(other.1)
}

/// The same where a file is known by its path alone.
#[cfg(not(unix))]
pub(super) fn is_one(one: (&Path, &Metadata), other: (&Path, &Metadata)) -> bool {
    let path = |path| fs::canonicalize(path).ok();
    path(one.0).is_some_and(|it| Some(it) == path(other.0))
}

/// What differs between two states of a file even if its bytes are the same. The change time
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

/// What differs between two states of a file even if its bytes are the same.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> impl PartialEq + use<> {
    (
        metadata.len(),
        metadata.modified().ok(),
        metadata.created().ok(),
    )
}

/// Whether `file` is a device at its end, as people put in the place of a file they don't want read.
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

/// The folder of `path`, which is never the empty path.
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
    fn what_another_program_has_just_now_is_busy_and_nothing_else() {
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
        // Elsewhere that number is a broken pipe.
        let shared = io::Error::from_raw_os_error(32);
        assert_eq!(is_busy(&shared), cfg!(windows));
        assert!(!is_busy(&io::Error::from_raw_os_error(1)));
    }

    #[test]
    fn another_file_of_the_same_bytes_is_another() {
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
    fn a_device_that_never_ends_is_no_file() {
        let target = Target::at(Path::new("/dev/zero"));
        assert!(target.snapshot(Access::Read).is_err());
    }

    #[test]
    fn the_folder_of_a_name_alone_is_the_one_we_are_in() {
        let folder = |path| Target::at(Path::new(path)).folder;
        assert_eq!(folder("credentials"), Path::new("."));
        assert_eq!(folder("a/credentials"), Path::new("a"));
        assert_eq!(folder("/credentials"), Path::new("/"));
    }

    #[test]
    fn below_a_file_nothing_is_there() {
        for kind in [ErrorKind::NotFound, ErrorKind::NotADirectory] {
            assert!(is_missing(&kind.into()), "{kind}");
        }
        assert!(!is_missing(&ErrorKind::PermissionDenied.into()));
    }
}
