//! Names the files that a killed write leaves behind, and finds them again. It removes none.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

use crate::store::folder::make_private;
use crate::store::long;
use crate::value::hash::content_hash;

/// Random characters in a name, enough that no two are the same.
const TOKEN: usize = 10;
/// Suffix of a file that is about to replace the AWS file.
pub(super) const TEMPORARY: &str = ".tmp";
/// Suffix of the file with the old bytes during a write in place.
pub(super) const OLD: &str = ".old";
/// Suffix of the file with the new bytes during a write in place.
pub(super) const NEW: &str = ".new";

/// Suffix of a file that changes places with the AWS file. It follows the hashes of what was read and of
/// what was to replace it, which prove later that whatever is found under this name is ours.
const SWAP: &str = ".swap";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// What one or more killed runs left for one AWS file in one folder.
#[derive(Default)]
pub(super) struct Leftovers {
    pub(super) temporary: Vec<PathBuf>,
    /// Files that were to change places with the AWS file, or did.
    pub(super) swaps: Vec<Swap>,
    /// From writes in place: the old bytes, the new bytes.
    pub(super) pairs: Vec<(PathBuf, PathBuf)>,
    /// Half of such a pair. The write had not begun, or it was done: see `inplace`.
    pub(super) halves: Vec<PathBuf>,
}

/// A file that was to change places with the AWS file, or did.
pub(super) struct Swap {
    pub(super) path: PathBuf,
    hashes: [u64; 2],
}

impl Swap {
    /// The name that the file `temporary` gets when `new` is to replace `old`.
    pub(super) fn of(temporary: &Path, old: &[u8], new: &[u8]) -> Self {
        let hashes = [content_hash(old), content_hash(new)];
        let mut name = temporary.file_stem().unwrap_or_default().to_os_string();
        name.push(format!("-{:016x}-{:016x}{SWAP}", hashes[0], hashes[1]));
        Self {
            path: temporary.with_file_name(name),
            hashes,
        }
    }

    /// Whether these bytes are what was read, or what was to replace it.
    pub(super) fn is_known(&self, bytes: &[u8]) -> bool {
        self.hashes.contains(&content_hash(bytes))
    }
}

/// The prefix of all names for an AWS file.
fn prefix(stem: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(stem);
    prefix.push(".awsmfa-");
    prefix
}

/// Creates a file that only the user can read, with a name that [`find`] recognises.
pub(super) fn create(folder: &Path, stem: &OsStr, suffix: &str) -> io::Result<NamedTempFile> {
    named(folder, &prefix(stem), suffix, TOKEN)
}

/// Creates the file for the new bytes that belongs to `old`, the file of the old bytes.
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
    let file = builder.tempfile_in(long::form(folder))?;
    make_private(file.as_file())?;
    Ok(file)
}

/// Finds what was left for the file `stem` in `folder`. A folder that is missing, or whose names can't
/// be read, holds nothing.
pub(super) fn find(folder: &Path, stem: &OsStr) -> Leftovers {
    // Half a list would part what belongs together.
    let entries: io::Result<Vec<_>> = fs::read_dir(folder).and_then(Iterator::collect);
    let prefix = prefix(stem);
    let (mut found, mut old, mut new) = (Leftovers::default(), Vec::new(), Vec::new());
    for entry in entries.unwrap_or_default() {
        match role_of(&entry.file_name(), &prefix) {
            Some(Role::Temporary) => found.temporary.push(entry.path()),
            Some(Role::Old) => old.push(entry.path()),
            Some(Role::New) => new.push(entry.path()),
            Some(Role::Swap(hashes)) => found.swaps.push(Swap {
                path: entry.path(),
                hashes,
            }),
            None => {}
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
    found
}

/// What a name says about its file.
enum Role {
    Temporary,
    Old,
    New,
    Swap([u64; 2]),
}

/// The role of `name`, if it is exactly a name that this module gives.
fn role_of(name: &OsStr, prefix: &OsStr) -> Option<Role> {
    let name = name.as_encoded_bytes();
    let rest = name.strip_prefix(prefix.as_encoded_bytes())?;
    let (token, suffix) = rest.split_at_checked(TOKEN)?;
    if !token.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let suffix = std::str::from_utf8(suffix).ok()?;
    match suffix {
        TEMPORARY => Some(Role::Temporary),
        OLD => Some(Role::Old),
        NEW => Some(Role::New),
        _ => {
            let (old, new) = suffix
                .strip_suffix(SWAP)?
                .strip_prefix('-')?
                .split_once('-')?;
            Some(Role::Swap([hash(old)?, hash(new)?]))
        }
    }
}

fn hash(digits: &str) -> Option<u64> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_hash = digits.len() == DIGITS && digits.bytes().all(is_digit);
    is_hash.then(|| u64::from_str_radix(digits, 16).ok())?
}
