//! Sets a profile up for somebody who has nothing but an access key: region, keys, and a first session.
//! Each step is left out where it is done. It replaces no keys, and stores none that AWS does not know.

mod given;
mod key_file;
mod question;
mod recipe;
mod request;
mod save;

pub(crate) use recipe::{Done, set_up};
pub(crate) use request::{KeyFile, Request};
