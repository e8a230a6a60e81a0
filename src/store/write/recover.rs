//! Tidies up after a run that was killed: temporary files go, and a write in place that was cut
//! short is finished. It touches nothing but under the file's lock, and never writes to a file that
//! is not exactly what such a write leaves.

use super::inplace::{carry_out, interrupted, remove_pair, steps};
use super::leftovers::{self, Leftovers};
use super::limit;
use crate::exit::{Failure, Result};
use crate::store::state::StateFolder;
use crate::store::target::{Access, Target, content};
use crate::text::io_message;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Everything left for `target`, beside it and in the state folder. A folder that can't be listed
/// is one that awsmfa has not written to.
fn all(target: &Target, state: &StateFolder) -> Leftovers {
    let mut all = leftovers::find(&target.folder, &target.name).unwrap_or_default();
    if let Some(folder) = state.0.as_deref().filter(|folder| folder.is_dir()) {
        let there = leftovers::find(folder, &StateFolder::stem(target)).unwrap_or_default();
        all.temporary.extend(there.temporary);
        all.pairs.extend(there.pairs);
        all.halves.extend(there.halves);
    }
    all
}

/// Whether a write in place of `target` is under way, or was cut short.
pub(in crate::store) fn is_pending(target: &Target, state: &StateFolder) -> bool {
    !all(target, state).pairs.is_empty()
}

/// Tidies up after killed runs. The caller holds the lock of `target`, so no other run is alive.
/// Returns what a person must know.
#[expect(
    clippy::disallowed_methods,
    reason = "what is removed is what a killed run left"
)]
pub(in crate::store) fn recover(target: &Target, state: &StateFolder) -> Result<Vec<String>> {
    let left = all(target, state);
    // What can't be removed is found by the next run, and does no harm.
    for path in left.temporary.iter().chain(&left.halves) {
        let _ = fs::remove_file(path);
    }
    let mut warnings = Vec::new();
    for (old, new) in &left.pairs {
        let settled = settle(target, old, new).map_err(|error| {
            Failure::failed(format!(
                "a write of {} was cut short, and can't be finished: {}",
                target.path.display(),
                io_message(&error)
            ))
            .hint(format!("its old content is in {}", old.display()))
        })?;
        if !settled {
            warnings.push(format!(
                "a write of {} was cut short and the file has changed since; kept its content before ({}) and the content meant for it ({}): compare, then remove both",
                target.path.display(),
                old.display(),
                new.display()
            ));
        }
    }
    Ok(warnings)
}

/// Ends the write in place that left `old` and `new`. `false`: the file is nothing that it leaves.
#[expect(clippy::disallowed_methods, reason = "the pair that a write left")]
fn settle(target: &Target, old: &Path, new: &Path) -> io::Result<bool> {
    let read = |path| {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        content(&mut file, length)
    };
    let (before, meant) = (read(old)?, read(new)?);
    let now = match target.snapshot(Access::Write) {
        Ok(now) => now,
        // Can't be written to now, so it can't be finished now either; the caller finds out why.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(false),
        Err(error) => return Err(error),
    };
    let Some(found) = &now.found else {
        return Ok(false);
    };
    if *now.bytes != before && *now.bytes != meant {
        if !interrupted(&now.bytes, &before, &meant) {
            return Ok(false);
        }
        limit::check(before.len().max(meant.len()))?;
        carry_out(&*found.file()?, &steps(before.len(), &meant))?;
    }
    remove_pair(old, new);
    Ok(true)
}
