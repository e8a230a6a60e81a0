//! Owns every conversation with AWS: the only asynchronous code and the only user of the SDK's
//! clients. The rest of awsmfa hands in [`settings::Settings`] and [`crate::value::Keys`], and gets
//! plain values or a [`crate::exit::Failure`] back.
//!
//! No request ever goes to instance metadata, and no default credential chain is built.

mod call;
mod client;
mod failure;
mod http;
mod iam;
mod partition;
pub(crate) mod process;
mod refusal;
mod resend;
pub(crate) mod runtime;
pub(crate) mod settings;
mod sts;
#[cfg(test)]
mod tests;
mod transport;

pub(crate) use client::Aws;
pub(crate) use failure::Fault;
pub(crate) use refusal::Refusal;
pub(crate) use sts::Identity;
