//! Creates the empty file that is to take the place of an AWS file on Windows, with that file's access
//! list, attributes and streams. It never touches a byte of the AWS file, nor its name.
//!
//! A new file has the rights that its folder passes on, which may let others in, and a rename keeps those.
//! `ReplaceFile` gives a file the rights of the one that it replaces, but in two steps, between which there
//! is no file. So it replaces a second name of the AWS file, and what comes out under that name is renamed
//! over the AWS file later, in one step.

use super::leftovers::{self, TEMPORARY};
use super::replacement::Mode;
use crate::store::target::{Target, is_busy, on_disk};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::{NamedTempFile, TempPath};
use winsafe::{ReplaceFile, SetFileAttributes, co};

/// How long a save waits for a program that has the file open and lets nobody replace it. Most read it
/// within milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);
/// The right to remove or replace a file.
const DELETE: u32 = 0x0001_0000;

/// Attributes that people and programs give to a file. The others describe how it is stored.
const ATTRIBUTES: [co::FILE_ATTRIBUTE; 4] = [
    co::FILE_ATTRIBUTE::HIDDEN,
    co::FILE_ATTRIBUTE::SYSTEM,
    co::FILE_ATTRIBUTE::ARCHIVE,
    co::FILE_ATTRIBUTE::NOT_CONTENT_INDEXED,
];

/// Creates it next to the file of `target`, which must exist. Any error means that the file can't be
/// replaced.
#[expect(
    clippy::disallowed_methods,
    reason = "the second name and the new file are the store's"
)]
pub(super) fn create(target: &Target, mode: Mode) -> io::Result<NamedTempFile> {
    wait_until_replaceable(&target.path, mode)?;
    // `ReplaceFile` opens it alone.
    let empty = leftovers::create(&target.folder, &target.name, TEMPORARY)?.into_temp_path();
    let (second, third) = (unused_name(target)?, unused_name(target)?);
    fs::hard_link(&target.path, &second)?;
    // Without the third name, the second one would get a name for a moment that no later run recognises.
    let backup = Some(text(&third)?);
    ReplaceFile(
        text(&second)?,
        text(&empty)?,
        backup,
        co::REPLACEFILE::default(),
    )
    .map_err(system_error)?;
    let file = OpenOptions::new().read(true).write(true).open(&second)?;
    // Whatever is written here must not go to the AWS file.
    if on_disk(&second)?.number_of_links() != 1 || file.metadata()?.len() != 0 {
        return Err(ErrorKind::Unsupported.into());
    }
    give_attributes(&target.path, &second)?;
    Ok(NamedTempFile::from_parts(file, second))
}

/// A name next to the file that nobody has, by which a later run recognises what a killed one left.
#[expect(
    clippy::disallowed_methods,
    reason = "the file was just made, for its name"
)]
fn unused_name(target: &Target) -> io::Result<TempPath> {
    let path = leftovers::create(&target.folder, &target.name, TEMPORARY)?.into_temp_path();
    fs::remove_file(&path)?;
    Ok(path)
}

fn system_error(error: co::ERROR) -> io::Error {
    io::Error::from_raw_os_error(error.raw().cast_signed())
}

/// Opens the file as somebody who replaces it does, until nobody keeps us from it.
#[expect(clippy::disallowed_methods, reason = "the AWS file itself")]
fn wait_until_replaceable(path: &Path, mode: Mode) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match OpenOptions::new().access_mode(DELETE).open(path) {
            // A rehearsal does without: the file is written in place then, and so may be the save.
            Err(error) if mode == Mode::Save && is_busy(&error) && begun.elapsed() < PATIENCE => {
                sleep(BETWEEN_TRIES);
            }
            opened => return opened.map(drop),
        }
    }
}

/// Gives `new` the attributes of `old`, and takes that of a temporary file from it, which may keep it off
/// the disk.
fn give_attributes(old: &Path, new: &Path) -> io::Result<()> {
    let has = fs::metadata(old)?.file_attributes();
    let wanted = ATTRIBUTES.into_iter().filter(|it| has & it.raw() != 0);
    let wanted = wanted.reduce(|one, other| one | other);
    SetFileAttributes(text(new)?, wanted.unwrap_or(co::FILE_ATTRIBUTE::NORMAL))
        .map_err(system_error)
}

fn text(path: &Path) -> io::Result<&str> {
    path.to_str()
        .ok_or_else(|| ErrorKind::InvalidFilename.into())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    use crate::store::tests::{Home, TWO};
    use std::io::Write as _;

    #[test]
    fn nothing_of_the_aws_file_is_touched() {
        let home = Home::with(TWO);
        for mode in [Mode::Rehearse, Mode::Save] {
            let mut made = create(&home.target(), mode).expect("made");
            made.write_all(b"[ours]\n").expect("written");
            assert_eq!(home.content(), TWO);
            assert_eq!(home.names().len(), 2);
            drop(made);
            assert_eq!(home.content(), TWO);
            assert_eq!(home.names(), ["credentials"]);
        }
    }

    /// Otherwise the file would be written in place ever after.
    #[test]
    fn a_second_name_that_a_killed_run_left_is_removed() {
        let home = Home::with(TWO);
        let second = home
            .folder
            .path()
            .join(".credentials.awsmfa-aB3dE6gH9j.tmp");
        fs::hard_link(home.path(), &second).expect("a link");
        let nothing = home.file().update(Mode::Rehearse, &mut |_| Ok(Vec::new()));
        assert_eq!(nothing.expect("done").warnings, Vec::<String>::new());
        assert_eq!(home.names(), ["credentials"]);
        assert_eq!(home.content(), TWO);
    }

    #[test]
    fn a_file_that_nobody_may_replace_is_left_without_a_trace() {
        let home = Home::with(TWO);
        let reader = OpenOptions::new()
            .read(true)
            .share_mode(3)
            .open(home.path());
        let begun = Instant::now();
        assert!(create(&home.target(), Mode::Rehearse).is_err());
        assert!(begun.elapsed() < PATIENCE);
        assert!(create(&home.target(), Mode::Save).is_err());
        assert!(begun.elapsed() >= PATIENCE);
        drop(reader);
        assert_eq!(home.names(), ["credentials"]);
        assert!(create(&home.target(), Mode::Rehearse).is_ok());
    }
}
