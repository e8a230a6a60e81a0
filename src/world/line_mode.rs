//! Puts a terminal into line mode for a question, and back afterwards: full-screen programs read single
//! keys, and then neither Return nor Ctrl-C would end a question. It turns the echo off for a secret, and
//! puts the terminal into single-key mode for a list. It shows and reads nothing.

#[cfg(unix)]
use super::signals;
#[cfg(unix)]
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex as Key, Termios,
    tcgetattr, tcgetpgrp, tcsetattr,
};
use std::fs::File;
use std::io;

/// The byte that Ctrl-C types.
pub(super) const CTRL_C: u8 = 0x03;

/// The value of a disabled key: 0 on Linux, 255 elsewhere.
#[cfg(unix)]
const OFF: [u8; 2] = [0, 0xff];

/// Whether the terminal shows what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// As it was before.
    Shown,
    /// Hidden, because it is a secret.
    Hidden,
    /// Not, and each key is handed over as it is pressed. Those that send a signal still do.
    #[cfg(unix)]
    KeyByKey,
}

/// A terminal's mode for a question. Dropping it restores the mode before.
#[cfg(unix)]
pub(crate) struct LineMode<'a> {
    before: Option<(Screen<'a>, Modes)>,
}

/// The modes of a terminal, for restoring them.
#[cfg(unix)]
pub(super) struct Modes(Termios);

#[cfg(unix)]
impl Modes {
    /// The current modes of `terminal`.
    pub(super) fn of(terminal: Screen<'_>) -> io::Result<Self> {
        Ok(Self(tcgetattr(terminal.file)?))
    }

    /// Restores them if they have changed. Not from the background: that would stop us, and the shell or
    /// another program has set its own modes.
    pub(super) fn put_back(&self, terminal: Screen<'_>) {
        let parts = |it: &Termios| {
            let flags = (it.local_modes, it.input_modes, it.output_modes);
            (flags, KEYS.map(|key| it.special_codes[key]))
        };
        let now = tcgetattr(terminal.file);
        let is_changed = now.is_ok_and(|now| parts(&now) != parts(&self.0));
        if is_changed && terminal.is_ours() {
            // If the terminal is gone there is nothing to restore.
            let _ = tcsetattr(terminal.file, OptionalActions::Now, &self.0);
        }
    }
}

/// The keys that a question may change.
#[cfg(unix)]
const KEYS: [Key; 5] = [Key::VINTR, Key::VEOF, Key::VERASE, Key::VKILL, Key::VEOL];

/// A terminal whose mode is to be set.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(unix),
    expect(dead_code, reason = "Windows knows no modes and no jobs")
)]
pub(super) struct Screen<'a> {
    pub(super) file: &'a File,
    /// Whether it is our controlling terminal: it has job control, and its keys send signals.
    pub(super) is_controlling: bool,
}

impl Screen<'_> {
    /// Whether this process is in its foreground.
    pub(super) fn is_ours(self) -> bool {
        #[cfg(unix)]
        {
            let group = || tcgetpgrp(self.file);
            !self.is_controlling || group().is_ok_and(|it| it == rustix::process::getpgrp())
        }
        #[cfg(not(unix))]
        {
            true
        }
    }

    /// Whether it delivers its input line by line, as far as we can tell.
    pub(super) fn takes_lines(self) -> bool {
        #[cfg(unix)]
        {
            tcgetattr(self.file)
                .map_or(true, |modes| modes.local_modes.contains(LocalModes::ICANON))
        }
        #[cfg(not(unix))]
        {
            true
        }
    }

    /// Whether its mode can be read, and so be changed and put back. An emulated Linux may not know the
    /// system call for that, although the terminal can be used: QEMU 7.2 does not know TCGETS2, and rustix
    /// falls back to the older TCGETS only on ENOTTY and EACCES.
    pub(super) fn has_modes(self) -> bool {
        #[cfg(unix)]
        {
            tcgetattr(self.file).is_ok()
        }
        #[cfg(not(unix))]
        {
            true
        }
    }
}

#[cfg(unix)]
impl<'a> LineMode<'a> {
    /// Puts `terminal` into line mode if it is in another, and hides what is typed there if `typed` says
    /// so. Does nothing in the background, where changing modes would stop us. If nothing has to be hidden,
    /// a terminal [without modes](Screen::has_modes) is used the way it is.
    pub(super) fn enter(terminal: Screen<'a>, typed: Typing) -> io::Result<Self> {
        let before = match Modes::of(terminal) {
            Err(_) if typed == Typing::Shown => return Ok(Self { before: None }),
            modes => modes?,
        };
        let mut modes = before.0.clone();
        let mut is_changed = false;
        if !takes_lines(&modes) {
            take_lines(&mut modes);
            is_changed = true;
        }
        if !terminal.is_controlling {
            // It can't send signals to us, so Ctrl-C has to end the line instead.
            modes.local_modes.remove(LocalModes::ISIG);
            modes.special_codes[Key::VEOL] = CTRL_C;
            is_changed = true;
        }
        if typed == Typing::Hidden && modes.local_modes.contains(LocalModes::ECHO) {
            modes.local_modes.remove(LocalModes::ECHO);
            // Return should still begin a new line on the screen.
            modes.local_modes.insert(LocalModes::ECHONL);
            is_changed = true;
        }
        if typed == Typing::KeyByKey {
            modes.local_modes -= LocalModes::ICANON
                | LocalModes::ECHO
                | LocalModes::ECHONL
                // Ctrl-V and the like are keys, too.
                | LocalModes::IEXTEN;
            modes.special_codes[Key::VMIN] = 1;
            modes.special_codes[Key::VTIME] = 0;
            is_changed = true;
        }
        is_changed &= terminal.is_ours();
        if is_changed {
            signals::catch_ends();
            // Input that was typed before stays.
            tcsetattr(terminal.file, OptionalActions::Now, &modes)?;
        }
        Ok(Self {
            before: is_changed.then_some((terminal, before)),
        })
    }
}

#[cfg(unix)]
impl Drop for LineMode<'_> {
    fn drop(&mut self) {
        if let Some((terminal, before)) = &self.before {
            before.put_back(*terminal);
        }
    }
}

/// Whether the return key ends a line and Ctrl-C interrupts.
#[cfg(unix)]
fn takes_lines(modes: &Termios) -> bool {
    let local = LocalModes::ICANON | LocalModes::ISIG;
    let input = modes.input_modes & (InputModes::ICRNL | InputModes::IGNCR);
    modes.local_modes.contains(local) && input == InputModes::ICRNL
}

#[cfg(unix)]
fn take_lines(modes: &mut Termios) {
    // If the terminal is in line mode without echo, somebody wants it so.
    if !modes.local_modes.contains(LocalModes::ICANON) {
        modes.local_modes |= LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHOK;
    }
    modes.local_modes |= LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
    modes.input_modes |= InputModes::ICRNL;
    modes.input_modes -= InputModes::IGNCR | InputModes::INLCR;
    modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    for (key, usual) in [
        (Key::VINTR, CTRL_C),
        (Key::VEOF, 0x04),
        (Key::VERASE, 0x7f),
        (Key::VKILL, 0x15),
    ] {
        if OFF.contains(&modes.special_codes[key]) {
            modes.special_codes[key] = usual;
        }
    }
}

/// A console on Windows delivers lines the way we open it.
#[cfg(not(unix))]
pub(crate) struct LineMode<'a>(std::marker::PhantomData<&'a File>);

#[cfg(not(unix))]
impl<'a> LineMode<'a> {
    pub(super) fn enter(_: Screen<'a>, _: Typing) -> io::Result<Self> {
        Ok(Self(std::marker::PhantomData))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::{LineMode, Screen, Typing};
    use std::fs::File;
    use std::os::fd::OwnedFd;

    #[test]
    fn what_has_no_modes_is_used_as_it_is_but_hides_no_secret() {
        let (reader, _writer) = std::io::pipe().expect("a pipe");
        let file = File::from(OwnedFd::from(reader));
        let screen = Screen {
            file: &file,
            is_controlling: false,
        };
        assert!(!screen.has_modes());
        assert!(screen.takes_lines());
        assert!(LineMode::enter(screen, Typing::Shown).is_ok());
        assert!(LineMode::enter(screen, Typing::Hidden).is_err());
        assert!(LineMode::enter(screen, Typing::KeyByKey).is_err());
    }
}
