//! Takes a device's serial out of both AWS files, or puts another one in its place, wherever it
//! stands. It never touches a line that names another device.

use crate::exit::{Failure, Result};
use crate::files::Files;
use crate::ini::{Document, Edit};
use crate::profile::serials;
use crate::store::{AwsFile, Mode};
use crate::value::Serial;

/// A change of every line that names a device.
pub(super) struct Lines<'a> {
    pub(super) files: &'a Files,
    /// The device that is named there.
    pub(super) old: &'a Serial,
    /// The device that is to be named there; where there is none the lines go.
    pub(super) new: Option<&'a Serial>,
}

/// What came of the change.
#[derive(Default)]
pub(super) struct Changed {
    /// The sections that named the device, with their file, such as `[dev] of the config file`.
    pub(super) sections: Vec<String>,
    /// What a person should know of the files.
    pub(super) warnings: Vec<String>,
}

impl Lines<'_> {
    /// Whether a file names the device.
    pub(super) fn are_there(&self) -> Result<bool> {
        Ok(!self.edits(&*self.files.config.read()?).is_empty()
            || !self.edits(&*self.files.credentials.read()?).is_empty())
    }

    /// Fails where one of the files that name the device can't be changed so. Changes nothing.
    pub(super) fn rehearse(&self) -> Result<()> {
        for (file, name) in self.both() {
            if let Some(twice) = serials::contradiction(&*file.read()?, self.old) {
                let [line, other] = twice.lines;
                return Err(Failure::failed(format!(
                    "lines {line} and {other} of the {name} file name two different devices as {} of [{}]",
                    twice.setting, twice.section
                ))
                .hint("delete one of them"));
            }
            self.update(file, Mode::Rehearse)?;
        }
        Ok(())
    }

    /// Changes both files. That one fails does not keep the other from being changed.
    pub(super) fn save(&self) -> (Changed, Result<()>) {
        let mut changed = Changed::default();
        let mut result = Ok(());
        for (file, name) in self.both() {
            match self.update(file, Mode::Save) {
                Ok((sections, warnings)) => {
                    let sections = sections.into_iter();
                    let named = sections.map(|section| format!("[{section}] of the {name} file"));
                    changed.sections.extend(named);
                    changed.warnings.extend(warnings);
                }
                Err(failure) => result = result.and(Err(failure)),
            }
        }
        (changed, result)
    }

    fn edits(&self, document: &Document) -> Vec<Edit> {
        serials::replace(document, self.old, self.new)
    }

    fn both(&self) -> [(&AwsFile, &'static str); 2] {
        [
            (&self.files.config, "config"),
            (&self.files.credentials, "credentials"),
        ]
    }

    /// The sections of `file` that were changed, and what a person should know of it.
    fn update(&self, file: &AwsFile, mode: Mode) -> Result<(Vec<String>, Vec<String>), Failure> {
        let mut sections = Vec::new();
        let report = file.update_where_needed(mode, &mut |document| {
            let edits = self.edits(document);
            sections = edits.iter().map(|edit| edit.section.clone()).collect();
            Ok(edits)
        })?;
        Ok((sections, report.warnings))
    }
}
