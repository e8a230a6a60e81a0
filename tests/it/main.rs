//! Tests the real binary against the stand-in.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "these rules are for the product; a test may read, write and print"
)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod action;
mod architecture;
#[cfg(target_os = "linux")]
mod bare;
mod book;
#[cfg(unix)]
mod clients;
mod completions;
mod credential_process;
mod device;
mod doctor;
mod examples;
#[cfg(unix)]
mod exec;
#[cfg(windows)]
mod exec_windows;
mod export;
#[cfg(unix)]
mod handed_settings;
mod help;
mod hostile;
mod login;
mod logout;
mod man;
mod messages;
#[cfg(target_os = "linux")]
mod names;
#[cfg(unix)]
mod pictures;
mod policy;
mod project;
mod readme;
// Its scripts run in bash.
#[cfg(unix)]
mod release;
mod rotate;
#[cfg(unix)]
mod sandbox;
mod scene;
mod setup;
#[cfg(unix)]
mod shells;
#[cfg(unix)]
mod shells_completions;
#[cfg(windows)]
mod shells_windows;
mod sources;
mod standin;
mod status;
#[cfg(unix)]
mod unnamed;
#[cfg(target_os = "linux")]
mod unwritable;
mod whoami;
#[cfg(windows)]
mod windows;
mod words;
