//! Runs the command `status`: shows the existing sessions, and how long each one lasts. It never asks
//! AWS.

use super::common::{Common, ProfileHelp, ProfileWord, named_profile, or_variable};
use super::output::{Cell, NONE, SessionJson, in_columns};
use super::sign_in_options::MARGIN;
use crate::caller::keys;
use crate::caller::stored::{is_anothers, not_its, session_of};
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::profile::{Kind, Profile, Profiles, SessionProfile, sessions};
use crate::text::{escape, typed_word};
use crate::value::session::State;
use crate::value::{Lifetime, ProfileName, Serial, expiry};
use crate::world::{Context, env};
use anstyle::{AnsiColor, Style};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;

const EXAMPLES: &str = "\
Examples:
  awsmfa status                        every session
  awsmfa status --all                  every profile that can sign in
  awsmfa status dev --json             one session, for a program
  awsmfa status dev --check -q && echo dev    in a shell prompt";

/// What `--profile` means here.
pub(crate) const PROFILE: ProfileHelp = [
    "Show only the session of this profile",
    "dev and dev-mfa both mean the session in dev-mfa. [variables: AWS_PROFILE, AWS_DEFAULT_PROFILE, with --check; otherwise `default`]",
];

/// Show all sessions and how long they last
///
/// Lists every session in the AWS files, whichever tool made it: source, state, end in local time,
/// time left, device. It reads only the files and makes no request.
///
/// A session is `valid`, `ending` (no more than --min-remaining is left), `expired`, `unknown` (the
/// file does not say when it ends) or, in --json, `absent`. Narrow terminals show fewer columns.
#[derive(Debug, Args)]
#[command(visible_alias = "list", after_help = EXAMPLES)]
pub(crate) struct Status {
    #[command(flatten)]
    profile: ProfileWord,

    /// Show every profile that can sign in, signed in or not
    #[arg(long, conflicts_with_all = ["profile", "profile_word", "check"])]
    all: bool,

    /// Exit with 3 unless the session is valid
    ///
    /// A session that was made with different keys, or for a different role, than the profile has
    /// now does not count. Without --profile, the session of AWS_PROFILE or AWS_DEFAULT_PROFILE is
    /// checked, or that of `default`. With --quiet nothing is printed.
    #[arg(long)]
    check: bool,

    /// How much time a session must have left to be valid
    ///
    /// The same as exec, export and credential-process want, so they use a valid session without
    /// asking. login renews earlier, below 1h: to get the same answer from both, give both the same
    /// value. Capped at a quarter of the session length. [variable: AWSMFA_MIN_REMAINING; otherwise
    /// 15m]
    #[arg(long, value_name = "TIME")]
    min_remaining: Option<Lifetime>,

    /// Print a JSON array, without secrets
    #[arg(long)]
    json: bool,
}

/// Shows the sessions, and returns whether the checked one is valid.
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
        let chosen = or_variable(None, context, env::SESSION_PROFILE)?;
        vec![session_of(named.as_ref(), profiles, chosen)?]
    } else if status.all {
        sessions::list_all(profiles)
    } else {
        sessions::list(profiles)
    };
    let now = context.now();
    let is_anothers =
        |session: &&SessionProfile| is_anothers(session, profiles, named.as_ref(), context.env);
    if status.json {
        let all = listed.iter().map(|session| as_json(session, now, margin));
        context.ui.data(&all.collect::<Value>().to_string())?;
    } else if !context.ui.quiet {
        let is_shown = |it: &&SessionProfile| status.all || it.session().is_some();
        let shown: Vec<&SessionProfile> = listed.iter().filter(is_shown).collect();
        match (shown.as_slice(), listed.first()) {
            // The failure below says so.
            ([], _) if status.check => {}
            ([], Some(it)) if is_one => {
                tell(&absent(it, named.as_ref(), profiles, context), context)
            }
            ([], _) => tell(&none_at_all(profiles, context), context),
            _ => context.ui.styled(&table(&shown, margin, context))?,
        }
    }
    if !status.check {
        // With JSON it would disturb a program that shows both streams.
        for session in listed.iter().filter(|it| !status.json && is_anothers(it)) {
            context.ui.say(&format!(
                "{}; the next sign-in makes a new one",
                not_its(session)
            ));
        }
        return Ok(Exit::Done);
    }
    let checked = listed.first().map_or(Ok(()), |session| {
        let absent = || absent(session, named.as_ref(), profiles, context);
        let state = session.state(now, margin);
        check(session, state, is_anothers(&session), absent)
    });
    match checked {
        // With --quiet the exit code is the whole answer.
        Err(failure) if context.ui.quiet => Ok(failure.exit),
        checked => checked.map(|()| Exit::Done),
    }
}

/// Prints a failure that is only a message if no check was asked for.
fn tell(failure: &Failure, context: Context) {
    context.ui.say(&failure.message);
    if let Some(hint) = &failure.hint {
        context.ui.hint(hint);
    }
}

/// Says that there is no session in the profile `session`, and how to get one: with a sign-in, or with
/// whatever a sign-in would require first.
fn absent(
    session: &SessionProfile,
    named: Option<&ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> Failure {
    let none = session.not_signed_in();
    match obstacle(named, profiles, context) {
        Some(why) => because(&none, why),
        None => Failure::new(Exit::NoSession, none).hint(session.how_to_sign_in()),
    }
}

/// Why a sign-in to the profile `named`, or without a named profile, would find no keys.
fn obstacle(
    named: Option<&ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> Option<Failure> {
    let source = keys::source(profiles, named, context.env);
    source.and_then(|source| source.base(profiles)).err()
}

fn because(what: &str, why: Failure) -> Failure {
    Failure {
        message: format!("{what}: {}", why.message),
        exit: Exit::NoSession,
        ..why
    }
}

/// Says that there is no session at all, and how to get one.
fn none_at_all(profiles: Profiles<'_>, context: Context) -> Failure {
    let none = "there are no sessions";
    let that_can = sessions::that_can_sign_in(profiles).map(|source| source.profile);
    let that_can: Vec<ProfileName> = that_can.take(2).collect();
    let all = profiles.names();
    let next = match (that_can.as_slice(), all.as_slice()) {
        // Without a name, the usual profile is meant if a sign-in would accept it.
        _ if obstacle(None, profiles, context).is_none() => {
            "sign in with `awsmfa login`".to_owned()
        }
        ([name], _) => format!("sign in with `awsmfa login {}`", typed_word(name.as_str())),
        ([], [name]) => {
            let holds_one = matches!(Profile::read(profiles, name).kind, Kind::Session);
            // If the only profile is a session profile, its own obstacle right after "there is no
            // session" would be odd.
            if let Some(why) = obstacle(Some(name), profiles, context).filter(|_| !holds_one) {
                return because(none, why);
            }
            format!("sign in with `awsmfa login {}`", typed_word(name.as_str()))
        }
        ([], _) => "no profile can sign in yet: set one up with `awsmfa setup`".to_owned(),
        _ => "`awsmfa status --all` shows which profiles can sign in".to_owned(),
    };
    Failure::new(Exit::NoSession, format!("{none}; {next}"))
}

fn check(
    session: &SessionProfile,
    state: State,
    is_anothers: bool,
    absent: impl FnOnce() -> Failure,
) -> Result<()> {
    let profile = &session.name;
    let what = match state {
        State::Valid if is_anothers => not_its(session),
        State::Valid => return Ok(()),
        State::Ending => format!("the session of {profile} is about to end"),
        State::Expired => format!("the session of {profile} has expired"),
        State::Unknown => format!("it is not known when the session of {profile} ends"),
        State::Absent => return Err(absent()),
    };
    let is_others = session.sign_in_command().is_none() && session.session().is_some();
    let hint = match is_others {
        true => "renew it with the tool that made it".into(),
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

/// The columns to drop first on a narrow terminal: the name, the state and the time left stay.
const EXPENDABLE: [usize; 3] = [5, 1, 3];

fn table(listed: &[&SessionProfile], margin: Lifetime, context: Context) -> String {
    let rows = listed.iter().map(|session| row(session, margin, context));
    let rows: Vec<_> = rows.collect();
    in_columns(HEAD, &rows, &EXPENDABLE, context.ui.columns())
}

fn row(session: &SessionProfile, margin: Lifetime, context: Context) -> [Cell; 6] {
    let none = || NONE.to_owned();
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
    // The device of a session that has been removed says nothing about the next one.
    let device = session.session().and(made.device.as_ref());
    let device = device.map(Serial::device_name);
    let until = session.expiration();
    // A cell is as wide as its visible text.
    [
        escape(session.name.as_str()).into(),
        source.map_or_else(none, escape).into(),
        in_words(state),
        until.map_or_else(none, |at| context.local_time(at)).into(),
        left.into(),
        device.map_or_else(none, str::to_owned).into(),
    ]
}

/// A state in words.
fn in_words(state: State) -> Cell {
    let (words, style) = match state {
        State::Valid => (state.name(), AnsiColor::Green.on_default()),
        State::Ending => (state.name(), AnsiColor::Yellow.on_default()),
        State::Expired => (state.name(), AnsiColor::Red.on_default()),
        State::Unknown => (state.name(), AnsiColor::Yellow.on_default()),
        State::Absent => ("not signed in", Style::new().dimmed()),
    };
    Cell::styled(words, style)
}
