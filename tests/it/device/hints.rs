//! Searches the sources for messages with commands that don't say whose devices are meant. It runs
//! nothing.

use crate::sources::rust_files;

/// As it is printed, such a command would act on the devices of the default profile's user.
#[test]
fn no_message_names_a_command_without_the_profile() {
    let files = rust_files("src/devices");
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
