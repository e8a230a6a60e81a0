//! Decides what policies allow: those of users and their groups, permissions boundaries, service control
//! policies, and the trust policies of roles. It never asks what a call then does.

mod condition;
mod context;
mod decision;
mod document;
mod pattern;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::account::{Account, Caller, ROOT};
use super::query::ApiError;

pub(crate) use context::{Context, Value};
pub(crate) use decision::{Decision, Denial, Judgement, Policies, Request, strictest};
pub(crate) use document::Document;

/// The policy of a user who was given none, and of a role.
static EVERYTHING: LazyLock<Document> = LazyLock::new(Document::everything);

/// Fails if the policies do not allow the caller `action` on `resource`. A user without policies may do
/// everything that the boundary and the organization allow; so may a role.
pub(crate) fn authorize(
    account: &Account,
    caller: &Caller,
    action: &str,
    resource: &str,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let policies = of_caller(account, caller);
    let request = Request {
        principal: account.caller_arn(caller),
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: context(account, caller, now),
    };
    match policies.judge(&request).denial() {
        None => Ok(()),
        Some(denial) => Err(ApiError::unauthorized(
            &request.principal,
            action,
            resource,
            denial,
        )),
    }
}

/// The policies that apply to a caller.
pub(crate) fn of_caller<'a>(account: &'a Account, caller: &Caller) -> Policies<'a> {
    let mut policies = of_user(account, &caller.user);
    if caller.is_role() {
        policies.identity = vec![&EVERYTHING];
        policies.boundary = None;
    }
    policies
}

/// The policies that apply to a user.
pub(crate) fn of_user<'a>(account: &'a Account, name: &str) -> Policies<'a> {
    let user = account.users.iter().find(|it| it.name == name);
    let groups = account
        .groups
        .iter()
        .filter(|group| user.is_some_and(|it| it.groups.contains(&group.name)));
    let own = user.iter().flat_map(|it| &it.policies);
    let mut identity: Vec<_> = own
        .chain(groups.flat_map(|it| account.policies_of(it)))
        .collect();
    if identity.is_empty() {
        identity.push(&EVERYTHING);
    }
    Policies {
        identity,
        boundary: user.and_then(|it| it.boundary.as_ref()),
        organization: organization(account),
        trust: None,
    }
}

/// The service control policies of the account, including the one that AWS always attaches first.
fn organization(account: &Account) -> Option<Vec<Vec<&Document>>> {
    let own = &account.service_control;
    (!own.is_empty()).then(|| vec![[&*EVERYTHING].into_iter().chain(own).collect()])
}

/// The context of a caller's request.
pub(crate) fn context(account: &Account, caller: &Caller, now: DateTime<Utc>) -> Context {
    let mut context = Context::default();
    context.set("aws:ViaAWSService", "false");
    context.set("aws:SecureTransport", "true");
    context.set("aws:SourceIp", "127.0.0.1");
    context.set("aws:CurrentTime", now.to_rfc3339());
    context.set("aws:EpochTime", now.timestamp().to_string());
    context.set("aws:PrincipalAccount", &account.id);
    context.set("aws:PrincipalArn", account.principal_arn(caller));
    let kind = match (caller.is_role(), caller.user.as_str()) {
        (true, _) => "AssumedRole",
        (false, ROOT) => "Account",
        (false, _) => "User",
    };
    context.set("aws:PrincipalType", kind);
    if kind == "User" {
        context.set("aws:username", &caller.user);
        context.set("aws:userid", account.user_id(&caller.user));
    }
    if let Some(session) = &caller.session {
        context.set(
            "aws:MultiFactorAuthPresent",
            session.mfa.is_some().to_string(),
        );
        if let Some(given) = session.mfa {
            let age = (now - given).num_seconds().to_string();
            context.set("aws:MultiFactorAuthAge", age);
        }
    }
    context
}
