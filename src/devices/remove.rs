//! Removes a device of the user: asks first, has AWS deactivate and delete it, and removes its name from
//! both files. It ends no session, and never removes another user's device.

use super::lines::{Changed, Lines};
use super::retire::{self, Undeleted};
use super::which::{self, DeviceWord};
use crate::access::lock::{Lock, Subject};
use crate::access::{Access, User};
use crate::aws::MfaDevice;
use crate::exit::{Exit, Failure, Result};
use crate::profile::serials;
use crate::signin::Request;
use crate::value::{DeviceKind, Serial};
use crate::world::Context;
use crate::world::asking::Nowhere;
use crate::world::question;
use crate::world::runtime::until_cancelled;
use std::cell::Cell;

/// What the user asks for.
#[derive(Clone)]
pub(crate) struct Order {
    /// The device, if it was named.
    pub(crate) word: Option<DeviceWord>,
    /// Whether the user has agreed already.
    pub(crate) yes: bool,
}

/// A device that no longer belongs to the user.
pub(crate) struct Removed {
    /// The device.
    pub(crate) device: MfaDevice,
    /// Whether the profile named it.
    pub(crate) was_used: bool,
    /// Whether AWS has deleted it, as it does virtual ones.
    pub(crate) is_deleted: bool,
}

/// Removes the device in `order` from the user whose keys `request` begins with.
pub(crate) async fn remove(request: Request, order: Order, context: Context) -> Result<Removed> {
    if !order.yes {
        request.asking.check().map_err(unasked)?;
    }
    let access = Access::open(request, context).await?;
    access.say_before_code("removing a device needs MFA");
    // Held until the end: another run could otherwise make this the last device.
    let _lock = Lock::take(&access, Subject::Devices)?;
    let owned = access.devices().await?;
    let user = access.user.name.as_str();
    let chosen = async |of| which::one_of(&access, of, "which one do you want to remove?").await;
    let device = match (&order.word, which::of_profile(&access)) {
        (Some(word), _) => match which::meant(&owned, word) {
            meant if meant.is_empty() => {
                return remove_rest(&access, word, &owned, &order).await;
            }
            meant => chosen(meant).await?,
        },
        // An interrupted run has left its name in the files.
        (None, Some(serial)) if owned.is_empty() => {
            let word = DeviceWord::new(serial.as_str());
            return remove_rest(&access, &word, &owned, &order).await;
        }
        (None, _) if owned.is_empty() => return Err(which::none(&access.user)),
        (None, _) => chosen(owned.clone()).await?,
    };
    let serial = &device.serial;
    let lines = Lines {
        files: &access.files,
        old: serial,
        new: None,
    };
    lines.rehearse().map_err(nothing_removed)?;
    let owned = agree(&access, &device, owned, order.yes).await?;
    let is_sent = Cell::new(false);
    let deactivating = retire::deactivate(&access, serial, &is_sent);
    until_cancelled(deactivating).await.map_err(|failure| {
        if failure.exit == Exit::Cancelled && is_sent.get() {
            return failure.hint(format!(
                "{serial} may already be removed: {} continues from here",
                access.user.command(&format!("device remove {serial}"))
            ));
        }
        failure
    })?;
    let deleted = match serial.kind() {
        DeviceKind::Virtual => retire::delete(&access, serial).await,
        DeviceKind::Hardware | DeviceKind::Fido => Err(Undeleted::NotThere),
    };
    let was_used = which::of_profile(&access).as_ref() == Some(serial);
    let (changed, saved) = lines.save();
    let is_deleted = match deleted {
        Ok(()) => true,
        Err(Undeleted::NotThere) => serial.kind() == DeviceKind::Virtual,
        Err(Undeleted::Left(failure) | Undeleted::InUse(failure)) => {
            say_lines(&changed, serial, context);
            if let Err(failure) = saved {
                context.ui.warn(&still_named(serial, failure).message);
            }
            return Err(not_deleted(&access.user, serial, failure));
        }
    };
    context.ui.say(&match is_deleted {
        true => format!("{serial} is deactivated and deleted: you can delete it from your app"),
        false => format!("{serial} is deactivated"),
    });
    say_lines(&changed, serial, context);
    saved.map_err(|failure| still_named(serial, failure))?;
    if owned.len() == 1 {
        context.ui.say(&format!(
            "{user} has no MFA device now; enroll one with {}",
            access.user.command("device enroll")
        ));
    }
    Ok(Removed {
        was_used,
        is_deleted,
        device,
    })
}

/// Removes what is left of a device that `word` names and that no longer belongs to the user: one that
/// was deactivated but not deleted, and the lines that name it.
async fn remove_rest(
    access: &Access,
    word: &DeviceWord,
    owned: &[MfaDevice],
    order: &Order,
) -> Result<Removed> {
    let (user, context) = (access.user.name.as_str(), access.context);
    let unknown = || which::unknown(access, word, owned, "device remove");
    let Some(rest) = find_rest(access, word).await? else {
        return Err(unknown());
    };
    let serial = &rest.serial;
    let lines = Lines {
        files: &access.files,
        old: serial,
        new: None,
    };
    let is_named = lines.are_there()?;
    // Deleting it without a question takes its full serial: it may be somebody's unfinished enrollment,
    // even if a file names it.
    let is_exact = order.word.as_ref().is_some_and(|it| it.is(serial));
    if order.yes && !has_name_of_user(serial, user) && !is_exact {
        return Err(Failure::failed(format!(
            "{serial} is not one of the MFA devices of {user}, and may be somebody's unfinished enrollment"
        ))
        .hint(format!(
            "to delete it anyway, name it by its ARN: {}",
            access.user.command(&format!("device remove {serial}"))
        )));
    }
    lines.rehearse().map_err(nothing_removed)?;
    let question = match (rest.is_unassigned, is_named) {
        (true, true) => {
            format!(
                "{serial} is no longer assigned to anyone; delete it and the lines that name it?"
            )
        }
        (true, false) => format!("{serial} is no longer assigned to anyone; delete it?"),
        (false, true) => format!(
            "{serial} is not one of the devices of {user}; remove the lines that name it, and what is left of it?"
        ),
        (false, false) => {
            format!("{serial} is not one of the devices of {user}; delete it, if it still exists?")
        }
    };
    confirm(access, &question, order.yes).await?;
    let deleted = match serial.kind() {
        DeviceKind::Virtual => retire::delete_left_over(access, serial).await,
        DeviceKind::Hardware | DeviceKind::Fido => Err(Undeleted::NotThere),
    };
    let is_deleted = match deleted {
        Ok(()) => true,
        Err(Undeleted::NotThere) if is_named || rest.is_unassigned => false,
        Err(Undeleted::NotThere) => return Err(unknown()),
        Err(Undeleted::InUse(failure)) => {
            return Err(Failure::failed(format!("{serial} belongs to another user"))
                .hint(format!("the devices of {user}: {}", which::serials(owned)))
                .detail_of(failure));
        }
        Err(Undeleted::Left(failure)) => return Err(not_deleted(&access.user, serial, failure)),
    };
    let was_used = which::of_profile(access).as_ref() == Some(serial);
    let (changed, saved) = lines.save();
    context.ui.say(&match is_deleted {
        true => format!("{serial} is deleted"),
        false => format!("{serial} no longer exists"),
    });
    say_lines(&changed, serial, context);
    saved.map_err(|failure| still_named(serial, failure))?;
    Ok(Removed {
        device: MfaDevice {
            serial: rest.serial,
            enabled: None,
        },
        was_used,
        is_deleted,
    })
}

/// What is left of a device.
pub(super) struct Rest {
    pub(super) serial: Serial,
    /// Whether AWS lists it as belonging to nobody.
    is_unassigned: bool,
}

/// What is left of the device that `word` names, if it can be this user's: AWS lists it as nobody's, the
/// files name it, or it has the user's name. `None` if there is any doubt: deleting it is then up to the
/// account's administrator.
pub(super) async fn find_rest(access: &Access, word: &DeviceWord) -> Result<Option<Rest>> {
    let arn = &access.user.identity.arn;
    let listed = access
        .without_code(async |aws| aws.list_unassigned_devices().await)
        .await;
    let is_listed = listed.is_ok();
    let unassigned = listed.unwrap_or_default();
    let mut unassigned = unassigned.into_iter().filter(|serial| word.means(serial));
    if let Some(serial) = unassigned.next() {
        if let Some(other) = unassigned.next() {
            return Err(Failure::failed(format!(
                "{} matches more than one unassigned device: {serial}, {other}",
                word.shown()
            ))
            .hint("name one by its ARN"));
        }
        return Ok(Some(Rest {
            serial,
            is_unassigned: true,
        }));
    }
    let by_profile = which::of_profile(access);
    let may_be_theirs = |serial: &Serial| match serial.kind() {
        DeviceKind::Virtual => {
            serial.account() == arn.account() && serial.partition() == Some(arn.partition())
        }
        // AWS doesn't tell who has it now. A profile with this user's keys that names it is evidence
        // enough.
        DeviceKind::Hardware | DeviceKind::Fido => by_profile.as_ref() == Some(serial),
    };
    let contents = &access.contents;
    let named = serials::named(&contents.config).chain(serials::named(&contents.credentials));
    let mut named = named.filter(|serial| word.means(serial) && may_be_theirs(serial));
    let user = access.user.name.as_str();
    // If AWS has listed all unassigned devices, it does not exist.
    let by_name = || {
        let serial = word.as_virtual(arn)?;
        (!is_listed && may_be_theirs(&serial) && has_name_of_user(&serial, user)).then_some(serial)
    };
    Ok(named.next().or_else(by_name).map(|serial| Rest {
        serial,
        is_unassigned: false,
    }))
}

/// Whether the device has its user's name, perhaps with a number, as awsmfa names devices by default.
/// (`alice-smith` may be the device of another user.)
fn has_name_of_user(serial: &Serial, user: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    let rest = serial.device_name().strip_prefix(user);
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_number))
}

/// Continues if the user agrees, after showing what will be impossible without `device`. Returns the
/// user's devices at that time: while they were thinking another may have gone, which could make this
/// the last one.
async fn agree(
    access: &Access,
    device: &MfaDevice,
    mut owned: Vec<MfaDevice>,
    yes: bool,
) -> Result<Vec<MfaDevice>> {
    let (user, context) = (&access.user.name, access.context);
    let question = format!("remove {} from {user}?", which::describe(device, context));
    loop {
        let warning = warning_of_the_end(user, device, &owned);
        if let Some(warning) = &warning {
            context.ui.warn(warning);
        }
        confirm(access, &question, yes).await?;
        if yes {
            return Ok(owned);
        }
        // Asking for a code takes time, too.
        access.be_signed_in().await?;
        owned = access.devices().await?;
        let now = warning_of_the_end(user, device, &owned);
        if now.is_none() || now == warning {
            return Ok(owned);
        }
    }
}

/// What will be impossible once the device is gone.
fn warning_of_the_end(user: &str, device: &MfaDevice, owned: &[MfaDevice]) -> Option<String> {
    let others = owned.iter().filter(|it| it.serial != device.serial);
    let others: Vec<MfaDevice> = others.cloned().collect();
    if others.is_empty() {
        Some(format!(
            "this is {user}'s only MFA device: sessions work until they expire, and after that nothing that requires MFA works until you enroll another"
        ))
    } else if !device.serial.is_fido() && others.iter().all(|it| it.serial.is_fido()) {
        Some(format!(
            "{} is the last device of {user} that shows codes: awsmfa can't sign in with the passkeys or FIDO keys that are left: {}",
            device.serial,
            which::serials(&others)
        ))
    } else {
        None
    }
}

/// Continues if the user agrees.
async fn confirm(access: &Access, question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    question::confirm(access.asking(), unasked, question, false).await
}

fn unasked(nowhere: Nowhere) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!("removing a device needs confirmation, and {nowhere}"),
    )
    .hint("pass --yes")
}

fn nothing_removed(failure: Failure) -> Failure {
    Failure {
        message: format!("{}; nothing was removed", failure.message),
        ..failure
    }
}

pub(super) fn not_deleted(user: &User, serial: &Serial, failure: Failure) -> Failure {
    Failure {
        message: format!(
            "{serial} is deactivated, but may still exist: {}",
            failure.message
        ),
        ..failure
    }
    .hint(format!(
        "until it is deleted, no other device can have its name: run {}, or ask an administrator to run `{}`",
        user.command(&format!("device remove {serial}")),
        retire::deletion(serial)
    ))
}

fn still_named(serial: &Serial, failure: Failure) -> Failure {
    Failure {
        message: format!(
            "{serial} is gone, but lines that name it are still there: {}",
            failure.message
        ),
        ..failure
    }
}

/// Reports what was changed in the files.
pub(super) fn say_lines(changed: &Changed, serial: &Serial, context: Context) {
    for warning in &changed.warnings {
        context.ui.warn(warning);
    }
    if !changed.sections.is_empty() {
        context.ui.say(&format!(
            "{serial} is no longer named in {}",
            changed.sections.join(", ")
        ));
    }
}
