//! Switches the terminal to its alternate screen and back, whatever ends or stops the run: what is shown
//! there is in no scrollback. It asks nothing, and never decides what is shown.
//!
//! There is one terminal and so one such screen. It is known to the whole process, because a panic and a
//! stop have to leave it too.

use super::tty::Terminal;
use crate::picture::{Picture, Size};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Switches to it. The terminal keeps where the cursor is on the usual one.
const ENTER: &str = "\x1b[?1049h";

/// Empties it, in plain colours, and lets all of it scroll.
const CLEAR: &str = "\x1b[r\x1b[0m\x1b[H\x1b[2J";

/// Switches back. It is emptied before: a terminal that knows no other screen has shown it all on this one.
const LEAVE: &str = "\x1b[?1049l";

/// What the alternate screen shows, while it does.
static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

struct Shown {
    terminal: Terminal,
    picture: Picture,
    size: Size,
    /// What was said below the picture, the newest last.
    said: Vec<String>,
    /// What stands behind it while an answer is awaited.
    question: String,
    /// Whether the usual screen is back for as long as the process is stopped, or in the background.
    is_aside: bool,
}

/// The alternate screen, with a picture at its top. The usual one comes back when this is dropped.
pub(super) struct Alternate(());

impl Alternate {
    /// Switches `terminal`, of that size, to it. What would end this process is heeded by the runtime from
    /// now on.
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

    /// Shows it again where the usual screen is shown, in the foreground.
    pub(super) fn refresh(&self) -> io::Result<()> {
        match &mut *shown_now() {
            Some(shown) if shown.is_aside => shown.draw(),
            _ => Ok(()),
        }
    }

    /// Shows a question below the picture. It is part of what is shown until the result is dropped.
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

/// A question that waits for its answer.
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
        // A region that scrolls has two lines at least.
        let fits = taken.columns <= size.columns && taken.lines + 2 <= size.lines;
        let (picture, begin, room) = if fits {
            let top = taken.lines + 1;
            // Only what is below the picture scrolls: a long dialogue does not push it out.
            let region = format!("\x1b[{top};{}r\x1b[{top};1H", size.lines);
            (self.picture.expose(), region, size.lines - taken.lines)
        } else {
            let (columns, lines) = (taken.columns, taken.lines + 4);
            let words = format!(
                "this window is too small for the picture, which needs {columns} columns and {lines} lines\r\n"
            );
            ("", words, size.lines)
        };
        // What there is no room for was scrolled away.
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
            // A terminal that is gone shows nothing any more.
            let _ = self.terminal.draw(&[CLEAR, LEAVE].concat());
        }
    }
}

/// Leaves the alternate screen for good, if it is shown: what is printed next is to be seen, and to stay.
pub(super) fn leave() {
    // Whoever has it may be who panics.
    if let Ok(shown) = SHOWN.try_lock() {
        leave_now(shown);
    }
}

/// Shows the usual screen for as long as the process is stopped.
#[cfg(unix)]
pub(super) fn step_aside() {
    if let Some(shown) = &mut *shown_now() {
        shown.step_aside();
    }
}

/// Shows the alternate screen again after a stop, where the terminal is ours again: the shell may have drawn
/// over it.
#[cfg(unix)]
pub(super) fn step_back() {
    if let Some(shown) = &mut *shown_now()
        && shown.terminal.is_ours()
    {
        // After a stop that nobody catches it is not known which screen there is.
        shown.is_aside = true;
        let _ = shown.draw();
    }
}

/// Shows it again after the window has got another size: what was in the corners is lost, and nothing is in
/// its place.
#[cfg(unix)]
pub(super) fn resize() {
    if let Some(shown) = &mut *shown_now()
        && let Some(size) = shown.terminal.size()
        && size != shown.size
    {
        shown.size = size;
        if !shown.is_aside && shown.terminal.is_ours() {
            // Half an answer would not be seen any more.
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
