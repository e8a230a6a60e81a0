//! Chooses the MFA device of a sign-in: what was given, what the files say, else what AWS lists,
//! with a question at the terminal where several are left. It changes no device.

use super::plan::Plan;
use super::prompt;
use super::request::Request;
use super::run::Outer;
use crate::aws::{Aws, Fault, Refusal};
use crate::exit::{Failure, Result};
use crate::profile::{device as profile_device, setting};
use crate::text::escape;
use crate::value::{ProfileName, Serial};
use crate::world::Context;
use crate::world::tty::Terminal;

/// The device that is known without asking AWS: the flag or its variable, `mfa_serial` of the
/// source, that of the role that the session is for, or the device of the last session.
///
/// Fails when a setting holds no serial, or names a FIDO key.
pub(super) fn known(plan: &Plan, request: &Request, outer: &Outer) -> Result<Option<Serial>> {
    let read = |profile, setting| profile_device::named(plan.profiles(), profile, setting);
    let serial = match &request.serial {
        Some(serial) => Some(serial.clone()),
        None => match read(&plan.source.profile, setting::MFA_SERIAL)? {
            Some(serial) => Some(serial),
            None if outer.device.is_some() => outer.device.clone(),
            // Only a remembered one: where it is not a serial, AWS is asked.
            None => read(&plan.target, setting::DEVICE).ok().flatten(),
        },
    };
    match serial {
        Some(serial) if serial.is_fido() => Err(Failure::failed(format!(
            "{serial} is a passkey or security key (FIDO), which GetSessionToken does not take"
        ))
        .hint("use a virtual or hardware MFA device with codes; AWS's own way for passkeys is `aws login`")),
        serial => Ok(serial),
    }
}

/// Asks AWS for the devices of the user and returns the one to use.
pub(super) async fn discover(
    aws: &Aws,
    profile: &ProfileName,
    terminal: Option<&Terminal>,
    context: Context,
) -> Result<Serial> {
    context
        .ui
        .step("asking AWS for the MFA devices (iam:ListMFADevices)");
    let listed = aws
        .list_mfa_devices()
        .await
        .map_err(|fault| with_way_round(fault, profile))?;
    let (fido, mut usable): (Vec<Serial>, Vec<Serial>) =
        listed.into_iter().partition(Serial::is_fido);
    if !fido.is_empty() && !usable.is_empty() {
        context.ui.say(&format!(
            "passing over {}: FIDO keys have no codes",
            names(&fido)
        ));
    }
    match usable.len() {
        0 if fido.is_empty() => Err(Failure::failed(format!(
            "the user of profile {profile} has no MFA device"
        ))
        .hint("add one: IAM console, Users, your user, Security credentials, Assign MFA device, Authenticator app")),
        0 => Err(Failure::failed(format!(
            "the user of profile {profile} has only FIDO keys ({}), which GetSessionToken does not take",
            names(&fido)
        ))
        .hint("add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys")),
        1 => Ok(usable.remove(0)),
        _ => choose(usable, profile, terminal).await,
    }
}

/// If a policy denies the listing, suggests passing the serial.
fn with_way_round(fault: Fault, profile: &ProfileName) -> Failure {
    match fault {
        Fault::Refused {
            refusal: Refusal::Denied,
            failure,
        } => failure.hint(format!(
            "name the device with --mfa-serial, or set mfa_serial in profile {profile}"
        )),
        fault => fault.into(),
    }
}

fn names(serials: &[Serial]) -> String {
    serials
        .iter()
        .map(Serial::device_name)
        .map(escape)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Lets the person choose; they may mistype, so they are asked until the answer is one of the
/// list or the input ends.
async fn choose(
    mut serials: Vec<Serial>,
    profile: &ProfileName,
    terminal: Option<&Terminal>,
) -> Result<Serial> {
    let Some(terminal) = terminal else {
        let list = serials
            .iter()
            .map(Serial::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        return Err(Failure::failed(format!(
            "the user of profile {profile} has several MFA devices: {list}"
        ))
        .hint(format!(
            "name one with --mfa-serial, or set mfa_serial in profile {profile}"
        )));
    };
    prompt::show(
        terminal,
        &format!(
            "the user of profile {profile} has {} MFA devices:",
            serials.len()
        ),
    )?;
    for (number, serial) in serials.iter().enumerate() {
        prompt::show(terminal, &format!("  {}  {serial}", number + 1))?;
    }
    let question = format!("which one? [1-{}] ", serials.len());
    loop {
        let answer = prompt::ask(terminal, &question).await?;
        match answer.parse::<usize>() {
            Ok(number) if (1..=serials.len()).contains(&number) => {
                return Ok(serials.swap_remove(number - 1));
            }
            _ => prompt::show(
                terminal,
                &format!("type a number from 1 to {}", serials.len()),
            )?,
        }
    }
}
