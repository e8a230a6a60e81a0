//! The integration tests: the real binary against the stand-in.

#[path = "../support/mod.rs"]
mod support;

mod standin;
