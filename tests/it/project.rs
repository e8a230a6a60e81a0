//! Checks CONTRIBUTING's map, the workflows and scripts, and that one command checks everything.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::sources::rust_files;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The entries of a folder; names of folders end with `/`.
fn entries(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    entries
        .map(|entry| {
            let entry = entry.expect("the folder can be read");
            let slash = if entry.path().is_dir() { "/" } else { "" };
            format!("{folder}/{}{slash}", entry.file_name().to_string_lossy())
        })
        .collect()
}

#[test]
fn the_map_names_every_module_and_no_removed_one() {
    let map = text("CONTRIBUTING.md");
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `"));
    let named: BTreeSet<String> = rows
        .filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .filter(|name| name.starts_with("src/"))
        .collect();
    assert_eq!(named, entries("src"));
    for gone in [
        "tests/it/",
        "tests/support/",
        "examples/sandbox.rs",
        "examples/odd_files.rs",
        "examples/pictures.rs",
        "fuzz/",
        "benches/login.rs",
    ] {
        assert!(map.contains(&format!("| `{gone}` |")), "{gone}");
        assert!(root().join(gone).exists(), "{gone}");
    }
}

#[test]
fn every_file_opens_with_a_sentence_on_what_it_does() {
    let folders = ["src", "tests", "examples", "benches", "fuzz/fuzz_targets"];
    let files: Vec<PathBuf> = folders.into_iter().flat_map(rust_files).collect();
    assert!(
        files.len() > 50,
        "the files are looked for in the right place"
    );
    let silent: Vec<&PathBuf> = files
        .iter()
        .filter(|file| {
            let text = text(file);
            // "Owns …" once opened nearly every file, and so said nothing.
            !text.starts_with("//! ") || text.starts_with("//! Owns ")
        })
        .collect();
    assert!(silent.is_empty(), "no `//!` line: {silent:?}");
}

#[test]
fn the_check_ends_with_the_tests_that_the_readme_names() {
    let (check, readme) = (text(".ci/run"), text("README.md"));
    let commands: Vec<&str> = readme
        .split("```sh\n")
        .skip(1)
        .take(2)
        .filter_map(|block| block.lines().next())
        .collect();
    assert_eq!(commands, ["cargo run --example sandbox", "cargo test"]);
    let last = check.lines().rfind(|line| !line.trim().is_empty());
    assert_eq!(last, Some("step cargo test --locked"));
    assert!(check.contains("set -euo pipefail"));
    let workflow = text(".github/workflows/ci.yml");
    assert!(workflow.contains("run: cargo test --locked\n"));
    assert!(workflow.contains("run: cargo run --locked --example sandbox\n"));
}

#[test]
fn the_book_is_built_by_one_script_at_one_version() {
    let (check, workflow) = (text(".ci/run"), text(".github/workflows/ci.yml"));
    assert!(check.contains("\nstep .ci/book\n"));
    assert!(workflow.contains("- run: .ci/book\n"));
    let script = text(".ci/book");
    let (_, version) = script.split_once("\nversion=").expect("it is pinned");
    let version = version.lines().next().unwrap_or_default();
    assert!(
        version.split('.').all(|it| it.parse::<u32>().is_ok()),
        "{version}"
    );
    assert!(script.contains("--version \"$version\" --locked"));
    let book = text("book.toml");
    assert!(book.contains("src = \"docs\"") && book.contains("create-missing = false"));
}

#[test]
fn what_compiles_for_other_systems_is_installed_by_one_script_at_one_version() {
    let zig = text(".ci/zig");
    let (_, packages) = zig.split_once("\npackages=(").expect("they are listed");
    let (packages, _) = packages.split_once(')').expect("the list ends");
    let pinned = packages
        .split(' ')
        .map(|it| it.split_once("==").expect("pinned"));
    let names: Vec<&str> = pinned
        .map(|(name, version)| {
            let is_version = version.split('.').all(|it| it.parse::<u32>().is_ok());
            assert!(is_version, "{version}");
            name
        })
        .collect();
    assert_eq!(names, ["ziglang", "cargo-zigbuild"]);
    let guide = text("CONTRIBUTING.md");
    for script in [".ci/musl", ".ci/macos"] {
        assert!(
            text(script).contains("\nPATH=$(.ci/zig):$PATH\n"),
            "{script}"
        );
        assert!(guide.contains(&format!("| `{script}` |")), "{script}");
    }
}

#[test]
fn contributing_says_what_each_script_is_for() {
    let contributing = text("CONTRIBUTING.md");
    let entries = entries(".ci");
    for script in entries.iter().filter(|it| !it.ends_with('/')) {
        assert!(
            contributing.contains(&format!("`{script}`"))
                || contributing.contains(&format!("`{script} ")),
            "{script}"
        );
        assert!(
            text(script).starts_with("#!/usr/bin/env bash\n# "),
            "{script}"
        );
    }
}

#[test]
fn what_the_build_for_windows_skips_has_a_reason_and_is_named() {
    let script = text(".ci/windows");
    let (_, skipped) = script.split_once("\nskipped=(").expect("a list");
    let (skipped, _) = skipped.split_once(')').expect("its end");
    for entry in skipped.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let (test, reason) = entry.split_once(": ").expect("a reason");
        assert!(test.contains("::") && reason.len() > 10, "{entry}");
    }
    assert!(script.contains("cargo clippy --all-targets --locked --target \"$target\""));
    assert!(script.contains("cargo test --no-fail-fast --locked --target \"$target\""));
}

#[test]
fn every_action_in_the_workflows_is_pinned_to_a_commit() {
    for workflow in entries(".github/workflows") {
        let workflow = text(workflow);
        let mut uses = workflow
            .lines()
            .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
            // The action of this repository, at the commit that is checked out.
            .filter(|action| !action.starts_with("./ "));
        assert!(uses.all(|action| {
            let commit = action
                .split_once('@')
                .and_then(|(_, rest)| rest.split_once(" # v"));
            commit.is_some_and(|(commit, _)| {
                commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit())
            })
        }));
    }
}

/// The values in a workflow that follow this word.
fn values<'a>(workflow: &'a str, word: &str) -> Vec<&'a str> {
    let lines = workflow
        .lines()
        .map(|line| line.trim().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(word)).collect()
}

#[test]
fn all_workflows_use_an_action_at_one_commit() {
    let mut commits = BTreeSet::new();
    for workflow in entries(".github/workflows") {
        let workflow = text(workflow);
        commits.extend(values(&workflow, "uses: ").into_iter().map(str::to_owned));
    }
    let names: Vec<&str> = commits
        .iter()
        .filter_map(|it| Some(it.split_once('@')?.0))
        .collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len(), "{commits:?}");
}

#[test]
fn newer_versions_are_proposed_for_everything_that_is_pinned() {
    let dependabot = text(".github/dependabot.yml");
    let listed = |folder: &str| {
        values(&dependabot, "directories: ")
            .into_iter()
            .flat_map(|list| list.trim_matches(['[', ']']).split(", "))
            .filter(|it| *it == folder)
            .count()
    };
    for folder in ["tests/clients", "tests/policy", ".ci/papers.d"] {
        assert!(
            root().join(folder).join("package-lock.json").exists(),
            "{folder}"
        );
        assert!(
            root().join(folder).join("requirements.txt").exists(),
            "{folder}"
        );
        assert_eq!(listed(&format!("/{folder}")), 2, "{folder}: npm and pip");
    }
    for folder in ["/", "/fuzz"] {
        assert_eq!(listed(folder), 1, "{folder}");
    }
    assert!(dependabot.contains("package-ecosystem: github-actions\n    directory: /\n"));
}

#[test]
fn a_bug_is_reported_with_what_doctor_says_and_without_secrets() {
    let form = text(".github/ISSUE_TEMPLATE/bug.yml");
    for words in [
        "awsmfa doctor --share",
        "awsmfa --version",
        "Post no keys, tokens or codes",
    ] {
        assert!(form.contains(words), "{words}");
    }
    for form in [&form, &text(".github/pull_request_template.md")] {
        assert!(!form.contains("://"), "addresses differ from copy to copy");
    }
}

#[test]
fn a_release_is_built_without_a_cache() {
    for workflow in entries(".github/workflows") {
        let has_cache = !values(&text(&workflow), "uses: actions/cache").is_empty();
        assert!(!has_cache || workflow.ends_with("/ci.yml"), "{workflow}");
    }
}

#[test]
fn every_fuzz_target_is_run_each_week_and_has_a_corpus_and_a_dictionary() {
    let (manifest, weekly) = (
        text("fuzz/Cargo.toml"),
        text(".github/workflows/weekly.yml"),
    );
    let targets = entries("fuzz/fuzz_targets");
    let names = targets.iter().map(|path| {
        let name = path.strip_prefix("fuzz/fuzz_targets/");
        name.and_then(|name| name.strip_suffix(".rs"))
            .expect("a target is a Rust file")
    });
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["answers", "document", "recovery"]);
    assert!(weekly.contains("target: [document, recovery, answers]\n"));
    assert!(weekly.contains("run: cargo run --locked --example odd_files -- --minutes 15\n"));
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
        assert!(entries(&format!("fuzz/corpus/{name}")).len() > 10, "{name}");
        assert!(!text(format!("fuzz/dictionaries/{name}.dict")).is_empty());
    }
}
