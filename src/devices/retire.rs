//! Takes a device away from its user: deactivates it, deletes a virtual one, and checks AWS's list if an
//! answer was lost. It asks nobody, and never touches another user's device.

use crate::access::Access;
use crate::aws::{Fault, Owner, Refusal};
use crate::exit::{Failure, Result};
use crate::value::{DeviceKind, Serial};
use crate::world::runtime::{started, until_cancelled};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::sleep;

/// How often to ask AWS again to delete a device that it does not know to be unassigned yet.
const PAUSES: usize = 4;
const PAUSE: Duration = Duration::from_secs(1);

/// Why a device was not deleted.
pub(super) enum Undeleted {
    /// It belongs to somebody.
    InUse(Failure),
    /// There is no device with that serial.
    NotThere,
    /// It is left over, or may be.
    Left(Failure),
}

/// Takes the device from the user. After this AWS no longer lists it; `is_sent` tells whether AWS may
/// have done it if this ends early.
pub(super) async fn deactivate(
    access: &Access,
    serial: &Serial,
    is_sent: &Cell<bool>,
) -> Result<()> {
    let user = access.user.name.as_str();
    access
        .context
        .ui
        .step(&format!("deactivating {serial} (iam:DeactivateMFADevice)"));
    let answer = access
        .with_session(async |aws| {
            is_sent.set(true);
            aws.deactivate_mfa_device(user, serial).await
        })
        .await;
    let fault = match answer {
        Ok(()) => return Ok(()),
        Err(fault) => fault,
    };
    if !is_uncertain(&fault) {
        return Err(still_there(fault, access, serial));
    }
    // It may be done all the same, by the request whose answer was lost or by another run.
    access
        .context
        .ui
        .step("comparing with the devices that AWS lists (iam:ListMFADevices)");
    let listed = access
        .with_session(async |aws| aws.list_mfa_devices(Owner::User(user)).await)
        .await;
    match listed {
        Ok(devices) if devices.iter().any(|it| it.serial == *serial) => {
            Err(still_there(fault, access, serial))
        }
        Ok(_) => Ok(()),
        Err(_) => {
            let unclear = Failure::from(fault);
            Err(Failure {
                message: format!(
                    "{}; {serial} may still be a device of {user}",
                    unclear.message
                ),
                ..unclear
            }
            .hint(format!(
                "check with {}, then run this again",
                access.user.command("device list")
            )))
        }
    }
}

/// Deletes an unassigned virtual device through the user's session. After Ctrl-C it is left.
pub(super) async fn delete(access: &Access, serial: &Serial) -> Result<(), Undeleted> {
    let deleting = for_good(access, serial, async || {
        access
            .with_session(async |aws| aws.delete_virtual_mfa_device(serial).await)
            .await
    });
    let done = until_cancelled(async { Ok(deleting.await) }).await;
    done.unwrap_or_else(|cancelled| Err(Undeleted::Left(cancelled)))
}

/// The same for a device that was left over: with whatever keys or session there are, and without asking
/// for a code.
pub(super) async fn delete_left_over(access: &Access, serial: &Serial) -> Result<(), Undeleted> {
    for_good(access, serial, async || {
        access
            .without_code(async |aws| aws.delete_virtual_mfa_device(serial).await)
            .await
    })
    .await
}

async fn for_good(
    access: &Access,
    serial: &Serial,
    delete: impl AsyncFn() -> Result<(), Fault>,
) -> Result<(), Undeleted> {
    access
        .context
        .ui
        .step(&format!("deleting {serial} (iam:DeleteVirtualMFADevice)"));
    started().await;
    let mut pauses = PAUSES;
    loop {
        let fault = match delete().await {
            Ok(()) => return Ok(()),
            Err(fault) => fault,
        };
        match &fault {
            Fault::Refused {
                refusal: Refusal::NotFound,
                ..
            } => return Err(Undeleted::NotThere),
            // IAM takes a moment to know everywhere what it was just told.
            Fault::Refused {
                refusal: Refusal::InUse,
                ..
            } if pauses > 0 => {
                pauses -= 1;
                sleep(PAUSE).await;
            }
            Fault::Refused {
                refusal: Refusal::InUse,
                ..
            } => return Err(Undeleted::InUse(fault.into())),
            Fault::Lost(_) => {
                let unassigned = access
                    .without_code(async |aws| aws.list_unassigned_devices().await)
                    .await;
                return match unassigned {
                    Ok(devices) if !devices.contains(serial) => Ok(()),
                    _ => Err(Undeleted::Left(fault.into())),
                };
            }
            _ => return Err(Undeleted::Left(fault.into())),
        }
    }
}

/// Whether AWS may have done it all the same.
fn is_uncertain(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Lost(_)
            | Fault::Refused {
                refusal: Refusal::NotFound | Refusal::ServiceFailed,
                ..
            }
    )
}

/// The failure that the device still belongs to the user.
fn still_there(fault: Fault, access: &Access, serial: &Serial) -> Failure {
    let user = &access.user.name;
    let is_denied = matches!(
        fault,
        Fault::Refused {
            refusal: Refusal::Denied | Refusal::MfaNeeded,
            ..
        }
    );
    let failure = match fault {
        // The request was never made.
        Fault::Fatal(failure) => return failure,
        fault => Failure::from(fault),
    };
    let failure = Failure {
        message: format!("{}; {serial} is still a device of {user}", failure.message),
        ..failure
    };
    if !is_denied {
        return failure;
    }
    failure.hint(format!(
        "an administrator can do it: {}",
        by_administrator(user, serial)
    ))
}

/// The commands with which an administrator takes the device from the user.
pub(super) fn by_administrator(user: &str, serial: &Serial) -> String {
    let deactivate =
        format!("`aws iam deactivate-mfa-device --user-name {user} --serial-number {serial}`");
    if serial.kind() == DeviceKind::Virtual {
        format!("{deactivate}, then `{}`", deletion(serial))
    } else {
        deactivate
    }
}

/// The command with which an administrator deletes the device.
pub(super) fn deletion(serial: &Serial) -> String {
    format!("aws iam delete-virtual-mfa-device --serial-number {serial}")
}
