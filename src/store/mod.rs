//! Reads and writes the AWS files, and is the only room that does: lock, read again, edit, prove, replace. It
//! must never lose anything. It does not know what a session is, nor decide what is written.

mod file;
mod folder;
mod inspect;
mod limit;
mod lock;
mod long;
mod meaning;
mod not_written;
mod notices;
mod owner;
mod pipe;
mod proof;
mod seen;
mod state;
mod steady;
mod target;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use file::{AwsFile, Report};
pub(crate) use inspect::{Inspection, Trouble};
pub(crate) use lock::{NamedLock, Pauses, Taken};
pub(crate) use meaning::Meaning;
pub(crate) use not_written::NotWritten;
pub(crate) use write::Mode;
