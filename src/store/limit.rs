//! Checks the length of a file before a write: beyond `ulimit -f` SIGXFSZ kills us in the middle of a
//! save, and what is longer than what is read could never be read again. It never writes.

use crate::store::target::{LONGEST, too_long};
use std::io;

/// Fails where a file of `length` bytes is longer than this process may write, or reads.
pub(in crate::store) fn check(length: usize) -> io::Result<()> {
    if length as u64 > LONGEST {
        return Err(too_long());
    }
    match limit() {
        Some(limit) if length as u64 > limit => Err(io::ErrorKind::FileTooLarge.into()),
        _ => Ok(()),
    }
}

/// Asked by a file: the call for it may be refused, where a sandbox lets a process change no limit,
/// and what is built on the call does not reckon with that.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
fn limit() -> Option<u64> {
    soft_limit(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// The limit in force by the text of /proc/PID/limits (proc_pid_limits(5)); none for `unlimited`.
#[cfg(target_os = "linux")]
fn soft_limit(limits: &str) -> Option<u64> {
    let mut lines = limits.lines();
    let values = lines.find_map(|line| line.strip_prefix("Max file size"))?;
    values.split_whitespace().next()?.parse().ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Fsize).current
}

/// Windows has no such limit.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::soft_limit;

    #[test]
    fn the_limit_in_force_is_read_and_not_the_highest() {
        let limits = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max cpu time              1                    2                    seconds   \n\
                 Max file size             {soft}                 8192                 bytes     \n"
            )
        };
        assert_eq!(soft_limit(&limits("4096")), Some(4096));
        assert_eq!(soft_limit(&limits("unlimited")), None);
        assert_eq!(soft_limit(""), None);
    }
}
