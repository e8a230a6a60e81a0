//! Tells which signals our caller ignores: no handler may be installed for them, because `exec`
//! hands on that a signal is ignored and can't restore it. Never changes a signal itself.
//!
//! SIGINT is the only signal that awsmfa catches. Beside it, Tokio catches SIGCHLD where the system
//! has no pidfd (macOS, Linux before 5.3) and a command for a code or for keys was run; and Rust's
//! runtime ignores SIGPIPE from the start, and gives every program that we start or become the
//! default.

/// Whether our caller ignores SIGINT, as a script's `&` does. To be asked before a handler is
/// installed, which hides it.
///
/// Only Linux can be asked without unsafe code. Elsewhere SIGINT counts as not ignored: Ctrl-C
/// cancels a sign-in in the background too, and what `exec` becomes after one has the default.
pub(crate) fn caller_ignores_interrupt() -> bool {
    #[cfg(target_os = "linux")]
    {
        let status = read("/proc/self/status");
        status.is_ok_and(|it| ignores(&it, rustix::process::Signal::INT))
    }
    #[cfg(not(target_os = "linux"))]
    {
        false
    }
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
fn read(path: &str) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// Whether the text of /proc/PID/status has `signal` among the ignored ones: `SigIgn` is a
/// hexadecimal mask whose lowest bit is signal 1 (proc_pid_status(5)).
#[cfg(target_os = "linux")]
fn ignores(status: &[u8], signal: rustix::process::Signal) -> bool {
    // The program's name is in there too, and need not be UTF-8.
    let mut lines = status.split(|byte| *byte == b'\n');
    let mask = lines.find_map(|line| line.strip_prefix(b"SigIgn:"));
    let mask = mask.and_then(|mask| std::str::from_utf8(mask).ok());
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal.as_raw() - 1) & 1 == 1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::ignores;
    use rustix::process::Signal;

    #[test]
    fn the_mask_of_the_ignored_signals_is_read_and_no_other() {
        let status = b"Name:\tcaf\xe9\nSigBlk:\t0000000000000002\nSigIgn:\t0000000080001001\nSigCgt:\t0000000000000002\n";
        assert!(ignores(status, Signal::HUP));
        assert!(ignores(status, Signal::PIPE));
        assert!(!ignores(status, Signal::INT));
        assert!(ignores(b"SigIgn:\t0000000000000002\n", Signal::INT));
    }

    #[test]
    fn what_can_not_be_read_ignores_nothing() {
        for status in [&b""[..], b"SigIgn:\n", b"SigIgn:\tnone\n", b"Name:\tx\n"] {
            assert!(!ignores(status, Signal::INT));
        }
    }
}
