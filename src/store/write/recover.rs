//! Tidies up after a killed run: removes temporary files, and finishes a write in place that was cut
//! short. It only acts under the file's lock, trusts no file that is not provably awsmfa's own, and
//! never writes to a file unless it is exactly as such a write leaves it.

use super::inplace::{interrupted, overwrite, remove_pair};
use super::leftovers::{self, Leftovers, Swap};
use super::trust::{self, Leftover};
use crate::exit::{Failure, Result};
use crate::store::folder::refuses;
use crate::store::limit;
use crate::store::notices::Notice;
use crate::store::state::StateFolder;
use crate::store::target::{Access, Target, content};
use crate::text::io_message;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

/// Everything named like a leftover for `target`, next to it and in the state folder. awsmfa has never
/// written to a folder that can't be listed.
fn all(target: &Target, state: &StateFolder) -> Leftovers {
    let mut all = leftovers::find(&target.folder, &target.name);
    if cfg!(not(unix)) {
        // Without owners, pairs are only trusted in the user's own folder.
        (all.pairs, all.halves) = (Vec::new(), Vec::new());
    }
    if let Some(folder) = state.0.as_deref().filter(|folder| folder.is_dir()) {
        let there = leftovers::find(folder, &StateFolder::stem(target));
        all.temporary.extend(there.temporary);
        all.swaps.extend(there.swaps);
        all.pairs.extend(there.pairs);
        all.halves.extend(there.halves);
    }
    all
}

/// Whether a write in place of `target` is under way, or was cut short.
pub(in crate::store) fn is_pending(target: &Target, state: &StateFolder) -> bool {
    let is_ours = |path: &Path| matches!(trust::open(path), Ok(Leftover::Ours(_)));
    let pairs = all(target, state).pairs;
    pairs.iter().any(|(old, new)| is_ours(old) && is_ours(new))
}

/// What killed runs left for `target`, and what will happen to it. Touches nothing.
pub(in crate::store) fn look(target: &Target, state: &StateFolder) -> Vec<Notice> {
    let left = all(target, state);
    let aws_file = fs::metadata(&target.path).ok();
    let goes = |path: &Path| Notice {
        what: format!("an interrupted write left {}", path.display()),
        remedy: Some("the next sign-in removes it".to_owned()),
    };
    let stays = |what: String| Notice {
        what,
        remedy: Some("check what it is, then remove it".to_owned()),
    };
    let mut found = Vec::new();
    for path in left.temporary.iter().chain(&left.halves) {
        match trust::open(path) {
            Ok(Leftover::Ours(_)) => found.push(goes(path)),
            Ok(Leftover::Strange(why)) => found.push(stays(strange(path, why))),
            Ok(Leftover::Nothing) => {}
            Err(error) => found.push(stays(strange(path, &cannot_be_opened(&error)))),
        }
    }
    for swap in &left.swaps {
        match is_known(swap, aws_file.as_ref()) {
            Ok(Some(true)) => found.push(goes(&swap.path)),
            Ok(Some(false)) => found.push(may_be_anothers(swap, target)),
            Ok(None) => {}
            Err(error) => found.push(stays(strange(&swap.path, &cannot_be_opened(&error)))),
        }
    }
    for (old, new) in &left.pairs {
        let is_ours = |path: &Path| matches!(trust::open(path), Ok(Leftover::Ours(_)));
        found.push(match is_ours(old) && is_ours(new) {
            true => Notice {
                what: format!(
                    "a write of {} was cut short; its old content is in {}",
                    target.path.display(),
                    old.display()
                ),
                remedy: Some("the next sign-in, or `awsmfa status`, finishes it".to_owned()),
            },
            false => stays(strange(old, "or its counterpart can't be trusted")),
        });
    }
    found
}

fn strange(path: &Path, why: &str) -> String {
    format!(
        "{} {why}, although it has one of awsmfa's names: it is left unchanged",
        path.display()
    )
}

fn may_be_anothers(swap: &Swap, target: &Target) -> Notice {
    Notice {
        what: format!(
            "{} may hold what another program wrote to {} while awsmfa was killed",
            swap.path.display(),
            target.path.display()
        ),
        remedy: Some("compare, then remove it".to_owned()),
    }
}

/// Tidies up after killed runs. The caller holds the lock of `target`, so no other run is alive. Returns
/// warnings for the user.
pub(in crate::store) fn recover(target: &Target, state: &StateFolder) -> Result<Vec<String>> {
    let left = all(target, state);
    let mut warnings = Vec::new();
    for path in left.temporary.iter().chain(&left.halves) {
        match trust::open(path) {
            Ok(Leftover::Ours(_)) => remove(path),
            Ok(Leftover::Strange(why)) => warnings.push(strange(path, why)),
            Ok(Leftover::Nothing) => {}
            Err(error) => warnings.push(strange(path, &cannot_be_opened(&error))),
        }
    }
    let aws_file = fs::metadata(&target.path).ok();
    for swap in &left.swaps {
        match is_known(swap, aws_file.as_ref()) {
            Ok(Some(true)) => remove(&swap.path),
            Ok(Some(false)) => warnings.push(may_be_anothers(swap, target).to_string()),
            Ok(None) => {}
            Err(error) => warnings.push(strange(&swap.path, &cannot_be_opened(&error))),
        }
    }
    for (old, new) in &left.pairs {
        let settled = settle(target, old, new).map_err(|error| {
            Failure::failed(format!(
                "a write of {} was cut short, and can't be finished: {}",
                target.path.display(),
                io_message(&error)
            ))
            .hint(format!("its old content is in {}", old.display()))
        })?;
        match settled {
            Settled::Finished => {}
            Settled::Changed => warnings.push(format!(
                "a write of {} was cut short and the file has changed since; kept its content before ({}) and the content meant for it ({}): compare, then remove both",
                target.path.display(),
                old.display(),
                new.display()
            )),
            Settled::Strange(which, why) => warnings.push(strange(which, why)),
        }
    }
    Ok(warnings)
}

fn cannot_be_opened(error: &io::Error) -> String {
    format!("can't be opened ({})", io_message(error))
}

/// If it can't be removed, the next run finds it, and it does no harm.
#[expect(
    clippy::disallowed_methods,
    reason = "what is removed is what a killed run left"
)]
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Whether the file of `swap` holds what a run had read or was about to write; `None` if it is gone.
fn is_known(swap: &Swap, aws_file: Option<&Metadata>) -> io::Result<Option<bool>> {
    Ok(match trust::open_swap(&swap.path, aws_file)? {
        Leftover::Ours(mut file) => Some(swap.is_known(&read(&mut file)?)),
        Leftover::Strange(_) => Some(false),
        Leftover::Nothing => None,
    })
}

fn read(file: &mut File) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = file.metadata()?.len();
    content(file, length)
}

/// What happened to a pair.
enum Settled<'a> {
    /// The file is whole, and the pair is gone.
    Finished,
    /// The file is not as such a write leaves it, or can't be written now.
    Changed,
    /// One file of the pair can't be trusted, with the reason.
    Strange(&'a Path, &'static str),
}

/// Finishes the write in place that left `old` and `new`.
fn settle<'a>(target: &Target, old: &'a Path, new: &'a Path) -> io::Result<Settled<'a>> {
    let mut pair = Vec::new();
    for path in [old, new] {
        match trust::open(path)? {
            Leftover::Ours(mut file) => pair.push(read(&mut file)?),
            Leftover::Strange(why) => return Ok(Settled::Strange(path, why)),
            Leftover::Nothing => return Ok(Settled::Finished),
        }
    }
    let [before, meant] = pair.as_slice() else {
        return Ok(Settled::Changed);
    };
    let now = match target.snapshot(Access::Write) {
        Ok(now) => now,
        // The file can't be written now, so the write can't be finished either; the caller finds out
        // why.
        Err(error) if refuses(&error) => return Ok(Settled::Changed),
        Err(error) => return Err(error),
    };
    let Some(found) = &now.found else {
        return Ok(Settled::Changed);
    };
    if *now.bytes != *before && *now.bytes != *meant {
        if !interrupted(&now.bytes, before, meant) {
            return Ok(Settled::Changed);
        }
        limit::check(before.len().max(meant.len()))?;
        overwrite(&*found.file()?, now.bytes.len(), meant)?;
    }
    remove_pair(old, new);
    Ok(Settled::Finished)
}
