//! Opens lock files, and makes one attempt at a lock. It never waits.

use crate::exit::Failure;
use crate::store::folder::{make_private, refuses};
use crate::store::owner;
use crate::text::io_message;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// The result of one attempt.
pub(super) enum Attempt {
    /// It is ours until the file is closed.
    Locked,
    /// Another program holds it.
    Busy,
    /// The file system has no locks (some network and FUSE mounts).
    Unsupported(io::Error),
}

/// Opens a lock file, or creates one that only the user can open. An existing one keeps its mode.
pub(super) fn open(path: &Path) -> io::Result<File> {
    match open_existing(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        opened => opened,
    }
}

/// Creates a lock file, or opens the one that another program has created in the meantime.
fn create(path: &Path) -> io::Result<File> {
    let mut options = options();
    options.create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match open_with(&options, path) {
        // Another program was faster. Its file is still there, because a lock file is never removed.
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

/// Opens an existing lock file.
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
        // In a folder that others can write to, following a link could create a file elsewhere, or make
        // a terminal our controlling one.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits() as i32);
    }
    options
}

#[expect(clippy::disallowed_methods, reason = "a lock is a file of the store's")]
fn open_with(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path).map_err(|error| {
        // Windows only denies access to a folder, as if the user might not make a lock there.
        match error.kind() == ErrorKind::PermissionDenied && path.is_dir() {
            true => ErrorKind::IsADirectory.into(),
            false => error,
        }
    })
}

/// Tries to lock `file` exclusively.
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

/// Whether another program has locked `file`. Leaves it unlocked.
pub(super) fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Why the lock file at `path` can't be opened, worded for parentheses: its owner if that is the reason,
/// else the system's message.
pub(super) fn reason(path: &Path, error: &io::Error) -> String {
    match owner::of_another(path) {
        Some(owner) if refuses(error) => {
            format!("{} belongs to {owner}: remove it", path.display())
        }
        _ => io_message(error),
    }
}

/// The failure that the lock file at `path` can't be opened or locked.
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
    fn a_lock_file_that_another_program_has_just_made_is_opened() {
        let home = Home::new();
        let path = home.path();
        for _ in 0..2 {
            assert!(create(&path).is_ok());
        }
        assert!(open(&path).is_ok());
    }

    #[test]
    fn a_file_system_without_locks_is_distinguished_from_a_lock_that_fails() {
        use rustix::io::Errno;
        for errno in [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS] {
            assert!(is_unsupported(&errno.into()), "{errno}");
        }
        assert!(is_unsupported(&ErrorKind::Unsupported.into()));
        for errno in [Errno::ACCESS, Errno::IO, Errno::BADF] {
            assert!(!is_unsupported(&errno.into()), "{errno}");
        }
    }

    /// A link would be locked, and cut short by `set_number`, wherever it leads.
    #[test]
    fn a_link_is_never_used_as_a_lock_file() {
        let home = Home::with("");
        let link = home.folder.path().join("link");
        symlink(home.path(), &link).expect("a link");
        assert!(open_existing(&home.path()).is_ok());
        for opened in [open(&link), open_existing(&link), create(&link)] {
            assert!(opened.is_err());
        }
    }

    #[test]
    fn the_owner_of_a_lock_file_is_named_if_that_is_the_problem() {
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
