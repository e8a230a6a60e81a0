//! Refuses an edited file if a line has changed that the edit is not about, or if the comment after a
//! value is lost. It is for a file that only botocore reads, and has no second reader to rely on.

use super::cli::Read;
use super::expected::Changes;
use crate::ini::{botocore, canonical_name};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The first line of the new text, counted from 1, that neither was in the old text nor belongs to
/// `changes`; or the last line, if a line of the old text is missing.
pub(super) fn stray_line(old: Read, new: Read, changes: &Changes) -> Option<usize> {
    let (touched_before, touched_after) = (touched(old, changes), touched(new, changes));
    // A section that is added or removed has a header and blank lines.
    let is_in = |read: Read, section: &str| {
        let sections = read.reading.sections.iter();
        let mut names = sections.map(|it| &read.text[it.name.clone()]);
        names.any(|name| canonical_name(name) == section)
    };
    let come_or_gone = |section: &&str| is_in(old, section) != is_in(new, section);
    let come_or_gone: HashSet<&str> = changes.all().map(|it| it.0).filter(come_or_gone).collect();
    let mut blanks = [0_usize; 2];
    let mut rest = [(old, touched_before), (new, touched_after)].map(|(read, touched)| {
        let headers = headers(read, &come_or_gone);
        let lines = lines(read.text).filter(move |(start, _, _)| !headers.contains(start));
        lines.filter_map(move |(start, number, line)| match touched.get(&start) {
            // The comment after the value on such a line stays, if need be on a line of its own.
            Some(value) => Some((number, remark(&read.text[value.clone()])?)),
            None => Some((number, line)),
        })
    });
    let [was, now] = &mut rest;
    let mut next = |blank: usize| loop {
        let found = match blank {
            0 => was.next(),
            _ => now.next(),
        };
        match found {
            Some((_, line)) if line.trim().is_empty() => blanks[blank] += 1,
            found => return found,
        }
    };
    let last = lines(new.text).count().max(1);
    loop {
        match (next(0), next(1)) {
            (None, None) => break,
            (Some((_, was)), Some((_, now))) if was == now => {}
            (_, Some((number, _))) => return Some(number),
            (Some(_), None) => return Some(last),
        }
    }
    let [was, now] = blanks;
    (was.abs_diff(now) > 2 * come_or_gone.len()).then_some(last)
}

/// The comment in the text after a separator, as people see it: it begins at a mark that follows white
/// space.
fn remark(text: &str) -> Option<&str> {
    let mut marks = text.match_indices(['#', ';']);
    let (at, _) = marks.find(|(at, _)| text[..*at].ends_with(char::is_whitespace))?;
    Some(text[at..].trim_end())
}

/// The offsets of all lines of the changed keys, each with the range of the text after the separator;
/// the range is empty for continuation lines.
fn touched(read: Read, changes: &Changes) -> HashMap<usize, Range<usize>> {
    let Read { text, reading } = read;
    let mut touched = HashMap::new();
    for option in &reading.options {
        let section = &text[reading.sections[option.section].name.clone()];
        let section = canonical_name(section);
        let is_changed = changes
            .to(&section)
            .is_some_and(|changes| changes.contains_key(&*reading.name(text, option)));
        if is_changed {
            let start = |at| botocore::line_start(text, at);
            // The range begins at the separator, because white space before a mark counts even if the
            // value begins with the mark.
            touched.insert(start(option.name.start), option.name.end..option.value.end);
            let below = reading.lines_below(option);
            touched.extend(below.map(|line| (start(line.start), line.end..line.end)));
        }
    }
    touched
}

/// The offsets of the header lines of these sections.
fn headers(read: Read, sections: &HashSet<&str>) -> HashSet<usize> {
    let Read { text, reading } = read;
    let of_these =
        |name: &&Range<usize>| sections.contains(&*canonical_name(&text[(*name).clone()]));
    let headers = reading.headers.iter().filter(of_these);
    headers
        .map(|name| botocore::line_start(text, name.start))
        .collect()
}

/// The lines of a text without their ends, each with its offset and its number.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut next = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        let start = next;
        if start == text.len() {
            return None;
        }
        let end;
        (end, next) = botocore::line_end(text, start);
        number += 1;
        Some((start, number, &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Edit;
    use crate::ini::botocore::Reading;

    const OLD: &str = "[a]\n  k = 1\n  # c\n    2\n  l = 1\n\n[b]\n  k = 1\n";

    fn judged(new: &str) -> Option<usize> {
        judged_from(OLD, new)
    }

    fn judged_from(old: &str, new: &str) -> Option<usize> {
        let edits = [
            Edit {
                section: "a".into(),
                changes: vec![("k".into(), Some("2".into()))],
            },
            Edit {
                section: "c".into(),
                changes: vec![("k".into(), Some("2".into()))],
            },
        ];
        let (before, after) = (Reading::of(old), Reading::of(new));
        let read = |text, reading| Read { text, reading };
        let old = read(old, &before);
        stray_line(old, read(new, &after), &Changes::of(&edits))
    }

    #[test]
    fn only_the_lines_of_the_changed_keys_may_differ() {
        let right = OLD.replace("  k = 1\n  # c\n    2\n", "  k = 2\n  # c\n") + "\n[c]\nk = 2\n";
        assert_eq!(judged(&right), None);
        assert_eq!(judged(OLD), None, "what is missing is another proof's");
        for (wrong, line) in [
            (right.replace("# c", "# d"), 3),
            (right.replace("  # c\n", ""), 3),
            (right.replace("  l = 1", " l = 1"), 4),
            (right.replace("[b]\n  k = 1", "[b]\n  k  = 1"), 7),
            (right.replace("[b]", "[b]\n# new"), 7),
            (right.replace("\n[b]", "\n\n\n\n\n[b]"), 14),
            (right.replace("\n[c]", "# new\n[c]"), 8),
            // No blank line is added or removed unless a section is.
            (OLD.replace("\n[b]", "\n\n[b]"), 9),
        ] {
            assert_eq!(judged(&wrong), Some(line), "{wrong}");
        }
    }

    #[test]
    fn a_comment_after_a_removed_value_is_on_a_line_of_its_own() {
        let old = OLD.replace("k = 1\n  #", "k = 1 ; mine\n  #");
        let set = |line: &str| old.replace("  k = 1 ; mine\n  # c\n    2\n", line);
        for right in [
            "; mine\n  k = 2\n  # c\n",
            "; mine\n  # c\n",
            "  k = 2 ; mine\n  # c\n",
        ] {
            assert_eq!(judged_from(&old, &set(right)), None, "{right}");
        }
        for wrong in ["  k = 2\n  # c\n", "  # c\n", "; other\n  k = 2\n  # c\n"] {
            assert!(judged_from(&old, &set(wrong)).is_some(), "{wrong}");
        }
        let old = OLD.replace("k = 1\n  #", "k : # mine\n  #");
        let gone = OLD.replace("  k = 1\n  # c\n    2\n", "  # c\n");
        assert_eq!(judged_from(&old, &gone), Some(2));
    }
}
