//! Finds the user's state folder, for files that can't lie next to an AWS file because its folder
//! accepts no new file. It puts nothing there itself.

use super::folder;
use super::target::Target;
use crate::value::hash::stable_hash;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder, which is created when first needed.
#[derive(Clone, Debug)]
pub(super) struct StateFolder(pub(super) Option<PathBuf>);

impl StateFolder {
    /// The platform's folder for the state of programs, if the user has a home at all.
    pub(super) fn of_user() -> Self {
        Self(
            dirs::state_dir()
                .or_else(dirs::data_local_dir)
                .map(|folder| folder.join("awsmfa")),
        )
    }

    /// The folder, created if necessary.
    pub(super) fn made(&self) -> io::Result<&Path> {
        let folder = self.0.as_deref().ok_or(ErrorKind::NotFound)?;
        folder::make(folder)?;
        Ok(folder)
    }

    /// The prefix of file names for `target` in this folder. It has to be more than the target's name,
    /// which is not unique.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_name_have_different_names_in_the_state_folder() {
        let stem = |path: &str| StateFolder::stem(&Target::at(Path::new(path)));
        let one = stem("/missing/one/credentials");
        assert!(one.as_encoded_bytes().starts_with(b"credentials-"));
        assert_eq!(one, stem("/missing/one/credentials"));
        assert_ne!(one, stem("/missing/two/credentials"));
        assert_ne!(one, stem("/missing/one/config"));
    }
}
