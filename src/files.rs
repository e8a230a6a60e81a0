//! Finds the two AWS files of this user and reads them together. What they mean is up to `profile`.

use crate::exit::{Failure, Result};
use crate::ini::{Document, FileKind};
use crate::profile::{Profiles, setting};
use crate::store::{AwsFile, Meaning};
use crate::world::Context;
use crate::world::clock;
use crate::world::env::Env;
use crate::world::expand::Expanded;
use crate::world::ui::Ui;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The meaning of sections in the config file.
const CONFIG: Meaning = Meaning {
    is_secret: |config| {
        let mut holders = config.sections_with(&[setting::SECRET_ACCESS_KEY]);
        holders.next().is_some()
    },
    // `[profile default]` hides `[default]`, even if it is empty.
    header_counts: |config, section| section == "profile default" && config.contains("default"),
};

/// The meaning of sections in the credentials file: everything in them may be secret.
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
    /// A warning about how their paths are given.
    warning: Option<String>,
}

/// The variable with the path of the config file.
pub(crate) const CONFIG_FILE: &str = "AWS_CONFIG_FILE";
/// The variable with the path of the credentials file.
pub(crate) const CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";

/// A path given by a variable.
struct Named {
    path: PathBuf,
    /// The references to other variables that were replaced in it, as they were written.
    replaced: Vec<String>,
}

/// The contents of both files at one moment.
#[derive(Clone)]
pub(crate) struct Contents {
    /// The config file.
    pub(crate) config: Arc<Document>,
    /// The credentials file.
    pub(crate) credentials: Arc<Document>,
}

impl Files {
    /// Finds the files and prints the warning about their paths. Called once for each run, which may
    /// sign in several times.
    pub(crate) fn find(context: Context) -> Result<Self> {
        static HAS_WARNED: AtomicBool = AtomicBool::new(false);
        let files = Self::locate(context.env)?;
        if let Some(warning) = &files.warning
            && !HAS_WARNED.swap(true, Ordering::Relaxed)
        {
            context.ui.warn(warning);
        }
        Ok(files)
    }

    /// Finds the files as the AWS CLI does: in the paths that their variables give, with references to
    /// other variables replaced, or in `~/.aws`. If the home folder is unknown, so is their place. Fails
    /// if both are the same file.
    pub(crate) fn locate(env: Env) -> Result<Self> {
        let (mut replaced, mut in_home) = (Vec::new(), false);
        let mut file = |kind, variable: &'static str, name: &str, meaning| -> Result<AwsFile> {
            if let Some(named) = named_by(variable, env)? {
                if !named.replaced.is_empty() {
                    replaced.push((variable, named.replaced));
                }
                return Ok(AwsFile::new(kind, named.path, meaning));
            }
            in_home = true;
            Ok(match env.home() {
                Some(home) => AwsFile::new(kind, home.join(".aws").join(name), meaning),
                None => AwsFile::nowhere(kind, no_home(variable, name), meaning),
            })
        };
        let config = file(FileKind::Config, CONFIG_FILE, "config", CONFIG)?;
        let credentials = file(
            FileKind::Credentials,
            CREDENTIALS_FILE,
            "credentials",
            CREDENTIALS,
        )?;
        // In one file no header could be right for both, and others may be able to read the config file.
        if let Some(path) = config.same_as(&credentials) {
            return Err(Failure::failed(format!(
                "the config file and the credentials file are the same file, {}",
                path.display()
            ))
            .hint(format!(
                "set {CONFIG_FILE} and {CREDENTIALS_FILE} to two files, or unset both"
            )));
        }
        Ok(Self {
            config,
            credentials,
            warning: replaced_by_some(&replaced).or_else(|| of_two_homes(env).filter(|_| in_home)),
        })
    }

    /// The warning about how their paths are given.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// What was last read from both files. Reads nothing itself.
    pub(crate) fn last_seen(&self) -> Option<Contents> {
        Some(Contents {
            config: self.config.last_seen()?,
            credentials: self.credentials.last_seen()?,
        })
    }

    /// The variable that puts a pipe in place of a file, if one does. A pipe can be read only once.
    pub(crate) fn piped(&self) -> Option<&'static str> {
        let files = [
            (&self.config, CONFIG_FILE),
            (&self.credentials, CREDENTIALS_FILE),
        ];
        let piped = files.into_iter().find(|(file, _)| file.is_pipe());
        piped.map(|(_, variable)| variable)
    }

    /// Warns about dangling links: such a file reads as empty, so the user's profiles seem to be
    /// missing.
    pub(crate) fn warn_of_links(&self, ui: Ui) {
        for file in [&self.config, &self.credentials] {
            if let Some(nowhere) = file.leads_nowhere() {
                ui.warn(&nowhere);
            }
        }
    }

    /// Reads both, the config file first. Fails if the place of one is unknown.
    pub(crate) fn read(&self) -> Result<Contents> {
        self.check_places()?;
        self.read_what_is_there()
    }

    /// Reads both for commands that can do without: a file whose place is unknown is empty.
    pub(crate) fn read_what_is_there(&self) -> Result<Contents> {
        Ok(Contents {
            config: self.config.read()?,
            credentials: self.credentials.read()?,
        })
    }

    /// `failure`, or the fact that a file's place is unknown if that explains it better.
    pub(crate) fn or_no_place(&self, failure: Failure) -> Failure {
        self.check_places().err().unwrap_or(failure)
    }

    /// Fails if the place of one of the files is unknown.
    fn check_places(&self) -> Result<()> {
        self.config.check_place()?;
        self.credentials.check_place()
    }
}

fn no_home(variable: &str, name: &str) -> Failure {
    Failure::failed(format!(
        "there is no home folder to find the AWS {name} file in"
    ))
    .hint(format!("set HOME, or set {variable} to the file"))
}

/// The path that `variable` gives, if it is set.
///
/// A reference that can't be replaced is an error unless the path exists as it is written: otherwise a
/// folder of that name would be created, and secrets written into it.
fn named_by(variable: &str, env: Env) -> Result<Option<Named>> {
    let Some((literal, expanded)) = env.expanded_path(variable) else {
        return Ok(None);
    };
    let unclear = match expanded {
        Expanded::Replaced(path, names) => {
            return Ok(Some(Named {
                path,
                replaced: names,
            }));
        }
        Expanded::Literal => of_another_home(&literal),
        Expanded::Unclear(why) => Some(why),
    };
    match unclear {
        Some(why) if !literal.exists() => Err(Failure::failed(format!(
            "{variable} is {}, where {why}",
            literal.display()
        ))
        .hint(format!("set {variable} to the full path of the file"))),
        _ => Ok(Some(Named {
            path: literal,
            replaced: Vec::new(),
        })),
    }
}

/// The warning for paths in which references were replaced.
fn replaced_by_some(replaced: &[(&str, Vec<String>)]) -> Option<String> {
    let of_one =
        |(variable, names): &(&str, Vec<String>)| format!("{} in {variable}", names.join(" and "));
    let all: Vec<String> = replaced.iter().map(of_one).collect();
    (!all.is_empty()).then(|| {
        format!(
            "awsmfa expands {}, as the AWS CLI and boto3 do; other AWS SDKs do not: write out the path",
            all.join(", ")
        )
    })
}

/// The warning that AWS tools in Python look into another home.
fn of_two_homes(env: Env) -> Option<String> {
    let (home, theirs) = (env.home()?, env.home_of_python()?);
    let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    (place(&home) != place(&theirs)).then(|| {
        format!(
            "HOME is {}, but the AWS CLI and boto3 ignore it on Windows and use {}: unset HOME, or set {CONFIG_FILE} and {CREDENTIALS_FILE}",
            home.display(),
            theirs.join(".aws").display()
        )
    })
}

/// The reason to refuse `path` if it begins with another user's home (`~bob`).
fn of_another_home(path: &Path) -> Option<String> {
    let first = path.components().next()?;
    let first = first.as_os_str().to_str()?;
    let is_user = first.len() > 1 && first.starts_with('~');
    is_user.then(|| format!("{first} is not expanded to a home folder"))
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
    fn a_config_file_with_a_secret_key_and_any_credentials_file_is_secret() {
        let secret =
            Document::parse("[profile a]\nregion = r\n[profile b]\nAWS_Secret_access_key=s\n");
        let open = Document::parse("[profile a]\nregion = r\n# aws_secret_access_key = s\n");
        assert!((CONFIG.is_secret)(&secret) && !(CONFIG.is_secret)(&open));
        assert!((CREDENTIALS.is_secret)(&open));
    }
}
