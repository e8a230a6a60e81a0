//! Runs the commands, a file or folder each, with their arguments and the examples in their help. No
//! command imports another; what several use is in `common`, `sign_in_options`, `unnamed`, `ready`,
//! `handing_over` and `output`. `examples` puts the examples into the words of the user's shell.

pub(crate) mod common;
pub(crate) mod completions;
pub(crate) mod credential_process;
pub(crate) mod device;
pub(crate) mod doctor;
pub(crate) mod examples;
pub(crate) mod exec;
pub(crate) mod export;
mod handing_over;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
mod output;
pub(crate) mod policy;
mod ready;
pub(crate) mod rotate;
pub(crate) mod setup;
mod sign_in_options;
pub(crate) mod status;
mod unnamed;
pub(crate) mod whoami;
