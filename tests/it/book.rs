//! Checks the pages of the documentation, including README, against the program: what they list is what the
//! help and the code have, and what they show is run. It never changes a page.

#[cfg(target_os = "linux")]
mod dialogs;
mod links;
mod messages;
mod recipes;
mod reference;
mod sessions;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use indoc::formatdoc;

use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::home::Home;
use crate::support::run::Run;

/// A page by its path in the repository: `README.md`, `docs/use.md`.
pub(crate) fn page(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(file);
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The part of a page below a heading, to the next heading of the same level.
pub(crate) fn section(path: &str, heading: &str) -> String {
    let page = page(path);
    let (_, rest) = page
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("{path} has no section {heading}"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

/// The paths of README and of every page in `docs/`.
pub(crate) fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).expect("the folder is there") {
            let entry = entry.expect("the folder can be read");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The code blocks of a text in this language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let begin = format!("\n```{language}\n");
    let blocks = text.split(&begin).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The first code block of a page in this language that contains `text`.
fn block(path: &str, language: &str, text: &str) -> String {
    let blocks = blocks(&page(path), language);
    let found = blocks.into_iter().find(|block| block.contains(text));
    found.unwrap_or_else(|| panic!("{path} shows no {text}"))
}

fn help(args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(args).check_stdout(|_| {});
    run.run().stdout
}

/// Every word of `text` that begins with `begin` and continues with characters that `goes_on` accepts.
fn words(text: &str, begin: &str, goes_on: fn(char) -> bool) -> BTreeSet<String> {
    text.match_indices(begin)
        .filter(|(at, _)| !text[..*at].ends_with(|it: char| it.is_alphanumeric() || it == '-'))
        .map(|(at, _)| {
            let rest = &text[at + begin.len()..];
            let end = rest.find(|it| !goes_on(it)).unwrap_or(rest.len());
            format!("{begin}{}", &rest[..end])
        })
        .filter(|word| word.ends_with(char::is_alphanumeric) && word != begin)
        .collect()
}

fn flags(text: &str) -> BTreeSet<String> {
    words(text, "--", |it| it.is_ascii_lowercase() || it == '-')
}

fn variables(text: &str) -> BTreeSet<String> {
    words(text, "AWS", |it| {
        it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_'
    })
}

/// Every command in the help.
fn commands() -> Vec<String> {
    crate::help::commands(&help)
}

/// A profile `dev` with alice's keys.
fn credentials() -> String {
    formatdoc! {"
        [dev]
        aws_access_key_id = {KEY_ID}
        aws_secret_access_key = {SECRET_KEY}
    "}
}
