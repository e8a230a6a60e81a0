//! Owns the list of the sessions in the files, whichever tool wrote them, and the state of each at
//! a moment.

use super::source::{holds_long_term_keys, holds_session, other_way, source_of, unknown};
use super::{Profiles, key, role, session_profile};
use crate::value::ProfileName;
use crate::value::Serial;
use crate::value::name::SUFFIX;
use crate::value::{Lifetime, expiry};
use chrono::{DateTime, Local, NaiveDateTime, Utc};

/// How a session stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// More than the margin is left.
    Valid,
    /// Less than the margin is left.
    Ending,
    /// Nothing is left.
    Expired,
    /// The file does not say when it ends.
    Unknown,
    /// There is no session.
    Absent,
}

impl State {
    /// The state's name, for people and for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Ending => "ending",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Absent => "absent",
        }
    }
}

/// A session profile as the files show it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// The session profile.
    pub(crate) profile: ProfileName,
    /// The profile it was made with, where the files tell.
    pub(crate) source: Option<ProfileName>,
    /// When it ends, where it is there and the files tell.
    pub(crate) expiration: Option<DateTime<Utc>>,
    /// The device it was made with, where awsmfa made it.
    pub(crate) mfa_serial: Option<String>,
    /// The account of its role, else of its device, where the files tell.
    pub(crate) account: Option<String>,
    /// Whether awsmfa made it.
    pub(crate) managed: bool,
    /// Whether its keys are there, all three.
    pub(crate) present: bool,
}

impl Listed {
    /// The state at `now`; `margin` is what must be left for a session to be more than ending.
    pub(crate) fn state(&self, now: DateTime<Utc>, margin: Lifetime) -> State {
        match self.expiration {
            _ if !self.present => State::Absent,
            None => State::Unknown,
            Some(at) if at <= now => State::Expired,
            Some(at) if expiry::remaining(at, now) <= margin => State::Ending,
            Some(_) => State::Valid,
        }
    }
}

/// The names that tools write a session's end under, ours first.
pub(super) const EXPIRY_KEYS: [&str; 4] = [
    key::EXPIRES,
    "expiration",
    "aws_expiration",
    "aws_credential_expiration",
];

/// All sessions of the files, in the order of the files.
pub(crate) fn list(profiles: Profiles<'_>) -> Vec<Listed> {
    // Of many profiles few can be sessions; which cannot is known at a look.
    let marks = [
        key::SESSION_TOKEN,
        key::SECURITY_TOKEN,
        key::SOURCE_PROFILE,
        key::COPIED,
    ];
    let names = profiles
        .names_with(&marks, |name| name.ends_with(SUFFIX))
        .into_iter();
    names
        .filter(|name| is_session_profile(profiles, name))
        .map(|name| look(profiles, &name))
        .collect()
}

/// Whether `profile` is there to hold a session: it holds one, or it is a session profile by its
/// marks or its name. Long-term keys with a token that some tool left behind are no session.
pub(crate) fn is_session_profile(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
    let is_there_for_one = holds_session(profiles, profile)
        // All that a logout left of it, unless that was copied to a profile of another kind.
        || profiles.get(profile, key::COPIED).is_some()
            && other_way(profiles, profile).is_none();
    is_there_for_one && !holds_long_term_keys(profiles, profile)
        || source_of(profiles, profile).is_some()
}

/// The profile that holds the session of `named`: itself when it is a session profile, else the
/// one that a sign-in writes to, which is `chosen` or the usual one; when that holds none, the one
/// with the session of `named` that lasts longest.
///
/// Fails when the files know no such profile.
pub(crate) fn of(
    profiles: Profiles<'_>,
    named: &ProfileName,
    chosen: Option<ProfileName>,
) -> anyhow::Result<ProfileName> {
    if is_session_profile(profiles, named) {
        return Ok(named.clone());
    }
    let usual = chosen.unwrap_or_else(|| named.session_profile());
    let is_its = |profile: &ProfileName| source_of(profiles, profile).as_ref() == Some(named);
    if is_its(&usual) && look(profiles, &usual).present {
        return Ok(usual);
    }
    // The person may have chosen another name for it with --session-profile.
    let others = profiles.names().into_iter().filter(is_its);
    let others = others.map(|profile| look(profiles, &profile));
    if let Some(other) = others
        .filter(|session| session.present)
        .max_by_key(|session| session.expiration)
    {
        return Ok(other.profile);
    }
    if profiles.contains(named) || is_its(&usual) {
        Ok(usual)
    } else {
        Err(unknown(profiles, named).into())
    }
}

/// What the files say of the session in `profile`.
pub(crate) fn look(profiles: Profiles<'_>, profile: &ProfileName) -> Listed {
    let source = source_of(profiles, profile);
    let mfa_serial = profiles.get(profile, key::MFA_SERIAL);
    let present = session_profile::keys(profiles, profile).is_some()
        && !holds_long_term_keys(profiles, profile);
    Listed {
        profile: profile.clone(),
        expiration: expiration(profiles, profile).filter(|_| present),
        account: role_account(profiles, source.as_ref()).or_else(|| {
            let serial: Serial = mfa_serial.as_deref()?.parse().ok()?;
            serial.account().map(str::to_owned)
        }),
        source,
        mfa_serial,
        managed: profiles.get(profile, key::SOURCE_PROFILE).is_some(),
        present,
    }
}

/// The session of a role is in the role's account, which need not be the device's.
fn role_account(profiles: Profiles<'_>, source: Option<&ProfileName>) -> Option<String> {
    let chain = role::chain(profiles, source?).ok()??;
    chain.account().map(str::to_owned)
}

fn expiration(profiles: Profiles<'_>, profile: &ProfileName) -> Option<DateTime<Utc>> {
    // awsume leaves the zone out and means the computer's; the others mean UTC.
    let is_awsume = profiles.get(profile, "manager").as_deref() == Some("awsume")
        || profiles.get(profile, "autoawsume").is_some();
    EXPIRY_KEYS
        .iter()
        .find_map(|key| parse_any(&profiles.get(profile, key)?, is_awsume))
}

/// Reads an expiry as the tools write it: RFC 3339, or a date and a time without a zone.
fn parse_any(text: &str, is_local: bool) -> Option<DateTime<Utc>> {
    if let Some(at) = expiry::parse(text) {
        return Some(at);
    }
    let text = text.trim();
    let zoneless = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    match zoneless {
        // Of an hour that comes twice the first one: no session is shown as longer than it is.
        Some(at) if is_local => at
            .and_local_timezone(Local)
            .earliest()
            .map(|at| at.to_utc()),
        Some(at) => Some(at.and_utc()),
        None => DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%:z")
            .ok()
            .map(|at| at.to_utc()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, profiles};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        expiry::parse(text).expect("a time of the test")
    }

    #[test]
    fn every_session_is_listed_whichever_tool_wrote_it() {
        let credentials = "\
[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n\
[dev-mfa]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\nawsmfa_source_profile = dev\n\
[old]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_security_token = t\nexpiration = 2026-01-01 00:00:00\n\
[else]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
        let listed = list(profiles("", credentials));
        let names: Vec<&str> = listed
            .iter()
            .map(|session| session.profile.as_str())
            .collect();
        assert_eq!(names, ["dev-mfa", "old", "else"]);
        assert_eq!(listed[0].source, Some(name("dev")));
        assert!(listed[0].managed && !listed[1].managed);
        assert_eq!(listed[1].expiration, Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(listed[2].expiration, None);
    }

    #[test]
    fn a_state_is_that_of_the_moment() {
        let listed = |expiry: &str| {
            let text = format!(
                "[a]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nexpiration = {expiry}\n"
            );
            look(profiles("", &text), &name("a"))
        };
        let margin = Lifetime::seconds(900);
        let now = at("2026-01-01T00:00:00Z");
        for (expiry, state) in [
            ("2026-01-01T00:15:01Z", State::Valid),
            ("2026-01-01T00:15:00Z", State::Ending),
            ("2026-01-01T00:00:00Z", State::Expired),
            ("2026-01-01 01:00:00+02:00", State::Expired),
            ("soon", State::Unknown),
        ] {
            assert_eq!(listed(expiry).state(now, margin), state, "{expiry}");
        }
    }

    #[test]
    fn a_session_profile_without_keys_is_absent() {
        let text = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n[dev-mfa]\n";
        let listed = list(profiles("", text));
        assert_eq!(listed.len(), 1);
        assert_eq!(
            listed[0].state(at("2026-01-01T00:00:00Z"), Lifetime::seconds(0)),
            State::Absent
        );
    }

    const DEV: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";

    fn session(profile: &str, hour: u32) -> String {
        format!(
            "[{profile}]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T{hour:02}:00:00Z\nawsmfa_source_profile = dev\n"
        )
    }

    #[test]
    fn the_session_of_a_source_is_where_a_sign_in_writes_it() {
        let found = |sessions: &[(&str, u32)], named: &str, chosen: Option<&str>| {
            let sessions = sessions
                .iter()
                .map(|(profile, hour)| session(profile, *hour));
            let text = format!("{DEV}{}", sessions.collect::<String>());
            of(profiles("", &text), &name(named), chosen.map(name)).expect("a profile")
        };
        for (sessions, named, chosen, expected) in [
            (&[][..], "dev", None, "dev-mfa"),
            (&[], "dev-mfa", None, "dev-mfa"),
            (&[], "dev", Some("ci"), "ci"),
            (&[("work", 1)], "dev", None, "work"),
            (&[("work", 1)], "work", None, "work"),
            (&[("work", 9), ("dev-mfa", 1)], "dev", None, "dev-mfa"),
            (&[("ci", 1), ("dev-mfa", 9)], "dev", Some("ci"), "ci"),
            (&[("a", 1), ("b", 3), ("c", 2)], "dev", None, "b"),
        ] {
            assert_eq!(
                found(sessions, named, chosen),
                name(expected),
                "{sessions:?}"
            );
        }
        assert!(of(profiles("", DEV), &name("other"), None).is_err());
    }

    #[test]
    fn long_term_keys_with_a_token_left_behind_are_no_session() {
        let text = format!("{DEV}aws_session_token = t\n");
        assert_eq!(list(profiles("", &text)).len(), 0);
        assert!(!look(profiles("", &text), &name("dev")).present);
    }

    #[test]
    fn what_a_logout_left_is_there_for_a_session_and_a_role_is_not() {
        let is_one = |config: &str| is_session_profile(profiles(config, DEV), &name("work"));
        let left = "[profile work]\nregion = r\nawsmfa_copied = region\n";
        assert!(is_one(left));
        assert_eq!(list(profiles(left, DEV)).len(), 1);
        assert!(!is_one(&left.replace("awsmfa_copied", "note")));
        assert!(!is_one(&format!(
            "{left}role_arn = r\nsource_profile = dev\n"
        )));
    }

    #[test]
    fn a_session_that_lacks_a_key_is_absent_and_ends_never() {
        for gone in [
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
        ] {
            let text = format!("{DEV}{}", session("dev-mfa", 1).replace(gone, "note"));
            let listed = look(profiles("", &text), &name("dev-mfa"));
            assert_eq!((listed.present, listed.expiration), (false, None), "{gone}");
        }
    }

    #[test]
    fn the_account_is_the_roles_before_the_devices() {
        let config = "[profile admin]\nrole_arn = arn:aws:iam::210987654321:role/admin\nsource_profile = dev\n";
        let text = format!(
            "{DEV}{}awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
            session("x", 1)
        );
        let account = |text: &str| look(profiles(config, text), &name("x")).account;
        assert_eq!(account(&text).as_deref(), Some("123456789012"));
        let role = text.replace(
            "awsmfa_source_profile = dev",
            "awsmfa_source_profile = admin",
        );
        assert_eq!(account(&role).as_deref(), Some("210987654321"));
    }
}
