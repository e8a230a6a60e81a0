//! Owns the one recipe of a sign-in: a stored session that is good enough, else device, code, STS,
//! store; and through it the roles. Every command that needs a session goes through here.
//!
//! A code works once. So all that can fail cheaply fails before one is asked for (the refusals,
//! the terminal, the edit of both files, rehearsed with placeholder keys), and once AWS has
//! answered saving comes first.

mod device;
mod exchange;
mod issue;
mod means;
mod nested;
mod patience;
mod plan;
mod role;
mod save;
mod turn;

use crate::code;
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::profile::session_profile::Fresh;
use crate::profile::source::Origin;
use crate::store::Mode;
use crate::value::Keys;
use crate::value::Lifetime;
use crate::value::ProfileName;
use crate::value::Serial;
use crate::world::Context;
use chrono::{DateTime, Utc};
use plan::Plan;
use std::time::{Duration, Instant};
use turn::Turn;

/// How long to wait for another awsmfa that signs in to the same profile: callers of
/// `credential_process` give up after 60 seconds (Go SDK).
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(50);

/// Stands in for the device in a rehearsal, where it is not known yet.
const PLACEHOLDER_SERIAL: &str = "arn:aws:iam::123456789012:mfa/placeholder";

/// What a person asks for.
#[derive(Debug)]
pub(crate) struct Request {
    /// The profile named by flag or `AWS_PROFILE`.
    pub(crate) named: Option<ProfileName>,
    /// The profile to write to, when not the usual one.
    pub(crate) session_profile: Option<ProfileName>,
    /// The device, when given.
    pub(crate) serial: Option<Serial>,
    /// The device of the role that the session is for: counts when the source names none.
    pub(crate) role_serial: Option<Serial>,
    /// The code flags.
    pub(crate) code: code::Flags,
    /// The lifetime to ask for; within the bounds of STS.
    pub(crate) lifetime: Lifetime,
    /// A session with more than this left is kept.
    pub(crate) min_remaining: Lifetime,
    /// Make a new session whatever is left of the old one.
    pub(crate) force: bool,
    /// The region flag.
    pub(crate) region: Option<String>,
    /// Whether a person may be asked at the terminal.
    pub(crate) may_ask: Asking,
}

impl Request {
    /// How long to wait for another awsmfa.
    fn patience(&self) -> Duration {
        match self.may_ask {
            Asking::InForeground(until) => until
                .saturating_duration_since(Instant::now())
                .min(WAIT_FOR_OTHERS),
            Asking::Yes | Asking::No => WAIT_FOR_OTHERS,
        }
    }
}

/// Whether and how a person may be asked at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Never.
    No,
    /// For as long as it takes.
    Yes,
    /// Only from the terminal's foreground, and only until then: the caller gives up too.
    InForeground(Instant),
}

/// A session that is ready to be used.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The profile that it is the session of.
    pub(crate) source: ProfileName,
    /// The profile that holds the session.
    pub(crate) profile: ProfileName,
    /// Its keys.
    pub(crate) keys: Keys,
    /// When it ends.
    pub(crate) expiration: DateTime<Utc>,
    /// The device it was made with, where known.
    pub(crate) mfa_serial: Option<String>,
    /// The account, where the device or AWS named it.
    pub(crate) account: Option<String>,
    /// The user or role, where AWS named it.
    pub(crate) arn: Option<String>,
    /// The region of the session's profile, where the files name one.
    pub(crate) region: Option<String>,
    /// Whether it was made just now.
    pub(crate) renewed: bool,
    /// Whether awsmfa made it, so that its profile names its source.
    pub(crate) managed: bool,
}

/// Returns a session of the profile that `request` means: the stored one, or a new one, stored.
pub(crate) fn sign_in(context: Context, request: Request) -> anyhow::Result<Ready> {
    sign_in_with(&Files::locate(context.env)?, context, request, false)
}

/// `after_failure`: another's sign-in has just been waited for, and failed.
fn sign_in_with(
    files: &Files,
    context: Context,
    mut request: Request,
    mut after_failure: bool,
) -> anyhow::Result<Ready> {
    let plan = Plan::make(files, &request, context).inspect_err(|_| {
        // Who relied on the environment would not understand a failure about a profile.
        if request.named.is_none()
            && ambient_keys(context).is_some_and(|it| it.session_token.is_some())
        {
            context
                .ui
                .say("the environment holds a session, which can't make another");
        }
    })?;
    if let Some(ready) = plan.kept(&request, request.force, context) {
        return Ok(ready);
    }
    let code = match &plan.source.origin {
        Origin::Role(_) => None,
        _ => Some(means::code(&plan, &mut request, context)?),
    };

    if let Some(code) = &code {
        // Who has no means may still wait for the session of one that is just being asked.
        match means::terminal(code, &plan, &request) {
            Err(error) if !Turn::is_taken(&files.credentials, &plan.target) => {
                return Err(error);
            }
            _ => {}
        }
    }

    let lock = crate::aws::runtime::block_on(Turn::take(
        &files.credentials,
        &plan.target,
        request.patience(),
        || {
            context.ui.say(&format!(
                "waiting for another awsmfa that signs in to {}",
                plan.target
            ));
        },
    ))??;
    if let Some(warning) = lock.warning() {
        context.ui.warn(warning);
    }
    // Whoever held the lock may just have made the session that is wanted here.
    let before = plan.session();
    let plan = Plan::make(files, &request, context)?;
    let made = plan.session() != before;
    if let Some(ready) = plan.kept(&request, request.force && !made, context) {
        return Ok(ready);
    }
    after_failure |= lock.others_failed && !made;
    let means = match code {
        None => None,
        Some(code) => {
            if after_failure {
                means::after_failure(&code, &plan, &request)?;
            }
            let terminal = means::terminal(&code, &plan, &request)?;
            Some((code, terminal))
        }
    };
    say_whose_keys(&plan, &request, context);
    let place = save::Place {
        files,
        config: &plan.config,
        credentials: &plan.credentials,
        source: &plan.source.profile,
        target: &plan.target,
        force: request.force,
    };
    context.ui.step("rehearsing the edit of both files");
    let placeholder = Fresh {
        keys: &placeholder_keys(),
        expiration: context.now(),
        source: &plan.source.profile,
        mfa_serial: Some(PLACEHOLDER_SERIAL),
    };
    place.store(Mode::Rehearse, &placeholder, context)?;

    let region = plan.region(&request, context);
    let issued = match (&plan.source.origin, means) {
        (Origin::Role(chain), _) => {
            role::assume(files, chain, &plan, request, after_failure, context)
        }
        (_, Some((code, terminal))) => issue::run(&plan, &request, code, terminal, context),
        // The files changed while the lock was waited for: what was a role is none any more.
        (_, None) => Err(changed_meanwhile(&plan.source.profile)),
    }
    .inspect_err(|_| lock.note_failure())?;
    let fresh = Fresh {
        keys: &issued.keys,
        expiration: issued.expiration,
        source: &plan.source.profile,
        mfa_serial: issued.mfa_serial.as_deref(),
    };
    place
        .store(Mode::Save, &fresh, context)
        .map_err(not_saved)?;
    Ok(Ready {
        account: plan.account(issued.mfa_serial.as_deref()),
        region,
        keys: issued.keys,
        expiration: issued.expiration,
        mfa_serial: issued.mfa_serial,
        arn: issued.arn,
        source: plan.source.profile,
        profile: plan.target,
        renewed: true,
        managed: true,
    })
}

/// The code is spent and nothing shows for it: that is said with the reason.
fn not_saved(error: anyhow::Error) -> anyhow::Error {
    const WHAT: &str = "AWS issued a session, but it is not saved";
    match error.downcast::<Failure>() {
        Ok(failure) => Failure {
            message: format!("{WHAT}: {}", failure.message),
            ..failure
        }
        .into(),
        Err(error) => error.context(WHAT),
    }
}

/// A session that AWS has just handed out.
struct Issued {
    keys: Keys,
    expiration: DateTime<Utc>,
    mfa_serial: Option<String>,
    arn: Option<String>,
}

/// The keys that the environment holds.
pub(crate) fn ambient_keys(context: Context) -> Option<Keys> {
    Some(Keys {
        access_key_id: context.env.text("AWS_ACCESS_KEY_ID")?,
        secret_access_key: context.env.text("AWS_SECRET_ACCESS_KEY")?.into(),
        session_token: context.env.text("AWS_SESSION_TOKEN").map(Into::into),
    })
}

/// Keys in the environment surprise people: it is said when they count, and when they could have
/// counted but hold a session.
fn say_whose_keys(plan: &Plan, request: &Request, context: Context) {
    let profile = &plan.source.profile;
    if matches!(plan.source.origin, Origin::Environment(_)) {
        context
            .ui
            .say("signing in with the access key of the environment (no profile is named)");
    } else if request.named.is_none() && ambient_keys(context).is_some() {
        context.ui.say(&format!(
            "the environment holds a session, which can't make another; signing in with profile {profile}"
        ));
    }
}

fn changed_meanwhile(profile: &ProfileName) -> anyhow::Error {
    Failure::new(
        Exit::Failed,
        format!("profile {profile} was changed by another program while awsmfa waited"),
    )
    .hint("run this again")
    .into()
}

/// Stands in for the session in a rehearsal. As long as a session's keys can be expected to be, so
/// that a disk that is full for the session is full for the rehearsal.
fn placeholder_keys() -> Keys {
    Keys {
        access_key_id: "ASIAPLACEHOLDER".into(),
        secret_access_key: "placeholder".repeat(4).into(),
        session_token: Some("placeholder".repeat(400).into()),
    }
}
