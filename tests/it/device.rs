//! Tests `device`: a user's MFA devices, and how they come and go.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(unix)]
pub(crate) mod enroll;
mod hints;
mod list;
#[cfg(target_os = "linux")]
mod picture;
#[cfg(unix)]
mod remove;
#[cfg(unix)]
mod replace;
#[cfg(unix)]
mod resync;
