//! Enrols a virtual MFA device: makes it, hands its seed over, takes two codes, and makes it the user's;
//! then signs in with it. It never deletes a device that is somebody's, nor one that was there before
//! unless the person says so.
//!
//! AWS tells a seed once, and a device that is made and not enabled stays. So all that can fail cheaply
//! fails before one is made, and [`attempt`] knows at each moment what may be undone.

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

/// What a person wishes for.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    /// The device's name, where it is not to be the user's.
    pub(crate) name: Option<DeviceName>,
    /// How the seed is handed over.
    pub(crate) handing: Handing,
    /// `--code-command`: what gives the codes of the new device.
    pub(crate) code_command: Option<String>,
    /// Which device the profile names afterwards.
    pub(crate) saving: Saving,
    /// Whether the end is a session.
    pub(crate) signs_in: bool,
}

/// Which device the user's profile names once there is a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saving {
    /// The first one; with others that which is named or was used until now.
    Usual,
    /// The new one.
    Use,
    /// What it names now: whoever enrols it sees to that.
    Nothing,
}

/// A device that is the user's now.
pub(crate) struct Enrolled {
    /// Its serial.
    pub(crate) serial: Serial,
    /// Whether the user's profile names it.
    pub(crate) is_used: bool,
    /// The session that was made with it, where one was wished for.
    pub(crate) ready: Option<Ready>,
}

/// The same, with what it was enabled with.
struct Enabled {
    serial: Serial,
    pair: Pair,
    at: Instant,
}

/// One enrolment.
struct Enrolling<'a> {
    access: &'a Access,
    wishes: &'a Wishes,
    context: Context,
    /// The devices that the user had before.
    owned: Vec<MfaDevice>,
    /// A device whose place the new one takes, whether or not it is still there: it must not get that
    /// one's name.
    replaced: Option<&'a Serial>,
    /// The command that gives the codes, and what names it; else a person is asked.
    codes: Option<(String, &'static str)>,
    /// Whether the person wants to see a seed as text.
    shows_text: Cell<bool>,
    attempt: Attempt,
    /// How often AWS may be asked for codes of the new device.
    budget: Budget,
    _lock: Lock,
}

impl Wishes {
    /// Fails where these wishes need a person, and none can be asked.
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

/// Enrols a device of the user whom `access` asks for. It never gets the name of `replaced`.
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
    /// Does all that can fail before anything is made.
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
        if let Some(name) = enrolling.names()?.first() {
            let serial = name::serial(&access.user.identity, name)?;
            enrolling.rehearse_serial(&serial)?;
            if wishes.signs_in {
                // What to do without a file is another thing here than with a session to be handed out.
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

/// What gives the codes of the new device, if not a person. The command of the profile is that of the
/// device that is there, if one is.
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

/// A further device takes a session with MFA, and there is none to be had.
fn only_fido(user: &str) -> Failure {
    Failure::failed(format!(
        "{user} has only FIDO keys: AWS requires MFA to add another device, and makes no session with FIDO keys"
    ))
    .hint("add an authenticator app in the IAM console, where you can sign in with the FIDO key")
}

/// The session is not what counts here.
fn or_later(user: &User, failure: Failure) -> Failure {
    let command = user.command("device enroll --no-login");
    Failure {
        exit: Exit::Failed,
        ..failure
    }
    .further_hint(format!("{command} enrolls the device without signing in"))
}
