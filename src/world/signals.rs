//! Tells which signals our caller ignores: no handler may be installed for them, because `exec`
//! hands on that a signal is ignored and can't restore it. Never changes a signal itself.
//!
//! Beside SIGINT awsmfa catches only what matters to a question: SIGTSTP and SIGCONT (`job`), and what
//! ends a process where the terminal has to go back into its mode first; and in `export`, which hands on
//! nothing, the signals of `last_words`. Tokio catches SIGCHLD where the system
//! has no pidfd (macOS, Linux before 5.3) and a command for a code or for keys was run; and Rust's
//! runtime ignores SIGPIPE from the start, and gives every program that we start or become the
//! default.

#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use std::cell::RefCell;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// Whether our caller ignores SIGINT, as a script's `&` does.
pub(super) fn caller_ignores_interrupt() -> bool {
    #[cfg(unix)]
    {
        not_ignored(&[Signal::INT]).next().is_none()
    }
    #[cfg(not(unix))]
    {
        false
    }
}

/// Those of `signals` that our caller does not ignore. To be asked before a handler is installed, which
/// hides it.
///
/// Only Linux can be asked without unsafe code. Elsewhere no signal counts as ignored: Ctrl-C
/// cancels a sign-in in the background too, and what `exec` becomes after one has the default.
#[cfg(unix)]
pub(super) fn not_ignored(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    #[cfg(target_os = "linux")]
    let is_ignored = {
        let status = read("/proc/self/status").unwrap_or_default();
        move |signal: Signal| ignores(&status, signal)
    };
    #[cfg(not(target_os = "linux"))]
    let is_ignored = |_: Signal| false;
    signals.iter().copied().filter(move |it| !is_ignored(*it))
}

/// Catches `signal` from now on; not where our caller ignores it.
#[cfg(unix)]
pub(super) fn listen(signal: Signal) -> Option<Listener> {
    listen_to_all(&[signal]).pop()
}

/// The same of several, for which the system is asked once.
#[cfg(unix)]
fn listen_to_all(signals: &[Signal]) -> Vec<Listener> {
    use tokio::signal::unix::{SignalKind, signal as caught};
    not_ignored(signals)
        .filter_map(|signal| caught(SignalKind::from_raw(signal.as_raw())).ok())
        .collect()
}

#[cfg(unix)]
type Listener = tokio::signal::unix::Signal;

#[cfg(unix)]
thread_local! {
    /// What would end this process, once it is caught.
    static ENDS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
}

/// The signals of others that end a process which does not catch them. Not SIGINT: a sign-in handles
/// that itself once there is something to cancel, and before a shell that runs us ends by it as we do.
#[cfg(unix)]
pub(super) const DEADLY: [Signal; 9] = [
    Signal::TERM,
    Signal::HUP,
    Signal::QUIT,
    Signal::ALARM,
    Signal::USR1,
    Signal::USR2,
    Signal::VTALARM,
    Signal::PROF,
    Signal::XCPU,
];

/// Whether the runtime heeds [`DEADLY`] by now.
#[cfg(unix)]
static ARE_HEEDED: AtomicBool = AtomicBool::new(false);

/// Catches what would end this process: from now on the runtime heeds it, as it does Ctrl-C.
#[cfg(unix)]
pub(super) fn catch_ends() {
    ENDS.with_borrow_mut(|ends| {
        if ends.is_empty() {
            ends.extend(listen_to_all(&DEADLY));
        }
    });
    ARE_HEEDED.store(true, Ordering::Relaxed);
}

/// The runtime has ended: from now on it heeds none.
pub(super) fn heed_no_more() {
    #[cfg(unix)]
    ARE_HEEDED.store(false, Ordering::Relaxed);
}

/// Whether the runtime ends this process in order when `signal` comes: nobody else need do it.
#[cfg(unix)]
pub(super) fn is_heeded(signal: i32) -> bool {
    let is_one = DEADLY.iter().any(|heeded| heeded.as_raw() == signal);
    is_one && ARE_HEEDED.load(Ordering::Relaxed)
}

/// Whether a signal has come that would have ended this process, had it not been caught.
#[cfg(unix)]
pub(super) fn poll_end(context: &mut Context<'_>) -> Poll<()> {
    ENDS.with_borrow_mut(|ends| {
        let mut has_come = ends.iter_mut().map(|end| end.poll_recv(context).is_ready());
        if has_come.any(|has_come| has_come) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
}

/// Nothing of the kind is caught on Windows.
#[cfg(not(unix))]
pub(super) fn poll_end(_: &mut Context<'_>) -> Poll<()> {
    Poll::Pending
}

/// Those of `signals` that a handler may be installed for: our caller does not ignore them, as far as
/// the system tells. Where it does not, only SIGTERM may: `nohup` has SIGHUP ignored, and others are
/// seldom sent.
#[cfg(unix)]
pub(super) fn that_can_be_caught(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    not_ignored(signals).filter(|it| cfg!(target_os = "linux") || *it == Signal::TERM)
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
fn read(path: &str) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// Whether the text of /proc/PID/status has `signal` among the ignored ones: `SigIgn` is a
/// hexadecimal mask whose lowest bit is signal 1 (proc_pid_status(5)).
#[cfg(target_os = "linux")]
fn ignores(status: &[u8], signal: Signal) -> bool {
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
