//! Runs the command `status`: shows which sessions there are, and how long each still lasts. It
//! never asks AWS.

use super::common::{Common, ProfileWord, named_profile, or_variable};
use super::output::{SessionJson, in_columns};
use super::sign_in_options::MARGIN;
use crate::caller::keys;
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::profile::{Profiles, SessionProfile, maker, sessions};
use crate::text::escape;
use crate::value::maker::Verdict;
use crate::value::session::State;
use crate::value::{Lifetime, ProfileName, Serial, expiry};
use crate::world::{Context, env};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;

const EXAMPLES: &str = "\
Examples:
  awsmfa status                        every session
  awsmfa status dev --json             one, for a program
  awsmfa status dev --check -q && echo dev    for a prompt";

/// Show every session and the time it has left
///
/// Every session in the AWS files, whichever tool made it: source, state, end in local time, time
/// left, device. Nothing but the files is asked.
///
/// A session is `valid`, `ending` (no more than --min-remaining is left), `expired`, `unknown` (the
/// file does not say when it ends) or `absent`.
#[derive(Debug, Args)]
#[command(visible_alias = "list", after_help = EXAMPLES)]
pub(crate) struct Status {
    #[command(flatten)]
    profile: ProfileWord,

    /// Exit with 3 unless the session is valid
    ///
    /// One that other keys made, or that is for another role, than the profile has now does not count.
    /// Without --profile the session is that of AWS_PROFILE or AWS_DEFAULT_PROFILE, else of `default`. With --quiet
    /// nothing is printed.
    #[arg(long)]
    check: bool,

    /// What must be left of a session for it to be valid
    ///
    /// As much as exec, export and credential-process want, so they use a valid session without asking.
    /// login renews sooner, below 1h: for one answer from both give both the same.
    /// Never more than a quarter of the session's whole time is asked for.
    /// [variable: AWSMFA_MIN_REMAINING; otherwise 15m]
    #[arg(long, value_name = "TIME")]
    min_remaining: Option<Lifetime>,

    /// Print them as a JSON array, without secrets
    #[arg(long)]
    json: bool,
}

/// Shows the sessions, and returns whether the one that is checked is valid.
pub(crate) fn run(status: Status, common: Common, context: Context) -> Result<Exit> {
    let margin = or_variable(status.min_remaining, context, env::MIN_REMAINING)?.unwrap_or(MARGIN);
    let named = status.profile.or(common.profile)?;
    let files = Files::find(context)?;
    files.warn_of_links(context.ui);
    let contents = files.read()?;
    let profiles = contents.profiles();
    let is_one = named.is_some() || status.check;
    let named = match is_one {
        true => named_profile(named, context)?,
        false => None,
    };
    let listed = if is_one {
        vec![session_of(named.as_ref(), profiles, context)?]
    } else {
        sessions::list(profiles)
    };
    let now = context.now();
    let is_anothers =
        |session: &&SessionProfile| is_anothers(session, profiles, named.as_ref(), context);
    if status.json {
        let all = listed.iter().map(|session| as_json(session, now, margin));
        context.ui.data(&all.collect::<Value>().to_string())?;
    } else if listed.is_empty() {
        context
            .ui
            .say("there is no session; make one with `awsmfa login`");
    } else if !context.ui.quiet {
        context.ui.data(&table(&listed, margin, context))?;
    }
    if !status.check {
        // Not beside JSON, for a program that shows what both streams say.
        for session in listed.iter().filter(|it| !status.json && is_anothers(it)) {
            context.ui.say(&format!(
                "{}; the next sign-in makes a new one",
                not_its(session)
            ));
        }
        return Ok(Exit::Done);
    }
    let checked = listed.first().map_or(Ok(()), |session| {
        check(session, session.state(now, margin), is_anothers(&session))
    });
    match checked {
        // The exit code is what was asked for.
        Err(failure) if context.ui.quiet => Ok(failure.exit),
        checked => checked.map(|()| Exit::Done),
    }
}

/// The session of the profile that is named by flag or variable, else of `default`, which need not
/// be there: keys may be the environment's.
fn session_of(
    named: Option<&ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> Result<SessionProfile> {
    let chosen = or_variable(None, context, env::SESSION_PROFILE)?;
    match named {
        Some(named) => sessions::of(profiles, named, chosen),
        None => {
            let profile = ProfileName::default();
            Ok(sessions::of(profiles, &profile, chosen)
                .unwrap_or_else(|_| SessionProfile::read(profiles, &profile.session_profile())))
        }
    }
}

/// Whether another maker than the one that its source means now is known to have made a session: a
/// sign-in would not use it.
fn is_anothers(
    session: &SessionProfile,
    profiles: Profiles<'_>,
    named: Option<&ProfileName>,
    context: Context,
) -> bool {
    let made = session.made();
    let (Some(source), true) = (&made.source, made.maker.is_known()) else {
        return false;
    };
    // The environment's keys count only where no profile is named.
    let is_named = named.is_some() || !source.is_default();
    // By its own name, because the keys of a role's profile have a session too.
    let source = keys::source(profiles, is_named.then_some(&session.name), context.env);
    source.is_ok_and(|source| {
        let wanted = maker::of(profiles, &source);
        session.session().is_some() && made.maker.compare(&wanted) == Verdict::Another
    })
}

/// What is wrong with a session of another maker.
fn not_its(session: &SessionProfile) -> String {
    let source = session.made().source.clone().unwrap_or_default();
    format!(
        "the session of {} was made with other keys, or for another role, than {source} stands for now",
        session.name
    )
}

fn check(session: &SessionProfile, state: State, is_anothers: bool) -> Result<()> {
    let profile = &session.name;
    let what = match state {
        State::Valid if is_anothers => not_its(session),
        State::Valid => return Ok(()),
        State::Ending => format!("the session of {profile} is about to end"),
        State::Expired => format!("the session of {profile} has expired"),
        State::Unknown => format!("nothing says when the session of {profile} ends"),
        State::Absent => format!("{profile} holds no session"),
    };
    let is_others = session.sign_in_command().is_none() && session.session().is_some();
    let hint = match is_others {
        true => "make a new one with the tool that made it".into(),
        false => session.how_to_sign_in(),
    };
    Err(Failure::new(Exit::NoSession, what).hint(hint))
}

fn as_json(session: &SessionProfile, now: DateTime<Utc>, margin: Lifetime) -> Value {
    let made = session.made();
    SessionJson::new(Some(&session.name), made, session.expiration(), now)
        .with_device(made)
        .with("state", session.state(now, margin).name())
        .value()
}

const HEAD: [&str; 6] = ["PROFILE", "SOURCE", "STATE", "UNTIL", "LEFT", "DEVICE"];

fn table(listed: &[SessionProfile], margin: Lifetime, context: Context) -> String {
    let rows = listed.iter().map(|session| row(session, margin, context));
    in_columns([HEAD.map(str::to_owned)].into_iter().chain(rows))
}

fn row(session: &SessionProfile, margin: Lifetime, context: Context) -> [String; 6] {
    let none = || "-".to_owned();
    let now = context.now();
    let state = session.state(now, margin);
    let left = match (state, session.expiration()) {
        (State::Valid | State::Ending, Some(at)) => {
            expiry::remaining(at, now).rounded().to_string()
        }
        _ => none(),
    };
    let made = session.made();
    let source = made.source.as_ref().map(ProfileName::as_str);
    let device = made.device.as_ref().map(Serial::device_name);
    let until = session.expiration();
    // A cell is as wide as what is shown of it.
    [
        escape(session.name.as_str()),
        source.map_or_else(none, escape),
        state.name().to_owned(),
        until.map_or_else(none, |at| context.local_time(at)),
        left,
        device.map_or_else(none, str::to_owned),
    ]
}
