//! Defines what the user wants to know. It finds nothing out.

use crate::exit::Result;
use crate::signin::Request;
use crate::value::{Lifetime, ProfileName};

/// What the user wants to know.
pub(crate) struct Wish {
    /// The profile named by a word or a flag.
    pub(crate) profile: Option<ProfileName>,
    /// `--region`.
    pub(crate) region: Option<String>,
    /// Whether to leave AWS, and commands for keys, alone.
    pub(crate) is_offline: bool,
    /// Whether to replace the names in the findings.
    pub(crate) is_shared: bool,
    /// The maximum age of an access key.
    pub(crate) max_key_age: Lifetime,
    /// The sign-in according to the variables, or why they are invalid.
    pub(crate) request: Result<Request>,
}
