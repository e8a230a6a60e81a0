//! Bundles the parts of the outside world that a command may use: environment, printer, clock. It adds
//! nothing to them.

use super::clock;
use super::env::Env;
use super::ui::Ui;
use chrono::{DateTime, Utc};

/// The outside world of one run.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// The environment variables.
    pub(crate) env: Env,
    /// The printer.
    pub(crate) ui: Ui,
}

impl Context {
    /// The current time. Pure code gets it as an argument.
    pub(crate) fn now(self) -> DateTime<Utc> {
        clock::now()
    }

    /// `at` for people, in the local time zone: the time of day, with the date unless it is today.
    pub(crate) fn local_time(self, at: DateTime<Utc>) -> String {
        clock::local_time(at)
    }
}
