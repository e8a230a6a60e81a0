//! Gets the keys that AWS tools would use here, and what the files know about them. A role is assumed in
//! memory: the user is not asked for anything, and nothing is written.

use crate::aws::{Fault, Identity};
use crate::caller::nested::InProgress;
use crate::caller::way::{Direct, Way, no_session};
use crate::caller::{Reach, credential_process};
use crate::exit::{Exit, Failure, Result};
use crate::profile::role::Chain;
use crate::profile::session_profile::sign_in_command;
use crate::profile::source::profile_flag;
use crate::profile::{
    Kind, Profile, Profiles, SessionProfile, Source, own_keys, sessions, setting,
};
use crate::value::{Keys, Made, ProfileName, Session};
use crate::world::Context;
use crate::world::runtime::heed_ctrl_c;
use chrono::{DateTime, Utc};
use std::fmt;

/// Where the keys came from.
pub(super) enum KeysFrom {
    /// The environment.
    Environment,
    /// This profile's own settings.
    Profile(ProfileName),
    /// The output of this profile's command.
    CredentialProcess(ProfileName),
    /// The role in this profile, assumed with the keys of `base`.
    Role { profile: ProfileName, base: String },
}

impl KeysFrom {
    /// The word for it in JSON.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Profile(_) => "profile",
            Self::CredentialProcess(_) => "credential_process",
            Self::Role { .. } => "role",
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
            Self::Role { profile, base } => {
                write!(f, "the role of profile {profile}, assumed with {base}")
            }
        }
    }
}

/// The keys to ask with, and what the files know about them.
pub(super) struct InUse {
    /// The keys.
    pub(super) keys: Keys,
    /// Where they came from.
    pub(super) keys_from: KeysFrom,
    /// The profile whose settings apply.
    pub(super) settings_of: ProfileName,
    /// The profiles that provide missing settings, in this order.
    pub(super) then: Vec<ProfileName>,
    /// The profile with the session that the keys belong to, if it is in the files.
    session: Option<SessionProfile>,
    /// The session of a role that was just assumed, which is in no file.
    assumed: Option<Session>,
}

impl InUse {
    /// The keys that AWS tools would use.
    pub(super) async fn find(
        flag: Option<ProfileName>,
        profiles: Profiles<'_>,
        reach: &Reach,
        context: Context,
    ) -> Result<Self> {
        let mut differs = |difference: String| context.ui.warn(&difference);
        let way = Way::find(flag, profiles, context.env, &mut differs);
        let found = match way.map_err(|no_way| no_way.failure(profiles))? {
            Way::Roles(chain) => return Self::assume(&chain, profiles, reach, context).await,
            Way::Direct(way) => Self::follow(way, profiles, context).await?,
        };
        found.check_not_expired(context.now())?;
        Ok(found)
    }

    /// The keys at the end of a chain without roles.
    async fn follow(way: Direct, profiles: Profiles<'_>, context: Context) -> Result<Self> {
        let (keys, keys_from, profile) = match way {
            Direct::Environment(keys, profile) => (keys, KeysFrom::Environment, profile),
            Direct::File(profile) => {
                let keys = keys_in_file(profiles, &profile)?;
                (keys, KeysFrom::Profile(profile.clone()), profile)
            }
            Direct::Process(profile, command) => {
                let in_progress = InProgress::outside(context.env);
                let keys = credential_process::run(&profile, &command, &in_progress).await?;
                (keys, KeysFrom::CredentialProcess(profile.clone()), profile)
            }
            Direct::Other(other) => return Err(other.not_followed()),
        };
        // The keys that a command prints may come from awsmfa: then the files know their session, as
        // they do if a session profile holds it.
        let own = Profile::read(profiles, &profile);
        let session = match keys_from {
            KeysFrom::Profile(_) if own.is_session_profile() => {
                Some(SessionProfile::of(profiles, &own))
            }
            _ => known(profiles, &keys),
        };
        Ok(Self {
            keys,
            keys_from,
            settings_of: profile,
            then: own.session_of.into_iter().collect(),
            session,
            assumed: None,
        })
    }

    /// The session of the last role in `chain`, assumed from role to role as AWS tools do.
    async fn assume(
        chain: &Chain,
        profiles: Profiles<'_>,
        reach: &Reach,
        context: Context,
    ) -> Result<Self> {
        let profile = &chain.last.profile;
        let device_of = |it: &ProfileName| profiles.get(it, setting::MFA_SERIAL).is_some();
        if chain.roles().any(|role| device_of(&role.profile)) {
            let what = "a role for which the AWS CLI asks for a code (mfa_serial)";
            return Err(role_without_session(profiles, chain, what));
        }
        let mut differs = |difference: String| context.ui.warn(&difference);
        let way = Direct::of_base(profiles, &chain.base, &mut differs)?;
        let base = Self::follow(way, profiles, context).await?;
        base.check_not_expired(context.now())?;
        let then: Vec<ProfileName> = [&base.settings_of]
            .into_iter()
            .chain(&base.then)
            .cloned()
            .collect();
        let mut keys = base.keys.clone();
        let mut last = None;
        for role in chain.roles() {
            let then: Vec<&ProfileName> = then.iter().collect();
            let partition = Some(role.arn.partition());
            let settings = reach.settings(profiles, &role.profile, &then, partition)?;
            context.ui.step(&format!(
                "asking AWS in {} for a session of {} in role {}, which is not saved",
                settings.region, role.lifetime, role.arn
            ));
            heed_ctrl_c().await;
            let answer = reach.aws(&settings, &keys)?.assume_role(role).await;
            let session = answer.map_err(|fault| refused(fault, &base, profiles, chain))?;
            keys = session.keys.clone();
            last = Some(session);
        }
        Ok(Self {
            keys,
            keys_from: KeysFrom::Role {
                profile: profile.clone(),
                base: base.keys_from.to_string(),
            },
            settings_of: profile.clone(),
            then,
            session: None,
            assumed: last.map(|session| Session {
                made: Made {
                    source: Some(chain.base.clone()),
                    by_awsmfa: false,
                    ..session.made
                },
                ..session
            }),
        })
    }

    /// The profile that holds the keys, if there is one.
    pub(super) fn profile(&self) -> Option<&ProfileName> {
        match (&self.session, &self.keys_from) {
            (Some(session), _) => Some(&session.name),
            (
                None,
                KeysFrom::Profile(name)
                | KeysFrom::CredentialProcess(name)
                | KeysFrom::Role { profile: name, .. },
            ) => Some(name),
            (None, KeysFrom::Environment) => None,
        }
    }

    /// How the session of these keys was made, as far as that is known.
    pub(super) fn made(&self) -> Made {
        let stored = self.session.as_ref().map(SessionProfile::made);
        let assumed = self.assumed.as_ref().map(|session| &session.made);
        stored.or(assumed).cloned().unwrap_or_default()
    }

    /// Whether a request with the keys carries MFA; none if our own record does not tell. A role's
    /// session does not inherit MFA from the session that assumed it.
    pub(super) fn mfa(&self, identity: &Identity) -> Option<bool> {
        if !self.keys.is_temporary() {
            return Some(false);
        }
        let is_ours = self.session.as_ref().is_some_and(|it| it.made().by_awsmfa);
        (is_ours && !identity.arn.is_assumed_role()).then_some(true)
    }

    /// When the keys expire, if they belong to a session and the files say so.
    pub(super) fn expiration(&self) -> Option<DateTime<Utc>> {
        match &self.session {
            Some(session) => session.expiration(),
            None => self.assumed.as_ref()?.expiration,
        }
    }

    /// Refuses a session that has expired, because AWS would say nothing else.
    fn check_not_expired(&self, now: DateTime<Utc>) -> Result<()> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        if self.expiration().is_none_or(|at| at > now) {
            return Ok(());
        }
        let profile = &session.name;
        let (what, then) = match self.keys_from {
            KeysFrom::Environment => (
                format!("the session of {profile} in the environment has expired"),
                ", then put the new one in the environment",
            ),
            _ => (format!("the session of {profile} has expired"), ""),
        };
        let failure = Failure::new(Exit::NoSession, what);
        Err(match session.sign_in_command() {
            Some(command) => failure.hint(format!("sign in with `{command}`{then}")),
            None => failure.hint("renew it with the tool that made it"),
        })
    }
}

/// The session in the files that `keys` belong to, found by the access key id, which is unique.
fn known(profiles: Profiles<'_>, keys: &Keys) -> Option<SessionProfile> {
    let is_it =
        |session: &Session| keys.is_temporary() && session.keys.access_key_id == keys.access_key_id;
    sessions::list(profiles)
        .into_iter()
        .find(|found| found.session().is_some_and(is_it))
}

/// The keys in the files for `profile`, as AWS tools read them.
fn keys_in_file(profiles: Profiles<'_>, profile: &ProfileName) -> Result<Keys> {
    let found = Profile::read_base(profiles, profile);
    let is_half = matches!(found.kind, Kind::HalfKeys { .. } | Kind::LostToken);
    match own_keys::as_tools_read(profiles, profile).filter(|_| !is_half) {
        Some(keys) => keys.map_err(|unfit| unfit.failure(profile)),
        None => {
            let session = SessionProfile::of(profiles, &found);
            Err(match Source::of(profiles, &found) {
                Err(failure) if !found.is_session_profile() => failure,
                _ => no_session(&session),
            })
        }
    }
}

/// A refusal by AWS to assume a role, with the command for the session that the role may require.
fn refused(fault: Fault, base: &InUse, profiles: Profiles<'_>, chain: &Chain) -> Failure {
    match fault {
        Fault::Refused { refusal, failure } if refusal.ends_session() => {
            let command = base
                .session
                .as_ref()
                .and_then(SessionProfile::sign_in_command);
            match command {
                Some(command) => failure.hint(format!("sign in again with `{command} --force`")),
                None => failure,
            }
        }
        // A role that requires MFA is denied to keys without it.
        Fault::Refused { failure, .. } if !base.keys.is_temporary() => {
            failure.hint(instead(profiles, chain))
        }
        fault => fault.into(),
    }
}

fn role_without_session(profiles: Profiles<'_>, chain: &Chain, what: &str) -> Failure {
    let profile = &chain.last.profile;
    Failure::new(Exit::NoSession, format!("profile {profile} is {what}"))
        .hint(instead(profiles, chain))
}

/// What to do if AWS tools can't assume the role by themselves.
fn instead(profiles: Profiles<'_>, chain: &Chain) -> String {
    let profile = &chain.last.profile;
    let session = profile.session_profile();
    if SessionProfile::read(profiles, &session).session().is_some() {
        let flag = profile_flag(&session);
        format!("use the profile that holds its session: `{flag}`")
    } else {
        let command = sign_in_command(profile, &session);
        format!("sign in with `{command}`, then use {session}")
    }
}
