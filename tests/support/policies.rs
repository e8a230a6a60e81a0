//! Reads the policy documents of tests/policy. It never interprets them.

use std::fs;
use std::path::Path;

/// A document of tests/policy/policies as JSON, with its placeholders filled in.
pub(crate) fn read<'a>(
    name: &str,
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/policies");
    let text = fs::read_to_string(folder.join(format!("{name}.json")));
    let mut text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    for (variable, value) in variables {
        text = text.replace(&format!("{{{{{variable}}}}}"), value);
    }
    assert!(!text.contains("{{"), "{name} has a placeholder left");
    text
}

/// A document that needs only the partition and the account, such as `force-mfa`, filled in for the
/// stand-in's account.
pub(crate) fn for_partition(name: &str, partition: &str) -> String {
    read(
        name,
        [("partition", partition), ("account", "123456789012")],
    )
}
