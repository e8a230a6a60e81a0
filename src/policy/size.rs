//! Measures a document as AWS does. It shortens none.

use super::documents::Policy;
use super::json;
use super::limits::Limit;
use super::place::Place;

/// The size of a document and its limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Its characters, as AWS counts them.
    pub(crate) characters: usize,
    /// The maximum.
    pub(crate) limit: Limit,
}

impl Size {
    /// The size of `policy` in `place`. For a service control policy, that of the text that is printed.
    pub(crate) fn of(policy: &Policy, place: &Place) -> Self {
        let limit = policy.limit();
        let node = json::node(policy, place);
        let text = if limit.counts_white_space {
            json::fitting(&node, limit)
        } else {
            json::compact(&node)
        };
        Self {
            characters: text.chars().count(),
            limit,
        }
    }
}
