//! Names the files that a write leaves behind when it is killed, and finds them again. It removes
//! none.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// Random characters in a name, enough that two never meet.
const TOKEN: usize = 10;
/// Ends the name of a file that is about to replace the AWS file.
pub(super) const TEMPORARY: &str = ".tmp";
/// Ends the name of the old bytes while a file is written in place.
pub(super) const OLD: &str = ".old";
/// Ends the name of the new bytes while a file is written in place.
pub(super) const NEW: &str = ".new";

/// What one or more killed runs left for one AWS file in one folder.
#[derive(Default)]
pub(super) struct Leftovers {
    pub(super) temporary: Vec<PathBuf>,
    /// Of a write in place: the old bytes, the new bytes.
    pub(super) pairs: Vec<(PathBuf, PathBuf)>,
    /// Half of such a pair. The write had not begun, or it was done: see `inplace`.
    pub(super) halves: Vec<PathBuf>,
}

/// What the names for an AWS file begin with.
fn prefix(stem: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(stem);
    prefix.push(".awsmfa-");
    prefix
}

/// Creates a file that only the user can read, with a name that [`find`] knows.
pub(super) fn create(folder: &Path, stem: &OsStr, suffix: &str) -> io::Result<NamedTempFile> {
    named(folder, &prefix(stem), suffix, TOKEN)
}

/// Creates the new bytes' file that belongs to the old bytes' file `old`.
pub(super) fn create_partner(old: &Path) -> io::Result<NamedTempFile> {
    let folder = old.parent().ok_or(ErrorKind::NotFound)?;
    named(folder, old.file_stem().unwrap_or_default(), NEW, 0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the names by which they are found again"
)]
fn named(folder: &Path, prefix: &OsStr, suffix: &str, random: usize) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(suffix).rand_bytes(random);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    builder.tempfile_in(folder)
}

/// Finds what was left for the file `stem` in `folder`. A missing folder holds nothing.
pub(super) fn find(folder: &Path, stem: &OsStr) -> io::Result<Leftovers> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Leftovers::default()),
        Err(error) => return Err(error),
    };
    let prefix = prefix(stem);
    let (mut found, mut old, mut new) = (Leftovers::default(), Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry?;
        let Some(suffix) = suffix_of(&entry.file_name(), &prefix) else {
            continue;
        };
        match suffix {
            TEMPORARY => found.temporary.push(entry.path()),
            OLD => old.push(entry.path()),
            _ => new.push(entry.path()),
        }
    }
    for old in old {
        let partner = old.with_extension(&NEW[1..]);
        match new.iter().position(|new| *new == partner) {
            Some(at) => found.pairs.push((old, new.swap_remove(at))),
            None => found.halves.push(old),
        }
    }
    found.halves.append(&mut new);
    Ok(found)
}

/// The suffix of `name` if it is exactly a name that [`create`] gives.
fn suffix_of(name: &OsStr, prefix: &OsStr) -> Option<&'static str> {
    let rest = name
        .as_encoded_bytes()
        .strip_prefix(prefix.as_encoded_bytes())?;
    let (token, suffix) = rest.split_at_checked(TOKEN)?;
    let suffix = [TEMPORARY, OLD, NEW]
        .into_iter()
        .find(|known| known.as_bytes() == suffix)?;
    token
        .iter()
        .all(u8::is_ascii_alphanumeric)
        .then_some(suffix)
}
