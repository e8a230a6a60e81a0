//! Waits for a file that another program seems to be writing. It never writes.

use super::seen::Seen;
use super::target::{Access, Snapshot, Target};
use crate::world::clock;
use std::io;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A file that looks half-written counts as whole when it has not changed for this long.
const STEADY: Duration = Duration::from_millis(100);
/// The longest wait for that.
const STEADY_LIMIT: Duration = Duration::from_secs(2);
/// How often to check for a write that we are waiting for.
const BETWEEN_LOOKS: Duration = Duration::from_micros(200);
/// The pause between two reads of a file.
pub(super) const BETWEEN_READS: Duration = Duration::from_millis(10);

/// Reads the file until it no longer seems to be in the middle of a write. `last` is its last known
/// content.
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

/// Waits until another program writes to the file of `target` again, at most [`BETWEEN_READS`].
pub(super) fn wait_for_write(target: &Target) {
    let (begun, before) = (Instant::now(), target.state());
    while begun.elapsed() < BETWEEN_READS && target.state() == before {
        sleep(BETWEEN_LOOKS);
    }
}

/// The content of `snapshot`: `last`, if it has the same bytes.
fn seen(snapshot: &Snapshot, last: Option<&Arc<Seen>>) -> Arc<Seen> {
    match last {
        Some(last) if *last.document.bytes() == snapshot.bytes => Arc::clone(last),
        _ => Arc::new(Seen::of(&snapshot.bytes)),
    }
}

/// Whether another program may be in the middle of writing the file: it is empty or gone, has fewer
/// sections than a moment ago, or ends in the middle of a line that was written just now.
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
#[expect(clippy::disallowed_methods, reason = "the file is a test's own")]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};
    use std::time::SystemTime;
    use zeroize::Zeroizing;

    #[test]
    fn a_file_that_seems_half_written_is_read_until_it_is_steady() {
        let home = Home::with("");
        let begun = Instant::now();
        let (_, seen) = read(&home.target(), Access::Read, None).expect("read");
        assert!(begun.elapsed() >= STEADY, "it is empty");
        assert_eq!(seen.document.as_bytes(), b"");
    }

    /// Whether the file of `home` seems half-written, after it was last seen as `last`.
    fn is_torn(home: &Home, last: Option<&str>) -> bool {
        let last = last.map(|text| Arc::new(Seen::of(&Arc::new(Zeroizing::new(text.into())))));
        let snapshot = home.target().snapshot(Access::Read).expect("read");
        let seen = seen(&snapshot, last.as_ref());
        seems_torn(&snapshot, &seen, last.as_ref())
    }

    #[test]
    fn a_file_that_is_gone_or_empty_or_has_lost_a_section_seems_half_written() {
        let missing = Home::new();
        assert!(is_torn(&missing, Some(TWO)));
        assert!(!is_torn(&missing, Some("")) && !is_torn(&missing, None));
        assert!(is_torn(&Home::with(""), None));
        let (less, more) = ("[default]\nk = v\n", format!("{TWO}[new]\nk = v\n"));
        for (now, last, expected) in [
            (TWO, None, false),
            (TWO, Some(TWO), false),
            (&more, Some(TWO), false),
            (&TWO.replace("s2", "s3"), Some(TWO), false),
            (less, Some(TWO), true),
            ("[dev]\nk = v\n[new]\nk = v\n", Some(TWO), true),
        ] {
            assert_eq!(is_torn(&Home::with(now), last), expected, "{now}{last:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_in_place_of_the_file_does_not_seem_half_written() {
        let home = Home::new();
        std::os::unix::fs::symlink("/dev/null", home.path()).expect("a link");
        assert!(!is_torn(&home, None) && !is_torn(&home, Some(TWO)));
    }

    #[test]
    fn a_line_without_its_end_seems_half_written_until_it_is_older() {
        let home = Home::with(TWO.trim_end());
        let set = |time: SystemTime| {
            let file = std::fs::File::options().write(true).open(home.path());
            file.expect("there").set_modified(time).expect("set");
        };
        // A time in the future means that the clock was set back, so the age of the write is unknown.
        for (time, expected) in [
            (SystemTime::now() + Duration::from_secs(60), true),
            (SystemTime::now() - Duration::from_secs(60), false),
        ] {
            set(time);
            assert_eq!(is_torn(&home, None), expected);
            assert_eq!(is_torn(&home, Some(TWO.trim_end())), expected);
        }
    }

    #[test]
    fn a_file_with_the_same_bytes_as_before_is_not_parsed_again() {
        let home = Home::with(TWO);
        let look = |last| read(&home.target(), Access::Read, last).expect("read").1;
        let first = look(None);
        assert!(Arc::ptr_eq(&look(Some(&first)), &first));
        std::fs::write(home.path(), format!("{TWO}[new]\nk = v\n")).expect("written");
        let second = look(Some(&first));
        assert!(!Arc::ptr_eq(&second, &first) && second.document.contains("new"));
    }

    #[test]
    fn a_write_is_waited_for_through_the_whole_pause_between_reads() {
        let home = Home::with(TWO);
        let begun = Instant::now();
        wait_for_write(&home.target());
        assert!(begun.elapsed() >= BETWEEN_READS);
        wait_for_write(&Home::new().target());
        assert!(begun.elapsed() >= 2 * BETWEEN_READS);
    }
}
