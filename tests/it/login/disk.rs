//! Makes trouble for a login with disks, folders and neighbours, and checks that nothing is lost and
//! that what can be known early is reported before a code is spent.

mod limits;
#[cfg(target_os = "linux")]
mod mounts;
mod neighbours;
#[cfg(target_os = "linux")]
mod owners;
