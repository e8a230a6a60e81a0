//! Runs the command `logout`: removes a session's keys from the AWS files. It never asks AWS, and
//! never touches long-term keys.

use super::common::{Common, ProfileHelp, ProfileWord, named_profile, or_variable};
use super::output::SessionJson;
use crate::exit::{Failure, Result};
use crate::files::{Files, merged};
use crate::ini::{Document, Edit, FileKind};
use crate::profile::guard;
use crate::profile::{
    Profiles, SessionProfile, copied, section_in, session_profile, sessions, setting,
};
use crate::store::Mode;
use crate::value::session::State;
use crate::value::{Lifetime, ProfileName};
use crate::world::{Context, env};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;

const EXAMPLES: &str = "\
Examples:
  awsmfa logout dev                    sign out of dev-mfa
  awsmfa logout --expired              tidy up
  awsmfa logout --all --purge          also the settings that awsmfa copied";

/// What `--profile` means here.
pub(crate) const PROFILE: ProfileHelp = [
    "Sign out of the session of this profile",
    "dev and dev-mfa both mean the session in dev-mfa. [variables: AWS_PROFILE, AWS_DEFAULT_PROFILE; otherwise `default`]",
];

/// Sign out: remove a session's keys from the AWS files
///
/// What you added to the session's section stays, and a section with long-term keys is never
/// touched. AWS can't revoke one session early: copies of its keys work until they expire.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logout {
    #[command(flatten)]
    profile: ProfileWord,

    /// Sign out of every awsmfa session
    #[arg(long, conflicts_with_all = ["profile", "profile_word", "expired"])]
    all: bool,

    /// Sign out only of expired awsmfa sessions
    #[arg(long, conflicts_with_all = ["profile", "profile_word"])]
    expired: bool,

    /// Also remove the settings that awsmfa copied into the config file
    #[arg(long)]
    purge: bool,

    /// Print a JSON array of the sessions, and how long the keys of each still work
    #[arg(long)]
    json: bool,
}

/// A session to remove, as last seen in the files.
struct Ending {
    session: SessionProfile,
    /// Whether the credentials file, where awsmfa puts sessions, contains any of it.
    in_credentials: bool,
    /// Whether the config file, which AWS tools read too, contains any of it.
    in_config: bool,
    /// Whether its settings are ours and are to be removed with it.
    purged: bool,
}

impl Ending {
    /// Whether the files contain, or contained, any of the session.
    fn is_there(&self) -> bool {
        self.in_credentials || self.in_config
    }
}

/// The sessions to remove.
struct Selection {
    which: Which,
    purge: bool,
    now: DateTime<Utc>,
}

enum Which {
    /// The session in this profile.
    Named(ProfileName),
    /// All sessions that awsmfa made.
    All,
    /// All sessions that awsmfa made and that have expired.
    Expired,
}

/// Removes the sessions.
///
/// It does not wait for a sign-in in progress, which may be at its prompt for minutes: a user who signs
/// in while another run logs out wants the new session to stay.
pub(crate) fn run(logout: Logout, common: Common, context: Context) -> Result<()> {
    let flag = logout.profile.or(common.profile)?;
    let files = Files::find(context)?;
    files.warn_of_links(context.ui);
    let contents = files.read()?;
    let which = match logout {
        Logout { all: true, .. } => Which::All,
        Logout { expired: true, .. } => Which::Expired,
        _ => Which::Named(named(flag, contents.profiles(), context)?),
    };
    let selection = Selection {
        which,
        purge: logout.purge,
        now: context.now(),
    };
    let (config, credentials) = (&contents.config, &contents.credentials);
    let (mut endings, mut warnings) = selection.endings(config, credentials)?;
    // A refusal because of the config file must come before the credentials file is changed.
    remove_from_config(&files, &endings, Mode::Rehearse).map_err(|failure| Failure {
        message: format!("{}; nothing was removed", failure.message),
        ..failure
    })?;
    // A file with nothing to remove is left alone, so it need not be writable.
    if endings.iter().any(|ending| ending.in_credentials) {
        let removed = files.credentials.update(Mode::Save, &mut |credentials| {
            // Selected again under the lock: a session renewed in the meantime has not expired.
            (endings, warnings) = selection.endings(config, credentials)?;
            let sections = endings.iter().map(|it| it.session.name.to_string());
            Ok(sections
                .filter_map(|section| session_profile::removal(credentials, section))
                .collect())
        })?;
        warnings.extend(removed.warnings);
    }
    let config_warnings = remove_from_config(&files, &endings, Mode::Save);
    let all = config_warnings.as_ref().into_iter().flatten();
    for warning in warnings.iter().chain(all) {
        context.ui.warn(warning);
    }
    if logout.json && config_warnings.is_ok() {
        let all = endings.iter().map(|ending| as_json(ending, selection.now));
        context.ui.data(&all.collect::<Value>().to_string())?;
        return Ok(());
    }
    if endings.is_empty() && warnings.is_empty() {
        context.ui.say(match selection.which {
            Which::Expired => "no expired awsmfa sessions to remove",
            _ => "no awsmfa sessions to remove",
        });
    }
    let is_done = |ending: &&Ending| config_warnings.is_ok() || ending.in_credentials;
    for ending in endings.iter().filter(is_done) {
        context.ui.say(&describe(ending, context));
    }
    config_warnings.map(drop)
}

/// The session profile that a flag or variable names.
fn named(
    flag: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> Result<ProfileName> {
    let chosen = or_variable(None, context, env::SESSION_PROFILE)?;
    let named = named_profile(flag, context)?;
    let profile = named.clone().unwrap_or_default();
    let session = sessions::of(profiles, &profile, chosen);
    Ok(session
        .map_err(|failure| match named {
            None if !profiles.names().is_empty() => Failure {
                message: format!("no profile is named, and {}", failure.message),
                ..failure
            },
            _ => without_setup(failure, profiles),
        })?
        .name)
}

/// If there is no profile at all, the suggestion to set one up does not help a user who wants to sign
/// out.
fn without_setup(failure: Failure, profiles: Profiles<'_>) -> Failure {
    if !profiles.names().is_empty() {
        return failure;
    }
    Failure {
        message: format!("{}, and no session to remove", failure.message),
        hint: None,
        ..failure
    }
}

impl Selection {
    /// The sessions to remove, and a warning for each one that has to stay.
    ///
    /// Fails if that is the one that was named.
    fn endings(
        &self,
        config: &Document,
        credentials: &Document,
    ) -> Result<(Vec<Ending>, Vec<String>)> {
        let profiles = merged(config, credentials);
        let mut warnings = Vec::new();
        let mut endings = Vec::new();
        for session in self.sessions(profiles) {
            let profile = &session.name;
            if let Some(obstacle) = guard::obstacle(profiles, profile) {
                let what = format!("profile {profile} is left unchanged: {obstacle}");
                if matches!(self.which, Which::Named(_)) {
                    return Err(Failure::failed(what).hint(obstacle.hint()));
                }
                warnings.push(what);
                continue;
            }
            let [in_credentials, in_config] = [
                (credentials, profile.to_string()),
                (config, section_in(config, FileKind::Config, profile)),
            ]
            .map(|(document, section)| session_profile::removal(document, section).is_some());
            endings.push(Ending {
                purged: self.purge && profiles.get(profile, setting::COPIED).is_some(),
                session,
                in_credentials,
                in_config,
            });
        }
        Ok((endings, warnings))
    }

    fn sessions(&self, profiles: Profiles<'_>) -> Vec<SessionProfile> {
        let has_expired = |session: &SessionProfile| {
            session.state(self.now, Lifetime::seconds(0)) == State::Expired
        };
        let only_expired = match &self.which {
            Which::Named(named) => return vec![SessionProfile::read(profiles, named)],
            Which::All => false,
            Which::Expired => true,
        };
        // An earlier logout without --purge left only the settings of its session.
        let is_purged =
            |name: &ProfileName| self.purge && profiles.get(name, setting::COPIED).is_some();
        sessions::list(profiles)
            .into_iter()
            .filter(|session| session.made().by_awsmfa || is_purged(&session.name))
            .filter(|session| !only_expired || has_expired(session))
            .collect()
    }
}

/// Removes the lines from the config file, and returns what the user should know about that file.
fn remove_from_config(files: &Files, endings: &[Ending], mode: Mode) -> Result<Vec<String>> {
    if !endings
        .iter()
        .any(|ending| ending.in_config || ending.purged)
    {
        return Ok(Vec::new());
    }
    let report = files.config.update(mode, &mut |config| {
        let credentials = files.credentials.read()?;
        let profiles = merged(config, &credentials);
        // If the session exists again, another run has just signed in, and its settings stay.
        let is_gone = |ending: &&Ending| {
            mode == Mode::Rehearse
                || session_profile::removal(&credentials, ending.session.name.to_string()).is_none()
        };
        Ok(endings
            .iter()
            .filter(is_gone)
            .flat_map(|ending| {
                let profile = &ending.session.name;
                let section = || section_in(config, FileKind::Config, profile);
                let settings = copied::purge(profiles, profile, section());
                let keys = session_profile::removal(config, section());
                together(keys, settings.filter(|_| ending.purged))
            })
            .collect())
    })?;
    Ok(report.warnings)
}

/// Merges two edits of one section: the section is removed only if one of the edits removes everything
/// in it.
fn together(one: Option<Edit>, other: Option<Edit>) -> Option<Edit> {
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
    SessionJson::new(
        Some(&session.name),
        session.made(),
        session.expiration(),
        now,
    )
    .with("removed", ending.is_there())
    .value()
}

fn describe(ending: &Ending, context: Context) -> String {
    let profile = &ending.session.name;
    if !ending.is_there() {
        return if ending.purged {
            format!("removed the settings that awsmfa copied to {profile}")
        } else {
            ending.session.not_signed_in()
        };
    }
    let until = match ending.session.expiration() {
        Some(at) if at <= context.now() => {
            return format!("removed the expired session of {profile}");
        }
        Some(at) => context.local_time(at),
        None => "they expire".to_owned(),
    };
    format!("signed out of {profile}; copies of its keys still work until {until}")
}
