//! Owns the command `logout`: ends what can be ended of a session, its keys in the files.

use super::options::profile_or_default;
use crate::cli::Common;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::ini::{Document, Edit, Kind};
use crate::profile::sessions::{self, Listed, State};
use crate::profile::source::holds_long_term_keys;
use crate::profile::{ProfileName, Profiles, section_in, session_profile, settings};
use crate::session::{self, Lifetime};
use crate::store::Mode;
use chrono::{DateTime, Local, Utc};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa logout -p dev                        remove the keys of dev-mfa
  awsmfa logout --expired                     tidy up
  awsmfa logout --all --purge                 also the settings that awsmfa copied";

/// Remove the keys of a session from the AWS files
///
/// What you added to the session's section stays, and a section with long-term keys is never
/// touched. AWS has no way to end a session: keys that were already handed out work until they
/// expire.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logout {
    /// Every session that awsmfa made
    #[arg(long, conflicts_with_all = ["profile", "expired"])]
    all: bool,

    /// Every session that awsmfa made and that has expired
    #[arg(long, conflicts_with = "profile")]
    expired: bool,

    /// Also remove the settings that awsmfa copied into the config file
    #[arg(long)]
    purge: bool,
}

/// Removes the sessions.
pub(crate) fn run(logout: Logout, common: Common, context: Context) -> anyhow::Result<()> {
    let files = Files::locate(context.env)?;
    let (config, credentials) = files.read()?;
    let profiles = Profiles::new(&config, &credentials);
    let now = context.now();
    let chosen = choose(&logout, common.profile, profiles, context)?;
    if chosen.is_empty() {
        context.ui.say(if logout.expired {
            "no session has expired"
        } else {
            "there is no session of awsmfa's"
        });
        return Ok(());
    }
    let names: Vec<&ProfileName> = chosen.iter().map(|session| &session.profile).collect();
    let credentials_edit = &mut |credentials: &Document| {
        let profiles = Profiles::new(&config, credentials);
        names.iter().map(|name| removal(profiles, name)).collect()
    };
    let removed = files.credentials.update(Mode::Save, credentials_edit)?;
    let mut warnings = removed.warnings;
    if logout.purge {
        let config_edit = &mut |config: &Document| {
            let section = |name: &ProfileName| section_in(config, Kind::Config, name);
            let profiles = Profiles::new(config, &credentials);
            Ok(names
                .iter()
                .filter_map(|name| settings::purge(profiles, name, section(name)))
                .collect())
        };
        warnings.extend(files.config.update(Mode::Save, config_edit)?.warnings);
    }
    for warning in warnings {
        context.ui.warn(&warning);
    }
    for session in &chosen {
        context.ui.say(&said(session, now));
    }
    Ok(())
}

fn choose(
    logout: &Logout,
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<Vec<Listed>> {
    if !logout.all && !logout.expired {
        let named = profile_or_default(named, context)?;
        return Ok(vec![sessions::look(
            profiles,
            &sessions::of(profiles, &named)?,
        )]);
    }
    let now = context.now();
    let ended = |session: &Listed| session.state(now, Lifetime::seconds(0)) == State::Expired;
    let chosen = sessions::list(profiles)
        .into_iter()
        .filter(|session| session.managed);
    Ok(chosen
        .filter(|session| logout.all || ended(session))
        .collect())
}

/// The edit that removes the session in `profile`. Asked again under the lock: nothing else may be
/// removed whatever the file says by then.
fn removal(profiles: Profiles<'_>, profile: &ProfileName) -> anyhow::Result<Edit> {
    if holds_long_term_keys(profiles, profile) {
        return Err(Failure::new(
            Exit::Failed,
            format!("profile {profile} is left as it is: it holds long-term keys"),
        )
        .hint("name the profile of a session with --profile")
        .into());
    }
    Ok(session_profile::removal(profile))
}

fn said(session: &Listed, now: DateTime<Utc>) -> String {
    let profile = &session.profile;
    match session.expiration {
        _ if !session.present => format!("{profile} holds no session"),
        Some(at) if at > now => format!(
            "the session of {profile} is removed; its keys, where they were handed out, work until {}",
            session::local_time(at, now, &Local)
        ),
        _ => format!("the session of {profile} is removed"),
    }
}
