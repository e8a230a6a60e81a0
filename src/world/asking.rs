//! Decides whether a person can be asked at the terminal, and where. It asks nothing itself.

use super::tty::Terminal;
use std::fmt;
use std::time::{Duration, Instant};

/// How long to wait for a person, or for another awsmfa that asks one, where our caller gives up
/// too: those of a `credential_process` after 60 seconds (Go SDK).
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

/// Whether and how a person may be asked at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Never.
    No,
    /// For as long as it takes.
    Yes,
    /// Only from the terminal's foreground, and only until then: the caller gives up too.
    InForeground(Instant),
}

/// Why no person can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// They don't want to be.
    Forbidden,
    /// There is no terminal.
    NoTerminal,
    /// Another job is in the terminal's foreground.
    Background,
    /// A program takes the terminal's keys one by one: what is typed would go to it.
    FullScreen,
}

impl Asking {
    /// From the terminal's foreground, for as long as a caller that gives up waits for us.
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
            // Such a program runs us to get a session, and goes on reading keys itself. A person who
            // runs `login` from one waits for it.
            Self::InForeground(_) if terminal.is_raw() => Err(Nowhere::FullScreen),
            _ => Ok(terminal),
        }
    }

    /// Fails where no person can be asked, not even once this process is in the foreground.
    pub(crate) fn check(self) -> Result<(), Nowhere> {
        match self.place() {
            Err(nowhere) if !self.waits_out(nowhere) => Err(nowhere),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Whether `nowhere` is a reason to wait until this process is in the foreground.
    pub(crate) fn waits_out(self, nowhere: Nowhere) -> bool {
        nowhere == Nowhere::Background && self == Self::Yes
    }
}

impl fmt::Display for Nowhere {
    /// The reason, fit to stand behind "and".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forbidden => "--no-input forbids asking",
            Self::NoTerminal => "there is no terminal to ask on",
            Self::Background => "awsmfa is in the background",
            Self::FullScreen => "a full-screen program has the terminal",
        })
    }
}
