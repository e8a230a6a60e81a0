//! Tells which signals our caller ignores. They get no handler: the program that `exec` starts must ignore
//! them, too, and once a handler was installed, that can't be restored. It never changes a signal itself.
//!
//! Besides SIGINT, awsmfa catches only what matters to a question: SIGTSTP and SIGCONT (`job`), and the
//! signals that end a process, so that the terminal can be restored first; and in `export`, which starts
//! no program, the signals of `last_words`. Tokio catches SIGCHLD if the system has no pidfd (macOS,
//! Linux before 5.3) and a command for a code or keys was run. Rust's runtime ignores SIGPIPE from the
//! start, and restores the default for every program that we start or become.

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

/// Those of `signals` that our caller does not ignore. Must be asked before a handler is installed,
/// which would hide it.
///
/// Only Linux can tell without unsafe code. Elsewhere no signal counts as ignored: Ctrl-C then cancels a
/// sign-in in the background too, and the program that `exec` becomes afterwards has the default.
#[cfg(unix)]
pub(super) fn not_ignored(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    #[cfg(target_os = "linux")]
    let is_ignored = {
        let mask = ignored(&read("/proc/self/status").unwrap_or_default());
        move |signal: Signal| mask >> (signal.as_raw() - 1) & 1 == 1
    };
    #[cfg(not(target_os = "linux"))]
    let is_ignored = |_: Signal| false;
    signals.iter().copied().filter(move |it| !is_ignored(*it))
}

/// Catches `signal` from now on, unless our caller ignores it.
#[cfg(unix)]
pub(super) fn listen(signal: Signal) -> Option<Listener> {
    listen_to_all(&[signal]).pop()
}

/// The same for several, asking the system only once.
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
    /// The caught signals that would otherwise end this process.
    static ENDS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
}

/// Signals from outside that end a process unless it catches them. SIGINT is not among them: a sign-in
/// handles that itself once there is something to cancel, and before that the shell that runs us must
/// see us end by it.
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

/// Whether the runtime handles [`DEADLY`] by now.
#[cfg(unix)]
static ARE_HEEDED: AtomicBool = AtomicBool::new(false);

/// Catches the signals that would end this process: from now on the runtime handles them like Ctrl-C.
#[cfg(unix)]
pub(super) fn catch_ends() {
    ENDS.with_borrow_mut(|ends| {
        if ends.is_empty() {
            ends.extend(listen_to_all(&DEADLY));
        }
    });
    ARE_HEEDED.store(true, Ordering::Relaxed);
}

/// The runtime has ended, and handles no signals any more.
pub(super) fn heed_no_more() {
    #[cfg(unix)]
    ARE_HEEDED.store(false, Ordering::Relaxed);
}

/// Whether the runtime handles `signal` and ends this process in order, so that nobody else needs to.
#[cfg(unix)]
pub(super) fn is_heeded(signal: i32) -> bool {
    let is_one = DEADLY.iter().any(|heeded| heeded.as_raw() == signal);
    is_one && ARE_HEEDED.load(Ordering::Relaxed)
}

/// Whether a caught signal has arrived that would have ended this process.
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

/// Windows has no such signals.
#[cfg(not(unix))]
pub(super) fn poll_end(_: &mut Context<'_>) -> Poll<()> {
    Poll::Pending
}

/// Those of `signals` for which a handler may be installed: our caller does not ignore them, as far as
/// the system tells. If it does not, only SIGTERM may be caught: `nohup` ignores SIGHUP, and others are
/// rarely sent.
#[cfg(unix)]
pub(super) fn that_can_be_caught(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    not_ignored(signals).filter(|it| cfg!(target_os = "linux") || *it == Signal::TERM)
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
fn read(path: &str) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    // It says that it is empty, and would be read in small pieces.
    let mut text = Vec::with_capacity(4096);
    std::fs::File::open(path)?.read_to_end(&mut text)?;
    Ok(text)
}

/// The mask of the ignored signals in the text of /proc/PID/status: `SigIgn` is a hexadecimal number whose
/// lowest bit is signal 1 (proc_pid_status(5)).
#[cfg(target_os = "linux")]
fn ignored(status: &[u8]) -> u64 {
    // The program's name is in there too, and need not be UTF-8.
    let mut lines = status.split(|byte| *byte == b'\n');
    let mask = lines.find_map(|line| line.strip_prefix(b"SigIgn:"));
    let mask = mask.and_then(|mask| std::str::from_utf8(mask).ok());
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::ignored;

    #[test]
    fn only_the_mask_of_ignored_signals_is_read() {
        let status = b"Name:\tcaf\xe9\nSigBlk:\t0000000000000002\nSigIgn:\t0000000080001001\nSigCgt:\t0000000000000002\n";
        assert_eq!(ignored(status), 0x8000_1001);
        assert_eq!(ignored(b"SigIgn:\t0000000000000002\n"), 2);
    }

    #[test]
    fn an_unreadable_status_ignores_no_signal() {
        for status in [&b""[..], b"SigIgn:\n", b"SigIgn:\tnone\n", b"Name:\tx\n"] {
            assert_eq!(ignored(status), 0);
        }
    }
}
