//! Answers IAM's calls about users and the lists of their MFA devices, and hands the others on.

use chrono::{DateTime, SecondsFormat, Utc};

use super::account::{Account, Caller};
use super::query::{ApiError, Call, element, list, nest};
use super::{access_keys, enrollment, policy, simulator};

/// Does what `call` asks for, and answers with the XML inside of the result element.
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
    policy::authorize(account, caller, &format!("iam:{}", call.action), now)?;
    match call.action.as_str() {
        "GetUser" => get_user(account, caller, call),
        "ListMFADevices" => list_mfa_devices(account, caller, call),
        "ListVirtualMFADevices" => Ok(enrollment::list_virtual(account, call)),
        "CreateVirtualMFADevice" => enrollment::create_virtual(account, call, now),
        "EnableMFADevice" => enrollment::enable(account, caller, call, now),
        "ResyncMFADevice" => enrollment::resync(account, call, now),
        "DeactivateMFADevice" => enrollment::deactivate(account, caller, call),
        "DeleteVirtualMFADevice" => enrollment::delete_virtual(account, call),
        "ListAccessKeys" => access_keys::list(account, caller, call),
        "CreateAccessKey" => access_keys::create(account, caller, call, now),
        "UpdateAccessKey" => access_keys::update(account, caller, call),
        "DeleteAccessKey" => access_keys::delete(account, caller, call),
        "SimulatePrincipalPolicy" => simulator::principal(account, call),
        "SimulateCustomPolicy" => simulator::custom(call),
        action => {
            let message = format!("Could not find operation {action} for version 2010-05-08");
            Err(ApiError::new(400, "InvalidAction", message))
        }
    }
}

fn get_user(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let user = call.param("UserName").unwrap_or(&caller.user);
    known_user(account, user)?;
    let fields = [
        element("Path", "/"),
        element("UserName", user),
        element("UserId", account.user_id(user)),
        element("Arn", &account.user_arn(user)),
        element("CreateDate", "2020-01-01T00:00:00Z"),
    ];
    Ok(nest("User", &fields.concat()))
}

fn list_mfa_devices(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let user = call.param("UserName").unwrap_or(&caller.user);
    known_user(account, user)?;
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

/// Fails unless `user` is a user of the account.
pub(crate) fn known_user(account: &Account, user: &str) -> Result<(), ApiError> {
    if account.users.iter().any(|it| it.name == user) {
        return Ok(());
    }
    let message = format!("The user with name {user} cannot be found.");
    Err(ApiError::new(404, "NoSuchEntity", message))
}

/// A moment as IAM writes it.
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
