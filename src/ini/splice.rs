//! Holds the places where an edit changes a document, and writes the new text there. It does not know
//! why.

use std::ops::Range;

use super::output::{Below, Output};

/// One place, in offsets of the old bytes.
pub(super) enum Splice<'a> {
    /// A property is rewritten or removed.
    Property {
        /// Its first line.
        line: Range<usize>,
        /// Just after its last line.
        end: usize,
        /// What happens to the lines below the first one.
        below: Below,
        /// The white space before the key.
        indent: &'a [u8],
        /// The comment on its first line.
        comment: Option<&'a [u8]>,
        /// Its new key and value; `None` if it is removed.
        value: Option<(&'a str, &'a str)>,
    },
    /// A new property of a section.
    NewProperty {
        at: usize,
        indent: &'a [u8],
        key: &'a str,
        value: &'a str,
    },
    /// A new section.
    Section {
        at: usize,
        header: String,
        properties: Vec<(&'a str, &'a str)>,
    },
    /// Sections that are removed whole.
    Gone(Range<usize>),
}

impl Splice<'_> {
    /// The bytes that it replaces; an empty range if something is added.
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Property { line, end, .. } => line.start..*end,
            Self::NewProperty { at, .. } | Self::Section { at, .. } => *at..*at,
            Self::Gone(range) => range.clone(),
        }
    }

    /// The order in which splices are written. An addition to a section comes before whatever follows
    /// it.
    pub(super) fn order(&self) -> (usize, u8) {
        let rank = match self {
            Self::NewProperty { .. } => 0,
            Self::Section { .. } => 1,
            Self::Property { .. } | Self::Gone(_) => 2,
        };
        (self.range().start, rank)
    }

    /// Writes the new text, after copying everything before it.
    pub(super) fn write(&self, output: &mut Output) {
        match self {
            Self::Property {
                line,
                end,
                below,
                indent,
                comment,
                value,
            } => {
                output.replace(line.clone(), *comment, indent, *value);
                output.drop_lines(line.end, *end, *below);
            }
            Self::NewProperty {
                at,
                indent,
                key,
                value,
            } => {
                output.copy_to(*at);
                output.property(indent, key, value);
            }
            Self::Section {
                at,
                header,
                properties,
            } => output.new_section(*at, header, properties),
            Self::Gone(range) => output.drop(range.clone()),
        }
    }
}
