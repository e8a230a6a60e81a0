//! Reads the MFA device that a profile names. It never asks whether AWS knows the device.

use super::Profiles;
use crate::exit::{Failure, Result};
use crate::value::{ProfileName, Serial};

/// The device in the setting `setting` of `profile`. Fails, naming both, if the value is not a serial.
pub(crate) fn named(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    setting: &str,
) -> Result<Option<Serial>> {
    let text = profiles.get(profile, setting);
    text.map(|text| {
        text.parse()
            .map_err(|why| Failure::failed(format!("{setting} of profile {profile}: {why}")))
    })
    .transpose()
}
