//! Tests the removals that a logout makes, on real files.

use super::{Home, TWO, edit, laws};
use crate::ini::Edit;
use crate::store::Mode;
use proptest::prelude::*;

const KEYS: [&str; 3] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
];
const OURS: &str = "\
aws_access_key_id = ASIA9
aws_secret_access_key = s9/+=
aws_session_token = t9==
";

fn removal() -> Vec<Edit> {
    let keys: Vec<(&str, Option<&str>)> = KEYS.iter().map(|key| (*key, None)).collect();
    vec![edit("dev-mfa", &keys)]
}

/// What is left of a file of `content` when the keys of `dev-mfa` are removed.
fn removed(content: &str) -> String {
    let home = Home::with(content);
    let file = home.file();
    let rehearsed = file.update(Mode::Rehearse, &mut |_| Ok(removal()));
    rehearsed.expect("rehearsed");
    assert_eq!(home.content(), content);
    let report = file.update(Mode::Save, &mut |_| Ok(removal()));
    report.expect("saved");
    let left = home.content();
    assert_ne!(left, content);
    assert_eq!(home.names(), ["credentials"]);
    let again = file.update(Mode::Save, &mut |_| Ok(removal()));
    again.expect("nothing to do");
    assert_eq!(home.content(), left);
    left
}

#[test]
fn a_session_is_removed_wherever_its_section_is() {
    for (content, expected) in [
        (format!("[dev-mfa]\n{OURS}"), String::new()),
        (format!("{TWO}\n[dev-mfa]\n{OURS}"), TWO.to_owned()),
        (format!("[dev-mfa]\n{OURS}\n{TWO}"), TWO.to_owned()),
        (
            TWO.replace("# mine", &format!("[dev-mfa]\n{OURS}\n# mine")),
            TWO.to_owned(),
        ),
        (
            format!("{TWO}[dev-mfa]\n{OURS}[z]\n"),
            format!("{TWO}[z]\n"),
        ),
    ] {
        assert_eq!(removed(&content), expected, "{content}");
        let crlf = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(removed(&crlf(&content)), crlf(&expected), "{content}");
    }
}

#[test]
fn anything_the_user_put_into_the_section_stays_with_its_header() {
    for (above, below) in [
        ("", "region = eu-west-1\n"),
        ("", "# a note\n"),
        ("# about the session\n", ""),
        ("", "\n# an end note\n"),
        ("", "s3 =\n    max_concurrent_requests = 20\n"),
    ] {
        let kept = format!("{TWO}\n{above}[dev-mfa]\n{below}");
        let header = "[dev-mfa]\n";
        let content = kept.replace(header, &format!("{header}{OURS}"));
        assert_eq!(removed(&content), kept);
    }
}

#[test]
fn a_nested_value_is_removed_with_its_key() {
    let content = format!(
        "{TWO}\n[dev-mfa]\n{}\n",
        OURS.replace("= t9==", "=\n    a = 1\n\n    b = 2")
    );
    assert_eq!(removed(&content), format!("{TWO}\n"));
}

#[test]
fn repeated_sections_are_removed_together_or_stay() {
    let twice = format!("[dev-mfa]\n{OURS}\n{TWO}\n[ dev-mfa ]\naws_session_token = t8\n");
    assert_eq!(removed(&twice), TWO);
    let more = format!("{twice}region = r\n");
    assert_eq!(
        removed(&more),
        format!("[dev-mfa]\n\n{TWO}\n[ dev-mfa ]\nregion = r\n")
    );
}

#[test]
fn a_session_that_is_not_there_changes_nothing() {
    for content in [TWO.to_owned(), format!("{TWO}\n[dev-mfa]\nregion = r\n")] {
        let home = Home::with(&content);
        let report = home.file().update(Mode::Save, &mut |_| Ok(removal()));
        report.expect("nothing to do");
        assert_eq!(home.content(), content);
    }
}

#[test]
fn several_sessions_are_removed_in_one_update() {
    let content = format!("{TWO}\n[dev-mfa]\n{OURS}\n[b-mfa]\n{OURS}\n[c-mfa]\n{OURS}");
    let home = Home::with(content);
    let edits = || {
        let names = ["dev-mfa", "b-mfa", "c-mfa"];
        names.map(|name| Edit {
            section: name.to_owned(),
            changes: removal()[0].changes.clone(),
        })
    };
    let report = home.file().update(Mode::Save, &mut |_| Ok(edits().into()));
    assert_eq!(report.expect("saved").warnings, Vec::<String>::new());
    assert_eq!(home.content(), TWO);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_login_and_a_logout_leave_any_file_as_it_was(content in laws::content()) {
        prop_assume!(!content.is_empty());
        let home = laws::home_with(&content);
        let file = home.file();
        let set: Vec<_> = KEYS.iter().map(|key| (*key, Some("v"))).collect();
        if file.update(Mode::Save, &mut |_| Ok(vec![edit("dev-mfa", &set)])).is_err() {
            return Ok(());
        }
        let with_session = home.content();
        let is_at_the_end = with_session.starts_with(&content);
        let report = file.update(Mode::Save, &mut |_| Ok(removal()));
        prop_assert!(report.is_ok());
        let after = home.content();
        prop_assert_ne!(&after, &with_session);
        if is_at_the_end && content.ends_with('\n') {
            prop_assert_eq!(after, content);
        } else if !is_at_the_end {
            // The section was put in the middle of the file, for ordinary readers: only blank lines may
            // differ.
            let text = |all: &str| -> Vec<String> {
                all.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
            };
            prop_assert_eq!(text(&after), text(&content));
            prop_assert!(after.len().abs_diff(content.len()) <= 2);
        } else {
            prop_assert_eq!(after.trim_end_matches(['\r', '\n']), content.trim_end_matches(['\r', '\n']));
        }
    }
}
