//! Decides whether the user can be asked at the terminal, and at which one. It asks nothing itself.

use super::tty::Terminal;
use std::fmt;
use std::time::{Duration, Instant};

/// How long to wait for the user, or for another awsmfa that is asking, if our caller gives up too: the
/// caller of a `credential_process` does so after 60 seconds (Go SDK).
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

/// Whether and how the user may be asked at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Never.
    No,
    /// Without a time limit.
    Yes,
    /// Only in the terminal's foreground, and only until this instant, because the caller gives up then.
    InForeground(Instant),
}

/// Why nobody can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// The user said not to.
    Forbidden,
    /// There is no terminal.
    NoTerminal,
    /// Another job is in the terminal's foreground.
    Background,
    /// A program reads single keys from the terminal, so it would get what is typed.
    FullScreen,
    /// What is typed would be shown, but must not be.
    InTheOpen,
}

impl Asking {
    /// In the foreground only, within the patience of a caller that gives up.
    pub(crate) fn for_caller() -> Self {
        Self::InForeground(Instant::now() + PATIENCE)
    }

    /// The terminal to ask at.
    pub(crate) fn place(self) -> Result<Terminal, Nowhere> {
        if self == Self::No {
            return Err(Nowhere::Forbidden);
        }
        let terminal = Terminal::open().ok_or(Nowhere::NoTerminal)?;
        match self {
            _ if !terminal.is_ours() => Err(Nowhere::Background),
            // A full-screen program that runs us to get a session goes on reading keys itself. Someone
            // who runs `login` from one waits for it.
            Self::InForeground(_) if terminal.is_raw() => Err(Nowhere::FullScreen),
            _ => Ok(terminal),
        }
    }

    /// Fails if nobody can be asked, not even once this process is in the foreground.
    pub(crate) fn check(self) -> Result<(), Nowhere> {
        match self.place() {
            Err(nowhere) if !self.waits_out(nowhere) => Err(nowhere),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The same for a secret, which must not be shown.
    pub(crate) fn check_for_secret(self) -> Result<(), Nowhere> {
        self.check()?;
        match Terminal::open() {
            Some(terminal) if !terminal.has_modes() => Err(Nowhere::InTheOpen),
            _ => Ok(()),
        }
    }

    /// Whether to wait for the foreground because of `nowhere`.
    pub(crate) fn waits_out(self, nowhere: Nowhere) -> bool {
        nowhere == Nowhere::Background && self == Self::Yes
    }
}

impl fmt::Display for Nowhere {
    /// The reason, to follow "and".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forbidden => "--no-input forbids asking",
            Self::NoTerminal => "there is no terminal to ask on",
            Self::Background => "awsmfa is in the background",
            Self::FullScreen => "a full-screen program has the terminal",
            Self::InTheOpen => "this terminal can't hide what is typed",
        })
    }
}
