//! Owns the edits that a sign-in makes to the two files.

use crate::files::Files;
use crate::ini::{Document, Edit, FileKind};
use crate::profile::session_profile::{self, Fresh};
use crate::profile::{Profiles, section_in, settings};
use crate::store::{Mode, Report};
use crate::value::ProfileName;
use crate::world::Context;

/// Where a session goes, and what the files said when that was decided.
pub(super) struct Place<'a> {
    pub(super) files: &'a Files,
    pub(super) config: &'a Document,
    pub(super) credentials: &'a Document,
    pub(super) source: &'a ProfileName,
    pub(super) target: &'a ProfileName,
    /// Whether another source's session may be overwritten.
    pub(super) force: bool,
}

impl Place<'_> {
    /// Stores `fresh`: the session in the credentials file, then the missing settings in the config
    /// file. A rehearsal does all but replace the files.
    ///
    /// Once the session is saved, trouble with the settings is a warning: the session works
    /// without them, and a failure would read as if there were none.
    pub(super) fn store(
        &self,
        mode: Mode,
        fresh: &Fresh<'_>,
        context: Context,
    ) -> anyhow::Result<()> {
        let saved = self.files.credentials.update(mode, &mut |credentials| {
            // The file may have changed since it was planned: what is refused then is refused now.
            let profiles = Profiles::new(self.config, credentials);
            session_profile::check_writable(profiles, self.target, self.source, self.force)?;
            Ok(vec![session_profile::edit(self.target, fresh)])
        })?;
        let complete = self.missing(self.config).is_empty();
        let change = &mut |config: &Document| Ok(self.missing(config));
        let carried = match self.files.config.update(mode, change) {
            // Nothing is asked of it but to be tidied up: one that can't be written will do.
            Err(_) if complete => Ok(Report::default()),
            carried => carried,
        };
        let mut warnings = saved.warnings;
        match carried {
            Ok(report) => warnings.extend(report.warnings),
            Err(error) if mode == Mode::Save => {
                warnings.push(format!(
                    "the session is saved, its settings (region, output) are not: {error:#}"
                ));
            }
            Err(error) => return Err(error.into()),
        }
        if mode == Mode::Save {
            for warning in warnings {
                context.ui.warn(&warning);
            }
        }
        Ok(())
    }

    /// The edits that carry the source's settings over, where any are missing in `config`.
    fn missing(&self, config: &Document) -> Vec<Edit> {
        let section = section_in(config, FileKind::Config, self.target);
        let profiles = Profiles::new(config, self.credentials);
        let edit = settings::edit(profiles, self.source, self.target, section);
        edit.into_iter().collect()
    }
}
