//! Holds an AWS file, config or credentials, as a lossless document, and edits it. Pure and total:
//! every input is a document, and printing it gives the same bytes. It never touches a file, and
//! does not know what a profile or a session is.

mod document;
mod edit;
mod index;
mod line;
mod output;
mod removal;
mod repeats;
mod writable;

#[cfg(test)]
mod laws;

pub(crate) use document::{Bytes, Document};
pub(crate) use edit::{Edit, Emptied, Place};
pub(crate) use writable::can_set;

/// Which of the two shared files a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// `~/.aws/config`, with `[profile NAME]`.
    Config,
    /// `~/.aws/credentials`, with `[NAME]`.
    Credentials,
}
