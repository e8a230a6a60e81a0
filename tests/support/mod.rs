//! Provides the tests, the benchmarks and the sandbox with the AWS stand-in, a throw-away home, runs of
//! the real binary in it, and a slow network. It knows no feature of awsmfa.
#![allow(
    dead_code,
    reason = "several targets include this tree, and each of them uses a part of it"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the rule is for the product; tests read files, clock and environment themselves"
)]

pub(crate) mod aws;
#[cfg(target_os = "linux")]
pub(crate) mod calls;
#[cfg(target_os = "linux")]
pub(crate) mod emulator;
pub(crate) mod home;
pub(crate) mod loopback;
pub(crate) mod policies;
pub(crate) mod proxy;
pub(crate) mod run;
#[cfg(unix)]
mod signals;
pub(crate) mod system;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod tunnel;
