//! Prints a text when a signal ends this process, and then lets that signal end it. It never lets a slow
//! reader of the text delay the end.

use super::signals;
use rustix::process::Signal;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How long a reader that let the pipe fill up may take; usually there is room at once.
const PATIENCE: Duration = Duration::from_millis(100);

/// The text, as long as it is wanted; otherwise empty.
static WORDS: Mutex<&str> = Mutex::new("");

/// A text to print if a signal ends this process before this is dropped.
pub(crate) struct LastWords(());

impl LastWords {
    /// Arranges for `text` to be printed to standard output, unless that is a terminal, where no shell
    /// evaluates it, from the first [wait](before_waiting) on.
    pub(crate) fn prepare(text: &'static str) -> Self {
        *words() = text;
        Self(())
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        *words() = "";
    }
}

/// Catches the signals if there is something to say. Called before everything that may wait: a run that
/// never waits is over before anybody could want to end it, and catching signals costs a thread and 50
/// system calls. If nothing can be caught, signals end the process as usual.
pub(crate) fn before_waiting() {
    static ONCE: Once = Once::new();
    if !words().is_empty() {
        ONCE.call_once(|| {
            let _ = listen();
        });
    }
}

/// Starts the thread that catches the signals. It lives as long as the process: nothing else could let them
/// through again.
fn listen() -> io::Result<()> {
    let Some(output) = output()? else {
        return Ok(());
    };
    let wanted = signals::that_can_be_caught(&signals::DEADLY);
    let mut caught = Signals::new(wanted.map(Signal::as_raw))?;
    let speaker = Builder::new().spawn(move || {
        for signal in &mut caught {
            // In that case the runtime prints the failure like any other.
            if signals::is_heeded(signal) {
                continue;
            }
            let text = *words();
            if !text.is_empty() {
                speak(&output, text);
            }
            let _ = emulate_default_handler(signal);
        }
    });
    speaker.map(drop)
}

fn words() -> MutexGuard<'static, &'static str> {
    // A text is whole, whatever happened to the thread that set it.
    WORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard output, if it is not a terminal. A handle of our own, because the thread that is printing
/// has locked the other one.
#[expect(
    clippy::disallowed_methods,
    reason = "what is printed when nothing else can be"
)]
fn output() -> io::Result<Option<File>> {
    let output = io::stdout();
    if output.is_terminal() {
        return Ok(None);
    }
    Ok(Some(output.as_fd().try_clone_to_owned()?.into()))
}

fn speak(output: &File, text: &'static str) {
    let Ok(mut output) = output.try_clone() else {
        return;
    };
    let (said, is_said) = sync_channel(1);
    let speaker = Builder::new().spawn(move || {
        let _ = output.write_all(text.as_bytes());
        let _ = said.send(());
    });
    if speaker.is_ok() {
        let _ = is_said.recv_timeout(PATIENCE);
    }
}
