//! Creates managed policies, attaches them to groups and deletes them, as IAM does. Never decides what a policy allows:
//! `policy` does.

use super::account::{Account, Group, Managed};
use super::iam::date;
use super::policy::Document;
use super::query::{ApiError, Call, element, nest};
use super::random;
use chrono::{DateTime, Utc};

/// IAM's limit for a managed policy, in characters without white space.
const LONGEST: usize = 6_144;

/// CreatePolicy.
pub(crate) fn create(
    account: &mut Account,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    let name = call.required("PolicyName")?;
    let json = call.required("PolicyDocument")?;
    let arn = arn(account, call);
    if account.managed.iter().any(|it| it.arn == arn) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::new(409, "EntityAlreadyExists", message));
    }
    if json.chars().filter(|it| !it.is_whitespace()).count() > LONGEST {
        let message = format!("Cannot exceed quota for PolicySize: {LONGEST}");
        return Err(ApiError::new(409, "LimitExceeded", message));
    }
    let document =
        Document::read(json).map_err(|why| ApiError::new(400, "MalformedPolicyDocument", why))?;
    let fields = [
        element("PolicyName", name),
        element("PolicyId", &random::identifier("ANPA")),
        element("Arn", &arn),
        element("Path", call.param("Path").unwrap_or("/")),
        element("DefaultVersionId", "v1"),
        element("AttachmentCount", "0"),
        element("IsAttachable", "true"),
        element("CreateDate", &date(now)),
        element("UpdateDate", &date(now)),
    ];
    account.managed.push(Managed { arn, document });
    Ok(nest("Policy", &fields.concat()))
}

/// The ARN of the policy that CreatePolicy names.
pub(crate) fn arn(account: &Account, call: &Call) -> String {
    let path = call.param("Path").unwrap_or("/");
    let name = call.param("PolicyName").unwrap_or_default();
    account.arn(&format!("policy{path}{name}"))
}

/// AttachGroupPolicy. One that is attached already stays so.
pub(crate) fn attach(account: &mut Account, call: &Call) -> Result<String, ApiError> {
    let arn = known(account, call)?;
    let name = call.required("GroupName")?;
    let has_members = account
        .users
        .iter()
        .any(|it| it.groups.iter().any(|it| it == name));
    if has_members && !account.groups.iter().any(|it| it.name == name) {
        account.groups.push(Group::new(name));
    }
    let group = group(account, name)?;
    if !group.attached.contains(&arn) {
        group.attached.push(arn);
    }
    Ok(String::new())
}

/// DetachGroupPolicy.
pub(crate) fn detach(account: &mut Account, call: &Call) -> Result<String, ApiError> {
    let arn = known(account, call)?;
    let group = group(account, call.required("GroupName")?)?;
    let before = group.attached.len();
    group.attached.retain(|it| *it != arn);
    if group.attached.len() == before {
        return Err(not_found(format!("Policy {arn} was not found.")));
    }
    Ok(String::new())
}

/// DeletePolicy.
pub(crate) fn delete(account: &mut Account, call: &Call) -> Result<String, ApiError> {
    let arn = known(account, call)?;
    if account.groups.iter().any(|it| it.attached.contains(&arn)) {
        let message = "Cannot delete a policy attached to entities.";
        return Err(ApiError::new(409, "DeleteConflict", message));
    }
    account.managed.retain(|it| it.arn != arn);
    Ok(String::new())
}

/// The ARN that a call names, of a policy that is there.
fn known(account: &Account, call: &Call) -> Result<String, ApiError> {
    let arn = call.required("PolicyArn")?;
    match account.managed.iter().any(|it| it.arn == arn) {
        true => Ok(arn.to_owned()),
        false => Err(not_found(format!(
            "Policy {arn} does not exist or is not attachable."
        ))),
    }
}

fn group<'a>(account: &'a mut Account, name: &str) -> Result<&'a mut Group, ApiError> {
    let group = account.groups.iter_mut().find(|it| it.name == name);
    group.ok_or_else(|| not_found(format!("The group with name {name} cannot be found.")))
}

fn not_found(message: String) -> ApiError {
    ApiError::new(404, "NoSuchEntity", message)
}
