//! Replaces a user's long-term access key through their session: the recipe behind the command `rotate`.
//! At no moment is the user without a key that works, and no key is deleted unasked.
//!
//! A new key is created, stored beside the old one, and used once AWS takes it; then the old one is
//! deactivated. Each of these steps is on the disk before the next one begins, so a run that ends in the
//! middle is finished by the next.

mod acceptance;
mod files;
mod old;
mod plan;
mod recipe;

pub(crate) use recipe::{OldKey, Order, Rotated, rotate};
