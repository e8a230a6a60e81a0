//! Puts disks, folders and neighbours in the way of a login, and shows that nothing is lost and
//! that what can be known early is said before a code is spent.

mod limits;
#[cfg(target_os = "linux")]
mod mounts;
mod neighbours;
#[cfg(target_os = "linux")]
mod owners;
