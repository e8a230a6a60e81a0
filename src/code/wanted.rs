//! Says which code is wanted: of which device, and to sign in to what. It asks nobody.

use crate::profile::source::Holder;
use crate::text::escape;
use crate::value::Serial;
use crate::world::env::{CODE_DEVICE, CODE_FOR, CODE_PROFILE};
use std::fmt;

/// The code of a device, for the keys of a profile.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Whose keys it goes with.
    pub(crate) holder: &'a Holder,
    /// The device that shows it.
    pub(crate) serial: &'a Serial,
}

impl Wanted<'_> {
    /// What a command that supplies the code finds in its environment. Without a profile, its variable is
    /// empty: an awsmfa further out may have set it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        let profile = match self.holder {
            Holder::Profile(profile) => profile.as_str(),
            Holder::Environment => "",
        };
        [
            (CODE_FOR, escape(&self.to_string())),
            (CODE_PROFILE, profile.to_owned()),
            (CODE_DEVICE, self.serial.as_str().to_owned()),
        ]
    }
}

impl fmt::Display for Wanted<'_> {
    /// The words that follow "code for".
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, device) = (self.holder.name(), self.serial.device_name());
        match self.serial.account() {
            Some(account) => write!(out, "{name} (device {device}, account {account})"),
            None => write!(out, "{name} (device {device})"),
        }
    }
}
