//! Edits arbitrary bytes as an AWS file, and checks every law of such an edit: printing gives the same
//! bytes, only the named keys of the named section change, and nothing panics. It asks no other reader;
//! the program `odd_files` does.
//!
//! An input is an edit, the byte 0xff, a file. The first line of the edit is one letter for the place of
//! a new section and one for what happens to an emptied one (`ek`); the second is the section; each
//! further line is `key=value`, or a key alone, which is removed.
#![no_main]

use std::collections::BTreeMap;

use awsmfa::fuzzing::{Document, Place};
use libfuzzer_sys::fuzz_target;

/// Every section and lower-cased key, with its value.
type Contents = BTreeMap<(String, String), String>;

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 0xff) else {
        return;
    };
    let (edit, file) = (String::from_utf8_lossy(&data[..at]), &data[at + 1..]);
    let mut lines = edit.split('\n');
    let how = lines.next().unwrap_or_default();
    let place = match how.bytes().next() {
        Some(b's') => Place::Start,
        Some(b'a') => Place::AfterFirst,
        _ => Place::End,
    };
    let section = lines.next().unwrap_or_default();
    // `\n` within a value is written as two characters.
    let change = |line: &str| match line.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(value.replace("\\n", "\n"))),
        None => (line.to_owned(), None),
    };
    let changes: Vec<_> = lines.map(change).collect();

    let before = Document::parse(file);
    assert!(before.as_bytes() == file, "printing gives other bytes");
    let Some(after) = before.edited(section, &changes, place, how.ends_with('k')) else {
        return;
    };
    let again = Document::parse(after.as_bytes());
    assert!(again.as_bytes() == after.as_bytes());
    let mut expected = contents(&before);
    for (key, value) in &changes {
        let place = (section.to_owned(), key.to_ascii_lowercase());
        match value {
            Some(value) => drop(expected.insert(place, value.clone())),
            None => drop(expected.remove(&place)),
        }
    }
    let found = contents(&after);
    assert!(found == expected, "the edited file is read otherwise");
    assert!(
        contents(&again) == expected,
        "the printed file is read otherwise"
    );
    // Making the same edit again changes nothing.
    let twice = after.edited(section, &changes, place, how.ends_with('k'));
    assert!(twice.is_some_and(|twice| twice.as_bytes() == after.as_bytes()));
});

fn contents(document: &Document) -> Contents {
    let all = document.contents().into_iter();
    all.map(|(section, key, value)| ((section, key), value))
        .collect()
}
