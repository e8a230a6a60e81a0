//! Locks an AWS file: around each edit, itself and a file next to it; and further files next to it, by
//! names that callers agree on. A lock file is never removed: otherwise two runs could hold the same
//! lock.

mod edit;
mod lockfile;
mod named;
mod pauses;

pub(super) use edit::{EditLock, LockState, is_at, look, wait_for_writer};
pub(crate) use named::{NamedLock, Taken};
pub(crate) use pauses::Pauses;
