//! Reads and writes the moment at which a session ends, for programs and for people. It is handed
//! the time now and the zone.

use super::Lifetime;
use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use std::fmt;

/// The moment that a clock on the wall means by a date and a time; none for an hour that is left
/// out when the clocks go forward.
pub(crate) type WallClock = fn(NaiveDateTime) -> Option<DateTime<Utc>>;

/// The seconds from `now` to `expiration`, none below zero.
pub(crate) fn remaining(expiration: DateTime<Utc>, now: DateTime<Utc>) -> Lifetime {
    let seconds = (expiration - now).num_seconds();
    Lifetime::seconds(u64::try_from(seconds).unwrap_or(0))
}

/// Reads an expiry as awsmfa and saml2aws write it (RFC 3339).
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    within_years(at.to_utc())
}

/// `at`, if its year has four digits, as RFC 3339 and every reader want it. Further away no zone
/// can be applied to it.
pub(crate) fn within_years<T: Datelike>(at: T) -> Option<T> {
    (0..=9999).contains(&at.year()).then_some(at)
}

/// Reads an expiry as any tool writes it: RFC 3339, or a date and a time without a zone. Most
/// tools mean UTC by that; `local` is given for one that means the computer's own zone.
pub(crate) fn parse_any(text: &str, local: Option<WallClock>) -> Option<DateTime<Utc>> {
    if let Some(at) = parse(text) {
        return Some(at);
    }
    let text = text.trim();
    let zoneless = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        // Before a zone is applied: it could lead out of what a date can be.
        .and_then(within_years);
    let at = match (zoneless, local) {
        (Some(at), Some(local)) => local(at),
        (Some(at), None) => Some(at.and_utc()),
        (None, _) => DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%:z")
            .ok()
            .map(|at| at.to_utc()),
    };
    at.and_then(within_years)
}

/// The expiry as it is written and printed for programs: RFC 3339 in UTC, whole seconds.
pub(crate) fn format(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The moment for people, in the zone of `zone`: the time of day, and the date when it is not
/// today's.
pub(crate) fn local_time<Z: TimeZone>(at: DateTime<Utc>, now: DateTime<Utc>, zone: &Z) -> String
where
    Z::Offset: fmt::Display,
{
    let (at, now) = (at.with_timezone(zone), now.with_timezone(zone));
    let day = at.date_naive() - now.date_naive();
    let format = if day == TimeDelta::zero() {
        "%H:%M"
    } else {
        "%a %-d %b, %H:%M"
    };
    at.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    fn at(text: &str) -> DateTime<Utc> {
        parse(text).expect("a time of the test")
    }

    #[test]
    fn a_year_of_more_than_four_digits_is_no_expiry() {
        let local: WallClock = |at| Some(at.and_utc() + TimeDelta::hours(26));
        for text in [
            "+262142-12-31 23:59:59",
            "-262143-01-01 00:00:00",
            "+10000-01-01T00:00:00",
            "-0001-01-01T00:00:00",
            "+262142-12-31 23:59:59+00:00",
            "+262142-12-31T23:59:59Z",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
        ] {
            assert_eq!(parse_any(text, None), None, "{text}");
            assert_eq!(parse_any(text, Some(local)), None, "{text}");
        }
        assert_eq!(parse_any("9999-12-31 23:59:59", Some(local)), None);
    }

    #[test]
    fn the_last_moment_of_all_has_a_time_left_and_a_day() {
        let (last, now) = (at("9999-12-31T23:59:59Z"), at("2026-01-01T20:00:00Z"));
        assert_eq!(remaining(last, now).as_seconds(), 251_635_003_199);
        assert_eq!(remaining(now, last).as_seconds(), 0);
        for hours in [-23, 23] {
            let zone = FixedOffset::east_opt(hours * 3_600).expect("an offset");
            assert!(!local_time(last, now, &zone).is_empty());
        }
    }

    #[test]
    fn the_date_is_named_when_it_is_another_day() {
        let zone = FixedOffset::east_opt(3_600).expect("an hour is an offset");
        let now = at("2026-01-01T08:00:00Z");
        assert_eq!(local_time(at("2026-01-01T20:05:00Z"), now, &zone), "21:05");
        assert_eq!(
            local_time(at("2026-01-01T23:05:00Z"), now, &zone),
            "Fri 2 Jan, 00:05"
        );
    }

    #[test]
    fn an_expiry_is_read_as_the_tools_write_it() {
        let local: WallClock = |at| Some(at.and_utc() - TimeDelta::hours(2));
        for (text, zone, expected) in [
            ("2026-01-01T00:00:00Z", None, Some("2026-01-01T00:00:00Z")),
            ("2026-01-01 00:00:00", None, Some("2026-01-01T00:00:00Z")),
            (
                "2026-01-01T03:00:00",
                Some(local),
                Some("2026-01-01T01:00:00Z"),
            ),
            (
                "2026-01-01 01:00:00+02:00",
                None,
                Some("2025-12-31T23:00:00Z"),
            ),
            ("soon", None, None),
        ] {
            assert_eq!(parse_any(text, zone), expected.map(at), "{text}");
        }
    }
}
