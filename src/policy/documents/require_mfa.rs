//! Makes the document that grants everything with MFA. It denies nothing, and so adds nothing beside
//! other grants.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::MaxAge;
use super::super::pattern::Pattern;

pub(super) const LIMITS: [&str; 3] = [
    "It is AdministratorAccess with MFA. Beside other grants it protects nothing: what those allow without MFA stays open. force-mfa denies it.",
    "It grants no service that works for the user: such a request says that there was no MFA, or nothing of it.",
    "A user with nothing else can't enroll a device with a key: add manage-mfa.",
];

pub(super) fn document(max_age: Option<MaxAge>) -> Document {
    let age = max_age.map(|it| {
        let key = "aws:MultiFactorAuthAge";
        Condition::new(Operator::NumericLessThanEquals, key, it.pattern())
    });
    let statement = Statement {
        sid: "AllowOnlyWithMfa",
        why: "Only a session that was made with a code says that there was MFA. A condition that asks whether the key is there at all would be met by one without.",
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
