//! Catches the signals that would end the sandbox before it has cleaned up. It never catches one that
//! its caller ignores, as `nohup` and a script's `&` do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Remembers whether a signal has asked for an end.
pub(crate) struct Signals {
    asked: Arc<AtomicBool>,
    _listener: Runtime,
}

impl Signals {
    /// Catches the signals from now on. The terminal sends Ctrl-C to the command inside too, which
    /// decides how to react.
    pub(crate) fn catch() -> std::io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let listener = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        listener.spawn(listen(asked.clone()));
        Ok(Self {
            asked,
            _listener: listener,
        })
    }

    /// Whether a signal has asked for an end since the last call.
    pub(crate) fn take_request_to_end(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }
}

#[cfg(unix)]
async fn listen(asked: Arc<AtomicBool>) {
    let mut interrupt = Caught::unless_ignored(SignalKind::interrupt());
    let mut quit = Caught::unless_ignored(SignalKind::quit());
    let mut end = Caught::unless_ignored(SignalKind::terminate());
    let mut hang_up = Caught::unless_ignored(SignalKind::hangup());
    loop {
        tokio::select! {
            () = interrupt.wait() => {}
            () = quit.wait() => {}
            () = end.wait() => asked.store(true, Ordering::Relaxed),
            () = hang_up.wait() => asked.store(true, Ordering::Relaxed),
        }
    }
}

/// A signal that is caught, or stays ignored.
#[cfg(unix)]
struct Caught(Option<Signal>);

#[cfg(unix)]
impl Caught {
    fn unless_ignored(kind: SignalKind) -> Self {
        let signal = || signal(kind).expect("the system has this signal");
        Self((!is_ignored(kind)).then(signal))
    }

    async fn wait(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

/// Whether our caller ignores this signal. Only Linux tells this without unsafe code; elsewhere the
/// answer is no.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (kind.as_raw_value() - 1) & 1 == 1)
}

/// Windows ends the commands of a closed console itself.
#[cfg(not(unix))]
async fn listen(_asked: Arc<AtomicBool>) {
    while tokio::signal::ctrl_c().await.is_ok() {}
}
