//! Compares this computer's clock with AWS's. It sets none.

use super::finding::Finding;
use crate::value::Lifetime;
use chrono::{DateTime, TimeDelta, Utc};

const SUBJECT: &str = "clock";

/// What AWS said, and what this computer's clock said when the answer was there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// To the second.
    pub(super) aws: DateTime<Utc>,
    pub(super) here: DateTime<Utc>,
    /// How long the answer took.
    pub(super) took: TimeDelta,
}

/// More than this is not a matter of a slow answer.
const WARNED_OF: TimeDelta = TimeDelta::minutes(1);
/// AWS refuses a request whose time is this far from its own.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const REFUSED: TimeDelta = TimeDelta::minutes(5);

pub(super) fn check(readings: &[Reading]) -> Finding {
    let Some(ahead) = readings.iter().map(ahead).min_by_key(TimeDelta::abs) else {
        return Finding::unknown(SUBJECT, "no answer from AWS told the time");
    };
    let by = Lifetime::seconds(ahead.num_seconds().unsigned_abs());
    let side = match ahead < TimeDelta::zero() {
        true => "behind",
        false => "ahead of",
    };
    let text = format!("this computer's clock is {by} {side} AWS's");
    let set = "let the system set its clock over the network (NTP)";
    if ahead.abs() >= REFUSED {
        return Finding::bad(
            SUBJECT,
            format!("{text}; AWS refuses requests signed more than 5 minutes off"),
        )
        .hint(set);
    }
    match ahead.abs() >= WARNED_OF {
        true => Finding::warning(SUBJECT, text).hint(set),
        false => Finding::good(
            SUBJECT,
            "this computer's clock agrees with AWS's to within a minute",
        ),
    }
}

/// How far this computer's clock is ahead, for all that a whole second and the way of the answer hide.
fn ahead(reading: &Reading) -> TimeDelta {
    let latest = reading.here - reading.aws;
    let earliest = latest - reading.took - TimeDelta::seconds(1);
    if latest < TimeDelta::zero() {
        latest
    } else if earliest > TimeDelta::zero() {
        earliest
    } else {
        TimeDelta::zero()
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_clock_is_judged_by_the_minute_and_not_by_a_slow_answer() {
        let aws: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a time");
        for (seconds, took, level) in [
            (0, 0, Level::Good),
            (40, 0, Level::Good),
            (70, 8, Level::Warning),
            (65, 8, Level::Good),
            (-59, 0, Level::Good),
            (-60, 0, Level::Warning),
            (-299, 0, Level::Warning),
            (-300, 0, Level::Bad),
            (301, 0, Level::Bad),
        ] {
            let found = check(&[Reading {
                aws,
                here: aws + TimeDelta::seconds(seconds),
                took: TimeDelta::seconds(took),
            }]);
            assert_eq!(found.level, level, "{seconds}");
        }
        assert_eq!(check(&[]).level, Level::Unknown);
    }
}
