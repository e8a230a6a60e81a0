//! Owns the command `logout`: ends what can be ended of a session, its keys in the files.

use super::options::{or_variable, profile_or_default};
use crate::cli::Common;
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::ini::{Document, Edit, FileKind};
use crate::profile::sessions::{self, Listed, State};
use crate::profile::source::holds_long_term_keys;
use crate::profile::{Profiles, key, section_in, session_profile, settings};
use crate::store::Mode;
use crate::value::ProfileName;
use crate::value::{Lifetime, expiry};
use crate::world::Context;
use crate::world::env;
use chrono::{DateTime, Local, Utc};
use clap::Args;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  awsmfa logout -p dev                 remove the keys of dev-mfa
  awsmfa logout --expired              tidy up
  awsmfa logout --all --purge          also the settings that awsmfa copied";

/// Remove a session's keys from the AWS files
///
/// What you added to the session's section stays, and a section with long-term keys is never
/// touched. AWS has no way to end a session: keys that were already handed out work until they
/// expire.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logout {
    /// The keys of every session that awsmfa made
    #[arg(long, conflicts_with_all = ["profile", "expired"])]
    all: bool,

    /// The same, but only where it has expired
    #[arg(long, conflicts_with = "profile")]
    expired: bool,

    /// Also remove the settings that awsmfa copied into the config file
    #[arg(long)]
    purge: bool,

    /// Print a JSON array of the sessions, and until when the keys of each one still work
    #[arg(long)]
    json: bool,
}

/// A session that is to go, as the files showed it last.
struct Ending {
    session: Listed,
    /// Whether something of a session is in the credentials file, where awsmfa puts it.
    in_credentials: bool,
    /// The same for the config file, which the AWS tools read too.
    in_config: bool,
    /// Whether its settings are ours and are to go with it.
    purged: bool,
}

impl Ending {
    /// Whether something of a session is, or was, there.
    fn is_there(&self) -> bool {
        self.in_credentials || self.in_config
    }
}

/// What was asked for.
struct Job {
    logout: Logout,
    /// The one profile, unless several were asked for.
    named: Option<ProfileName>,
    now: DateTime<Utc>,
}

/// Removes the sessions.
///
/// A sign-in that is under way is not waited for: it may stand at its prompt for minutes, and who
/// signs in while another run logs out wants the new session to stay.
pub(crate) fn run(logout: Logout, common: Common, context: Context) -> anyhow::Result<()> {
    let files = Files::locate(context.env)?;
    let (config, credentials) = files.read()?;
    let profiles = Profiles::new(&config, &credentials);
    let named = match logout.all || logout.expired {
        true => None,
        false => Some(named(common.profile, profiles, context)?),
    };
    let job = Job {
        logout,
        named,
        now: context.now(),
    };
    let (mut endings, mut warnings) = job.endings(&config, &credentials)?;
    // A file that has nothing to lose is left alone: that needs no right to write it.
    if endings.iter().any(|ending| ending.in_credentials) {
        let removed = files.credentials.update(Mode::Save, &mut |credentials| {
            // Asked again under the lock: what was renewed a moment ago has not expired.
            (endings, warnings) = job.endings(&config, credentials)?;
            let sections = endings.iter().map(|it| it.session.profile.to_string());
            Ok(sections
                .filter_map(|section| session_profile::removal(credentials, section))
                .collect())
        })?;
        warnings.extend(removed.warnings);
    }
    let left = leave_config(&files, &endings);
    for warning in warnings.iter().chain(left.as_ref().into_iter().flatten()) {
        context.ui.warn(warning);
    }
    if job.logout.json && left.is_ok() {
        let all = endings.iter().map(|ending| as_json(ending, job.now));
        context.ui.data(&all.collect::<Value>().to_string())?;
        return Ok(());
    }
    if endings.is_empty() {
        context.ui.say(match job.logout.expired {
            true => "no session has expired",
            false => "there is no session of awsmfa's",
        });
    }
    let is_done = |ending: &&Ending| left.is_ok() || ending.in_credentials;
    for ending in endings.iter().filter(is_done) {
        context.ui.say(&said(ending, job.now));
    }
    left.map(drop)
}

/// The session profile that is named by flag or variable.
fn named(
    flag: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<ProfileName> {
    let chosen = or_variable(None, context, env::SESSION_PROFILE)?;
    sessions::of(profiles, &profile_or_default(flag, context)?, chosen)
}

impl Job {
    /// The sessions that are to go, and a warning for each one that is not to be touched.
    ///
    /// Fails when that is the one that was named.
    fn endings(
        &self,
        config: &Document,
        credentials: &Document,
    ) -> anyhow::Result<(Vec<Ending>, Vec<String>)> {
        let profiles = Profiles::new(config, credentials);
        let mut warnings = Vec::new();
        let mut endings = Vec::new();
        for session in self.sessions(profiles) {
            let profile = &session.profile;
            let sections = [
                (credentials, profile.to_string()),
                (config, section_in(config, FileKind::Config, profile)),
            ];
            let is_hidden = |(document, section): &(&Document, String)| {
                session_profile::hides_long_term_keys(document, section)
            };
            if holds_long_term_keys(profiles, profile) || sections.iter().any(is_hidden) {
                let what = format!("profile {profile} is left as it is: it holds long-term keys");
                if self.named.is_some() {
                    return Err(Failure::new(Exit::Failed, what)
                        .hint("name the profile of a session with --profile")
                        .into());
                }
                warnings.push(what);
                continue;
            }
            let [in_credentials, in_config] = sections
                .map(|(document, section)| session_profile::removal(document, section).is_some());
            endings.push(Ending {
                purged: self.logout.purge && profiles.get(profile, key::COPIED).is_some(),
                session,
                in_credentials,
                in_config,
            });
        }
        Ok((endings, warnings))
    }

    fn sessions(&self, profiles: Profiles<'_>) -> Vec<Listed> {
        if let Some(named) = &self.named {
            return vec![sessions::look(profiles, named)];
        }
        let has_expired =
            |session: &Listed| session.state(self.now, Lifetime::seconds(0)) == State::Expired;
        // An earlier logout without --purge left nothing of its session but the settings.
        let is_purged =
            |name: &ProfileName| self.logout.purge && profiles.get(name, key::COPIED).is_some();
        let names = profiles.names().into_iter();
        names
            .filter(|name| sessions::is_session_profile(profiles, name))
            .map(|name| sessions::look(profiles, &name))
            .filter(|session| session.managed || is_purged(&session.profile))
            .filter(|session| self.logout.all || has_expired(session))
            .collect()
    }
}

/// Removes what the config file is to lose, and returns the warnings of that.
fn leave_config(files: &Files, endings: &[Ending]) -> anyhow::Result<Vec<String>> {
    if !endings
        .iter()
        .any(|ending| ending.in_config || ending.purged)
    {
        return Ok(Vec::new());
    }
    let report = files.config.update(Mode::Save, &mut |config| {
        let credentials = files.credentials.read()?;
        let profiles = Profiles::new(config, &credentials);
        // Where a session is there again, another run has just signed in: its settings stay.
        let is_gone = |ending: &&Ending| {
            session_profile::removal(&credentials, ending.session.profile.to_string()).is_none()
        };
        Ok(endings
            .iter()
            .filter(is_gone)
            .flat_map(|ending| {
                let profile = &ending.session.profile;
                let section = || section_in(config, FileKind::Config, profile);
                let settings = settings::purge(profiles, profile, section());
                let keys = session_profile::removal(config, section());
                merged(keys, settings.filter(|_| ending.purged))
            })
            .collect())
    })?;
    Ok(report.warnings)
}

/// Two edits of one section as one: a section goes only when one edit takes all there is in it.
fn merged(one: Option<Edit>, other: Option<Edit>) -> Option<Edit> {
    match (one, other) {
        (Some(mut one), Some(mut other)) => {
            one.changes.append(&mut other.changes);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

fn as_json(ending: &Ending, now: DateTime<Utc>) -> Value {
    let session = &ending.session;
    json!({
        "profile": session.profile.as_str(),
        "source_profile": session.source.as_ref().map(ProfileName::as_str),
        "removed": ending.is_there(),
        "expiration": session.expiration.map(expiry::format),
        "remaining_seconds": session.expiration.map(|at| expiry::remaining(at, now).as_seconds()),
        "managed": session.managed,
    })
}

fn said(ending: &Ending, now: DateTime<Utc>) -> String {
    let profile = &ending.session.profile;
    if !ending.is_there() {
        return match ending.purged {
            true => format!("the settings that awsmfa copied to {profile} are removed"),
            false => format!("{profile} holds no session"),
        };
    }
    let until = match ending.session.expiration {
        Some(at) if at <= now => return format!("the session of {profile} is removed"),
        Some(at) => expiry::local_time(at, now, &Local),
        None => "they expire".to_owned(),
    };
    format!(
        "the session of {profile} is removed; its keys, where they were handed out, work until {until}"
    )
}
