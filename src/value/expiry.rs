//! Reads and writes the time at which a session ends, for programs and for people. It never reads the
//! clock or the time zone: both are passed in.

use super::Lifetime;
use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use std::fmt;

/// Converts a local date and time to UTC; `None` for the hour that is skipped when clocks go forward.
pub(crate) type WallClock = fn(NaiveDateTime) -> Option<DateTime<Utc>>;

/// The seconds from `now` to `expiration`; zero if it has passed.
pub(crate) fn remaining(expiration: DateTime<Utc>, now: DateTime<Utc>) -> Lifetime {
    let seconds = (expiration - now).num_seconds();
    Lifetime::seconds(u64::try_from(seconds).unwrap_or(0))
}

/// Reads an expiry as awsmfa and saml2aws write it (RFC 3339).
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    within_years(at.to_utc())
}

/// `at`, if its year has four digits, as RFC 3339 and every reader expect. Beyond that no time zone can
/// be applied.
pub(crate) fn within_years<T: Datelike>(at: T) -> Option<T> {
    (0..=9999).contains(&at.year()).then_some(at)
}

/// Reads an expiry as any tool writes it: RFC 3339, variants with other offsets (`+0000`, ` UTC`), a
/// date and time without a zone, or seconds since 1970; with or without quotes. Most tools mean UTC if
/// they leave the zone out; `local` is for those that mean local time.
pub(crate) fn parse_any(text: &str, local: Option<WallClock>) -> Option<DateTime<Utc>> {
    let text = unquoted(text.trim());
    if let Some(at) = parse(text) {
        return Some(at);
    }
    let is_number = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        return DateTime::from_timestamp(text.parse().ok()?, 0);
    }
    let text = match text.split_once('T') {
        Some((date, time)) if !date.contains(' ') => format!("{date} {time}"),
        _ => text.to_owned(),
    };
    // Programs written in Go print `+0000 UTC`.
    let bare = ["UTC", "GMT", "Z", "z"]
        .iter()
        .find_map(|zone| text.strip_suffix(zone))
        .map(str::trim_end);
    let with_offset = |text: &str| {
        let at = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
        Some(at.to_utc())
    };
    let zoneless = |text: &str| {
        let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
        // Checked before a zone is applied, which could leave the range of dates.
        within_years(at)
    };
    let at = with_offset(bare.unwrap_or(&text)).or_else(|| match (bare, local) {
        (Some(bare), _) => Some(zoneless(bare)?.and_utc()),
        (None, Some(local)) => local(zoneless(&text)?),
        (None, None) => Some(zoneless(&text)?.and_utc()),
    });
    at.and_then(within_years)
}

/// `text` without surrounding quotes.
fn unquoted(text: &str) -> &str {
    let inner = |mark| text.strip_prefix(mark)?.strip_suffix(mark);
    let inner = inner('"').or_else(|| inner('\''));
    inner.map_or(text, str::trim)
}

/// The expiry as written and printed for programs: RFC 3339 in UTC, whole seconds.
pub(crate) fn format(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Within this distance nobody needs the year to understand a date.
const HALF_A_YEAR: TimeDelta = TimeDelta::days(180);

/// The time for people, in `zone`: the time of day, with the date unless it is today.
pub(crate) fn local_time<Z: TimeZone>(at: DateTime<Utc>, now: DateTime<Utc>, zone: &Z) -> String
where
    Z::Offset: fmt::Display,
{
    let (at, now) = (at.with_timezone(zone), now.with_timezone(zone));
    let day = at.date_naive() - now.date_naive();
    let format = if day == TimeDelta::zero() {
        "%H:%M"
    } else if day.abs() <= HALF_A_YEAR {
        "%a %-d %b, %H:%M"
    } else {
        "%-d %b %Y, %H:%M"
    };
    at.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, Timelike as _};

    fn at(text: &str) -> DateTime<Utc> {
        parse(text).expect("a time of the test")
    }

    #[test]
    fn a_year_of_more_than_four_digits_is_invalid() {
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
    fn the_last_possible_moment_has_a_remaining_time_and_a_date() {
        let (last, now) = (at("9999-12-31T23:59:59Z"), at("2026-01-01T20:00:00Z"));
        assert_eq!(remaining(last, now).as_seconds(), 251_635_003_199);
        assert_eq!(remaining(now, last).as_seconds(), 0);
        for hours in [-23, 23] {
            let zone = FixedOffset::east_opt(hours * 3_600).expect("an offset");
            assert!(!local_time(last, now, &zone).is_empty());
        }
    }

    #[test]
    fn the_date_is_shown_if_it_is_another_day() {
        let zone = FixedOffset::east_opt(3_600).expect("an hour is an offset");
        let now = at("2026-01-01T08:00:00Z");
        assert_eq!(local_time(at("2026-01-01T20:05:00Z"), now, &zone), "21:05");
        assert_eq!(
            local_time(at("2026-01-01T23:05:00Z"), now, &zone),
            "Fri 2 Jan, 00:05"
        );
        // A device may have been enrolled long ago.
        assert_eq!(
            local_time(at("2024-02-03T20:05:00Z"), now, &zone),
            "3 Feb 2024, 21:05"
        );
    }

    #[test]
    fn an_expiry_is_read_in_the_forms_that_tools_write() {
        const UTC: Option<&str> = Some("2026-01-01T00:00:00Z");
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
            ("2026-01-01T02:00:00+0200", None, UTC),
            ("2026-01-01 02:00:00+0200", None, UTC),
            ("2026-01-01 02:00:00 +02", None, UTC),
            ("2026-01-01T00:00:00+0000", Some(local), UTC),
            ("\"2026-01-01T00:00:00Z\"", None, UTC),
            ("' 2026-01-01 00:00:00 '", None, UTC),
            ("2026-01-01 00:00:00 UTC", Some(local), UTC),
            ("2026-01-01T00:00:00UTC", None, UTC),
            ("2026-01-01 00:00:00 GMT", None, UTC),
            ("2026-01-01 00:00:00 +0000 UTC", Some(local), UTC),
            ("2026-01-01 00:00:00z", Some(local), UTC),
            ("2026-01-01 00:00:00.999999", None, UTC),
            ("2026-01-01T00:00:00.5+00:00", None, UTC),
            ("1767225600", Some(local), UTC),
            ("176722560", None, None),
            ("2026-01-01 00:00:00 CET", None, None),
            ("2026-01-01T00:00:00+0000+0000", None, None),
            ("\"", None, None),
            ("soon", None, None),
        ] {
            let found = parse_any(text, zone).map(|at| at.with_nanosecond(0).expect("a second"));
            assert_eq!(found, expected.map(at), "{text}");
        }
    }
}
