//! Defines what the user wants checked, and for whom. It finds nobody.

use crate::exit::{Exit, Failure, Result};
use crate::policy::MaxAge;

/// What the user wants checked.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Whom to check.
    pub(crate) whom: Whom,
    /// The limit on the age of MFA, if there is one.
    pub(crate) max_age: Option<MaxAge>,
    /// Whether to judge the policies also as they are.
    pub(crate) today: bool,
}

/// Whom to check.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    /// The user whose keys are used.
    Caller,
    /// A user, by name or ARN.
    User(String),
    /// The members of a group.
    Group(String),
    /// All users of the account.
    Everybody,
    /// Nobody: documents that are not attached yet.
    Documents(Vec<File>),
}

/// A document in a file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its name, for people.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

impl Whom {
    /// Fails if this means the caller, and `holder`'s keys belong to a role.
    pub(super) fn check_role(&self, holder: &str) -> Result<()> {
        match self {
            Self::Caller => Err(Failure::new(
                Exit::Usage,
                format!("{holder} is a role, but force-mfa is for users: choose one"),
            )
            .hint("use --user NAME, --group NAME, --all-users or --file")),
            Self::User(_) | Self::Group(_) | Self::Everybody | Self::Documents(_) => Ok(()),
        }
    }
}
