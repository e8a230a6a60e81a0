//! Refuses an edited file unless the AWS SDK's parser reads in it what it read in the old one, but
//! for the edits. It never accepts less than all of it.

use super::expected::{Changes, SectionChanges, may_go, reads_otherwise};
use super::readers::{self, Fault, SdkSection, sdk_section};
use super::subject::Subject;
use crate::exit::{Failure, Result};
use crate::ini::Document;
use aws_runtime::env_config::property::Property;
use aws_runtime::env_config::section::{EnvConfigSections, Profile};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How often a text is read again when two readings differ. The SDK merges `[a]` and `[ a ]` in
/// an order that changes from one reading to the next.
const READINGS: usize = 8;

/// Whether the SDK reads the new text as the old one but for `changes`. Returns the edited sections
/// that it ignores, before as after.
pub(super) fn satisfies_sdk(
    subject: Subject,
    (old, before): (&Document, &EnvConfigSections),
    (new, text): (&Document, &str),
    after: &Result<EnvConfigSections, Fault>,
    changes: &Changes,
) -> Result<Vec<String>> {
    let spoilt = |line: usize, reason: &str| {
        Failure::failed(format!(
            "{} was left unchanged: the AWS SDKs would misread line {line} of the edited file: {reason}",
            subject.path.display()
        ))
        .hint("look there for a section or key that is written twice or oddly, and fix it")
    };
    let now = match after {
        Ok(now) => now,
        Err(fault) => return Err(spoilt(fault.line, &fault.reason)),
    };
    let mut ignored = Vec::new();
    let mut expected: HashMap<&str, Expected> = HashMap::new();
    for (section, changes) in changes.all() {
        match sdk_section(subject.kind, section) {
            SdkSection::Profile(name)
                if !old.contains(section) || before.get_profile(name).is_some() =>
            {
                let profile = edited_profile(old, before, name, section, changes);
                expected.insert(name, profile);
            }
            _ => ignored.push(section),
        }
    }
    let mut open = differing(before, now, &expected);
    for _ in 1..READINGS {
        if open.is_empty() {
            break;
        }
        let before = match readers::text(old.as_bytes()) {
            Ok(old) => readers::read_as_sdk(subject.kind, old),
            Err(line) => return Err(subject.cannot_be_read(line, "it is not UTF-8")),
        };
        let now = readers::read_as_sdk(subject.kind, text);
        if let (Ok(before), Ok(now)) = (before, now) {
            let differ = differing(&before, &now, &expected);
            open.retain(|name| differ.contains(name));
        }
    }
    if let Some(name) = open.into_iter().min() {
        let line = readers::line_of(new, subject.kind, &name);
        return Err(spoilt(line, &format!("[{name}] would change")));
    }
    let is_wrong = |section: &&&str| {
        let changes = changes.to(section);
        changes.is_some_and(|changes| reads_otherwise(new, section, changes))
    };
    ignored.sort_unstable();
    if let Some(section) = ignored.iter().find(is_wrong) {
        let line = readers::line_of(new, subject.kind, section);
        return Err(spoilt(line, &format!("[{section}] would change")));
    }
    Ok(ignored.into_iter().map(str::to_owned).collect())
}

/// What the SDK must read of an edited profile.
struct Expected {
    /// `None` where there was no such profile and nothing is set in it.
    profile: Option<Profile>,
    /// It may be gone: nothing is left in it. Where something that the SDK does not read is left,
    /// it stays, without keys.
    may_go: bool,
}

/// What the SDK must read in the profile `name` after `changes` to its section.
fn edited_profile(
    old: &Document,
    before: &EnvConfigSections,
    name: &str,
    section: &str,
    changes: &SectionChanges,
) -> Expected {
    let mut values: HashMap<String, String> = HashMap::new();
    if let Some(profile) = before.get_profile(name) {
        let read = |key: Cow<'_, str>| {
            let value = profile.get(&key)?.to_owned();
            Some((key.into_owned(), value))
        };
        values.extend(old.keys(section).filter_map(read));
    }
    for (key, value) in changes {
        match value {
            Some(value) => drop(values.insert(key.clone(), (*value).to_owned())),
            None => drop(values.remove(key)),
        }
    }
    let properties: HashMap<String, Property> = values
        .into_iter()
        .map(|(key, value)| (key.clone(), Property::new(key, value)))
        .collect();
    let is_there = before.get_profile(name).is_some() || !properties.is_empty();
    Expected {
        may_go: may_go(old, section, changes),
        profile: is_there.then(|| Profile::new(name, properties)),
    }
}

/// The names of everything that the SDK reads differently in two texts, or not as expected.
fn differing(
    before: &EnvConfigSections,
    now: &EnvConfigSections,
    expected: &HashMap<&str, Expected>,
) -> HashSet<String> {
    let mut differing = HashSet::new();
    let is_edited = |name: &str| expected.contains_key(name);
    let mut in_both = 0;
    for name in before.profiles() {
        let found = now.get_profile(name);
        in_both += usize::from(found.is_some());
        if found != before.get_profile(name) && !is_edited(name) {
            differing.insert(name.to_owned());
        }
    }
    if now.profiles().count() > in_both {
        let new = |name: &&str| before.get_profile(name).is_none() && !is_edited(name);
        differing.extend(now.profiles().filter(new).map(str::to_owned));
    }
    for (name, expected) in expected {
        let found = now.get_profile(name);
        if found != expected.profile.as_ref() && !(found.is_none() && expected.may_go) {
            differing.insert((*name).to_owned());
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
