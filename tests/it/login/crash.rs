//! Ends logins in the middle, by kills and signals and at every file call, and checks that each AWS file
//! is the old one or the new one, whole, and that the next run cleans up.

#[cfg(target_os = "linux")]
mod calls;
mod kills;
#[cfg(target_os = "linux")]
mod order;
mod signals;
