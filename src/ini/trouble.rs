//! Owns what readers of an AWS file disagree on. It must not change anything, and shows no values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::line::{self, Role};
use super::{Document, start_of_text};

/// One thing that some readers take differently, or refuse the file for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) what: What,
}

/// What readers disagree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A section that stands above already: the SDKs merge them, botocore refuses the file.
    RepeatedSection { section: String, first: usize },
    /// A key that its section has already: the SDKs take the last, botocore refuses the file.
    RepeatedKey {
        section: String,
        key: String,
        first: usize,
    },
    /// A header without its `]`, or with text behind it: the SDKs refuse the file.
    OddHeader,
    /// No header, property or comment: the SDKs refuse the file.
    Stray,
    /// `key : value`: the SDKs refuse the file.
    Colon { key: String },
    /// A property or indented line that is in no section: the SDKs refuse the file.
    NoSection,
    /// An indented line below a header, before any key: the SDKs refuse the file.
    IndentedFirst { section: String },
    /// A line of a nested block that is no `key = value`: the SDKs refuse the file.
    NoSubProperty,
    /// A byte order mark: the SDKs refuse the file.
    ByteOrderMark,
    /// The first bytes that are not UTF-8: the SDKs take the file for an empty one.
    NotUtf8,
}

impl Trouble {
    #[cfg(test)]
    /// True where the AWS SDK for Rust, and most others, read nothing of the file any more.
    pub(crate) fn is_fatal(&self) -> bool {
        !matches!(
            self.what,
            What::RepeatedSection { .. } | What::RepeatedKey { .. }
        )
    }
}

impl fmt::Display for Trouble {
    /// `line 3: …`, lower case, no full stop; section names and keys as they stand in the file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        match &self.what {
            What::RepeatedSection { section, first } => {
                write!(out, "[{section}] stands on line {first} already")
            }
            What::RepeatedKey {
                section,
                key,
                first,
            } => write!(out, "{key} of [{section}] stands on line {first} already"),
            What::OddHeader => write!(out, "a section header must end in `]`"),
            What::Stray => write!(out, "neither a section, a `key = value` nor a comment"),
            What::Colon { key } => write!(out, "{key} is followed by `:` instead of `=`"),
            What::NoSection => write!(out, "stands in no section"),
            What::IndentedFirst { section } => {
                write!(out, "an indented line before the first key of [{section}]")
            }
            What::NoSubProperty => write!(out, "an indented line that is no `key = value`"),
            What::ByteOrderMark => write!(out, "the file begins with a byte order mark"),
            What::NotUtf8 => write!(out, "not UTF-8"),
        }
    }
}

/// What an indented line would go on with.
#[derive(Clone, Copy)]
enum Above {
    /// Nothing, not even a section.
    Nothing,
    Header,
    Property {
        is_nested: bool,
    },
    Stray,
}

impl Document {
    /// Everything that readers disagree on, by line.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let bytes = self.as_bytes();
        let start = start_of_text(bytes);
        let mut troubles = Vec::new();
        // The lines on which a section and a key of it stand first.
        let mut sections: HashMap<Cow<'_, str>, usize> = HashMap::new();
        let mut keys: HashMap<(usize, Cow<'_, str>), usize> = HashMap::new();
        let mut section = (Cow::Borrowed(""), 0);
        let mut above = Above::Nothing;
        let mut is_utf8 = true;
        if start > 0 {
            let what = What::ByteOrderMark;
            troubles.push(Trouble { line: 1, what });
        }
        for (at, line) in line::lines(bytes, start, bytes.len()).enumerate() {
            let number = at + 1;
            let mut push = |what| troubles.push(Trouble { line: number, what });
            if is_utf8 && std::str::from_utf8(line.text).is_err() {
                is_utf8 = false;
                push(What::NotUtf8);
            }
            match (line::role(line.text), above) {
                (Role::Blank | Role::Comment, _) => {}
                (Role::Header(inside), _) => {
                    if !line::is_closed(line.text) {
                        push(What::OddHeader);
                    }
                    let Some(inside) = inside else {
                        above = Above::Nothing;
                        continue;
                    };
                    above = Above::Header;
                    let name = line::canonical(inside);
                    let first = *sections.entry(name.clone()).or_insert(number);
                    if first != number {
                        push(What::RepeatedSection {
                            section: name.clone().into_owned(),
                            first,
                        });
                    }
                    section = (name, first);
                }
                (Role::Stray, _) => {
                    push(What::Stray);
                    if !matches!(above, Above::Nothing) {
                        above = Above::Stray;
                    }
                }
                (Role::Property(_) | Role::Indented, Above::Nothing) => push(What::NoSection),
                (Role::Property(pair), _) => {
                    let key = folded(pair.key);
                    let first = *keys.entry((section.1, key.clone())).or_insert(number);
                    let is_nested = pair.value().is_empty();
                    above = Above::Property { is_nested };
                    if pair.colon {
                        push(What::Colon {
                            key: key.clone().into_owned(),
                        });
                    }
                    if first != number {
                        push(What::RepeatedKey {
                            section: section.0.clone().into_owned(),
                            key: key.into_owned(),
                            first,
                        });
                    }
                }
                (Role::Indented, Above::Header) => {
                    push(What::IndentedFirst {
                        section: section.0.clone().into_owned(),
                    });
                }
                (Role::Indented, Above::Stray) => push(What::Stray),
                (Role::Indented, Above::Property { is_nested }) => {
                    let pair = line::pair(line::trim(line.text));
                    if is_nested && pair.is_none_or(|pair| pair.colon) {
                        push(What::NoSubProperty);
                    }
                }
            }
        }
        troubles
    }
}

/// A key in lower case, as nearly all stand in the file already.
fn folded(key: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(key) {
        Cow::Borrowed(key) if !key.bytes().any(|byte| byte.is_ascii_uppercase()) => key.into(),
        key => key.to_ascii_lowercase().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn troubles(text: &[u8]) -> Vec<(usize, What)> {
        let troubles = Document::parse(text).troubles();
        troubles.into_iter().map(|it| (it.line, it.what)).collect()
    }

    #[test]
    fn a_file_that_all_readers_share_has_no_troubles() {
        let text = "# c\n\n[default]\nregion = r # c\ns3 =\n  a = b\n\n# c\n  c = d # e\n\
                    k = x\n  anything\n[profile a] ; c\n[services x]\nsts =\n  endpoint_url = u\n";
        assert_eq!(troubles(text.as_bytes()), []);
        assert_eq!(troubles(text.replace('\n', "\r\n").as_bytes()), []);
        assert_eq!(troubles(b""), []);
    }

    #[test]
    fn each_trouble_is_told_with_its_line() {
        let section = || "a".to_owned();
        let key = || "k".to_owned();
        let cases: [(&[u8], usize, What); 13] = [
            (
                b"[a]\n\n[ a ]\n",
                3,
                What::RepeatedSection {
                    section: section(),
                    first: 1,
                },
            ),
            (
                b"[a]\nk=1\nK=2",
                3,
                What::RepeatedKey {
                    section: section(),
                    key: key(),
                    first: 2,
                },
            ),
            (b"[a] junk\n", 1, What::OddHeader),
            (b"[b]\n[a\n", 2, What::OddHeader),
            (b"[a]\nstray\n", 2, What::Stray),
            (b"[a]\n= v\n", 2, What::Stray),
            (b"[a]\nk : v\n", 2, What::Colon { key: key() }),
            (b"k = v\n[a]\n", 1, What::NoSection),
            (b"# c\n  k\n[a]\n", 2, What::NoSection),
            (
                b"[a]\n# c\n  k = v\n",
                3,
                What::IndentedFirst { section: section() },
            ),
            (b"[a]\nk =\n  x = 1\n  y\n", 4, What::NoSubProperty),
            (b"\xEF\xBB\xBF[a]\n", 1, What::ByteOrderMark),
            (b"[a]\n# \xff\nk = \xfe\n", 2, What::NotUtf8),
        ];
        for (text, line, what) in cases {
            assert_eq!(troubles(text), [(line, what)], "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_key_that_is_spread_over_repeated_sections_is_told() {
        let expected = [
            (
                3,
                What::RepeatedSection {
                    section: "a".into(),
                    first: 1,
                },
            ),
            (
                4,
                What::RepeatedKey {
                    section: "a".into(),
                    key: "k".into(),
                    first: 2,
                },
            ),
        ];
        assert_eq!(troubles(b"[a]\nk = 1\n[a]\nk = 2\n"), expected);
    }

    #[test]
    fn the_same_key_in_two_sections_is_none() {
        assert_eq!(troubles(b"[a]\nk = 1\n[b]\nk = 2\n"), []);
    }

    #[test]
    fn only_what_the_sdks_refuse_is_fatal_and_no_value_is_shown() {
        let text = "[a]\nk = secret\nk = secret\n[a]\nl : secret\nsecret\n";
        let troubles = Document::parse(text).troubles();
        let shown: Vec<_> = troubles.iter().map(Trouble::to_string).collect();
        assert_eq!(
            shown,
            [
                "line 3: k of [a] stands on line 2 already",
                "line 4: [a] stands on line 1 already",
                "line 5: l is followed by `:` instead of `=`",
                "line 6: neither a section, a `key = value` nor a comment",
            ]
        );
        let fatal: Vec<_> = troubles.iter().map(Trouble::is_fatal).collect();
        assert_eq!(fatal, [false, false, true, true]);
    }
}
