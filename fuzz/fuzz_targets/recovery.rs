//! Recovers a file beside a pair of backup files, with arbitrary bytes in all three: nothing panics, and
//! afterwards the file is unchanged, unless an interrupted write in place from the old bytes to the new
//! ones could have left it like that: then it may hold the new bytes. It writes only to its own folder.
//!
//! An input is the content of the file, the byte 0xff, the old bytes, the byte 0xff, the new bytes. `@`
//! and a number, in place of the content, stand for what is left by a write that ended after that many
//! bytes. The old and the new bytes get the line end that they lack, because a fresh file without one is
//! waited for.
#![no_main]

use std::fs::{self, File};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use awsmfa::fuzzing::recover;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

const PAIR: [&str; 2] = [
    ".credentials.awsmfa-aB3dE6gH9j.old",
    ".credentials.awsmfa-aB3dE6gH9j.new",
];

/// The folder of all runs. It is first checked that an interrupted write is finished at all: otherwise
/// the names of the pair would no longer be those of backup files, and the target would test nothing.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = TempDir::with_prefix("awsmfa-fuzz-").expect("there is room");
    let left = recovered(folder.path(), b"xbc\n", b"abc\n", b"xyz\n");
    assert!(left == b"xyz\n", "no pair of these names is recovered");
    folder
});

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == 0xff);
    let (Some(now), Some(old), Some(new)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let (old, new) = (ended_line(old), ended_line(new));
    let (old, new) = (old.as_slice(), new.as_slice());
    let ended = now.strip_prefix(b"@").and_then(|number| {
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        Some(cut(old, new, number))
    });
    let now = ended.as_deref().unwrap_or(now);
    let left = recovered(FOLDER.path(), now, old, new);
    if left != now {
        assert!(left == new, "the file holds what nobody wrote");
        assert!(
            is_cut_short(now, old, new),
            "no write left this, and it is gone"
        );
    } else if ended.is_some() && now != old {
        assert!(left == new, "a write that was cut short is not finished");
    }
});

fn ended_line(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes
}

/// The content of the file after the recovery.
fn recovered(folder: &Path, now: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let file = folder.join("credentials");
    write(&file, now);
    write(&folder.join(PAIR[0]), old);
    write(&folder.join(PAIR[1]), new);
    let past = SystemTime::now() - Duration::from_secs(60);
    let written = File::options().write(true).open(&file);
    let aged = written.and_then(|written| written.set_modified(past));
    aged.expect("the file is our own");
    recover(&file);
    fs::read(&file).expect("the file is still there")
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("the folder is our own");
    #[cfg(unix)]
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it was just written");
}

/// What a write in place leaves if it ends after `count` bytes: the part that makes the file longer is
/// written first.
fn cut(old: &[u8], new: &[u8], count: usize) -> Vec<u8> {
    let kept = old.len().min(new.len());
    let (growth, over) = (&new[kept..], &new[..kept]);
    let mut now = old.to_vec();
    now.extend(growth.iter().take(count));
    let count = count.saturating_sub(growth.len()).min(over.len());
    now[..count].copy_from_slice(&over[..count]);
    now
}

/// Whether a write in place from `old` to `new` may leave `now`. The file grew before anything else
/// happened, filled with zeros or with its final bytes; then the new bytes were written from the start.
fn is_cut_short(now: &[u8], old: &[u8], new: &[u8]) -> bool {
    if now.len() < old.len() || now.len() > old.len().max(new.len()) {
        return false;
    }
    let written = now
        .iter()
        .zip(new)
        .take_while(|(now, new)| now == new)
        .count();
    (written..now.len()).all(|at| match old.get(at) {
        Some(old) => now[at] == *old,
        None => now[at] == 0 || now[at] == new[at],
    })
}
