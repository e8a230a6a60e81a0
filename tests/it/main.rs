//! The integration tests: the real binary against the stand-in.
#![allow(
    clippy::disallowed_methods,
    reason = "who owns what is a rule for the product"
)]

#[path = "../support/mod.rs"]
mod support;

mod concurrency;
#[cfg(unix)]
mod crash;
#[cfg(unix)]
mod disk;
mod login;
#[cfg(unix)]
mod stage;
mod standin;
