//! Makes folders that are open to the user alone, and has the disk keep their names. It puts no
//! file into them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes `path` and what is missing above it with mode 0700.
#[expect(
    clippy::disallowed_methods,
    reason = "the folders of the store's files"
)]
pub(super) fn make(path: &Path) -> io::Result<()> {
    // Asked first: it is there but for the first run, and a read-only system refuses even then.
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
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
