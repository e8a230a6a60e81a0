//! Owns what readers of an AWS file disagree on. It must not change anything, and shows no values.

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

/// What the line above leaves open.
enum Above {
    Nothing,
    Header,
    Property { is_nested: bool },
    Stray,
}

impl Document {
    /// Everything that readers disagree on, by line.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let bytes = self.as_bytes();
        let start = start_of_text(bytes);
        let mut troubles = Vec::new();
        let mut sections: HashMap<String, (usize, HashMap<String, usize>)> = HashMap::new();
        let mut section = String::new();
        let mut above = Above::Nothing;
        if start > 0 {
            troubles.push(Trouble {
                line: 1,
                what: What::ByteOrderMark,
            });
        }
        let mut is_utf8 = true;
        for (at, line) in line::lines(bytes, start, bytes.len()).enumerate() {
            let number = at + 1;
            let mut push = |what| troubles.push(Trouble { line: number, what });
            if is_utf8 && std::str::from_utf8(line.text).is_err() {
                is_utf8 = false;
                push(What::NotUtf8);
            }
            match (line::role(line.text), &above) {
                (Role::Blank | Role::Comment, _) => {}
                (Role::Header(inside), _) => {
                    if !line::is_closed(line.text) {
                        push(What::OddHeader);
                    }
                    above = Above::Nothing;
                    if let Some(inside) = inside {
                        above = Above::Header;
                        section = line::canonical(inside).into_owned();
                        match sections.get(&section) {
                            Some(&(first, _)) => push(What::RepeatedSection {
                                section: section.clone(),
                                first,
                            }),
                            None => {
                                sections.insert(section.clone(), (number, HashMap::new()));
                            }
                        }
                    }
                }
                (Role::Stray, _) => {
                    push(What::Stray);
                    if !matches!(above, Above::Nothing) {
                        above = Above::Stray;
                    }
                }
                (Role::Property(_) | Role::Indented, Above::Nothing) => push(What::NoSection),
                (Role::Property(pair), _) => {
                    let key = String::from_utf8_lossy(pair.key).to_ascii_lowercase();
                    if pair.colon {
                        push(What::Colon { key: key.clone() });
                    }
                    above = Above::Property {
                        is_nested: pair.value().is_empty(),
                    };
                    let keys = sections.get_mut(&section).map(|(_, keys)| keys);
                    match keys.and_then(|keys| Some(*keys.get(&key)?)) {
                        Some(first) => push(What::RepeatedKey {
                            section: section.clone(),
                            key,
                            first,
                        }),
                        None => {
                            if let Some((_, keys)) = sections.get_mut(&section) {
                                keys.insert(key, number);
                            }
                        }
                    }
                }
                (Role::Indented, Above::Header) => push(What::IndentedFirst {
                    section: section.clone(),
                }),
                (Role::Indented, Above::Stray) => push(What::Stray),
                (Role::Indented, Above::Property { is_nested }) => {
                    let pair = line::pair(line::trim(line.text));
                    if *is_nested && pair.is_none_or(|pair| pair.colon) {
                        push(What::NoSubProperty);
                    }
                }
            }
        }
        troubles
    }
}
