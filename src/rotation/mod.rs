//! Replaces a user's long-term access key through their session: the recipe behind the command `rotate`.
//! It never leaves the user without a key that works, and deletes no key unasked.
//!
//! A new key is created, stored beside the old one, and used once AWS accepts it; then the old one is
//! deactivated. Each step is on the disk before the next one begins, so that the next run can finish one
//! that was interrupted.

mod acceptance;
mod files;
mod old;
mod plan;
mod recipe;

pub(crate) use recipe::{OldKey, Order, Rotated, rotate};
