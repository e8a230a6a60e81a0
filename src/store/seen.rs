//! Keeps a document that was seen in a file together with how the readers read it, so that a save
//! need not read again what its rehearsal read. It never looks at the file.

use super::proof::{Readings, Subject};
use crate::exit::Result;
use crate::ini::{Bytes, Document};
use std::sync::{Arc, OnceLock};

/// A document, and how the readers read it once that was asked.
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

    /// A document that has been read already.
    pub(super) fn with_readings(document: Document, readings: Readings) -> Self {
        Self {
            document: Arc::new(document),
            readings: readings.into(),
        }
    }

    /// How the readers read the document. Fails where it is not text.
    pub(super) fn readings(&self, subject: Subject) -> Result<&Readings> {
        if let Some(readings) = self.readings.get() {
            return Ok(readings);
        }
        let readings = Readings::of_document(subject, &self.document)?;
        Ok(self.readings.get_or_init(|| readings))
    }
}
