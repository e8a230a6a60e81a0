//! Waits for a file that another program seems to be writing just now. It never writes.

use super::seen::Seen;
use super::target::{Access, Snapshot, Target};
use crate::world::clock;
use std::io;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A file that looks half-written counts as whole when it has been the same for this long.
const STEADY: Duration = Duration::from_millis(100);
/// How long to wait for that at most.
const STEADY_LIMIT: Duration = Duration::from_secs(2);
/// How long nobody looks for a write that is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_micros(200);
/// How long a file is left alone before it is read again.
pub(super) const BETWEEN_READS: Duration = Duration::from_millis(10);

/// Reads until the file is not one that is just being written, as far as that can be known. `last`
/// is what was seen of it before.
pub(super) fn read(
    target: &Target,
    access: Access,
    last: Option<&Arc<Seen>>,
) -> io::Result<(Snapshot, Arc<Seen>)> {
    let begun = Instant::now();
    let mut snapshot = target.snapshot(access)?;
    let mut seen = seen(&snapshot, last);
    let mut since = Instant::now();
    while seems_torn(&snapshot, &seen, last)
        && since.elapsed() < STEADY
        && begun.elapsed() < STEADY_LIMIT
    {
        sleep(BETWEEN_READS);
        let next = target.snapshot(access)?;
        if !next.same(&snapshot) {
            since = Instant::now();
            seen = self::seen(&next, last);
        }
        snapshot = next;
    }
    Ok((snapshot, seen))
}

/// Waits until another program writes to the file of `target` again, no longer than a file is left alone
/// before it is read again.
pub(super) fn wait_for_write(target: &Target) {
    let (begun, before) = (Instant::now(), target.state());
    while begun.elapsed() < BETWEEN_READS && target.state() == before {
        sleep(BETWEEN_LOOKS);
    }
}

/// What `snapshot` shows: `last`, if it has the same bytes.
fn seen(snapshot: &Snapshot, last: Option<&Arc<Seen>>) -> Arc<Seen> {
    match last {
        Some(last) if *last.document.bytes() == snapshot.bytes => Arc::clone(last),
        _ => Arc::new(Seen::of(&snapshot.bytes)),
    }
}

/// Whether another program may be in the middle of writing what `snapshot` shows: it is empty or
/// gone, has fewer sections than a moment ago, or ends in the middle of a line that was written just
/// now.
fn seems_torn(snapshot: &Snapshot, seen: &Arc<Seen>, last: Option<&Arc<Seen>>) -> bool {
    let Some(found) = &snapshot.found else {
        return last.is_some_and(|last| !last.document.as_bytes().is_empty());
    };
    if !found.metadata.is_file() {
        return false;
    }
    let has_lost = |last: &Arc<Seen>| {
        !Arc::ptr_eq(seen, last)
            && last
                .document
                .sections()
                .any(|name| !seen.document.contains(name))
    };
    let is_fresh = || {
        let written = found.metadata.modified().ok();
        let age = written.and_then(clock::age);
        age.is_none_or(|age| age < STEADY)
    };
    snapshot.bytes.is_empty()
        || last.is_some_and(has_lost)
        || (!snapshot.bytes.ends_with(b"\n") && is_fresh())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};

    #[test]
    fn what_seems_half_written_is_looked_at_until_it_is_steady() {
        let home = Home::with("");
        let begun = Instant::now();
        let (_, seen) = read(&home.target(), Access::Read, None).expect("read");
        assert!(begun.elapsed() >= STEADY, "it is empty");
        assert_eq!(seen.document.as_bytes(), b"");
    }

    #[test]
    fn a_write_is_waited_for_as_long_as_a_file_is_left_alone() {
        let home = Home::with(TWO);
        let begun = Instant::now();
        wait_for_write(&home.target());
        assert!(begun.elapsed() >= BETWEEN_READS);
        wait_for_write(&Home::new().target());
        assert!(begun.elapsed() >= 2 * BETWEEN_READS);
    }
}
