//! Runs that end in the middle, by a kill, by a signal, at any file call: the AWS files are the old
//! or the new ones, whole, and the next run clears up.

#[cfg(target_os = "linux")]
mod calls;
mod kills;
mod signals;
