//! Finds the keys that AWS tools would use here, and what the files tell of them. It never asks
//! AWS.

use crate::aws::Identity;
use crate::caller::nested::InProgress;
use crate::caller::{credential_process, keys};
use crate::commands::common::named_profile;
use crate::exit::{Exit, Failure, Result};
use crate::profile::{Kind, Profile, Profiles, SessionProfile, Source, Way, sessions};
use crate::value::{Keys, ProfileName, Session};
use crate::world::Context;
use chrono::{DateTime, Utc};
use std::fmt;

/// Where the keys came from.
pub(super) enum KeysFrom {
    /// The environment.
    Environment,
    /// This profile's own settings.
    Profile(ProfileName),
    /// What this profile's command printed.
    CredentialProcess(ProfileName),
}

impl KeysFrom {
    /// The word for programs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Profile(_) => "profile",
            Self::CredentialProcess(_) => "credential_process",
        }
    }
}

impl fmt::Display for KeysFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::Profile(profile) => write!(f, "profile {profile}"),
            Self::CredentialProcess(profile) => {
                write!(f, "the credential_process of profile {profile}")
            }
        }
    }
}

/// Keys to ask with, and what the files know of them.
pub(super) struct InUse {
    /// The keys.
    pub(super) keys: Keys,
    /// Where they came from.
    pub(super) keys_from: KeysFrom,
    /// The profile whose settings apply.
    pub(super) settings_of: ProfileName,
    /// The profile whose session the keys are, where the files know it.
    pub(super) session: Option<SessionProfile>,
}

impl InUse {
    /// The keys that AWS tools would use.
    pub(super) async fn find(
        flag: Option<ProfileName>,
        profiles: Profiles<'_>,
        context: Context,
    ) -> Result<Self> {
        let is_flag = flag.is_some();
        let name = named_profile(flag, context)?.unwrap_or_default();
        if !is_flag && let Some(keys) = keys::of_environment(context.env) {
            return Ok(Self {
                session: known(profiles, &keys),
                keys,
                keys_from: KeysFrom::Environment,
                settings_of: name,
            });
        }
        let profile = Profile::read(profiles, &name);
        if profile.is_session_profile() {
            return Self::of_session(SessionProfile::of(profiles, &profile));
        }
        let in_progress = InProgress::outside(context.env);
        let (keys, keys_from) = match &profile.kind {
            Kind::Process { command } => (
                credential_process::run(&name, command, &in_progress).await?,
                KeysFrom::CredentialProcess(name.clone()),
            ),
            _ => match Source::of(profiles, &profile)?.way {
                Way::Keys(source) => (
                    keys::obtain(&source, &name, &in_progress).await?,
                    KeysFrom::Profile(name.clone()),
                ),
                Way::Role(_) => return Err(role_without_session(profiles, &name)),
            },
        };
        Ok(Self {
            // What a command prints may be awsmfa's own: then the files know the session.
            session: known(profiles, &keys),
            keys,
            keys_from,
            settings_of: name,
        })
    }

    fn of_session(found: SessionProfile) -> Result<Self> {
        let Some(session) = found.session() else {
            let command = found.sign_in_command();
            let command = command.unwrap_or_else(|| "awsmfa login".to_owned());
            return Err(
                Failure::new(Exit::NoSession, format!("{} holds no session", found.name))
                    .hint(format!("sign in with `{command}`")),
            );
        };
        Ok(Self {
            keys: session.keys.clone(),
            keys_from: KeysFrom::Profile(found.name.clone()),
            settings_of: found.name.clone(),
            session: Some(found),
        })
    }

    /// The profile that holds the keys, where one does.
    pub(super) fn profile(&self) -> Option<&ProfileName> {
        match (&self.session, &self.keys_from) {
            (Some(session), _) => Some(&session.name),
            (None, KeysFrom::Profile(name) | KeysFrom::CredentialProcess(name)) => Some(name),
            (None, KeysFrom::Environment) => None,
        }
    }

    /// Whether a request with the keys carries MFA; none where our own record does not tell. A
    /// role's session does not take over the MFA of the session that assumed it.
    pub(super) fn mfa(&self, identity: &Identity) -> Option<bool> {
        if !self.keys.is_temporary() {
            return Some(false);
        }
        let is_ours = self.session.as_ref().is_some_and(|it| it.made().by_awsmfa);
        (is_ours && !identity.arn.is_assumed_role()).then_some(true)
    }

    /// When the keys end, where they are a session's and the files tell.
    pub(super) fn expiration(&self) -> Option<DateTime<Utc>> {
        self.session.as_ref()?.expiration()
    }

    /// Refuses a session that has ended: AWS would say nothing else.
    pub(super) fn check_not_expired(&self, now: DateTime<Utc>) -> Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        if self.expiration().is_none_or(|at| at > now) {
            return Ok(());
        }
        let profile = &session.name;
        let (what, then) = match self.keys_from {
            KeysFrom::Environment => (
                format!("the session in the environment, that of {profile}, has expired"),
                ", then put the new one in the environment",
            ),
            _ => (format!("the session of {profile} has expired"), ""),
        };
        let failure = Failure::new(Exit::NoSession, what);
        Err(match session.sign_in_command() {
            Some(command) => failure.hint(format!("sign in with `{command}`{then}")),
            None => failure.hint("make a new one with the tool that made it"),
        })
    }
}

/// The session in the files that `keys` are; by its access key, which tells one from any other.
fn known(profiles: Profiles<'_>, keys: &Keys) -> Option<SessionProfile> {
    let is_it =
        |session: &Session| keys.is_temporary() && session.keys.access_key_id == keys.access_key_id;
    sessions::list(profiles)
        .into_iter()
        .find(|found| found.session().is_some_and(is_it))
}

fn role_without_session(profiles: Profiles<'_>, profile: &ProfileName) -> Failure {
    let session = profile.session_profile();
    let is_there = SessionProfile::read(profiles, &session).session().is_some();
    Failure::new(
        Exit::NoSession,
        format!("profile {profile} is a role, and holds no session"),
    )
    .hint(if is_there {
        format!("name the profile of its session with `--profile {session}`")
    } else {
        format!("sign in with `awsmfa login --profile {profile}`, then name {session}")
    })
}
