//! Switches the terminal to its alternate screen and back, however the run stops or ends: nothing shown
//! there stays in the scrollback. It asks nothing, and never decides what is shown.
//!
//! There is one terminal, so there is one such screen. It is global state, because a panic and a stop
//! have to leave it, too.

use super::tty::Terminal;
use crate::picture::{Picture, Size};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Switches to it. The terminal remembers the cursor of the usual screen.
const ENTER: &str = "\x1b[?1049h";

/// Clears it: default colours, and the whole screen scrolls.
const CLEAR: &str = "\x1b[r\x1b[0m\x1b[H\x1b[2J";

/// Switches back. The screen is cleared first: a terminal without an alternate screen has shown
/// everything on the only one it has.
const LEAVE: &str = "\x1b[?1049l";

/// The contents of the alternate screen while it is shown.
static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

struct Shown {
    terminal: Terminal,
    picture: Picture,
    size: Size,
    /// The lines below the picture, the newest last.
    said: Vec<String>,
    /// The question after them while an answer is awaited.
    question: String,
    /// Whether the usual screen is back because the process is stopped or in the background.
    is_aside: bool,
}

/// The alternate screen with a picture at its top. Dropping it brings the usual one back.
pub(super) struct Alternate(());

impl Alternate {
    /// Switches `terminal`, which has this size, to it. From now on the runtime handles the signals that
    /// would end this process.
    pub(super) fn enter(terminal: &Terminal, size: Size, picture: &Picture) -> io::Result<Self> {
        let shown = Shown {
            terminal: terminal.try_clone()?,
            picture: picture.clone(),
            size,
            said: Vec::new(),
            question: String::new(),
            is_aside: true,
        };
        #[cfg(unix)]
        super::signals::catch_ends();
        *shown_now() = Some(shown);
        let this = Self(());
        this.refresh()?;
        Ok(this)
    }

    /// Shows it again if the usual screen is shown and we are in the foreground.
    pub(super) fn refresh(&self) -> io::Result<()> {
        match &mut *shown_now() {
            Some(shown) if shown.is_aside => shown.draw(),
            _ => Ok(()),
        }
    }

    /// Shows a question below the picture. It stays on the screen until the result is dropped.
    pub(super) fn ask(&self, question: &str) -> io::Result<Question> {
        if let Some(shown) = &mut *shown_now() {
            shown.question = crate::text::escape(question);
            if shown.is_aside {
                shown.draw()?;
            } else {
                shown.terminal.show_question(question)?;
            }
        }
        Ok(Question(()))
    }

    /// Shows a line below the picture.
    pub(super) fn say(&self, text: &str) -> io::Result<()> {
        let mut shown = shown_now();
        let Some(shown) = &mut *shown else {
            return Ok(());
        };
        shown.said.push(crate::text::escape(text));
        if shown.is_aside {
            return Ok(());
        }
        shown.terminal.show(text)
    }
}

/// A question that is waiting for its answer.
pub(super) struct Question(());

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(shown) = &mut *shown_now() {
            shown.question.clear();
        }
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        leave_now(shown_now());
    }
}

impl Shown {
    fn draw(&mut self) -> io::Result<()> {
        let (size, taken) = (self.size, self.picture.size());
        // A scroll region has at least two lines.
        let fits = taken.columns <= size.columns && taken.lines + 2 <= size.lines;
        let (picture, begin, room) = if fits {
            let top = taken.lines + 1;
            // Only the part below the picture scrolls, so a long dialogue does not push the picture out.
            let region = format!("\x1b[{top};{}r\x1b[{top};1H", size.lines);
            (self.picture.expose(), region, size.lines - taken.lines)
        } else {
            let (columns, lines) = (taken.columns, taken.lines + 4);
            let words = format!(
                "this window is too small for the picture, which needs {columns} columns and {lines} lines\r\n"
            );
            ("", words, size.lines)
        };
        // Lines for which there is no room have scrolled away.
        let old = self.said.len().saturating_sub(room.saturating_sub(1));
        let said = self.said.iter().skip(old).map(|line| format!("{line}\r\n"));
        let said = said.collect::<String>();
        let enter = if self.is_aside { ENTER } else { "" };
        let parts = [enter, CLEAR, picture, &begin, &said, &self.question];
        let text = Zeroizing::new(parts.concat());
        self.is_aside = false;
        self.terminal.draw(&text)
    }

    fn step_aside(&mut self) {
        if !std::mem::replace(&mut self.is_aside, true) {
            // If the terminal is gone there is nothing left to clear.
            let _ = self.terminal.draw(&[CLEAR, LEAVE].concat());
        }
    }
}

/// Leaves the alternate screen for good, if it is shown, so that what is printed next is visible and
/// stays.
pub(super) fn leave() {
    // The thread that panics may be the one that holds the lock.
    if let Ok(shown) = SHOWN.try_lock() {
        leave_now(shown);
    }
}

/// Shows the usual screen while the process is stopped.
#[cfg(unix)]
pub(super) fn step_aside() {
    if let Some(shown) = &mut *shown_now() {
        shown.step_aside();
    }
}

/// Shows the alternate screen again after a stop, if the terminal is ours again. The shell may have
/// drawn over it.
#[cfg(unix)]
pub(super) fn step_back() {
    if let Some(shown) = &mut *shown_now()
        && shown.terminal.is_ours()
    {
        // After a stop that was not caught, either screen may be shown.
        shown.is_aside = true;
        let _ = shown.draw();
    }
}

/// Redraws it after the window was resized: the corners are lost, and nothing is where it was.
#[cfg(unix)]
pub(super) fn resize() {
    if let Some(shown) = &mut *shown_now()
        && let Some(size) = shown.terminal.size()
        && size != shown.size
    {
        shown.size = size;
        if !shown.is_aside && shown.terminal.is_ours() {
            // A half-typed answer is no longer visible, so it must not count.
            shown.terminal.forget_typed();
            let _ = shown.draw();
        }
    }
}

fn leave_now(mut shown: MutexGuard<'_, Option<Shown>>) {
    if let Some(mut shown) = shown.take() {
        shown.step_aside();
    }
}

fn shown_now() -> MutexGuard<'static, Option<Shown>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
