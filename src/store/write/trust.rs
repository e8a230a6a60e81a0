//! Opens what a killed run left, and only that: in a folder that others can write to, they may have put
//! files of such names. It removes nothing.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What is found under one of awsmfa's names.
pub(super) enum Leftover {
    /// A file of ours.
    Ours(File),
    /// Something else; with the reason, worded to follow its path.
    Strange(&'static str),
    /// It is gone.
    Nothing,
}

/// Opens the leftover at `path`. It is ours if it is a plain file without another name that belongs to
/// the user and that nobody else can read or write.
pub(super) fn open(path: &Path) -> io::Result<Leftover> {
    with(path, |about| match is_ours(about) {
        false => Some("belongs to somebody else, or can be used by others"),
        true => None,
    })
}

/// Like [`open`], for a file that may have the owner and mode of the AWS file already: its content has
/// to prove that it is ours.
pub(super) fn open_swap(path: &Path, aws_file: Option<&Metadata>) -> io::Result<Leftover> {
    with(path, |about| match has_owner_of(about, aws_file) {
        false => Some("belongs to somebody else"),
        true => None,
    })
}

fn with(
    path: &Path,
    objection: impl Fn(&Metadata) -> Option<&'static str>,
) -> io::Result<Leftover> {
    let file = match open_itself(path) {
        Ok(file) => file,
        Err(error) => {
            return match error.kind() {
                ErrorKind::NotFound => Ok(Leftover::Nothing),
                ErrorKind::PermissionDenied => Ok(Leftover::Strange("can't be read")),
                _ if is_link(&error) => Ok(Leftover::Strange("is a link")),
                _ => Err(error),
            };
        }
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(Leftover::Strange("is not a regular file"));
    }
    if has_other_names(&about) {
        return Ok(Leftover::Strange("has another name too"));
    }
    Ok(match objection(&about) {
        Some(why) => Leftover::Strange(why),
        None => Leftover::Ours(file),
    })
}

#[expect(clippy::disallowed_methods, reason = "what a killed run left")]
fn open_itself(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // A link could lead anywhere, and opening a FIFO could wait for its other end for ever.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    }
    options.open(path)
}

/// Whether `error` says that a link was found where none is followed.
#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// On Windows, links are followed.
#[cfg(not(unix))]
fn is_link(_: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn has_other_names(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.nlink() != 1
}

#[cfg(unix)]
fn is_ours(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.mode() & 0o7777 == 0o600 && about.uid() == rustix::process::geteuid().as_raw()
}

/// Whether the file belongs to the user, or to the owner of the AWS file.
#[cfg(unix)]
fn has_owner_of(about: &Metadata, aws_file: Option<&Metadata>) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.uid() == rustix::process::geteuid().as_raw()
        || aws_file.is_some_and(|it| it.uid() == about.uid())
}

#[cfg(not(unix))]
fn has_owner_of(_: &Metadata, _: Option<&Metadata>) -> bool {
    true
}

/// On Windows, a killed run may have left a second name of the AWS file. Removing that harms nothing, and
/// leaving it would make every later write one in place.
#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Windows has no owners that std can tell; there, leftovers are only looked for in the user's own state
/// folder.
#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
#[expect(clippy::print_stderr, reason = "skipped tests say so loudly")]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::{Leftover, open};
    use crate::store::tests::{Home, set_mode};

    /// Otherwise, by putting one next to a file, anybody could keep it from being edited.
    #[test]
    fn a_leftover_that_can_not_be_read_is_strange() {
        let home = Home::new();
        let path = home.leave(".credentials.awsmfa-aB3dE6gH9j.old", "x");
        set_mode(&path, 0);
        if std::fs::File::open(&path).is_ok() {
            eprintln!("SKIPPED: to root every file is readable");
            return;
        }
        let Ok(Leftover::Strange(why)) = open(&path) else {
            panic!("it is not known to be strange");
        };
        assert_eq!(why, "can't be read");
    }

    #[test]
    fn a_leftover_that_is_gone_is_nothing() {
        let home = Home::new();
        assert!(matches!(open(&home.path()), Ok(Leftover::Nothing)));
    }
}
