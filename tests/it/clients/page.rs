//! Checks that the page on tools says of each client that is tested here what is expected of it.

use super::{CLIENTS, Client, WAYS};
use crate::book::section;

/// The first cell of a client's row.
fn row(client: Client) -> &'static str {
    match client {
        Client::AwsCli2 => "AWS CLI 2",
        Client::AwsCli => "AWS CLI 1",
        Client::Boto3 => "boto3, and what is made with it",
        Client::JavaScript => "JavaScript SDK 3",
        Client::Rust => "Rust SDK",
        Client::Go => "Go SDK 2",
        Client::Ruby => "Ruby SDK 3",
        Client::Cpp => "C++ SDK (pyarrow)",
    }
}

#[test]
fn the_page_says_what_each_client_can_do() {
    let section = section("docs/recipes/tools.md", "Which way works");
    let table = section.split("\n\n").find(|part| part.starts_with('|'));
    let rows = table.expect("there is a table").lines().skip(2);
    let expected = CLIENTS.map(|client| {
        let cells = WAYS.map(|way| client.outcome(way).to_string());
        format!("| {} | {} |", row(client), cells.join(" | "))
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}

/// The version that a list of what is installed pins `name` to.
fn pinned(list: &str, name: &str) -> String {
    let pins = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix(name));
    let versions = pins.map(|rest| rest.trim_matches(|it: char| !it.is_ascii_digit()));
    let mut versions = versions.map(str::to_owned);
    versions.next().unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn the_page_names_the_versions_that_are_installed() {
    let python = include_str!("../../clients/requirements.txt");
    let node = include_str!("../../clients/package.json");
    let cli = include_str!("../../clients/aws-cli.txt");
    let section = section("docs/recipes/tools.md", "Which way works");
    for named in [
        format!("AWS CLI {}", pinned(cli, "# CLI inside is ")),
        format!("and {}, boto3", pinned(python, "awscli==")),
        format!("boto3 {}", pinned(python, "boto3==")),
        format!(
            "JavaScript SDK {}",
            pinned(node, "\"@aws-sdk/client-sts\": ")
        ),
        format!("pyarrow {}", pinned(python, "pyarrow==")),
    ] {
        assert!(section.contains(&named), "{named}");
    }
}
