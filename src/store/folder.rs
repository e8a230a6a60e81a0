//! Makes folders that only the user can open, gives new files the same privacy, and syncs folders to the
//! disk. It puts no file into a folder.

use super::owner;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes `path` and its missing parents with mode 0700, whatever the umask: one that takes rights from
/// the user would leave a folder that nothing can be put into. Each folder gets the owner of its parent.
#[expect(
    clippy::disallowed_methods,
    reason = "the folders of the store's files"
)]
pub(super) fn make(path: &Path) -> io::Result<()> {
    // Checked first: the folder exists except on the first run, and a read-only file system refuses to
    // create even an existing one.
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
        // Another program has made it in the meantime.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(ErrorKind::NotADirectory.into())
        }
        Err(error) => Err(error),
    }
}

/// Opens `path` if it is a folder.
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

/// Restores mode 0600 on a file just created with it, in case the umask took some of it: later runs
/// trust no other mode.
#[cfg(unix)]
pub(super) fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.permissions().mode() & 0o7777 != 0o600 {
        // A file system without modes ignores this.
        let _ = file.set_permissions(PermissionsExt::from_mode(0o600));
    }
    Ok(())
}

/// Windows has no modes.
#[cfg(not(unix))]
pub(super) fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

/// Waits until the names in `folder` are on the disk. Only Unix offers this.
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

/// Whether the error means that a folder accepts no new file from us, however often we try.
pub(super) fn refuses(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

#[cfg(all(test, unix))]
#[expect(clippy::disallowed_methods, reason = "the folders are a test's own")]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::Barrier;
    use tempfile::TempDir;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o7777
    }

    #[test]
    fn a_folder_that_others_make_at_the_same_time_is_accepted() {
        let home = TempDir::new().expect("a folder");
        for round in 0..200 {
            let path = home.path().join(format!("{round}/.aws"));
            let begin = Barrier::new(4);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        begin.wait();
                        make(&path).expect("made");
                    });
                }
            });
        }
    }

    #[test]
    fn a_file_or_a_link_does_not_pass_for_a_folder() {
        let home = TempDir::new().expect("a folder");
        let path = home.path().join("file");
        fs::write(&path, "").expect("written");
        let error = make(&path).expect_err("a file");
        assert_eq!(error.kind(), ErrorKind::NotADirectory);
        assert!(open(&path).is_err());
        let link = home.path().join("link");
        symlink(home.path(), &link).expect("a link");
        assert!(open(home.path()).is_ok() && open(&link).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_can_not_be_made_is_reported_in_the_systems_words() {
        let home = TempDir::new().expect("a folder");
        let Some(_unwritable) = crate::store::tests::Unwritable::make(home.path()) else {
            return;
        };
        let error = make(&home.path().join("a")).expect_err("no place");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    }

    /// People who share files with a group set up their folders to pass it on.
    #[test]
    fn a_new_folder_keeps_what_its_parent_hands_down() {
        let home = TempDir::new().expect("a folder");
        fs::set_permissions(home.path(), PermissionsExt::from_mode(0o2700)).expect("set");
        let path = home.path().join("a/b");
        make(&path).expect("made");
        // Not every system passes the group on.
        let plain = home.path().join("plain");
        fs::create_dir(&plain).expect("made");
        assert_eq!(mode(&path), mode(&plain) & 0o7000 | 0o700);
    }

    #[test]
    fn a_new_file_is_private_to_the_user() {
        let home = TempDir::new().expect("a folder");
        let path = home.path().join("file");
        let file = File::create(&path).expect("made");
        for before in [0o600, 0o400, 0o644, 0o4600] {
            file.set_permissions(PermissionsExt::from_mode(before))
                .expect("set");
            make_private(&file).expect("set");
            assert_eq!(mode(&path), 0o600, "{before:o}");
        }
    }
}
