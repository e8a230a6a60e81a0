//! Puts a terminal into line mode for a question, and back after it: full-screen programs take its keys
//! one by one, and then neither the return key nor Ctrl-C would end a question. It shows and reads
//! nothing.

#[cfg(unix)]
use super::signals;
#[cfg(unix)]
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex as Key, Termios,
    tcgetattr, tcgetpgrp, tcsetattr,
};
use std::fs::File;
use std::io;

/// What Ctrl-C types.
pub(super) const CTRL_C: u8 = 0x03;

/// What a key is set to that does nothing: 0 on Linux, 255 elsewhere.
#[cfg(unix)]
const OFF: [u8; 2] = [0, 0xff];

/// The mode that a terminal is in for a question. It goes back into the one before when this is dropped.
#[cfg(unix)]
pub(crate) struct LineMode<'a> {
    before: Option<(Screen<'a>, Termios)>,
}

/// A terminal to set the mode of.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(unix),
    expect(dead_code, reason = "Windows knows no modes and no jobs")
)]
pub(super) struct Screen<'a> {
    pub(super) file: &'a File,
    /// Whether it controls this process: it knows jobs, and its keys send signals.
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

    /// Whether it hands over its input line by line.
    pub(super) fn takes_lines(self) -> bool {
        #[cfg(unix)]
        {
            let modes = tcgetattr(self.file);
            modes.is_ok_and(|modes| modes.local_modes.contains(LocalModes::ICANON))
        }
        #[cfg(not(unix))]
        {
            true
        }
    }
}

#[cfg(unix)]
impl<'a> LineMode<'a> {
    /// Puts `terminal` into line mode, where it is not. From the background it is left as it is: to set it
    /// there would stop us.
    pub(super) fn enter(terminal: Screen<'a>) -> io::Result<Self> {
        let before = tcgetattr(terminal.file)?;
        let mut modes = before.clone();
        let mut is_changed = false;
        if !takes_lines(&modes) {
            take_lines(&mut modes);
            is_changed = true;
        }
        if !terminal.is_controlling {
            // It sends no signal to anybody, so Ctrl-C has to end the line instead.
            modes.local_modes.remove(LocalModes::ISIG);
            modes.special_codes[Key::VEOL] = CTRL_C;
            is_changed = true;
        }
        is_changed &= terminal.is_ours();
        if is_changed {
            signals::catch_ends();
            // What was typed before stays.
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
        // In the background that would stop us, and the shell has set its own mode anyway.
        if let Some((terminal, before)) = &self.before
            && terminal.is_ours()
        {
            // A terminal that is gone needs no mode.
            let _ = tcsetattr(terminal.file, OptionalActions::Now, before);
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
    // Where lines are taken and not shown, somebody wants it so.
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

/// The console of Windows takes lines as we open it.
#[cfg(not(unix))]
pub(crate) struct LineMode<'a>(std::marker::PhantomData<&'a File>);

#[cfg(not(unix))]
impl<'a> LineMode<'a> {
    pub(super) fn enter(_: Screen<'a>) -> io::Result<Self> {
        Ok(Self(std::marker::PhantomData))
    }
}
