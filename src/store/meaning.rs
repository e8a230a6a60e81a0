//! Defines what the store has to be told about a file's sections, because only a room above knows what they
//! mean. It gives them no meaning itself.

use crate::ini::Document;

/// What the text of a file alone can't tell.
#[derive(Clone, Copy)]
pub(crate) struct Meaning {
    /// Whether the file holds secrets, so that others must not be able to read it.
    pub(crate) is_secret: fn(&Document) -> bool,
    /// Whether the header of a section means something by itself: such a section stays, empty, when its
    /// last key is removed.
    pub(crate) header_counts: fn(&Document, &str) -> bool,
}
