//! Stores a session and its settings, or rehearses that. It decides neither what is written nor how.

use super::plan::Plan;
use super::request::Request;
use super::turn::Before;
use super::unkept::{Unkept, not_saved};
use crate::exit::Result;
use crate::files::{Files, merged};
use crate::ini::{Document, Edit, FileKind};
use crate::profile::{copied, section_in, session_profile};
use crate::store::{Mode, NotWritten, Report};
use crate::value::lifetime::LONGEST_LIFETIME;
use crate::value::{Keys, Made, Maker, ProfileName, Session};
use crate::world::Context;
use chrono::DateTime;

/// Stands in for the account in a rehearsal, if it is not known yet.
const PLACEHOLDER_ACCOUNT: &str = "123456789012";
/// Stands in for the device in a rehearsal.
const PLACEHOLDER_SERIAL: &str = "arn:aws:iam::123456789012:mfa/placeholder";

/// Where a session goes, and the content of the files when that was decided.
pub(super) struct Destination<'a> {
    files: &'a Files,
    config: &'a Document,
    credentials: &'a Document,
    source: &'a ProfileName,
    target: &'a ProfileName,
    maker: &'a Maker,
    /// Whether another source's session may be overwritten.
    force: bool,
    /// What to do with a session that can't be kept.
    unkept: Unkept,
}

impl<'a> Destination<'a> {
    /// The destination of `plan`, which was made for `request`.
    pub(super) fn new(files: &'a Files, plan: &'a Plan, request: &Request) -> Self {
        Self {
            files,
            config: &plan.contents.config,
            credentials: &plan.contents.credentials,
            source: &plan.source.profile,
            target: &plan.target,
            maker: &plan.maker,
            force: request.force,
            unkept: request.unkept,
        }
    }

    /// Does everything that [`Self::save`] will do, with placeholders, except replacing the files.
    /// Returns a warning if the session can't be kept and the command can do without; then there is
    /// nothing to save. `before` is the result of a sign-in that was waited for.
    ///
    /// A config file that can't be written is not an obstacle: the session works without the settings.
    pub(super) fn rehearse(&self, before: Before) -> Result<Option<String>> {
        match self.write_session(Mode::Rehearse, &placeholder(self.source, self.maker)) {
            Ok(_) => {}
            Err(NotWritten::Unwritable(why)) => {
                return self.unkept.foreseen(why, self.target, before).map(Some);
            }
            Err(NotWritten::Refused(failure)) => return Err(failure),
        }
        match self.write_settings(Mode::Rehearse) {
            Ok(_) | Err(NotWritten::Unwritable(_)) => Ok(None),
            Err(NotWritten::Refused(failure)) => Err(failure),
        }
    }

    /// Stores `session` in the credentials file, then the missing settings in the config file. Returns a
    /// warning if the session can't be kept after all and the command can do without.
    ///
    /// Once the session is saved, trouble with the settings is only a warning: the session works without
    /// them, and a failure would look as if there were no session.
    pub(super) fn save(&self, session: &Session, context: Context) -> Result<Option<String>> {
        let saved = match self.write_session(Mode::Save, session) {
            Ok(saved) => saved,
            Err(NotWritten::Unwritable(why)) => {
                return self.unkept.unforeseen(why).map(Some);
            }
            Err(NotWritten::Refused(failure)) => return Err(not_saved(failure)),
        };
        let settings = match self.write_settings(Mode::Save) {
            Ok(report) => report.warnings,
            Err(NotWritten::Unwritable(why)) => vec![self.left_to_add(&why.message)],
            Err(NotWritten::Refused(failure)) => vec![format!(
                "the session is saved, but its settings (region, output) are not: {failure}"
            )],
        };
        for warning in saved.warnings.iter().chain(&settings) {
            context.ui.warn(warning);
        }
        Ok(None)
    }

    fn write_session(&self, mode: Mode, session: &Session) -> Result<Report, NotWritten> {
        self.files.credentials.update(mode, &mut |credentials| {
            // The file may have changed since the plan, so the same check is made again.
            let profiles = merged(self.config, credentials);
            session_profile::check_writable(profiles, self.target, self.source, self.force)?;
            Ok(vec![session_profile::edit(self.target, session)])
        })
    }

    fn write_settings(&self, mode: Mode) -> Result<Report, NotWritten> {
        let is_complete = self.missing(self.config).is_empty();
        let change = &mut |config: &Document| Ok(self.missing(config));
        match self.files.config.update(mode, change) {
            // There is nothing to write, only leftovers to tidy up, so failing to write does not matter.
            Err(_) if is_complete => Ok(Report::default()),
            written => written,
        }
    }

    /// The warning that no AWS tool can read the config file, if it stays as it is.
    pub(super) fn unread(&self) -> Option<String> {
        let is_edited = !self.missing(self.config).is_empty();
        let file = Some(&self.files.config).filter(|_| !is_edited)?;
        file.is_for_nobody(self.config)
    }

    /// Says why the settings are not written, and which ones the user has to add.
    fn left_to_add(&self, why: &str) -> String {
        let edits = self.missing(self.config);
        let add = edits.iter().map(|edit| copied::describe(edit, self.source));
        let add: Vec<String> = add.collect();
        format!(
            "the session is saved, but its settings are not: {why}; {}",
            add.join("; ")
        )
    }

    /// The edits that copy the source's settings, if any are missing in `config`.
    fn missing(&self, config: &Document) -> Vec<Edit> {
        let section = section_in(config, FileKind::Config, self.target);
        let profiles = merged(config, self.credentials);
        let edit = copied::edit(profiles, self.source, self.target, section);
        edit.into_iter().collect()
    }
}

/// Stands in for the session in a rehearsal. As long as a session's keys are likely to be, so that a
/// disk too full for the session is too full for the rehearsal.
fn placeholder(source: &ProfileName, maker: &Maker) -> Session {
    Session {
        keys: Keys {
            access_key_id: "ASIAPLACEHOLDER".into(),
            secret_access_key: "placeholder".repeat(4).into(),
            session_token: Some("placeholder".repeat(400).into()),
        },
        expiration: Some(DateTime::UNIX_EPOCH),
        made: Made {
            source: Some(source.clone()),
            device: PLACEHOLDER_SERIAL.parse().ok(),
            account: Some(PLACEHOLDER_ACCOUNT.into()),
            maker: maker.clone(),
            granted: Some(LONGEST_LIFETIME),
            ..Made::default()
        },
    }
}
