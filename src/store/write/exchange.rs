//! Lets a file change places with the AWS file, and looks at what came out, so that what another
//! program wrote in the last moment is put back and not lost. It does not write to either.

use super::leftovers::Swap;
use crate::store::folder;
use crate::store::target::{Access, Snapshot, Target};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What became of an exchange.
pub(super) enum Exchanged {
    /// The new bytes are in place, and what came out was what was read.
    Done,
    /// Another program was faster: its file is in place again. `kept`: so fast that both its files
    /// stay, the earlier one here.
    Overtaken { kept: Option<PathBuf> },
    /// The system or the file system knows no exchange, or refuses this one. Nothing has changed.
    Impossible(Swap),
}

/// How often files change places before two of another program's are both left where they are.
const TURNS: usize = 8;

/// Puts the file of `swap` in the place of `target`, which `old` shows, if that is still so.
pub(super) fn exchange(swap: Swap, target: &Target, old: &Snapshot) -> io::Result<Exchanged> {
    let Some(ours) = state(&swap.path) else {
        return Err(ErrorKind::NotFound.into());
    };
    // Cheap, and seldom in vain: readers that see the new file for a moment may miss what another
    // program has just written.
    if !old.is_at(&target.path) {
        remove(&swap.path);
        return Ok(Exchanged::Overtaken { kept: None });
    }
    match swap_names(&swap.path, &target.path) {
        Ok(()) => Ok(settle(swap, target, old, &ours)),
        Err(_) => Ok(Exchanged::Impossible(swap)),
    }
}

/// Looks at what came out, which is at the path of `swap` now, while `ours` is in place.
fn settle(swap: Swap, target: &Target, old: &Snapshot, ours: &State) -> Exchanged {
    if is_as_read(&swap.path, old) && holds(&swap, old) {
        remove(&swap.path);
        // The exchange succeeded; a failed sync of the folder is not worth an error.
        let _ = folder::sync(&target.folder);
        return Exchanged::Done;
    }
    // Back at once with what came out. Where what comes out then is not ours, yet another file had
    // taken its place: that one is the newest, and goes back in turn. What was written before it is
    // kept, as nobody can tell whether its writer had seen it.
    let mut put_in = None;
    for _ in 0..TURNS {
        let theirs = state(&swap.path);
        if theirs.is_none() || swap_names(&swap.path, &target.path).is_err() {
            break;
        }
        let came_out = state(&swap.path);
        if came_out.as_ref() == Some(ours) {
            remove(&swap.path);
            return Exchanged::Overtaken { kept: None };
        }
        if came_out.is_some() && came_out == put_in {
            break;
        }
        put_in = theirs;
    }
    Exchanged::Overtaken {
        kept: Some(swap.path),
    }
}

/// Whether what is at `path` is the file that `old` shows, by all but its bytes. Its change time is
/// no part of that: an exchange sets it.
fn is_as_read(path: &Path, old: &Snapshot) -> bool {
    let Some(found) = &old.found else {
        return false;
    };
    state(path).is_some_and(|state| Some(state) == State::of(&found.metadata))
}

fn holds(swap: &Swap, old: &Snapshot) -> bool {
    let target = Target::at(&swap.path);
    target
        .snapshot(Access::Read)
        .is_ok_and(|now| now.bytes == old.bytes)
}

#[expect(clippy::disallowed_methods, reason = "what came out, or never went in")]
fn remove(path: &Path) {
    // What can't be removed proves what it is to the next run.
    let _ = fs::remove_file(path);
}

/// What tells two states of a file apart without its bytes and its change time.
#[derive(PartialEq)]
struct State {
    #[cfg(unix)]
    identity: (u64, u64, u64),
    #[cfg(unix)]
    rights: (u32, u32, u32),
    length: u64,
    modified: std::time::SystemTime,
}

impl State {
    fn of(metadata: &fs::Metadata) -> Option<Self> {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            #[cfg(unix)]
            identity: (metadata.dev(), metadata.ino(), metadata.nlink()),
            #[cfg(unix)]
            rights: (metadata.mode(), metadata.uid(), metadata.gid()),
            length: metadata.len(),
            modified: metadata.modified().ok()?,
        })
    }
}

/// The state of what is at `path`, a link itself included.
fn state(path: &Path) -> Option<State> {
    State::of(&fs::symlink_metadata(path).ok()?)
}

/// Lets two names change places, in one step.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn swap_names(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Other systems have no such step.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn swap_names(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(all(test, any(target_os = "linux", target_vendor = "apple")))]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};
    use std::fs::File;

    const OURS: &str = "[ours]\n";

    /// What another program does to the file of a home that was read before.
    type Neighbour<'a> = &'a dyn Fn(&Home, &Snapshot);

    /// Ours beside the file of `home`, ready to change places with it, and the file as it was read.
    fn ready(home: &Home) -> (Swap, Target, Snapshot) {
        let target = home.target();
        let old = target.snapshot(Access::Write).expect("read");
        let temporary = home
            .folder
            .path()
            .join(".credentials.awsmfa-aB3dE6gH9j.tmp");
        let swap = Swap::of(&temporary, TWO.as_bytes(), OURS.as_bytes());
        fs::write(&swap.path, OURS).expect("written");
        (swap, target, old)
    }

    #[test]
    fn the_new_file_takes_the_place_of_the_one_that_was_read() {
        let home = Home::with(TWO);
        let (swap, target, old) = ready(&home);
        let done = exchange(swap, &target, &old).expect("exchanged");
        assert!(matches!(done, Exchanged::Done));
        assert_eq!(home.content(), OURS);
        assert_eq!(home.names(), ["credentials"]);
    }

    #[test]
    fn what_another_program_put_there_is_there_again() {
        let theirs = TWO.replace("s2", "s9");
        let write = |home: &Home| fs::write(home.path(), &theirs).expect("written");
        let keep_time = |home: &Home, old: &Snapshot| {
            let modified = old.found.as_ref().expect("there").metadata.modified();
            let file = File::options().write(true).open(home.path()).expect("open");
            file.set_modified(modified.expect("a time")).expect("set");
        };
        let renames = |home: &Home, _: &Snapshot| {
            fs::write(home.folder.path().join("theirs"), &theirs).expect("written");
            fs::rename(home.folder.path().join("theirs"), home.path()).expect("renamed");
        };
        let writes = |home: &Home, _: &Snapshot| write(home);
        // As many bytes, and so soon that the clock of the file system has not moved.
        let hides = |home: &Home, old: &Snapshot| {
            write(home);
            keep_time(home, old);
        };
        let links = |home: &Home, old: &Snapshot| {
            write(home);
            keep_time(home, old);
            fs::hard_link(home.path(), home.folder.path().join("second")).expect("a link");
        };
        let ways: [(&str, Neighbour); 4] = [
            ("renames", &renames),
            ("writes", &writes),
            ("hides", &hides),
            ("links", &links),
        ];
        for (way, neighbour) in ways {
            let home = Home::with(TWO);
            let (swap, target, old) = ready(&home);
            neighbour(&home, &old);
            let overtaken = exchange(swap, &target, &old).expect("exchanged");
            assert!(
                matches!(overtaken, Exchanged::Overtaken { kept: None }),
                "{way}"
            );
            assert_eq!(home.content(), theirs, "{way}");
            assert!(!home.names().concat().contains("awsmfa"), "{way}");
        }
    }

    #[test]
    fn another_file_of_the_same_bytes_is_not_the_one_that_was_read() {
        let home = Home::with(TWO);
        let (_, target, old) = ready(&home);
        assert!(is_as_read(&target.path, &old));
        let other = home.leave("other", TWO);
        assert!(!is_as_read(&other, &old));
        assert!(!is_as_read(&home.folder.path().join("none"), &old));
    }

    /// Ours in place of the file of `home`, and what became of it after `meanwhile`.
    fn settled(home: &Home, meanwhile: impl Fn(&Home, &Path)) -> Exchanged {
        let (swap, target, old) = ready(home);
        let ours = state(&swap.path).expect("there");
        swap_names(&swap.path, &target.path).expect("exchanged");
        meanwhile(home, &swap.path);
        settle(swap, &target, &old, &ours)
    }

    #[test]
    fn what_came_out_with_other_bytes_goes_back() {
        let home = Home::with(TWO);
        let theirs = TWO.replace("s2", "s9");
        // Written before the exchange, by a program that keeps the time.
        let overtaken = settled(&home, |_, came_out| {
            let modified = fs::metadata(came_out).expect("there").modified();
            fs::write(came_out, &theirs).expect("written");
            let file = File::options().write(true).open(came_out).expect("open");
            file.set_modified(modified.expect("a time")).expect("set");
        });
        assert!(matches!(overtaken, Exchanged::Overtaken { kept: None }));
        assert_eq!(home.content(), theirs);
        assert_eq!(home.names(), ["credentials"]);
    }

    #[test]
    fn where_two_were_faster_the_last_is_in_place_and_the_first_is_kept() {
        let renames = |home: &Home| {
            let path = home.folder.path().join("theirs");
            fs::write(&path, "[last]\n").expect("written");
            fs::rename(path, home.path()).expect("renamed");
        };
        let writes = |home: &Home| fs::write(home.path(), "[last]\n").expect("written");
        let ways: [&dyn Fn(&Home); 2] = [&renames, &writes];
        for way in ways {
            let home = Home::with(TWO);
            let overtaken = settled(&home, |home, came_out| {
                fs::write(came_out, "[first]\n").expect("written");
                way(home);
            });
            let Exchanged::Overtaken { kept: Some(kept) } = overtaken else {
                panic!("nothing is kept");
            };
            assert_eq!(home.content(), "[last]\n");
            assert_eq!(fs::read_to_string(kept).expect("kept"), "[first]\n");
        }
    }

    #[test]
    fn what_came_out_and_is_gone_is_nobodys_to_lose() {
        let home = Home::with(TWO);
        let ended = settled(&home, |_, came_out| {
            fs::remove_file(came_out).expect("removed")
        });
        assert!(matches!(ended, Exchanged::Overtaken { kept: Some(_) }));
        assert_eq!(home.content(), OURS);
    }

    #[test]
    fn a_change_of_rights_is_another_programs_too() {
        let home = Home::with(TWO);
        let (swap, target, old) = ready(&home);
        crate::store::tests::set_mode(&home.path(), 0o640);
        let overtaken = exchange(swap, &target, &old).expect("exchanged");
        assert!(matches!(overtaken, Exchanged::Overtaken { kept: None }));
        assert_eq!(home.content(), TWO);
    }

    #[test]
    fn a_file_that_is_gone_stays_gone() {
        let home = Home::with(TWO);
        let (swap, target, old) = ready(&home);
        fs::remove_file(home.path()).expect("removed");
        let overtaken = exchange(swap, &target, &old).expect("exchanged");
        assert!(matches!(overtaken, Exchanged::Overtaken { kept: None }));
        assert_eq!(home.names(), Vec::<String>::new());
    }
}
