//! Tests `device`: what a user's MFA devices are, and how they come and go.

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
