//! Says what made a session, and whether two sessions have one maker: the question that decides
//! whether a stored session may be handed out. It never holds a secret.

use super::hash::{content_hash, hash_of_parts};

/// What made a session, as far as that is known. Whatever differs here may be another identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Maker {
    /// Whose long-term keys the way to it began with.
    pub(crate) origin: Option<Origin>,
    /// The role that was assumed last; none for a user's session.
    pub(crate) role: Option<AssumedRole>,
}

/// What long-term keys are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The id of the access key.
    Key(String),
    /// The hash of the command line that prints them: the command is not run to compare.
    Process(String),
}

/// A role, and all that its session depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumedRole {
    /// Its ARN.
    pub(crate) arn: String,
    /// The hash of what was asked for beside it, and of the roles on the way.
    pub(crate) hash: String,
}

/// What two makers are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All that makes an identity is the same.
    Same,
    /// Something differs.
    Another,
    /// Nothing differs, but whose keys began it is not known.
    Unknown,
}

impl Origin {
    /// The keys that `command`, a `credential_process`, prints.
    pub(crate) fn process(command: &str) -> Self {
        Self::Process(hash_of_parts([Some(command)]))
    }
}

impl Maker {
    /// The same, with the role that it went on to.
    pub(crate) fn with_role(self, role: AssumedRole) -> Self {
        Self {
            role: Some(role),
            ..self
        }
    }

    /// Whether anything is known of it.
    pub(crate) fn is_known(&self) -> bool {
        self.origin.is_some() || self.role.is_some()
    }

    /// What a stored session's maker is to the one that is `wanted`.
    pub(crate) fn compare(&self, wanted: &Self) -> Verdict {
        // A session with no mark at all may be anybody's, with one of a role it is a role's.
        if self.is_known() && self.role != wanted.role {
            return Verdict::Another;
        }
        match &self.origin {
            None => Verdict::Unknown,
            origin if *origin == wanted.origin => Verdict::Same,
            Some(_) => Verdict::Another,
        }
    }

    /// A number that tells this maker from most others.
    pub(crate) fn number(&self) -> u64 {
        content_hash(format!("{self:?}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Option<Origin> {
        Some(Origin::Key(id.into()))
    }

    fn role(arn: &str, hash: &str) -> Option<AssumedRole> {
        Some(AssumedRole {
            arn: arn.into(),
            hash: hash.into(),
        })
    }

    #[test]
    fn a_maker_is_the_same_only_where_all_agrees() {
        let process = |line| Some(Origin::process(line));
        for (stored, wanted, verdict) in [
            ((key("A"), None), (key("A"), None), Verdict::Same),
            ((key("A"), None), (key("B"), None), Verdict::Another),
            ((key("A"), None), (process("A"), None), Verdict::Another),
            (
                (process("a b"), None),
                (process("a b"), None),
                Verdict::Same,
            ),
            (
                (process("a b"), None),
                (process("a  b"), None),
                Verdict::Another,
            ),
            ((key("A"), None), (None, None), Verdict::Another),
            (
                (key("A"), None),
                (key("A"), role("r", "h")),
                Verdict::Another,
            ),
            (
                (key("A"), role("r", "h")),
                (key("A"), None),
                Verdict::Another,
            ),
            (
                (key("A"), role("r", "h")),
                (key("A"), role("r", "h")),
                Verdict::Same,
            ),
            (
                (key("A"), role("r", "h")),
                (key("B"), role("r", "h")),
                Verdict::Another,
            ),
            (
                (key("A"), role("r", "h")),
                (key("A"), role("r", "i")),
                Verdict::Another,
            ),
            (
                (key("A"), role("r", "h")),
                (key("A"), role("s", "h")),
                Verdict::Another,
            ),
            (
                (None, role("r", "h")),
                (key("A"), role("r", "h")),
                Verdict::Unknown,
            ),
            (
                (None, role("r", "h")),
                (key("A"), role("s", "h")),
                Verdict::Another,
            ),
            ((None, role("r", "h")), (key("A"), None), Verdict::Another),
            ((None, None), (key("A"), None), Verdict::Unknown),
            ((None, None), (key("A"), role("r", "h")), Verdict::Unknown),
        ] {
            let maker = |(origin, role)| Maker { origin, role };
            let (stored, wanted) = (maker(stored), maker(wanted));
            assert_eq!(stored.compare(&wanted), verdict, "{stored:?} {wanted:?}");
        }
    }
}
