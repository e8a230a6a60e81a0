//! Lets only one awsmfa at a time change a user's devices or keys at AWS: each of two could undo what the
//! other relies on. It never waits.

use super::Access;
use crate::exit::{Failure, Result};
use crate::store::{NamedLock, Taken};
use crate::value::hash::stable_hash;

/// What only one awsmfa at a time may change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// The user's MFA devices: two runs would pick the same names, and both could remove the device that
    /// the other relies on.
    Devices,
    /// The user's access keys: each of two runs could delete the key that the other has stored.
    AccessKeys,
}

/// The lock. Dropping it lets another awsmfa in.
pub(crate) struct Lock {
    _lock: NamedLock,
}

impl Lock {
    /// Takes the lock of `subject`. If locking is impossible, a warning says so.
    pub(crate) fn take(access: &Access, subject: Subject) -> Result<Self> {
        let user = &access.user;
        let (kind, what) = match subject {
            Subject::Devices => ("devices", "devices"),
            Subject::AccessKeys => ("keys", "access keys"),
        };
        let words = format!("the {what} of {}", user.name);
        let hash = stable_hash(user.identity.arn.as_str().as_bytes());
        // The name of a sign-in's lock is that of a profile, and few of those contain a colon.
        let name = format!("{kind}:{hash:016x}");
        let lock = access.files.credentials.named_lock(&name)?;
        match lock.try_take() {
            Taken::Locked => {}
            Taken::Busy => {
                let text = format!("another awsmfa is changing {words}");
                return Err(Failure::failed(text).hint("wait for it to finish, or stop it"));
            }
            Taken::Impossible(why) => access.context.ui.warn(&format!(
                "{why}: don't change {words} in two places at once"
            )),
        }
        Ok(Self { _lock: lock })
    }
}
