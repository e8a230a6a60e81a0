//! Checks the length of a file before a write: exceeding `ulimit -f` kills us with SIGXFSZ in the middle
//! of a save, and a file longer than our own reading limit could never be read again. It never writes.

use crate::store::target::{LONGEST, too_long};
use std::io;

/// Fails if a file of `length` bytes is longer than this process may write, or than awsmfa reads.
pub(in crate::store) fn check(length: usize) -> io::Result<()> {
    check_by(length as u64, limit())
}

fn check_by(length: u64, limit: Option<u64>) -> io::Result<()> {
    if length > LONGEST {
        Err(too_long())
    } else if limit.is_some_and(|limit| length > limit) {
        Err(io::ErrorKind::FileTooLarge.into())
    } else {
        Ok(())
    }
}

/// Read from a file: a sandbox that forbids changing limits may refuse the system call, and crates built
/// on the call don't expect that.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
fn limit() -> Option<u64> {
    soft_limit(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// The soft limit in the text of /proc/PID/limits (proc_pid_limits(5)); `None` for `unlimited`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_as_long_as_the_limit_and_no_longer() {
        let is_fit = |length, limit| check_by(length, limit).is_ok();
        for limit in [None, Some(LONGEST), Some(u64::MAX)] {
            assert!(is_fit(LONGEST, limit) && !is_fit(LONGEST + 1, limit));
        }
        assert!(is_fit(4096, Some(4096)) && !is_fit(4097, Some(4096)));
        assert!(is_fit(0, Some(0)));
        let error = check_by(1, Some(0)).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    /// The limit is too high to disturb any other test.
    #[cfg(unix)]
    #[test]
    fn the_limit_of_this_process_is_read() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        const HIGH: u64 = 1 << 50;
        let before = getrlimit(Resource::Fsize);
        let Rlimit { current, maximum } = before;
        assert_eq!(limit(), current);
        if current.is_none() {
            let current = Some(HIGH);
            setrlimit(Resource::Fsize, Rlimit { current, maximum }).expect("set");
            assert_eq!(limit(), Some(HIGH));
            setrlimit(Resource::Fsize, before).expect("set back");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_soft_limit_is_read_and_not_the_hard_one() {
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
