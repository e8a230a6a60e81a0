//! Proves that an edited AWS file reads as it must before anything is replaced. It touches no file.

mod cli;
mod expected;
mod ini;
mod lines;
mod prove;
mod readers;
mod sdk;
mod subject;

pub(super) use cli::{NotFound, headers_not_found};
pub(super) use prove::prove;
pub(super) use readers::{Readings, text};
pub(super) use subject::Subject;
