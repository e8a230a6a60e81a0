//! Chooses the MFA device of a sign-in: the one that was given or that the files name, else one that AWS
//! lists, asking at the terminal if there are several. It changes no device.

use super::plan::Plan;
use super::request::Request;
use super::warm_up::WarmUp;
use crate::aws::{Aws, Fault, Identity, Owner, Refusal};
use crate::exit::{Exit, Failure, Remedy, Result};
use crate::profile::source::Holder;
use crate::profile::{Profiles, device as profile_device, setting};
use crate::text::escape;
use crate::value::{ProfileName, Serial};
use crate::world::tty::Terminal;
use crate::world::{Context, prompt};
use std::future::pending;

/// The device of a sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    /// Its serial.
    pub(crate) serial: Serial,
    /// Where it is known from.
    pub(crate) origin: Origin,
}

/// Where a device is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the flag or its variable, or from the enrolment that the sign-in completes.
    Given,
    /// From `mfa_serial` of this profile.
    Setting(ProfileName),
    /// Only from the last session, so that it may no longer exist.
    LastSession,
    /// From AWS, which knows it as the user's.
    Aws,
}

impl Device {
    fn of_aws(serial: Serial) -> Self {
        let origin = Origin::Aws;
        Self { serial, origin }
    }

    /// The device that `profile` names, if it names one. Fails if that is not a serial.
    pub(super) fn set_in(profiles: Profiles<'_>, profile: &ProfileName) -> Result<Option<Self>> {
        let serial = profile_device::named(profiles, profile, setting::MFA_SERIAL)?;
        Ok(serial.map(|serial| Self {
            serial,
            origin: Origin::Setting(profile.clone()),
        }))
    }
}

/// The device, if it is known without asking AWS: from the flag or its variable, from `mfa_serial` of
/// the source or else of the role that the session is for, which is `of_role`, or from the last session.
///
/// Fails if a setting is not a serial, or names a FIDO key.
pub(super) fn known(
    plan: &Plan,
    request: &Request,
    of_role: Option<&Device>,
) -> Result<Option<Device>> {
    let given = |serial: &Serial| Device {
        serial: serial.clone(),
        origin: Origin::Given,
    };
    if let Some(new) = &request.new_device {
        return Ok(Some(given(&new.serial)));
    }
    let (profiles, source) = (plan.profiles(), &plan.source.profile);
    let named = match &request.serial {
        Some(serial) => Some(given(serial)),
        None => Device::set_in(profiles, source)?.or_else(|| of_role.cloned()),
    };
    if let Some(device) = named {
        check_has_codes(&device.serial)?;
        return Ok(Some(device));
    }
    // A session that was made with other keys may have used another user's device.
    if plan.is_anothers() {
        return Ok(None);
    }
    // Nobody named this device, so if it is of no use, AWS is asked.
    let remembered = profile_device::named(profiles, &plan.target, setting::DEVICE);
    let remembered = remembered.ok().flatten().filter(|it| !it.is_fido());
    Ok(remembered.map(|serial| Device {
        serial,
        origin: Origin::LastSession,
    }))
}

/// Refuses a device that shows no codes.
pub(crate) fn check_has_codes(serial: &Serial) -> Result<()> {
    if !serial.is_fido() {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{serial} is a passkey or security key (FIDO), which GetSessionToken does not accept"
    ))
    .hint("use a virtual or hardware MFA device that shows codes; AWS's own way for passkeys is `aws login`"))
}

/// The user whose device is wanted, and how to ask them and AWS.
pub(super) struct Search<'a> {
    /// AWS, asked with the user's long-term keys.
    pub(super) aws: &'a Aws,
    /// The owner of the keys.
    pub(super) holder: &'a Holder,
    /// The terminal to ask the user at, if there is one.
    pub(super) terminal: Option<&'a Terminal>,
    /// The world.
    pub(super) context: Context,
}

impl Search<'_> {
    /// Asks AWS for the user's devices and returns the one to use. If AWS has to be asked who the user
    /// is, `warm_up` gets the answer.
    pub(super) async fn discover(&self, warm_up: &mut WarmUp) -> Result<Device> {
        let listed = self.list(warm_up).await;
        let listed = listed.map_err(|fault| with_way_round(fault, self.holder))?;
        self.pick(listed).await.map(Device::of_aws)
    }

    /// The device to use after AWS could not check a code with `remembered`: the same one if it is still
    /// the user's, else another one; `None` if AWS does not list the devices.
    pub(super) async fn replace(
        &self,
        remembered: &Serial,
        warm_up: &mut WarmUp,
    ) -> Result<Option<Device>> {
        let ui = self.context.ui;
        let listed = match self.list(warm_up).await {
            Ok(listed) => listed,
            Err(fault) => {
                let failure = Failure::from(fault);
                ui.step(&format!("the MFA devices could not be listed: {failure}"));
                return Ok(None);
            }
        };
        if listed.contains(remembered) {
            return Ok(Some(Device::of_aws(remembered.clone())));
        }
        ui.say(&format!(
            "{remembered}, the device of the last session, no longer belongs to the user of {}",
            self.holder
        ));
        self.pick(listed).await.map(Device::of_aws).map(Some)
    }

    /// The devices that AWS lists. While AWS is asked who the user is, a connection to IAM is opened.
    async fn list(&self, warm_up: &mut WarmUp) -> Result<Vec<Serial>, Fault> {
        let listing = async {
            let identity = match warm_up.identity.take() {
                Some(identity) => identity,
                None => {
                    self.context
                        .ui
                        .step("asking AWS whose keys these are (sts:GetCallerIdentity)");
                    self.aws.get_caller_identity().await?
                }
            };
            let owner = self.owner(&identity)?;
            warm_up.met(identity.clone());
            self.context
                .ui
                .step("asking AWS for the MFA devices (iam:ListMFADevices)");
            let devices = self.aws.list_mfa_devices(owner).await?;
            Ok(devices.into_iter().map(|it| it.serial).collect())
        };
        tokio::select! {
            listed = listing => listed,
            never = async {
                self.aws.open_iam().await;
                pending().await
            } => never,
        }
    }

    fn owner<'i>(&self, identity: &'i Identity) -> Result<Owner<'i>, Fault> {
        Owner::of(&identity.arn).ok_or_else(|| {
            let text = format!(
                "the keys of {} belong to {}, which has no MFA devices",
                self.holder, identity.arn
            );
            let hint =
                "use the long-term keys of an IAM user, or name the device with --mfa-serial";
            Fault::Fatal(Failure::new(Exit::KeysRefused, text).hint(hint))
        })
    }

    /// The one device of `listed` that shows codes; if there are several, the user chooses.
    async fn pick(&self, listed: Vec<Serial>) -> Result<Serial> {
        let holder = self.holder;
        let (fido, mut usable): (Vec<Serial>, Vec<Serial>) =
            listed.into_iter().partition(Serial::is_fido);
        if !fido.is_empty() && !usable.is_empty() {
            self.context.ui.say(&format!(
                "skipping {}: FIDO keys show no codes",
                names(&fido)
            ));
        }
        match usable.len() {
            0 if fido.is_empty() => Err(no_device(holder)),
            0 => Err(Failure::failed(format!(
                "the user of {holder} has only FIDO keys ({}), which GetSessionToken does not accept",
                names(&fido)
            ))
            .hint("add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys")),
            1 => Ok(usable.remove(0)),
            _ => choose(usable, holder, self.terminal).await,
        }
    }
}

/// The failure that the user has no device. One can then be enrolled with the long-term keys.
fn no_device(holder: &Holder) -> Failure {
    let command = holder.command("device enroll");
    Failure::failed(format!("the user of {holder} has no MFA device"))
        .hint(format!("enroll one with `{command}`"))
        .remedy(Remedy::Enroll)
}

/// If policy denies the listing, suggests passing the serial.
fn with_way_round(fault: Fault, holder: &Holder) -> Failure {
    match fault {
        Fault::Refused {
            refusal: Refusal::Denied,
            failure,
        } => failure.hint(format!("name the device {}", holder.place_of_device())),
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

/// Lets the user choose.
async fn choose(
    mut serials: Vec<Serial>,
    holder: &Holder,
    terminal: Option<&Terminal>,
) -> Result<Serial> {
    let names = serials.iter().map(ToString::to_string);
    let names: Vec<String> = names.collect();
    let Some(terminal) = terminal else {
        return Err(Failure::new(
            Exit::CodeNeeded,
            format!(
                "the user of {holder} has several MFA devices: {}",
                names.join(", ")
            ),
        )
        .hint(format!("choose one {}", holder.place_of_device())));
    };
    let title = format!("the user of {holder} has {} MFA devices:", names.len());
    let chosen = prompt::choose(terminal, &title, &names).await?;
    Ok(serials.swap_remove(chosen))
}
