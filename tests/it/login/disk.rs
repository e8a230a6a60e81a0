//! Disks, folders and neighbours that get in the way of a login: nothing is lost, and what can be
//! known before a code is spent is said before.

mod limits;
#[cfg(target_os = "linux")]
mod mounts;
mod neighbours;
#[cfg(target_os = "linux")]
mod owners;
