//! Defines the exit codes, and the failure that carries one to the place that reports it.
//!
//! A `Failure` is what a person is to read: what happened, to which file or profile, and what to
//! do next. It never prints itself.

/// What fallible functions of awsmfa return.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// What the long help and the manual pages say of the exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed: a file, a setting; policy check: something is open
    2  invalid command line
    3  no valid session
    4  AWS refused the code or the device
    5  AWS refused the keys or the permission
    6  AWS can't be reached, or its answer can't be used
    7  a code or an answer is needed, and nobody can be asked
  126  exec: the command can't be run
  127  exec: the command is not found
  130  cancelled";

/// The exit codes of awsmfa, as docs/reference.md and `--help` list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed for a reason that has no code of its own: a file, a setting; or a check found something.
    Failed = 1,
    /// The command line is invalid.
    Usage = 2,
    /// There is no valid session.
    NoSession = 3,
    /// AWS refused the code or the device.
    CodeRefused = 4,
    /// AWS refused the keys or the permission.
    KeysRefused = 5,
    /// AWS could not be reached, or its answer could not be used.
    Unreachable = 6,
    /// A code or an answer is needed and nobody can be asked.
    CodeNeeded = 7,
    /// `exec`: the command can't be run.
    CommandNotRun = 126,
    /// `exec`: the command is not found.
    CommandNotFound = 127,
    /// The person cancelled.
    Cancelled = 130,
}

/// What else awsmfa could do about a failure, for the commands that go on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The user has no MFA device: enrol one.
    Enroll,
    /// AWS knows the device, but its codes don't fit: resynchronise it.
    Resync,
    /// The code is of no use any more: try another.
    NextCode,
}

/// An error that a person is to read, with the exit code it ends in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// The code the process ends with.
    pub(crate) exit: Exit,
    /// One line, lower case, no full stop, naming the file or profile.
    pub(crate) message: String,
    /// What to do next, printed after `hint:`.
    pub(crate) hint: Option<String>,
    /// What only `-v` shows, such as a request id; one line, holds no secret.
    pub(crate) detail: Option<String>,
    /// What could be done about it, never shown.
    pub(crate) remedy: Option<Remedy>,
}

impl Failure {
    /// A failure that ends in `exit`.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
            detail: None,
            remedy: None,
        }
    }

    /// A failure that has no exit code of its own: a file, a setting.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a further way on to what to do next.
    pub(crate) fn further_hint(self, way: impl Into<String>) -> Self {
        let way = way.into();
        let hint = match &self.hint {
            Some(hint) => format!("{hint}; {way}"),
            None => way,
        };
        self.hint(hint)
    }

    /// Adds what only `-v` shows.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what could be done about it.
    pub(crate) fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// Takes over what only `-v` shows from the failure that this one is about.
    pub(crate) fn detail_of(mut self, other: Self) -> Self {
        self.detail = other.detail;
        self
    }
}

/// Other people's errors are gathered with anyhow; their chain becomes one line.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => failure,
            Err(error) => Self::failed(format!("{error:#}")),
        }
    }
}
