//! Says what is to be put in the place of a file, and what came of it. It does nothing itself.

use crate::store::state::StateFolder;
use crate::store::target::{Snapshot, Target};
use std::path::PathBuf;

/// Whether an update is only to find out if it could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything but the last step: the file keeps its bytes, and no temporary file stays.
    Rehearse,
    /// All of it.
    Save,
}

/// New bytes for the file that `old` shows, if it still is that file.
pub(in crate::store) struct Replacement<'a> {
    pub(in crate::store) target: &'a Target,
    pub(in crate::store) old: &'a Snapshot,
    pub(in crate::store) new: &'a [u8],
    pub(in crate::store) mode: Mode,
    /// For what finds no place beside the file.
    pub(in crate::store) state: &'a StateFolder,
}

/// What became of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Outcome {
    /// The new bytes are there; or, in a rehearsal, they could be.
    Replaced,
    /// The file is no longer the one that was read: what is there is another program's. `kept`: so
    /// is what this file holds, which it wrote a moment before.
    Overtaken { kept: Option<PathBuf> },
}
