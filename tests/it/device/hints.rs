//! Searches the sources for messages with commands that don't say whose devices are meant. It runs
//! nothing.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// As it is printed, such a command would act on the devices of the default profile's user.
#[test]
fn no_message_names_a_command_without_the_profile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/devices");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source");
        let lines = text.lines().enumerate();
        let by_hand = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (number, line) in by_hand {
            let is_command = line.contains("awsmfa device ") || line.contains("awsmfa login");
            let file = file.display();
            assert!(
                !is_command,
                "{file}:{}: use User::command: {line}",
                number + 1
            );
        }
    }
}
