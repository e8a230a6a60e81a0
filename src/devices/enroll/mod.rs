//! Enrolls a virtual MFA device: makes it, hands over its seed, takes two codes, assigns it to the user,
//! and signs in with it. It never deletes a device that belongs to somebody, nor one that existed before
//! unless the user says so.
//!
//! AWS shows a seed only once, and a device that was made but not enabled stays. So everything that can
//! fail cheaply fails before one is made, and [`attempt`] knows at every moment what may be undone.

mod attempt;
mod leftover;
mod make;
mod name;
mod offer;
mod save;
mod secret;
mod undo;
mod wait;

use crate::access::lock::{Lock, Subject};
use crate::access::{Access, User};
use crate::aws::{Aws, Fault, MfaDevice};
use crate::devices::codes::Pair;
use crate::devices::which;
use crate::exit::{Exit, Failure, Result};
use crate::profile::setting;
use crate::signin::{self, Budget, Ready, Request, Unkept};
use crate::value::Serial;
use crate::world::Context;
use crate::world::asking::Asking;
use crate::world::runtime::until_cancelled;
use attempt::Attempt;
pub(crate) use name::DeviceName;
use name::Names;
pub(crate) use offer::offer;
pub(crate) use secret::{Format, Handing};
use std::cell::Cell;
use tokio::time::Instant;

/// What the user asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    /// The device's name, unless it should be the user's.
    pub(crate) name: Option<DeviceName>,
    /// How to hand over the seed.
    pub(crate) handing: Handing,
    /// `--code-command`: the source of the new device's codes.
    pub(crate) code_command: Option<String>,
    /// Which device the profile names afterwards.
    pub(crate) saving: Saving,
    /// Whether to sign in at the end.
    pub(crate) signs_in: bool,
}

/// Which device the user's profile names once there is a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saving {
    /// The first device; if there are others, the one that was named or used so far.
    Usual,
    /// The new one.
    Use,
    /// What it names now: the caller takes care of that.
    Nothing,
}

/// A device that now belongs to the user.
pub(crate) struct Enrolled {
    /// Its serial.
    pub(crate) serial: Serial,
    /// Whether the user's profile names it.
    pub(crate) is_used: bool,
    /// The session made with it, if one was asked for.
    pub(crate) ready: Option<Ready>,
}

/// The same, with the codes that enabled it.
struct Enabled {
    serial: Serial,
    pair: Pair,
    at: Instant,
}

/// One enrollment.
struct Enrolling<'a> {
    access: &'a Access,
    wishes: &'a Wishes,
    context: Context,
    /// The devices that the user had before.
    owned: Vec<MfaDevice>,
    /// The device to be replaced, even if it no longer exists: the new one must not get its name.
    replaced: Option<&'a Serial>,
    /// The command that gives the codes and where it comes from; without one the user is asked.
    codes: Option<(String, &'static str)>,
    /// Whether the user wants to see the seed as text.
    shows_text: Cell<bool>,
    attempt: Attempt,
    /// How often AWS may still be asked about codes of the new device.
    budget: Budget,
    _lock: Lock,
}

impl Wishes {
    /// Fails if this takes a user who can be asked, and nobody can be.
    pub(crate) fn check(&self, asking: Asking) -> Result<()> {
        match self.handing {
            Handing::Picture(_) => asking.check().map_err(secret::nowhere_to_show),
            Handing::Command(ref line, _) if line.trim().is_empty() => Err(Failure::new(
                Exit::Usage,
                "--secret-command is empty: give it a command that takes the secret",
            )),
            Handing::Stdout(_) | Handing::Command(..) => Ok(()),
        }
    }
}

/// Enrolls a device for the user of `access`. It never gets the name of `replaced`.
pub(crate) async fn enroll(
    access: &Access,
    wishes: &Wishes,
    replaced: Option<&Serial>,
) -> Result<Enrolled> {
    let enrolling = Enrolling::prepare(access, wishes, replaced).await?;
    let enabled = match until_cancelled(enrolling.make_one()).await {
        Ok(enabled) => enabled,
        Err(failure) => return Err(enrolling.undo(failure).await),
    };
    let serial = enabled.serial.clone();
    let is_used = enrolling.save_serial(&serial);
    let ready = if wishes.signs_in {
        let signing_in = until_cancelled(enrolling.sign_in(enabled));
        let signed_in = signing_in.await.map_err(|failure| match failure.exit {
            Exit::Cancelled => enrolling.enrolled_all_the_same(&serial, failure),
            _ => failure,
        });
        Some(signed_in?)
    } else {
        None
    };
    Ok(Enrolled {
        serial,
        is_used,
        ready,
    })
}

impl<'a> Enrolling<'a> {
    /// Does everything that can fail before anything is made.
    async fn prepare(
        access: &'a Access,
        wishes: &'a Wishes,
        replaced: Option<&'a Serial>,
    ) -> Result<Self> {
        wishes.check(access.asking())?;
        let lock = Lock::take(access, Subject::Devices)?;
        let owned = access.devices().await?;
        which::check_room(&access.user, &owned)?;
        let has_codes = owned.iter().any(|it| !it.serial.is_fido());
        if !owned.is_empty()
            && !has_codes
            && signin::kept(access.context, access.request())?.is_none()
        {
            return Err(only_fido(&access.user.name));
        }
        if !owned.is_empty() {
            access.hint_without_code(|| {
                let login = access.user.command("login");
                format!("another device needs a session with MFA: sign in first with {login}, or put a code from a device you have in AWSMFA_CODE")
            });
            access.say_before_code("adding a device needs a code from one you already have");
        }
        let codes = codes_from(access, wishes, &owned);
        if codes.is_none() {
            access.asking().check().map_err(secret::nowhere_to_ask)?;
        }
        let enrolling = Self {
            access,
            wishes,
            context: access.context,
            owned,
            replaced,
            codes,
            shows_text: Cell::new(false),
            attempt: Attempt::new(),
            budget: Budget::new(),
            _lock: lock,
        };
        if let Some(name) = enrolling.names()?.upcoming() {
            let serial = name::serial(&access.user.identity, name)?;
            enrolling.rehearse_serial(&serial)?;
            if wishes.signs_in {
                // What an unwritable file means is different here than for a session that is only handed
                // out.
                let request = Request {
                    unkept: Unkept::HandedOut,
                    ..access.request().clone()
                };
                signin::rehearse(&access.files, access.context, &request)
                    .map_err(|failure| or_later(&access.user, failure))?;
            }
            enrolling.agree_on_picture(&serial).await?;
        }
        Ok(enrolling)
    }

    fn names(&self) -> Result<Names> {
        let user = &self.access.user;
        let owned = self.owned.iter().map(|it| &it.serial);
        let taken: Vec<&Serial> = owned.chain(self.replaced).collect();
        Names::new(
            &user.name,
            &user.identity,
            &taken,
            self.wishes.name.as_ref(),
        )
    }

    /// Asks AWS: with the long-term keys for a first device, else through a session.
    async fn ask<T>(&self, ask: impl AsyncFn(Aws) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.owned.is_empty() {
            ask(self.access.with_keys().clone()).await
        } else {
            self.access.with_session(ask).await
        }
    }
}

/// The source of the new device's codes, if it is not the user. The profile's own command belongs to the
/// device that exists already, if there is one.
fn codes_from(
    access: &Access,
    wishes: &Wishes,
    owned: &[MfaDevice],
) -> Option<(String, &'static str)> {
    let given = wishes.code_command.clone();
    let given = given.map(|line| (line, "--code-command"));
    given.or_else(|| {
        let profiles = access.contents.profiles();
        let line = profiles.get(&access.user.profile, setting::MFA_PROCESS);
        let line = line.filter(|_| owned.is_empty())?;
        Some((line, "mfa_process"))
    })
}

/// The failure that another device takes a session with MFA, and none can be had.
fn only_fido(user: &str) -> Failure {
    Failure::failed(format!(
        "{user} has only FIDO keys: AWS requires MFA to add another device, and makes no session with FIDO keys"
    ))
    .hint("add an authenticator app in the IAM console, where you can sign in with the FIDO key")
}

/// The failure of a sign-in that was only a means.
fn or_later(user: &User, failure: Failure) -> Failure {
    let command = user.command("device enroll --no-login");
    Failure {
        exit: Exit::Failed,
        ..failure
    }
    .further_hint(format!("{command} enrolls the device without signing in"))
}
