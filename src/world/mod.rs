//! Deals with what is outside awsmfa and its files: environment, printer, terminal, clock, other programs.
//! It knows nothing about AWS, and decides nothing.

mod alternate;
pub(crate) mod asking;
pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod context;
pub(crate) mod defect;
mod descendants;
#[cfg(unix)]
mod drawn;
pub(crate) mod env;
pub(crate) mod expand;
pub(crate) mod item;
pub(crate) mod job;
#[cfg(unix)]
mod keys;
#[cfg(unix)]
pub(crate) mod last_words;
mod line_mode;
#[cfg(unix)]
mod list;
pub(crate) mod man;
pub(crate) mod pick;
pub(crate) mod places;
pub(crate) mod plain;
#[cfg(unix)]
mod processes;
pub(crate) mod prompt;
pub(crate) mod question;
mod room;
pub(crate) mod runtime;
pub(crate) mod screen;
pub(crate) mod shell;
mod signals;
pub(crate) mod stack;
pub(crate) mod stdin;
pub(crate) mod tty;
#[expect(clippy::disallowed_methods, reason = "the only printer")]
pub(crate) mod ui;
mod zone;

pub(crate) use context::Context;
