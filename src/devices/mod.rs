//! Manages a user's MFA devices: the recipes behind the commands `device …`. It never hands out a
//! session, and never touches the device of another user.

mod codes;
pub(crate) mod enroll;
mod lines;
pub(crate) mod remove;
pub(crate) mod replace;
pub(crate) mod resync;
mod retire;
pub(crate) mod which;
