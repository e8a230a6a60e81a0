//! Defines the values that every room uses, parsed once at the edge into types that can't be invalid.
//! They know no file, clock, environment or network.

pub(crate) mod access_key_id;
pub(crate) mod arn;
pub(crate) mod encoding;
pub(crate) mod expiry;
pub(crate) mod hash;
pub(crate) mod keys;
pub(crate) mod lifetime;
pub(crate) mod maker;
pub(crate) mod name;
pub(crate) mod otpauth;
pub(crate) mod serial;
pub(crate) mod session;

pub(crate) use access_key_id::AccessKeyId;
pub(crate) use arn::Arn;
pub(crate) use keys::Keys;
pub(crate) use lifetime::Lifetime;
pub(crate) use maker::Maker;
pub(crate) use name::ProfileName;
pub(crate) use serial::{DeviceKind, Serial};
pub(crate) use session::{Made, Session};
