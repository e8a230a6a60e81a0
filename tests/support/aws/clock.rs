//! Gives the stand-in its time, so that tests move the clock and never sleep.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// The stand-in's clock: the system's time, shifted or stopped.
pub(crate) struct Clock(Mutex<Reading>);

#[derive(Clone, Copy)]
enum Reading {
    Shifted(TimeDelta),
    Frozen(DateTime<Utc>),
}

impl Clock {
    /// A clock that shows the system's time.
    pub(crate) fn system() -> Self {
        Self(Mutex::new(Reading::Shifted(TimeDelta::zero())))
    }

    /// The stand-in's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match *self.0.lock().expect("no holder panics") {
            Reading::Shifted(by) => Utc::now() + by,
            Reading::Frozen(at) => at,
        }
    }

    /// Stops the clock at the current time, so that no new step of 30 s begins in the middle of a test.
    pub(crate) fn freeze(&self) {
        let now = self.now();
        *self.0.lock().expect("no holder panics") = Reading::Frozen(now);
    }

    /// Moves the clock by `by`, running or stopped; a negative `by` moves it back.
    pub(crate) fn shift(&self, by: TimeDelta) {
        let mut reading = self.0.lock().expect("no holder panics");
        *reading = match *reading {
            Reading::Shifted(before) => Reading::Shifted(before + by),
            Reading::Frozen(at) => Reading::Frozen(at + by),
        };
    }
}
