//! Makes the trust policy of a role that is assumed with MFA. It does not say what the role may do.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::MaxAge;
use super::super::pattern::{Pattern, Piece, text};

pub(super) const LIMITS: [&str; 3] = [
    "The sessions of the role carry no MFA: no policy can ask for it once the role is assumed. Let them be short.",
    "It trusts the account, so its users still need sts:AssumeRole on the role; users of other accounts are not let in.",
    "Roles can't assume it: a role's session never carries MFA.",
];

pub(super) fn document(max_age: MaxAge) -> Document {
    let statement = Statement {
        sid: "AssumeOnlyWithMfa",
        why: "This is the only place where MFA can be asked for a role: when it is assumed.",
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
