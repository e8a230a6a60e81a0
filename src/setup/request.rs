//! Defines what a user asks for when setting up a profile. It looks at nothing.

use crate::signin;
use crate::value::ProfileName;
use std::path::PathBuf;

/// What the user asks for.
#[derive(Debug)]
pub(crate) struct Request {
    /// The profile.
    pub(crate) profile: ProfileName,
    /// The file with the keys, if one is named.
    pub(crate) file: Option<KeyFile>,
    /// Which of several keys in it to use.
    pub(crate) access_key_id: Option<String>,
    /// Whether to report what is found on the way, too.
    pub(crate) tells: bool,
    /// Whether to go on to a session.
    pub(crate) login: bool,
    /// The sign-in. Its region, and whether the user may be asked, apply to every step.
    pub(crate) sign_in: signin::Request,
}

/// Where the file with the keys is.
#[derive(Clone, Debug)]
pub(crate) enum KeyFile {
    /// Standard input.
    Stdin,
    /// At this path.
    Path(PathBuf),
}
