//! Checks `ulimit -f` before a write: exceeding it kills us with SIGXFSZ in the middle of a save. It
//! never writes.

use std::io;

/// Fails where a file of `length` bytes is longer than this process may write.
pub(super) fn check(length: usize) -> io::Result<()> {
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
