//! Reads the system's clock and time zone. Nothing else in this crate does; pure rooms are passed the
//! time.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the only clock"
)]

use super::zone;
use crate::value::expiry;
use chrono::{DateTime, Local, NaiveDateTime, Utc};
use std::time::{Duration, SystemTime};

/// The current time.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Converts a local date and time to UTC.
///
/// For an hour that occurs twice it takes the first, so that no session seems to last longer than it
/// does.
pub(crate) fn wall_clock(at: NaiveDateTime) -> Option<DateTime<Utc>> {
    if !zone::is_readable() {
        return Some(at.and_utc());
    }
    at.and_local_timezone(Local)
        .earliest()
        .map(|at| at.to_utc())
}

/// `at` for people, in the local time zone: the time of day, with the date unless it is today.
pub(crate) fn local_time(at: DateTime<Utc>) -> String {
    if zone::is_readable() {
        expiry::local_time(at, now(), &Local)
    } else {
        expiry::local_time(at, now(), &Utc)
    }
}

/// How long ago `at` was; `None` if it is in the future.
pub(crate) fn age(at: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(at).ok()
}
