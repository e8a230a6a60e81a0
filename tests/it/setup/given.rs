//! Hands keys in: on two lines, and in the files of the AWS console, in every form that they come in.

use std::fs;
use std::path::PathBuf;

use indoc::formatdoc;

use super::{ASK, LINES, OTHER_ID, SAID, SAID_AGAIN, STORED, nobody};
use crate::scene::{CREDENTIALS, Scene, snapshot};
use crate::support::aws::{KEY_ID, SECRET_KEY};

/// How text is written.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16Be,
}

const ENCODINGS: [Encoding; 4] = [
    Encoding::Utf8,
    Encoding::Utf8WithMark,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
];

impl Encoding {
    fn of(self, text: &str) -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        match self {
            Self::Utf8 => text.into(),
            Self::Utf8WithMark => marked.into(),
            Self::Utf16Le => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// The file of the console for a new key.
fn key_file() -> String {
    format!("Access key ID,Secret access key\r\n{KEY_ID},{SECRET_KEY}\r\n")
}

/// The file of the console for a new user.
fn user_file() -> String {
    format!(
        "User name,Password,Access key ID,Secret access key,Console login link\nalice,,{KEY_ID},\"{SECRET_KEY}\",https://123456789012.signin.aws.amazon.com/console\n"
    )
}

/// The file of several users.
fn file_of_two() -> String {
    format!(
        "User name,Access key ID,Secret access key\nbob,{OTHER_ID},other/secret\nalice,{KEY_ID},{SECRET_KEY}\n"
    )
}

/// Writes `keys.csv` into the home.
fn put(scene: &Scene, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = scene.home.path().join("keys.csv");
    fs::write(&path, bytes).expect("the home is writable");
    path
}

const REMINDER: &str = "warning: keys.csv still holds the secret access key: delete it, or keep it where nobody else can read it\n";

#[test]
fn a_file_of_aws_is_read_in_each_encoding_with_each_header_and_stays() {
    for encoding in ENCODINGS {
        for text in [key_file(), user_file()] {
            let scene = nobody();
            let bytes = encoding.of(&text);
            let path = put(&scene, &bytes);
            let modified = || fs::metadata(&path).expect("it is there").modified().ok();
            let before = modified();
            let run = scene.setup(&["--no-login", "--from-csv", "keys.csv"]);
            scene.works(run, &format!("{SAID}{REMINDER}"), &[ASK]);
            assert_eq!(scene.home.read_credentials(), STORED, "{encoding:?} {text}");
            assert_eq!(fs::read(&path).expect("it stays"), bytes);
            assert_eq!(modified(), before);
        }
    }
}

#[test]
fn the_same_file_on_standard_input_is_named_by_a_dash() {
    for encoding in ENCODINGS {
        let scene = nobody();
        let run = scene.setup(&["--no-login", "--from-csv", "-"]);
        scene.works(run.stdin(encoding.of(&key_file())), SAID, &[ASK]);
        assert_eq!(scene.home.read_credentials(), STORED, "{encoding:?}");
    }
}

#[test]
fn two_lines_of_standard_input_are_read_in_each_encoding() {
    for encoding in ENCODINGS {
        for lines in [
            LINES.to_owned(),
            LINES.replace('\n', "\r\n"),
            LINES.trim_end().to_owned(),
            format!(" {}\t\nmore\n", LINES.trim_end()),
        ] {
            let scene = nobody();
            let run = scene.setup(&["--no-login"]).stdin(encoding.of(&lines));
            scene.works(run, SAID, &[ASK]);
            assert_eq!(
                scene.home.read_credentials(),
                STORED,
                "{encoding:?} {lines:?}"
            );
        }
    }
}

#[test]
fn the_file_may_be_given_again_with_everything_there() {
    let scene = Scene::default();
    let before = snapshot(&scene.home);
    for text in [key_file(), file_of_two()] {
        let run = scene.setup(&["--no-login", "--from-csv", "-"]);
        scene.works(run.stdin(text), SAID_AGAIN, &[ASK]);
    }
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn of_several_keys_one_is_named_by_its_id() {
    let scene = nobody();
    let run = scene.setup(&["--no-login", "--from-csv", "-"]);
    let said = formatdoc! {"
        error: profile dev needs one of the access keys of standard input ({OTHER_ID} (bob), {KEY_ID} (alice)), and --no-input forbids asking
        hint: choose one with --access-key-id
    "};
    scene.fails(run.stdin(file_of_two()), 7, &said, &[]);
    let run = scene.setup(&["--no-login", "--from-csv", "-", "--access-key-id", "AKIAX"]);
    let said = formatdoc! {"
        error: standard input does not hold the access key AKIAX
        hint: it holds {OTHER_ID} (bob), {KEY_ID} (alice)
    "};
    scene.fails(run.stdin(file_of_two()), 2, &said, &[]);
    let held = Scene::default();
    let run = held.setup(&["--from-csv", "-", "--access-key-id", "AKIAX"]);
    held.fails(run.stdin(file_of_two()), 2, &said, &[]);
    let run = scene.setup(&["--no-login", "--from-csv", "-", "--access-key-id", KEY_ID]);
    scene.works(run.stdin(file_of_two()), SAID, &[ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn what_is_no_such_file_is_refused_by_its_name_and_none_of_it_is_shown() {
    let hint = "hint: give the file that the IAM console offers when it creates an access key (Download .csv file)\n";
    let header = "Access key ID,Secret access key\n";
    for (text, wrong) in [
        (
            String::new(),
            "is not an access key file from AWS: it has no header with the columns `Access key ID` and `Secret access key`",
        ),
        (
            CREDENTIALS.to_owned(),
            "is not an access key file from AWS: it has no header with the columns `Access key ID` and `Secret access key`",
        ),
        (
            LINES.to_owned(),
            "is not an access key file from AWS: it has no header with the columns `Access key ID` and `Secret access key`",
        ),
        (header.to_owned(), "holds no access key"),
        (
            format!("{header}{KEY_ID},\n"),
            "can't be used: the secret access key in row 2 is empty",
        ),
        (
            format!("{header}{SECRET_KEY},{KEY_ID}\n"),
            "can't be used: the access key id in row 2 and the secret access key in row 2 are swapped",
        ),
        (
            format!("{header}{KEY_ID},\u{fffd}{SECRET_KEY}\n"),
            "can't be used: the secret access key in row 2 holds a character that no secret access key has",
        ),
    ] {
        let scene = nobody();
        put(&scene, &text);
        let run = scene.setup(&["--from-csv", "keys.csv"]);
        scene.fails(run, 1, &format!("error: keys.csv {wrong}\n{hint}"), &[]);
    }
}

#[test]
fn no_more_is_read_than_such_a_file_can_take_and_nothing_but_a_file() {
    let scene = nobody();
    put(&scene, vec![b'a'; (1 << 20) + 1]);
    fs::create_dir(scene.home.path().join("folder")).expect("there is room");
    for (name, why) in [
        ("keys.csv", "longer than 1048576 bytes"),
        ("folder", "is a directory"),
        ("missing", "{*}"),
        #[cfg(unix)]
        ("/dev/zero", "not a regular file"),
    ] {
        let said = format!("error: can't read {name}: {why}\n");
        scene.fails(scene.setup(&["--from-csv", name]), 1, &said, &[]);
    }
    let run = scene.setup(&["--from-csv", "-"]);
    let said = "error: can't read standard input: longer than 1048576 bytes\n";
    scene.fails(run.stdin(vec![b'a'; (1 << 20) + 1]), 1, said, &[]);
}

#[test]
fn lines_that_hold_no_pair_are_refused_and_not_shown() {
    for (lines, why) in [
        (format!("{KEY_ID}\n"), "the secret access key is empty"),
        (
            format!("{SECRET_KEY}\n{KEY_ID}\n"),
            "the access key id and the secret access key are swapped",
        ),
        (
            format!("{KEY_ID}\n{KEY_ID}\n"),
            "the secret access key holds an access key id instead of the secret",
        ),
        (
            "arn:aws:iam::123456789012:role/admin\nx\n".to_owned(),
            "that is an ARN, {*}",
        ),
        (
            format!("ASIAIOSFODNN7EXAMPLE\n{SECRET_KEY}\n"),
            "an access key whose id begins with ASIA belongs to a session: {*}",
        ),
        (key_file(), "the access key id holds white space"),
        ("x".repeat(5000), "{*}"),
    ] {
        let said = formatdoc! {"
            error: no keys on standard input: {why}
            hint: give the access key id on the first line and the secret on the second, or AWS's file with --from-csv -
        "};
        let scene = nobody();
        scene.fails(scene.setup(&[]).stdin(lines), 1, &said, &[]);
    }
}

/// A script reads on where the keys end.
#[cfg(unix)]
#[test]
fn not_a_byte_is_read_behind_the_second_line() {
    use crate::scene::finish;
    use std::process::Command;
    let scene = nobody();
    let program = env!("CARGO_BIN_EXE_awsmfa");
    let script = format!(
        "printf '{}rest\\n' | {{ {program} setup dev --no-input --no-login 2>&1; cat; }}",
        LINES.replace('\n', "\\n")
    );
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    scene.home.enter(&mut command);
    let ended = finish(command);
    let printed = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(
        printed,
        super::said("in profile dev, which has no region") + "rest\n"
    );
}

#[test]
fn standard_input_is_the_code_s_or_the_keys_and_not_both() {
    let scene = nobody();
    let run = scene.setup(&["--from-csv", "-", "--code-stdin"]);
    let said = "error: --code-stdin can't be used when the keys come from standard input\n";
    scene.fails(run.stdin(key_file()), 2, said, &[]);
}

/// As where a console has shown a secret once and never again.
#[test]
fn a_row_without_a_secret_matters_to_who_chooses_it_alone() {
    let file = format!(
        "User name,Access key ID,Secret access key\nbob,{OTHER_ID},\nalice,{KEY_ID},{SECRET_KEY}\n"
    );
    let scene = nobody();
    let args = ["--no-login", "--from-csv", "-", "--access-key-id"];
    let run = scene.setup(&args).args([OTHER_ID]);
    let said =
        "error: standard input can't be used: the secret access key in row 2 is empty\nhint: {*}\n";
    scene.fails(run.stdin(file.clone()), 1, said, &[]);
    let run = scene.setup(&args).args([KEY_ID]);
    scene.works(run.stdin(file), SAID, &[ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
}
