//! Finds the sections and keys that stand in a file twice: the SDKs merge them, botocore refuses the
//! file. It changes nothing, and shows no values.

use super::document::Document;
use super::index::Section;
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::fmt;

use fnv::FnvHashMap;

/// A section or key that stands above already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    /// Counted from 1.
    line: usize,
    /// The line where it stands first.
    first: usize,
    section: String,
    /// `None`: it is the section that is repeated.
    key: Option<String>,
}

impl fmt::Display for Repeat {
    /// `line 3: …`, lower case, no full stop; names in canonical form.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        if let Some(key) = &self.key {
            write!(out, "{key} of ")?;
        }
        write!(
            out,
            "[{}] stands on line {} already",
            self.section, self.first
        )
    }
}

/// The same by offsets.
struct Found<'a> {
    at: usize,
    first: usize,
    section: &'a Section,
    key: Option<Cow<'a, str>>,
}

impl Document {
    /// Everything that is repeated, by line.
    pub(crate) fn repeats(&self) -> Vec<Repeat> {
        let mut found = Vec::new();
        let mut keys: FnvHashMap<Cow<'_, str>, usize> = FnvHashMap::default();
        for section in &self.index.sections {
            let mut headers = section
                .headers
                .iter()
                .map(|&it| self.index.headers[it].start);
            let Some(first) = headers.next() else {
                continue;
            };
            found.extend(headers.map(|at| Found {
                at,
                first,
                section,
                key: None,
            }));
            keys.clear();
            for property in self.properties(section) {
                match keys.entry(self.key(property)) {
                    Entry::Vacant(free) => drop(free.insert(property.start)),
                    Entry::Occupied(taken) => found.push(Found {
                        at: property.start,
                        first: *taken.get(),
                        section,
                        key: Some(taken.key().clone()),
                    }),
                }
            }
        }
        if found.is_empty() {
            return Vec::new();
        }
        found.sort_by_key(|found| found.at);
        let ends = self.bytes.iter().enumerate();
        let ends: Vec<usize> = ends
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at)
            .collect();
        let line = |offset| 1 + ends.partition_point(|&end| end < offset);
        found
            .into_iter()
            .map(|found| Repeat {
                line: line(found.at),
                first: line(found.first),
                section: found.section.name.to_string(),
                key: found.key.map(Cow::into_owned),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(text: &[u8]) -> Vec<String> {
        let repeats = Document::parse(text).repeats();
        repeats.iter().map(Repeat::to_string).collect()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn a_file_without_repeats_has_none() {
        let text = "# c\n\n[default]\nregion = r # c\ns3 =\n  a = b\n\n# c\n  c = d # e\n\
                    k = x\n  anything\n[profile a] ; c\n[services x]\nsts =\n  endpoint_url = u\n";
        assert_eq!(repeats(text.as_bytes()), NOTHING);
        assert_eq!(repeats(text.replace('\n', "\r\n").as_bytes()), NOTHING);
        assert_eq!(repeats(b""), NOTHING);
    }

    #[test]
    fn each_repeat_is_told_with_both_lines() {
        for (text, told) in [
            ("[a]\n\n[ a ]\n", "line 3: [a] stands on line 1 already"),
            ("[a]\nk=1\nK=2", "line 3: k of [a] stands on line 2 already"),
            (
                "\u{feff}[a]\nk : 1\nk = 2\n",
                "line 3: k of [a] stands on line 2 already",
            ),
        ] {
            assert_eq!(repeats(text.as_bytes()), [told], "{text}");
        }
    }

    #[test]
    fn a_key_that_is_spread_over_repeated_sections_is_told() {
        assert_eq!(
            repeats(b"[a]\nk = 1\n[b]\n[a]\nk = 2\n"),
            [
                "line 4: [a] stands on line 1 already",
                "line 5: k of [a] stands on line 2 already",
            ]
        );
    }

    #[test]
    fn the_same_key_in_two_sections_is_none() {
        assert_eq!(repeats(b"[a]\nk = 1\n[b]\nk = 2\n"), NOTHING);
    }

    #[test]
    fn lines_that_are_in_no_section_repeat_nothing() {
        let text = b"k = 1\nk = 2\n[a]\nk = 3\nstray\nstray\n[b\nk = 4\nk = 5\n";
        assert_eq!(repeats(text), NOTHING);
    }

    #[test]
    fn no_value_is_shown() {
        let text = b"[a]\nk = secret\nk = secret\n[a]\nl : secret\nsecret\n";
        assert_eq!(
            repeats(text),
            [
                "line 3: k of [a] stands on line 2 already",
                "line 4: [a] stands on line 1 already",
            ]
        );
    }
}
