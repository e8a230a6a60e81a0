//! Shows a list to pick from, redraws it after each key, and restores the terminal, however it ends. It
//! does not know what the list is about.
//!
//! No crate for such lists will do: they write to standard error, treat Ctrl-C and Ctrl-Z as ordinary keys,
//! or block while they read, so that a stop, a signal or a line that was typed ahead is lost.

use super::item::Item;
use super::job::{self, Stops};
use super::keys::{Key, Keys};
use super::list::{CLEAR, List, Pressed};
use super::prompt;
use super::signals::listen;
use super::tty::Terminal;
use crate::exit::{Failure, Result};
use crate::picture::Size;
use rustix::process::Signal;
use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::time::sleep;

/// How long the rest of a key's bytes may take. After that the key was Escape.
const REST: Duration = Duration::from_millis(50);

/// The assumed size of a terminal that does not know its own.
const USUAL: Size = Size {
    columns: 80,
    lines: 24,
};

/// A list on the screen. Dropping it erases it.
struct Drawn<'a> {
    terminal: &'a Terminal,
    is_closed: bool,
}

impl Drawn<'_> {
    /// Leaves `text` in its place.
    fn close(mut self, text: &str) -> io::Result<()> {
        self.is_closed = true;
        self.terminal.draw(text)
    }
}

impl Drop for Drawn<'_> {
    fn drop(&mut self) {
        // In the background, that line belongs to another program.
        if !self.is_closed && self.terminal.is_ours() {
            let _ = self.terminal.draw(CLEAR);
        }
    }
}

/// Lets the user choose one of `items`, as [`pick`](super::pick::pick) does.
pub(super) async fn by_keys(terminal: &Terminal, question: &str, items: &[Item]) -> Result<usize> {
    let broken = |error: io::Error| prompt::broken(&error);
    if !terminal.is_ours() {
        match job::begin_again().await {}
    }
    let mut heeding = pin!(Stops::catch().heed());
    let _mode = terminal.key_mode().map_err(broken)?;
    let is_styled = terminal.shows_styles();
    let size = || terminal.size().unwrap_or(USUAL);
    let mut resizes = listen(Signal::WINCH);
    let mut list = List::new(question, items);
    let mut keys = Keys::default();
    let drawn = Drawn {
        terminal,
        is_closed: false,
    };
    loop {
        // During a paste only the last state is worth drawing.
        if !terminal.holds_typed() {
            terminal
                .draw(&list.draw(size(), is_styled))
                .map_err(broken)?;
        }
        let resized = async {
            match &mut resizes {
                Some(resizes) => drop(resizes.recv().await),
                None => pending().await,
            }
        };
        let byte = tokio::select! {
            biased;
            byte = terminal.read_byte() => byte.map_err(broken)?,
            never = &mut heeding => match never {},
            () = resized => continue,
        };
        let key = match byte {
            Some(byte) => keys.press(byte),
            None => Some(Key::Cancel),
        };
        let key = match key {
            None if keys.is_within() && !terminal.holds_typed() => {
                sleep(REST).await;
                match terminal.holds_typed() {
                    true => None,
                    false => keys.give_up(),
                }
            }
            key => key,
        };
        let (close, done) = match key.map(|key| list.press(key)) {
            None | Some(Pressed::Nothing) => continue,
            Some(Pressed::Chosen(item)) => (list.close(&items[item].name, size()), Ok(item)),
            Some(Pressed::Cancelled) => (list.close_cancelled(size()), Err(Failure::cancelled())),
        };
        drawn.close(&close).map_err(broken)?;
        return done;
    }
}
