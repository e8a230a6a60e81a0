//! Makes the document that grants everything with MFA. It denies nothing, so it adds nothing beside
//! other grants.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::MaxAge;
use super::super::pattern::Pattern;

pub(super) const LIMITS: [&str; 3] = [
    "It is AdministratorAccess with MFA, and denies nothing: what other policies allow stays open without MFA. Use force-mfa beside those.",
    "Services acting for a user are not covered: their requests may say that there was no MFA.",
    "A user with nothing else can't enroll a device: add manage-mfa.",
];

pub(super) fn document(max_age: Option<MaxAge>) -> Document {
    let age = max_age.map(|it| {
        let key = "aws:MultiFactorAuthAge";
        Condition::new(Operator::NumericLessThanEquals, key, it.pattern())
    });
    let statement = Statement {
        sid: "AllowOnlyWithMfa",
        why: "Only a session made with a code says true. Testing whether the key exists is not enough: a session made without a code has it too, as false.",
        effect: Effect::Allow,
        principal: None,
        actions: Choice::These(vec!["*"]),
        resources: Some(Choice::These(vec![Pattern::text("*")])),
        conditions: [Condition::with_mfa()].into_iter().chain(age).collect(),
    };
    Document {
        statements: vec![statement],
    }
}
