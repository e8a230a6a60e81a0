//! Overwrites a file's own bytes if a rename is impossible or would do harm: a mounted file, a second
//! hard link, a folder that takes no new file, an owner we can't set. It never touches a byte before the
//! old and the new bytes are safe elsewhere.
//!
//! Both are saved in two files of the user's before the first byte is written. The file of the old bytes
//! is created first and removed first, so that half a pair always means a whole AWS file: the write had
//! not begun, or it was done.
//!
//! The space for a file that grows is reserved first, so that a full disk is found while nothing is lost
//! yet. All new bytes are then written in one call: readers see the old file or the new one, as far as
//! the file system keeps them from seeing half a write.

use super::leftovers::{self, OLD, TEMPORARY};
use super::replacement::{Mode, Outcome, Replacement};
use crate::exit::{Failure, Result};
use crate::store::folder;
use crate::store::limit;
use crate::store::lock::is_at;
use crate::store::state::StateFolder;
use crate::store::target::{Access, is_busy};
use crate::text::io_message;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// One step of a write in place. After a kill at any point, [`interrupted`] recognises the file.
#[derive(Debug, PartialEq)]
pub(super) enum Step<'a> {
    /// The offset, the bytes, and the number of blank lines after them.
    WriteAt(usize, &'a [u8], usize),
    Truncate(usize),
}

/// The steps that turn a file of `old` bytes into `new` once space is reserved. A file that gets shorter
/// ends in blank lines until it is cut: otherwise the rest of the old text after the new one would be
/// read as part of it.
pub(super) fn steps(old: usize, new: &[u8]) -> Vec<Step<'_>> {
    let mut steps = vec![Step::WriteAt(0, new, old.saturating_sub(new.len()))];
    if new.len() < old {
        steps.push(Step::Truncate(new.len()));
    }
    steps
}

/// `bytes` followed by blank lines.
fn padded(bytes: &[u8], blank: usize) -> Zeroizing<Vec<u8>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(bytes.len() + blank));
    whole.extend_from_slice(bytes);
    whole.resize(bytes.len() + blank, b'\n');
    whole
}

/// The steps if no space can be reserved: the part that grows the file comes first, because a full disk
/// refuses that part, while nothing is lost yet.
pub(super) fn growing_steps(old: usize, new: &[u8]) -> Vec<Step<'_>> {
    let kept = old.min(new.len());
    let mut steps = Vec::new();
    if new.len() > old {
        steps.push(Step::WriteAt(old, &new[old..], 0));
    }
    if kept > 0 {
        steps.push(Step::WriteAt(0, &new[..kept], 0));
    }
    if new.len() < old {
        steps.push(Step::Truncate(new.len()));
    }
    steps
}

/// Whether `now` is a state in which a kill can leave the steps from `old` to `new`, begun and not done.
pub(super) fn interrupted(now: &[u8], old: &[u8], new: &[u8]) -> bool {
    let whole = padded(new, old.len().saturating_sub(new.len()));
    let begun = now.iter().zip(&**whole).take_while(|(now, new)| now == new);
    let begun = begun.count();
    let is_one_write = now.len() == old.len() && now[begun..] == old[begun..]
        || now.len() > old.len() && begun == now.len();
    is_one_write || interrupted_while_growing(now, old, new)
}

/// Like [`interrupted`], for [`growing_steps`].
fn interrupted_while_growing(now: &[u8], old: &[u8], new: &[u8]) -> bool {
    if now.len() > old.len() && now.len() < new.len() {
        return now.starts_with(old) && new[old.len()..].starts_with(&now[old.len()..]);
    }
    if now.len() != old.len().max(new.len()) {
        return false;
    }
    let kept = old.len().min(new.len());
    let begun = now[..kept]
        .iter()
        .zip(new)
        .take_while(|(now, new)| now == new)
        .count();
    let tail = if new.len() > old.len() { new } else { old };
    now[begun..kept] == old[begun..kept] && now[kept..] == tail[kept..]
}

/// Turns `file`, of `old` bytes, into `new`, and waits until that is on the disk.
pub(super) fn overwrite(file: &File, old: usize, new: &[u8]) -> io::Result<()> {
    carry_out(file, &plan(file, old, new)?)
}

/// The steps for `file`, after reserving space if it grows and the file system can.
fn plan<'a>(file: &File, old: usize, new: &'a [u8]) -> io::Result<Vec<Step<'a>>> {
    let has_room = new.len() <= old || reserve(file, new.len())?;
    Ok(if has_room {
        steps(old, new)
    } else {
        growing_steps(old, new)
    })
}

/// Reserves space for `length` bytes without changing the length of `file`. `false` if the file system
/// can't.
#[cfg(target_os = "linux")]
fn reserve(file: &File, length: usize) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, length as u64) {
        Ok(()) => Ok(true),
        Err(full @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(full.into()),
        Err(_) => Ok(false),
    }
}

/// Other systems can't reserve space without changing the length.
#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: usize) -> io::Result<bool> {
    Ok(false)
}

fn carry_out(mut file: &File, steps: &[Step]) -> io::Result<()> {
    for step in steps {
        match step {
            Step::WriteAt(at, bytes, blank) => {
                file.seek(SeekFrom::Start(*at as u64))?;
                match blank {
                    0 => file.write_all(bytes)?,
                    blank => file.write_all(&padded(bytes, *blank))?,
                }
            }
            Step::Truncate(length) => file.set_len(*length as u64)?,
        }
    }
    file.sync_all()
}

/// Writes the new bytes over the file, which must exist and be open for writing. A rehearsal creates the
/// two files and removes them again.
pub(super) fn write(replacement: &Replacement) -> Result<Outcome> {
    let Replacement {
        target, old, new, ..
    } = replacement;
    let Some(found) = &old.found else {
        return Err(Failure::failed(format!(
            "{} can't be created",
            target.path.display()
        )));
    };
    let (backup, coming) = pair(replacement).map_err(|error| {
        Failure::failed(format!(
            "can't keep a backup of {} while it is written: {}",
            target.path.display(),
            io_message(&error)
        ))
        .hint(format!(
            "make room in {}, or make it writable",
            target.folder.display()
        ))
    })?;
    if replacement.mode == Mode::Rehearse {
        return Ok(Outcome::Replaced);
    }
    let failed = |error: io::Error| {
        Failure::failed(format!(
            "can't write {}: {}",
            target.path.display(),
            io_message(&error)
        ))
    };
    if !target.snapshot(Access::Read).map_err(failed)?.same(old) {
        return Ok(Outcome::Overtaken { kept: None });
    }
    let file = match found.file() {
        // Nothing is lost yet, so the caller may try again.
        Err(error) if cfg!(windows) && is_busy(&error) => {
            return Ok(Outcome::Overtaken { kept: None });
        }
        file => file.map_err(failed)?,
    };
    // From here on, recovery after a kill needs both.
    let backup = kept(backup).map_err(failed)?;
    let coming = kept(coming).map_err(failed)?;
    let wrote = overwrite(&file, old.bytes.len(), new);
    if let Err(error) = wrote {
        let mut file = &*file;
        let restored = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&old.bytes))
            .and_then(|()| file.set_len(old.bytes.len() as u64))
            .and_then(|()| file.sync_all());
        let message = failed(error).message;
        return Err(match restored {
            Ok(()) => {
                remove_pair(&backup, &coming);
                Failure::failed(format!("{message}; it is unchanged"))
                    .hint("make room on its disk, then run this again")
            }
            Err(_) => Failure::failed(format!("{message}; it is damaged")).hint(format!(
                "its old content is in {}: copy it back",
                backup.display()
            )),
        });
    }
    remove_pair(&backup, &coming);
    if is_at(&file, &target.path) {
        Ok(Outcome::Replaced)
    } else {
        // Another program has put its own file there in the meantime, and ours went to the one it
        // replaced.
        Ok(Outcome::Overtaken { kept: None })
    }
}

/// Removes a pair in the order that the head of this module explains. If that fails, the next run finds
/// the pair.
#[expect(clippy::disallowed_methods, reason = "the pair is ours")]
pub(super) fn remove_pair(old: &Path, new: &Path) {
    if fs::remove_file(old).is_ok() {
        let _ = fs::remove_file(new);
    }
}

/// Writes the old and the new bytes to two files, safe on the disk: next to the file, else in the state
/// folder.
fn pair(replacement: &Replacement) -> io::Result<(NamedTempFile, NamedTempFile)> {
    let Replacement {
        target, old, new, ..
    } = replacement;
    limit::check(old.bytes.len().max(new.len()))?;
    // If a rehearsal is killed, its files hold bytes that were never meant for the AWS file, so they
    // must not pass for a write that was begun.
    let suffix = match replacement.mode {
        Mode::Rehearse => TEMPORARY,
        Mode::Save => OLD,
    };
    let beside = if cfg!(unix) {
        leftovers::create(&target.folder, &target.name, suffix)
    } else {
        // Recovery could not tell files here from files that somebody else put there.
        Err(ErrorKind::Unsupported.into())
    };
    let (place, stem, backup) = match beside {
        Ok(backup) => (target.folder.as_path(), target.name.clone(), backup),
        Err(beside) => {
            let place = replacement.state.made().map_err(|_| beside)?;
            let stem = StateFolder::stem(target);
            let backup = leftovers::create(place, &stem, suffix)?;
            (place, stem, backup)
        }
    };
    let fill = |mut file: &File, bytes: &[u8]| {
        file.write_all(bytes)?;
        match replacement.mode {
            Mode::Rehearse => Ok(()),
            Mode::Save => file.sync_all(),
        }
    };
    fill(backup.as_file(), &old.bytes)?;
    let coming = match replacement.mode {
        Mode::Rehearse => leftovers::create(place, &stem, TEMPORARY)?,
        Mode::Save => leftovers::create_partner(backup.path())?,
    };
    fill(coming.as_file(), new)?;
    if replacement.mode == Mode::Save {
        folder::sync(place)?;
    }
    Ok((backup, coming))
}

fn kept(file: NamedTempFile) -> io::Result<PathBuf> {
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
#[cfg_attr(
    target_os = "linux",
    expect(clippy::print_stderr, reason = "skipped tests say so loudly")
)]
mod tests {
    use super::super::leftovers::NEW;
    use super::*;
    use crate::store::target::{Snapshot, Target};
    use crate::store::tests::{Home, TWO, edit, names};
    use crate::store::{AwsFile, Report};

    /// Old and new bytes of every shape: longer, shorter, of the same length, from nothing, to nothing.
    const SHAPES: [(&str, &str); 7] = [
        (TWO, "[default]\naws_access_key_id = AKIA9\n"),
        ("[a]\nb = c\n", "[a]\nb = cc\n[d]\ne = f\n"),
        ("[a]\nb = c\n", "[x]\ny = z\n"),
        ("[a]\nb = c\n", "[x]\ny = z\n[d]\ne = f\n"),
        ("", "[a]\nb = c\n"),
        ("[a]\nb = c\n", ""),
        ("[a]\nb = 1\nb = 1\n", "[a]\nb = 1\n"),
    ];

    /// Every state that a kill can leave, by the number of bytes written.
    fn states(old: &str, new: &str) -> Vec<Vec<u8>> {
        let (length, new) = (old.len(), new.as_bytes());
        let ways = [steps(length, new), growing_steps(length, new)];
        let states = ways.iter().flat_map(|steps| states_of(old, new, steps));
        states.collect()
    }

    fn states_of(old: &str, new: &[u8], steps: &[Step]) -> Vec<Vec<u8>> {
        let mut now = old.as_bytes().to_vec();
        let mut states = vec![now.clone()];
        for step in steps {
            match step {
                Step::WriteAt(at, bytes, blank) => {
                    for (offset, byte) in padded(bytes, *blank).iter().enumerate() {
                        match now.get_mut(at + offset) {
                            Some(there) => *there = *byte,
                            None => now.push(*byte),
                        }
                        states.push(now.clone());
                    }
                }
                Step::Truncate(length) => {
                    now.truncate(*length);
                    states.push(now.clone());
                }
            }
        }
        assert_eq!(now, new);
        states
    }

    /// Where a pair for the file of `home` lies, and what its names contain: next to the file, or, where
    /// files have no owners, in the user's own folder.
    fn place_of_pair(home: &Home) -> (PathBuf, String) {
        if cfg!(unix) {
            return (home.folder.path().to_path_buf(), "credentials".to_owned());
        }
        let state = home.state();
        let stem = StateFolder::stem(&home.target()).into_string();
        let folder = state.made().expect("a folder").to_path_buf();
        (folder, stem.expect("text"))
    }

    fn leave_pair(home: &Home, old: &str, new: &str) -> (PathBuf, PathBuf) {
        let (folder, stem) = place_of_pair(home);
        let leave = |suffix: &str, content| {
            let path = folder.join(format!(".{stem}.awsmfa-aB3dE6gH9j{suffix}"));
            fs::write(&path, content).expect("written");
            #[cfg(unix)]
            crate::store::tests::set_mode(&path, 0o600);
            path
        };
        (leave(OLD, old), leave(NEW, new))
    }

    /// Checks that no file of a pair is left for the file of `home`.
    fn has_no_leftovers(home: &Home) {
        assert_eq!(home.names(), ["credentials"]);
        let (folder, _) = place_of_pair(home);
        let mut left = names(&folder);
        left.retain(|name| name != "credentials");
        assert_eq!(left, Vec::<String>::new());
    }

    fn nothing(file: &AwsFile) -> Report {
        let report = file.update(Mode::Rehearse, &mut |_| Ok(Vec::new()));
        report.expect("nothing to do")
    }

    #[test]
    fn a_write_that_was_cut_at_any_byte_is_finished() {
        for (old, new) in SHAPES {
            for (at, state) in states(old, new).iter().enumerate() {
                let home = Home::with(state);
                leave_pair(&home, old, new);
                home.file().read().expect("read");
                let expected = if state == old.as_bytes() { old } else { new };
                assert_eq!(
                    home.content(),
                    expected,
                    "after {at} bytes of {old:?} to {new:?}"
                );
                has_no_leftovers(&home);
            }
        }
    }

    #[test]
    fn every_step_does_something() {
        let whole: &[u8] = b"xyz";
        let write = |blank| Step::WriteAt(0, whole, blank);
        assert_eq!(steps(2, whole), [write(0)]);
        assert_eq!(steps(3, whole), [write(0)]);
        assert_eq!(steps(5, whole), [write(2), Step::Truncate(3)]);
        assert_eq!(growing_steps(3, whole), [write(0)]);
        assert_eq!(growing_steps(0, whole), [write(0)]);
        assert_eq!(growing_steps(3, b""), [Step::Truncate(0)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_grows_is_written_at_once_into_reserved_space() {
        use rustix::fs::{FallocateFlags, fallocate};
        use std::os::unix::fs::MetadataExt;
        let home = Home::with("[a]\n");
        let file = File::options().write(true).open(home.path());
        let file = file.expect("there");
        if fallocate(&file, FallocateFlags::KEEP_SIZE, 0, 4).is_err() {
            eprintln!("SKIPPED: this file system reserves no room");
            return;
        }
        let new = vec![b'#'; 1 << 20];
        assert_eq!(plan(&file, 4, &new).expect("a plan"), steps(4, &new));
        let there = file.metadata().expect("there");
        assert_eq!(there.len(), 4);
        assert!(there.blocks() * 512 >= 1 << 20, "{} blocks", there.blocks());
        // A file that gets shorter needs no space.
        assert_eq!(plan(&file, 4, b"#").expect("a plan"), steps(4, b"#"));
    }

    #[test]
    fn content_that_no_cut_leaves_is_not_an_interrupted_write() {
        for (now, old, new) in [
            ("", "abc", "xyz"),
            ("ab", "abc", "xyz"),
            ("ayc", "abc", "xyz"),
            ("abz", "abc", "xyz"),
            ("xyc!", "abc", "xyz"),
            ("abcx", "abc", "abcde"),
            ("xbcd", "abc", "xyzde"),
            ("zbc", "abc", "xyzde"),
            ("xyzdf", "abc", "xyzde"),
            ("xy", "abc", "xyzde"),
            ("xy", "abc", "x"),
        ] {
            assert!(
                !interrupted(now.as_bytes(), old.as_bytes(), new.as_bytes()),
                "{now} {old} {new}"
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_cut_write_waits_until_the_file_can_be_written_again() {
        use super::super::recover::recover;
        use crate::store::tests::Unwritable;
        let (before, meant) = ("[a]\nb = c\n", "[x]\ny = z\n");
        let cut = [&meant[..2], &before[2..]].concat();
        let home = Home::with(&cut);
        let (old, new) = leave_pair(&home, before, meant);
        let recovered = || recover(&home.target(), &home.state()).expect("no failure");
        {
            let Some(_unwritable) = Unwritable::make(&home.path()) else {
                return;
            };
            let said = recovered();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains("compare, then remove both"), "{said:?}");
            assert!(old.exists() && new.exists());
            assert_eq!(home.content(), cut);
        }
        assert_eq!(recovered(), Vec::<String>::new());
        assert_eq!(home.content(), meant);
        assert_eq!(home.names(), ["credentials"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_cut_write_of_something_that_is_no_longer_a_file_fails_and_names_the_old_content() {
        use super::super::recover::recover;
        let home = Home::new();
        fs::create_dir(home.path()).expect("a folder");
        let (old, new) = leave_pair(&home, TWO, "[x]\n");
        let failure = recover(&home.target(), &home.state()).expect_err("a failure");
        let said = format!("its old content is in {}", old.display());
        assert_eq!(failure.hint, Some(said), "{failure}");
        assert!(old.exists() && new.exists());
    }

    #[test]
    fn a_file_that_changed_since_keeps_everything_and_says_so_each_time() {
        let home = Home::with("[theirs]\na = b\n");
        let (old, new) = leave_pair(&home, TWO, "[x]\ny = z\n");
        for _ in 0..2 {
            let report = nothing(&home.file());
            let said = report.warnings.join("\n");
            for path in [&old, &new] {
                assert!(said.contains(&path.display().to_string()), "{said}");
            }
            assert_eq!(home.content(), "[theirs]\na = b\n");
            assert_eq!(fs::read_to_string(&old).expect("kept"), TWO);
        }
        // A later write in place does not replace it either.
        fs::hard_link(home.path(), home.folder.path().join("second")).expect("a link");
        let edits = || vec![edit("dev-mfa", &[("aws_access_key_id", Some("ASIA9"))])];
        let saved = home.file().update(Mode::Save, &mut |_| Ok(edits()));
        saved.expect("saved");
        assert!(home.content().contains("ASIA9"));
        assert_eq!(fs::read_to_string(&old).expect("kept"), TWO);
        assert_eq!(fs::read_to_string(&new).expect("kept"), "[x]\ny = z\n");
    }

    #[test]
    fn half_a_pair_means_a_whole_file_and_is_removed() {
        for half in [0, 1] {
            let home = Home::with(TWO);
            let (old, new) = leave_pair(&home, "[x]\n", "[y]\n");
            fs::remove_file([old, new][half].as_path()).expect("removed");
            assert_eq!(nothing(&home.file()).warnings, Vec::<String>::new());
            has_no_leftovers(&home);
            assert_eq!(home.content(), TWO);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_second_hard_link_keeps_its_inode_and_its_content() {
        use std::os::unix::fs::MetadataExt;
        let home = Home::with(TWO);
        let second = home.folder.path().join("second");
        fs::hard_link(home.path(), &second).expect("a link");
        let inode = fs::metadata(home.path()).expect("there").ino();
        for mode in [Mode::Rehearse, Mode::Save] {
            let edits = || vec![edit("dev-mfa", &[("aws_access_key_id", Some("ASIA9"))])];
            let report = home.file().update(mode, &mut |_| Ok(edits()));
            report.expect("written");
            let written = home.content().contains("ASIA9");
            assert_eq!(written, mode == Mode::Save);
            assert_eq!(home.names(), ["credentials", "second"]);
        }
        assert_eq!(fs::metadata(home.path()).expect("there").ino(), inode);
        assert_eq!(fs::read_to_string(&second).expect("there"), home.content());
        // Make it shorter again.
        let purge = || vec![edit("dev-mfa", &[("aws_access_key_id", None)])];
        home.file()
            .update(Mode::Save, &mut |_| Ok(purge()))
            .expect("written");
        assert!(!home.content().contains("ASIA9"));
        assert_eq!(fs::metadata(&second).expect("there").ino(), inode);
    }

    /// A replacement of the file in `old` by `[x]`.
    fn replacement<'a>(
        target: &'a Target,
        old: &'a Snapshot,
        mode: Mode,
        state: &'a StateFolder,
    ) -> Replacement<'a> {
        Replacement {
            target,
            old,
            new: b"[x]\n",
            mode,
            state,
        }
    }

    /// A target whose folder takes no file: the path is valid, but the folder is a file.
    fn without_folder(home: &Home) -> Target {
        let mut target = home.target();
        target.folder = home.path();
        target
    }

    #[test]
    fn the_backup_goes_to_the_state_folder_if_the_folder_takes_no_file() {
        let home = Home::with(TWO);
        let target = without_folder(&home);
        for mode in [Mode::Rehearse, Mode::Save] {
            let old = target.snapshot(Access::Write).expect("read");
            let outcome = write(&replacement(&target, &old, mode, &home.state()));
            assert_eq!(outcome.expect("written"), Outcome::Replaced);
            let state = home.state().0.expect("set");
            assert_eq!(names(&state), Vec::<String>::new());
        }
        assert_eq!(home.content(), "[x]\n");
    }

    #[test]
    fn without_a_place_for_a_backup_nothing_is_written() {
        let home = Home::with(TWO);
        let target = without_folder(&home);
        let old = target.snapshot(Access::Write).expect("read");
        let refused = write(&replacement(&target, &old, Mode::Save, &StateFolder(None)));
        let said = refused.expect_err("refused").to_string();
        assert!(said.starts_with("can't keep a backup of "), "{said}");
        assert_eq!(home.content(), TWO);
    }

    #[test]
    fn a_write_that_fails_and_can_not_be_undone_keeps_the_backup_and_names_it() {
        let home = Home::with(TWO);
        let target = home.target();
        // Opened read-only, so that every write fails.
        let old = target.snapshot(Access::Read).expect("read");
        let failed = write(&replacement(&target, &old, Mode::Save, &home.state()));
        let failure = failed.expect_err("failed");
        let (folder, _) = place_of_pair(&home);
        let backup = names(&folder).into_iter().find(|name| name.ends_with(OLD));
        let backup = backup.expect("the backup is kept");
        assert!(
            failure
                .hint
                .as_deref()
                .unwrap_or_default()
                .contains(&backup)
        );
        assert_eq!(fs::read_to_string(folder.join(backup)).expect("kept"), TWO);
        // The file is whole after all, so the next run tidies up.
        assert_eq!(nothing(&home.file()).warnings, Vec::<String>::new());
        has_no_leftovers(&home);
        assert_eq!(home.content(), TWO);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_backup() {
        use std::os::unix::fs::PermissionsExt;
        let home = Home::with(TWO);
        let old = home.target().snapshot(Access::Write).expect("read");
        let made = pair(&replacement(
            &home.target(),
            &old,
            Mode::Save,
            &home.state(),
        ));
        let (backup, coming) = made.expect("made");
        for (file, bytes) in [(&backup, TWO), (&coming, "[x]\n")] {
            let mode = fs::metadata(file.path())
                .expect("there")
                .permissions()
                .mode();
            assert_eq!(mode & 0o7777, 0o600);
            assert_eq!(fs::read_to_string(file.path()).expect("there"), bytes);
        }
        assert_eq!(backup.path().with_extension(&NEW[1..]), coming.path());
    }

    #[test]
    fn a_file_that_changed_is_not_written_in_place() {
        let home = Home::with(TWO);
        let old = home.target().snapshot(Access::Write).expect("read");
        fs::write(home.path(), "[theirs]\n").expect("written");
        let outcome = write(&replacement(
            &home.target(),
            &old,
            Mode::Save,
            &home.state(),
        ));
        assert_eq!(
            outcome.expect("no failure"),
            Outcome::Overtaken { kept: None }
        );
        assert_eq!(home.content(), "[theirs]\n");
        assert_eq!(home.names(), ["credentials"]);
    }
}
