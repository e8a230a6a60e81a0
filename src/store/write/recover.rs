//! Tidies up after a run that was killed: temporary files go, and a write in place that was cut
//! short is finished. It touches nothing but under the file's lock, believes no file that is not
//! provably awsmfa's own, and never writes to a file that is not exactly what such a write leaves.

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

/// Everything that has the name of something left for `target`, beside it and in the state folder. A
/// folder that can't be listed is one that awsmfa has not written to.
fn all(target: &Target, state: &StateFolder) -> Leftovers {
    let mut all = leftovers::find(&target.folder, &target.name).unwrap_or_default();
    if cfg!(not(unix)) {
        // Without owners, only what lies in the user's own folder is believed.
        (all.pairs, all.halves) = (Vec::new(), Vec::new());
    }
    if let Some(folder) = state.0.as_deref().filter(|folder| folder.is_dir()) {
        let there = leftovers::find(folder, &StateFolder::stem(target)).unwrap_or_default();
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

/// What killed runs left for `target`, and what becomes of it. Touches nothing.
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

/// Tidies up after killed runs. The caller holds the lock of `target`, so no other run is alive.
/// Returns what a person must know.
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

/// What can't be removed is found by the next run, and does no harm.
#[expect(
    clippy::disallowed_methods,
    reason = "what is removed is what a killed run left"
)]
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Whether what lies at the place of `swap` is what a run had read or was about to write; none where
/// it is gone.
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

/// What became of a pair.
enum Settled<'a> {
    /// The file is whole, and the pair gone.
    Finished,
    /// The file is nothing that the write leaves, or may not be written now.
    Changed,
    /// One of the pair is not to be believed; why.
    Strange(&'a Path, &'static str),
}

/// Ends the write in place that left `old` and `new`.
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
        // Can't be written to now, so it can't be finished now either; the caller finds out why.
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
