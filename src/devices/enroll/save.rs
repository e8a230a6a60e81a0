//! Saves which device logins use once there is a new one: `mfa_serial` of the user's profile. It changes
//! no other line.

use super::{Enrolling, Saving};
use crate::devices::which;
use crate::exit::{Failure, Result};
use crate::files::merged;
use crate::ini::{Document, FileKind};
use crate::profile::serials;
use crate::profile::source::Holder;
use crate::store::{Mode, NotWritten, Report};
use crate::value::Serial;

impl Enrolling<'_> {
    /// Fails where `mfa_serial` must not be written. A file that can't be written stops nothing: AWS
    /// is asked for the device then.
    pub(super) fn rehearse_serial(&self, new: &Serial) -> Result<()> {
        let Some(serial) = self.to_save(new) else {
            return Ok(());
        };
        match self.write(Mode::Rehearse, &serial) {
            Ok(_) | Err(NotWritten::Unwritable(_)) => Ok(()),
            Err(NotWritten::Refused(failure)) => Err(failure),
        }
    }

    /// Saves the device that logins are to use. What keeps it from being saved costs a warning: the user
    /// has the device. Returns whether the profile names the new one.
    pub(super) fn save_serial(&self, new: &Serial) -> bool {
        let ui = self.context.ui;
        let profile = &self.access.user.profile;
        let Some(serial) = self.to_save(new) else {
            let of_profile = which::of_profile(self.access);
            if let Some(named) = of_profile.filter(|_| self.wishes.saving == Saving::Usual) {
                ui.say(&format!(
                    "logins still use {}; --use would have switched them to {}",
                    named.device_name(),
                    new.device_name()
                ));
            }
            return false;
        };
        match self.write(Mode::Save, &serial).map_err(Failure::from) {
            Ok(report) => {
                report.warnings.iter().for_each(|warning| ui.warn(warning));
                ui.say(&format!("mfa_serial of profile {profile} is {serial}"));
                serial == *new
            }
            Err(failure) => {
                ui.warn(&format!(
                    "mfa_serial was not saved: {failure}; add to profile {profile}: mfa_serial = {serial}"
                ));
                false
            }
        }
    }

    /// The device to name in the profile; none where that stays as it is.
    fn to_save(&self, new: &Serial) -> Option<Serial> {
        let user = &self.access.user;
        // Nobody named the profile that goes with keys of the environment.
        if self.wishes.saving == Saving::Nothing || matches!(user.holder, Holder::Environment) {
            return None;
        }
        let is_owned = |serial: &Serial| self.owned.iter().any(|it| it.serial == *serial);
        let mut usable = self.owned.iter().filter(|it| !it.serial.is_fido());
        if self.wishes.saving == Saving::Use || usable.clone().next().is_none() {
            return Some(new.clone());
        }
        if which::of_profile(self.access).is_some_and(|it| is_owned(&it)) {
            return None;
        }
        // So that logins go on unasked.
        let in_use = self.access.device_of_session().filter(is_owned);
        in_use.or_else(|| match (usable.next(), usable.next()) {
            (Some(only), None) => Some(only.serial.clone()),
            _ => None,
        })
    }

    fn write(&self, mode: Mode, serial: &Serial) -> Result<Report, NotWritten> {
        let files = &self.access.files;
        let (config, credentials) = (files.config.read()?, files.credentials.read()?);
        let profile = &self.access.user.profile;
        let save = |config: &Document, credentials: &Document| {
            serials::save(merged(config, credentials), config, profile, serial)
        };
        // Where it stands in the other file by the time that this one is written, it stays.
        let only_in = |kind, (place, edit)| {
            if place == kind {
                vec![edit]
            } else {
                Vec::new()
            }
        };
        let (kind, _) = save(&config, &credentials);
        match kind {
            FileKind::Config => files.config.update(mode, &mut |config| {
                Ok(only_in(kind, save(config, &credentials)))
            }),
            FileKind::Credentials => files.credentials.update(mode, &mut |credentials| {
                Ok(only_in(kind, save(&config, credentials)))
            }),
        }
    }
}
