//! Owns the lossless document of an AWS file, config or credentials: its bytes, and what the
//! AWS SDKs read in them.
//!
//! It is pure and total: every input is a document, and printing it gives the same bytes. It must
//! not touch a file, and must not know what a profile or a session is.

mod edit;
mod line;
mod trouble;

#[cfg(test)]
mod laws;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

pub(crate) use edit::{Edit, EditError, Place};
use line::{BOM, Role};
pub(crate) use trouble::{Trouble, What};

/// Which of the two shared files a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `~/.aws/config`, with `[profile NAME]`.
    Config,
    /// `~/.aws/credentials`, with `[NAME]`.
    Credentials,
}

/// An AWS file as it is, and an index of what it holds.
///
/// The bytes are overwritten when it is dropped, and `Debug` does not show them.
pub(crate) struct Document {
    bytes: Zeroizing<Vec<u8>>,
    /// In file order.
    properties: Vec<Property>,
    /// In file order.
    headers: Vec<Header>,
    /// In order of first appearance.
    sections: Vec<Section>,
    index: HashMap<Arc<str>, usize>,
}

/// A canonical name and the headers that bear it.
struct Section {
    name: Arc<str>,
    /// Indices of `Document::headers`, never empty.
    headers: Vec<usize>,
}

/// One header line and what stands below it.
struct Header {
    /// Offset of the header line.
    start: usize,
    /// Offset behind the last line, up to the next header, that is neither blank nor a comment.
    tail: usize,
    /// Indices of `Document::properties`.
    properties: Range<usize>,
}

/// A property with its continuation lines.
struct Property {
    key: Key,
    /// Offset of its first line.
    start: usize,
    /// Offset behind its first line.
    next: usize,
    /// Offset behind its last continuation line; equals `next` when there is none. Blank lines
    /// and comments may stand in between.
    end: usize,
}

/// A lower-cased key: nearly all are spelled that way in the file, and need no copy.
enum Key {
    /// Where it stands; always ASCII.
    Spelled(Range<usize>),
    Folded(Box<str>),
}

impl Key {
    fn new(spelled: &[u8], start: usize) -> Key {
        if spelled
            .iter()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
        {
            Key::Spelled(start..start + spelled.len())
        } else {
            let folded = String::from_utf8_lossy(spelled).to_ascii_lowercase();
            Key::Folded(folded.into())
        }
    }
}

impl Document {
    /// Reads any bytes; there is no input that it refuses. What readers disagree on is told by
    /// [`Document::troubles`].
    pub(crate) fn parse(bytes: impl Into<Vec<u8>>) -> Document {
        let mut document = Document {
            bytes: Zeroizing::new(bytes.into()),
            properties: Vec::new(),
            headers: Vec::new(),
            sections: Vec::new(),
            index: HashMap::new(),
        };
        document.read();
        document
    }

    fn read(&mut self) {
        let bytes = &self.bytes;
        let mut in_section = false;
        let mut in_property = false;
        for line in line::lines(bytes, start_of_text(bytes), bytes.len()) {
            match line::role(line.text) {
                Role::Blank | Role::Comment => continue,
                Role::Header(inside) => {
                    in_property = false;
                    in_section = inside.is_some();
                    if let Some(inside) = inside {
                        let first = self.properties.len();
                        let name = line::canonical(inside);
                        let section = match self.index.get(name.as_ref()) {
                            Some(&section) => section,
                            None => {
                                let name: Arc<str> = name.into();
                                self.index.insert(Arc::clone(&name), self.sections.len());
                                let headers = Vec::with_capacity(1);
                                self.sections.push(Section { name, headers });
                                self.sections.len() - 1
                            }
                        };
                        self.sections[section].headers.push(self.headers.len());
                        self.headers.push(Header {
                            start: line.start,
                            tail: line.end,
                            properties: first..first,
                        });
                    }
                }
                Role::Property(pair) if in_section => {
                    in_property = true;
                    self.properties.push(Property {
                        // A property starts in column 0, so its key does too.
                        key: Key::new(pair.key, line.start),
                        start: line.start,
                        next: line.end,
                        end: line.end,
                    });
                }
                Role::Indented => {
                    if in_property && let Some(property) = self.properties.last_mut() {
                        property.end = line.end;
                    }
                }
                Role::Property(_) | Role::Stray => in_property = false,
            }
            if in_section && let Some(header) = self.headers.last_mut() {
                header.tail = line.end;
                header.properties.end = self.properties.len();
            }
        }
    }

    /// The bytes it was parsed from.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The canonical names of all sections, each once, in order of first appearance:
    /// `profile dev` for `[profile "dev"]`, `[ profile  dev ] ; note` and the like.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| &*section.name)
    }

    /// Whether there is a section of this canonical name, be it empty.
    pub(crate) fn contains(&self, section: &str) -> bool {
        self.index.contains_key(section)
    }

    /// The keys of a section, lower-cased, each once, in order of first appearance. Keys that the
    /// SDKs skip because they are no identifiers, such as `a b`, are among them.
    pub(crate) fn keys(&self, section: &str) -> impl Iterator<Item = &str> {
        let mut seen = HashSet::new();
        self.properties_of(section)
            .map(|property| self.key(property))
            .filter(move |key| seen.insert(*key))
    }

    /// The value of a key as the SDKs read it: repeated sections merged, the last one wins, the
    /// key in any case, continuation lines trimmed and joined with `\n`. A nested block thus
    /// begins with `\n`. Bytes that are not UTF-8 are read as U+FFFD.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<Cow<'_, str>> {
        self.properties_of(section)
            .rev()
            .find(|property| self.key(property).eq_ignore_ascii_case(key))
            .map(|property| self.value(property))
    }

    /// The sub-properties of a nested value (`s3 =` and the indented lines below it), in file
    /// order, names as they are spelled. Empty when there are none.
    pub(crate) fn nested(&self, section: &str, key: &str) -> Vec<(String, String)> {
        let value = self.get(section, key).unwrap_or_default();
        value
            .split('\n')
            .skip(1)
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim_matches(line::BLANK), value))
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| (name.into(), value.trim_matches(line::BLANK).into()))
            .collect()
    }

    fn properties_of(&self, section: &str) -> impl DoubleEndedIterator<Item = &Property> {
        let section = self.index.get(section).map(|&at| &self.sections[at]);
        section
            .into_iter()
            .flat_map(|section| &section.headers)
            .flat_map(|&header| &self.properties[self.headers[header].properties.clone()])
    }

    fn key<'a>(&'a self, property: &'a Property) -> &'a str {
        match &property.key {
            Key::Spelled(at) => {
                std::str::from_utf8(&self.bytes[at.clone()]).expect("only ASCII is kept in place")
            }
            Key::Folded(key) => key,
        }
    }

    /// The first line of a property, taken apart.
    fn pair(&self, property: &Property) -> line::Pair<'_> {
        line::lines(&self.bytes, property.start, property.next)
            .next()
            .and_then(|line| line::pair(line.text))
            .expect("a property was indexed because its first line is one")
    }

    fn value(&self, property: &Property) -> Cow<'_, str> {
        let first = String::from_utf8_lossy(self.pair(property).value());
        if property.end == property.next {
            return first;
        }
        let mut value = first.into_owned();
        for line in line::lines(&self.bytes, property.next, property.end) {
            if !line::is_skipped(line.text) {
                value.push('\n');
                value.push_str(&String::from_utf8_lossy(line::trim(line.text)));
            }
        }
        value.into()
    }
}

/// The offset behind a byte order mark.
fn start_of_text(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Document")
            .field("bytes", &self.bytes.len())
            .field("sections", &self.sections.len())
            .finish_non_exhaustive()
    }
}
