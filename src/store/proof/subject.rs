//! Says which file is proven, and that it can't be read. It reads nothing.

use crate::exit::Failure;
use crate::ini::{Document, FileKind};
use std::path::Path;

/// The file an edit is for.
#[derive(Clone, Copy)]
pub(in crate::store) struct Subject<'a> {
    pub(in crate::store) kind: FileKind,
    /// As the user gave it, for messages.
    pub(in crate::store) path: &'a Path,
    /// See [`Meaning::header_counts`](crate::store::Meaning::header_counts).
    pub(in crate::store) header_counts: fn(&Document, &str) -> bool,
}

impl Subject<'_> {
    /// That no reader reads the file, and from which line on.
    pub(super) fn cannot_be_read(self, line: usize, reason: &str) -> Failure {
        Failure::failed(format!(
            "{} can't be read from line {line} on: {reason}",
            self.path.display()
        ))
        .hint("fix or remove that line: because of it the AWS SDKs can't read the file")
    }
}
