//! Distinguishes a file that can't be written from one that must not be: the first may stop no sign-in,
//! the second must. It does not decide what follows from that.

use crate::exit::Failure;

/// Why an update was not made.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// The file can't be written, whatever its new content: it is read-only or has no place, its disk is
    /// full, there is no room for its lock or a backup, or another program does not release it.
    Unwritable(Failure),
    /// The content must not be overwritten or can't be understood, or can't be edited without harm.
    Refused(Failure),
}

/// When in doubt, it is a refusal.
impl From<Failure> for NotWritten {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<NotWritten> for Failure {
    fn from(not_written: NotWritten) -> Self {
        match not_written {
            NotWritten::Unwritable(failure) | NotWritten::Refused(failure) => failure,
        }
    }
}
