//! Finds the position of everything in the bytes of a document. It does not hold the bytes, nor know
//! what a value means.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use fnv::FnvHashMap;

use super::botocore::{self, Opt, Reading};
use super::line::{self, Role, start_of_text};

/// The position of everything in the bytes of a document.
pub(super) struct Index {
    /// In file order.
    pub(super) properties: Vec<Property>,
    /// In file order.
    pub(super) headers: Vec<Header>,
    /// In order of first appearance.
    pub(super) sections: Vec<Section>,
    /// This hash is cheap for a name. The file is the user's own, so names chosen to collide harm only
    /// their author.
    pub(super) by_name: FnvHashMap<Arc<str>, usize>,
}

/// A canonical name and the headers that have it.
pub(super) struct Section {
    pub(super) name: Arc<str>,
    /// Indices of `Index::headers`; more than one if the section is repeated.
    pub(super) headers: Vec<usize>,
}

impl Section {
    /// The last of its headers.
    pub(super) fn last(&self) -> usize {
        let last = self.headers.last();
        *last.expect("a section is there because of a header")
    }
}

/// One header line and the lines below it.
pub(super) struct Header {
    /// Offset of the header line.
    pub(super) start: usize,
    /// Offset just after the last line before the next header that is neither blank nor a comment.
    pub(super) tail: usize,
    /// Indices of `Index::properties`.
    pub(super) properties: Range<usize>,
}

/// A property with its continuation lines.
pub(super) struct Property {
    /// The position of its key.
    pub(super) key: Range<usize>,
    /// Offset of its first line.
    pub(super) start: usize,
    /// Offset just after its first line.
    pub(super) next: usize,
    /// Offset just after its last continuation line; equals `next` if there is none. Blank lines and
    /// comments may come in between.
    pub(super) end: usize,
}

impl Index {
    fn empty() -> Index {
        Index {
            properties: Vec::new(),
            headers: Vec::new(),
            sections: Vec::new(),
            by_name: FnvHashMap::default(),
        }
    }

    /// Adds a header of the section `name`, at the line `line`.
    fn add_header(&mut self, name: &str, line: Range<usize>) {
        let first = self.properties.len();
        let header = self.headers.len();
        match self.by_name.get(name) {
            Some(&section) => self.sections[section].headers.push(header),
            None => {
                let name: Arc<str> = name.into();
                let section = self.sections.len();
                self.by_name.insert(Arc::clone(&name), section);
                self.sections.push(Section {
                    name,
                    headers: vec![header],
                });
            }
        }
        self.headers.push(Header {
            start: line.start,
            tail: line.end,
            properties: first..first,
        });
    }

    /// The index of a text that botocore reads, by botocore's rules.
    pub(super) fn by_botocore(text: &str) -> Index {
        let reading = Reading::of(text);
        let mut options: Vec<&Opt> = reading.options.iter().collect();
        options.sort_by_key(|option| option.name.start);
        let mut options = options.into_iter().peekable();
        let mut index = Index::empty();
        let behind = |line: &Range<usize>| botocore::line_end(text, line.end).1;
        for (at, header) in reading.headers.iter().enumerate() {
            let next = reading.headers.get(at + 1);
            let next = next.map_or(text.len(), |next| next.start);
            let line = botocore::line_start(text, header.start)..behind(header);
            index.add_header(&section_name(&text[header.clone()]), line);
            while let Some(option) = options.next_if(|option| option.name.start < next) {
                let last = reading.lines_below(option).last();
                index.properties.push(Property {
                    key: option.name.clone(),
                    start: botocore::line_start(text, option.name.start),
                    next: behind(&option.value),
                    end: behind(last.unwrap_or(&option.value)),
                });
            }
            let last = index.properties.last().map(|property| property.end);
            if let Some(header) = index.headers.last_mut()
                && index.properties.len() > header.properties.start
            {
                header.properties.end = index.properties.len();
                header.tail = last.unwrap_or(header.tail);
            }
        }
        index
    }

    /// Builds the index in one pass over all lines of a file.
    pub(super) fn of(bytes: &[u8]) -> Index {
        let mut index = Index::empty();
        let mut in_section = false;
        let mut in_property = false;
        for line in line::lines(bytes, start_of_text(bytes), bytes.len()) {
            match line::role(line.text) {
                Role::Blank | Role::Comment => continue,
                Role::Header(inside) => {
                    in_property = false;
                    in_section = inside.is_some();
                    if let Some(inside) = inside {
                        index.add_header(&line::canonical(inside), line.start..line.end);
                    }
                }
                Role::Property(pair) if in_section => {
                    in_property = true;
                    index.properties.push(Property {
                        // A property begins in column 0, so its key does too.
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

/// The name of a section that botocore finds with `inside` between its brackets. botocore does not trim
/// white space at the ends, so such a section is a different one.
fn section_name(inside: &str) -> Cow<'_, str> {
    if botocore::stripped(inside).len() == inside.len() {
        line::canonical(inside.as_bytes())
    } else {
        inside.into()
    }
}
