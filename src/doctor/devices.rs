//! Checks the MFA devices: those that the profile and the variables name, and those that AWS lists. It
//! changes none.

use super::asker::Asker;
use super::finding::{Finding, Level};
use super::names::Names;
use super::scene::Scene;
use crate::aws::{MfaDevice, Owner};
use crate::devices::which::describe;
use crate::exit::Result;
use crate::profile::{device, setting};
use crate::signin::check_has_codes;
use crate::value::{Arn, Serial};
use crate::world::env;

const SUBJECT: &str = "device";

/// The device that a sign-in takes without asking AWS, and what names it; none where nothing does.
fn named(scene: &Scene) -> Result<Option<(Serial, String)>> {
    if let Ok(request) = scene.request()
        && let Some(serial) = &request.serial
    {
        return Ok(Some((serial.clone(), env::SERIAL.to_owned())));
    }
    let profiles = scene.profiles();
    let base = scene.source().and_then(|source| source.base(profiles));
    let profile = base.map_or_else(|_| scene.name(), |(base, _)| base);
    let serial = device::named(profiles, &profile, setting::MFA_SERIAL)?;
    Ok(serial.map(|serial| (serial, format!("mfa_serial of profile {profile}"))))
}

/// Checks what is named, without AWS.
pub(super) fn check_named(scene: &Scene, names: &mut Names) -> Vec<Finding> {
    match named(scene) {
        Err(failure) => vec![Finding::failure(Level::Bad, SUBJECT, failure)],
        Ok(None) => Vec::new(),
        Ok(Some((serial, named_by))) => {
            names.device(&serial);
            vec![match check_has_codes(&serial) {
                Ok(()) => Finding::good(SUBJECT, format!("{named_by} is {serial}")),
                Err(failure) => Finding::failure(Level::Bad, SUBJECT, failure),
            }]
        }
    }
}

/// Checks what AWS lists, and what is named against that.
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
    if let Ok(Some((serial, named_by))) = named(asker.scene)
        && !listed.iter().any(|it| it.serial == serial)
    {
        findings.push(
            Finding::bad(
                SUBJECT,
                format!(
                    "{named_by} is {serial}, which is not a device of {}",
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
