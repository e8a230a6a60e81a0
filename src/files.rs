//! Owns which two files are the AWS files of this user.

use crate::exit::{Exit, Failure};
use crate::ini::{Document, FileKind};
use crate::store::AwsFile;
use crate::world::env::Env;
use std::path::PathBuf;
use std::sync::Arc;

/// The two AWS files of this user.
pub(crate) struct Files {
    /// `~/.aws/config`.
    pub(crate) config: AwsFile,
    /// `~/.aws/credentials`.
    pub(crate) credentials: AwsFile,
}

impl Files {
    /// Finds the files as the AWS SDKs do: by their variables, else in `~/.aws`.
    pub(crate) fn locate(env: Env) -> anyhow::Result<Self> {
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
            config: AwsFile::new(FileKind::Config, path("AWS_CONFIG_FILE", "config")?),
            credentials: AwsFile::new(
                FileKind::Credentials,
                path("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            ),
        })
    }

    /// Reads both, the config file first.
    pub(crate) fn read(&self) -> anyhow::Result<(Arc<Document>, Arc<Document>)> {
        Ok((self.config.read()?, self.credentials.read()?))
    }
}
