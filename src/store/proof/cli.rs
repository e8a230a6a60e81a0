//! Refuses an edited file unless botocore, and so the AWS CLI, reads in it what it read in the old
//! one, but for the edits. It never accepts less than all of it.

use super::expected::{Changes, SectionChanges};
use super::subject::Subject;
use crate::exit::{Failure, Result};
use crate::ini::botocore::{DEFAULTS, Fault, Opt, Reading};
use crate::ini::{FileKind, canonical_name};
use fnv::FnvHashMap;
use std::borrow::Cow;
use std::collections::HashMap;

/// A text and how botocore reads it.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) text: &'a str,
    pub(super) reading: &'a Reading,
}

/// The options of one section, by their names.
type Options<'a> = FnvHashMap<Cow<'a, str>, &'a Opt>;

/// Whether botocore reads the new text as the old one but for `changes`. Returns what it does not
/// find of them, for a person to read.
pub(super) fn satisfies_cli(
    subject: Subject,
    old: Read,
    new: Read,
    changes: &Changes,
) -> Result<Vec<String>> {
    let spoilt = |line: usize, reason: &str| {
        Failure::failed(format!(
            "{} was left unchanged: the AWS CLI would misread line {line} of the edited file: {reason}",
            subject.path.display()
        ))
        .hint("look there for a section or key that is written twice or oddly, and fix it")
    };
    if let Some(fault) = new_fault(&old.reading.faults, &new.reading.faults) {
        return Err(spoilt(fault.line, &fault.reason));
    }
    // It reads nothing of such a file, before as after.
    if old.reading.faults.is_empty()
        && let Some((line, name)) = difference(subject.kind, old, new, changes)
    {
        return Err(spoilt(line, &format!("[{name}] would change")));
    }
    Ok(not_found(subject, new, changes))
}

/// A fault that was not there before, where there are more of them now.
fn new_fault<'a>(before: &[Fault], after: &'a [Fault]) -> Option<&'a Fault> {
    if after.len() <= before.len() {
        return None;
    }
    let mut known: HashMap<&str, usize> = HashMap::new();
    for fault in before {
        *known.entry(kind_of(fault)).or_default() += 1;
    }
    after
        .iter()
        .find(|fault| match known.get_mut(kind_of(fault)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        })
}

/// A fault without the line that it names, which an edit above may have moved.
fn kind_of(fault: &Fault) -> &str {
    let reason = fault.reason.split(" already ").next();
    reason.unwrap_or(&fault.reason)
}

/// The first section that botocore reads other than it must, and its line.
fn difference<'a>(
    kind: FileKind,
    old: Read<'a>,
    new: Read<'a>,
    changes: &Changes,
) -> Option<(usize, &'a str)> {
    let (mut was, mut now) = (sections(old), sections(new));
    let mut edited_before: FnvHashMap<&str, Options> = FnvHashMap::default();
    let mut edited_after: FnvHashMap<&str, (usize, Options)> = FnvHashMap::default();
    let is_edited = |name: &str| name != DEFAULTS && changes.to(&canonical_name(name)).is_some();
    loop {
        // What the edits are about is set aside; the rest is there in the same order.
        let before = was.find(|(name, _, options)| {
            let is_edited = is_edited(name);
            if is_edited {
                edited_before.insert(name, by_name(old, options));
            }
            !is_edited
        });
        let after = now.find(|(name, line, options)| {
            let is_edited = is_edited(name);
            if is_edited {
                edited_after.insert(name, (*line, by_name(new, options)));
            }
            !is_edited
        });
        match (before, after) {
            (None, None) => break,
            (Some((was, _, values)), Some((now, line, found))) => {
                if was != now || !are_same((old, values), (new, found)) {
                    return Some((line, now));
                }
            }
            (Some((was, ..)), None) => return Some((last_line(new), was)),
            (None, Some((now, line, _))) => return Some((line, now)),
        }
    }
    let none = SectionChanges::default();
    let gone = edited_before.iter().find(|(name, options)| {
        let changes = changes.to(&canonical_name(name)).unwrap_or(&none);
        let is_left = |key: &Cow<str>| changes.get(&**key).is_none_or(Option::is_some);
        !edited_after.contains_key(*name) && options.keys().any(is_left)
    });
    if let Some((name, _)) = gone {
        return Some((last_line(new), name));
    }
    // A header that begins with these letters is a profile's to botocore, whatever follows them.
    let is_set = |name: &str| {
        let changes = changes.to(&canonical_name(name));
        changes.is_some_and(|it| it.values().any(Option::is_some))
    };
    let set_names = edited_after.keys().filter(|name| is_set(name));
    let edited_names: Vec<_> = set_names.filter_map(|name| profile_of(name)).collect();
    let other = sections(new).find(|(name, ..)| {
        let is_edited_too = |profile| edited_names.contains(&profile);
        !is_edited(name) && profile_of(name).is_some_and(is_edited_too)
    });
    if let Some((name, line, _)) = other.filter(|_| kind == FileKind::Config) {
        return Some((line, name));
    }
    let mut edited: Vec<_> = edited_after.into_iter().collect();
    edited.sort_by_key(|(_, (line, _))| *line);
    edited.into_iter().find_map(|(name, (line, found))| {
        let section = canonical_name(name);
        let changes = changes.to(&section).unwrap_or(&none);
        let is_target = is_found(kind, name, &section);
        let before = edited_before.get(name);
        let as_before = |key: &str| before.and_then(|before| before.get(key)).copied();
        let is_wrong = |key: &str| match (changes.get(key), as_before(key), found.get(key)) {
            (Some(Some(value)), _, found) if is_target => {
                !found.is_some_and(|found| is_value(new, found, value))
            }
            (Some(None), _, found) => found.is_some(),
            (Some(Some(_)), ..) => false,
            (None, None, None) => false,
            (None, Some(was), Some(now)) => !is_same((old, was), (new, now)),
            (None, ..) => true,
        };
        let keys = changes.keys().map(String::as_str);
        let keys = keys.chain(found.keys().map(|key| &**key));
        let keys = keys.chain(before.into_iter().flatten().map(|(key, _)| &**key));
        let wrong = keys.into_iter().find(|key| is_wrong(key))?;
        let line = found.get(wrong).map_or(line, |option| option.line);
        Some((line, name))
    })
}

/// The sections of a text that botocore reads, in file order: name, line, options.
fn sections<'a>(read: Read<'a>) -> impl Iterator<Item = (&'a str, usize, &'a [Opt])> {
    let Read { text, reading } = read;
    let mut left = reading.options.as_slice();
    reading
        .sections
        .iter()
        .enumerate()
        .map(move |(at, section)| {
            // No section is repeated in a text that botocore reads.
            let own = left
                .iter()
                .take_while(|option| option.section == at)
                .count();
            let (own, rest) = left.split_at(own);
            left = rest;
            (&text[section.name.clone()], section.line, own)
        })
}

fn by_name<'a>(read: Read<'a>, options: &'a [Opt]) -> Options<'a> {
    let named = options
        .iter()
        .map(|option| (read.reading.name(read.text, option), option));
    named.collect()
}

fn are_same(was: (Read, &[Opt]), now: (Read, &[Opt])) -> bool {
    let (before, after) = (was.1, now.1);
    before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(before, after)| is_same((was.0, before), (now.0, after)))
}

fn is_same((old, was): (Read, &Opt), (new, now): (Read, &Opt)) -> bool {
    old.reading.name(old.text, was) == new.reading.name(new.text, now)
        && old
            .reading
            .value(old.text, was)
            .eq(new.reading.value(new.text, now))
}

fn is_value(read: Read, found: &Opt, value: &str) -> bool {
    read.reading.value(read.text, found).eq(value.split('\n'))
}

fn last_line(read: Read) -> usize {
    read.text.lines().count().max(1)
}

/// Whether botocore finds in the section `name`, as it is spelled, what the SDKs find in `section`, its
/// canonical name.
fn is_found(kind: FileKind, name: &str, section: &str) -> bool {
    if name == section {
        return true;
    }
    kind == FileKind::Config
        && profile_of(name).is_some()
        && profile_of(name) == section.strip_prefix("profile ")
}

/// The profile that botocore makes of the section `name` in the config file. It splits the header as a
/// shell would, drops the quotes, and looks at the first letters alone to tell what it is.
fn profile_of(name: &str) -> Option<&str> {
    let mut words = name.split([' ', '\t']).filter(|word| !word.is_empty());
    let (Some(_), Some(profile), None) = (words.next(), words.next(), words.next()) else {
        return None;
    };
    let inner = |mark| profile.strip_prefix(mark)?.strip_suffix(mark);
    let profile = inner('"').or_else(|| inner('\'')).unwrap_or(profile);
    name.starts_with("profile").then_some(profile)
}

/// What is set and botocore does not find, because of how the section's header is written.
fn not_found(subject: Subject, new: Read, changes: &Changes) -> Vec<String> {
    let is_set = |section: &str| {
        let is_set = |changes: &SectionChanges| changes.values().any(Option::is_some);
        changes.to(section).is_some_and(is_set)
    };
    headers_not_found(subject.kind, new.text, new.reading, is_set)
        .into_iter()
        .map(|NotFound { section, line }| {
            format!(
                "the AWS CLI does not find [{section}] in {}: on line {line}, write [{section}] without spaces in its brackets or brackets after them",
                subject.path.display()
            )
        })
        .collect()
}

/// A section that the SDKs find and botocore does not, because of how its header is written.
pub(in crate::store) struct NotFound<'a> {
    /// Its canonical name.
    pub(in crate::store) section: Cow<'a, str>,
    /// The line of the header, from 1.
    pub(in crate::store) line: usize,
}

/// Those of the sections that `is_wanted`, by line.
pub(in crate::store) fn headers_not_found<'a>(
    kind: FileKind,
    text: &'a str,
    reading: &Reading,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<NotFound<'a>> {
    let headers = reading.sections.iter();
    let mut odd: Vec<NotFound<'a>> = headers
        .filter_map(|header| {
            let name = &text[header.name.clone()];
            let section = canonical_name(name);
            let is_odd = is_wanted(&section) && !is_found(kind, name, &section);
            let line = header.line;
            is_odd.then_some(NotFound { section, line })
        })
        .collect();
    odd.sort_by_key(|found| found.line);
    odd
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Edit;
    use std::path::Path;

    /// What a change of `old` to `new`, meant to be `key = value` in `[a]` of the credentials file,
    /// comes to: the warnings, or the failure.
    fn judged(old: &str, new: &str, value: Option<&str>) -> Result<Vec<String>> {
        judged_as(FileKind::Credentials, "a", (old, new), value)
    }

    /// The same in this section of a file of this kind.
    fn judged_as(
        kind: FileKind,
        section: &str,
        (old, new): (&str, &str),
        value: Option<&str>,
    ) -> Result<Vec<String>> {
        let edits = [Edit {
            section: section.to_owned(),
            changes: vec![("k".to_owned(), value.map(str::to_owned))],
        }];
        let subject = Subject {
            kind,
            path: Path::new("the-file"),
            header_counts: |_, _| false,
        };
        let (was, now) = (Reading::of(old), Reading::of(new));
        let old = Read {
            text: old,
            reading: &was,
        };
        let new = Read {
            text: new,
            reading: &now,
        };
        satisfies_cli(subject, old, new, &Changes::of(&edits))
    }

    #[test]
    fn an_edit_that_reads_as_it_must_passes() {
        for (old, new, value) in [
            ("[b]\nx = 1\n", "[b]\nx = 1\n\n[a]\nk = v\n", Some("v")),
            ("[b]\nx = 1\n\n[a]\nk = v\n", "[b]\nx = 1\n", None),
            ("[a]\nk = v\nl = 1\n", "[a]\nl = 1\n", None),
            (
                "[a]\nl = 1 ; c\nk = 1\n",
                "[a]\nk = x\n y\nl = 1 ; c\n",
                Some("x\ny"),
            ),
            ("[a]\nk = v # c\n", "[a]\n# c\nk = v\n", Some("v")),
            (
                "[a]\n[b]\ns3 =\n  x = 1\n\n",
                "[a]\nK : v\n[b]\ns3 =\n\tx = 1\n",
                Some("v"),
            ),
            // It reads nothing of this, before as after.
            (
                "[b]\nx = 1\nx = 2\n",
                "[b]\nx = 1\nx = 3\n\n[a]\nk = v\n",
                Some("v"),
            ),
        ] {
            let warnings = judged(old, new, value).expect("it reads as it must");
            assert_eq!(warnings, Vec::<String>::new(), "{old:?} {new:?}");
        }
    }

    #[test]
    fn the_fault_that_is_named_is_the_one_that_was_not_there() {
        let fault = |line: usize, reason: &str| Fault {
            line,
            reason: reason.to_owned(),
        };
        let before = [fault(3, "x in [b] is already set on line 2")];
        let after = [
            fault(2, "k in [a] is already set on line 1"),
            fault(5, "x in [b] is already set on line 4"),
        ];
        assert_eq!(new_fault(&before, &after), Some(&after[0]));
        assert_eq!(new_fault(&before, &after[1..]), None);
        let twice = [
            after[1].clone(),
            fault(6, "x in [b] is already set on line 4"),
        ];
        assert_eq!(new_fault(&before, &twice), Some(&twice[1]));
    }

    #[test]
    fn an_edit_that_reads_otherwise_is_refused_with_its_line() {
        for (old, new, value, line) in [
            // Another section, or one more, or one less.
            (
                "[b]\nx = 1\n",
                "[b]\nx = 2\n[a]\nk = v\n",
                Some("v"),
                "line 1 ",
            ),
            (
                "[b]\nx = 1\n",
                "[a]\nk = v\n[c]\n[b]\nx = 1\n",
                Some("v"),
                "line 3 ",
            ),
            ("[b]\n[c]\n[a]\nk = 1\n", "[b]\n[a]\n", None, "line 2 "),
            ("[b]\n[c]\n[a]\nk = 1\n", "[c]\n[b]\n[a]\n", None, "line 1 "),
            // The value is not there, or not this one, or not gone.
            ("[b]\n", "[b]\n[a]\n", Some("v"), "line 2 "),
            ("[b]\n", "[b]\n[a]\nk = v ; c\n", Some("v"), "line 3 "),
            ("[a]\nk = 1\n", "[a]\n\u{a0}k = 1\n", None, "line 2 "),
            // Another key of the section has changed, gone or come.
            ("[a]\nl = 1\n", "[a]\nl = 2\nk = v\n", Some("v"), "line 2 "),
            ("[a]\nl = 1\n", "[a]\nk = v\n", Some("v"), "line 1 "),
            ("[a]\nk = 1\n", "[a]\nm = 1\n", None, "line 2 "),
            ("[a]\nk = 1\nl = 1\n", "", None, "line 1 "),
            // What holds for every section is no section of its own.
            (
                "[b]\nx = 1\n",
                "[DEFAULT]\nk = v\n[b]\nx = 1\n",
                None,
                "line 1 ",
            ),
            // It read the file, and does not any more.
            (
                "[a]\n\u{a0}k = 1\n",
                "[a]\n\u{a0}k = 1\nk = v\n",
                Some("v"),
                "line 3 ",
            ),
            (
                "[b]\nx = 1\n",
                "[b]\nx = 1\n[a]\nk = v\n[b]\n",
                Some("v"),
                "line 5 ",
            ),
            // Nor does it read one more thing for which it would have given up.
            (
                "[b]\nx = 1\nx = 2\n",
                "[b]\nx = 1\nx = 2\n[a]\nk = v\nk = v\n",
                Some("v"),
                "line 6 ",
            ),
            ("[b]\n[b]\n", "[b]\n[b]\n[b]\n", None, "line 3 "),
        ] {
            let failure = judged(old, new, value).expect_err(new).to_string();
            assert!(failure.contains(line), "{old:?} {new:?}: {failure}");
        }
    }

    #[test]
    fn what_is_set_below_a_header_that_botocore_reads_otherwise_is_told() {
        for header in ["[ a ]", "[a] ; [b]", "[a\t]"] {
            let (old, new) = (
                format!("{header}\nl = 1\n"),
                format!("{header}\nl = 1\nk = v\n"),
            );
            let warnings = judged(&old, &new, Some("v")).expect("it reads as it must");
            assert!(warnings.concat().contains("on line 1, "), "{warnings:?}");
            assert_eq!(
                judged(&new, &old, None).expect("it reads as it must"),
                Vec::<String>::new()
            );
            let other = format!("{header}\nl = 2\nk = v\n");
            assert!(judged(&old, &other, Some("v")).is_err(), "{header}");
        }
    }

    #[test]
    fn of_two_headers_of_one_section_the_one_that_botocore_finds_must_hold_the_value() {
        let (old, new) = (
            "[ a ]\nl = 1\n[a]\nm = 1\n",
            "[ a ]\nl = 1\n[a]\nm = 1\nk = v\n",
        );
        assert!(judged(old, new, Some("v")).is_ok());
    }

    #[test]
    fn a_second_header_that_is_the_same_profile_to_botocore_is_refused_with_its_line() {
        let old = "[profile a]\nl = 1\n[profiles a]\nx = 1\n";
        let new = old.replace("l = 1", "l = 1\nk = v");
        let judge = |kind| judged_as(kind, "profile a", (old, &new), Some("v"));
        let failure = judge(FileKind::Config).expect_err("refused").to_string();
        assert!(failure.contains("line 4 "), "{failure}");
        // In the credentials file they are two names.
        assert!(judge(FileKind::Credentials).is_ok());
    }

    #[test]
    fn a_header_of_the_config_file_is_split_as_a_shell_would() {
        let found = |name| is_found(FileKind::Config, name, "profile a");
        for name in ["profile a", "profile \"a\"", " profile", "profile  'a' "] {
            assert_eq!(found(name), name != " profile", "{name}");
        }
        assert_eq!(profile_of("profiles a"), Some("a"));
        for name in [
            "profile a b",
            "profilea",
            "Profile a",
            "profile b",
            "profile",
        ] {
            assert!(!found(name), "{name}");
        }
        assert!(is_found(FileKind::Config, "default", "default"));
        assert!(!is_found(
            FileKind::Credentials,
            "profile \"a\"",
            "profile a"
        ));
    }
}
