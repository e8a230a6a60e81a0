//! Owns the one recipe of a sign-in: a stored session that is good enough, else device, code, STS,
//! store. Every command that needs a session goes through here.
//!
//! A code works once. So all that can fail cheaply fails before one is asked for (the refusals,
//! the terminal, the edit of both files, rehearsed with placeholder keys), and once AWS has
//! answered saving comes first.

mod device;
mod exchange;
mod files;

use crate::aws::settings::Settings;
use crate::aws::{self, Aws, Issued};
use crate::code;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::ini::Document;
use crate::keys::Keys;
use crate::profile::session_profile::{self, Fresh};
use crate::profile::source::{Ambient, Origin, Source};
use crate::profile::{ProfileName, Profiles};
use crate::serial::Serial;
use crate::session::{self, Lifetime};
use crate::store::{Mode, SignInLock};
use crate::tty::Terminal;
use chrono::{DateTime, Utc};
use exchange::Exchange;
use files::Files;
use std::time::Duration;

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
    pub(crate) may_ask: bool,
}

/// A session that is ready to be used.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The profile that holds the long-term keys.
    pub(crate) source: ProfileName,
    /// The profile that holds the session.
    pub(crate) profile: ProfileName,
    /// When it ends.
    pub(crate) expiration: DateTime<Utc>,
    /// The device it was made with, where known.
    pub(crate) mfa_serial: Option<String>,
    /// The account, where the device or AWS named it.
    pub(crate) account: Option<String>,
    /// The user, where AWS named it.
    pub(crate) arn: Option<String>,
    /// Whether it was made just now.
    pub(crate) renewed: bool,
    /// Whether awsmfa made it, so that its profile names its source.
    pub(crate) managed: bool,
}

/// What both files say at a moment, and what follows from it for a request.
struct Plan {
    config: Document,
    credentials: Document,
    source: Source,
    target: ProfileName,
}

impl Plan {
    /// Reads both files and refuses what must not be done, before anything is asked.
    fn make(files: &Files, request: &Request, context: Context) -> anyhow::Result<Self> {
        let (config, credentials) = files.read()?;
        let profiles = Profiles::new(&config, &credentials);
        let ambient = Ambient {
            keys: ambient_keys(context),
        };
        let source = Source::resolve(profiles, request.named.clone(), ambient)?;
        let target = session_profile::name(&source.profile, request.session_profile.clone())?;
        session_profile::check_writable(profiles, &target, &source.profile, request.force)?;
        Ok(Self {
            config,
            credentials,
            source,
            target,
        })
    }

    fn profiles(&self) -> Profiles<'_> {
        Profiles::new(&self.config, &self.credentials)
    }

    /// The stored session, when it is good enough for `request`.
    fn kept(&self, request: &Request, now: DateTime<Utc>) -> Option<Ready> {
        let stored = session_profile::stored(self.profiles(), &self.target, &self.source.profile)?;
        let good = !request.force
            && session::is_kept(
                stored.expiration,
                now,
                request.min_remaining,
                request.lifetime,
            );
        good.then(|| Ready {
            source: self.source.profile.clone(),
            profile: self.target.clone(),
            expiration: stored.expiration,
            account: stored.mfa_serial.as_deref().and_then(account_of),
            mfa_serial: stored.mfa_serial,
            arn: None,
            renewed: false,
            managed: stored.managed,
        })
    }
}

/// Returns a session of the profile that `request` means: the stored one, or a new one, stored.
pub(crate) fn sign_in(context: Context, mut request: Request) -> anyhow::Result<Ready> {
    let files = Files::locate(context.env)?;
    let plan = Plan::make(&files, &request, context).inspect_err(|_| {
        // Who relied on the environment would not understand a failure about a profile.
        if request.named.is_none()
            && ambient_keys(context).is_some_and(|it| it.session_token.is_some())
        {
            context
                .ui
                .say("the environment holds a session, which can't make another");
        }
    })?;
    if let Some(ready) = plan.kept(&request, context.now()) {
        return Ok(ready);
    }
    let mfa_process = plan.profiles().get(&plan.source.profile, "mfa_process");
    let code = code::Source::choose(std::mem::take(&mut request.code), context.env, mfa_process)?;
    let terminal = request.may_ask.then(Terminal::open).flatten();
    if matches!(code, code::Source::Prompt) && terminal.is_none() {
        return Err(nowhere_to_ask(&plan.source.profile, request.may_ask));
    }

    let lock = SignInLock::acquire(
        files.credentials(),
        plan.target.as_str(),
        WAIT_FOR_OTHERS,
        &mut || {
            context.ui.say(&format!(
                "waiting for another awsmfa that signs in to {}",
                plan.target
            ));
        },
    )?;
    if let Some(warning) = lock.warning() {
        context.ui.warn(warning);
    }
    // Whoever held the lock may just have made the session that is wanted here.
    let plan = Plan::make(&files, &request, context)?;
    if let Some(ready) = plan.kept(&request, context.now()) {
        return Ok(ready);
    }
    say_whose_keys(&plan, &request, context);
    context.ui.step("rehearsing the edit of both files");
    let placeholder = Fresh {
        keys: &placeholder_keys(),
        expiration: context.now(),
        source: &plan.source.profile,
        mfa_serial: PLACEHOLDER_SERIAL,
    };
    files.store(Mode::Rehearse, &plan, &placeholder, &request, context)?;

    let (issued, serial, arn) =
        aws::runtime::block_on(issue(&plan, &request, code, terminal, context))??;
    let fresh = Fresh {
        keys: &issued.keys,
        expiration: issued.expiration,
        source: &plan.source.profile,
        mfa_serial: serial.as_str(),
    };
    files
        .store(Mode::Save, &plan, &fresh, &request, context)
        .map_err(not_saved)?;
    warn_of_environment(&plan, context);
    Ok(Ready {
        account: serial.account().map(str::to_owned),
        mfa_serial: Some(serial.to_string()),
        expiration: issued.expiration,
        source: plan.source.profile,
        profile: plan.target,
        arn,
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

/// Everything that talks to AWS, and to the person meanwhile. Ctrl-C ends it.
async fn issue(
    plan: &Plan,
    request: &Request,
    code: code::Source,
    terminal: Option<Terminal>,
    context: Context,
) -> anyhow::Result<(Issued, Serial, Option<String>)> {
    let screen = terminal.as_ref().map(Terminal::again).transpose()?;
    tokio::select! {
        // A session that is there is kept, even if Ctrl-C came at the same moment.
        biased;
        issued = converse(plan, request, code, terminal, context) => issued,
        cancelled = aws::runtime::cancelled() => {
            // The terminal has shown `^C` behind the question.
            if let Some(mut screen) = screen {
                screen.end_line();
            }
            Err(cancelled.into())
        }
    }
}

async fn converse(
    plan: &Plan,
    request: &Request,
    code: code::Source,
    terminal: Option<Terminal>,
    context: Context,
) -> anyhow::Result<(Issued, Serial, Option<String>)> {
    let profile = &plan.source.profile;
    let known = device::known(plan, request)?;
    let settings = settings(plan, request, known.as_ref(), context)?;
    let keys = match &plan.source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => keys.clone(),
        Origin::Process(command) => long_term(
            profile,
            aws::process::keys(profile.as_str(), command).await?,
        )?,
    };
    let aws = Aws::new(&settings, &keys)?;
    let serial = match known {
        Some(serial) => serial,
        None => device::discover(&aws, profile, terminal.as_ref(), context).await?,
    };
    let exchange = Exchange {
        aws: &aws,
        profile,
        serial: &serial,
        lifetime: request.lifetime,
        context,
    };
    let (issued, identity) = exchange.run(code, terminal).await?;
    Ok((issued, serial, identity.map(|identity| identity.arn)))
}

fn settings(
    plan: &Plan,
    request: &Request,
    serial: Option<&Serial>,
    context: Context,
) -> anyhow::Result<Settings> {
    let profile = &plan.source.profile;
    Settings::resolve(&aws::settings::Sources {
        env: &|name| context.env.text(name),
        profile: &|key| plan.profiles().get(profile, key),
        service: &|service, key| plan.profiles().service(profile, service, key),
        profile_name: profile.as_str(),
        region_flag: request.region.as_deref(),
        partition: serial.and_then(Serial::partition),
    })
}

/// The keys that the environment holds.
fn ambient_keys(context: Context) -> Option<Keys> {
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
        context.ui.say(&format!("the environment holds a session, which can't make another; signing in with profile {profile}"));
    }
}

/// After a login the new profile is expected to count; in the AWS CLI and the SDKs the
/// environment's keys win over `AWS_PROFILE`.
fn warn_of_environment(plan: &Plan, context: Context) {
    if context.env.text("AWS_ACCESS_KEY_ID").is_some() {
        context.ui.warn(&format!(
            "AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE={}; unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
            plan.target
        ));
    }
}

/// The keys that a `credential_process` printed, unless they are a session's: AWS would refuse
/// those, and the code would be asked for in vain.
fn long_term(profile: &ProfileName, keys: Keys) -> anyhow::Result<Keys> {
    if keys.session_token.is_none() {
        return Ok(keys);
    }
    Err(Failure::new(
        Exit::Failed,
        format!("the credential_process of profile {profile} hands out a session, and a session can't be made from a session"),
    )
    .hint("name the profile that holds your long-term keys (they begin with AKIA) with --profile")
    .into())
}

fn nowhere_to_ask(profile: &ProfileName, may_ask: bool) -> anyhow::Error {
    let why = if may_ask {
        "there is no terminal to ask at"
    } else {
        "--no-input forbids to ask"
    };
    Failure::new(
        Exit::CodeNeeded,
        format!("profile {profile} needs a code, and {why}"),
    )
    .hint("give one with --code-stdin, --code-command, --code or AWSMFA_CODE")
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

fn account_of(serial: &str) -> Option<String> {
    serial.parse::<Serial>().ok()?.account().map(str::to_owned)
}
