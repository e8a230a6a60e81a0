//! Describes a replacement for a file, and its outcome. It does nothing itself.

use crate::store::state::StateFolder;
use crate::store::target::{Snapshot, Target};
use std::path::PathBuf;

/// Whether an update is made, or only tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything but the last step: the file keeps its bytes, and no temporary file stays.
    Rehearse,
    /// All steps.
    Save,
}

/// New bytes for the file that `old` shows, if it is still the same.
pub(in crate::store) struct Replacement<'a> {
    pub(in crate::store) target: &'a Target,
    pub(in crate::store) old: &'a Snapshot,
    pub(in crate::store) new: &'a [u8],
    pub(in crate::store) mode: Mode,
    /// For files that can't be put next to the AWS file.
    pub(in crate::store) state: &'a StateFolder,
}

/// The result of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Outcome {
    /// The new bytes are there; after a rehearsal, they could be.
    Replaced,
    /// Another program has replaced the file that was read. `kept`: this file holds a version that it
    /// wrote a moment before.
    Overtaken { kept: Option<PathBuf> },
}
