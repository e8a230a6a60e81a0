//! Prints a text when a signal ends this process, and lets it end by that very signal. It never makes
//! the end wait for whoever reads the text.

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

/// How long a reader may take who lets the pipe become full; most often there is room at once.
const PATIENCE: Duration = Duration::from_millis(100);

/// A text that is printed when a signal ends this process before this is dropped.
pub(crate) struct LastWords {
    is_over: Arc<AtomicBool>,
}

impl LastWords {
    /// Has `text` printed to standard output, unless that is a terminal, where nobody evaluates it. None
    /// where nothing can be caught: the process ends by a signal as ever.
    pub(crate) fn prepare(text: &'static str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let output = output().ok()??;
        let wanted = signals::that_can_be_caught(&signals::DEADLY);
        let mut caught = Signals::new(wanted.map(Signal::as_raw)).ok()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let is_silent = Arc::clone(&is_over);
        // The thread lives as long as the process: what it has caught nobody else lets through again.
        let speaker = Builder::new().spawn(move || {
            for signal in &mut caught {
                // Then the failure is printed like any other.
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

/// Standard output, where it is no terminal. A handle of our own: whoever prints just now has locked the
/// other one.
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
