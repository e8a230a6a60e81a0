//! Makes the trust policy of a role that takes MFA to assume. It does not say what the role may do.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::MaxAge;
use super::super::pattern::{Pattern, Piece, text};

pub(super) const LIMITS: [&str; 4] = [
    "The role's sessions carry no MFA, and no policy can ask for it once the role is assumed: keep them short.",
    "It trusts the account: its users still need permission for sts:AssumeRole on the role. Users of other accounts are not let in.",
    "Roles can't assume it, because their sessions carry no MFA.",
    "AWS does not document what age a code has that is sent with sts:AssumeRole itself. awsmfa signs in with MFA first, and assumes the role from that session.",
];

pub(super) fn document(max_age: MaxAge) -> Document {
    let statement = Statement {
        sid: "AssumeOnlyWithMfa",
        why: "MFA can be asked for only here, when the role is assumed.",
        effect: Effect::Allow,
        principal: Some(Pattern::iam(Piece::Account, [text("root")])),
        actions: Choice::These(vec!["sts:AssumeRole"]),
        resources: None,
        conditions: vec![
            Condition::with_mfa(),
            Condition::new(
                Operator::NumericLessThanEquals,
                "aws:MultiFactorAuthAge",
                max_age.pattern(),
            ),
        ],
    };
    Document {
        statements: vec![statement],
    }
}
