//! Lists the documents with their purpose, what they are attached to, and their size limit; a file each
//! makes them. It writes none.

mod create_role;
mod ec2_restrict;
mod force_mfa;
mod manage_mfa;
mod read_only;
mod require_mfa;
mod role_boundary;
mod role_trust;

use super::document::Document;
use super::limits::Limit;
use super::options::{Boundary, MaxAge, RolePath, Rules, Tag, UserPath};
use super::pattern::{Pattern, Piece, text, username};

/// A document with its options.
#[derive(Clone, Debug)]
pub(crate) enum Policy {
    /// Denies requests without MFA, to whoever has it.
    ForceMfa(Rules),
    /// The same for the users of an organization.
    ForceMfaScp(Rules, UserPath),
    /// Lets users manage their own devices, keys and password.
    ManageMfa(Rules),
    /// Grants everything, with MFA.
    RequireMfa(Option<MaxAge>),
    /// Lets users look at things.
    ReadOnly,
    /// Denies changes to protected instances.
    Ec2Restrict(Tag),
    /// Lets users create roles within a boundary.
    CreateRole(RolePath, Boundary),
    /// That boundary.
    RoleBoundary(Boundary),
    /// Lets an account's users assume a role, with MFA.
    RoleTrust(MaxAge),
}

/// What a document is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attached {
    /// A group of users.
    Group,
    /// An organizational unit or an account, from the management account.
    Organization,
    /// Roles, as their permissions boundary.
    Boundary,
    /// A role, as its trust policy.
    Trust,
}

impl Policy {
    /// Every document with its default options, in the order of the list.
    pub(crate) fn all() -> [Self; 9] {
        [
            Self::ForceMfa(Rules::default()),
            Self::ForceMfaScp(Rules::default(), UserPath::all()),
            Self::ManageMfa(Rules::default()),
            Self::RequireMfa(None),
            Self::ReadOnly,
            Self::Ec2Restrict(Tag::usual()),
            Self::CreateRole(RolePath::usual(), Boundary::usual()),
            Self::RoleBoundary(Boundary::usual()),
            Self::RoleTrust(MaxAge::HOUR),
        ]
    }

    /// The name that users type.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::ForceMfa(_) | Self::ForceMfaScp(..) => "force-mfa",
            Self::ManageMfa(_) => "manage-mfa",
            Self::RequireMfa(_) => "require-mfa",
            Self::ReadOnly => "read-only",
            Self::Ec2Restrict(_) => "ec2-restrict",
            Self::CreateRole(..) => "create-role",
            Self::RoleBoundary(_) => "role-boundary",
            Self::RoleTrust(_) => "role-trust",
        }
    }

    /// The words that users type, with the flag.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::ForceMfaScp(..) => format!("{} --scp", self.name()),
            _ => self.name().to_owned(),
        }
    }

    /// Its purpose: the end of a sentence that begins with its name.
    pub(crate) fn purpose(&self) -> &'static str {
        match self {
            Self::ForceMfa(_) => "without MFA, denies all but enrolling your own device",
            Self::ForceMfaScp(..) => {
                "without MFA, denies an organization's users all but enrolling"
            }
            Self::ManageMfa(_) => "lets users manage their own devices, keys and password",
            Self::RequireMfa(_) => "allows everything, with MFA",
            Self::ReadOnly => "lets users see what exists, but no content",
            Self::Ec2Restrict(_) => "denies changes to instances with a given tag",
            Self::CreateRole(..) => "lets users create roles limited by role-boundary",
            Self::RoleBoundary(_) => "the most that a role made with create-role may do",
            Self::RoleTrust(_) => "lets the account's users assume a role, with MFA",
        }
    }

    /// What it is attached to.
    pub(crate) fn attached(&self) -> Attached {
        match self {
            Self::ForceMfaScp(..) => Attached::Organization,
            Self::RoleBoundary(_) => Attached::Boundary,
            Self::RoleTrust(_) => Attached::Trust,
            _ => Attached::Group,
        }
    }

    /// Whom it is attached to, in words.
    pub(crate) fn attach_to(&self) -> &'static str {
        match self {
            Self::ForceMfa(_) => "a group of people, not machines or roles",
            Self::ForceMfaScp(..) => "an organizational unit",
            Self::ManageMfa(_) => "a group with all people in it",
            Self::RequireMfa(_) => "a group without other grants",
            Self::ReadOnly | Self::CreateRole(..) => "a group of users who need it",
            Self::Ec2Restrict(_) => "a group of users to keep out",
            Self::RoleBoundary(_) => "nothing (create-role names it)",
            Self::RoleTrust(_) => "a role, as its trust policy",
        }
    }

    /// IAM's limit on its size.
    pub(crate) fn limit(&self) -> Limit {
        match self.attached() {
            Attached::Group | Attached::Boundary => Limit::MANAGED_POLICY,
            Attached::Organization => Limit::SERVICE_CONTROL_POLICY,
            Attached::Trust => Limit::TRUST_POLICY,
        }
    }

    /// Whether it must name a particular account.
    pub(crate) fn needs_one_account(&self) -> bool {
        matches!(
            self,
            Self::CreateRole(..) | Self::RoleBoundary(_) | Self::RoleTrust(_)
        )
    }

    /// Whether it contains the account number.
    pub(crate) fn names_account(&self) -> bool {
        self.document().names_account()
    }

    /// Whether it contains the partition.
    pub(crate) fn names_partition(&self) -> bool {
        self.document().names_partition()
    }

    /// The document.
    pub(super) fn document(&self) -> Document {
        match self {
            Self::ForceMfa(rules) => force_mfa::document(*rules),
            Self::ForceMfaScp(rules, path) => force_mfa::service_control(*rules, path),
            Self::ManageMfa(rules) => manage_mfa::document(*rules),
            Self::RequireMfa(max_age) => require_mfa::document(*max_age),
            Self::ReadOnly => read_only::document(),
            Self::Ec2Restrict(tag) => ec2_restrict::document(tag),
            Self::CreateRole(path, boundary) => create_role::document(path, boundary),
            Self::RoleBoundary(_) => role_boundary::document(),
            Self::RoleTrust(max_age) => role_trust::document(*max_age),
        }
    }

    /// What neither it nor any other policy can do.
    pub(super) fn limits_of_policies(&self) -> &'static [&'static str] {
        match self {
            Self::ForceMfa(_) => &force_mfa::LIMITS,
            Self::ForceMfaScp(..) => &force_mfa::LIMITS_OF_SCP,
            Self::ManageMfa(_) => &manage_mfa::LIMITS,
            Self::RequireMfa(_) => &require_mfa::LIMITS,
            Self::ReadOnly => &read_only::LIMITS,
            Self::Ec2Restrict(_) => &ec2_restrict::LIMITS,
            Self::CreateRole(..) => &create_role::LIMITS,
            Self::RoleBoundary(_) => &role_boundary::LIMITS,
            Self::RoleTrust(_) => &role_trust::LIMITS,
        }
    }

    /// A description for whoever finds it in an account.
    pub(super) fn description(&self) -> String {
        format!("awsmfa {}: {}", self.words(), self.purpose())
    }

    /// Its path, if it must have one.
    pub(super) fn path(&self) -> Option<&Pattern> {
        match self {
            Self::RoleBoundary(boundary) => Some(&boundary.path),
            _ => None,
        }
    }

    /// Its default name in an account.
    pub(super) fn usual_name(&self) -> Pattern {
        match self {
            Self::RoleBoundary(boundary) => boundary.name.clone(),
            other => Pattern::text(format!("awsmfa-{}", other.name())),
        }
    }
}

/// The user who makes the request, with any path. User names are unique in an account, so the second
/// form matches nobody else.
fn own_user(account: &Piece) -> Vec<Pattern> {
    ["user/", "user/*/"]
        .map(|begin| Pattern::iam(account.clone(), [text(begin), username()]))
        .into()
}

/// The devices named after the user who makes the request: their name, perhaps with a hyphen and
/// anything after it.
fn own_devices(account: &Piece) -> Vec<Pattern> {
    let device = |begin, end: Option<&str>| {
        let pieces = [text(begin), username()].into_iter();
        Pattern::iam(account.clone(), pieces.chain(end.map(text)))
    };
    vec![
        device("mfa/", None),
        device("mfa/", Some("-*")),
        device("mfa/*/", None),
        device("mfa/*/", Some("-*")),
    ]
}

/// `all` and `more`, in order.
fn sorted(all: &[&'static str], more: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
    let mut actions: Vec<_> = all.iter().copied().chain(more).collect();
    actions.sort_unstable();
    actions
}
