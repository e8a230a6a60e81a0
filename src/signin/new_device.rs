//! Knows when to ask AWS for a session with a device that was just enabled, and how long the code that
//! it showed is good. It asks nobody.
//!
//! AWS accepts a new device about 8 to 14 seconds after it was enabled (observed on live AWS). The codes
//! that enabled it can still be used.

use crate::aws::Identity;
use crate::code::Code;
use crate::value::Serial;
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How long after the device was enabled AWS is asked for the first time.
const FIRST: Duration = Duration::from_secs(8);
/// How long after that it is asked again, each time.
const EVERY: Duration = Duration::from_secs(4);

/// How long a device shows one code, in seconds.
const STEP: i64 = 30;

/// How many codes of a device AWS checks in three minutes before it refuses all (observed on live AWS).
const VERIFICATIONS: usize = 9;

/// How often AWS may still be asked to check codes of a device in this run, in any kind of request.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Rc<Cell<usize>>);

impl Budget {
    /// The budget of a device whose codes AWS has not checked yet.
    pub(crate) fn new() -> Self {
        Self(Rc::new(Cell::new(VERIFICATIONS)))
    }

    /// How often AWS may still be asked.
    pub(crate) fn left(&self) -> usize {
        self.0.get()
    }

    /// Takes one, for a request that is about to be sent. Returns whether one was left.
    pub(crate) fn take(&self) -> bool {
        let left = self.left();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// A device that was just enabled and that not all of AWS knows yet.
#[derive(Clone, Debug)]
pub(crate) struct NewDevice {
    /// Its serial.
    pub(crate) serial: Serial,
    /// Its user.
    pub(crate) identity: Identity,
    /// When AWS enabled it for the user.
    pub(crate) enabled: Instant,
    /// A code that it showed.
    pub(crate) code: Code,
    /// When the code was given.
    pub(crate) given: DateTime<Utc>,
    /// How often to ask AWS with the code.
    pub(crate) tries: Tries,
    /// How many checks are left for all requests.
    pub(crate) budget: Budget,
}

/// How often to ask AWS with a code: it checks nine of a device in three minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tries {
    /// As long as AWS does not know the device; some checks are left for other codes.
    All,
    /// The checks that were left.
    Rest,
}

impl Tries {
    fn count(self) -> u32 {
        match self {
            Self::All => 6,
            Self::Rest => 3,
        }
    }
}

impl NewDevice {
    /// The times at which to ask AWS.
    pub(super) fn moments(&self) -> impl Iterator<Item = Instant> {
        let first = (self.enabled + FIRST).max(Instant::now());
        (0..self.tries.count()).map(move |number| first + EVERY * number)
    }

    /// Whether AWS may accept the code at `now`. It may have just been replaced when it was given, and
    /// AWS accepts a code until two more have been shown.
    pub(super) fn may_be_good(&self, now: DateTime<Utc>) -> bool {
        let shown = self.given.timestamp().div_euclid(STEP);
        now < DateTime::UNIX_EPOCH + TimeDelta::seconds((shown + 2) * STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::expiry;

    fn at(time: &str) -> DateTime<Utc> {
        expiry::parse(&format!("2026-01-01T{time}Z")).expect("a time of the test")
    }

    fn given_at(time: &str) -> NewDevice {
        NewDevice {
            serial: "arn:aws:iam::123456789012:mfa/alice".parse().expect("one"),
            identity: Identity {
                account: "123456789012".into(),
                arn: "arn:aws:iam::123456789012:user/alice".parse().expect("one"),
                user_id: "AIDAEXAMPLE".into(),
            },
            enabled: Instant::now(),
            code: Code::parse("492039").expect("a code"),
            given: at(time),
            tries: Tries::All,
            budget: Budget::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn aws_is_asked_after_eight_seconds_and_then_every_four_six_times_in_all() {
        let (new, start) = (given_at("08:00:00"), Instant::now());
        let seconds = |new: &NewDevice| -> Vec<u64> {
            let moments = new.moments();
            moments.map(|at| (at - start).as_secs()).collect()
        };
        assert_eq!(seconds(&new), [8, 12, 16, 20, 24, 28]);
        // A resynchronised device has been known for a long time.
        tokio::time::sleep(Duration::from_secs(100)).await;
        let tries = Tries::Rest;
        assert_eq!(seconds(&NewDevice { tries, ..new }), [100, 104, 108]);
    }

    #[test]
    fn a_code_is_good_as_long_as_aws_may_accept_it() {
        for (given, last) in [("08:00:00", "08:00:59"), ("08:00:29", "08:00:59")] {
            let new = given_at(given);
            assert!(new.may_be_good(at(last)), "{given}");
            assert!(
                !new.may_be_good(at(last) + TimeDelta::seconds(1)),
                "{given}"
            );
        }
    }
}
