//! Says what a document must hold after edits: their values, and everything else as before. It asks no
//! other reader.

use crate::ini::{Document, Edit};
use fnv::FnvHashMap;
use std::borrow::Cow;
use std::collections::HashSet;

/// All changes of an update by section; the last change of a key counts.
pub(super) struct Changes<'a> {
    by_section: FnvHashMap<&'a str, SectionChanges<'a>>,
}

/// The changes to one section: the new value of each key, lower-cased, or `None` if it is removed.
pub(super) type SectionChanges<'a> = FnvHashMap<String, Option<&'a str>>;

impl<'a> Changes<'a> {
    /// The changes of `edits`.
    pub(super) fn of(edits: &'a [Edit]) -> Self {
        let mut by_section: FnvHashMap<&str, SectionChanges> = FnvHashMap::default();
        for edit in edits {
            let section = by_section.entry(&edit.section).or_default();
            for (key, value) in &edit.changes {
                section.insert(key.to_ascii_lowercase(), value.as_deref());
            }
        }
        Self { by_section }
    }

    /// The changes to the section of this canonical name.
    pub(super) fn to(&self, section: &str) -> Option<&SectionChanges<'a>> {
        self.by_section.get(section)
    }

    /// Each section that changes, with its changes.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &SectionChanges<'a>)> {
        let all = self.by_section.iter();
        all.map(|(section, changes)| (*section, changes))
    }
}

/// Whether the section may be removed with `changes`: they set nothing in it and remove every key that
/// it had.
pub(super) fn may_go(old: &Document, section: &str, changes: &SectionChanges) -> bool {
    let mut keys = old.keys(section).peekable();
    changes.values().all(Option::is_none)
        && keys.peek().is_some()
        && keys.all(|key| changes.contains_key(&*key))
}

/// Whether our own document reads `section` other than `changes` want it.
pub(super) fn reads_otherwise(new: &Document, section: &str, changes: &SectionChanges) -> bool {
    changes
        .iter()
        .any(|(key, value)| new.get(section, key).as_deref() != *value)
}

/// Whether our own document reads the changes as given and everything else as before. For a file that
/// the SDKs can't read.
pub(super) fn reads_same(old: &Document, new: &Document, changes: &Changes) -> bool {
    let none = SectionChanges::default();
    let edited = changes.all().map(|(section, _)| section);
    let sections: HashSet<&str> = old.sections().chain(new.sections()).chain(edited).collect();
    sections.into_iter().all(|section| {
        let changes = changes.to(section).unwrap_or(&none);
        let keys: HashSet<Cow<'_, str>> = old.keys(section).chain(new.keys(section)).collect();
        let is_there = new.contains(section) || may_go(old, section, changes);
        let is_expected = old.contains(section) || changes.values().any(Option::is_some);
        (if is_expected {
            is_there
        } else {
            !new.contains(section)
        }) && keys
            .into_iter()
            .filter(|key| !changes.contains_key(&**key))
            .all(|key| old.get(section, &key) == new.get(section, &key))
            && !reads_otherwise(new, section, changes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_is_added_or_removed_without_a_change_is_noticed() {
        let same = |old: &str, new: &str| {
            let changes = Changes::of(&[]);
            reads_same(&Document::parse(old), &Document::parse(new), &changes)
        };
        let text = "[a]\nk = v\n[b]\n";
        assert!(same(text, text) && same(text, "[b]\n[a]\nK = v\n"));
        for other in [
            "[a]\nk = v\n",
            "[b]\n",
            "[a]\nk = v\n[b]\n[c]\n",
            "[a]\nk = v\nl = v\n[b]\n",
        ] {
            assert!(!same(text, other) && !same(other, text), "{other}");
        }
    }

    #[test]
    fn a_change_that_does_not_read_back_as_given_is_noticed() {
        let document = Document::parse("[a]\nk = v\n");
        for (key, value, is_otherwise) in [
            ("k", Some("v"), false),
            ("k", Some("w"), true),
            ("k", None, true),
            ("l", None, false),
            ("l", Some(""), true),
        ] {
            let changes = SectionChanges::from_iter([(key.to_owned(), value)]);
            assert_eq!(
                reads_otherwise(&document, "a", &changes),
                is_otherwise,
                "{key} {value:?}"
            );
        }
    }
}
