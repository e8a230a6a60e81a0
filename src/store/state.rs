//! Owns the user's state folder: the place for what can't lie beside an AWS file because its folder
//! takes no new file.

use super::lock;
use super::lock::stable_hash;
use super::target::Target;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder, which is made when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct StateFolder(pub(super) Option<PathBuf>);

impl StateFolder {
    /// The platform's folder for the state of a program, if the user has a home at all.
    pub(super) fn of_user() -> Self {
        Self(
            dirs::state_dir()
                .or_else(dirs::data_local_dir)
                .map(|folder| folder.join("awsmfa")),
        )
    }

    /// The folder, made if need be.
    pub(super) fn made(&self) -> io::Result<&Path> {
        let folder = self.0.as_deref().ok_or(ErrorKind::NotFound)?;
        make_folder(folder)?;
        Ok(folder)
    }

    /// What names of files for `target` begin with here: its name alone says too little.
    pub(super) fn stem(target: &Target) -> OsString {
        let folder = fs::canonicalize(&target.folder).unwrap_or_else(|_| target.folder.clone());
        let path = folder.join(&target.name);
        let mut stem = target.name.clone();
        stem.push(format!(
            "-{:016x}",
            stable_hash(path.as_os_str().as_encoded_bytes())
        ));
        stem
    }

    /// A lock file for `target` in this folder, if it can be had.
    pub(super) fn open_lock(&self, target: &Target, suffix: &str) -> Option<File> {
        let mut name = Self::stem(target);
        name.push(suffix);
        lock::open(&self.made().ok()?.join(name)).ok()
    }
}

impl Target {
    /// Makes the folder of the file, open to the user alone, if it is missing.
    pub(super) fn make_folder(&self) -> io::Result<()> {
        make_folder(&self.folder)
    }
}

/// Makes `path` and what is missing above it with mode 0700.
fn make_folder(path: &Path) -> io::Result<()> {
    // Asked first: it is there but for the first run, and a read-only system refuses even then.
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}
