//! Ends logins in the middle, by a kill, by a signal, at every file call, and shows that each AWS
//! file is the old or the new one, whole, and that the next run clears up.

#[cfg(target_os = "linux")]
mod calls;
mod kills;
#[cfg(target_os = "linux")]
mod order;
mod signals;
