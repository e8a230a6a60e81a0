//! Checks the MFA devices: those in the profile and the variables, and those that AWS lists. It changes
//! none.

use super::asker::Asker;
use super::finding::{Finding, Level};
use super::names::Names;
use super::scene::Scene;
use crate::aws::{MfaDevice, Owner};
use crate::devices::which::describe;
use crate::exit::Result;
use crate::profile::{device, setting};
use crate::signin::{Device, Origin, check_has_codes};
use crate::value::Arn;
use crate::world::env;

const SUBJECT: &str = "device";

/// The device that a sign-in uses without asking AWS; if none can begin, the one that is set where its
/// keys would be.
pub(super) fn named(scene: &Scene) -> Result<Option<Device>> {
    if let Some(device) = scene.device() {
        return Ok(device);
    }
    let profiles = scene.profiles();
    let base = scene.source().and_then(|source| source.base(profiles));
    let profile = base.map_or_else(|_| scene.name(), |(base, _)| base);
    let serial = device::named(profiles, &profile, setting::MFA_SERIAL)?;
    let origin = Origin::Setting(profile);
    Ok(serial.map(|serial| Device { serial, origin }))
}

/// Where the device is named, to precede "is".
fn named_by(device: &Device) -> String {
    match &device.origin {
        Origin::Given => env::SERIAL.to_owned(),
        Origin::Setting(profile) => format!("mfa_serial of profile {profile}"),
        Origin::LastSession => "the device of the last session".to_owned(),
        Origin::Aws => "the user's device".to_owned(),
    }
}

/// Checks the named device, without AWS.
pub(super) fn check_named(scene: &Scene, names: &mut Names) -> Vec<Finding> {
    match named(scene) {
        Err(failure) => vec![Finding::failure(Level::Bad, SUBJECT, failure)],
        Ok(None) => Vec::new(),
        Ok(Some(device)) => {
            let serial = &device.serial;
            names.device(serial);
            vec![match check_has_codes(serial) {
                Ok(()) => Finding::good(SUBJECT, format!("{} is {serial}", named_by(&device))),
                Err(failure) => Finding::failure(Level::Bad, SUBJECT, failure),
            }]
        }
    }
}

/// Checks the devices that AWS lists, and whether the named one is among them.
pub(super) async fn check(asker: &Asker<'_>, user: &Arn, names: &mut Names) -> Vec<Finding> {
    let owner = Owner::of(user).unwrap_or(Owner::User(asker.user));
    let listed = asker
        .ask(async |aws| aws.list_mfa_devices(owner).await)
        .await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(fault) => return vec![asker.not_told(SUBJECT, "iam:ListMFADevices", fault)],
    };
    for device in &listed {
        names.device(&device.serial);
    }
    let mut findings = vec![of_list(asker, &listed)];
    // A sign-in finds out by itself that the device of the last session is gone.
    if let Ok(Some(device)) = named(asker.scene)
        && device.origin != Origin::LastSession
        && !listed.iter().any(|it| it.serial == device.serial)
    {
        findings.push(
            Finding::bad(
                SUBJECT,
                format!(
                    "{} is {}, which is not a device of {}",
                    named_by(&device),
                    device.serial,
                    asker.user
                ),
            )
            .hint("set it to one of them, or remove that line so that AWS is asked"),
        );
    }
    findings
}

fn of_list(asker: &Asker<'_>, listed: &[MfaDevice]) -> Finding {
    let (user, context) = (asker.user, asker.scene.context);
    let usable = listed.iter().filter(|it| !it.serial.is_fido()).count();
    let told: Vec<String> = listed.iter().map(|it| describe(it, context)).collect();
    let told = told.join(", ");
    let is_named = matches!(named(asker.scene), Ok(Some(_)));
    match (listed.len(), usable) {
        (0, _) => Finding::warning(SUBJECT, format!("{user} has no MFA device"))
            .hint(format!("enroll one with {}", asker.scene.command("device enroll"))),
        (_, 0) => Finding::bad(
            SUBJECT,
            format!("{user} has only FIDO keys, which show no codes: {told}"),
        )
        .hint("add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys"),
        (_, 2..) if !is_named => Finding::warning(
            SUBJECT,
            format!("{user} has several MFA devices, and none is chosen: {told}"),
        )
        .hint(format!("choose one {}", asker.scene.holder().place_of_device())),
        _ => Finding::good(SUBJECT, format!("{user} has {told}")),
    }
}
