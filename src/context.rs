//! Owns what a command may touch of the world: the environment, the printer, the clock.

use crate::env::Env;
use crate::ui::Ui;
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
    #[expect(clippy::disallowed_methods, reason = "this is the owner")]
    pub(crate) fn now(self) -> DateTime<Utc> {
        Utc::now()
    }
}
