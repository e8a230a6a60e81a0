//! Compares both files before and after a login: it adds the session's section and its settings, and not
//! a byte more, however odd the files are.

mod defects;
mod indented;
mod kept;
mod odd;
#[cfg(unix)]
mod places;
mod readers;
mod settings;

use std::fs;
use std::path::Path;

use crate::scene::{ISSUE, READY, Scene};

/// The keys of the session's section, in the order in which they are written.
const SESSION: [&str; 9] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_account_id",
    "x_security_token_expires",
    "awsmfa_source_profile",
    "awsmfa_mfa_serial",
    "awsmfa_access_key_id",
    "awsmfa_duration",
];

/// Checks that `after` is `before` with one more section: its header and lines, and at most the line end
/// before it and an empty line. Returns the lines of the section.
fn added(before: &str, after: &str, header: &str) -> Vec<String> {
    let lines: Vec<&str> = after.split_inclusive('\n').collect();
    let own = |line: &&str| line.trim_end() == header;
    assert_eq!(lines.iter().filter(|it| own(it)).count(), 1, "{after}");
    let start = lines.iter().position(own).expect("counted");
    let length = lines[start + 1..]
        .iter()
        .position(|it| it.trim().is_empty() || it.starts_with('['))
        .unwrap_or(lines.len() - start - 1);
    let (head, tail) = (
        lines[..start].concat(),
        lines[start + 1 + length..].concat(),
    );
    let whole = &head;
    let separators = ["", "\n", "\r\n", "\n\n", "\r\n\r\n"];
    let kept = separators.iter().any(|separator| {
        let head = head.strip_suffix(separator);
        let tail_too = tail.strip_prefix(separator);
        head.is_some_and(|head| format!("{head}{tail}") == before)
            || tail_too.is_some_and(|tail| format!("{whole}{tail}") == before)
    });
    assert!(
        kept,
        "more than {header} changed\n--- before\n{before}--- after\n{after}---"
    );
    let section = lines[start + 1..=start + length].iter();
    section.map(|line| line.trim_end().to_owned()).collect()
}

/// Logs in twice, and checks that the credentials file gets the session and is otherwise unchanged, and
/// that the config file gets at most its settings. `warnings` are printed first.
fn logs_in(scene: &Scene, warnings: &str) {
    let before = bytes(&scene.home.credentials_path());
    let config = bytes(&scene.home.config_path());
    let run = scene.login(&["-p", "dev"]);
    scene.works(run, &format!("{warnings}{READY}"), &[ISSUE]);
    let after = bytes(&scene.home.credentials_path());
    let section = added(&before, &after, "[dev-mfa]");
    let keys: Vec<&str> = section
        .iter()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys, SESSION, "{section:?}");
    let settings = bytes(&scene.home.config_path());
    if settings != config {
        added(&config, &settings, "[profile dev-mfa]");
    }

    // The second time, nothing is left to write to the config file.
    let warnings: String = warnings
        .split_inclusive('\n')
        .filter(|line| !line.contains("/.aws/config"))
        .collect();
    let run = scene.login(&["-p", "dev", "--force"]);
    scene.works(run, &format!("{warnings}{READY}"), &[ISSUE]);
    let again = bytes(&scene.home.credentials_path());
    assert_ne!(again, after, "the session is a new one");
    added(&before, &again, "[dev-mfa]");
    assert_eq!(bytes(&scene.home.config_path()), settings);
}

fn bytes(path: &Path) -> String {
    String::from_utf8(fs::read(path).unwrap_or_default()).expect("the test's text is UTF-8")
}
