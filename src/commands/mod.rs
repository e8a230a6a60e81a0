//! Owns nothing but the list of the commands: one file each, with its arguments, its run and the
//! examples of its help.

pub(crate) mod login;
pub(crate) mod options;
