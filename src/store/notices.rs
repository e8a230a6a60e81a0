//! Owns what a person should know of an AWS file, whatever is changed in it.

use super::AwsFile;
use super::target::Snapshot;
use crate::ini::{Document, What};

impl AwsFile {
    /// What a person should know of the file, whatever the edit.
    pub(super) fn warnings(&self, snapshot: &Snapshot, document: &Document) -> Vec<String> {
        let path = self.path.display();
        let mut warnings = Vec::new();
        if let Some(mode) = open_to_others(snapshot)
            && (self.meaning.is_secret)(document)
        {
            warnings.push(format!(
                "{path} can be read by others (mode {mode:04o}): mend it with `chmod 600 {path}`"
            ));
        }
        warnings.extend(self.repeated(document));
        warnings
    }

    /// What is repeated in the file, one line each.
    fn repeated(&self, document: &Document) -> Vec<String> {
        let is_repeated = |what: &What| {
            matches!(
                what,
                What::RepeatedSection { .. } | What::RepeatedKey { .. }
            )
        };
        let path = self.path.display();
        let troubles = document.troubles().into_iter();
        troubles
            .filter(|trouble| is_repeated(&trouble.what))
            .map(|trouble| format!("the AWS CLI refuses {path}, {trouble}"))
            .collect()
    }
}

/// The mode of a file that others can read or write.
#[cfg(unix)]
fn open_to_others(snapshot: &Snapshot) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = snapshot.found.as_ref()?.metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Windows has no modes.
#[cfg(not(unix))]
fn open_to_others(_: &Snapshot) -> Option<u32> {
    None
}
