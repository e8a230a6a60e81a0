//! Finds where everything stands in the bytes of a document. It does not hold the bytes, nor know
//! what a value means.

use std::ops::Range;
use std::sync::Arc;

use fnv::FnvHashMap;

use super::line::{self, Role, start_of_text};

/// Where everything stands in the bytes of a document.
pub(super) struct Index {
    /// In file order.
    pub(super) properties: Vec<Property>,
    /// In file order.
    pub(super) headers: Vec<Header>,
    /// In order of first appearance.
    pub(super) sections: Vec<Section>,
    /// The hash costs little for a name; the file is the user's own, so names that collide harm only
    /// their author.
    pub(super) by_name: FnvHashMap<Arc<str>, usize>,
}

/// A canonical name and the headers that bear it.
pub(super) struct Section {
    pub(super) name: Arc<str>,
    /// Indices of `Index::headers`; more than one where the section is repeated.
    pub(super) headers: Vec<usize>,
}

impl Section {
    /// The last of its headers.
    pub(super) fn last(&self) -> usize {
        let last = self.headers.last();
        *last.expect("a section is there because of a header")
    }
}

/// One header line and what stands below it.
pub(super) struct Header {
    /// Offset of the header line.
    pub(super) start: usize,
    /// Offset behind the last line, up to the next header, that is neither blank nor a comment.
    pub(super) tail: usize,
    /// Indices of `Index::properties`.
    pub(super) properties: Range<usize>,
}

/// A property with its continuation lines.
pub(super) struct Property {
    /// Where its key stands.
    pub(super) key: Range<usize>,
    /// Offset of its first line.
    pub(super) start: usize,
    /// Offset behind its first line.
    pub(super) next: usize,
    /// Offset behind its last continuation line; equals `next` when there is none. Blank lines
    /// and comments may stand in between.
    pub(super) end: usize,
}

impl Index {
    /// Looks through all lines of a file once.
    pub(super) fn of(bytes: &[u8]) -> Index {
        let mut index = Index {
            properties: Vec::new(),
            headers: Vec::new(),
            sections: Vec::new(),
            by_name: FnvHashMap::default(),
        };
        let mut in_section = false;
        let mut in_property = false;
        for line in line::lines(bytes, start_of_text(bytes), bytes.len()) {
            match line::role(line.text) {
                Role::Blank | Role::Comment => continue,
                Role::Header(inside) => {
                    in_property = false;
                    in_section = inside.is_some();
                    if let Some(inside) = inside {
                        let first = index.properties.len();
                        let name = line::canonical(inside);
                        let header = index.headers.len();
                        match index.by_name.get(name.as_ref()) {
                            Some(&section) => index.sections[section].headers.push(header),
                            None => {
                                let name: Arc<str> = name.into();
                                let section = index.sections.len();
                                index.by_name.insert(Arc::clone(&name), section);
                                index.sections.push(Section {
                                    name,
                                    headers: vec![header],
                                });
                            }
                        }
                        index.headers.push(Header {
                            start: line.start,
                            tail: line.end,
                            properties: first..first,
                        });
                    }
                }
                Role::Property(pair) if in_section => {
                    in_property = true;
                    index.properties.push(Property {
                        // A property starts in column 0, so its key does too.
                        key: line.start..line.start + pair.key.len(),
                        start: line.start,
                        next: line.end,
                        end: line.end,
                    });
                }
                Role::Indented => {
                    if in_property && let Some(property) = index.properties.last_mut() {
                        property.end = line.end;
                    }
                }
                Role::Property(_) | Role::Stray => in_property = false,
            }
            if in_section && let Some(header) = index.headers.last_mut() {
                header.tail = line.end;
                header.properties.end = index.properties.len();
            }
        }
        index
    }
}
