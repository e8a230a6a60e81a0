//! Tests the scripts that decide whether and how a release is made: the check of the tag, the notes, the formula
//! and the manifest, and what the workflow may do. It builds no archive: `.ci/release` does, and tries it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::book::{page, pages};

/// The archives that a formula and a manifest name.
const ARCHIVES: [&str; 5] = [
    "aarch64-apple-darwin.tar.gz",
    "aarch64-unknown-linux-musl.tar.gz",
    "x86_64-apple-darwin.tar.gz",
    "x86_64-pc-windows-msvc.zip",
    "x86_64-unknown-linux-musl.tar.gz",
];

/// A folder with the scripts and with the papers of version 1.2.3.
fn project() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    let scripts = folder.path().join(".ci/release.d");
    fs::create_dir_all(&scripts).expect("the folder is new");
    for script in ["version-check", "notes", "taps"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release.d");
        fs::copy(from.join(script), scripts.join(script)).expect("the script is there");
    }
    let write = |name: &str, text: &str| write(&folder, name, text);
    write(
        "Cargo.toml",
        &page("Cargo.toml").replacen("0.1.0", "1.2.3", 1),
    );
    write(
        "Cargo.lock",
        "[[package]]\nname = \"awsmfa\"\nversion = \"1.2.3\"\n",
    );
    write("CHANGELOG.md", CHANGELOG);
    folder
}

const CHANGELOG: &str = "\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-12-01

### Fixed

- A mistake.

## [1.2.2] - 2026-11-30

- The first one.
";

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).expect("the folder is writable");
}

fn run(folder: &TempDir, script: &str, args: &[&str]) -> Output {
    Command::new("bash")
        .arg(folder.path().join(".ci/release.d").join(script))
        .args(args)
        .current_dir(folder.path())
        .output()
        .expect("bash is there")
}

/// What a script prints that must work.
fn prints(folder: &TempDir, script: &str, args: &[&str]) -> String {
    let output = run(folder, script, args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} {args:?}: {error}");
    String::from_utf8(output.stdout).expect("a script prints UTF-8")
}

/// Checks that a script fails, says `what`, and prints nothing else.
fn refuses(folder: &TempDir, script: &str, args: &[&str], what: &str) {
    let output = run(folder, script, args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
    assert!(error.contains(what), "{args:?}: {error}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

#[test]
fn a_tag_must_be_the_version_of_the_manifest_the_lock_and_the_changelog() {
    let folder = project();
    assert_eq!(prints(&folder, "version-check", &["v1.2.3"]), "1.2.3\n");
    for tag in ["1.2.3", "v1.2", "v1.2.3-rc.1", "v01.2.3", "v1.2.3\nx", ""] {
        refuses(&folder, "version-check", &[tag], "like v1.2.3");
    }
    refuses(
        &folder,
        "version-check",
        &["v1.2.4"],
        "Cargo.toml has version 1.2.3",
    );
    for (name, from, to, what) in [
        (
            "CHANGELOG.md",
            "## [1.2.3] -",
            "## [1.2.4] -",
            "CHANGELOG.md is 1.2.4",
        ),
        (
            "CHANGELOG.md",
            "Unreleased]\n",
            "Unreleased]\n\n- A change.\n",
            "under Unreleased",
        ),
        ("CHANGELOG.md", "## [1.", "## 1.", "CHANGELOG.md is missing"),
        (
            "Cargo.lock",
            "\"1.2.3\"",
            "\"1.2.2\"",
            "Cargo.lock has version 1.2.2",
        ),
    ] {
        let folder = project();
        let text = fs::read_to_string(folder.path().join(name)).expect("it was just written");
        assert!(text.contains(from), "{name}: {from}");
        write(&folder, name, &text.replace(from, to));
        refuses(&folder, "version-check", &["v1.2.3"], what);
    }
}

#[test]
fn the_notes_are_the_versions_part_of_the_changelog() {
    let folder = project();
    assert_eq!(
        prints(&folder, "notes", &["1.2.3"]),
        "### Fixed\n\n- A mistake.\n"
    );
    assert_eq!(prints(&folder, "notes", &["1.2.2"]), "- The first one.\n");
    for version in ["1.2.4", "1.2", "Unreleased", "1.2.3]"] {
        refuses(&folder, "notes", &[version], "says nothing about");
    }
}

/// A project with the sums of all archives, which begin with the numbers of `ARCHIVES`.
fn project_with_sums() -> TempDir {
    let folder = project();
    let sums = ARCHIVES.iter().zip(1..);
    let sums = sums.map(|(name, at)| format!("{at}{}  awsmfa-1.2.3-{name}\n", "0".repeat(63)));
    write(&folder, "SHA256SUMS", &sums.collect::<String>());
    folder
}

#[test]
fn the_formula_and_the_manifest_name_each_archive_with_its_sum() {
    let folder = project_with_sums();
    prints(&folder, "taps", &["someone/awsmfa", "."]);
    let read = |name| fs::read_to_string(folder.path().join(name)).expect("it was written");
    let (formula, manifest) = (read("awsmfa.rb"), read("awsmfa.json"));
    let address = "https://github.com/someone/awsmfa/releases/download/v1.2.3/awsmfa-1.2.3";
    for (name, at) in ARCHIVES.iter().zip(1..) {
        let (url, sum) = (
            format!("{address}-{name}"),
            format!("{at}{}", "0".repeat(63)),
        );
        if name.ends_with(".zip") {
            let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("it is JSON");
            let archive = &manifest["architecture"]["64bit"];
            assert_eq!(archive["url"], url);
            assert_eq!(archive["hash"], sum);
            assert_eq!(manifest["version"], "1.2.3");
        } else {
            let lines = format!("url \"{url}\"\n      sha256 \"{sum}\"\n");
            assert!(formula.contains(&lines), "{formula}");
        }
    }
}

#[test]
fn neither_is_made_for_a_release_that_lacks_an_archive() {
    for missing in ARCHIVES {
        let folder = project_with_sums();
        let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).expect("it was written");
        let kept = sums.lines().filter(|line| !line.ends_with(missing));
        let kept: String = kept.map(|line| format!("{line}\n")).collect();
        write(&folder, "SHA256SUMS", &kept);
        let (target, _) = missing.split_once('.').expect("it has an extension");
        refuses(&folder, "taps", &["someone/awsmfa", "."], target);
        assert!(!folder.path().join("awsmfa.rb").exists(), "{missing}");
    }
    let folder = project_with_sums();
    for repository in ["awsmfa", "a/b/c", "a;b/awsmfa", "someone/aws mfa", ""] {
        refuses(&folder, "taps", &[repository, "."], "usage");
    }
}

#[test]
#[ignore = "needs ruby, which .ci/run installs"]
fn the_formula_is_ruby() {
    let folder = project_with_sums();
    prints(&folder, "taps", &["someone/awsmfa", "."]);
    let check = |name: &str| {
        let ruby = Command::new("ruby")
            .arg("-c")
            .arg(folder.path().join(name))
            .output();
        ruby.expect("ruby is there").status.success()
    };
    assert!(check("awsmfa.rb"));
    let text = fs::read_to_string(folder.path().join("awsmfa.rb")).expect("it was written");
    write(&folder, "awsmfa.rb", &(text + "end\n"));
    assert!(!check("awsmfa.rb"), "it tells what is not");
}

#[test]
fn the_workflow_runs_for_tags_alone_and_has_no_more_rights_than_it_needs() {
    let workflow = page(".github/workflows/release.yml");
    let (_, on) = workflow
        .split_once("\non:\n")
        .expect("it says when it runs");
    let (on, _) = on.split_once("\n\n").expect("more follows");
    assert_eq!(on, "  push:\n    tags: [\"v[0-9]+.[0-9]+.[0-9]+\"]");
    assert!(workflow.contains("\npermissions: {}\n"));
    for (right, count) in [
        (": write", 3),
        ("contents: write", 1),
        ("secrets.", 0),
        ("cache", 1),
    ] {
        let found = workflow.matches(right).count();
        assert_eq!(found, count, "{right}");
    }
    // What a person typed, a tag for one, reaches a script only as a variable.
    let scripts = workflow.split("run: ").skip(1);
    assert!(scripts.clone().count() > 5);
    for script in scripts {
        let (script, _) = script.split_once("\n      - ").unwrap_or((script, ""));
        let (script, _) = script.split_once("\n    needs:").unwrap_or((script, ""));
        assert!(!script.contains("${{ github.ref"), "{script}");
    }
}

#[test]
fn the_workflow_and_the_script_build_with_one_compiler() {
    let (workflow, script) = (page(".github/workflows/release.yml"), page(".ci/release"));
    let (_, version) = script.split_once("\nrust=").expect("it is pinned");
    let version = version.lines().next().unwrap_or_default();
    assert!(
        workflow.contains(&format!("  RUST: {version}\n")),
        "{version}"
    );
}

#[test]
fn no_page_installs_the_program_of_somebody_else() {
    let mut seen = 0;
    for path in pages() {
        for line in page(&path).lines() {
            for command in ["cargo install", "cargo binstall"] {
                for (at, _) in line.match_indices(command) {
                    let rest = &line[at + command.len()..];
                    let is_ours = rest.contains("--git") || rest.contains("--path");
                    let is_another = rest.trim_start().starts_with("cargo-");
                    assert!(is_ours || is_another, "{path}: {line}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 3, "{seen}");
    let manifest = page("Cargo.toml");
    assert!(manifest.contains("\npublish = false\n"));
    // Both of these ask crates.io and its likes for a program of this name.
    assert!(manifest.contains("\ndisabled-strategies = [\"quick-install\", \"compile\"]\n"));
}
