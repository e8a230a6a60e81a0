//! Owns the proof that an edited AWS file reads as it must, before anything is replaced: what two
//! independent readers, the AWS SDK's parser and rust-ini, read in the old and the new text. It
//! touches no file.

use super::readers::{Readings, SdkSection, sdk_section};
use super::{failure, readers};
use crate::ini::{Document, Edit, Kind, Place};
use aws_runtime::env_config::property::Property;
use aws_runtime::env_config::section::{EnvConfigSections, Profile};
use ini::Ini;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Sections tried as the place of a new one, from the end, before giving up on rust-ini.
const PLACES: usize = 6;
/// How often a text is read again when two readings differ. The SDK merges `[a]` and `[ a ]` in
/// an order that changes from one reading to the next.
const READINGS: usize = 8;

/// The file an edit is for.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) kind: Kind,
    /// As the user gave it, for messages.
    pub(super) path: &'a Path,
}

/// An edited document that has been proven, and how the readers read it.
pub(super) struct Proven {
    pub(super) document: Document,
    pub(super) readings: Readings,
    /// What ordinary INI readers, or the SDKs, will not see as it is.
    pub(super) warnings: Vec<String>,
}

/// Applies `edits` to `old` so that both readers are satisfied, or fails and names the line.
pub(super) fn prove(
    subject: Subject,
    old: &Document,
    readings: &Readings,
    edits: &[Edit],
) -> anyhow::Result<Proven> {
    if let (Err(unread), Err(_)) = (&readings.sdk, &readings.ini) {
        return Err(unreadable(subject, unread.line, &unread.reason));
    }
    let mut second = None;
    let mut first_failure = None;
    for place in places(old, edits) {
        let new = edited(subject, old, edits, &place)?;
        match proven(subject, (old, readings), new, edits) {
            Ok((proven, true)) => return Ok(proven),
            Ok((proven, false)) => second = second.or(Some(proven)),
            Err(error) => first_failure = first_failure.or(Some(error)),
        }
    }
    let mut proven = match (second, first_failure) {
        (Some(proven), _) => proven,
        (None, Some(error)) => return Err(error),
        (None, None) => return Err(failure("there is no place to write to").into()),
    };
    let names: Vec<&str> = edits.iter().map(|edit| edit.section.as_str()).collect();
    proven.warnings.push(format!(
        "programs that read {} as an ordinary INI file may not find [{}] in it; the AWS tools do",
        subject.path.display(),
        names.join("], [")
    ));
    Ok(proven)
}

/// That neither reader reads the file, and from which line on.
pub(super) fn unreadable(subject: Subject, line: usize, reason: &str) -> anyhow::Error {
    failure(format!(
        "{} can't be read from line {line} on: {reason}",
        subject.path.display()
    ))
    .hint("mend or remove that line: the AWS SDKs read nothing of the file because of it")
    .into()
}

/// Where a new section may go. Only one choice when every section is there already.
fn places(old: &Document, edits: &[Edit]) -> Vec<Place> {
    let mut places = vec![Place::End];
    if edits.iter().any(|edit| !old.contains(&edit.section)) {
        let sections: Vec<&str> = old.sections().collect();
        let last = sections.iter().rev().skip(1).take(PLACES);
        places.extend(last.map(|section| Place::After((*section).to_owned())));
        places.push(Place::Start);
    }
    places
}

fn edited(
    subject: Subject,
    old: &Document,
    edits: &[Edit],
    place: &Place,
) -> anyhow::Result<Document> {
    let mut new: Option<Document> = None;
    for edit in edits {
        let edited = new.as_ref().unwrap_or(old).edited(edit, place);
        new =
            Some(edited.map_err(|error| {
                failure(format!("can't edit {}: {error}", subject.path.display()))
            })?);
    }
    Ok(new.unwrap_or_else(|| Document::parse(old.as_bytes())))
}

/// Proves that `new` is `old` with `edits`. The flag: rust-ini is satisfied too.
pub(super) fn proven(
    subject: Subject,
    (old, readings): (&Document, &Readings),
    new: Document,
    edits: &[Edit],
) -> anyhow::Result<(Proven, bool)> {
    let text = readers::text(new.as_bytes())
        .map_err(|line| unreadable(subject, line, "it would not be UTF-8"))?;
    let mut after = Readings::of(subject.kind, text);
    let mut warnings = Vec::new();
    let ordinary = matches!((&readings.ini, &after.ini), (Ok(before), Ok(after)) if reads_ini(before, after, edits));
    match &readings.sdk {
        Ok(before) => {
            let ignored = satisfies_sdk(subject, (old, before), (&new, text), &mut after, edits)?;
            warnings.extend(ignored.into_iter().map(|section| {
                format!(
                    "the AWS SDKs ignore [{section}] in {}: the name is not one they know",
                    subject.path.display()
                )
            }));
        }
        Err(unread) => {
            let refused = || {
                failure(format!(
                    "{} was left as it is: the edit could not be proven, because the AWS SDKs can't read line {}",
                    subject.path.display(),
                    unread.line
                ))
                .hint("mend or remove that line")
            };
            if !ordinary || !reads_same(old, &new, edits) {
                return Err(refused().into());
            }
            warnings.push(format!(
                "the AWS SDKs read nothing of {} because of line {}: {}",
                subject.path.display(),
                unread.line,
                unread.reason
            ));
        }
    }
    let proven = Proven {
        document: new,
        readings: after,
        warnings,
    };
    Ok((proven, ordinary))
}

/// All changes to one section, the last one of a key counting.
fn changes<'a>(edits: &'a [Edit], section: &str) -> HashMap<String, Option<&'a str>> {
    edits
        .iter()
        .filter(|edit| edit.section == section)
        .flat_map(|edit| &edit.changes)
        .map(|(key, value)| (key.to_ascii_lowercase(), value.as_deref()))
        .collect()
}

/// Whether the SDK reads the new text as the old one but for `edits`. Returns the edited sections
/// that it ignores, before as after.
fn satisfies_sdk(
    subject: Subject,
    (old, before): (&Document, &EnvConfigSections),
    (new, text): (&Document, &str),
    after: &mut Readings,
    edits: &[Edit],
) -> anyhow::Result<Vec<String>> {
    let spoilt = |line: usize, reason: &str| {
        failure(format!(
            "{} was left as it is: the AWS SDKs would not read line {line} of the edited file as they must: {reason}",
            subject.path.display()
        ))
        .hint("please report this, with the lines around it but without any keys")
    };
    let mut now = match &after.sdk {
        Ok(now) => now.clone(),
        Err(unread) => return Err(spoilt(unread.line, &unread.reason).into()),
    };
    let mut ignored = Vec::new();
    let mut expected: HashMap<&str, Option<Profile>> = HashMap::new();
    for edit in edits {
        match sdk_section(subject.kind, &edit.section) {
            SdkSection::Profile(name)
                if !old.contains(&edit.section) || before.get_profile(name).is_some() =>
            {
                expected.insert(
                    name,
                    edited_profile(old, before, name, &edit.section, edits),
                );
            }
            _ => ignored.push(edit.section.clone()),
        }
    }
    let mut before = before.clone();
    let mut open: HashSet<String> = differing(&before, &now, &expected);
    for _ in 1..READINGS {
        if open.is_empty() {
            break;
        }
        if let (Ok(again), Ok(again_now)) = (
            readers::sdk(subject.kind, std::str::from_utf8(old.as_bytes())?),
            readers::sdk(subject.kind, text),
        ) {
            (before, now) = (again, again_now);
        }
        let differ = differing(&before, &now, &expected);
        open.retain(|name| differ.contains(name));
    }
    if let Some(name) = open.into_iter().min() {
        let line = readers::line_of(new, subject.kind, &name);
        return Err(spoilt(line, &format!("[{name}] would change")).into());
    }
    if ignored
        .iter()
        .any(|section| reads_otherwise(new, section, edits))
    {
        return Err(spoilt(0, "a section they ignore would change").into());
    }
    Ok(ignored)
}

/// Whether our own document does not read the edits of `section` as they were given.
fn reads_otherwise(new: &Document, section: &str, edits: &[Edit]) -> bool {
    changes(edits, section)
        .iter()
        .any(|(key, value)| new.get(section, key).as_deref() != *value)
}

/// What the SDK must read in the profile `name` after `edits`; `None` where no key is left.
fn edited_profile(
    old: &Document,
    before: &EnvConfigSections,
    name: &str,
    section: &str,
    edits: &[Edit],
) -> Option<Profile> {
    let mut values: HashMap<String, String> = HashMap::new();
    if let Some(profile) = before.get_profile(name) {
        let read = |key: &str| Some((key.to_owned(), profile.get(key)?.to_owned()));
        values.extend(old.keys(section).filter_map(read));
    }
    for (key, value) in changes(edits, section) {
        match value {
            Some(value) => drop(values.insert(key, value.to_owned())),
            None => drop(values.remove(&key)),
        }
    }
    let properties: HashMap<String, Property> = values
        .into_iter()
        .map(|(key, value)| (key.clone(), Property::new(key, value)))
        .collect();
    (!properties.is_empty()).then(|| Profile::new(name, properties))
}

/// The names of everything that the SDK reads differently in two texts, or not as expected.
fn differing(
    before: &EnvConfigSections,
    now: &EnvConfigSections,
    expected: &HashMap<&str, Option<Profile>>,
) -> HashSet<String> {
    let mut differing = HashSet::new();
    let names = before.profiles().chain(now.profiles());
    for name in names.chain(expected.keys().copied()) {
        let same = match (expected.get(name), now.get_profile(name)) {
            (Some(Some(expected)), found) => found == Some(expected),
            // A header without keys may stay or go.
            (Some(None), found) => found.is_none_or(|found| *found == empty(name)),
            (None, found) => found == before.get_profile(name),
        };
        if !same {
            differing.insert(name.to_owned());
        }
    }
    for name in before.sso_sessions().chain(now.sso_sessions()) {
        if before.sso_session(name) != now.sso_session(name) {
            differing.insert(format!("sso-session {name}"));
        }
    }
    if before.other_sections() != now.other_sections() {
        differing.insert("services".to_owned());
    }
    differing
}

fn empty(name: &str) -> Profile {
    Profile::new(name, HashMap::new())
}

/// Whether rust-ini reads our values, and everything else as before.
fn reads_ini(before: &Ini, after: &Ini, edits: &[Edit]) -> bool {
    let names: HashSet<&str> = edits.iter().map(|edit| edit.section.as_str()).collect();
    let (before, after) = (readers::by_name(before), readers::by_name(after));
    let others = |of: &readers::ByName| of.keys().filter(|name| !names.contains(&***name)).count();
    if others(&before) != others(&after) {
        return false;
    }
    let same = before
        .iter()
        .filter(|(name, _)| !names.contains(&***name))
        .all(|(name, found)| after.get(name) == Some(found));
    same && names.into_iter().all(|name| {
        let changes = changes(edits, name);
        // rust-ini has its own idea of a nested block, and which of its lines are keys.
        let nested = changes.values().flatten().any(|value| value.contains('\n'));
        let left = |of: &readers::ByName| -> Vec<(String, String)> {
            let found = of
                .get(name)
                .into_iter()
                .flatten()
                .flat_map(|found| found.iter());
            found
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .filter(|(key, _)| !changes.contains_key(&key.to_ascii_lowercase()))
                .collect()
        };
        let read = |key: &str| {
            // Such readers take the first of a repeated section or key.
            let found = after.get(name).and_then(|found| found.first());
            found
                .into_iter()
                .flat_map(|found| found.iter())
                .find(|(found, _)| found.eq_ignore_ascii_case(key))
                .map(|(_, value)| value)
        };
        let set = changes
            .iter()
            .filter(|(_, value)| value.is_none_or(|value| !value.contains('\n')))
            .all(|(key, value)| read(key) == *value);
        set && (nested || left(&before) == left(&after))
    })
}

/// Whether our own document reads the edits as given and everything else as before: for a file
/// that the SDKs can't read.
fn reads_same(old: &Document, new: &Document, edits: &[Edit]) -> bool {
    let sections: HashSet<&str> = old.sections().chain(new.sections()).collect();
    sections.into_iter().all(|section| {
        let changes = changes(edits, section);
        let keys: HashSet<&str> = old.keys(section).chain(new.keys(section)).collect();
        (!changes.is_empty() || old.contains(section) == new.contains(section))
            && keys
                .into_iter()
                .filter(|key| !changes.contains_key(*key))
                .all(|key| old.get(section, key) == new.get(section, key))
            && !reads_otherwise(new, section, edits)
    })
}
