//! Defines the exit codes, and the failure that carries one to the place that reports it. A `Failure`
//! says what happened, to which file or profile, and what to do next; it never prints itself.

/// What fallible functions of awsmfa return.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The exit codes in the words of the long help and the manual pages.
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
    /// Failed for a reason without a code of its own, such as a file or a setting; or a check found
    /// something.
    Failed = 1,
    /// Invalid command line.
    Usage = 2,
    /// There is no valid session.
    NoSession = 3,
    /// AWS refused the code or the device.
    CodeRefused = 4,
    /// AWS refused the keys or the permission.
    KeysRefused = 5,
    /// AWS could not be reached, or its answer could not be used.
    Unreachable = 6,
    /// A code or an answer is needed, and there is no way to ask.
    CodeNeeded = 7,
    /// `exec`: the command can't be run.
    CommandNotRun = 126,
    /// `exec`: the command was not found.
    CommandNotFound = 127,
    /// The user cancelled.
    Cancelled = 130,
}

/// A way in which awsmfa itself can help after a failure, for commands that offer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The user has no MFA device: enroll one.
    Enroll,
    /// AWS knows the device but not its codes: resync it.
    Resync,
    /// The code can't be used any more: try the next one.
    NextCode,
    /// No profile is named, and nothing says which is meant: ask.
    NameProfile,
}

/// An error message with the exit code it leads to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// The exit code of the process.
    pub(crate) exit: Exit,
    /// One line, lower case, no full stop, naming the file or profile.
    pub(crate) message: String,
    /// What to do next, printed after `hint:`.
    pub(crate) hint: Option<String>,
    /// Shown only with `-v`, such as a request id; one line, without secrets.
    pub(crate) detail: Option<String>,
    /// How awsmfa itself can help. Never shown.
    pub(crate) remedy: Option<Remedy>,
}

impl Failure {
    /// A failure with the exit code `exit`.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
            detail: None,
            remedy: None,
        }
    }

    /// A failure without an exit code of its own, such as a file or a setting.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The person does not want to go on: Ctrl-C, the end of the input, or a no. Whoever has changed
    /// something by then adds that.
    pub(crate) fn cancelled() -> Self {
        Self::new(Exit::Cancelled, "cancelled")
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds another way out to the hint.
    pub(crate) fn further_hint(self, way: impl Into<String>) -> Self {
        let way = way.into();
        let hint = match &self.hint {
            Some(hint) => format!("{hint}; {way}"),
            None => way,
        };
        self.hint(hint)
    }

    /// Adds the line that only `-v` shows.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds how awsmfa itself can help.
    pub(crate) fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// Takes over the detail of the failure that caused this one.
    pub(crate) fn detail_of(mut self, other: Self) -> Self {
        self.detail = other.detail;
        self
    }
}

/// Foreign errors are gathered with anyhow; their chain becomes one line.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => failure,
            Err(error) => Self::failed(format!("{error:#}")),
        }
    }
}
