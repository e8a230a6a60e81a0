//! The integration tests: the real binary against the stand-in.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "who owns what is a rule for the product; a test may say what it saw"
)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod clients;
mod code;
mod completions;
mod concurrency;
#[cfg(unix)]
mod crash;
mod credential_process;
mod device;
#[cfg(unix)]
mod disk;
mod errors;
#[cfg(unix)]
mod exec;
mod export;
mod files;
mod login;
mod logout;
mod man;
mod project;
#[cfg(unix)]
mod prompt;
mod readme;
mod roles;
mod scene;
#[cfg(unix)]
mod shells;
#[cfg(unix)]
mod shells_completions;
mod sources;
#[cfg(unix)]
mod stage;
mod standin;
mod status;
mod whoami;
