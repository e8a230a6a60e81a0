//! Creates, enables, resynchronises, removes and lists MFA devices, as IAM does. It never verifies a
//! code itself: `device` does.

use chrono::{DateTime, Utc};

use super::account::{Account, Caller};
use super::device::{Device, Kind};
use super::iam::{date, known_user, page, user};
use super::query::{ApiError, Call, element, nest};
use super::random;

/// AWS's limit on devices per user.
const MOST: usize = 8;

/// CreateVirtualMFADevice.
pub(crate) fn create_virtual(
    account: &mut Account,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    let path = call.param("Path").unwrap_or("/");
    let name = call.required("VirtualMFADeviceName")?;
    let legal = |it: char| it.is_ascii_alphanumeric() || "_+=,.@-".contains(it);
    if !name.chars().all(legal) {
        return Err(ApiError::validation(&[format!(
            "Value '{name}' at 'virtualMFADeviceName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]+"
        )]));
    }
    let serial = account.arn(&format!("mfa{path}{name}"));
    if account.devices.iter().any(|it| it.serial == serial) {
        let message = "MFADevice entity at the same path and name already exists.";
        return Err(exists(message));
    }
    let secret = random::device_secret();
    let fields = [
        element("SerialNumber", &serial),
        element(
            "Base32StringSeed",
            &aws_smithy_types::base64::encode(&secret),
        ),
        // No client looks at the picture, so it holds only the eight bytes that begin every PNG.
        element("QRCodePNG", "iVBORw0KGgo="),
    ];
    account.devices.push(Device::totp(serial, &secret, now));
    Ok(nest("VirtualMFADevice", &fields.concat()))
}

/// EnableMFADevice.
pub(crate) fn enable(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    let user = call.required("UserName")?;
    known_user(account, user)?;
    let owned = |it: &&Device| it.user.as_deref() == Some(user);
    let devices = account.devices.iter().filter(owned).count();
    if devices > 0 {
        with_mfa(caller, user)?;
    }
    if devices >= MOST {
        let message = "Cannot exceed quota for MFADevicesPerUser: 8";
        return Err(ApiError::new(409, "LimitExceeded", message));
    }
    let delay = account.enable_delay;
    let device = find(account, call)?;
    if device.user.is_some() {
        return Err(exists("MFA Device is already in use."));
    }
    pair(device, call, now)?;
    device.user = Some(user.to_owned());
    device.enabled = now;
    device.ready = now + delay;
    Ok(String::new())
}

/// ResyncMFADevice.
pub(crate) fn resync(
    account: &mut Account,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    let user = call.required("UserName")?;
    known_user(account, user)?;
    let device = find_of(account, call, user)?;
    if device.kind() == Kind::Fido {
        return Err(missing(&device.serial));
    }
    pair(device, call, now)?;
    Ok(String::new())
}

/// DeactivateMFADevice.
pub(crate) fn deactivate(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
) -> Result<String, ApiError> {
    let user = user(account, caller, call)?;
    with_mfa(caller, user)?;
    find_of(account, call, user)?.user = None;
    account.keep_devices(|it| it.user.is_some() || it.kind() == Kind::Virtual);
    Ok(String::new())
}

/// DeleteVirtualMFADevice.
pub(crate) fn delete_virtual(account: &mut Account, call: &Call) -> Result<String, ApiError> {
    let device = find(account, call)?;
    if device.kind() != Kind::Virtual {
        return Err(missing(&device.serial));
    }
    if device.user.is_some() {
        let message = "MFA VirtualDevice in use. Must deactivate first.";
        return Err(ApiError::new(409, "DeleteConflict", message));
    }
    let serial = device.serial.clone();
    account.keep_devices(|it| it.serial != serial);
    Ok(String::new())
}

/// GetMFADevice, which accepts only the ARN of a passkey or FIDO key.
pub(crate) fn get(account: &mut Account, call: &Call) -> Result<String, ApiError> {
    let device = match call.param("UserName") {
        Some(user) => {
            known_user(account, user)?;
            find_of(account, call, user)?
        }
        None => find(account, call)?,
    };
    if device.kind() != Kind::Fido {
        return Err(missing(&device.serial));
    }
    let fields = [
        element("UserName", device.user.as_deref().unwrap_or_default()),
        element("SerialNumber", &device.serial),
        element("EnableDate", &date(device.enabled)),
        nest("Certifications", ""),
    ];
    Ok(fields.concat())
}

/// ListVirtualMFADevices: those of the whole account.
pub(crate) fn list_virtual(account: &Account, call: &Call) -> String {
    let status = call.param("AssignmentStatus").unwrap_or("Any");
    let listed = |it: &&Device| match status {
        "Assigned" => it.user.is_some(),
        "Unassigned" => it.user.is_none(),
        _ => true,
    };
    let virtual_ones = account
        .devices
        .iter()
        .filter(|it| it.kind() == Kind::Virtual);
    let items = virtual_ones.filter(listed).map(|device| {
        let serial = element("SerialNumber", &device.serial);
        let Some(user) = &device.user else {
            return serial;
        };
        let fields = [
            element("UserName", user),
            element("UserId", account.user_id(user)),
            element("Arn", &account.user_arn(user)),
        ];
        let enabled = element("EnableDate", &date(device.enabled));
        [serial, nest("User", &fields.concat()), enabled].concat()
    });
    page(account, call, "VirtualMFADevices", items.collect())
}

/// Users who have a device may change their own devices only with MFA. An administrator, or a role,
/// changes other users' devices without.
fn with_mfa(caller: &Caller, user: &str) -> Result<(), ApiError> {
    if caller.has_mfa() || caller.is_role() || caller.user != user {
        return Ok(());
    }
    Err(ApiError::denied(
        "To complete this action, please ensure that you are authenticated with an MFA device \
         that is enabled for this user.",
    ))
}

fn find<'a>(account: &'a mut Account, call: &Call) -> Result<&'a mut Device, ApiError> {
    let serial = call.required("SerialNumber")?;
    let mut devices = account.devices.iter_mut();
    devices
        .find(|it| it.serial == serial)
        .ok_or_else(|| missing(serial))
}

fn find_of<'a>(
    account: &'a mut Account,
    call: &Call,
    user: &str,
) -> Result<&'a mut Device, ApiError> {
    let device = find(account, call)?;
    if device.user.as_deref() == Some(user) {
        Ok(device)
    } else {
        Err(missing(&device.serial))
    }
}

fn pair(device: &mut Device, call: &Call, now: DateTime<Utc>) -> Result<(), ApiError> {
    let first = call.required("AuthenticationCode1")?;
    let second = call.required("AuthenticationCode2")?;
    if device.pair(first, second, now) {
        return Ok(());
    }
    let message = "Authentication code for device is not valid.";
    Err(ApiError::new(403, "InvalidAuthenticationCode", message))
}

fn missing(serial: &str) -> ApiError {
    let message = format!("VirtualMFADevice with serial number {serial} does not exist.");
    ApiError::new(404, "NoSuchEntity", message)
}

fn exists(message: &str) -> ApiError {
    ApiError::new(409, "EntityAlreadyExists", message)
}
