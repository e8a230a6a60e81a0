//! Owns the command `status`: which sessions there are, and how long each still lasts.

use super::options::{MARGIN, or_variable, profile_or_default};
use crate::cli::Common;
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::profile::Profiles;
use crate::profile::sessions::{self, Listed, State};
use crate::text::escape;
use crate::value::ProfileName;
use crate::value::Serial;
use crate::value::{Lifetime, expiry};
use crate::world::Context;
use crate::world::env;
use chrono::{DateTime, Local, Utc};
use clap::Args;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  awsmfa status                        every session
  awsmfa status -p dev --json          one, for a program
  awsmfa status -p dev --check -q 2>/dev/null && echo dev    for a prompt";

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
    /// Exit with 3 unless the session is valid
    ///
    /// Without --profile the session is that of AWS_PROFILE, else of `default`. With --quiet
    /// only the reason is printed.
    #[arg(long)]
    check: bool,

    /// What must be left of a session for it to be valid
    ///
    /// [variable: AWSMFA_MIN_REMAINING; otherwise 15m]
    #[arg(long, value_name = "TIME")]
    min_remaining: Option<Lifetime>,

    /// Print them as a JSON array, without secrets
    #[arg(long)]
    json: bool,
}

/// Shows the sessions.
pub(crate) fn run(status: Status, common: Common, context: Context) -> anyhow::Result<()> {
    let margin = or_variable(status.min_remaining, context, env::MIN_REMAINING)?.unwrap_or(MARGIN);
    let (config, credentials) = Files::locate(context.env)?.read()?;
    let profiles = Profiles::new(&config, &credentials);
    let listed = if common.profile.is_some() || status.check {
        vec![session_of(common.profile, profiles, context)?]
    } else {
        sessions::list(profiles)
    };
    let now = context.now();
    if status.json {
        let all = listed.iter().map(|session| as_json(session, now, margin));
        context.ui.data(&all.collect::<Value>().to_string())?;
    } else if listed.is_empty() {
        context
            .ui
            .say("there is no session; make one with `awsmfa login`");
    } else if !context.ui.quiet {
        context.ui.data(&table(&listed, now, margin))?;
    }
    match listed.first() {
        Some(session) if status.check => checked(session, session.state(now, margin)),
        _ => Ok(()),
    }
}

/// The session of the profile that is named by flag or variable, else of `default`, which need not
/// be there: keys may be the environment's.
fn session_of(
    flag: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<Listed> {
    let named = or_variable(flag, context, "AWS_PROFILE")?;
    let chosen = or_variable(None, context, env::SESSION_PROFILE)?;
    let is_named = named.is_some();
    let profile = profile_or_default(named, context)?;
    let found = sessions::of(profiles, &profile, chosen);
    let session = match found {
        Err(_) if !is_named => profile.session_profile(),
        found => found?,
    };
    Ok(sessions::look(profiles, &session))
}

fn checked(session: &Listed, state: State) -> anyhow::Result<()> {
    let profile = &session.profile;
    let what = match state {
        State::Valid => return Ok(()),
        State::Ending => format!("the session of {profile} is about to end"),
        State::Expired => format!("the session of {profile} has expired"),
        State::Unknown => format!("nothing says when the session of {profile} ends"),
        State::Absent => format!("{profile} holds no session"),
    };
    let failure = Failure::new(Exit::NoSession, what);
    Err(match &session.source {
        Some(source) if *profile == source.session_profile() => {
            failure.hint(format!("sign in with `awsmfa login --profile {source}`"))
        }
        Some(source) => failure.hint(format!(
            "sign in with `awsmfa login --profile {source} --session-profile {profile}`"
        )),
        None if session.present => failure.hint("make a new one with the tool that made it"),
        None => failure.hint("sign in with `awsmfa login`"),
    }
    .into())
}

fn as_json(session: &Listed, now: DateTime<Utc>, margin: Lifetime) -> Value {
    json!({
        "profile": session.profile.as_str(),
        "source_profile": session.source.as_ref().map(|source| source.as_str()),
        "state": session.state(now, margin).name(),
        "expiration": session.expiration.map(expiry::format),
        "remaining_seconds": session.expiration.map(|at| expiry::remaining(at, now).as_seconds()),
        "mfa_serial": session.mfa_serial,
        "account": session.account,
        "managed": session.managed,
    })
}

const HEAD: [&str; 6] = ["PROFILE", "SOURCE", "STATE", "UNTIL", "LEFT", "DEVICE"];

/// The sessions in columns. A column is as wide as its widest cell; nothing is cut.
fn table(listed: &[Listed], now: DateTime<Utc>, margin: Lifetime) -> String {
    let rows = listed.iter().map(|session| row(session, now, margin));
    let rows: Vec<[String; 6]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(rows)
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |row: &[String; 6]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn row(session: &Listed, now: DateTime<Utc>, margin: Lifetime) -> [String; 6] {
    let none = || "-".to_owned();
    let state = session.state(now, margin);
    let left = match (state, session.expiration) {
        (State::Valid | State::Ending, Some(at)) => {
            expiry::remaining(at, now).rounded().to_string()
        }
        _ => none(),
    };
    let device: Option<Serial> = session
        .mfa_serial
        .as_deref()
        .and_then(|text| text.parse().ok());
    // A cell is as wide as what is shown of it.
    [
        escape(session.profile.as_str()),
        session
            .source
            .as_ref()
            .map_or_else(none, |source| escape(source.as_str())),
        state.name().to_owned(),
        session
            .expiration
            .map_or_else(none, |at| expiry::local_time(at, now, &Local)),
        left,
        device.map_or_else(none, |serial| serial.device_name().to_owned()),
    ]
}
