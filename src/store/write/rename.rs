//! Replaces an AWS file by renaming: a file next to it gets all attributes of the old one and takes its
//! place. If that is impossible it says so, and leaves no trace.

use super::exchange::{Exchanged, exchange};
use super::leftovers::{self, Swap, TEMPORARY};
use super::replacement::{Mode, Outcome, Replacement};
use crate::store::folder::{self, refuses};
use crate::store::limit;
use crate::store::long;
use crate::store::owner;
use crate::store::target::{Access, Found, Snapshot, Target, is_busy};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use tempfile::{NamedTempFile, TempPath};

/// The result of an attempt to rename.
pub(super) enum Renamed {
    /// Nothing is left to do.
    Ended(Outcome),
    /// A rename is impossible, or would lose something.
    Refused(io::Error),
}

/// Writes the new bytes to a file next to the old one, and puts it in its place.
pub(super) fn by_rename(replacement: &Replacement) -> io::Result<Renamed> {
    let Replacement {
        target, old, new, ..
    } = replacement;
    limit::check(new.len())?;
    let mut temporary = match successor(replacement) {
        Ok(temporary) => temporary,
        Err(error) if refuses(&error) => return Ok(Renamed::Refused(error)),
        // Whatever the reason, it is this file that can't be replaced.
        Err(error) if cfg!(windows) && old.found.is_some() => return Ok(Renamed::Refused(error)),
        Err(error) => return Err(error),
    };
    temporary.as_file_mut().write_all(new)?;
    let Some(found) = &old.found else {
        return match replacement.mode {
            Mode::Rehearse => Ok(Renamed::Ended(Outcome::Replaced)),
            Mode::Save => create(temporary, target).map(Renamed::Ended),
        };
    };
    // The file gets its final name before another mode and owner: a temporary file counts as ours only
    // as long as it has the mode and owner that we create it with, and this name proves what it is.
    let swap = Swap::of(temporary.path(), &old.bytes, new);
    let (file, path) = temporary.into_parts();
    let path = match renamed(path, &swap) {
        Ok(path) => path,
        // The folder takes files but lets none be renamed, or the name is too long for it.
        Err(error) => return unless_refused(error),
    };
    if let Err(error) = give(&file, found) {
        return Ok(Renamed::Refused(error));
    }
    if replacement.mode == Mode::Rehearse {
        return Ok(Renamed::Ended(Outcome::Replaced));
    }
    file.sync_all()?;
    // From here on a failure must leave whatever has that name.
    keep(path);
    match exchange(swap, target, old)? {
        Exchanged::Done => Ok(Renamed::Ended(Outcome::Replaced)),
        Exchanged::Overtaken { kept } => Ok(Renamed::Ended(Outcome::Overtaken { kept })),
        Exchanged::Impossible(swap) => without_exchange(swap, target, old),
    }
}

/// Puts the file of `swap` in place of `target`, which `old` shows, if the system can't exchange two
/// files.
fn without_exchange(swap: Swap, target: &Target, old: &Snapshot) -> io::Result<Renamed> {
    let path = TempPath::try_from_path(swap.path)?;
    // The file is compared as late as possible.
    if !target.snapshot(Access::Read)?.same(old) {
        return Ok(Renamed::Ended(Outcome::Overtaken { kept: None }));
    }
    match rename_over(path, target) {
        Ok(()) => Ok(Renamed::Ended(Outcome::Replaced)),
        Err(error) => unless_refused(error),
    }
}

/// The outcome of a rename that failed with `error`.
fn unless_refused(error: io::Error) -> io::Result<Renamed> {
    if rename_refused(&error) {
        Ok(Renamed::Refused(error))
    } else {
        Err(error)
    }
}

/// Creates the file that is to take the place.
#[cfg(not(windows))]
fn successor(Replacement { target, .. }: &Replacement) -> io::Result<NamedTempFile> {
    leftovers::create(&target.folder, &target.name, TEMPORARY)
}

/// Creates the file that is to take the place.
#[cfg(windows)]
fn successor(replacement: &Replacement) -> io::Result<NamedTempFile> {
    let Replacement {
        target, old, mode, ..
    } = replacement;
    match old.found {
        Some(_) => super::successor::create(target, *mode),
        None => leftovers::create(&target.folder, &target.name, TEMPORARY),
    }
}

/// Gives `path` the name of `swap`.
fn renamed(path: TempPath, swap: &Swap) -> io::Result<TempPath> {
    rename(&path, &swap.path)?;
    keep(path);
    TempPath::try_from_path(&swap.path)
}

/// Renames a file, over another one if there is one. `TempPath::persist` would take its attributes from it
/// on Windows, and gives up there if any program has the other one open.
#[expect(clippy::disallowed_methods, reason = "the files are the store's")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Leaves whatever is at `path` where it is.
fn keep(mut path: TempPath) {
    path.disable_cleanup(true);
}

/// Makes `temporary` the file if there is none yet.
fn create(temporary: NamedTempFile, target: &Target) -> io::Result<Outcome> {
    owner::hand_down(temporary.as_file(), &target.folder);
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(long::form(&target.path)) {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => {
            return Ok(Outcome::Overtaken { kept: None });
        }
        // The file system has neither a rename that does not overwrite nor hard links.
        Err(refused) => {
            let (_, path) = refused.file.into_parts();
            return rename_over(path, target).map(|()| Outcome::Replaced);
        }
    }
    let _ = folder::sync(&target.folder);
    Ok(Outcome::Replaced)
}

fn rename_over(path: TempPath, target: &Target) -> io::Result<()> {
    // On Windows a reader that has the file open blocks the rename for as long as it reads.
    let tries = if cfg!(windows) { 20 } else { 1 };
    let mut tried = 0;
    while let Err(error) = rename(&path, &target.path) {
        tried += 1;
        let is_open = is_busy(&error) || error.kind() == ErrorKind::PermissionDenied;
        if tried >= tries || !is_open {
            return Err(error);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    keep(path);
    // The rename succeeded; a failed sync of the folder is not worth an error.
    let _ = folder::sync(&target.folder);
    Ok(())
}

/// Whether a rename over the path is impossible: the path is a mount (EBUSY, EXDEV), the folder belongs to
/// somebody else and lets nobody else replace a file (sticky bit), or another program has the file open on
/// Windows.
fn rename_refused(error: &io::Error) -> bool {
    refuses(error)
        || is_busy(error)
        || matches!(
            error.kind(),
            ErrorKind::ResourceBusy | ErrorKind::CrossesDevices | ErrorKind::InvalidFilename
        )
}

/// Whether a rename would separate the file from its other names, or from what is mounted on it.
#[cfg(unix)]
pub(super) fn would_harm(found: &Found) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.metadata.nlink() > 1 || is_mount(found)
}

/// Whether a rename would separate the file from its other names.
#[cfg(windows)]
pub(super) fn would_harm(found: &Found) -> bool {
    found.has_other_names()
}

#[cfg(not(any(unix, windows)))]
pub(super) fn would_harm(_: &Found) -> bool {
    false
}

/// Whether the file itself is a mount, as in a container. Checked explicitly, so that a rehearsal knows
/// too.
#[cfg(target_os = "linux")]
pub(super) fn is_mount(found: &Found) -> bool {
    use rustix::fs::{AtFlags, StatxAttributes, StatxFlags, statx};
    statx(&found.file, c"", AtFlags::EMPTY_PATH, StatxFlags::empty())
        .is_ok_and(|about| about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_mount(_: &Found) -> bool {
    false
}

/// Gives the new file everything the old one has: owner, then mode (in the other order, a group could
/// read it that must not), then extended attributes, including Linux's access lists.
#[cfg(unix)]
fn give(file: &File, found: &Found) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    drop_attributes(file, &found.file)?;
    let is = file.metadata()?;
    let was = &found.metadata;
    let changed = |is: u32, was: u32| (is != was).then_some(was);
    let (uid, gid) = (changed(is.uid(), was.uid()), changed(is.gid(), was.gid()));
    if uid.or(gid).is_some() {
        fchown(file, uid, gid)?;
    }
    if is.mode() != was.mode() {
        file.set_permissions(PermissionsExt::from_mode(was.mode() & 0o7777))?;
    }
    give_attributes(file, &found.file)
}

/// On Windows the new file has everything from the beginning.
#[cfg(not(unix))]
fn give(_: &File, _: &Found) -> io::Result<()> {
    Ok(())
}

/// Removes the extended attributes from `new` that `old` does not have, or fails: a folder may pass on
/// an access list that lets others in.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn drop_attributes(new: &File, old: &File) -> io::Result<()> {
    use rustix::fs::{fgetxattr, fremovexattr};
    for name in attributes(new)? {
        if fgetxattr(old, &*name, &mut [0u8; 0][..]).is_err() {
            fremovexattr(new, &*name)?;
        }
    }
    Ok(())
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
fn drop_attributes(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

/// The names of the extended attributes of `file`, except those that only the system sets: security
/// labels, and the marks of macOS (`com.apple.provenance`).
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn attributes(file: &File) -> io::Result<Vec<Vec<u8>>> {
    // A file whose names don't fit here is written in place.
    let mut names = vec![0; 4096];
    let length = match rustix::fs::flistxattr(file, names.as_mut_slice()) {
        Ok(length) => length,
        Err(rustix::io::Errno::NOTSUP) => 0,
        Err(error) => return Err(error.into()),
    };
    let names = names[..length].split(|byte| *byte == 0);
    let ours = names.filter(|name| !name.is_empty() && !is_systems(name));
    Ok(ours.map(<[u8]>::to_vec).collect())
}

/// Whether only the system sets an attribute of this name.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn is_systems(name: &[u8]) -> bool {
    name.starts_with(b"security.") || name.starts_with(b"com.apple.")
}

/// Gives `new` the extended attributes of `old`, or fails.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn give_attributes(new: &File, old: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
    let names = attributes(old)?;
    if names.is_empty() {
        return Ok(());
    }
    // Linux's limit for each is 64 KiB.
    let mut value = vec![0; 65536];
    for name in &names {
        let length = fgetxattr(old, &**name, value.as_mut_slice())?;
        fsetxattr(new, &**name, &value[..length], XattrFlags::empty())?;
    }
    Ok(())
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
fn give_attributes(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    #[cfg(target_os = "linux")]
    use crate::store::tests::Unwritable;
    use crate::store::tests::{Home, TWO, edit, names, set_mode};
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_rename_is_refused_if_the_place_does_not_allow_it_and_fails_otherwise() {
        for kind in [
            ErrorKind::PermissionDenied,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::ResourceBusy,
            ErrorKind::CrossesDevices,
            ErrorKind::InvalidFilename,
        ] {
            assert!(rename_refused(&kind.into()), "{kind}");
        }
        for kind in [
            ErrorKind::StorageFull,
            ErrorKind::NotFound,
            ErrorKind::Interrupted,
            ErrorKind::Other,
        ] {
            assert!(!rename_refused(&kind.into()), "{kind}");
        }
    }

    #[test]
    fn a_file_whose_name_leaves_no_room_for_a_swap_is_written_in_place() {
        let home = Home::new();
        let path = home.folder.path().join("c".repeat(210));
        fs::write(&path, TWO).expect("written");
        set_mode(&path, 0o600);
        let inode = || fs::metadata(&path).expect("there").ino();
        let before = inode();
        for mode in [Mode::Rehearse, Mode::Save] {
            let edits = || vec![edit("dev-mfa", &[("aws_access_key_id", Some("ASIA9"))])];
            let file = home.file_at(path.clone());
            file.update(mode, &mut |_| Ok(edits())).expect("written");
            let content = fs::read_to_string(&path).expect("there");
            assert_eq!(content.contains("ASIA9"), mode == Mode::Save);
            assert_eq!(names(home.folder.path()).len(), 1);
        }
        assert_eq!(inode(), before);
    }

    #[test]
    fn without_an_exchange_one_file_is_renamed_over_the_other() {
        let home = Home::with(TWO);
        let target = home.target();
        let ours = || {
            let path = home.leave(".credentials.awsmfa-aB3dE6gH9j.tmp", "[ours]\n");
            TempPath::try_from_path(path).expect("a path")
        };
        rename_over(ours(), &target).expect("renamed");
        assert_eq!(home.content(), "[ours]\n");
        assert_eq!(home.names(), ["credentials"]);
        // A file can't replace a folder.
        fs::remove_file(home.path()).expect("removed");
        fs::create_dir(home.path()).expect("a folder");
        assert!(rename_over(ours(), &target).is_err());
        assert!(home.path().is_dir());
    }

    /// Our file next to the file of `home`, under the name that it has before it replaces that one.
    fn swap(home: &Home, old: &Snapshot) -> Swap {
        let temporary = home.leave(".credentials.awsmfa-aB3dE6gH9j.tmp", "[ours]\n");
        let swap = Swap::of(&temporary, &old.bytes, b"[ours]\n");
        fs::rename(temporary, &swap.path).expect("renamed");
        swap
    }

    #[test]
    fn only_the_file_that_was_read_is_replaced_even_without_an_exchange() {
        let home = Home::with(TWO);
        let target = home.target();
        let old = target.snapshot(Access::Read).expect("read");
        let replaced = without_exchange(swap(&home, &old), &target, &old);
        let replaced = replaced.expect("renamed");
        assert!(matches!(replaced, Renamed::Ended(Outcome::Replaced)));
        assert_eq!(home.content(), "[ours]\n");
        assert_eq!(home.names(), ["credentials"]);

        // The file that was read is no longer there.
        let overtaken = without_exchange(swap(&home, &old), &target, &old);
        let overtaken = overtaken.expect("no failure");
        assert!(matches!(
            overtaken,
            Renamed::Ended(Outcome::Overtaken { kept: None })
        ));
        assert_eq!(home.names(), ["credentials"]);

        let old = target.snapshot(Access::Read).expect("read");
        let gone = swap(&home, &old);
        fs::remove_file(&gone.path).expect("removed");
        let failed = without_exchange(gone, &target, &old).err();
        assert_eq!(failed.expect("failed").kind(), ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_lets_nothing_be_renamed_is_tried_once() {
        let home = Home::with(TWO);
        let target = home.target();
        let old = target.snapshot(Access::Read).expect("read");
        let ours = swap(&home, &old);
        let new = leftovers::create(&target.folder, &target.name, TEMPORARY).expect("made");
        let Some(unwritable) = Unwritable::make(home.folder.path()) else {
            return;
        };
        let refused = without_exchange(ours, &target, &old).expect("no failure");
        assert!(matches!(refused, Renamed::Refused(_)));
        let missing = Target::at(&home.folder.path().join("missing"));
        let failed = create(new, &missing).expect_err("failed");
        assert_eq!(failed.kind(), ErrorKind::PermissionDenied);
        drop(unwritable);
        assert_eq!(home.content(), TWO);
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    #[test]
    fn the_systems_own_attributes_are_not_ours_to_set() {
        for (name, is_theirs) in [
            ("security.selinux", true),
            ("com.apple.provenance", true),
            ("user.note", false),
            ("system.posix_acl_access", false),
        ] {
            assert_eq!(is_systems(name.as_bytes()), is_theirs, "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_users_attributes_are_listed_by_name_and_the_systems_are_left_alone() {
        use rustix::fs::{XattrFlags, fsetxattr};
        let home = Home::with(TWO);
        let file = File::open(home.path()).expect("open");
        assert_eq!(attributes(&file).expect("a list"), Vec::<Vec<u8>>::new());
        let mut wanted = vec![b"user.a".to_vec(), b"user.b".to_vec()];
        for name in &wanted {
            fsetxattr(&file, &**name, b"x", XattrFlags::empty())
                .expect("the file system of the temporary folder keeps attributes");
        }
        let mut there = attributes(&file).expect("a list");
        there.sort();
        wanted.sort();
        assert_eq!(there, wanted);
    }
}
