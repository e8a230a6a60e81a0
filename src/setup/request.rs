//! Defines what a person asks for when they set a profile up. It looks at nothing.

use crate::signin;
use crate::value::ProfileName;
use std::path::PathBuf;

/// What a person asks for.
#[derive(Debug)]
pub(crate) struct Request {
    /// The profile.
    pub(crate) profile: ProfileName,
    /// The file with the keys, when one is named.
    pub(crate) file: Option<KeyFile>,
    /// Which of several keys in it.
    pub(crate) access_key_id: Option<String>,
    /// Whether what is found is told on the way, too.
    pub(crate) tells: bool,
    /// Whether to go on with a session.
    pub(crate) login: bool,
    /// The sign-in. Its region and whether a person may be asked count for every step.
    pub(crate) sign_in: signin::Request,
}

/// Where a file with keys is.
#[derive(Clone, Debug)]
pub(crate) enum KeyFile {
    /// Standard input.
    Stdin,
    /// At this path.
    Path(PathBuf),
}
