//! Owns the list of the sessions in the files, whichever tool wrote them, and the state of each at
//! a moment.

use super::source::{holds_session, source_of, unknown};
use super::{ProfileName, Profiles, key};
use crate::session::{self, Lifetime};
use chrono::{DateTime, NaiveDateTime, Utc};

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
    /// When it ends, where the files tell.
    pub(crate) expiration: Option<DateTime<Utc>>,
    /// The device it was made with, where awsmfa made it.
    pub(crate) mfa_serial: Option<String>,
    /// Whether awsmfa made it.
    pub(crate) managed: bool,
    /// Whether its keys are there.
    pub(crate) present: bool,
}

impl Listed {
    /// The state at `now`; `margin` is what must be left for a session to be more than ending.
    pub(crate) fn state(&self, now: DateTime<Utc>, margin: Lifetime) -> State {
        match self.expiration {
            _ if !self.present => State::Absent,
            None => State::Unknown,
            Some(at) if at <= now => State::Expired,
            Some(at) if session::remaining(at, now) <= margin => State::Ending,
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
    let names = profiles.names().into_iter();
    names
        .filter(|name| is_session_profile(profiles, name))
        .map(|name| look(profiles, &name))
        .collect()
}

/// Whether `profile` is there to hold a session: it holds one, or it is a session profile by its
/// mark or its name.
pub(crate) fn is_session_profile(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
    holds_session(profiles, profile) || source_of(profiles, profile).is_some()
}

/// The profile that holds the session of `named`: itself, or the one that its sessions go to.
///
/// Fails when the files know no such profile.
pub(crate) fn of(profiles: Profiles<'_>, named: &ProfileName) -> anyhow::Result<ProfileName> {
    if is_session_profile(profiles, named) {
        return Ok(named.clone());
    }
    let usual = named.session_profile();
    let is_its = |profile: &ProfileName| source_of(profiles, profile).as_ref() == Some(named);
    if is_its(&usual) {
        return Ok(usual);
    }
    // The person may have chosen another name for it with --session-profile.
    if let Some(other) = profiles.names().into_iter().find(is_its) {
        return Ok(other);
    }
    if profiles.contains(named) {
        Ok(usual)
    } else {
        Err(unknown(profiles, named).into())
    }
}

/// What the files say of the session in `profile`.
pub(crate) fn look(profiles: Profiles<'_>, profile: &ProfileName) -> Listed {
    Listed {
        profile: profile.clone(),
        source: source_of(profiles, profile),
        expiration: EXPIRY_KEYS
            .iter()
            .find_map(|key| parse_any(&profiles.get(profile, key)?)),
        mfa_serial: profiles.get(profile, key::MFA_SERIAL),
        managed: profiles.get(profile, key::SOURCE_PROFILE).is_some(),
        present: profiles.get(profile, key::ACCESS_KEY_ID).is_some()
            && holds_session(profiles, profile),
    }
}

/// Reads an expiry as the tools write it: RFC 3339, or a date and a time without a zone, which is
/// UTC (broamski/aws-mfa).
fn parse_any(text: &str) -> Option<DateTime<Utc>> {
    session::parse_expiration(text).or_else(|| {
        let text = text.trim();
        ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| at.and_utc())
            .or_else(|| {
                DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%:z")
                    .ok()
                    .map(|at| at.to_utc())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, profiles};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        session::parse_expiration(text).expect("a time of the test")
    }

    #[test]
    fn every_session_is_listed_whichever_tool_wrote_it() {
        let credentials = "\
[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n\
[dev-mfa]\naws_access_key_id = ASIAX\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\nawsmfa_source_profile = dev\n\
[old]\naws_access_key_id = ASIAX\naws_security_token = t\nexpiration = 2026-01-01 00:00:00\n\
[else]\naws_access_key_id = ASIAX\naws_session_token = t\n";
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
                "[a]\naws_access_key_id = ASIAX\naws_session_token = t\nexpiration = {expiry}\n"
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
}
