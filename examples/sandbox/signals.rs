//! Owns the signals that would end the sandbox before it has cleaned up after itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Runtime;

/// Takes the signals from now on.
pub(crate) struct Signals {
    told: Arc<AtomicBool>,
    _listener: Runtime,
}

impl Signals {
    /// Ctrl-C is left to the command that runs inside, which the terminal sends it too.
    pub(crate) fn take() -> std::io::Result<Self> {
        let told = Arc::new(AtomicBool::new(false));
        let listener = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        listener.spawn(listen(told.clone()));
        Ok(Self {
            told,
            _listener: listener,
        })
    }

    /// Whether the sandbox was asked to end since the last look.
    pub(crate) fn end(&self) -> bool {
        self.told.swap(false, Ordering::Relaxed)
    }
}

#[cfg(unix)]
async fn listen(told: Arc<AtomicBool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let on = |kind| signal(kind).expect("the system has this signal");
    let (mut interrupt, mut quit) = (on(SignalKind::interrupt()), on(SignalKind::quit()));
    let (mut end, mut hang_up) = (on(SignalKind::terminate()), on(SignalKind::hangup()));
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = quit.recv() => {}
            _ = end.recv() => told.store(true, Ordering::Relaxed),
            _ = hang_up.recv() => told.store(true, Ordering::Relaxed),
        }
    }
}

/// Windows ends the commands of a closed console itself.
#[cfg(not(unix))]
async fn listen(_told: Arc<AtomicBool>) {
    while tokio::signal::ctrl_c().await.is_ok() {}
}
