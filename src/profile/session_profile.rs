//! Owns what a session profile is: which name it gets, when awsmfa may write to it, the session it
//! holds, and the edit that stores one.

use super::sessions::EXPIRY_KEYS;
use super::source::{holds_long_term_keys, other_way};
use super::{Profiles, key};
use crate::exit::{Exit, Failure};
use crate::ini::{Document, Edit};
use crate::value::Keys;
use crate::value::ProfileName;
use crate::value::expiry;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

/// A session as the credentials file holds it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Its keys, with the session token.
    pub(crate) keys: Keys,
    /// When it ends.
    pub(crate) expiration: DateTime<Utc>,
    /// The device it was made with, where known.
    pub(crate) mfa_serial: Option<String>,
    /// Whether awsmfa made it; other tools' sessions name no source.
    pub(crate) managed: bool,
}

/// A session to store.
pub(crate) struct Fresh<'a> {
    /// Its keys, with the session token.
    pub(crate) keys: &'a Keys,
    /// When it ends.
    pub(crate) expiration: DateTime<Utc>,
    /// The profile whose long-term keys made it.
    pub(crate) source: &'a ProfileName,
    /// The device that made it, where known.
    pub(crate) mfa_serial: Option<&'a str>,
}

/// The profile that a session of `source` goes to; `asked_for` is `--session-profile` or its
/// variable.
///
/// Refuses the source itself, and a name that the AWS SDKs would not read.
pub(crate) fn name(
    source: &ProfileName,
    asked_for: Option<ProfileName>,
) -> anyhow::Result<ProfileName> {
    let name = asked_for.unwrap_or_else(|| source.session_profile());
    if name == *source {
        return Err(Failure::new(
            Exit::Failed,
            format!("the session can't go to profile {name}: it holds the long-term keys that make the session"),
        )
        .hint(format!("leave --session-profile out to write to {}", source.session_profile()))
        .into());
    }
    if !name.is_read_by_all() {
        return Err(Failure::new(
            Exit::Failed,
            format!("the session can't go to profile `{name}`: the AWS SDKs don't read a profile of that name"),
        )
        .hint("choose one with --session-profile: letters, digits and _ - / . % @ : +")
        .into());
    }
    Ok(name)
}

/// Refuses to write to `profile` when that would take something from the user: long-term keys, or
/// a profile that gets credentials some other way, or (without `force`) another source's session.
///
/// Asked before a code is spent, and again under the lock that guards the edit.
pub(crate) fn check_writable(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: &ProfileName,
    force: bool,
) -> anyhow::Result<()> {
    let refused = |why: String| {
        Failure::new(
            Exit::Failed,
            format!("profile {profile} is not overwritten: {why}"),
        )
        .hint("choose another profile for the session with --session-profile")
    };
    if holds_long_term_keys(profiles, profile) {
        return Err(refused("it holds long-term keys".into()).into());
    }
    if let Some((setting, way)) = other_way(profiles, profile) {
        return Err(refused(format!("it gets its credentials from {way} ({setting})")).into());
    }
    match profiles.get(profile, key::SOURCE_PROFILE) {
        Some(other) if other != source.as_str() && !force => Err(refused(format!(
            "it holds the session of profile {other}; --force overwrites it"
        ))
        .into()),
        _ => Ok(()),
    }
}

/// The session that `profile` holds, when it is one of `source` and complete.
pub(crate) fn stored(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: &ProfileName,
) -> Option<Stored> {
    if profiles
        .get(profile, key::SOURCE_PROFILE)
        .is_some_and(|other| other != source.as_str())
    {
        return None;
    }
    let keys = keys(profiles, profile)?;
    let expiration = expiry::parse(&profiles.get(profile, key::EXPIRES)?)?;
    Some(Stored {
        keys,
        expiration,
        mfa_serial: profiles.get(profile, key::MFA_SERIAL),
        managed: profiles.get(profile, key::SOURCE_PROFILE).is_some(),
    })
}

/// The keys of the session that `profile` holds, when all three are there.
pub(crate) fn keys(profiles: Profiles<'_>, profile: &ProfileName) -> Option<Keys> {
    let token = profiles
        .get(profile, key::SESSION_TOKEN)
        .or_else(|| profiles.get(profile, key::SECURITY_TOKEN))?;
    Some(Keys {
        access_key_id: profiles.get(profile, key::ACCESS_KEY_ID)?,
        secret_access_key: profiles.get(profile, key::SECRET_ACCESS_KEY)?.into(),
        session_token: Some(token.into()),
    })
}

/// The edit of the credentials file that stores `fresh` in `profile`.
pub(crate) fn edit(profile: &ProfileName, fresh: &Fresh<'_>) -> Edit {
    let token = fresh
        .keys
        .session_token
        .as_ref()
        .map(|token| token.expose_secret().to_owned());
    let set = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
    Edit {
        section: profile.to_string(),
        changes: vec![
            set(key::ACCESS_KEY_ID, &fresh.keys.access_key_id),
            set(
                key::SECRET_ACCESS_KEY,
                fresh.keys.secret_access_key.expose_secret(),
            ),
            (key::SESSION_TOKEN.to_owned(), token),
            // A token under the old name would be another session's; some tools prefer it.
            (key::SECURITY_TOKEN.to_owned(), None),
            set(key::EXPIRES, &expiry::format(fresh.expiration)),
            set(key::SOURCE_PROFILE, fresh.source.as_str()),
            (
                key::MFA_SERIAL.to_owned(),
                fresh.mfa_serial.map(str::to_owned),
            ),
        ],
    }
}

/// The keys that are a session's, whichever tool wrote it.
fn session_keys() -> impl Iterator<Item = &'static str> {
    let keys = [
        key::ACCESS_KEY_ID,
        key::SECRET_ACCESS_KEY,
        key::SESSION_TOKEN,
        key::SECURITY_TOKEN,
        key::SOURCE_PROFILE,
        key::MFA_SERIAL,
    ];
    keys.into_iter().chain(EXPIRY_KEYS)
}

/// The edit that removes the session from a section, of either file; none when nothing of one is
/// there. What the user added to the section stays.
pub(crate) fn removal(document: &Document, section: String) -> Option<Edit> {
    let is_there = |key: &&str| document.all(&section, key).next().is_some();
    let changes: Vec<_> = session_keys()
        .filter(is_there)
        .map(|key| (key.to_owned(), None))
        .collect();
    // An expiry alone is no part of a session: a setting may bear that name.
    let is_part = |(key, _): &(String, _)| !EXPIRY_KEYS.contains(&key.as_str());
    changes
        .iter()
        .any(is_part)
        .then_some(Edit { section, changes })
}

/// Whether a section, of either file, holds an IAM user's access key, be it one that a later line
/// of the file hides: whoever removes the section's keys would remove that.
pub(crate) fn hides_long_term_keys(document: &Document, section: &str) -> bool {
    document
        .all(section, key::ACCESS_KEY_ID)
        .any(|id| id.starts_with("AKIA"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name as profile, profiles};
    use super::*;

    fn refusal(config: &str, credentials: &str, force: bool) -> Option<String> {
        check_writable(
            profiles(config, credentials),
            &profile("dev-mfa"),
            &profile("dev"),
            force,
        )
        .err()
        .map(|error| error.to_string())
    }

    #[test]
    fn the_source_is_never_the_target() {
        assert!(name(&profile("dev"), Some(profile("dev"))).is_err());
        assert_eq!(
            name(&profile("dev"), None).expect("a name"),
            profile("dev-mfa")
        );
    }

    #[test]
    fn a_name_that_the_sdks_ignore_is_refused() {
        assert!(name(&profile("my dev"), None).is_err());
        assert_eq!(
            name(&profile("my dev"), Some(profile("x"))).expect("a name"),
            profile("x")
        );
    }

    #[test]
    fn long_term_keys_and_other_ways_are_refused_even_with_force() {
        let keys = "[dev-mfa]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";
        assert!(refusal("", keys, true).is_some_and(|why| why.contains("long-term keys")));
        for setting in [
            "role_arn",
            "sso_session",
            "credential_process",
            "web_identity_token_file",
            "source_profile",
        ] {
            assert!(
                refusal(&format!("[profile dev-mfa]\n{setting} = x\n"), "", true).is_some(),
                "{setting}"
            );
        }
    }

    #[test]
    fn the_session_of_another_source_needs_force() {
        let session = "[dev-mfa]\naws_access_key_id = ASIAX\naws_session_token = t\nawsmfa_source_profile = prod\n";
        assert!(
            refusal("", session, false)
                .is_some_and(|why| why.contains("the session of profile prod"))
        );
        assert_eq!(refusal("", session, true), None);
    }

    #[test]
    fn a_session_of_any_tool_may_be_replaced() {
        assert_eq!(
            refusal(
                "[profile dev-mfa]\nregion = x\n",
                "[dev-mfa]\naws_access_key_id = ASIAX\naws_session_token = t\n",
                false
            ),
            None
        );
    }

    #[test]
    fn half_a_session_is_none() {
        let whole = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\n";
        let read = |section: &str| {
            stored(
                profiles("", &format!("[dev-mfa]\n{section}")),
                &profile("dev-mfa"),
                &profile("dev"),
            )
        };
        assert!(read(whole).is_some());
        for line in whole.lines() {
            assert!(read(&whole.replace(line, "")).is_none(), "without {line}");
        }
        assert!(read(&format!("{whole}awsmfa_source_profile = other\n")).is_none());
    }
}
