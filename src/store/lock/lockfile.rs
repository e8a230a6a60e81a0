//! Opens the files that are locked, and makes one attempt at a lock. It never waits.

use crate::exit::Failure;
use crate::store::folder::{make_private, refuses};
use crate::store::owner;
use crate::text::io_message;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What became of one attempt.
pub(super) enum Attempt {
    /// It is ours until the file is closed.
    Locked,
    /// Another program has it.
    Busy,
    /// The file system knows no locks (some network and FUSE mounts).
    Unsupported(io::Error),
}

/// Opens a lock file, creating it if need be, so that only the user can open it. One that is there keeps
/// its mode.
pub(super) fn open(path: &Path) -> io::Result<File> {
    match open_existing(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        opened => opened,
    }
}

/// Creates a lock file, or opens the one that another has created meanwhile.
fn create(path: &Path) -> io::Result<File> {
    let mut options = options();
    options.create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match open_with(&options, path) {
        // Another program was faster, and a lock's file is never removed.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open_existing(path),
        made => {
            let file = made?;
            make_private(&file)?;
            if let Some(folder) = path.parent() {
                owner::hand_down(&file, folder);
            }
            Ok(file)
        }
    }
}

/// Opens a lock file that is there already.
pub(super) fn open_existing(path: &Path) -> io::Result<File> {
    open_with(&options(), path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // In a folder that others can write to, a link could create a file elsewhere, and a terminal
        // become ours.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits() as i32);
    }
    options
}

#[expect(clippy::disallowed_methods, reason = "a lock is a file of the store's")]
fn open_with(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

/// Tries to lock `file` for us alone.
pub(super) fn attempt(file: &File) -> io::Result<Attempt> {
    match file.try_lock() {
        Ok(()) => Ok(Attempt::Locked),
        Err(TryLockError::WouldBlock) => Ok(Attempt::Busy),
        Err(TryLockError::Error(error)) if is_unsupported(&error) => {
            Ok(Attempt::Unsupported(error))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether another program has locked `file`. Leaves it as it is.
pub(super) fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Why the lock file at `path` can't be opened, in words that stand in parentheses: whose it is, else the
/// system's.
pub(super) fn reason(path: &Path, error: &io::Error) -> String {
    match owner::of_another(path) {
        Some(owner) if refuses(error) => {
            format!("{} belongs to {owner}: remove it", path.display())
        }
        _ => io_message(error),
    }
}

/// That the lock file at `path` can't be opened, or not be locked.
pub(super) fn cannot_lock(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!(
        "can't lock {}: {}",
        path.display(),
        io_message(error)
    ))
    .hint("check the folder and who owns it")
}

fn is_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let known = [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS];
        if error
            .raw_os_error()
            .is_some_and(|code| known.contains(&Errno::from_raw_os_error(code)))
        {
            return true;
        }
    }
    error.kind() == ErrorKind::Unsupported
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::tests::{Home, foreign};
    use std::os::unix::fs::symlink;

    #[test]
    fn a_lock_file_that_another_has_made_meanwhile_is_opened() {
        let home = Home::new();
        let path = home.path();
        for _ in 0..2 {
            assert!(create(&path).is_ok());
        }
        assert!(open(&path).is_ok());
    }

    #[test]
    fn a_file_system_without_locks_is_told_from_a_lock_that_fails() {
        use rustix::io::Errno;
        for errno in [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS] {
            assert!(is_unsupported(&errno.into()), "{errno}");
        }
        assert!(is_unsupported(&ErrorKind::Unsupported.into()));
        for errno in [Errno::ACCESS, Errno::IO, Errno::BADF] {
            assert!(!is_unsupported(&errno.into()), "{errno}");
        }
    }

    /// It would be locked, and with `set_number` cut, wherever it is.
    #[test]
    fn no_link_is_a_lock_file_wherever_it_leads() {
        let home = Home::with("");
        let link = home.folder.path().join("link");
        symlink(home.path(), &link).expect("a link");
        assert!(open_existing(&home.path()).is_ok());
        for opened in [open(&link), open_existing(&link), create(&link)] {
            assert!(opened.is_err());
        }
    }

    #[test]
    fn whose_a_lock_file_is_counts_where_its_owner_is_what_is_wrong() {
        let home = Home::with("");
        let denied = io::Error::from(ErrorKind::PermissionDenied);
        let full = io::Error::from(ErrorKind::StorageFull);
        assert_eq!(reason(&home.path(), &denied), io_message(&denied));
        let (path, owner) = foreign(&home);
        let said = format!("{} belongs to {owner}: remove it", path.display());
        assert_eq!(reason(&path, &denied), said);
        assert_eq!(reason(&path, &full), io_message(&full));
    }
}
