//! Owns the one asynchronous runtime: a single thread, ended without waiting for what still runs.

use std::future::Future;

use anyhow::{Context, Result};

use crate::exit::{Exit, Failure};
use crate::signals;

/// Runs `future` to its end on a runtime of the current thread.
///
/// Blocking reads belong on `tokio::task::spawn_blocking`, else nothing else moves meanwhile. Such
/// a read that is still waiting when `future` ends does not hold up the return.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the network runtime")?;
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(output)
}

/// Ends when the person presses Ctrl-C, with the failure to report; to be raced against a call.
/// Never ends when our caller ignores Ctrl-C.
///
/// From the first call on, Ctrl-C no longer ends the process by itself.
pub(crate) async fn cancelled() -> Failure {
    if signals::caller_ignores_interrupt() {
        return std::future::pending().await;
    }
    match tokio::signal::ctrl_c().await {
        Ok(()) => Failure::new(Exit::Cancelled, "cancelled"),
        // Without a handler Ctrl-C ends the process as usual, so there is nothing to wait for.
        Err(_) => std::future::pending().await,
    }
}
