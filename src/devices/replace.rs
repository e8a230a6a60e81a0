//! Puts a new device in the place of an old one: enrolls it and signs in with it, names it wherever the
//! old one is named, and only then removes the old one. It never leaves the user without a device.
//!
//! An interrupted run leaves both devices, or only the old one's name to be deleted; the next run asks
//! whether a device that is newer is the replacement.

use super::enroll::{Wishes, enroll};
use super::lines::Lines;
use super::remove;
use super::retire::{self, Undeleted};
use super::which::{self, DeviceWord};
use crate::access::lock::{Lock, Subject};
use crate::access::{Access, User};
use crate::aws::{MfaDevice, Owner};
use crate::code::CodeFlag;
use crate::exit::{Exit, Failure, Result};
use crate::signin::{self, Ready, Request};
use crate::value::{DeviceKind, Serial};
use crate::world::asking::Nowhere;
use crate::world::question::{self, at_terminal};
use crate::world::runtime::until_cancelled;
use crate::world::{Context, prompt};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::sleep;

/// The pause before asking AWS again for a device that has signed in but is not listed.
const PAUSE: Duration = Duration::from_secs(3);

/// The question for a user with several devices.
const WHICH: &str = "which one do you want to replace?";

/// What the user asks for.
#[derive(Clone)]
pub(crate) struct Order {
    /// The device to replace, if it was named.
    pub(crate) old: Option<DeviceWord>,
    /// The replacement, if the user has it already.
    pub(crate) new: Option<DeviceWord>,
    /// Whether the old device can't show codes any more.
    pub(crate) is_lost: bool,
    /// How to enroll a new one.
    pub(crate) wishes: Wishes,
}

/// The result.
pub(crate) struct Replaced {
    /// The device that no longer belongs to the user.
    pub(crate) old: Serial,
    /// Whether AWS has deleted it, as it does virtual ones.
    pub(crate) is_deleted: bool,
    /// The device in its place.
    pub(crate) new: MfaDevice,
    /// Whether the profile names it.
    pub(crate) is_used: bool,
    /// The session made with it.
    pub(crate) ready: Ready,
}

/// Where the new device comes from.
enum New {
    /// The user has it already.
    There(MfaDevice),
    /// It is to be enrolled.
    ToEnroll,
}

/// Replaces a device of the user whose keys `request` begins with.
pub(crate) async fn replace(request: Request, order: Order, context: Context) -> Result<Replaced> {
    let mut access = Access::open(request, context).await?;
    let owned = access.devices().await?;
    let old = settle_old(&access, &order, &owned).await?;
    let new = settle_new(&access, &order, &owned, &old).await?;
    if let New::ToEnroll = new {
        order.wishes.check(access.asking())?;
        which::check_room(&access.user, &owned).map_err(|failure| {
            failure.hint(format!(
                "remove one first with {}, or name one of them with --new",
                access.user.command("device remove")
            ))
        })?;
    }
    rehearse(&access, &old.serial, &new)?;
    // Held until the end: the new device must not be removed meanwhile.
    let lock = |access: &Access| Lock::take(access, Subject::Devices);
    let (new, ready, _lock) = match new {
        New::There(new) => {
            // Before a code is spent.
            let lock = lock(&access)?;
            let ready = sign_in_with(&access, &order, &new.serial).await?;
            (new, ready, lock)
        }
        New::ToEnroll => {
            settle_session(&mut access, &old, &owned, order.is_lost).await?;
            let enrolled = match enroll(&access, &order.wishes, Some(&old.serial)).await {
                Ok(enrolled) => enrolled,
                Err(failure) => return Err(halfway(&access, &owned, &old, failure).await),
            };
            let ready = enrolled.ready.ok_or_else(|| {
                Failure::failed("the new device is enrolled, but there is no session with it yet")
            })?;
            let new = MfaDevice {
                serial: enrolled.serial,
                enabled: None,
            };
            (new, ready, lock(&access)?)
        }
    };
    access.go_on_with(ready.clone());
    let is_used = which::of_profile(&access).is_some_and(|it| it == old.serial || it == new.serial);
    let old = old.serial;
    let going_on = |failure: Failure| {
        let finish = finish(&access.user, &old, &new.serial);
        failure.further_hint(format!("finish with {finish}"))
    };
    let listing = until_cancelled(listed_with(&access, &new.serial));
    let Some(owned) = listing.await.map_err(going_on)? else {
        return Err(Failure::failed(format!(
            "{} is no longer a device of {}, so the old one stays",
            new.serial, access.user.name
        ))
        .hint("another program may have removed it; run this again"));
    };
    // It may have been removed while questions were asked; another device may have its name now.
    let is_there = old != new.serial && owned.iter().any(|it| it.serial == old);
    let handing_over = hand_over(&access, &old, &new.serial, is_there);
    until_cancelled(handing_over).await.map_err(going_on)?;
    let is_deleted = match old.kind() {
        _ if !is_there => false,
        DeviceKind::Virtual => match retire::delete(&access, &old).await {
            Ok(()) | Err(Undeleted::NotThere) => true,
            Err(Undeleted::Left(failure) | Undeleted::InUse(failure)) => {
                return Err(remove::not_deleted(&access.user, &old, failure));
            }
        },
        DeviceKind::Hardware | DeviceKind::Fido => false,
    };
    context.ui.say(&match (is_there, is_deleted) {
        (false, _) => format!("{old} is no longer a device of {}", access.user.name),
        (true, true) => {
            format!("{old} is deactivated and deleted: you can delete it from your app")
        }
        (true, false) => format!("{old} is deactivated"),
    });
    Ok(Replaced {
        old,
        is_deleted,
        new,
        is_used,
        ready,
    })
}

/// Puts the new device into the lines of the old one, and then takes the old one from the user, who may
/// not have it any more.
async fn hand_over(access: &Access, old: &Serial, new: &Serial, is_there: bool) -> Result<()> {
    let ui = access.context.ui;
    let lines = Lines {
        files: &access.files,
        old,
        new: Some(new),
    };
    let (changed, saved) = lines.save();
    changed.warnings.iter().for_each(|it| ui.warn(it));
    if !changed.sections.is_empty() {
        let verb = if changed.sections.len() == 1 {
            "names"
        } else {
            "name"
        };
        ui.say(&format!(
            "{} now {verb} {} instead of {}",
            changed.sections.join(", "),
            new.device_name(),
            old.device_name()
        ));
    }
    // If it were removed now, logins would go on asking for its codes.
    saved.map_err(|failure| Failure {
        message: format!(
            "{new} is your device too, but the lines that name {old} are still there: {}",
            failure.message
        ),
        ..failure
    })?;
    if !is_there {
        return Ok(());
    }
    let deactivated = retire::deactivate(access, old, &Cell::default()).await;
    deactivated.map_err(|failure| Failure {
        message: format!(
            "{new} is in use now, but the old device is still there: {}",
            failure.message
        ),
        ..failure
    })
}

/// The user's devices, once AWS lists `new` among them: otherwise they might end up with none. `None` if
/// AWS never does.
async fn listed_with(access: &Access, new: &Serial) -> Result<Option<Vec<MfaDevice>>> {
    let user = access.user.name.as_str();
    access
        .context
        .ui
        .step("asking AWS whether the new device is the user's (iam:ListMFADevices)");
    for pause in [PAUSE, PAUSE, Duration::ZERO] {
        let owned = access
            .with_session(async |aws| aws.list_mfa_devices(Owner::User(user)).await)
            .await?;
        if owned.iter().any(|it| it.serial == *new) {
            return Ok(Some(owned));
        }
        // Not every part of IAM learns at once what another was told.
        sleep(pause).await;
    }
    Ok(None)
}

/// The device to replace: the one named, else the only one if the user agrees, else the one they choose.
async fn settle_old(access: &Access, order: &Order, owned: &[MfaDevice]) -> Result<MfaDevice> {
    let (user, context) = (access.user.name.as_str(), access.context);
    let Some(word) = &order.old else {
        if owned.is_empty() {
            return Err(which::none(&access.user));
        }
        let old = which::one_of(access, owned.to_vec(), WHICH).await?;
        if let [only] = owned {
            let question = format!("replace {}?", which::describe(only, context));
            confirm_if_asked(access, &question).await?;
        }
        return Ok(old);
    };
    let meant = which::meant(owned, word);
    if !meant.is_empty() {
        return which::one_of(access, meant, WHICH).await;
    }
    Err(match remove::find_rest(access, word).await? {
        Some(rest) => Failure::failed(format!(
            "{} is no longer a device of {user}, but something of it may be left",
            rest.serial
        ))
        .hint(format!(
            "{} removes what is left",
            access
                .user
                .command(&format!("device remove {}", rest.serial))
        )),
        None => which::unknown(access, word, owned, "device replace"),
    })
}

/// Asks if the user can be asked; otherwise the command line has said what they want.
async fn confirm_if_asked(access: &Access, question: &str) -> Result<()> {
    if access.asking().check().is_err() {
        return Ok(());
    }
    let unasked = |nowhere: Nowhere| Failure::new(Exit::CodeNeeded, format!("{nowhere}"));
    question::confirm(access.asking(), unasked, question, true).await
}

/// The replacement of `old`: the device named, else a new one. If the user has a device that is newer
/// than `old`, it may be from an interrupted run, so they are asked.
async fn settle_new(
    access: &Access,
    order: &Order,
    owned: &[MfaDevice],
    old: &MfaDevice,
) -> Result<New> {
    let (user, context) = (access.user.name.as_str(), access.context);
    let others = owned.iter().filter(|it| it.serial != old.serial);
    let others: Vec<MfaDevice> = others.cloned().collect();
    if let Some(word) = &order.new {
        let meant = which::meant(&others, word);
        if meant.is_empty() {
            return Err(match which::meant(owned, word).is_empty() {
                true => which::unknown(access, word, &others, "device replace"),
                false => Failure::new(Exit::Usage, format!("{} can't replace itself", old.serial)),
            });
        }
        let question = "which one replaces it?";
        let new = which::one_of(access, meant, question).await?;
        if new.serial.is_fido() {
            return Err(Failure::failed(format!(
                "{} is a passkey or security key (FIDO), which shows no codes: awsmfa can't sign in with it",
                new.serial
            ))
            .hint(format!(
                "{} removes the old one anyway",
                access.user.command(&format!("device remove {}", old.serial))
            )));
        }
        return Ok(New::There(new));
    }
    let is_later = |it: &MfaDevice| it.enabled > old.enabled && !it.serial.is_fido();
    let mut later: Vec<MfaDevice> = others.into_iter().filter(is_later).collect();
    if later.is_empty() {
        return Ok(New::ToEnroll);
    }
    let unasked = |nowhere: Nowhere| {
        let text = format!(
            "{user} has enrolled {} after {}, and {nowhere}",
            which::serials(&later),
            old.serial
        );
        Failure::new(Exit::CodeNeeded, text).hint(format!(
            "choose the replacement with --new; for a new device, first run {}",
            access.user.command("device enroll")
        ))
    };
    let title = format!("what replaces {}?", old.serial.device_name());
    let items = later.iter().map(|it| which::describe(it, context));
    let items: Vec<String> = items.chain(["a new device".to_owned()]).collect();
    let chosen = at_terminal(access.asking(), unasked, async |terminal| {
        prompt::choose(terminal, &title, &items).await
    })
    .await?;
    Ok(if chosen < later.len() {
        New::There(later.swap_remove(chosen))
    } else {
        New::ToEnroll
    })
}

/// Fails if the lines of the old device could not be changed. For a device still to be made, a name of
/// the usual form stands in.
fn rehearse(access: &Access, old: &Serial, new: &New) -> Result<()> {
    let identity = &access.user.identity;
    let stand_in = || -> Result<Serial> {
        let name = format!("{}-20", access.user.name);
        Serial::of_virtual(identity.arn.partition(), &identity.account, &name)
            .map_err(Failure::failed)
    };
    let new = match new {
        New::There(new) => new.serial.clone(),
        New::ToEnroll => stand_in()?,
    };
    let lines = Lines {
        files: &access.files,
        old,
        new: Some(&new),
    };
    lines.rehearse().map_err(|failure| Failure {
        message: format!("{}; nothing was changed", failure.message),
        ..failure
    })
}

/// Settles which session will enroll the new device: a kept one, or one made with a device that still
/// shows codes. Without either, only an administrator can help.
async fn settle_session(
    access: &mut Access,
    old: &MfaDevice,
    owned: &[MfaDevice],
    is_lost: bool,
) -> Result<()> {
    let mut others = owned
        .iter()
        .filter(|it| it.serial != old.serial && !it.serial.is_fido())
        .cloned()
        .collect::<Vec<_>>();
    let of_profile = which::of_profile(access);
    let is_usual = |it: &&MfaDevice| Some(&it.serial) == of_profile.as_ref();
    if let Some(usual) = others.iter().find(is_usual) {
        access.sign_in_with(usual.serial.clone());
        return Ok(());
    }
    let has_kept = access.has_kept()?;
    let is_lost = is_lost
        || old.serial.is_fido()
        || !has_kept
            && access.asking().check().is_ok()
            && !ask_whether_usable(access, old.serial.device_name()).await?;
    if !is_lost {
        access.sign_in_with(old.serial.clone());
        access.hint_without_code(|| {
            let login = access.user.command("login");
            format!("sign in first with {login}, or put its code in AWSMFA_CODE; use --lost if it can't show one")
        });
    } else if others.is_empty() {
        let why = lost(&access.user, &old.serial);
        if !has_kept {
            return Err(why);
        }
        access.never_sign_in(why);
    } else if has_kept {
        access.sign_in_with(others.remove(0).serial);
    } else {
        let question = "which one can you use?";
        let other = which::one_of(access, others, question).await?;
        access.sign_in_with(other.serial);
    }
    Ok(())
}

async fn ask_whether_usable(access: &Access, name: &str) -> Result<bool> {
    let question = format!(
        "there is no saved session, so a code from {name} is needed: can it still show one?"
    );
    let unasked = |nowhere: Nowhere| Failure::new(Exit::CodeNeeded, format!("{nowhere}"));
    at_terminal(access.asking(), unasked, async |terminal| {
        prompt::confirm(terminal, &question, true).await
    })
    .await
}

fn lost(user: &User, old: &Serial) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!(
            "{} can't replace this device without a code from it, another device, or a valid session",
            user.name
        ),
    )
    .hint(format!(
        "ask an administrator to remove it: {}; then enroll a new one with {}",
        retire::by_administrator(&user.name, old),
        user.command("device enroll")
    ))
}

/// The command that finishes the job once the new device belongs to the user.
fn finish(user: &User, old: &Serial, new: &Serial) -> String {
    user.command(&format!("device replace {old} --new {new}"))
}

/// Signs in with an existing device, which proves that it works.
async fn sign_in_with(access: &Access, order: &Order, new: &Serial) -> Result<Ready> {
    let line = order.wishes.code_command.clone();
    let request = Request {
        serial: Some(new.clone()),
        force: true,
        code: line
            .map(CodeFlag::Command)
            .or_else(|| access.request().code.clone()),
        ..access.request().clone()
    };
    signin::sign_in(access.context, request).await
}

/// The failure of an enrollment, with how to continue if the device belongs to the user all the same.
async fn halfway(
    access: &Access,
    before: &[MfaDevice],
    old: &MfaDevice,
    failure: Failure,
) -> Failure {
    let Ok(now) = access.devices().await else {
        return failure;
    };
    let is_new = |it: &&MfaDevice| !before.iter().any(|old| old.serial == it.serial);
    let Some(new) = now.iter().find(is_new) else {
        return failure;
    };
    failure.hint(format!(
        "{} is your device now, beside {}: finish in a minute with {}",
        new.serial,
        old.serial,
        finish(&access.user, &old.serial, &new.serial)
    ))
}
