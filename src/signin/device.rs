//! Owns which MFA device a sign-in uses: what was given, what the files say, else what AWS lists,
//! with a choice at the terminal where several are left.

use super::{Plan, Request};
use crate::aws::{Aws, Fault, Refusal};
use crate::exit::{Exit, Failure};
use crate::profile::key;
use crate::text::escape;
use crate::value::ProfileName;
use crate::value::Serial;
use crate::world::Context;
use crate::world::tty::Terminal;

/// The device that is known without asking AWS: the flag or its variable, `mfa_serial` of the
/// source, or the device of the last session.
///
/// Fails when a setting holds no serial, or names a FIDO key.
pub(super) fn known(plan: &Plan, request: &Request) -> anyhow::Result<Option<Serial>> {
    let setting = |profile: &ProfileName, name: &str| -> anyhow::Result<Option<Serial>> {
        let text = plan.profiles().get(profile, name);
        text.map(|text| {
            text.parse().map_err(|why| {
                Failure::new(Exit::Failed, format!("{name} of profile {profile}: {why}")).into()
            })
        })
        .transpose()
    };
    let serial = match &request.serial {
        Some(serial) => Some(serial.clone()),
        None => match setting(&plan.source.profile, "mfa_serial")? {
            Some(serial) => Some(serial),
            None if request.role_serial.is_some() => request.role_serial.clone(),
            // Only a remembered one: when it is no serial, AWS is asked.
            None => setting(&plan.target, key::MFA_SERIAL).ok().flatten(),
        },
    };
    match serial {
        Some(serial) if serial.is_fido() => Err(Failure::new(
            Exit::Failed,
            format!("{serial} is a passkey or security key (FIDO), which GetSessionToken does not take"),
        )
        .hint("use a virtual or hardware MFA device with codes; AWS's own way for passkeys is `aws login`")
        .into()),
        serial => Ok(serial),
    }
}

/// Asks AWS for the devices of the user and returns the one to use.
pub(super) async fn discover(
    aws: &Aws,
    profile: &ProfileName,
    terminal: Option<&Terminal>,
    context: Context,
) -> anyhow::Result<Serial> {
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
        0 if fido.is_empty() => Err(Failure::new(Exit::Failed, format!("the user of profile {profile} has no MFA device"))
            .hint("add one: IAM console, Users, your user, Security credentials, Assign MFA device, Authenticator app")
            .into()),
        0 => Err(Failure::new(
            Exit::Failed,
            format!("the user of profile {profile} has only FIDO keys ({}), which GetSessionToken does not take", names(&fido)),
        )
        .hint("add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys")
        .into()),
        1 => Ok(usable.remove(0)),
        _ => choose(usable, profile, terminal).await,
    }
}

/// If policy denies the listing, suggests to pass the serial.
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
) -> anyhow::Result<Serial> {
    let Some(mut terminal) = terminal.map(Terminal::again).transpose()? else {
        let list = serials
            .iter()
            .map(Serial::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        return Err(Failure::new(
            Exit::Failed,
            format!("the user of profile {profile} has several MFA devices: {list}"),
        )
        .hint(format!(
            "name one with --mfa-serial, or set mfa_serial in profile {profile}"
        ))
        .into());
    };
    terminal.show(&format!(
        "the user of profile {profile} has {} MFA devices:",
        serials.len()
    ))?;
    for (number, serial) in serials.iter().enumerate() {
        terminal.show(&format!("  {}  {serial}", number + 1))?;
    }
    let question = format!("which one? [1-{}] ", serials.len());
    loop {
        let (answer, again) = super::exchange::ask(terminal, question.clone()).await?;
        terminal = again;
        match answer.parse::<usize>() {
            Ok(number) if (1..=serials.len()).contains(&number) => {
                return Ok(serials.swap_remove(number - 1));
            }
            _ => terminal.show(&format!("type a number from 1 to {}", serials.len()))?,
        }
    }
}
