//! Defines what the user wants checked, and for whom. It does not look any of them up.

use crate::aws::{Entry, Owner};
use crate::exit::{Exit, Failure};
use crate::policy::MaxAge;
use crate::text::quoted;
use crate::value::Arn;
use std::str::FromStr;

/// What the user wants checked.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Whom to check.
    pub(crate) whom: Whom,
    /// The limit on the age of MFA, if there is one.
    pub(crate) max_age: Option<MaxAge>,
    /// Whether to judge the policies also as they are.
    pub(crate) today: bool,
    /// The condition keys that the user adds to the requests.
    pub(crate) given: Vec<Entry>,
}

/// Whom to check.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    /// The user whose keys are used.
    Caller,
    /// A user.
    User(UserWord),
    /// The members of a group.
    Group(GroupName),
    /// All users of the account.
    Everybody,
    /// Nobody: documents that are not attached yet.
    Documents(Vec<File>),
}

/// A user, by name or ARN.
#[derive(Clone, Debug)]
pub(crate) enum UserWord {
    Name(String),
    Arn(Arn),
}

impl FromStr for UserWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("arn:") {
            let arn: Arn = text.parse()?;
            return match Owner::of(&arn) {
                Some(Owner::User(_)) => Ok(Self::Arn(arn)),
                _ => Err(not_a_user(&arn)),
            };
        }
        match is_name(text, 64) {
            true => Ok(Self::Name(text.to_owned())),
            false => Err(format!("{} is not the name of a user", quoted(text))),
        }
    }
}

/// A group, by name.
#[derive(Clone, Debug)]
pub(crate) struct GroupName(pub(super) String);

impl FromStr for GroupName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_name(text, 128) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("{} is not the name of a group", quoted(text))),
        }
    }
}

/// Whether IAM allows such names, of at most that many characters and without a path.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn is_name(text: &str, longest: usize) -> bool {
    let is_of_one = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (1..=longest).contains(&text.len()) && text.chars().all(is_of_one)
}

/// Why `arn` does not name a user.
fn not_a_user(arn: &Arn) -> String {
    format!(
        "{} is not a user: force-mfa is for users",
        quoted(arn.as_str())
    )
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
    pub(super) fn check_role(&self, holder: &str) -> Result<(), Failure> {
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
