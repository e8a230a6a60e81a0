//! Assumes roles, as STS does.

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Caller, ROOT, Role};
use super::policy;
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
    let arn = call.required("RoleArn")?.to_owned();
    let session_name = call.required("RoleSessionName")?.to_owned();
    let seconds = Checked::default()
        .mfa(call)
        .duration(call, CHAINED, LONGEST)?;
    if caller.user == ROOT {
        let message = "Roles may not be assumed by root accounts.";
        return Err(ApiError::denied(message));
    }
    policy::authorize(account, caller, "sts:AssumeRole", &arn, now)?;
    let mfa = caller.has_mfa() || verify(account, caller, call, now)?.is_some();
    let role = account
        .roles
        .iter()
        .find(|role| account.arn(&format!("role/{}", role.name)) == arn)
        .filter(|role| trusts(role, call, mfa))
        .ok_or_else(|| {
            ApiError::denied(format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                account.caller_arn(caller)
            ))
        })?;
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

fn trusts(role: &Role, call: &Call, mfa: bool) -> bool {
    let external_id = role.external_id.as_deref();
    (mfa || !role.needs_mfa) && (external_id.is_none() || external_id == call.param("ExternalId"))
}

fn too_long(message: &str) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}
