//! Owns nothing but the list of the commands: one file each, with its arguments, its run and the
//! examples of its help.

pub(crate) mod completions;
pub(crate) mod credential_process;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod options;
pub(crate) mod status;
pub(crate) mod whoami;
