//! Defines what a person wants to know, and of whom. It finds nobody.

use crate::exit::{Exit, Failure, Result};
use crate::policy::MaxAge;

/// What a person wants to know.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Whom it is about.
    pub(crate) whom: Whom,
    /// How old MFA may be, where that is limited.
    pub(crate) max_age: Option<MaxAge>,
    /// Whether policies are judged also as they are.
    pub(crate) today: bool,
}

/// Whom a person asks about.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    /// The user whose keys ask.
    Caller,
    /// A user by their name or ARN.
    User(String),
    /// The members of a group.
    Group(String),
    /// All users of the account.
    Everybody,
    /// Nobody: documents that are attached to nobody yet.
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
    /// Fails where this means a user, and `holder`'s keys are a role's.
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
