//! Follows the shell's job control: a recipe that is stopped at its question, or would have to ask from
//! the background, is dropped with everything it holds, and begins again in the foreground. It asks
//! nothing itself.
//!
//! A job may stay stopped for days. It must not hold a lock all that time, and what it knew is stale
//! when it goes on.

#[cfg(unix)]
use super::alternate;
use super::runtime::started;
use super::tty::Terminal;
use crate::exit::{Failure, Result};
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::task::{Context, Poll};

/// Why a recipe is dropped and begins again.
enum Aside {
    /// The user pressed Ctrl-Z: the process stops first.
    #[cfg_attr(not(unix), expect(dead_code, reason = "Windows stops no job"))]
    Stopped,
    /// Things may have changed: the process continued after a stop, or lost the terminal.
    Again,
    /// It can't go on in the background: the job stops first, or fails if it can't stop.
    Background(Failure),
}

thread_local! {
    /// Why this thread's recipe is being dropped, while it is.
    static ASIDE: RefCell<Option<Aside>> = const { RefCell::new(None) };
    /// Whether a question is open that a stop would drop.
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

/// Runs what `begin` makes to its end, and from its beginning each time that it is set aside.
pub(crate) async fn restarted<T>(begin: impl AsyncFn() -> Result<T>) -> Result<T> {
    loop {
        tokio::select! {
            biased;
            done = begin() => return done,
            // Polled together with the recipe, so it can't miss the change.
            () = poll_fn(|_| if is_set_aside() { Poll::Ready(()) } else { Poll::Pending }) => {}
        }
        // The recipe has been dropped. It counts as set aside while the stop lasts.
        started().await;
        let (whom, failure) = ASIDE.with_borrow(|why| match why {
            Some(Aside::Stopped) => (Some(Whom::Process), None),
            Some(Aside::Background(failure)) => (Some(Whom::Job), Some(failure.clone())),
            Some(Aside::Again) | None => (None, None),
        });
        let has_stopped = match whom {
            Some(whom) => stop(whom).await,
            None => false,
        };
        ASIDE.take();
        if let Some(failure) = failure.filter(|_| !has_stopped) {
            return Err(failure);
        }
        // A repeated question should begin on a new line, and not appear twice in one.
        if let Some(terminal) = Terminal::open().filter(Terminal::is_ours) {
            terminal.begin_line();
        }
    }
}

/// Whether the recipe is being dropped only to begin again; it has neither failed nor been cancelled.
pub(crate) fn is_set_aside() -> bool {
    ASIDE.with_borrow(Option::is_some)
}

/// Drops the recipe, stops the job until it is in the foreground, and begins again. Fails with `failure`
/// if the job can't be stopped.
pub(crate) async fn wait_for_foreground(failure: Failure) -> Infallible {
    set_aside(Aside::Background(failure)).await
}

/// Drops the recipe and begins again.
pub(crate) async fn begin_again() -> Infallible {
    set_aside(Aside::Again).await
}

async fn set_aside(why: Aside) -> Infallible {
    ASIDE.set(Some(why));
    pending().await
}

/// The result of a stop that leaves the question open.
pub(super) struct Stop(Aside);

impl Stop {
    /// Stops this process, unless it has already been stopped and continued, then shows the alternate
    /// screen again.
    pub(super) async fn keep(self) {
        if matches!(self.0, Aside::Stopped) {
            stop(Whom::Process).await;
        } else {
            #[cfg(unix)]
            alternate::step_back();
        }
    }
}

/// Caught signals: stops, and continuing after a stop.
pub(crate) struct Stops {
    #[cfg(unix)]
    stops: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    continues: Option<tokio::signal::unix::Signal>,
}

impl Stops {
    /// Catches them for a question, before it is shown. The caller then [heeds](Self::heed) them.
    pub(crate) fn catch() -> Self {
        #[cfg(unix)]
        {
            use super::signals::listen;
            use rustix::process::Signal;
            let stops = listen(Signal::TSTP);
            if stops.is_some() {
                stop_as_usual_later();
            }
            ASKS.set(true);
            Self {
                stops,
                continues: listen(Signal::CONT),
            }
        }
        #[cfg(not(unix))]
        {
            Self {}
        }
    }

    /// Waits for Ctrl-Z, which sets the recipe aside and then stops the process, or for a continuation
    /// after any other stop, which sets it aside too.
    pub(crate) async fn heed(mut self) -> Infallible {
        let why = poll_fn(|context| self.poll_next(context)).await;
        set_aside(why).await
    }

    /// Waits for the same, for callers that keep the question open.
    pub(super) async fn next(&mut self) -> Stop {
        Stop(poll_fn(|context| self.poll_next(context)).await)
    }

    #[cfg(unix)]
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Aside> {
        let mut has_come = |signals: &mut Option<tokio::signal::unix::Signal>| match signals {
            Some(signals) => signals.poll_recv(context).is_ready(),
            None => false,
        };
        if has_come(&mut self.stops) {
            Poll::Ready(Aside::Stopped)
        } else if has_come(&mut self.continues) {
            Poll::Ready(Aside::Again)
        } else {
            Poll::Pending
        }
    }

    #[cfg(not(unix))]
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Aside> {
        Poll::Pending
    }
}

impl Drop for Stops {
    fn drop(&mut self) {
        ASKS.set(false);
    }
}

/// Ctrl-Z stays caught once it has been. If no question is open it still has to stop the process.
#[cfg(unix)]
pub(super) fn stop_as_usual_later() {
    thread_local! {
        static WATCHES: Cell<bool> = const { Cell::new(false) };
    }
    if WATCHES.replace(true) {
        return;
    }
    if let Some(mut stops) = super::signals::listen(rustix::process::Signal::TSTP) {
        tokio::spawn(async move {
            while stops.recv().await.is_some() {
                if !ASKS.get() && !is_set_aside() {
                    stop(Whom::Process).await;
                }
            }
        });
    }
}

/// Stops the whole job until it is continued. `false` if nobody could continue it.
pub(super) async fn stop_job() -> bool {
    stop(Whom::Job).await
}

/// What to stop.
#[derive(Clone, Copy)]
enum Whom {
    /// This process; the same key has stopped the others of its job.
    Process,
    /// The whole job, as happens to a program that reads from the terminal in the background.
    Job,
}

/// Stops until the shell continues us; a job that is in the foreground by now need not be stopped.
/// `false` if that is impossible: nobody would be there to continue us (the process group is orphaned),
/// or our caller ignores the signal.
///
/// It uses the signal for reads in the background: unlike SIGSTOP, that does not stop an orphaned group.
#[cfg(unix)]
async fn stop(whom: Whom) -> bool {
    alternate::step_aside();
    let has_stopped = stop_here(whom).await;
    alternate::step_back();
    has_stopped
}

#[cfg(unix)]
async fn stop_here(whom: Whom) -> bool {
    use super::signals::listen;
    use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};
    use std::time::Duration;
    use tokio::time::timeout;
    let Some(mut continues) = listen(Signal::CONT) else {
        return false;
    };
    let stopped = match whom {
        Whom::Process => kill_process(getpid(), Signal::TTIN),
        // `fg` may have come since somebody looked, and would not come again.
        Whom::Job if Terminal::open().is_some_and(|terminal| terminal.is_ours()) => return true,
        Whom::Job => kill_process_group(getpgrp(), Signal::TTIN),
    };
    if stopped.is_err() {
        return false;
    }
    // The time spent stopped counts, so the first of these sleeps may be over before the signal arrives.
    for _ in 0..4 {
        if timeout(Duration::from_millis(50), continues.recv())
            .await
            .is_ok()
        {
            return true;
        }
    }
    false
}

#[cfg(not(unix))]
async fn stop(_: Whom) -> bool {
    false
}
