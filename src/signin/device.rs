//! Chooses the MFA device of a sign-in: what was given, what the files say, else what AWS lists,
//! with a question at the terminal where several are left. It changes no device.

use super::plan::Plan;
use super::request::Request;
use super::run::Outer;
use super::warm_up::WarmUp;
use crate::aws::{Aws, Fault, Identity, Owner, Refusal};
use crate::exit::{Exit, Failure, Remedy, Result};
use crate::profile::source::Holder;
use crate::profile::{device as profile_device, setting};
use crate::text::escape;
use crate::value::Serial;
use crate::world::tty::Terminal;
use crate::world::{Context, prompt};
use std::future::pending;

/// The device of a sign-in.
#[derive(Clone, Debug)]
pub(super) struct Device {
    /// Its serial.
    pub(super) serial: Serial,
    /// Whether only the last session tells of it: it may be gone since.
    pub(super) is_remembered: bool,
}

impl Device {
    /// A device that was named, or that AWS has listed.
    fn sure(serial: Serial) -> Self {
        Self {
            serial,
            is_remembered: false,
        }
    }
}

/// The device that is known without asking AWS: the flag or its variable, `mfa_serial` of the
/// source, that of the role that the session is for, or the device of the last session.
///
/// Fails when a setting holds no serial, or names a FIDO key.
pub(super) fn known(plan: &Plan, request: &Request, outer: &Outer) -> Result<Option<Device>> {
    if let Some(new) = &request.new_device {
        return Ok(Some(Device::sure(new.serial.clone())));
    }
    let read = |profile, setting| profile_device::named(plan.profiles(), profile, setting);
    let named = match &request.serial {
        Some(serial) => Some(serial.clone()),
        None => read(&plan.source.profile, setting::MFA_SERIAL)?.or_else(|| outer.device.clone()),
    };
    if let Some(serial) = named {
        check_has_codes(&serial)?;
        return Ok(Some(Device::sure(serial)));
    }
    // That of a session which other keys made may be another user's.
    if plan.is_anothers() {
        return Ok(None);
    }
    // Nobody has named it: where it is of no use, AWS is asked.
    let remembered = read(&plan.target, setting::DEVICE).ok().flatten();
    Ok(remembered.filter(|it| !it.is_fido()).map(|serial| Device {
        serial,
        is_remembered: true,
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

/// The user whose device is wanted, and how they and AWS can be asked.
pub(super) struct Search<'a> {
    /// AWS, asked with the user's long-term keys.
    pub(super) aws: &'a Aws,
    /// Whose they are.
    pub(super) holder: &'a Holder,
    /// Where the user can be asked, if anywhere.
    pub(super) terminal: Option<&'a Terminal>,
    /// The world.
    pub(super) context: Context,
}

impl Search<'_> {
    /// Asks AWS for the devices of the user and returns the one to use. What AWS says of the user on
    /// the way, `warm_up` learns.
    pub(super) async fn discover(&self, warm_up: &mut WarmUp) -> Result<Device> {
        let listed = self.list(warm_up).await;
        let listed = listed.map_err(|fault| with_way_round(fault, self.holder))?;
        self.pick(listed).await.map(Device::sure)
    }

    /// The device to use in place of `remembered`, which AWS could not check a code with; none where
    /// that is still the user's, or AWS does not tell.
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
            return Ok(Some(Device::sure(remembered.clone())));
        }
        ui.say(&format!(
            "{remembered}, the device of the last session, no longer belongs to the user of {}",
            self.holder
        ));
        self.pick(listed).await.map(Device::sure).map(Some)
    }

    /// The devices that AWS lists. A connection to IAM is opened while AWS is asked who the user is.
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

    /// The one device of `listed` that shows codes; the user chooses where there are several.
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

/// The user has no device at all, so one can be enrolled with the long-term keys.
fn no_device(holder: &Holder) -> Failure {
    let command = holder.command("device enroll");
    Failure::failed(format!("the user of {holder} has no MFA device"))
        .hint(format!("enroll one with `{command}`"))
        .remedy(Remedy::Enroll)
}

/// If a policy denies the listing, suggests passing the serial.
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

/// Lets the person choose.
async fn choose(
    mut serials: Vec<Serial>,
    holder: &Holder,
    terminal: Option<&Terminal>,
) -> Result<Serial> {
    let names = serials.iter().map(ToString::to_string);
    let names: Vec<String> = names.collect();
    let Some(terminal) = terminal else {
        return Err(Failure::failed(format!(
            "the user of {holder} has several MFA devices: {}",
            names.join(", ")
        ))
        .hint(format!("choose one {}", holder.place_of_device())));
    };
    let title = format!("the user of {holder} has {} MFA devices:", names.len());
    let chosen = prompt::choose(terminal, &title, &names).await?;
    Ok(serials.swap_remove(chosen))
}
