//! Owns the wait for a file that another program seems to be writing just now.

use super::AwsFile;
use super::target::{Access, Snapshot, Target};
use crate::ini::Document;
use crate::world::clock;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A file that looks half-written counts as whole when it has been the same for this long.
const STEADY: Duration = Duration::from_millis(100);
/// How long to wait for that at most.
const STEADY_LIMIT: Duration = Duration::from_secs(2);
/// Between two looks at a file that looks half-written.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(10);

impl AwsFile {
    /// Reads until the file is not one that is just being written, as far as that can be known.
    pub(super) fn steady(
        &self,
        target: &Target,
        access: Access,
    ) -> anyhow::Result<(Snapshot, Arc<Document>)> {
        let begun = Instant::now();
        let look = || {
            target
                .snapshot(access)
                .map_err(|error| self.unread(&error, access))
        };
        let mut snapshot = look()?;
        let mut document = self.document(&snapshot.bytes);
        let mut since = Instant::now();
        while self.seems_torn(&snapshot, &document)
            && since.elapsed() < STEADY
            && begun.elapsed() < STEADY_LIMIT
        {
            sleep(LOOK_AGAIN);
            let next = look()?;
            if !next.same(&snapshot) {
                since = Instant::now();
                document = self.document(&next.bytes);
            }
            snapshot = next;
        }
        Ok((snapshot, document))
    }

    /// Whether another program may be in the middle of writing what `snapshot` shows: it is empty
    /// or gone, has fewer sections than a moment ago, or ends in the middle of a line that was
    /// written just now.
    fn seems_torn(&self, snapshot: &Snapshot, document: &Document) -> bool {
        let memory = self.memory();
        let Some(found) = &snapshot.found else {
            return memory
                .as_ref()
                .is_some_and(|seen| !seen.document.as_bytes().is_empty());
        };
        if !found.metadata.is_file() {
            return false;
        }
        let lost = memory.as_ref().is_some_and(|seen| {
            *seen.document.bytes() != snapshot.bytes
                && seen
                    .document
                    .sections()
                    .any(|name| !document.contains(name))
        });
        let fresh = || {
            let written = found.metadata.modified().ok();
            let age = written.and_then(clock::age);
            age.is_none_or(|age| age < STEADY)
        };
        snapshot.bytes.is_empty() || lost || (!snapshot.bytes.ends_with(b"\n") && fresh())
    }
}
