//! Takes snapshots of a home, so that a test can show that nothing in it has changed. It ignores
//! awsmfa's locks, which may come and stay.

use std::collections::BTreeMap;
use std::fs;
use std::fs::Metadata;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

use crate::support::home::Home;

/// Every file by its path, with its bytes, time and mode.
type Snapshot = BTreeMap<String, (Vec<u8>, SystemTime, u32)>;

/// Every file in the home as it is now.
pub(crate) fn snapshot(home: &Home) -> Snapshot {
    let mut files = Snapshot::new();
    collect(home.path(), &mut files);
    files
}

fn collect(folder: &Path, files: &mut Snapshot) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let metadata = fs::metadata(&path).expect("the file is there");
        if metadata.is_dir() {
            collect(&path, files);
        } else if path.extension().is_none_or(|it| it != "lock") {
            let bytes = fs::read(&path).expect("the file can be read");
            let modified = metadata.modified().expect("the system knows times");
            let name = path.to_string_lossy().into_owned();
            files.insert(name, (bytes, modified, mode(&metadata)));
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    metadata.mode()
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}

/// The names in a folder, sorted, including locks; empty if there is no folder.
pub(crate) fn file_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
