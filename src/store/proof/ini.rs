//! Judges whether rust-ini, which stands for ordinary INI readers, reads an edited file as it must:
//! that decides where a new section goes. It never refuses an edit.

use super::expected::changes;
use crate::ini::Edit;
use ini::{Ini, Properties};

/// Whether rust-ini reads our values, and everything else as before and in the same order.
pub(super) fn reads_ini(before: &Ini, after: &Ini, edits: &[Edit]) -> bool {
    let other = |section: &(Option<&str>, &Properties)| {
        !edits.iter().any(|edit| is(section.0, &edit.section))
    };
    let mut was = before.iter().filter(other);
    let mut now = after.iter().filter(other);
    loop {
        match (was.next(), now.next()) {
            (None, None) => break,
            (Some((was, values)), Some((now, found)))
                if was == now && values.iter().eq(found.iter()) => {}
            _ => return false,
        }
    }
    edits
        .iter()
        .all(|edit| reads_section(before, after, edits, &edit.section))
}

/// Whether rust-ini reads the edited section `name` with our values, and its other keys as before.
fn reads_section(before: &Ini, after: &Ini, edits: &[Edit], name: &str) -> bool {
    let changes = changes(edits, name);
    // Such readers take the first of a repeated section or key.
    let first = after.iter().find(|(section, _)| is(*section, name));
    let read = |key: &str| {
        let (_, values) = first?;
        let mut values = values.iter();
        let (_, value) = values.find(|(found, _)| found.eq_ignore_ascii_case(key))?;
        Some(value)
    };
    // rust-ini has its own idea of a nested block, and which of its lines are keys.
    let (nested, plain): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|(_, value)| value.is_some_and(|value| value.contains('\n')));
    let rest = |of: &Ini| -> Vec<(String, String)> {
        of.iter()
            .filter(|(section, _)| is(*section, name))
            .flat_map(|(_, values)| values.iter())
            .filter(|(key, _)| !changes.contains_key(&key.to_ascii_lowercase()))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    };
    plain.into_iter().all(|(key, value)| read(key) == *value)
        && (!nested.is_empty() || rest(before) == rest(after))
}

/// Whether the section that rust-ini calls `section` is the one of the canonical name `name`.
fn is(section: Option<&str>, name: &str) -> bool {
    section.is_some_and(|section| section == name || section.split_whitespace().eq(name.split(' ')))
}
