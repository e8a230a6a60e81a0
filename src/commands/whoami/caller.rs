//! Owns whose keys `whoami` asks with, and what the files know of them. It asks AWS nothing.

use crate::aws::{self, Identity};
use crate::commands::options::profile_or_default;
use crate::exit::{Exit, Failure};
use crate::profile::sessions::{self, Listed};
use crate::profile::source::{Ambient, Origin, Source, other_way};
use crate::profile::{Profiles, key, session_profile};
use crate::signin::ambient_keys;
use crate::value::Keys;
use crate::value::ProfileName;
use crate::world::Context;
use anyhow::anyhow;
use chrono::{DateTime, Utc};
use std::fmt;

/// Where the caller's keys came from.
pub(super) enum KeysFrom {
    Environment,
    Profile(ProfileName),
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
pub(super) struct Caller {
    pub(super) keys: Keys,
    pub(super) keys_from: KeysFrom,
    /// The profile whose settings apply.
    pub(super) settings_of: ProfileName,
    /// The session that the keys are, where the files know it.
    pub(super) session: Option<Listed>,
}

impl Caller {
    /// The keys that AWS tools would use.
    pub(super) async fn find(
        flag: Option<ProfileName>,
        profiles: Profiles<'_>,
        context: Context,
    ) -> anyhow::Result<Self> {
        let profile = profile_or_default(flag.clone(), context)?;
        if let (None, Some(keys)) = (&flag, ambient_keys(context)) {
            return Ok(Self {
                session: known(profiles, &keys),
                keys,
                keys_from: KeysFrom::Environment,
                settings_of: profile,
            });
        }
        let listed = sessions::look(profiles, &profile);
        if let Some(keys) = session_profile::keys(profiles, &profile).filter(|_| listed.present) {
            return Ok(Self {
                keys,
                keys_from: KeysFrom::Profile(profile.clone()),
                settings_of: profile,
                session: Some(listed),
            });
        }
        if sessions::is_session_profile(profiles, &profile) {
            let command = listed.source.map_or_else(
                || "awsmfa login".to_owned(),
                |source| format!("awsmfa login --profile {source}"),
            );
            return Err(
                Failure::new(Exit::NoSession, format!("{profile} holds no session"))
                    .hint(format!("sign in with `{command}`"))
                    .into(),
            );
        }
        configured(profile, profiles).await
    }

    /// The profile that holds the keys, where one does.
    pub(super) fn profile(&self) -> Option<&ProfileName> {
        match (&self.session, &self.keys_from) {
            (Some(session), _) => Some(&session.profile),
            (None, KeysFrom::Profile(name) | KeysFrom::CredentialProcess(name)) => Some(name),
            (None, KeysFrom::Environment) => None,
        }
    }

    /// Whether a request with the keys carries MFA; none where our own record does not tell. A
    /// role's session does not take over the MFA of the session that assumed it.
    pub(super) fn mfa(&self, identity: &Identity) -> Option<bool> {
        if self.keys.session_token.is_none() {
            return Some(false);
        }
        let is_ours = self.session.as_ref().is_some_and(|it| it.managed);
        (is_ours && !identity.arn.is_assumed_role()).then_some(true)
    }

    pub(super) fn expiration(&self) -> Option<DateTime<Utc>> {
        self.session.as_ref()?.expiration
    }

    /// Refuses a session that has ended: AWS would say nothing else.
    pub(super) fn check_not_expired(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        if self.expiration().is_none_or(|at| at > now) {
            return Ok(());
        }
        let profile = &session.profile;
        let (what, then) = match self.keys_from {
            KeysFrom::Environment => (
                format!("the session in the environment, that of {profile}, has expired"),
                ", then put the new one in the environment",
            ),
            _ => (format!("the session of {profile} has expired"), ""),
        };
        let failure = Failure::new(Exit::NoSession, what);
        Err(match &session.source {
            Some(source) => failure.hint(format!(
                "sign in with `awsmfa login --profile {source}`{then}"
            )),
            None => failure.hint("make a new one with the tool that made it"),
        }
        .into())
    }
}

/// The session in the files that `keys` are; by its access key, which tells one from any other.
fn known(profiles: Profiles<'_>, keys: &Keys) -> Option<Listed> {
    keys.session_token.as_ref()?;
    sessions::list(profiles).into_iter().find(|session| {
        let id = profiles.get(&session.profile, key::ACCESS_KEY_ID);
        session.present && id.as_ref() == Some(&keys.access_key_id)
    })
}

/// The keys of a profile that is there for no session: its long-term keys, or what its
/// `credential_process` prints, which may be awsmfa's.
async fn configured(profile: ProfileName, profiles: Profiles<'_>) -> anyhow::Result<Caller> {
    let process = profiles.get(&profile, "credential_process");
    if let Some(command) = process.filter(|_| {
        profiles.get(&profile, key::ACCESS_KEY_ID).is_none()
            && other_way(profiles, &profile).is_some_and(|(way, _)| way == "credential_process")
    }) {
        let keys = aws::process::keys(profile.as_str(), &command).await?;
        return Ok(Caller {
            session: known(profiles, &keys),
            keys,
            keys_from: KeysFrom::CredentialProcess(profile.clone()),
            settings_of: profile,
        });
    }
    let source = Source::resolve(profiles, Some(profile.clone()), Ambient::default())?;
    match source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => Ok(Caller {
            keys,
            keys_from: KeysFrom::Profile(profile.clone()),
            settings_of: profile,
            session: None,
        }),
        Origin::Process(_) => Err(anyhow!("profile {profile} holds keys of its own")),
        Origin::Role(_) => {
            let session = profile.session_profile();
            let hint = match sessions::look(profiles, &session).present {
                true => format!("name the profile of its session with `--profile {session}`"),
                false => {
                    format!("sign in with `awsmfa login --profile {profile}`, then name {session}")
                }
            };
            Err(Failure::new(
                Exit::NoSession,
                format!("profile {profile} is a role, and holds no session"),
            )
            .hint(hint)
            .into())
        }
    }
}
