//! Keeps a document that was read from a file together with the readers' results, so that a save need
//! not repeat the readings of its rehearsal. It never reads the file.

use super::proof::{Readings, Subject};
use crate::exit::Result;
use crate::ini::{Bytes, Document};
use std::sync::{Arc, OnceLock};

/// A document and, once they were asked for, the readers' results.
pub(super) struct Seen {
    pub(super) document: Arc<Document>,
    readings: OnceLock<Readings>,
}

impl Seen {
    /// The document of `bytes`.
    pub(super) fn of(bytes: &Bytes) -> Self {
        Self {
            document: Arc::new(Document::of(Arc::clone(bytes))),
            readings: OnceLock::new(),
        }
    }

    /// A document with readings that were already made.
    pub(super) fn with_readings(document: Document, readings: Readings) -> Self {
        Self {
            document: Arc::new(document),
            readings: readings.into(),
        }
    }

    /// The readers' results for the document. Fails if it is not text.
    pub(super) fn readings(&self, subject: Subject) -> Result<&Readings> {
        if let Some(readings) = self.readings.get() {
            return Ok(readings);
        }
        let readings = Readings::of_document(subject, &self.document)?;
        Ok(self.readings.get_or_init(|| readings))
    }
}
