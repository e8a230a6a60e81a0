//! Keeps writing to the same file, as another program does, and keeps a ledger of what it read,
//! overwrote and wrote. It never touches a line that is not its own, except when it overwrites the file
//! from an outdated read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::dice::Dice;

/// Its own section, as it is in the files at the start.
pub(crate) const SECTION: &str = "\n[neighbour]\nkept = yes\n";

const HEADER: &str = "[neighbour]\n";

/// How another program writes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manner {
    /// Replaces the file with a new one. It uses an exchange, which looks like a rename to everyone
    /// else, and shows the neighbour what it has overwritten.
    Rename,
    /// Empties the file and writes it again, as the AWS CLI does.
    Truncate,
    /// Empties and writes the file, holding a lock on the file itself.
    Locked,
}

impl Manner {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rename => "a program that renames",
            Self::Truncate => "one that truncates and writes",
            Self::Locked => "the same, with a lock of the file",
        }
    }
}

/// One write.
pub(crate) struct Write {
    /// The line that it added.
    pub(crate) line: String,
    pub(crate) read: Vec<u8>,
    /// The content that the write replaced.
    pub(crate) overwritten: Vec<u8>,
    pub(crate) written: Vec<u8>,
    /// Whether the file that was written to was still at the path when the write was done. If not, the
    /// file was replaced after it was opened.
    pub(crate) landed: bool,
}

/// Writes until `stop`, a few times per `login`, and returns its ledger. `writes` is counted up along
/// the way.
pub(crate) fn write_on(
    manner: Manner,
    path: &Path,
    login: Duration,
    mut dice: Dice,
    stop: &AtomicBool,
    writes: &AtomicUsize,
) -> io::Result<Vec<Write>> {
    // A neighbour that writes without a pause would only keep awsmfa from ever writing.
    let pause = login / 4 + dice.up_to(login);
    let thinks = dice.up_to(Duration::from_micros(400));
    let mut ledger = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let line = format!("g{} = {}\n", ledger.len(), dice.word(16));
        let think = dice.up_to(thinks);
        ledger.push(match manner {
            Manner::Rename => rename(path, line, think)?,
            Manner::Truncate => truncate(path, line, think)?,
            Manner::Locked => locked(path, line, think)?,
        });
        writes.fetch_add(1, Ordering::Relaxed);
        thread::sleep(pause / 2 + dice.up_to(pause));
    }
    Ok(ledger)
}

/// `read` with `line` in the neighbour's section, which is added if it is missing.
fn with_line(read: &[u8], line: &str) -> Vec<u8> {
    let header = HEADER.as_bytes();
    let at = read.windows(header.len()).position(|it| it == header);
    let mut written = read.to_vec();
    let new = match at {
        Some(_) => line.to_owned(),
        None => format!("{HEADER}{line}"),
    };
    let at = at.map_or(read.len(), |at| at + header.len());
    written.splice(at..at, new.bytes());
    written
}

fn rename(path: &Path, line: String, think: Duration) -> io::Result<Write> {
    let read = fs::read(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    thread::sleep(think);
    let written = with_line(&read, &line);
    let own = path.with_extension("neighbour");
    fs::write(&own, &written)?;
    fs::set_permissions(&own, fs::Permissions::from_mode(mode))?;
    renameat_with(CWD, &own, CWD, path, RenameFlags::EXCHANGE)?;
    let overwritten = fs::read(&own)?;
    fs::remove_file(&own)?;
    Ok(Write {
        line,
        read,
        overwritten,
        written,
        landed: true,
    })
}

fn truncate(path: &Path, line: String, think: Duration) -> io::Result<Write> {
    let read = fs::read(path)?;
    thread::sleep(think);
    let written = with_line(&read, &line);
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let overwritten = write_over(&mut file, &written)?;
    Ok(Write {
        landed: is_at(&file, path),
        line,
        read,
        overwritten,
        written,
    })
}

fn locked(path: &Path, line: String, think: Duration) -> io::Result<Write> {
    let mut file = loop {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        file.lock()?;
        // The file may have been replaced while we waited for the lock.
        if is_at(&file, path) {
            break file;
        }
    };
    let mut read = Vec::new();
    file.read_to_end(&mut read)?;
    thread::sleep(think);
    let written = with_line(&read, &line);
    file.rewind()?;
    let overwritten = write_over(&mut file, &written)?;
    Ok(Write {
        landed: is_at(&file, path),
        line,
        read,
        overwritten,
        written,
    })
}

/// Replaces the content of an open file, and returns the old content.
fn write_over(file: &mut File, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut before = Vec::new();
    file.read_to_end(&mut before)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(bytes)?;
    Ok(before)
}

fn is_at(file: &File, path: &Path) -> bool {
    let identity = |about: io::Result<fs::Metadata>| about.ok().map(|it| (it.dev(), it.ino()));
    identity(file.metadata()) == identity(fs::metadata(path))
}
