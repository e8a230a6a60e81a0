//! Makes the edits of the lines that name an MFA device: the one of a profile, and all that name a
//! device that was removed or replaced. It never asks whether AWS knows a device.

use super::{Profiles, section_in, setting};
use crate::ini::{Document, Edit, FileKind};
use crate::value::{ProfileName, Serial};

/// The settings that hold the serial of a device: the user's setting for a profile, and awsmfa's record
/// of a session.
const SETTINGS: [&str; 2] = [setting::MFA_SERIAL, setting::DEVICE];

/// The file to set `mfa_serial` of `profile` in, and the edit that sets it to `serial`: where it is set
/// already, else the config file. (If both files set it, the credentials file counts.)
pub(crate) fn save(
    profiles: Profiles<'_>,
    config: &Document,
    profile: &ProfileName,
    serial: &Serial,
) -> (FileKind, Edit) {
    let stated = profiles.stated(profile, setting::MFA_SERIAL);
    let file = stated.map_or(FileKind::Config, |(file, _)| file);
    let section = match file {
        FileKind::Config => section_in(config, file, profile),
        FileKind::Credentials => profile.to_string(),
    };
    let change = (setting::MFA_SERIAL.to_owned(), Some(serial.to_string()));
    let edit = Edit {
        section,
        changes: vec![change],
    };
    (file, edit)
}

/// The devices that `document` names, with repetitions.
pub(crate) fn named(document: &Document) -> impl Iterator<Item = Serial> {
    let sections = document.sections_with(&SETTINGS);
    sections.flat_map(|section| {
        let values = SETTINGS.into_iter();
        values.filter_map(|key| document.get(section, key)?.parse().ok())
    })
}

/// A section that names `serial` and, on another line of the same setting, a different device: an edit
/// of the line that counts would either destroy the other or leave it.
pub(crate) fn contradiction(document: &Document, serial: &Serial) -> Option<Contradiction> {
    let mut sections = document.sections_with(&SETTINGS);
    sections.find_map(|section| {
        SETTINGS.into_iter().find_map(|setting| {
            let lines = |is_it: bool| {
                let mut all = document.occurrences(section, setting);
                let found = all.find(|it| (it.value().trim() == serial.as_str()) == is_it)?;
                Some(found.line())
            };
            Some(Contradiction {
                setting,
                section: section.to_owned(),
                lines: [lines(true)?, lines(false)?],
            })
        })
    })
}

/// Two lines of one setting in one section that name different devices.
pub(crate) struct Contradiction {
    /// The setting.
    pub(crate) setting: &'static str,
    /// The section that contains both.
    pub(crate) section: String,
    /// The line of the requested device, and the other one.
    pub(crate) lines: [usize; 2],
}

/// The edits of `document` that replace `old` by `new` everywhere; if there is no `new`, the lines are
/// removed.
pub(crate) fn replace(document: &Document, old: &Serial, new: Option<&Serial>) -> Vec<Edit> {
    let is_old = |value: &str| value.trim() == old.as_str();
    let sections = document.sections_with(&SETTINGS);
    let edits = sections.map(|section| Edit {
        section: section.to_owned(),
        changes: SETTINGS
            .into_iter()
            .filter(|key| document.get(section, key).is_some_and(|it| is_old(&it)))
            .map(|key| (key.to_owned(), new.map(ToString::to_string)))
            .collect(),
    });
    edits.filter(|edit| !edit.changes.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    const OLD: &str = "arn:aws:iam::123456789012:mfa/alice";
    const NEW: &str = "arn:aws:iam::123456789012:mfa/alice-2";

    fn serial(text: &str) -> Serial {
        text.parse().expect("a serial")
    }

    fn changes(edit: &Edit) -> (&str, Vec<(&str, Option<&str>)>) {
        let changes = edit.changes.iter();
        let changes = changes.map(|(key, value)| (key.as_str(), value.as_deref()));
        (&edit.section, changes.collect())
    }

    #[test]
    fn a_device_is_saved_where_one_is_set_or_else_in_the_config_file() {
        let set = vec![("mfa_serial", Some(NEW))];
        for (config, credentials, place, section) in [
            ("", "", FileKind::Config, "profile dev"),
            (
                "[profile dev]\nmfa_serial = x\n",
                "[dev]\n",
                FileKind::Config,
                "profile dev",
            ),
            (
                "[profile dev]\nmfa_serial = x\n",
                "[dev]\nmfa_serial = y\n",
                FileKind::Credentials,
                "dev",
            ),
        ] {
            let document = Document::parse(config);
            let files = profiles(config, credentials);
            let (file, edit) = save(files, &document, &name("dev"), &serial(NEW));
            assert_eq!((file, changes(&edit)), (place, (section, set.clone())));
        }
    }

    #[test]
    fn a_device_is_replaced_wherever_it_is_named_and_nowhere_else() {
        let document = Document::parse(format!(
            "[profile dev]\nmfa_serial={OLD}\n[profile role]\nrole_arn = r\nMFA_Serial = {OLD}\n[profile other]\nmfa_serial = {OLD}x\nregion = {OLD}\n[dev-mfa]\nawsmfa_mfa_serial = {OLD}\n"
        ));
        let edits = replace(&document, &serial(OLD), Some(&serial(NEW)));
        assert_eq!(
            edits.iter().map(changes).collect::<Vec<_>>(),
            [
                ("profile dev", vec![("mfa_serial", Some(NEW))]),
                ("profile role", vec![("mfa_serial", Some(NEW))]),
                ("dev-mfa", vec![("awsmfa_mfa_serial", Some(NEW))]),
            ]
        );
        let named: Vec<String> = named(&document).map(|it| it.to_string()).collect();
        assert_eq!(named, [OLD, OLD, &format!("{OLD}x"), OLD]);
        let edits = replace(&document, &serial(OLD), None);
        assert_eq!(
            edits.iter().map(changes).collect::<Vec<_>>()[1],
            ("profile role", vec![("mfa_serial", None)])
        );
    }

    #[test]
    fn a_setting_that_names_two_devices_is_found_with_both_its_lines() {
        let found = |text: &str| {
            let found = contradiction(&Document::parse(text), &serial(OLD))?;
            Some((found.setting, found.section, found.lines))
        };
        let both = format!(
            "[profile a]\nmfa_serial = {OLD}\n[profile dev]\nmfa_serial = {NEW}\nmfa_serial = {OLD}\n"
        );
        let expected = ("mfa_serial", "profile dev".to_owned(), [5, 4]);
        assert_eq!(found(&both), Some(expected));
        for text in [
            both.replace(OLD, NEW),
            both.replace(NEW, OLD),
            format!("[a]\nmfa_serial = {OLD}\nawsmfa_mfa_serial = {NEW}\n"),
            format!("[a]\nmfa_serial = {OLD}\n[b]\nmfa_serial = {NEW}\n"),
        ] {
            assert_eq!(found(&text), None, "{text}");
        }
    }
}
