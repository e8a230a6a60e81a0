//! Stores the keys of a profile and its region, or rehearses that. It decides neither.

use crate::exit::{Failure, Result};
use crate::files::{Files, merged};
use crate::ini::Document;
use crate::profile::key_profile::{self, KeyProfile};
use crate::store::{Mode, NotWritten, Report};
use crate::value::{Keys, ProfileName};

/// Where the keys and the region go.
pub(super) struct Destination<'a> {
    /// Both files.
    pub(super) files: &'a Files,
    /// The profile.
    pub(super) profile: &'a ProfileName,
}

impl Destination<'_> {
    /// Tries everything that storing the keys will do, with placeholders and without replacing the file.
    pub(super) fn rehearse_keys(&self) -> Result<()> {
        self.write_keys(Mode::Rehearse, None)?;
        Ok(())
    }

    /// Stores the keys, and overwrites nothing but incomplete keys. Returns warnings for the user.
    pub(super) fn save_keys(&self, keys: &Keys) -> Result<Report> {
        Ok(self.write_keys(Mode::Save, Some(keys))?)
    }

    fn write_keys(&self, mode: Mode, keys: Option<&Keys>) -> Result<Report, NotWritten> {
        let profile = self.profile;
        self.files.credentials.update(mode, &mut |credentials| {
            // Both files may have changed since they were checked, so the checks are repeated here.
            let config = self.files.config.read()?;
            let profiles = merged(&config, credentials);
            match (KeyProfile::of(profiles, profile)?, keys) {
                (KeyProfile::Free, _) => {}
                (KeyProfile::Holds(held), Some(keys)) if !held.are(keys) => {
                    return Err(key_profile::other_keys(profile, &held, keys));
                }
                (KeyProfile::Holds(_), _) => return Ok(Vec::new()),
            }
            key_profile::check_free(profiles, profile, keys)?;
            let placeholder = Keys::placeholder();
            let keys = keys.unwrap_or(&placeholder);
            Ok(vec![key_profile::edit(profile, keys)])
        })
    }

    /// Tries everything that setting the region will do, without replacing the file. If the region is
    /// not known yet, the longest one stands in for it.
    pub(super) fn rehearse_region(&self, region: Option<&str>) -> Result<()> {
        let rehearsed = self.write_region(Mode::Rehearse, region.unwrap_or("ap-southeast-2"));
        rehearsed
            .map(drop)
            .map_err(|failure| by_hand(failure, region))
    }

    /// Sets the profile's region. `None` if the files have one by now.
    pub(super) fn save_region(&self, region: &str) -> Result<Option<Report>> {
        let written = self.write_region(Mode::Save, region);
        written.map_err(|failure| by_hand(failure, Some(region)))
    }

    fn write_region(&self, mode: Mode, region: &str) -> Result<Option<Report>> {
        // Before the lock of the config file is taken: it always comes second.
        let credentials = self.files.credentials.read()?;
        let mut is_set = false;
        let written = self.files.config.update(mode, &mut |config: &Document| {
            let profiles = merged(config, &credentials);
            let edit = key_profile::region_edit(profiles, config, self.profile, region);
            is_set = edit.is_some();
            Ok(edit.into_iter().collect())
        });
        Ok(Some(written.map_err(Failure::from)?).filter(|_| is_set))
    }
}

/// `failure` to set a region, with how the user can do it by hand.
fn by_hand(failure: Failure, region: Option<&str>) -> Failure {
    let way = match region {
        Some(region) => format!("or set the region there yourself: `region = {region}`"),
        None => "or set a region there yourself".to_owned(),
    };
    failure.further_hint(way)
}
