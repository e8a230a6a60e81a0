//! Sets up a profile for somebody who has only an access key: region, keys, and a first session. It
//! skips steps that are done, replaces no keys, and stores none that AWS does not know.

mod given;
mod key_file;
mod question;
mod recipe;
mod request;
mod save;

pub(crate) use recipe::{Done, set_up};
pub(crate) use request::{KeyFile, Request};
