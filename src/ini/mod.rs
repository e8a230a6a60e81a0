//! Holds an AWS file, config or credentials, as a lossless document, and edits it. Pure and total: every
//! input is a document, and printing it gives the same bytes. It never touches a file, and does not know
//! what a profile or a session is.

pub(crate) mod botocore;
mod dialect;
mod document;
mod edit;
mod encoding;
mod index;
mod line;
mod output;
mod removal;
mod splice;
mod writable;

#[cfg(test)]
mod laws;

pub(crate) use dialect::Dialect;
pub(crate) use document::{Bytes, Document, Occurrence};
pub(crate) use edit::{Edit, Place};
pub(crate) use encoding::{Form, foreign_form};
pub(crate) use line::is_space_to_some;
pub(crate) use writable::{EditError, can_set};

use std::borrow::Cow;

/// The canonical name of the section whose header has `inside` between its first and its last bracket.
pub(crate) fn canonical_name(inside: &str) -> Cow<'_, str> {
    // Nothing after a comment's mark belongs to the header, not even a bracket.
    if !inside.contains(['#', ';']) {
        return line::canonical(inside.as_bytes());
    }
    match line::role(format!("[{inside}]").as_bytes()) {
        line::Role::Header(Some(inside)) => line::canonical(inside).into_owned().into(),
        _ => inside.into(),
    }
}

/// Which of the two shared files a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// `~/.aws/config`, with `[profile NAME]`.
    Config,
    /// `~/.aws/credentials`, with `[NAME]`.
    Credentials,
}
