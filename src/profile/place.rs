//! Names a line of one of the two files, for messages. It reads no file.

use crate::ini::FileKind;
use std::fmt;

/// A line of one of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) file: FileKind,
    /// Counted from 1.
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = match self.file {
            FileKind::Config => "config",
            FileKind::Credentials => "credentials",
        };
        write!(out, "line {} of the {file} file", self.line)
    }
}
