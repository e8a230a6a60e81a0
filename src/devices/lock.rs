//! Lets one awsmfa at a time change the devices of a user: of two the names and what may be undone would
//! cross, and both could remove the device that the other relies on. It never waits.

use super::access::Access;
use crate::exit::{Failure, Result};
use crate::store::{NamedLock, Taken};
use crate::value::hash::stable_hash;

/// The lock; another awsmfa may change them once it is dropped.
pub(super) struct Lock {
    _lock: NamedLock,
}

impl Lock {
    /// Takes the lock of the user. Where nothing can be locked a warning says so.
    pub(super) fn take(access: &Access) -> Result<Self> {
        let user = &access.user;
        let hash = stable_hash(user.identity.arn.as_str().as_bytes());
        // A profile's lock has its name: a colon is in few.
        let lock = access
            .files
            .credentials
            .named_lock(&format!("devices:{hash:016x}"))?;
        match lock.try_take() {
            Taken::Locked => {}
            Taken::Busy => {
                let text = format!("another awsmfa is changing the devices of {}", user.name);
                return Err(Failure::failed(text).hint("finish or end that one first"));
            }
            Taken::Impossible(why) => access.context.ui.warn(&format!(
                "{why}: don't change the devices of {} twice at once",
                user.name
            )),
        }
        Ok(Self { _lock: lock })
    }
}
