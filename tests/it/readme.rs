//! README says what awsmfa does: its options, variables and exit codes are those of the help and
//! of the code, and its sessions are run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::Run;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("README.md is there")
}

/// The part of README below a heading, to the next heading of the same level.
fn section(heading: &str) -> String {
    let readme = readme();
    let (_, rest) = readme
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("README has no section {heading}"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

fn help(args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(args).check_stdout(|_| {});
    run.run().stdout
}

/// Every piece of `text` that begins with `begin` and goes on with characters that `goes_on`.
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
    words(text, "AWS", |it| it.is_ascii_uppercase() || it == '_')
}

#[test]
fn the_options_of_login_are_those_of_its_help() {
    let table: String = section("Options of `login`")
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| format!("{line}\n"))
        .collect();
    let help = help(&["login", "--help"]);
    assert_eq!(flags(&table), flags(&help));
    assert_eq!(variables(&table), variables(&help_of_options(&help)));
}

/// The help without its examples, which set variables of other programs.
fn help_of_options(help: &str) -> String {
    help.split("\nExamples:")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Every file of the product, without those of tests alone.
fn product_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .filter(|path| path.file_stem().is_some_and(|name| name != "tests"))
        .flat_map(|path| match path.is_dir() {
            true => product_files(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn the_variables_are_those_that_the_code_reads() {
    let mut read = BTreeSet::new();
    for file in product_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(file).expect("the file is there");
        let product = text.split("\nmod tests {").next().unwrap_or_default();
        let named = variables(product).into_iter();
        read.extend(named.filter(|it| product.contains(&format!("\"{it}\""))));
    }
    let told = variables(&readme());
    // Only read to be warned about: README tells what sets it.
    read.remove("AWS_SESSION_TOKEN");
    let told: BTreeSet<String> = told.into_iter().filter(|it| it.contains('_')).collect();
    assert_eq!(told, read);
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let table: Vec<String> = section("Exit codes")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .filter(|line| line.starts_with(|it: char| it.is_ascii_digit()))
        .map(|line| line.replace(" | ", " "))
        .collect();
    let help = help(&["--help"]);
    let listed: Vec<String> = help
        .split("Exit codes:\n")
        .nth(1)
        .expect("the help lists the exit codes")
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(table, listed);
}

/// What varies from run to run, taken out: moments, and the seconds to the next code.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    for line in text.lines() {
        let line = match (line.split_once("until "), line.split_once(" (")) {
            (Some((begin, _)), Some((_, end))) => format!("{begin}until … ({end}"),
            _ => line.to_owned(),
        };
        let line = match (line.split_once("next code in "), line.split_once(" s;")) {
            (Some((begin, _)), Some((_, end))) => format!("{begin}next code in … s;{end}"),
            _ => line,
        };
        steady += &line;
        steady.push('\n');
    }
    steady
}

#[test]
fn the_sessions_of_the_readme_go_as_it_says() {
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        .start();
    let home = Home::with(&aws).credentials(format!(
        "[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
    ));
    let readme = readme();
    let blocks = readme.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
    let mut ran = 0;
    for step in blocks.flat_map(|block| block.split("$ awsmfa ").skip(1)) {
        let (args, shown) = step.split_once('\n').expect("a command ends its line");
        let args = args.split(' ');
        let expected = steady(shown);
        let prompt = shown
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("code for "));
        match prompt {
            // The prompt is on the terminal and tested there; what is said after it is the same.
            Some(prompt) => {
                assert!(prompt.starts_with("dev (device alice, account 123456789012): "));
                let said = steady(shown.split_once('\n').expect("an answer").1);
                let run = Run::new(&home).args(args).args(["--code", &aws.code(USER)]);
                run.check_stderr(move |text| assert_eq!(for_unix(&steady(text)), said))
                    .run();
            }
            None => {
                let status = match expected.split_once("error: ") {
                    None => 0,
                    Some((_, error)) if error.starts_with("AWS refused the code") => 4,
                    Some(_) => 2,
                };
                let run = Run::new(&home).args(args).status(status);
                run.check_stderr(move |text| assert_eq!(for_unix(&steady(text)), expected))
                    .run();
            }
        }
        ran += 1;
    }
    assert_eq!(ran, 4, "README has its sessions");
    assert_eq!(
        aws.actions(),
        ["ListMFADevices", "GetSessionToken", "GetSessionToken"]
    );
}

/// README speaks to a Unix shell; on Windows the same line is PowerShell's.
fn for_unix(text: &str) -> String {
    text.replace(
        "$env:AWS_PROFILE = \"dev-mfa\"",
        "export AWS_PROFILE=dev-mfa",
    )
}
