//! Exchanges a file with the AWS file and checks what came out, so that what another program wrote at
//! the last moment is put back and not lost. It writes to neither file.

use super::leftovers::Swap;
use crate::store::folder;
use crate::store::target::{Access, Snapshot, Target};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The result of an exchange.
pub(super) enum Exchanged {
    /// The new bytes are in place, and what came out was what had been read.
    Done,
    /// Another program was faster, and its file is in place again. `kept`: it was so fast that two of
    /// its files remain, and the earlier one is here.
    Overtaken { kept: Option<PathBuf> },
    /// The system or the file system has no exchange, or refuses this one. Nothing has changed.
    Impossible(Swap),
}

/// How often files change places before two files of another program are both left where they are.
const TURNS: usize = 8;

/// Puts the file of `swap` in place of `target`, if that is still as `old` shows it.
pub(super) fn exchange(swap: Swap, target: &Target, old: &Snapshot) -> io::Result<Exchanged> {
    let Some(ours) = state(&swap.path) else {
        return Err(ErrorKind::NotFound.into());
    };
    // Cheap, and worth it: readers that see the new file for a moment would miss what another program
    // has just written.
    if !old.is_at(&target.path) {
        remove(&swap.path);
        return Ok(Exchanged::Overtaken { kept: None });
    }
    match swap_names(&swap.path, &target.path) {
        Ok(()) => Ok(settle(swap, target, old, &ours)),
        Err(_) => Ok(Exchanged::Impossible(swap)),
    }
}

/// Checks what came out, which is at the path of `swap` now, while `ours` is in place.
fn settle(swap: Swap, target: &Target, old: &Snapshot, ours: &State) -> Exchanged {
    if is_as_read(&swap.path, old) && holds(&swap, old) {
        remove(&swap.path);
        // The exchange succeeded; a failed sync of the folder is not worth an error.
        let _ = folder::sync(&target.folder);
        return Exchanged::Done;
    }
    // Put back at once what came out. If the file that comes out then is not ours, yet another one had
    // replaced ours: that one is the newest, and goes back in turn. The earlier one is kept, because
    // nobody can tell whether the later writer had seen it.
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

/// Whether the file at `path` is the one that `old` shows, judged by everything but its bytes and its
/// change time, which an exchange sets.
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
    // If it can't be removed, the next run recognises it by its content.
    let _ = fs::remove_file(path);
}

/// What tells two states of a file apart, without its bytes and its change time.
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

/// The state of `path`, without following a link.
fn state(path: &Path) -> Option<State> {
    State::of(&fs::symlink_metadata(path).ok()?)
}

/// Exchanges two names in one step.
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

    /// What another program does to the file of a home after we have read it.
    type Neighbour<'a> = &'a dyn Fn(&Home, &Snapshot);

    /// Our file next to the file of `home`, ready to change places with it, and the file as it was read.
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
    fn a_file_that_another_program_put_there_is_restored() {
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
        // The same number of bytes, and so soon that the clock of the file system has not moved.
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

    /// Puts our file in place of the file of `home`, and returns how that ends after `meanwhile`.
    fn settled(home: &Home, meanwhile: impl Fn(&Home, &Path)) -> Exchanged {
        let (swap, target, old) = ready(home);
        let ours = state(&swap.path).expect("there");
        swap_names(&swap.path, &target.path).expect("exchanged");
        meanwhile(home, &swap.path);
        settle(swap, &target, &old, &ours)
    }

    #[test]
    fn a_file_that_came_out_with_other_bytes_goes_back() {
        let home = Home::with(TWO);
        let theirs = TWO.replace("s2", "s9");
        // Written before the exchange, by a program that preserves the time.
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
    fn if_two_programs_were_faster_the_last_file_is_in_place_and_the_first_is_kept() {
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
    fn a_file_that_came_out_and_was_removed_is_not_lost_by_us() {
        let home = Home::with(TWO);
        let ended = settled(&home, |_, came_out| {
            fs::remove_file(came_out).expect("removed")
        });
        assert!(matches!(ended, Exchanged::Overtaken { kept: Some(_) }));
        assert_eq!(home.content(), OURS);
    }

    #[test]
    fn a_change_of_rights_counts_as_a_change_by_another_program() {
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
