//! Defines what is found out about one thing: how it stands, what it is, and what to do. It never
//! prints itself.

use crate::exit::Failure;
use crate::store::Trouble;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Good,
    /// It works, and something about it may not be meant so.
    Warning,
    /// It keeps awsmfa or AWS tools from their work.
    Bad,
    /// It could not be found out.
    Unknown,
}

impl Level {
    /// The word for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found out about one thing.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// How it stands.
    pub(crate) level: Level,
    /// What it is about, in a word or two.
    pub(crate) subject: &'static str,
    /// One line, lower case, no full stop.
    pub(crate) message: String,
    /// What to do, where there is something to do.
    pub(crate) hint: Option<String>,
}

impl Finding {
    fn new(level: Level, subject: &'static str, message: impl Into<String>) -> Self {
        Self {
            level,
            subject,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn good(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Good, subject, message)
    }

    pub(super) fn warning(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, subject, message)
    }

    pub(super) fn bad(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Bad, subject, message)
    }

    pub(super) fn unknown(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Unknown, subject, message)
    }

    /// What a command would fail with.
    pub(super) fn failure(level: Level, subject: &'static str, failure: Failure) -> Self {
        Self {
            hint: failure.hint,
            ..Self::new(level, subject, failure.message)
        }
    }

    /// What is the matter with a file.
    pub(super) fn trouble(subject: &'static str, trouble: Trouble) -> Self {
        let level = match trouble.is_grave {
            true => Level::Bad,
            false => Level::Warning,
        };
        Self {
            hint: trouble.notice.remedy,
            ..Self::new(level, subject, trouble.notice.what)
        }
    }

    /// Adds what to do.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }
}
