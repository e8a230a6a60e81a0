//! Signs in: keeps a stored session that is good enough, else exchanges a code for a new one and stores
//! it, and assumes roles with it. Every command that needs a session goes through here. It never hands a
//! session out.
//!
//! A code works once. So everything that can fail cheaply fails before one is asked for (the refusals,
//! the terminal, the edit of both files, rehearsed with placeholder keys), and once AWS has answered,
//! saving comes first.

mod ahead;
mod device;
mod exchange;
mod issue;
mod means;
mod new_device;
mod outer;
mod patience;
mod phases;
mod plan;
mod request;
mod role;
mod run;
mod save;
mod turn;
mod unkept;
mod waiting;
mod warm_up;

pub(crate) use ahead::{device_ahead, look_ahead};
pub(crate) use device::{Device, Origin, check_has_codes};
pub(crate) use exchange::TRIES;
pub(crate) use new_device::{Budget, NewDevice, Tries};
pub(crate) use phases::{is_under_way, kept, rehearse, sign_in};
pub(crate) use request::{DURATION_FLAG, Request};
pub(crate) use run::Ready;
pub(crate) use unkept::Unkept;
