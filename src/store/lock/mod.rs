//! Locks an AWS file: itself and a file beside it around each edit, and others beside it by names that
//! callers agree on.
//! A lock's file is never removed: it could be held twice then.

mod edit;
mod lockfile;
mod named;
mod pauses;

pub(super) use edit::{EditLock, LockState, is_at, look, wait_for_writer};
pub(crate) use named::{NamedLock, Taken};
pub(crate) use pauses::Pauses;
