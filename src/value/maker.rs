//! Identifies what made a session, and compares two makers, which decides whether a stored session may
//! be handed out. It never holds a secret.

use super::hash::{content_hash, hash_of_parts};

/// What made a session, as far as that is known. A difference in any field may mean another identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Maker {
    /// The long-term keys at the beginning of the chain.
    pub(crate) origin: Option<Origin>,
    /// The role that was assumed last; `None` for a user's session.
    pub(crate) role: Option<AssumedRole>,
}

/// What identifies long-term keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The id of the access key.
    Key(String),
    /// The hash of the command line that prints them. The command is not run for a comparison.
    Process(String),
}

/// A role with everything that its session depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumedRole {
    /// Its ARN.
    pub(crate) arn: String,
    /// The hash of the request's other parameters and of the roles before it.
    pub(crate) hash: String,
}

/// The result of comparing two makers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything that makes up the identity is the same.
    Same,
    /// Something differs.
    Another,
    /// Nothing differs, but the original keys are unknown.
    Unknown,
}

impl Origin {
    /// The keys that the `credential_process` `command` prints.
    pub(crate) fn process(command: &str) -> Self {
        Self::Process(hash_of_parts([Some(command)]))
    }
}

impl Maker {
    /// The same maker, with the role assumed from there.
    pub(crate) fn with_role(self, role: AssumedRole) -> Self {
        Self {
            role: Some(role),
            ..self
        }
    }

    /// Whether anything is known about it.
    pub(crate) fn is_known(&self) -> bool {
        self.origin.is_some() || self.role.is_some()
    }

    /// Compares a stored session's maker with the `wanted` one.
    pub(crate) fn compare(&self, wanted: &Self) -> Verdict {
        // A session without any mark may be anyone's; with a role's mark it is that role's.
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
    fn a_maker_is_the_same_only_if_everything_agrees() {
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
