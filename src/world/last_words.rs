//! Prints a text when a signal ends this process, and then lets that signal end it. It never lets a slow
//! reader of the text delay the end.

use super::signals;
use rustix::process::Signal;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

/// How long a reader that let the pipe fill up may take; usually there is room at once.
const PATIENCE: Duration = Duration::from_millis(100);

/// A text to print if a signal ends this process before this is dropped.
pub(crate) struct LastWords {
    is_over: Arc<AtomicBool>,
}

impl LastWords {
    /// Arranges for `text` to be printed to standard output, unless that is a terminal, where no shell
    /// evaluates it. `None` if nothing can be caught: then signals end the process as usual.
    pub(crate) fn prepare(text: &'static str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let output = output().ok()??;
        let wanted = signals::that_can_be_caught(&signals::DEADLY);
        let mut caught = Signals::new(wanted.map(Signal::as_raw)).ok()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let is_silent = Arc::clone(&is_over);
        // The thread lives as long as the process: nothing else could let the signals through again.
        let speaker = Builder::new().spawn(move || {
            for signal in &mut caught {
                // In that case the runtime prints the failure like any other.
                if signals::is_heeded(signal) {
                    continue;
                }
                if !is_silent.load(Ordering::Relaxed) {
                    speak(&output, text);
                }
                let _ = emulate_default_handler(signal);
            }
        });
        speaker.ok()?;
        Some(Self { is_over })
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
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
