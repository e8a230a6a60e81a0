//! Resynchronizes a device by sending AWS two consecutive codes. It changes neither the device nor
//! files.

use super::codes::{self, Pair, Talk};
use super::which::{self, DeviceWord};
use crate::access::Access;
use crate::aws::{Fault, MfaDevice, Refusal};
use crate::code::CodeFlag;
use crate::code::wanted::Wanted;
use crate::exit::{Exit, Failure, Result};
use crate::profile::setting;
use crate::signin::Request;
use crate::world::asking::Nowhere;
use crate::world::question::at_terminal;
use crate::world::{Context, prompt};
use std::ops::ControlFlow;

/// How often the user may try. AWS allows nine attempts in three minutes for a device.
const TRIES: usize = 3;

/// A device whose codes AWS accepts again.
pub(crate) struct Resynchronised {
    /// The device.
    pub(crate) device: MfaDevice,
    /// Whether the profile names it.
    pub(crate) is_used: bool,
}

/// The source of the codes.
enum Source {
    /// The user types them.
    Person,
    /// A command from this flag or setting prints them.
    Command(String, &'static str),
}

/// Resynchronizes the device that `word` names, of the user whose keys `request` begins with.
pub(crate) async fn resync(
    request: Request,
    word: Option<DeviceWord>,
    context: Context,
) -> Result<Resynchronised> {
    let flag = request.code.clone();
    let access = Access::open(request, context).await?;
    let login = || format!("sign in first with {}", access.user.command("login"));
    access.hint_without_code(login);
    access.say_before_code("resynchronizing needs MFA here: a code from a device that works");
    let owned = access.devices().await?;
    let of_profile = which::of_profile(&access);
    let device = settle(&access, word.as_ref(), &owned).await?;
    let serial = &device.serial;
    if serial.is_fido() {
        return Err(Failure::failed(format!(
            "{serial} is a passkey or security key (FIDO), which shows no codes and is never out of sync"
        )));
    }
    let is_used = of_profile.as_ref() == Some(serial);
    let with_codes = owned.iter().filter(|it| !it.serial.is_fido()).count();
    let mfa_process = || {
        // The profile's command gives the codes of the profile's device.
        let profiles = access.contents.profiles();
        let line = profiles.get(&access.user.profile, setting::MFA_PROCESS);
        line.filter(|_| is_used || with_codes == 1)
    };
    let source = match flag {
        Some(CodeFlag::Command(line)) => Source::Command(line, "--code-command"),
        _ => match mfa_process() {
            Some(line) => Source::Command(line, "mfa_process"),
            None => Source::Person,
        },
    };
    let mut tries = 0;
    let mut before: Option<String> = None;
    loop {
        let pair = source.get(&device, &access, before.as_deref()).await?;
        tries += 1;
        let is_last = tries == TRIES || matches!(source, Source::Command(..));
        match send(&access, &device, &pair, is_last).await? {
            ControlFlow::Break(()) => break,
            ControlFlow::Continue(why) => {
                before = Some(format!("{why}; enter two new ones in a row"))
            }
        }
    }
    context.ui.say(&format!("{serial} is in sync again"));
    Ok(Resynchronised { is_used, device })
}

/// The device that is meant: the one named, else the profile's, else the only one with codes, else the
/// one the user chooses.
async fn settle(
    access: &Access,
    word: Option<&DeviceWord>,
    owned: &[MfaDevice],
) -> Result<MfaDevice> {
    let (fido, with_codes): (Vec<MfaDevice>, Vec<MfaDevice>) =
        owned.iter().cloned().partition(|it| it.serial.is_fido());
    let of_profile = which::of_profile(access);
    let by_profile = with_codes
        .iter()
        .find(|it| Some(&it.serial) == of_profile.as_ref());
    let candidates = match (word, by_profile) {
        (Some(word), _) => match which::meant(owned, word) {
            meant if meant.is_empty() => {
                return Err(which::unknown(access, word, owned, "device resync"));
            }
            meant => meant,
        },
        (None, Some(device)) => return Ok(device.clone()),
        (None, None) if owned.is_empty() => return Err(which::none(&access.user)),
        // Its kind makes AWS refuse it.
        (None, None) if with_codes.is_empty() => return Ok(fido[0].clone()),
        (None, None) => with_codes,
    };
    which::one_of(
        access,
        candidates,
        "which one do you want to resynchronize?",
    )
    .await
}

impl Source {
    /// Gets two codes. `before` tells the user what became of the last ones.
    async fn get(&self, device: &MfaDevice, access: &Access, before: Option<&str>) -> Result<Pair> {
        let name = device.serial.device_name();
        let context = access.context;
        match self {
            Self::Command(line, named_by) => {
                let wanted = Wanted {
                    holder: &access.user.holder,
                    serial: &device.serial,
                };
                codes::read(line, named_by, wanted, context).await
            }
            Self::Person => {
                let unasked = |nowhere: Nowhere| {
                    Failure::new(
                        Exit::CodeNeeded,
                        format!("two codes in a row from {name} are needed, and {nowhere}"),
                    )
                    .hint("get them from a command with --code-command")
                };
                at_terminal(access.asking(), unasked, async |terminal| {
                    if let Some(before) = before {
                        prompt::show(terminal, before)?;
                    }
                    codes::ask(&Talk::Lines(terminal), name, context).await
                })
                .await
            }
        }
    }
}

/// Sends the codes. Continues with a reason to try others, unless this was the last try.
async fn send(
    access: &Access,
    device: &MfaDevice,
    pair: &Pair,
    is_last: bool,
) -> Result<ControlFlow<(), String>> {
    let (user, serial) = (access.user.name.as_str(), &device.serial);
    access
        .context
        .ui
        .step(&format!("resynchronizing {serial} (iam:ResyncMFADevice)"));
    let sent = access
        .with_keys_or_session(async |aws| aws.resync_mfa_device(user, serial, pair.each()).await)
        .await;
    match sent {
        Ok(()) => Ok(ControlFlow::Break(())),
        Err(Fault::Refused {
            refusal: Refusal::PairRejected,
            failure,
        }) => {
            let failure = codes::both_refused(serial, failure);
            if is_last {
                return Err(failure);
            }
            Ok(ControlFlow::Continue(failure.message))
        }
        // If AWS did accept them, it will accept newer ones too.
        Err(Fault::Lost(failure)) if !is_last => Ok(ControlFlow::Continue(failure.message)),
        Err(Fault::Refused {
            refusal: Refusal::NotFound,
            failure,
        }) => Err(Failure::failed(format!(
            "{serial} is no longer one of the MFA devices of {user}"
        ))
        .detail_of(failure)),
        Err(fault) => Err(fault.into()),
    }
}
