//! Checks README: it can be read in two minutes, its first two commands show and test the program, and
//! its table of other tools has their versions. It runs nothing: `book` does.

use crate::book::{page, section};

#[test]
fn it_is_read_in_two_minutes() {
    let readme = page("README.md");
    let lines = readme.lines().count();
    assert!(lines <= 150, "{lines} lines");
    let words = readme.split_whitespace().count();
    assert!(words <= 1300, "{words} words");
}

#[test]
fn it_says_what_the_two_commands_need_and_leave_out() {
    let readme = page("README.md");
    let (begin, _) = readme.split_once("\n## ").expect("it has sections");
    for need in [
        "Rust",
        "C compiler",
        "minute",
        "GB",
        "leaves out",
        ".ci/run",
    ] {
        assert!(begin.contains(need), "{need}");
    }
}

#[test]
fn each_tool_in_the_table_has_its_version_and_date_here_and_on_the_page_about_it() {
    let table = section("README.md", "Compared with");
    let row = |begin: &str| -> Vec<String> {
        let row = table.lines().find(|line| line.starts_with(begin));
        let cells = row.expect("the row is there").split(" | ").skip(2);
        cells
            .map(|cell| cell.trim_matches([' ', '|']).to_owned())
            .collect()
    };
    let (tools, versions) = (row("| | awsmfa"), row("| version"));
    assert_eq!(tools.len(), versions.len());
    let others = section("docs/coming-from.md", "AWS CLI: `aws configure mfa-login`");
    assert!(!others.is_empty());
    let page = page("docs/coming-from.md");
    for (tool, version) in tools.iter().zip(&versions) {
        let (number, date) = version.split_once(", ").expect("a number and a date");
        let year = date.split(' ').nth(1).expect("a month and a year");
        let is_told = page.lines().any(|line| {
            line.contains(tool.as_str()) && line.contains(number) && line.contains(year)
        });
        assert!(is_told, "{tool} {version}");
    }
}
