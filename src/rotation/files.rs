//! Writes the steps of a rotation to both AWS files, or rehearses them. It decides none.

use crate::exit::{Failure, Result};
use crate::files::{Contents, Files};
use crate::ini::{Document, Edit, FileKind};
use crate::profile::rotation::{self, Record, Step};
use crate::store::{AwsFile, Mode};
use crate::value::{Keys, ProfileName};
use crate::world::ui::Ui;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::collections::HashSet;

/// The two files, as a rotation of the key of `profile` writes them.
pub(super) struct Notes<'a> {
    files: &'a Files,
    profile: &'a ProfileName,
    ui: Ui,
    /// What was warned of already: each edit of a file finds the same.
    warned: RefCell<HashSet<String>>,
}

impl<'a> Notes<'a> {
    pub(super) fn new(files: &'a Files, profile: &'a ProfileName, ui: Ui) -> Self {
        Self {
            files,
            profile,
            ui,
            warned: RefCell::default(),
        }
    }

    /// What both files hold now.
    pub(super) fn read(&self) -> Result<Contents> {
        self.files.read_what_is_there()
    }

    /// Does all that the rotation of `current` will do with the files, with placeholders, but replace
    /// them. Fails where it could not be done.
    pub(super) fn rehearse(
        &self,
        record: &Record,
        current: &Keys,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let stand_in = Keys::placeholder();
        self.ui.step("trying out the edit of both files");
        self.update(record.file(), Mode::Rehearse, &|_, document| {
            let mut steps = Vec::new();
            for step in [Step::Begin(now), Step::Wait(&stand_in)] {
                steps.push(record.edit(document, current, &step)?);
            }
            Ok(steps)
        })?;
        for file in both(record) {
            self.update(file, Mode::Rehearse, &|file, document| {
                record.swap(file, document, current, &stand_in)
            })?;
        }
        Ok(())
    }

    /// Notes `step` beside the keys `current`.
    pub(super) fn note(&self, record: &Record, current: &Keys, step: &Step<'_>) -> Result<()> {
        self.update(record.file(), Mode::Save, &|_, document| {
            Ok(vec![record.edit(document, current, step)?])
        })
    }

    /// Puts `new` wherever `old` stands. The file with the record is the first one, so that what is left
    /// to do stands there whenever this ends. Returns the profiles that have changed.
    pub(super) fn swap(&self, record: &Record, old: &Keys, new: &Keys) -> Result<Vec<ProfileName>> {
        let contents = self.read()?;
        let profiles = rotation::holders(contents.profiles(), old);
        for file in both(record) {
            let swapped = self.update(file, Mode::Save, &|file, document| {
                record.swap(file, document, old, new)
            });
            if file != record.file() {
                swapped.map_err(|failure| Failure {
                    message: format!(
                        "profile {} has the new key, and others still have the old one, which stays active: {}",
                        self.profile, failure.message
                    ),
                    ..failure
                })?;
            } else {
                swapped?;
            }
        }
        Ok(profiles)
    }

    /// Edits a file, and says once what a person should know of it.
    fn update(
        &self,
        file: FileKind,
        mode: Mode,
        edits: &dyn Fn(FileKind, &Document) -> Result<Vec<Edit>>,
    ) -> Result<()> {
        let aws_file = self.aws_file(file);
        let report = aws_file.update_where_needed(mode, &mut |document| edits(file, document))?;
        for warning in report.warnings {
            if self.warned.borrow_mut().insert(warning.clone()) {
                self.ui.warn(&warning);
            }
        }
        Ok(())
    }

    fn aws_file(&self, file: FileKind) -> &AwsFile {
        match file {
            FileKind::Config => &self.files.config,
            FileKind::Credentials => &self.files.credentials,
        }
    }
}

/// Both files, that with the record first.
fn both(record: &Record) -> [FileKind; 2] {
    match record.file() {
        FileKind::Config => [FileKind::Config, FileKind::Credentials],
        FileKind::Credentials => [FileKind::Credentials, FileKind::Config],
    }
}
