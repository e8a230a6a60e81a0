//! Makes folders that are open to the user alone, gives new files the same mode, and has the disk keep
//! their names. It puts no file into a folder.

use super::owner;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes `path` and what is missing above it with mode 0700, whatever mask the process has: one that
/// takes rights from the user, too, would leave a folder that nothing can be put into. Each is its
/// parent's owner's.
#[expect(
    clippy::disallowed_methods,
    reason = "the folders of the store's files"
)]
pub(super) fn make(path: &Path) -> io::Result<()> {
    // Asked first: it is there but for the first run, and a read-only system refuses even then.
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make(parent)?;
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    match builder.create(path) {
        Ok(()) => {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let is = fs::symlink_metadata(path)?;
                if is.is_dir() && is.permissions().mode() & 0o777 != 0o700 {
                    fs::set_permissions(path, PermissionsExt::from_mode(0o700))?;
                }
            }
            if let (Some(parent), Ok(made)) = (parent, open(path)) {
                owner::hand_down(&made, parent);
            }
            Ok(())
        }
        // Another program has made it meanwhile.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(ErrorKind::NotADirectory.into())
        }
        Err(error) => Err(error),
    }
}

/// Opens the folder at `path`, if it is one.
#[expect(
    clippy::disallowed_methods,
    reason = "the folder is opened for its owner, not for a file"
)]
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::DIRECTORY).bits() as i32);
    }
    options.open(path)
}

/// Gives a file that was just made with mode 0600 that very mode, whatever the mask of the process took
/// from it: a later run believes no other.
#[cfg(unix)]
pub(super) fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.permissions().mode() & 0o7777 != 0o600 {
        // A file system without modes keeps its own.
        let _ = file.set_permissions(PermissionsExt::from_mode(0o600));
    }
    Ok(())
}

/// Windows has no modes.
#[cfg(not(unix))]
pub(super) fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

/// Waits until the disk has the names in `folder`. Only Unix can ask for that.
#[expect(
    clippy::disallowed_methods,
    reason = "the folder is opened for its names, not for a file"
)]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Whether a folder takes no new file from us, however often we ask.
pub(super) fn refuses(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}
