//! Defines what a person wants to know. It finds nothing out.

use crate::exit::Result;
use crate::signin::Request;
use crate::value::{Lifetime, ProfileName};

/// What a person wants to know.
pub(crate) struct Wish {
    /// The profile that is named by a word or a flag.
    pub(crate) profile: Option<ProfileName>,
    /// `--region`.
    pub(crate) region: Option<String>,
    /// Whether AWS is left alone, and so is every command for keys.
    pub(crate) is_offline: bool,
    /// Whether the names in what is found are replaced.
    pub(crate) is_shared: bool,
    /// How old an access key may be.
    pub(crate) max_key_age: Lifetime,
    /// The sign-in that the variables come to; or why they come to none.
    pub(crate) request: Result<Request>,
}
