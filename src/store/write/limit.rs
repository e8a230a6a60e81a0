//! Checks the length of a file before a write: beyond `ulimit -f` SIGXFSZ kills us in the middle of a
//! save, and what is longer than what is read could never be read again. It never writes.

use crate::store::target::{LONGEST, too_long};
use std::io;

/// Fails where a file of `length` bytes is longer than this process may write, or reads.
pub(super) fn check(length: usize) -> io::Result<()> {
    if length as u64 > LONGEST {
        return Err(too_long());
    }
    match limit() {
        Some(limit) if length as u64 > limit => Err(io::ErrorKind::FileTooLarge.into()),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Fsize).current
}

/// Windows has no such limit.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}
