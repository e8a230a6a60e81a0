//! Tells the time and the zone: the only reader of the system's clock. Rooms without effects are
//! handed the time.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the only clock"
)]

use super::zone;
use crate::value::expiry;
use chrono::{DateTime, Local, NaiveDateTime, Utc};
use std::time::{Duration, SystemTime};

/// The time now.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The moment that the computer's own zone means by a date and a time.
///
/// Of an hour that comes twice the first one: no session is shown as longer than it is.
pub(crate) fn wall_clock(at: NaiveDateTime) -> Option<DateTime<Utc>> {
    if !zone::is_readable() {
        return Some(at.and_utc());
    }
    at.and_local_timezone(Local)
        .earliest()
        .map(|at| at.to_utc())
}

/// `at` for people, in the computer's zone: the time of day, and the date when it is not today's.
pub(crate) fn local_time(at: DateTime<Utc>) -> String {
    if zone::is_readable() {
        expiry::local_time(at, now(), &Local)
    } else {
        expiry::local_time(at, now(), &Utc)
    }
}

/// How long ago `at` was; none for a moment that is still to come.
pub(crate) fn age(at: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(at).ok()
}
