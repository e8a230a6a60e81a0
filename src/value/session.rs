//! Defines a session: temporary keys, when they end, and how they were made. It never stores or shows
//! one.

use super::{Arn, Keys, Lifetime, Maker, ProfileName, Serial, expiry};
use chrono::{DateTime, Utc};

/// Temporary keys with everything known about them.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The keys, with a session token.
    pub(crate) keys: Keys,
    /// When it ends; `None` if another tool left that out.
    pub(crate) expiration: Option<DateTime<Utc>>,
    /// How it was made.
    pub(crate) made: Made,
}

/// How a session was made, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Made {
    /// The profile whose long-term keys or role it belongs to.
    pub(crate) source: Option<ProfileName>,
    /// The MFA device.
    pub(crate) device: Option<Serial>,
    /// The account number: the role's for a role's session, otherwise the user's.
    pub(crate) account: Option<String>,
    /// The user or role, if AWS named it.
    pub(crate) arn: Option<Arn>,
    /// Whether awsmfa made it; if so, its profile names its source.
    pub(crate) by_awsmfa: bool,
    /// What made it.
    pub(crate) maker: Maker,
    /// How long it lasts in total, which may differ from what was asked for.
    pub(crate) granted: Option<Lifetime>,
}

/// The state of a session at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// More than the margin is left.
    Valid,
    /// The margin or less is left.
    Ending,
    /// Nothing is left.
    Expired,
    /// Its end is unknown.
    Unknown,
    /// There is no session.
    Absent,
}

impl State {
    /// The state's name, for people and programs.
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

impl Session {
    /// The state at `now`. A session is valid while more than `margin` is left, and ending after that.
    ///
    /// The margin never exceeds a quarter of the granted time; otherwise a short session would be ending
    /// from the start.
    pub(crate) fn state(&self, now: DateTime<Utc>, margin: Lifetime) -> State {
        let quarter = self.made.granted.map(Lifetime::quarter);
        let margin = quarter.map_or(margin, |quarter| margin.min(quarter));
        match self.expiration {
            None => State::Unknown,
            Some(at) if at <= now => State::Expired,
            Some(at) if expiry::remaining(at, now) <= margin => State::Ending,
            Some(_) => State::Valid,
        }
    }

    /// The state at `now` for a sign-in that would ask for `lifetime`: it keeps a valid session and
    /// renews any other.
    ///
    /// If the granted time is unknown, the margin never exceeds a quarter of `lifetime`; otherwise a
    /// short session would be renewed at every call. If it is known, only that counts, so that every
    /// command accepts a session that one command keeps.
    pub(crate) fn state_for(
        &self,
        now: DateTime<Utc>,
        margin: Lifetime,
        lifetime: Lifetime,
    ) -> State {
        let margin = match self.made.granted {
            Some(_) => margin,
            None => margin.min(lifetime.quarter()),
        };
        self.state(now, margin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::lifetime::DEFAULT_LIFETIME;

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        expiry::parse(text).expect("a time of the test")
    }

    fn session(expiration: Option<&str>) -> Session {
        Session {
            keys: Keys {
                access_key_id: "ASIAX".into(),
                secret_access_key: "s".into(),
                session_token: Some("t".into()),
            },
            expiration: expiration.map(at),
            made: Made::default(),
        }
    }

    #[test]
    fn a_state_depends_on_the_moment() {
        let margin = Lifetime::seconds(900);
        for (expiration, state) in [
            (Some("2026-01-01T00:15:01Z"), State::Valid),
            (Some("2026-01-01T00:15:00Z"), State::Ending),
            (Some(NOW), State::Expired),
            (None, State::Unknown),
        ] {
            assert_eq!(
                session(expiration).state(at(NOW), margin),
                state,
                "{expiration:?}"
            );
        }
    }

    #[test]
    fn the_margin_depends_on_the_granted_lifetime_if_it_is_shorter_than_the_requested_one() {
        let (hour, day) = (Lifetime::seconds(3_600), Lifetime::seconds(86_400));
        let mut session = session(Some("2026-01-01T00:15:01Z"));
        session.made.granted = Some(hour);
        assert_eq!(session.state_for(at(NOW), hour, day), State::Valid);
        assert_eq!(session.state(at(NOW), hour), State::Valid);
        session.expiration = Some(at("2026-01-01T00:15:00Z"));
        assert_eq!(session.state_for(at(NOW), hour, day), State::Ending);
        assert_eq!(session.state(at(NOW), hour), State::Ending);
    }

    #[test]
    fn the_requested_lifetime_does_not_count_if_the_granted_one_is_known() {
        let (quarter, half_a_day) = (Lifetime::seconds(900), Lifetime::seconds(43_200));
        let mut session = session(Some("2026-01-01T00:10:00Z"));
        assert_eq!(session.state_for(at(NOW), quarter, quarter), State::Valid);
        session.made.granted = Some(half_a_day);
        assert_eq!(session.state_for(at(NOW), quarter, quarter), State::Ending);
    }

    #[test]
    fn a_session_is_kept_while_more_than_the_margin_is_left() {
        let hour = Lifetime::seconds(3_600);
        let is_kept = |expiration| {
            let state = session(expiration).state_for(at(NOW), hour, DEFAULT_LIFETIME);
            state == State::Valid
        };
        assert!(is_kept(Some("2026-01-01T01:00:01Z")));
        assert!(!is_kept(Some("2026-01-01T01:00:00Z")));
        assert!(!is_kept(Some("2025-12-31T23:00:00Z")));
        assert!(!is_kept(None));
    }

    #[test]
    fn the_margin_is_never_more_than_a_quarter_of_the_lifetime() {
        let (hour, quarter) = (Lifetime::seconds(3_600), Lifetime::seconds(900));
        let is_kept = |expiration| {
            session(Some(expiration)).state_for(at(NOW), hour, quarter) == State::Valid
        };
        assert!(is_kept("2026-01-01T00:03:46Z"));
        assert!(!is_kept("2026-01-01T00:03:45Z"));
    }
}
