//! Talks to AWS. The rest of awsmfa passes in [`settings::Settings`] and [`crate::value::Keys`], and
//! gets values or a [`Fault`] back; the SDK's clients are used nowhere else.
//!
//! It never sends a request to instance metadata, and never builds a default credential chain.

mod access_keys;
mod authorities;
mod call;
mod certificates;
mod client;
mod connector;
mod early;
mod failure;
mod http;
mod iam;
mod name_services;
mod partition;
mod probe;
mod refusal;
mod resend;
pub(crate) mod settings;
mod simulation;
mod sts;
#[cfg_attr(any(windows, target_os = "macos"), path = "kept_authorities.rs")]
mod system_authorities;
#[cfg(test)]
mod tests;
mod transport;
mod trust;
mod users;

pub(crate) use access_keys::{AccessKey, KeyStatus, LastUse};
pub(crate) use authorities::check as check_authorities;
pub(crate) use client::Aws;
pub(crate) use failure::Fault;
pub(crate) use iam::{CreatedDevice, MfaDevice, Owner};
pub(crate) use partition::partition_of;
pub(crate) use probe::{Answered, Service};
pub(crate) use refusal::Refusal;
pub(crate) use simulation::{Decision, Entry, Kind, Simulated, Simulation};
pub(crate) use sts::Identity;
