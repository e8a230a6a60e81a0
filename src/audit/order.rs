//! Defines what a person wants to know, and of whom. It finds nobody.

use crate::aws::{Entry, Owner};
use crate::exit::{Exit, Failure};
use crate::policy::MaxAge;
use crate::text::quoted;
use crate::value::Arn;
use std::str::FromStr;

/// What a person wants to know.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Whom it is about.
    pub(crate) whom: Whom,
    /// How old MFA may be, where that is limited.
    pub(crate) max_age: Option<MaxAge>,
    /// Whether policies are judged also as they are.
    pub(crate) today: bool,
    /// What the requests say beside what is known of them.
    pub(crate) given: Vec<Entry>,
}

/// Whom a person asks about.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    /// The user whose keys ask.
    Caller,
    /// A user.
    User(UserWord),
    /// The members of a group.
    Group(GroupName),
    /// All users of the account.
    Everybody,
    /// Nobody: documents that are attached to nobody yet.
    Documents(Vec<File>),
}

/// A user by their name or ARN.
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

/// A group by its name.
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

/// Whether IAM has such names, with at most so many characters. They are without a path.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn is_name(text: &str, longest: usize) -> bool {
    let is_of_one = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (1..=longest).contains(&text.len()) && text.chars().all(is_of_one)
}

/// What is wrong with `arn` where a user is to be named.
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
    /// Fails where this means a user, and `holder`'s keys are a role's.
    pub(super) fn check_role(&self, holder: &str) -> Result<(), Failure> {
        match self {
            Self::Caller => Err(Failure::new(
                Exit::Usage,
                format!("{holder} is a role: force-mfa is for users; name one"),
            )
            .hint("give --user NAME, --group NAME, --all-users or --file")),
            Self::User(_) | Self::Group(_) | Self::Everybody | Self::Documents(_) => Ok(()),
        }
    }
}
