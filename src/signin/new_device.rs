//! Knows when AWS is asked for a session by a device that was enabled moments ago, and for how long the
//! code that it showed is good. It asks nobody.
//!
//! AWS takes a new device about 8 to 14 seconds after it was enabled (observed on live AWS). The codes
//! that it was enabled with are not used up by that.

use crate::aws::Identity;
use crate::code::Code;
use crate::value::Serial;
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How long after the device was enabled AWS is asked first, …
const FIRST: Duration = Duration::from_secs(8);
/// … and how long after that again.
const EVERY: Duration = Duration::from_secs(4);

/// How long a code is shown.
const STEP: i64 = 30;

/// AWS checks so many codes of a device in three minutes; then it takes none (observed on live AWS).
const VERIFICATIONS: usize = 9;

/// How often AWS may still be asked to check codes of a device in this run, whatever the request.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Rc<Cell<usize>>);

impl Budget {
    /// That of a device whose codes AWS has not checked yet.
    pub(crate) fn new() -> Self {
        Self(Rc::new(Cell::new(VERIFICATIONS)))
    }

    /// How often AWS may be asked.
    pub(crate) fn left(&self) -> usize {
        self.0.get()
    }

    /// Takes one, for a request that is about to be sent. Returns whether there was one.
    pub(crate) fn take(&self) -> bool {
        let left = self.left();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// A device that is not known everywhere yet.
#[derive(Clone, Debug)]
pub(crate) struct NewDevice {
    /// Its serial.
    pub(crate) serial: Serial,
    /// Whose it is.
    pub(crate) identity: Identity,
    /// The moment from which on AWS has called it the user's.
    pub(crate) enabled: Instant,
    /// A code that it showed, …
    pub(crate) code: Code,
    /// … and when that was given.
    pub(crate) given: DateTime<Utc>,
    /// How often AWS is asked.
    pub(crate) tries: Tries,
    /// … at most, together with what asked it before.
    pub(crate) budget: Budget,
}

/// How often AWS is asked with a code: it checks nine of a device in three minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tries {
    /// While AWS does not know the device: some are left for other codes.
    All,
    /// What is left then.
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
    /// When AWS is asked, in turn.
    pub(super) fn moments(&self) -> impl Iterator<Item = Instant> {
        let first = (self.enabled + FIRST).max(Instant::now());
        (0..self.tries.count()).map(move |number| first + EVERY * number)
    }

    /// Whether AWS may take the code at `now`: it may have been the last one when it was given, and AWS
    /// takes one until two more have been shown.
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
    async fn aws_is_asked_after_eight_seconds_every_four_and_six_times() {
        let (new, start) = (given_at("08:00:00"), Instant::now());
        let seconds = |new: &NewDevice| -> Vec<u64> {
            let moments = new.moments();
            moments.map(|at| (at - start).as_secs()).collect()
        };
        assert_eq!(seconds(&new), [8, 12, 16, 20, 24, 28]);
        // One that was resynchronised is known for long.
        tokio::time::sleep(Duration::from_secs(100)).await;
        let tries = Tries::Rest;
        assert_eq!(seconds(&NewDevice { tries, ..new }), [100, 104, 108]);
    }

    #[test]
    fn a_code_is_good_while_aws_may_take_it() {
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
