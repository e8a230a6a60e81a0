//! Reads from the AWS files how far the rotation of an access key has come, and makes the edits for its
//! steps. It asks AWS nothing, and touches no file.
//!
//! At each step the profile holds a working pair. The new pair waits next to it until AWS accepts it,
//! and the old pair stays next to the new one until it is deleted, so that an interrupted run can be
//! finished, and an unwanted one undone.

use super::place::Place;
use super::source::Holder;
use super::view::{profile_in, without_comments};
use super::{Profiles, guard, own_keys, setting};
use crate::exit::{Failure, Result};
use crate::ini::{Document, Edit, FileKind};
use crate::value::{Keys, ProfileName, expiry};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

/// The settings that a rotation keeps next to the keys.
const SETTINGS: [&str; 6] = [
    setting::NEXT_BEGUN,
    setting::NEXT_ID,
    setting::NEXT_SECRET,
    setting::PREVIOUS_ID,
    setting::PREVIOUS_SECRET,
    setting::PREVIOUS_DEACTIVATED,
];

/// The record of a rotation, next to the keys of a profile.
pub(crate) struct Record {
    /// The section of the record, whether or not it is written yet.
    home: Home,
    /// The time from which an access key may exist whose secret was never saved.
    pub(crate) begun: Option<DateTime<Utc>>,
    /// The pair that will replace the one in use.
    pub(crate) next: Option<Keys>,
    /// The pair that the one in use has replaced.
    pub(crate) previous: Option<Previous>,
}

/// A pair of keys that was in use.
#[derive(Clone)]
pub(crate) struct Previous {
    /// The pair.
    pub(crate) keys: Keys,
    /// When it was deactivated; `None` if it was not, or may not have been.
    pub(crate) deactivated: Option<DateTime<Utc>>,
}

/// A section of one of the files.
#[derive(Clone)]
struct Home {
    file: FileKind,
    section: String,
}

/// A step of a rotation, as it changes one section.
pub(crate) enum Step<'a> {
    /// An access key is about to be created.
    Begin(DateTime<Utc>),
    /// This is the new pair.
    Wait(&'a Keys),
    /// There is no new pair.
    ForgetNext,
    /// The old pair was deactivated at this time.
    Retire(DateTime<Utc>),
    /// The old pair may be active again.
    Reactivate,
    /// There is no longer an old pair.
    ForgetPrevious,
}

impl Record {
    /// Whether a rotation has left a record next to the keys of `profile` itself.
    pub(crate) fn is_in(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
        SETTINGS
            .iter()
            .any(|it| profiles.get(profile, it).is_some())
    }

    /// Reads the record next to the keys `current` of `profile`, or of another profile with the same
    /// keys.
    ///
    /// Fails if that pair can't be replaced as a whole: its halves are in two places, or one of its
    /// lines appears twice, hides another key, or is read differently by different tools. Also fails if
    /// the rotation of another profile has just replaced this pair there.
    pub(crate) fn read(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        current: &Keys,
    ) -> Result<Self> {
        let holders = holders(profiles, current);
        if !holders.contains(profile) {
            return Err(changed(profile.as_str()));
        }
        let mut own = None;
        let mut noted = None;
        for holder in &holders {
            let mut is_whole = false;
            for (file, document, section) in profiles.places(holder) {
                if !holds(document, &section, current) {
                    continue;
                }
                is_whole = true;
                let record = Self::at(document, Home { file, section }, current);
                if record.is_about_something() {
                    noted = noted.or(Some(record));
                } else if holder == profile {
                    own = own.or(Some(record));
                }
            }
            if !is_whole {
                return Err(in_two_places(holder));
            }
        }
        let record = noted.or(own).ok_or_else(|| in_two_places(profile))?;
        if !record.is_about_something()
            && let Some(failure) = elsewhere(profiles, current)
        {
            return Err(failure);
        }
        for holder in &holders {
            record.check(profiles, holder, current)?;
        }
        Ok(record)
    }

    /// The record in a section. A pair in it that equals `current` does not count: somebody has restored
    /// it.
    fn at(document: &Document, home: Home, current: &Keys) -> Self {
        let get = |setting| text(document, &home.section, setting);
        let moment = |setting| get(setting).and_then(|it| expiry::parse(&it));
        let pair = |id, secret| {
            let keys = Keys::parse(&get(id)?, &get(secret)?, None).ok()?;
            (keys.access_key_id != current.access_key_id).then_some(keys)
        };
        let previous = pair(setting::PREVIOUS_ID, setting::PREVIOUS_SECRET);
        Self {
            begun: moment(setting::NEXT_BEGUN),
            next: pair(setting::NEXT_ID, setting::NEXT_SECRET),
            previous: previous.map(|keys| Previous {
                keys,
                deactivated: moment(setting::PREVIOUS_DEACTIVATED),
            }),
            home,
        }
    }

    fn is_about_something(&self) -> bool {
        self.begun.is_some() || self.next.is_some() || self.previous.is_some()
    }

    /// Fails if the lines of the key in `holder` can't all be replaced.
    fn check(&self, profiles: Profiles<'_>, holder: &ProfileName, current: &Keys) -> Result<()> {
        let previous = self.previous.as_ref().map(|it| &it.keys);
        let known: Vec<&Keys> = [current].into_iter().chain(previous).collect();
        if let Some(obstacle) = guard::obstacle_to_keys(profiles, holder, &known) {
            return Err(cannot_be_replaced(holder, &obstacle.to_string()).hint(obstacle.hint()));
        }
        for (file, document, section) in profiles.places(holder) {
            let lines = |setting| {
                let occurrences = document.occurrences(&section, setting);
                occurrences.map(|it| it.line()).collect::<Vec<_>>()
            };
            let ids = lines(setting::ACCESS_KEY_ID);
            let secrets = lines(setting::SECRET_ACCESS_KEY);
            let odd = match (&ids[..], &secrets[..]) {
                ([], []) | ([_], [_]) => continue,
                ([_, more, ..], _) | (_, [_, more, ..]) => *more,
                ([line], []) | ([], [line]) => *line,
            };
            let place = Place { file, line: odd };
            let why = format!("{place} repeats a part of it");
            return Err(cannot_be_replaced(holder, &why).hint("remove that line"));
        }
        Ok(())
    }

    /// The file that contains the record.
    pub(crate) fn file(&self) -> FileKind {
        self.home.file
    }

    /// The section that contains the record, for messages.
    pub(crate) fn section(&self) -> &str {
        &self.home.section
    }

    /// The edit that records `step` in `document`, the record's file. Fails if the keys `current` are no
    /// longer there.
    pub(crate) fn edit(
        &self,
        document: &Document,
        current: &Keys,
        step: &Step<'_>,
    ) -> Result<Edit> {
        if !holds(document, &self.home.section, current) {
            return Err(changed(&self.home.section));
        }
        let changes = match step {
            Step::Begin(at) => vec![(setting::NEXT_BEGUN, Some(expiry::format(*at)))],
            Step::Wait(keys) => pair(setting::NEXT_ID, setting::NEXT_SECRET, keys),
            Step::ForgetNext => {
                removed([setting::NEXT_BEGUN, setting::NEXT_ID, setting::NEXT_SECRET])
            }
            Step::Retire(at) => vec![(setting::PREVIOUS_DEACTIVATED, Some(expiry::format(*at)))],
            Step::Reactivate => vec![(setting::PREVIOUS_DEACTIVATED, None)],
            Step::ForgetPrevious => removed([
                setting::PREVIOUS_ID,
                setting::PREVIOUS_SECRET,
                setting::PREVIOUS_DEACTIVATED,
            ]),
        };
        Ok(Edit {
            section: self.home.section.clone(),
            changes: owned(changes),
        })
    }

    /// The edits of `document`, a file of `kind`, that replace `old` by `new` everywhere, both as the
    /// keys of a profile and as the maker of a session. The record keeps the old pair.
    ///
    /// Fails if the section of the record no longer holds either pair.
    pub(crate) fn swap(
        &self,
        kind: FileKind,
        document: &Document,
        old: &Keys,
        new: &Keys,
    ) -> Result<Vec<Edit>> {
        let mut edits: Vec<Edit> = Vec::new();
        for section in document.sections_with(&[setting::ACCESS_KEY_ID]) {
            if profile_in(kind, section).is_some() && holds(document, section, old) {
                let mut changes = pair(setting::ACCESS_KEY_ID, setting::SECRET_ACCESS_KEY, new);
                // A copy of the section contains a copy of the record, which would be wrong there.
                let stale = SETTINGS.into_iter();
                changes.extend(
                    stale
                        .filter(|it| document.get(section, it).is_some())
                        .map(|it| (it, None)),
                );
                edits.push(Edit {
                    section: section.to_owned(),
                    changes: owned(changes),
                });
            }
        }
        for section in document.sections_with(&[setting::MADE_BY_KEY]) {
            let made_by = text(document, section, setting::MADE_BY_KEY);
            if made_by.as_deref() == Some(old.access_key_id.as_str()) {
                let change = (setting::MADE_BY_KEY, Some(new.access_key_id.clone()));
                add(&mut edits, section, vec![change]);
            }
        }
        if kind == self.home.file {
            let section = &self.home.section;
            if !holds(document, section, old) && !holds(document, section, new) {
                return Err(changed(section));
            }
            let mut changes = pair(setting::PREVIOUS_ID, setting::PREVIOUS_SECRET, old);
            changes.extend(removed([
                setting::NEXT_BEGUN,
                setting::NEXT_ID,
                setting::NEXT_SECRET,
            ]));
            changes.push((setting::PREVIOUS_DEACTIVATED, None));
            add(&mut edits, section, changes);
        }
        Ok(edits)
    }
}

/// The profiles that hold `keys`, in both files.
pub(crate) fn holders(profiles: Profiles<'_>, keys: &Keys) -> Vec<ProfileName> {
    let mut names = profiles.names_with(&[setting::ACCESS_KEY_ID], |_| false);
    names.retain(|name| {
        let read = own_keys::long_term(profiles, name);
        let is_merged = matches!(read, Some(Ok(held)) if held.are(keys));
        is_merged
            || profiles
                .places(name)
                .any(|(_, document, section)| holds(document, &section, keys))
    });
    names
}

/// The profile with the access key `id`, whatever its secret.
pub(crate) fn profile_with(profiles: Profiles<'_>, id: &str) -> Option<ProfileName> {
    let mut names = profiles
        .names_with(&[setting::ACCESS_KEY_ID], |_| false)
        .into_iter();
    names.find(|name| {
        profiles.places(name).any(|(_, document, section)| {
            text(document, &section, setting::ACCESS_KEY_ID).as_deref() == Some(id)
        })
    })
}

/// Whether the pair in `section` is `keys`.
fn holds(document: &Document, section: &str, keys: &Keys) -> bool {
    let is = |setting, value: &str| text(document, section, setting).as_deref() == Some(value);
    is(setting::ACCESS_KEY_ID, &keys.access_key_id)
        && is(
            setting::SECRET_ACCESS_KEY,
            keys.secret_access_key.expose_secret(),
        )
}

/// The value of `setting` in `section`, without the white space around it.
fn text(document: &Document, section: &str, setting: &str) -> Option<String> {
    let value = without_comments(document.get(section, setting)?.into_owned());
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

type Changes = Vec<(&'static str, Option<String>)>;

fn pair(id: &'static str, secret: &'static str, keys: &Keys) -> Changes {
    let exposed = keys.secret_access_key.expose_secret().to_owned();
    vec![
        (id, Some(keys.access_key_id.clone())),
        (secret, Some(exposed)),
    ]
}

fn removed(settings: [&'static str; 3]) -> Changes {
    settings.map(|it| (it, None)).into()
}

fn owned(changes: Changes) -> Vec<(String, Option<String>)> {
    let changes = changes.into_iter();
    changes
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Adds `changes` of `section` to `edits`, which has each section once.
fn add(edits: &mut Vec<Edit>, section: &str, changes: Changes) {
    match edits.iter_mut().find(|it| it.section == section) {
        Some(edit) => edit.changes.extend(owned(changes)),
        None => edits.push(Edit {
            section: section.to_owned(),
            changes: owned(changes),
        }),
    }
}

/// The failure that the rotation of another profile has just replaced `keys` there but not yet here.
fn elsewhere(profiles: Profiles<'_>, keys: &Keys) -> Option<Failure> {
    let names = profiles.names_with(&[setting::PREVIOUS_ID], |_| false);
    let mut names = names.into_iter();
    let other = names.find(|name| {
        profiles.places(name).any(|(_, document, section)| {
            let get = |setting| text(document, &section, setting);
            get(setting::PREVIOUS_ID).as_deref() == Some(keys.access_key_id.as_str())
                && get(setting::PREVIOUS_DEACTIVATED).is_none()
        })
    })?;
    let failure = Failure::failed(format!(
        "a rotation of {} was cut short: profile {other} already has another key",
        keys.access_key_id
    ));
    let rotate = Holder::Profile(other).command("rotate");
    Some(failure.hint(format!("`{rotate}` finishes it, here too")))
}

fn cannot_be_replaced(profile: &ProfileName, why: &str) -> Failure {
    Failure::failed(format!(
        "the access key of profile {profile} can't be replaced: {why}"
    ))
}

fn in_two_places(profile: &ProfileName) -> Failure {
    cannot_be_replaced(profile, "its id and its secret are in two places")
        .hint("put both lines into one section of one file")
}

fn changed(section: &str) -> Failure {
    Failure::failed(format!(
        "another program changed the keys of [{section}] in the meantime"
    ))
    .hint("run this again")
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    const OLD: &str = "aws_access_key_id = AKIAOLD\naws_secret_access_key = old\n";

    fn keys(id: &str, secret: &str) -> Keys {
        Keys::parse(id, secret, None).expect("keys of the test")
    }

    fn old() -> Keys {
        keys("AKIAOLD", "old")
    }

    fn refusal(config: &str, credentials: &str) -> String {
        let read = Record::read(profiles(config, credentials), &name("a"), &old());
        read.map_or_else(|failure| failure.message, |_| "read".to_owned())
    }

    #[test]
    fn a_record_is_found_next_to_the_key_in_whichever_profile_it_is() {
        let next = "awsmfa_next_begun = 2026-01-02T03:04:05Z\nawsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key = new\n";
        for (config, credentials, file, section) in [
            ("", format!("[a]\n{OLD}"), FileKind::Credentials, "a"),
            (
                "",
                format!("[a]\n{OLD}[b]\n{OLD}{next}"),
                FileKind::Credentials,
                "b",
            ),
            (
                "",
                format!("[b]\n{OLD}[a]\n{OLD}"),
                FileKind::Credentials,
                "a",
            ),
        ] {
            let files = profiles(config, &credentials);
            let record = Record::read(files, &name("a"), &old()).expect("a record");
            assert_eq!((record.file(), record.section()), (file, section));
            let is_there = credentials.contains("next");
            assert_eq!(
                record
                    .next
                    .is_some_and(|it| it.are(&keys("AKIANEW", "new"))),
                is_there
            );
            assert_eq!(record.begun.is_some(), is_there);
            assert!(record.previous.is_none());
        }
        let config = format!(
            "[profile a]\n{OLD}awsmfa_previous_access_key_id = AKIAP\nawsmfa_previous_secret_access_key = p\n"
        );
        let record = Record::read(profiles(&config, ""), &name("a"), &old());
        let record = record.expect("a record");
        assert_eq!(record.file(), FileKind::Config);
        let previous = record.previous.expect("a pair");
        assert!(previous.keys.are(&keys("AKIAP", "p")) && previous.deactivated.is_none());
    }

    #[test]
    fn each_step_of_a_rotation_leaves_something_and_nothing_else_does() {
        for left in [
            "awsmfa_next_begun = 2026-01-02T03:04:05Z\n",
            "awsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key = new\n",
            "awsmfa_previous_access_key_id = AKIAP\nawsmfa_previous_secret_access_key = p\n",
        ] {
            let credentials = format!("[a]\n{OLD}[b]\n{OLD}{left}");
            let files = profiles("", &credentials);
            assert!(Record::is_in(files, &name("b")) && !Record::is_in(files, &name("a")));
            let record = Record::read(files, &name("a"), &old()).expect("a record");
            assert_eq!(record.section(), "b", "{left}");
        }
    }

    #[test]
    fn half_a_new_pair_is_not_a_pair() {
        for next in [
            "awsmfa_next_access_key_id = AKIANEW\n",
            "awsmfa_next_secret_access_key = new\n",
            "awsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key =\n",
            "awsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key = a b\n",
        ] {
            let credentials = format!("[a]\n{OLD}{next}awsmfa_next_begun = soon\n");
            let record = Record::read(profiles("", &credentials), &name("a"), &old());
            let record = record.expect("a record");
            assert!(record.next.is_none() && record.begun.is_none(), "{next}");
        }
    }

    #[test]
    fn a_pair_in_two_places_and_one_that_hides_another_can_not_be_replaced() {
        let id = "aws_access_key_id = AKIAOLD\n";
        let secret = "aws_secret_access_key = old\n";
        for (config, credentials, told) in [
            (
                format!("[profile a]\n{id}"),
                format!("[a]\n{secret}"),
                "two places",
            ),
            (
                format!("[profile a]\n{secret}"),
                format!("[a]\n{id}"),
                "two places",
            ),
            (
                format!("[profile b]\n{secret}"),
                format!("[a]\n{OLD}[b]\n{id}"),
                "two places",
            ),
            (
                "[profile a]\naws_access_key_id = AKIAX\n".to_owned(),
                format!("[a]\n{OLD}"),
                "profile a can't be replaced: it holds long-term keys (line 2 of the config file)",
            ),
            (
                String::new(),
                format!("[a]\n{OLD}[b]\naws_secret_access_key = x\n{OLD}"),
                "profile b",
            ),
            (
                String::new(),
                "[a]\naws_access_key_id = AKIAX\naws_secret_access_key = old\n".to_owned(),
                "changed",
            ),
        ] {
            let said = refusal(&config, &credentials);
            assert!(said.contains(told), "{config}{credentials}: {said}");
        }
        // Other sections and settings don't matter.
        let both = format!("[a]\n{OLD}aws_session_token = t\n[b]\n{OLD}[c]\n{id}");
        assert_eq!(refusal(&format!("[profile a]\n{OLD}"), &both), "read");
    }

    #[test]
    fn a_key_that_another_profile_has_just_parted_with_is_replaced_by_the_rotation_of_that_one() {
        const NEW: &str = "aws_access_key_id = AKIANEW\naws_secret_access_key = new\n";
        for (previous, deactivated, is_refused) in [
            ("AKIAOLD", "", true),
            (
                "AKIAOLD",
                "awsmfa_previous_deactivated = 2026-01-02T03:04:05Z\n",
                false,
            ),
            ("AKIAP", "", false),
        ] {
            let b = format!(
                "[b]\n{NEW}awsmfa_previous_access_key_id = {previous}\nawsmfa_previous_secret_access_key = old\n{deactivated}"
            );
            let said = refusal("", &format!("[a]\n{OLD}{b}"));
            assert_eq!(
                said.contains("profile b already has another key"),
                is_refused,
                "{b}: {said}"
            );
            assert_eq!(said == "read", !is_refused, "{b}: {said}");
        }
    }

    fn after(kind: FileKind, text: &str, edits: &[Edit]) -> String {
        let document = Document::parse(text);
        let edited = document.edited(edits, &crate::ini::Place::End, |_| false);
        let edited = edited.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        String::from_utf8(edited.as_bytes().to_vec()).expect("text")
    }

    #[test]
    fn the_new_pair_replaces_the_old_one_everywhere_and_nothing_else() {
        let credentials = format!(
            "# mine\n[a]\n{OLD}awsmfa_next_begun = x\nawsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key = new\n[half]\naws_access_key_id = AKIAOLD\n[other]\naws_access_key_id = AKIAOLD\naws_secret_access_key = other\n[a-mfa]\nawsmfa_access_key_id = AKIAOLD\nregion = AKIAOLD\n"
        );
        let config = format!("[profile b]\n{OLD}[services a]\n{OLD}[default]\n{OLD}");
        let record = Record::read(profiles(&config, &credentials), &name("a"), &old());
        let record = record.expect("a record");
        let new = keys("AKIANEW", "new");
        let swap = |kind, text: &str| {
            let edits = record.swap(kind, &Document::parse(text), &old(), &new);
            after(kind, text, &edits.expect("edits"))
        };
        let expected = "# mine\n[a]\naws_access_key_id = AKIANEW\naws_secret_access_key = new\nawsmfa_previous_access_key_id = AKIAOLD\nawsmfa_previous_secret_access_key = old\n[half]\naws_access_key_id = AKIAOLD\n[other]\naws_access_key_id = AKIAOLD\naws_secret_access_key = other\n[a-mfa]\nawsmfa_access_key_id = AKIANEW\nregion = AKIAOLD\n";
        assert_eq!(swap(FileKind::Credentials, &credentials), expected);
        let new_lines = "aws_access_key_id = AKIANEW\naws_secret_access_key = new\n";
        let expected = format!("[profile b]\n{new_lines}[services a]\n{OLD}[default]\n{new_lines}");
        assert_eq!(swap(FileKind::Config, &config), expected);
        // Repeating it changes nothing.
        let once = swap(FileKind::Credentials, &credentials);
        assert_eq!(swap(FileKind::Credentials, &once), once);
    }

    #[test]
    fn no_step_is_recorded_next_to_other_keys() {
        let record = Record::read(profiles("", &format!("[a]\n{OLD}")), &name("a"), &old());
        let record = record.expect("a record");
        let changed =
            Document::parse("[a]\naws_access_key_id = AKIAOLD\naws_secret_access_key = x\n");
        assert!(record.edit(&changed, &old(), &Step::ForgetNext).is_err());
        let new = keys("AKIANEW", "new");
        assert!(
            record
                .swap(FileKind::Credentials, &changed, &old(), &new)
                .is_err()
        );
        assert!(
            record
                .swap(FileKind::Config, &changed, &old(), &new)
                .is_ok()
        );
    }
}
