//! Assumes roles, as STS does.

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Caller, ROOT, Role};
use super::policy::{self, Request};
use super::query::{ApiError, Call, element, nest};
use super::sts::{Checked, credentials, verify};

const LONGEST: i64 = 43_200;
const CHAINED: i64 = 3600;

/// AssumeRole.
pub(crate) fn assume(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    call.required("RoleArn")?;
    let session_name = call.required("RoleSessionName")?.to_owned();
    let seconds = Checked::default()
        .mfa(call)
        .duration(call, CHAINED, LONGEST)?;
    if caller.user == ROOT {
        let message = "Roles may not be assumed by root accounts.";
        return Err(ApiError::denied(message));
    }
    let given = verify(account, caller, call, now)?;
    let role = find_trusting(account, caller, call, given, now)?;
    if seconds > role.longest {
        return Err(too_long(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if caller.is_role() && seconds > CHAINED {
        return Err(too_long(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }

    let name = role.name.rsplit('/').next().unwrap_or_default();
    let arn = format!(
        "arn:{}:sts::{}:assumed-role/{name}/{session_name}",
        account.partition, account.id
    );
    let id = format!("{}:{session_name}", role.id);
    let expiration = now + TimeDelta::seconds(seconds);
    let identity = Some((arn.clone(), id.clone()));
    let session = account.issue(&caller.user, None, identity, expiration);
    let user = [element("AssumedRoleId", &id), element("Arn", &arn)].concat();
    Ok(credentials(&session) + &nest("AssumedRoleUser", &user))
}

/// The requested role, if the policies of the caller and of the role itself let the caller in. A code in
/// the same call counts for both.
fn find_trusting<'a>(
    account: &'a Account,
    caller: &Caller,
    call: &Call,
    given: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<&'a Role, ApiError> {
    let arn = call.required("RoleArn")?;
    let mut context = policy::context(account, caller, now);
    if given.is_some() {
        context.set("aws:MultiFactorAuthPresent", "true");
        context.set("aws:MultiFactorAuthAge", "0");
    }
    for (parameter, key) in [
        ("ExternalId", "sts:ExternalId"),
        ("RoleSessionName", "sts:RoleSessionName"),
    ] {
        if let Some(value) = call.param(parameter) {
            context.set(key, value);
        }
    }
    let request = Request {
        principal: account.caller_arn(caller),
        action: "sts:AssumeRole".to_owned(),
        resource: arn.to_owned(),
        context,
    };
    let is_asked_for = |role: &&Role| account.arn(&format!("role/{}", role.name)) == arn;
    let role = account.roles.iter().find(is_asked_for);
    let mut policies = policy::of_caller(account, caller);
    policies.trust = role.map(|it| &it.trust);
    let judgement = policies.judge(&request);
    let principal = &request.principal;
    match (role, judgement.denial()) {
        (Some(role), None) => Ok(role),
        // AWS does not reveal to strangers whether such a role exists.
        (Some(_), Some(denial)) if judgement.is_trusted() => Err(ApiError::unauthorized(
            principal,
            &request.action,
            arn,
            denial,
        )),
        _ => Err(ApiError::denied(format!(
            "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        ))),
    }
}

fn too_long(message: &str) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}
