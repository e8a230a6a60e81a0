//! Tests the laws of an update on generated files.

use super::{Home, edit};
use crate::exit::Failure;
use crate::ini::Edit;
use crate::store::target::Access;
use crate::store::{Mode, NotWritten, Report};
use proptest::prelude::*;
use std::fs::{self, File};
use std::time::Duration;

/// Lines as they occur in AWS files, including odd ones.
const LINES: &[&str] = &[
    "[default]",
    "[dev]",
    "[dev]",
    "[ spaced ]",
    "[prod] # note",
    "[prod-mfa]",
    "[broken",
    "aws_access_key_id = AKIA1",
    "AWS_ACCESS_KEY_ID = AKIA2",
    "aws_secret_access_key=a#b;c/+=%\\",
    "aws_session_token = old # comment",
    "region = eu-west-1",
    "path = C:\\dir\\",
    "quoted = \"a b\"",
    "s3 =",
    "  max_concurrent_requests = 20",
    "\tindented = 1",
    "  # an indented note",
    "empty =",
    "key : value",
    "# [dev-mfa]",
    "; aws_access_key_id = x",
    "",
    "   ",
    "stray",
    "ünïcode = ☃",
];

pub(super) fn content() -> impl Strategy<Value = String> {
    let line = prop::sample::select(LINES);
    let end = prop::sample::select(&["\n", "\r\n"][..]);
    (
        prop::collection::vec(line, 1..14),
        end,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(mut lines, end, closed, headed)| {
            if headed {
                lines.insert(0, "[first]");
            }
            lines.join(end) + if closed { end } else { "" }
        })
}

/// The home of a file that was written a while ago.
pub(super) fn home_with(content: &str) -> Home {
    let home = Home::with(content);
    let file = File::options()
        .write(true)
        .open(home.path())
        .expect("there");
    let past = std::time::SystemTime::now() - Duration::from_secs(60);
    file.set_modified(past).expect("the time is set");
    home
}

/// How many bytes of `old` are the same in `new` before and after one place.
fn around(old: &[u8], new: &[u8]) -> usize {
    let front = old
        .iter()
        .zip(new)
        .take_while(|(old, new)| old == new)
        .count();
    let back = old[front..]
        .iter()
        .rev()
        .zip(new[front.min(new.len())..].iter().rev());
    front + back.take_while(|(old, new)| old == new).count()
}

fn token(value: &str) -> Vec<Edit> {
    vec![edit("dev-mfa", &[("aws_session_token", Some(value))])]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_update_of_any_file_touches_nothing_else(content in content()) {
        prop_assume!(!content.is_empty());
        let home = home_with(&content);
        let file = home.file();
        let first = file.update(Mode::Save, &mut |_| Ok(token("first")));
        prop_assert_eq!(home.names(), ["credentials"]);
        if first.is_err() {
            prop_assert_eq!(home.content(), content);
            return Ok(());
        }
        let added = home.content();
        prop_assert_ne!(&added, &content);
        prop_assert_eq!(around(content.as_bytes(), added.as_bytes()), content.len());
        let document = file.read().expect("read");
        let value = document.get("dev-mfa", "aws_session_token");
        prop_assert_eq!(value.as_deref(), Some("first"));

        // Setting it again changes nothing but the value.
        file.update(Mode::Save, &mut |_| Ok(token("again"))).expect("it went well before");
        let again = home.content();
        prop_assert_eq!(again, added.replace("aws_session_token = first", "aws_session_token = again"));
        prop_assert_eq!(home.names(), ["credentials"]);
    }

    #[test]
    fn a_rehearsal_of_any_file_touches_nothing_and_says_what_a_save_does(content in content()) {
        prop_assume!(!content.is_empty());
        let home = home_with(&content);
        let file = home.file();
        let before = home.target().snapshot(Access::Read).expect("read");
        let rehearsed = file.update(Mode::Rehearse, &mut |_| Ok(token("first")));
        prop_assert!(home.target().snapshot(Access::Read).expect("read").same(&before));
        prop_assert_eq!(home.names(), ["credentials"]);
        let saved = file.update(Mode::Save, &mut |_| Ok(token("first")));
        let words = |done: Result<Report, NotWritten>| done.map(|done| done.warnings).map_err(|error| Failure::from(error).message);
        prop_assert_eq!(words(rehearsed), words(saved));
        drop(fs::remove_file(home.path()));
    }
}
