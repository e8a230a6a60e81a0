//! Checks whether rust-ini, as a stand-in for ordinary INI readers, reads an edited file as it must,
//! which decides where a new section goes. It never refuses an edit.

use super::expected::{Changes, SectionChanges};
use fnv::FnvHashMap;
use ini::{Ini, Properties};
use std::borrow::Cow;

/// The edited sections as rust-ini reads them, each as often as it occurs.
type Edited<'a> = FnvHashMap<Cow<'a, str>, Vec<&'a Properties>>;

/// Whether rust-ini reads our values, and everything else as before and in the same order.
pub(super) fn reads_ini(before: &Ini, after: &Ini, changes: &Changes) -> bool {
    let (mut edited_before, mut edited_after) = (Edited::default(), Edited::default());
    let mut was = others(before, changes, &mut edited_before);
    let mut now = others(after, changes, &mut edited_after);
    loop {
        match (was.next(), now.next()) {
            (None, None) => break,
            (Some((was, values)), Some((now, found)))
                if was == now && values.iter().eq(found.iter()) => {}
            _ => return false,
        }
    }
    drop((was, now));
    changes.all().all(|(name, changes)| {
        let none = Vec::new();
        let before = edited_before.get(name).unwrap_or(&none);
        reads_section(before, edited_after.get(name).unwrap_or(&none), changes)
    })
}

/// What rust-ini reads outside the edited sections, which are put into `edited`.
fn others<'a>(
    ini: &'a Ini,
    changes: &Changes,
    edited: &mut Edited<'a>,
) -> impl Iterator<Item = (Option<&'a str>, &'a Properties)> {
    ini.iter().filter(|(section, properties)| {
        let name = section.map(canonical);
        match name.filter(|name| changes.to(name).is_some()) {
            Some(name) => {
                edited.entry(name).or_default().push(properties);
                false
            }
            None => true,
        }
    })
}

/// Whether rust-ini reads an edited section with our values, and its other keys as before.
fn reads_section(before: &[&Properties], after: &[&Properties], changes: &SectionChanges) -> bool {
    // Such readers take the first of repeated sections or keys.
    let read = |key: &str| {
        let mut values = after.first()?.iter();
        let (_, value) = values.find(|(found, _)| found.eq_ignore_ascii_case(key))?;
        Some(value)
    };
    // rust-ini has its own idea of a nested block, and of which lines in it are keys.
    let (nested, plain): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|(_, value)| value.is_some_and(|value| value.contains('\n')));
    let rest = |of: &[&Properties]| -> Vec<(String, String)> {
        of.iter()
            .flat_map(|values| values.iter())
            .filter(|(key, _)| !changes.contains_key(&key.to_ascii_lowercase()))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    };
    plain.into_iter().all(|(key, value)| read(key) == *value)
        && (!nested.is_empty() || rest(before) == rest(after))
}

/// The canonical name of the section that rust-ini calls `section`.
fn canonical(section: &str) -> Cow<'_, str> {
    if !section.contains(char::is_whitespace) {
        return section.into();
    }
    let words: Vec<&str> = section.split_whitespace().collect();
    words.join(" ").into()
}

#[cfg(test)]
mod tests {
    use super::super::readers::read_as_rust_ini;
    use super::*;
    use crate::ini::Edit;

    #[test]
    fn ordinary_readers_find_the_new_values_and_everything_else_as_before() {
        const OLD: &str = "[a]\nk = 1\nl = 1\n[b]\nk = 1\n";
        let edits = [Edit {
            section: "a".into(),
            changes: vec![("k".into(), Some("2".into())), ("m".into(), None)],
        }];
        let judged = |new: &str| {
            let read = |text| read_as_rust_ini(text).expect("read");
            reads_ini(&read(OLD), &read(new), &Changes::of(&edits))
        };
        assert!(judged(&OLD.replacen("k = 1", "k = 2", 1)));
        for wrong in [
            OLD,
            "[a]\nl = 1\n[b]\nk = 1\n",
            "[a]\nk = 2\nl = 2\n[b]\nk = 1\n",
            "[a]\nk = 2\n[b]\nk = 1\n",
            "[a]\nk = 2\nl = 1\nm = 1\n[b]\nk = 1\n",
            "[a]\nk = 2\nl = 1\n[b]\nk = 2\n",
            "[a]\nk = 2\nl = 1\n",
            "[b]\nk = 1\n",
        ] {
            assert!(!judged(wrong), "{wrong}");
        }
    }

    #[test]
    fn white_space_in_a_header_makes_no_other_section_of_it() {
        const OLD: &str = "[profile \t a]\nk = 1\n[profile  b]\nk = 1\n";
        let edits = [Edit {
            section: "profile a".into(),
            changes: vec![("k".into(), Some("2".into()))],
        }];
        let judged = |new: &str| {
            let read = |text| read_as_rust_ini(text).expect("read");
            reads_ini(&read(OLD), &read(new), &Changes::of(&edits))
        };
        assert!(judged(&OLD.replacen("k = 1", "k = 2", 1)));
        assert!(!judged(OLD));
        assert!(!judged(&OLD.replace("k = 1", "k = 2")));
    }
}
