//! Owns which two files a sign-in works on, and the edits it makes to each.

use super::{Plan, Request};
use crate::context::Context;
use crate::env::Env;
use crate::exit::{Exit, Failure};
use crate::ini::{Document, Edit, Kind};
use crate::profile::session_profile::{self, Fresh};
use crate::profile::{Profiles, section_in, settings};
use crate::store::{AwsFile, Mode, Report};
use std::path::PathBuf;

/// The two AWS files of this user.
pub(super) struct Files {
    config: AwsFile,
    credentials: AwsFile,
}

impl Files {
    /// Finds the files as the AWS SDKs do: by their variables, else in `~/.aws`.
    pub(super) fn locate(env: Env) -> anyhow::Result<Self> {
        let path = |variable: &str, name: &str| -> anyhow::Result<PathBuf> {
            env.path(variable)
                .or_else(|| Some(env.home()?.join(".aws").join(name)))
                .ok_or_else(|| {
                    Failure::new(
                        Exit::Failed,
                        format!("there is no home folder to find the AWS {name} file in"),
                    )
                    .hint(format!("set HOME, or {variable} to the file"))
                    .into()
                })
        };
        Ok(Self {
            config: AwsFile::new(Kind::Config, path("AWS_CONFIG_FILE", "config")?),
            credentials: AwsFile::new(
                Kind::Credentials,
                path("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            ),
        })
    }

    /// The file that gets the session, for its lock.
    pub(super) fn credentials(&self) -> &AwsFile {
        &self.credentials
    }

    /// Reads both, the config file first.
    pub(super) fn read(&self) -> anyhow::Result<(Document, Document)> {
        Ok((self.config.read()?, self.credentials.read()?))
    }

    /// Stores `fresh`: the session in the credentials file, then the missing settings in the config
    /// file. A rehearsal does all but replace the files.
    ///
    /// Once the session is saved, trouble with the settings is a warning: the session works
    /// without them, and a failure would read as if there were none.
    pub(super) fn store(
        &self,
        mode: Mode,
        plan: &Plan,
        fresh: &Fresh<'_>,
        request: &Request,
        context: Context,
    ) -> anyhow::Result<()> {
        let (source, target) = (&plan.source.profile, &plan.target);
        let saved = self.credentials.update(mode, &mut |credentials| {
            // The file may have changed since it was planned: what is refused then is refused now.
            let profiles = Profiles::new(&plan.config, credentials);
            session_profile::check_writable(profiles, target, source, request.force)?;
            Ok(vec![session_profile::edit(target, fresh)])
        })?;
        let missing = |config: &Document| -> Vec<Edit> {
            let section = section_in(config, Kind::Config, target);
            let profiles = Profiles::new(config, &plan.credentials);
            settings::edit(profiles, source, target, section)
                .into_iter()
                .collect()
        };
        let complete = missing(&plan.config).is_empty();
        let carried = match self.config.update(mode, &mut |config| Ok(missing(config))) {
            // Nothing is asked of it but to be tidied up: one that can't be written will do.
            Err(_) if complete => Ok(Report::default()),
            carried => carried,
        };
        let mut warnings = saved.warnings;
        match carried {
            Ok(report) => warnings.extend(report.warnings),
            Err(error) if matches!(mode, Mode::Save) => {
                warnings.push(format!(
                    "the session is saved, its settings (region, output) are not: {error:#}"
                ));
            }
            Err(error) => return Err(error),
        }
        if matches!(mode, Mode::Save) {
            for warning in warnings {
                context.ui.warn(&warning);
            }
        }
        Ok(())
    }
}
