//! Runs a recipe that talks to AWS on the one asynchronous runtime, a single thread, and ends it on
//! Ctrl-C. It does not know what the recipe does.

use super::tty::Terminal;
use super::{room, signals};
use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::runtime::{Builder, Handle};
use tokio::task::yield_now;

/// What gives the system room for a run.
const HINT: &str = if cfg!(windows) {
    "close other programs, then run this again"
} else {
    "raise the limits of this process, which `ulimit -a` shows: open files (-n), processes (-u), memory (-v)"
};

thread_local! {
    /// Whether the recipe of this thread heeds Ctrl-C yet.
    static HEEDS: Cell<bool> = const { Cell::new(false) };
    /// Whether a step of it does so itself.
    static IS_HEEDED_WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Runs `recipe` to its end, or, once it [heeds](heed_ctrl_c) that, until the person presses Ctrl-C.
pub(crate) fn run<T>(recipe: impl Future<Output = Result<T>>) -> Result<T> {
    let mut recipe = pin!(recipe);
    // One that has nothing to wait for, as with a session that is kept, needs no runtime.
    let begun = recipe
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    if let Poll::Ready(done) = begun {
        return done;
    }
    block_on(async {
        tokio::select! {
            // A session that is there is kept, even if Ctrl-C came at the same moment.
            biased;
            done = recipe => done,
            failure = cancelled() => Err(failure),
        }
    })?
}

/// Goes on when the runtime runs: a recipe awaits this before anything else that waits.
pub(crate) async fn started() {
    // Until then the recipe is polled once, by `run`.
    poll_fn(|_| match Handle::try_current() {
        Ok(_) => Poll::Ready(()),
        Err(_) => Poll::Pending,
    })
    .await;
}

/// From here on Ctrl-C cancels the recipe that awaits this, wherever it waits for AWS or a person.
///
/// Before, it ends the process by itself, as a program that waits for a lock on a file needs: there
/// nothing could be cancelled.
pub(crate) async fn heed_ctrl_c() {
    started().await;
    HEEDS.set(true);
    // The race above is polled again, and listens before the recipe goes on.
    yield_now().await;
}

/// Runs `step` to its end, or until the person presses Ctrl-C or another signal would end this process:
/// then it is `step` that is dropped, and not the recipe with it. For a recipe that has something to put
/// back before it ends; once this has returned, the next Ctrl-C cancels the recipe as usual.
pub(crate) async fn until_cancelled<T>(step: impl Future<Output = Result<T>>) -> Result<T> {
    heed_ctrl_c().await;
    #[cfg(unix)]
    signals::catch_ends();
    let _within = Within::begin();
    tokio::select! {
        biased;
        done = step => done,
        failure = interruption() => Err(failure),
    }
}

/// For as long as this lives, a step of the recipe heeds Ctrl-C, and the recipe does not.
struct Within;

impl Within {
    fn begin() -> Self {
        IS_HEEDED_WITHIN.set(true);
        Self
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        IS_HEEDED_WITHIN.set(false);
    }
}

/// Runs `future` to its end on a runtime of the current thread.
///
/// Blocking reads belong on `tokio::task::spawn_blocking`, else nothing else moves meanwhile. Such
/// a read that is still waiting when `future` ends does not hold up the return.
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

/// Ends when the person presses Ctrl-C, or another signal that is caught would end this process, with
/// the failure to report.
async fn cancelled() -> Failure {
    // Polled with the recipe: it can't miss when either changes.
    let heeds = |wanted: bool| {
        poll_fn(move |_| match HEEDS.get() && !IS_HEEDED_WITHIN.get() {
            now if now == wanted => Poll::Ready(()),
            _ => Poll::Pending,
        })
    };
    loop {
        heeds(true).await;
        tokio::select! {
            biased;
            // What comes from now on is the step's. This stops listening, and begins anew.
            () = heeds(false) => {}
            failure = interruption() => return failure,
        }
    }
}

/// Ends when a signal says so, with the failure to report.
async fn interruption() -> Failure {
    tokio::select! {
        () = interrupted() => {}
        // Polled with the recipe too, which decides when these are caught.
        () = poll_fn(signals::poll_end) => {}
    }
    // The terminal has shown `^C`, perhaps behind a question. In the background a line to it could stop
    // this process.
    if let Some(terminal) = Terminal::open().filter(Terminal::is_ours) {
        terminal.end_line();
    }
    Failure::new(Exit::Cancelled, "cancelled")
}

/// Ends when the person presses Ctrl-C, unless that is not for us.
async fn interrupted() {
    // A caller that ignores Ctrl-C wants its programs to do the same. Without a handler it ends the
    // process as usual, so there is nothing to wait for.
    if signals::caller_ignores_interrupt() || tokio::signal::ctrl_c().await.is_err() {
        pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_read_that_still_waits_does_not_hold_up_the_end() {
        let start = Instant::now();
        block_on(async {
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(5)));
            yield_now().await;
        })
        .expect("a runtime");
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn waiting_for_ctrl_c_loses_against_a_recipe_that_ends() {
        let done = run(async {
            started().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok("done")
        });
        assert_eq!(done, Ok("done"));
    }
}
