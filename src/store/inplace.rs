//! Owns the write over a file's own bytes, for where a rename can't be or would harm: a mounted
//! file, a second hard link, a folder that takes no new file, an owner we can't give.
//!
//! The old and the new bytes lie safe in two files of the user's before the first byte is written.
//! The old bytes' file is made first and removed first, so that half a pair always means a whole
//! AWS file: the write had not begun, or it was done.

use super::leftovers::{self, OLD};
use super::replace::Outcome;
use super::state::StateFolder;
use super::target::{Access, Snapshot, Target};
use super::{Mode, failure, spoken};
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// One step of a write in place. Killed anywhere, the file is one that [`interrupted`] knows.
#[derive(Debug, PartialEq)]
pub(super) enum Step<'a> {
    WriteAt(usize, &'a [u8]),
    Truncate(usize),
}

/// The steps that turn a file of `old` bytes into `new`: what grows it comes first, because that is
/// what a full disk refuses, while nothing is lost yet.
pub(super) fn steps(old: usize, new: &[u8]) -> Vec<Step<'_>> {
    let kept = old.min(new.len());
    let mut steps = Vec::new();
    if new.len() > old {
        steps.push(Step::WriteAt(old, &new[old..]));
    }
    if kept > 0 {
        steps.push(Step::WriteAt(0, &new[..kept]));
    }
    if new.len() < old {
        steps.push(Step::Truncate(new.len()));
    }
    steps
}

/// Whether `now` is what a kill leaves of [`steps`] from `old` to `new`, begun and not done.
pub(super) fn interrupted(now: &[u8], old: &[u8], new: &[u8]) -> bool {
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

/// Carries out `steps` on `file` and waits until the disk has them.
pub(super) fn carry_out(mut file: &File, steps: &[Step]) -> io::Result<()> {
    for step in steps {
        match step {
            Step::WriteAt(at, bytes) => {
                file.seek(SeekFrom::Start(*at as u64))?;
                file.write_all(bytes)?;
            }
            Step::Truncate(length) => file.set_len(*length as u64)?,
        }
    }
    file.sync_all()
}

/// Writes `new` over the file that `old` shows, which must be there and open for writing. A
/// rehearsal makes the two files and removes them again.
pub(super) fn write(
    target: &Target,
    old: &Snapshot,
    new: &[u8],
    mode: Mode,
    state: &StateFolder,
) -> anyhow::Result<Outcome> {
    let Some(found) = &old.found else {
        return Err(failure(format!("{} can't be created", target.path.display())).into());
    };
    let (backup, coming) = pair(target, old, new, mode, state).map_err(|error| {
        failure(format!(
            "no place for a backup of {} while it is written: {}",
            target.path.display(),
            spoken(&error)
        ))
        .hint(format!(
            "make room in {} or let it be written to",
            target.folder.display()
        ))
    })?;
    if mode == Mode::Rehearse {
        return Ok(Outcome::Replaced);
    }
    if !target.snapshot(Access::Look)?.same(old) {
        return Ok(Outcome::Overtaken);
    }
    // From here on a kill must find both.
    let backup = kept(backup)?;
    let coming = kept(coming)?;
    let wrote = carry_out(&found.file, &steps(old.bytes.len(), new));
    if let Err(error) = wrote {
        let mut file = &found.file;
        let restored = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&old.bytes))
            .and_then(|()| file.set_len(old.bytes.len() as u64))
            .and_then(|()| file.sync_all());
        let message = format!("can't write {}: {}", target.path.display(), spoken(&error));
        return Err(match restored {
            Ok(()) => {
                remove_pair(&backup, &coming);
                failure(format!("{message}; it is as it was"))
                    .hint("make room on its disk, then run this again")
                    .into()
            }
            Err(_) => failure(format!("{message}; it is damaged"))
                .hint(format!(
                    "its old content is in {}: copy it back",
                    backup.display()
                ))
                .into(),
        });
    }
    remove_pair(&backup, &coming);
    Ok(Outcome::Replaced)
}

/// Removes a pair in the order that this module's head gives the reason for. What can't be removed
/// is found by the next run.
pub(super) fn remove_pair(old: &Path, new: &Path) {
    if fs::remove_file(old).is_ok() {
        let _ = fs::remove_file(new);
    }
}

/// The old and the new bytes in two files, safe on the disk: beside the file, else in the state
/// folder.
fn pair(
    target: &Target,
    old: &Snapshot,
    new: &[u8],
    mode: Mode,
    state: &StateFolder,
) -> io::Result<(NamedTempFile, NamedTempFile)> {
    let (folder, backup) = match leftovers::create(&target.folder, &target.name, OLD) {
        Ok(backup) => (target.folder.as_path(), backup),
        Err(beside) => {
            let folder = state.made().map_err(|_| beside)?;
            let stem = StateFolder::stem(target);
            (folder, leftovers::create(folder, &stem, OLD)?)
        }
    };
    let fill = |mut file: &File, bytes: &[u8]| {
        file.write_all(bytes)?;
        match mode {
            Mode::Rehearse => Ok(()),
            Mode::Save => file.sync_all(),
        }
    };
    fill(backup.as_file(), &old.bytes)?;
    let coming = leftovers::create_partner(backup.path())?;
    fill(coming.as_file(), new)?;
    if mode == Mode::Save {
        sync_folder(folder)?;
    }
    Ok((backup, coming))
}

fn kept(file: NamedTempFile) -> io::Result<PathBuf> {
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

/// Waits until the disk has the names in `folder`. Only Unix can ask for that.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
