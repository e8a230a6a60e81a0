//! Holds what a run touches of the world outside the files: environment, printer, terminal, clock.
//! Nothing here knows what a profile or a session is.

pub(crate) mod clock;
pub(crate) mod context;
pub(crate) mod env;
pub(crate) mod tty;
#[expect(clippy::disallowed_methods, reason = "the only printer")]
pub(crate) mod ui;

pub(crate) use context::Context;
