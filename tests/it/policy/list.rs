//! Tests `policy list`: it lists every document with the size that `policy show` prints.

use serde_json::Value;

use super::{parse, printed};

#[test]
fn each_document_is_listed_with_its_purpose_and_its_size() {
    let json = parse(&printed(&["list", "--json"]));
    let all = json.as_array().expect("a list");
    assert_eq!(all.len(), 9);
    for policy in all {
        let text = |name: &str| policy[name].as_str().expect("text").to_owned();
        let name = text("name");
        let scp: &[&str] = if policy["scp"] == true {
            &["--scp"]
        } else {
            &[]
        };
        let place = ["--account", "123456789012", "--partition", "aws"];
        let args = [&["show", &name], &place[..], scp].concat();
        let shown = printed(&args);
        let characters = match policy["scp"] {
            Value::Bool(true) => shown.trim_end().chars().count(),
            _ => parse(&shown).to_string().chars().count(),
        };
        assert_eq!(policy["size"], characters, "{name}");
        assert!(policy["size"].as_u64() < policy["limit"].as_u64());
        assert!(!text("purpose").is_empty() && !text("attach_to").is_empty());
    }
    let table = printed(&["list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 10);
    assert!(lines[0].starts_with("NAME "), "{table}");
    assert!(lines[1].starts_with("force-mfa "), "{table}");
    assert!(lines[2].starts_with("force-mfa --scp "), "{table}");
    assert!(lines[9].ends_with(" of 2048"), "{table}");
}
