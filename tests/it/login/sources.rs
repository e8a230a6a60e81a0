//! Checks whose keys a login uses, where the session goes, when the old one is kept, and what the
//! options and variables mean. A refusal always comes before any request and before a code is read.

mod kept;
mod keys;
mod makers;
mod named;
mod options;
mod region;
mod renewed;
mod targets;
