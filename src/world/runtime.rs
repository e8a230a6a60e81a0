//! Runs a recipe that talks to AWS on the only async runtime, a single thread, and ends it on Ctrl-C. It
//! does not know what the recipe does.

use super::tty::Terminal;
use super::{room, signals};
use crate::exit::{Failure, Result};
use crate::text::io_message;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::runtime::{Builder, Handle};
use tokio::task::yield_now;

/// How to make room for a run.
const HINT: &str = if cfg!(windows) {
    "close other programs, then run this again"
} else {
    "raise the limits of this process, which `ulimit -a` shows: open files (-n), processes (-u), memory (-v)"
};

thread_local! {
    /// Whether this thread's recipe handles Ctrl-C yet.
    static HEEDS: Cell<bool> = const { Cell::new(false) };
    /// The number of nested steps that handle it instead; it is for the innermost.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `recipe` to its end, or, once it [heeds](heed_ctrl_c) Ctrl-C, until the user presses that.
pub(crate) fn run<T>(recipe: impl Future<Output = Result<T>>) -> Result<T> {
    let mut recipe = pin!(recipe);
    // A recipe with nothing to wait for, as when a session is kept, needs no runtime.
    let begun = recipe
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    if let Poll::Ready(done) = begun {
        return done;
    }
    block_on(async {
        tokio::select! {
            // A finished session is kept even if Ctrl-C arrives at the same moment.
            biased;
            done = recipe => done,
            failure = cancelled(0) => Err(failure),
        }
    })?
}

/// Continues once the runtime is running: a recipe awaits this before anything else that waits.
pub(crate) async fn started() {
    // Until then `run` polls the recipe once.
    poll_fn(|_| match Handle::try_current() {
        Ok(_) => Poll::Ready(()),
        Err(_) => Poll::Pending,
    })
    .await;
}

/// From here on, Ctrl-C cancels the recipe that awaits this, whether it is waiting for AWS or the user.
///
/// Before that it ends the process at once, which a program waiting for a file lock needs: nothing could
/// be cancelled there.
pub(crate) async fn heed_ctrl_c() {
    started().await;
    HEEDS.set(true);
    // Lets the select above poll again, so that it is listening before the recipe goes on.
    yield_now().await;
}

/// Runs `step` to its end, or until Ctrl-C or another signal would end this process: then only `step` is
/// dropped, not the whole recipe. For recipes that have something to undo before they end. After it
/// returns, the next Ctrl-C cancels the recipe as usual.
pub(crate) async fn until_cancelled<T>(step: impl Future<Output = Result<T>>) -> Result<T> {
    heed_ctrl_c().await;
    #[cfg(unix)]
    signals::catch_ends();
    let within = Within::begin();
    tokio::select! {
        biased;
        done = step => done,
        failure = cancelled(within.depth) => Err(failure),
    }
}

/// While this lives, a step handles Ctrl-C and neither the recipe nor a step around
/// it does.
struct Within {
    depth: usize,
}

impl Within {
    fn begin() -> Self {
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        Self { depth }
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        DEPTH.set(self.depth - 1);
    }
}

/// Runs `future` to its end on a runtime of the current thread.
///
/// Blocking reads belong on `tokio::task::spawn_blocking`, because they would hold up everything else.
/// One that is still waiting when `future` ends does not delay the return.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    let cannot_start = |error| {
        Failure::failed(format!(
            "can't start the network runtime: {}",
            io_message(&error)
        ))
        .hint(HINT)
    };
    room::check().map_err(cannot_start)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(cannot_start)?;
    let output = runtime.block_on(future);
    signals::heed_no_more();
    runtime.shutdown_background();
    Ok(output)
}

/// Resolves when the user presses Ctrl-C or another caught signal would end this process, with the
/// failure to report. A step deeper than `depth` takes precedence.
async fn cancelled(depth: usize) -> Failure {
    // Polled together with the recipe, so it can't miss a change of either.
    let heeds = |wanted: bool| {
        poll_fn(move |_| match HEEDS.get() && DEPTH.get() == depth {
            now if now == wanted => Poll::Ready(()),
            _ => Poll::Pending,
        })
    };
    loop {
        heeds(true).await;
        tokio::select! {
            biased;
            // From now on Ctrl-C belongs to the inner step. This stops listening and starts over.
            () = heeds(false) => {}
            failure = interruption() => return failure,
        }
    }
}

/// Resolves when a signal asks us to end, with the failure to report.
async fn interruption() -> Failure {
    tokio::select! {
        () = interrupted() => {}
        // Polled together with the recipe too, which decides when these signals are caught.
        () = poll_fn(signals::poll_end) => {}
    }
    // The terminal has shown `^C`, perhaps after a question. In the background, writing to it could stop
    // this process.
    if let Some(terminal) = Terminal::open().filter(Terminal::is_ours) {
        terminal.end_line();
    }
    Failure::cancelled()
}

/// Resolves when the user presses Ctrl-C, unless our caller ignores it.
async fn interrupted() {
    // A caller that ignores Ctrl-C wants its programs to do the same. If no handler can be installed,
    // Ctrl-C ends the process as usual, and there is nothing to wait for.
    if signals::caller_ignores_interrupt() || tokio::signal::ctrl_c().await.is_err() {
        pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_read_that_is_still_waiting_does_not_delay_the_end() {
        let start = Instant::now();
        block_on(async {
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(5)));
            yield_now().await;
        })
        .expect("a runtime");
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn a_recipe_that_ends_stops_the_wait_for_ctrl_c() {
        let done = run(async {
            started().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok("done")
        });
        assert_eq!(done, Ok("done"));
    }
}
