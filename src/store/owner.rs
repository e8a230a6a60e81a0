//! Gives files that we create as root to the owner of their folder, and names the owner of files that
//! are somebody else's. It takes nothing from anybody.
//!
//! Otherwise, after one `sudo awsmfa …`, users could no longer open the locks next to their files, nor
//! read a file that was created for them.

use std::fs::File;
use std::path::Path;

/// Gives `made`, a file or folder that was just created, to the owner of `folder`, which contains it.
/// Only root can do this, and only root needs to. If it fails, `made` stays root's.
#[cfg(unix)]
pub(super) fn hand_down(made: &File, folder: &Path) {
    use rustix::process::geteuid;
    use std::os::unix::fs::{MetadataExt, fchown};
    if !geteuid().is_root() {
        return;
    }
    if let Ok(about) = std::fs::metadata(folder)
        && about.uid() != 0
    {
        let _ = fchown(made, Some(about.uid()), Some(about.gid()));
    }
}

/// On Windows a new file inherits its rights from its folder.
#[cfg(not(unix))]
pub(super) fn hand_down(_: &File, _: &Path) {}

/// The owner of `path` in words, if that is somebody else.
#[cfg(unix)]
pub(super) fn of_another(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::symlink_metadata(path).ok()?.uid();
    match owner {
        _ if owner == rustix::process::geteuid().as_raw() => None,
        0 => Some("root".to_owned()),
        _ => Some(format!("user {owner}")),
    }
}

/// Windows has no owners that matter here.
#[cfg(not(unix))]
pub(super) fn of_another(_: &Path) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
#[expect(clippy::print_stderr, reason = "skipped tests say so loudly")]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::{hand_down, of_another};
    use crate::store::tests::{Home, foreign};
    use std::os::unix::fs::{MetadataExt, chown};

    #[test]
    fn a_file_that_root_makes_belongs_to_the_owner_of_the_folder() {
        let home = Home::with("");
        let folder = home.folder.path();
        let made = std::fs::File::open(home.path()).expect("open");
        let owner = || {
            let about = made.metadata().expect("there");
            (about.uid(), about.gid())
        };
        let own = owner();
        hand_down(&made, folder);
        assert_eq!(owner(), own);
        if chown(folder, Some(12345), Some(23456)).is_err() {
            eprintln!("SKIPPED: only root can give a folder away");
            return;
        }
        hand_down(&made, folder);
        assert_eq!(owner(), (12345, 23456));
        chown(folder, Some(own.0), Some(own.1)).expect("taken back");
        hand_down(&made, folder);
        assert_eq!(owner(), (12345, 23456), "nothing is taken from anybody");
    }

    #[test]
    fn the_owner_is_named_only_if_the_file_is_somebody_elses() {
        let home = Home::with("");
        assert_eq!(of_another(&home.path()), None);
        assert_eq!(of_another(&home.folder.path().join("missing")), None);
        let (path, owner) = foreign(&home);
        assert_eq!(of_another(&path), Some(owner));
    }
}
