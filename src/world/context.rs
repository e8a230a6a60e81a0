//! Bundles what a command may touch of the world: environment, printer, clock. It adds nothing to
//! them.

use super::clock;
use super::env::Env;
use super::ui::Ui;
use chrono::{DateTime, Utc};

/// The world of one run.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// The environment variables.
    pub(crate) env: Env,
    /// The printer.
    pub(crate) ui: Ui,
}

impl Context {
    /// The time now. Pure code gets it as an argument.
    pub(crate) fn now(self) -> DateTime<Utc> {
        clock::now()
    }

    /// `at` for people, in the computer's zone: the time of day, and the date when it is not
    /// today's.
    pub(crate) fn local_time(self, at: DateTime<Utc>) -> String {
        clock::local_time(at)
    }
}
