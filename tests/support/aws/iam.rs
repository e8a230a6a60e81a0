//! Answers IAM's calls about users and the lists of their MFA devices, and passes on the others.

use chrono::{DateTime, SecondsFormat, Utc};

use super::account::{Account, Caller, ROOT};
use super::query::{ApiError, Call, element, list, nest};
use super::{access_keys, attachments, enrollment, policy, simulator, users};

/// Does what `call` asks for, and returns the XML inside the result element.
pub(crate) fn answer(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    if let Some(session) = &caller.session
        && session.mfa.is_none()
        && session.role.is_none()
    {
        return Err(ApiError::invalid_token());
    }
    let resource = resource(account, caller, call);
    policy::authorize(
        account,
        caller,
        &format!("iam:{}", call.action),
        &resource,
        now,
    )?;
    match call.action.as_str() {
        "GetUser" => get_user(account, caller, call),
        "ListUsers" => Ok(users::list(account, call)),
        "GetGroup" => users::group(account, call),
        "CreatePolicy" => attachments::create(account, call, now),
        "DeletePolicy" => attachments::delete(account, call),
        "AttachGroupPolicy" => attachments::attach(account, call),
        "DetachGroupPolicy" => attachments::detach(account, call),
        "ListGroupsForUser" => users::groups(account, caller, call),
        "GetLoginProfile" => users::login_profile(account, caller, call),
        "ListMFADevices" => list_mfa_devices(account, caller, call),
        "ListVirtualMFADevices" => Ok(enrollment::list_virtual(account, call)),
        "CreateVirtualMFADevice" => enrollment::create_virtual(account, call, now),
        "GetMFADevice" => enrollment::get(account, call),
        "EnableMFADevice" => enrollment::enable(account, caller, call, now),
        "ResyncMFADevice" => enrollment::resync(account, call, now),
        "DeactivateMFADevice" => enrollment::deactivate(account, caller, call),
        "DeleteVirtualMFADevice" => enrollment::delete_virtual(account, call),
        "ListAccessKeys" => access_keys::list(account, caller, call),
        "CreateAccessKey" => access_keys::create(account, caller, call, now),
        "UpdateAccessKey" => access_keys::update(account, caller, call),
        "GetAccessKeyLastUsed" => access_keys::last_used(account, call),
        "DeleteAccessKey" => access_keys::delete(account, caller, call),
        "SimulatePrincipalPolicy" => simulator::principal(account, call),
        "SimulateCustomPolicy" => simulator::custom(account, call),
        action => {
            let message = format!("Could not find operation {action} for version 2010-05-08");
            Err(ApiError::new(400, "InvalidAction", message))
        }
    }
}

/// The resource that a call is authorised against, according to IAM's Service Authorization Reference:
/// the user, the device, or everything.
pub(crate) fn resource(account: &Account, caller: &Caller, call: &Call) -> String {
    let named = call.param("UserName");
    match call.action.as_str() {
        // Without a name the answer is about the caller, but the authorisation is not (aws-cli#6947).
        "ListMFADevices" | "GetMFADevice" => {
            named.map_or_else(|| "*".to_owned(), |it| account.user_arn(it))
        }
        "GetUser"
        | "GetLoginProfile"
        | "ListGroupsForUser"
        | "EnableMFADevice"
        | "ResyncMFADevice"
        | "DeactivateMFADevice"
        | "ListAccessKeys"
        | "CreateAccessKey"
        | "UpdateAccessKey"
        | "DeleteAccessKey" => account.user_arn(named.unwrap_or(&caller.user)),
        "CreatePolicy" => attachments::arn(account, call),
        "DeletePolicy" => call.param("PolicyArn").unwrap_or("*").to_owned(),
        "GetGroup" | "AttachGroupPolicy" | "DetachGroupPolicy" => {
            let group = call.param("GroupName").unwrap_or_default();
            account.arn(&format!("group/{group}"))
        }
        "CreateVirtualMFADevice" => {
            let path = call.param("Path").unwrap_or("/");
            let name = call.param("VirtualMFADeviceName").unwrap_or_default();
            account.arn(&format!("mfa{path}{name}"))
        }
        "DeleteVirtualMFADevice" => call.param("SerialNumber").unwrap_or("*").to_owned(),
        "GetAccessKeyLastUsed" => {
            let id = call.param("AccessKeyId");
            let key = account.keys.iter().find(|it| Some(it.id.as_str()) == id);
            key.map_or_else(|| "*".to_owned(), |it| account.user_arn(&it.user))
        }
        "SimulatePrincipalPolicy" => call.param("PolicySourceArn").unwrap_or("*").to_owned(),
        _ => "*".to_owned(),
    }
}

fn get_user(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let user = user(account, caller, call)?;
    Ok(nest("User", &users::fields(account, user)))
}

fn list_mfa_devices(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let user = user(account, caller, call)?;
    let devices: Vec<String> = account
        .devices
        .iter()
        .filter(|device| device.user.as_deref() == Some(user))
        .map(|device| {
            [
                element("UserName", user),
                element("SerialNumber", &device.serial),
                element("EnableDate", &date(device.enabled)),
            ]
            .concat()
        })
        .collect();
    Ok(page(account, call, "MFADevices", devices))
}

/// The user that a call is about: the named one, or else the caller. A role has to name one.
pub(crate) fn user<'a>(
    account: &Account,
    caller: &'a Caller,
    call: &'a Call,
) -> Result<&'a str, ApiError> {
    match call.param("UserName") {
        Some(user) => known_user(account, user).map(|()| user),
        None if caller.is_role() => Err(without_user_name()),
        None => Ok(&caller.user),
    }
}

/// The answer to credentials that are not a user's own and name no user.
pub(crate) fn without_user_name() -> ApiError {
    let message = "Must specify userName when calling with non-User credentials";
    ApiError::new(400, "ValidationError", message)
}

/// Fails unless `user` is a user of the account. The root user has no name.
pub(crate) fn known_user(account: &Account, user: &str) -> Result<(), ApiError> {
    if account
        .users
        .iter()
        .any(|it| it.name == user && user != ROOT)
    {
        return Ok(());
    }
    let message = format!("The user with name {user} cannot be found.");
    Err(ApiError::new(404, "NoSuchEntity", message))
}

/// A moment in IAM's notation.
pub(crate) fn date(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The page of a list that the call's `Marker` and `MaxItems` ask for.
pub(crate) fn page(account: &Account, call: &Call, name: &str, items: Vec<String>) -> String {
    let start: usize = call
        .param("Marker")
        .and_then(|marker| marker.strip_prefix("after-")?.parse().ok())
        .unwrap_or(0);
    let asked = call.param("MaxItems").and_then(|it| it.parse().ok());
    let end = start + asked.unwrap_or(account.page_size).min(account.page_size);
    let truncated = items.len() > end;
    let shown = items.into_iter().skip(start).take(end - start);
    let mut xml = list(name, shown);
    xml.push_str(&element("IsTruncated", &truncated.to_string()));
    if truncated {
        xml.push_str(&element("Marker", &format!("after-{end}")));
    }
    xml
}
