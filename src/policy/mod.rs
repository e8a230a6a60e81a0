//! Holds the policy documents that force MFA, and writes them as JSON, templates and commands. It knows
//! no file, environment, clock or network, and attaches nothing.

pub(crate) mod bundle;
mod cli;
mod cloudformation;
mod document;
mod documents;
mod explain;
mod json;
mod limits;
mod node;
mod options;
mod pattern;
mod place;
mod size;
mod terraform;

pub(crate) use cli::commands;
pub(crate) use cloudformation::template;
pub(crate) use documents::{Attached, Policy};
pub(crate) use explain::explain;
pub(crate) use json::json;
pub(crate) use options::{Boundary, MaxAge, RolePath, Rules, Tag, TagKey, TagValue, UserPath};
pub(crate) use place::{Account, Given, Partition, Place};
pub(crate) use size::Size;
pub(crate) use terraform::resource;
