//! Says what a document must hold after edits: their values, and everything else as before. It asks
//! no other reader.

use crate::ini::{Document, Edit};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// All changes to one section, the last one of a key counting.
pub(super) fn changes<'a>(edits: &'a [Edit], section: &str) -> HashMap<String, Option<&'a str>> {
    edits
        .iter()
        .filter(|edit| edit.section == section)
        .flat_map(|edit| &edit.changes)
        .map(|(key, value)| (key.to_ascii_lowercase(), value.as_deref()))
        .collect()
}

/// Whether the section may be gone after `edits`: they set nothing in it and remove every key that
/// it had.
pub(super) fn may_go(old: &Document, section: &str, edits: &[Edit]) -> bool {
    let changes = changes(edits, section);
    let mut keys = old.keys(section).peekable();
    changes.values().all(Option::is_none)
        && keys.peek().is_some()
        && keys.all(|key| changes.contains_key(&*key))
}

/// Whether our own document does not read the edits of `section` as they were given.
pub(super) fn reads_otherwise(new: &Document, section: &str, edits: &[Edit]) -> bool {
    changes(edits, section)
        .iter()
        .any(|(key, value)| new.get(section, key).as_deref() != *value)
}

/// Whether our own document reads the edits as given and everything else as before: for a file
/// that the SDKs can't read.
pub(super) fn reads_same(old: &Document, new: &Document, edits: &[Edit]) -> bool {
    let sections: HashSet<&str> = old.sections().chain(new.sections()).collect();
    sections.into_iter().all(|section| {
        let changes = changes(edits, section);
        let keys: HashSet<Cow<'_, str>> = old.keys(section).chain(new.keys(section)).collect();
        let is_there = new.contains(section) || may_go(old, section, edits);
        let is_expected = old.contains(section) || changes.values().any(Option::is_some);
        (if is_expected {
            is_there
        } else {
            !new.contains(section)
        }) && keys
            .into_iter()
            .filter(|key| !changes.contains_key(&**key))
            .all(|key| old.get(section, &key) == new.get(section, &key))
            && !reads_otherwise(new, section, edits)
    })
}
