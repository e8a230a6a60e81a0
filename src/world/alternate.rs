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

/// Switches to an empty screen, in plain colours.
const ENTER: &str = "\x1b[?1049h\x1b[0m\x1b[H\x1b[2J";

/// Lets the whole screen scroll again, and switches back. A terminal that knows no other screen has shown
/// it all on this one: there it is erased.
const LEAVE: &str = "\x1b[r\x1b[0m\x1b[H\x1b[2J\x1b[?1049l";

/// What the alternate screen shows, while it does.
static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

struct Shown {
    terminal: Terminal,
    picture: Picture,
    /// The last line of the terminal.
    last: usize,
    /// What was said below the picture, the newest last.
    said: Vec<String>,
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
            last: size.lines,
            said: Vec::new(),
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

    /// Shows a line below the picture.
    pub(super) fn say(&self, text: &str) -> io::Result<()> {
        let mut shown = shown_now();
        let Some(shown) = &mut *shown else {
            return Ok(());
        };
        shown.said.push(crate::text::escape(text));
        // More was scrolled away.
        let room = shown.last.saturating_sub(shown.picture.size().lines + 1);
        let old = shown.said.len().saturating_sub(room);
        shown.said.drain(..old);
        if shown.is_aside {
            return Ok(());
        }
        shown.terminal.show(text)
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        leave_now(shown_now());
    }
}

impl Shown {
    fn draw(&mut self) -> io::Result<()> {
        let top = self.picture.size().lines + 1;
        let picture = self.picture.expose();
        let rest = self.said.iter().map(|line| format!("{line}\r\n"));
        // Only what is below the picture scrolls: a long dialogue does not push it out.
        let region = format!("\x1b[{top};{}r\x1b[{top};1H", self.last);
        let rest = rest.collect::<String>();
        let parts = [ENTER, picture, &region, &rest];
        let text = Zeroizing::new(parts.concat());
        self.is_aside = false;
        self.terminal.draw(&text)
    }

    fn step_aside(&mut self) {
        if !std::mem::replace(&mut self.is_aside, true) {
            // A terminal that is gone shows nothing any more.
            let _ = self.terminal.draw(LEAVE);
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
        let _ = shown.draw();
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
