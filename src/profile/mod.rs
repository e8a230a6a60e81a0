//! Answers questions about profiles from the two AWS files, and makes the edits that change them: documents
//! in, answers and edits out. It touches no file, and uses no clock, time zone, environment or printer.

pub(crate) mod choice;
pub(crate) mod copied;
pub(crate) mod device;
pub(crate) mod guard;
pub(crate) mod header;
pub(crate) mod key_profile;
pub(crate) mod kind;
pub(crate) mod maker;
pub(crate) mod own_keys;
pub(crate) mod paired;
mod place;
pub(crate) mod role;
pub(crate) mod rotation;
pub(crate) mod serials;
pub(crate) mod session_profile;
pub(crate) mod sessions;
pub(crate) mod setting;
pub(crate) mod source;
mod unknown;
mod view;

pub(crate) use kind::{Kind, Profile};
pub(crate) use session_profile::SessionProfile;
pub(crate) use source::{KeySource, Source, Way};
pub(crate) use unknown::{message as unknown_message, unknown};
pub(crate) use view::{Profiles, section_in};
