//! Finds the two AWS files of this user and reads them together. It leaves what they mean to
//! `profile`.

use crate::exit::{Failure, Result};
use crate::ini::{Document, FileKind};
use crate::profile::{Profiles, setting};
use crate::store::{AwsFile, Meaning};
use crate::world::clock;
use crate::world::env::Env;
use crate::world::ui::Ui;
use std::sync::Arc;

/// What the sections of the config file mean.
const CONFIG: Meaning = Meaning {
    is_secret: |config| {
        let mut holders = config.sections_with(&[setting::SECRET_ACCESS_KEY]);
        holders.next().is_some()
    },
    // `[profile default]` keeps `[default]` from being read, whatever is in it.
    header_counts: |config, section| section == "profile default" && config.contains("default"),
};

/// What the sections of the credentials file mean: secrets, all of them.
pub(crate) const CREDENTIALS: Meaning = Meaning {
    is_secret: |_| true,
    header_counts: |_, _| false,
};

/// The two AWS files of this user.
pub(crate) struct Files {
    /// `~/.aws/config`.
    pub(crate) config: AwsFile,
    /// `~/.aws/credentials`.
    pub(crate) credentials: AwsFile,
}

/// What both files held at a moment.
#[derive(Clone)]
pub(crate) struct Contents {
    /// The config file.
    pub(crate) config: Arc<Document>,
    /// The credentials file.
    pub(crate) credentials: Arc<Document>,
}

impl Files {
    /// Finds the files as the AWS SDKs do: by their variables, else in `~/.aws`. One that would be in
    /// a home that nobody knows is nowhere.
    pub(crate) fn locate(env: Env) -> Result<Self> {
        let path = |variable: &str, name: &str| {
            env.path(variable)
                .or_else(|| Some(env.home()?.join(".aws").join(name)))
                .ok_or_else(|| no_home(variable, name))
        };
        let file = |kind, path, meaning| match path {
            Ok(path) => AwsFile::new(kind, path, meaning),
            Err(why) => AwsFile::nowhere(kind, why, meaning),
        };
        let config = path("AWS_CONFIG_FILE", "config");
        let credentials = path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        Ok(Self {
            config: file(FileKind::Config, config, CONFIG),
            credentials: file(FileKind::Credentials, credentials, CREDENTIALS),
        })
    }

    /// Warns of a path that is a link to nothing: it reads as an empty file, and what was looked for is
    /// not found.
    pub(crate) fn warn_of_links(&self, ui: Ui) {
        for file in [&self.config, &self.credentials] {
            if let Some(nowhere) = file.leads_nowhere() {
                ui.warn(&nowhere);
            }
        }
    }

    /// Reads both, the config file first. Fails where one is nowhere.
    pub(crate) fn read(&self) -> Result<Contents> {
        self.check_places()?;
        self.read_what_is_there()
    }

    /// The same for those that can do without: a file that is nowhere is empty.
    pub(crate) fn read_what_is_there(&self) -> Result<Contents> {
        Ok(Contents {
            config: self.config.read()?,
            credentials: self.credentials.read()?,
        })
    }

    /// Fails where one of the files is nowhere.
    pub(crate) fn check_places(&self) -> Result<()> {
        self.config.check_place()?;
        self.credentials.check_place()
    }
}

fn no_home(variable: &str, name: &str) -> Failure {
    Failure::failed(format!(
        "there is no home folder to find the AWS {name} file in"
    ))
    .hint(format!("set HOME, or {variable} to the file"))
}

impl Contents {
    /// The two files read as one.
    pub(crate) fn profiles(&self) -> Profiles<'_> {
        merged(&self.config, &self.credentials)
    }
}

/// Two documents read as one.
pub(crate) fn merged<'a>(config: &'a Document, credentials: &'a Document) -> Profiles<'a> {
    Profiles::new(config, credentials, clock::wall_clock)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    use crate::ini::Edit;
    use crate::store::Mode;
    use std::fs;
    use tempfile::TempDir;

    /// A config file of `text` without the key `k` of `[profile default]`.
    fn without_key(text: &str) -> String {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("config");
        fs::write(&path, text).expect("written");
        let edit = Edit {
            section: "profile default".to_owned(),
            changes: vec![("k".to_owned(), None)],
        };
        let mut edits = Some(vec![edit]);
        AwsFile::new(FileKind::Config, path.clone(), CONFIG)
            .update(Mode::Save, &mut |_| {
                Ok(edits.take().expect("nobody else writes"))
            })
            .expect("saved");
        fs::read_to_string(path).expect("there")
    }

    #[test]
    fn a_section_that_hides_the_default_one_stays() {
        assert_eq!(
            without_key("[default]\nk = 1\n\n[profile default]\nk = 2\n"),
            "[default]\nk = 1\n\n[profile default]\n"
        );
        assert_eq!(without_key("[profile default]\nk = 2\n"), "");
    }

    #[test]
    fn a_config_file_is_secret_with_a_secret_key_and_a_credentials_file_always() {
        let secret =
            Document::parse("[profile a]\nregion = r\n[profile b]\nAWS_Secret_access_key=s\n");
        let open = Document::parse("[profile a]\nregion = r\n# aws_secret_access_key = s\n");
        assert!((CONFIG.is_secret)(&secret) && !(CONFIG.is_secret)(&open));
        assert!((CREDENTIALS.is_secret)(&open));
    }
}
