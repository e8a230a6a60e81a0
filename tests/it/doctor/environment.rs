//! Gives `doctor` variables that disagree with the files: keys, profiles, and awsmfa's own.

use indoc::indoc;

use super::{doctor, finds, with_session};
use crate::scene::{CONFIG, CREDENTIALS};
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::home::Home;

/// Checks that these variables lead to these findings.
fn finds_with(args: &[&str], variables: &[(&str, &str)], status: i32, blocks: &[&str]) {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let run = doctor(&home, &["--offline"]).args(args);
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    finds(&home, run, status, blocks);
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
];

fn session(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let session = [
        ("AWS_ACCESS_KEY_ID", "ASIAOTHER"),
        ("AWS_SECRET_ACCESS_KEY", "hush9"),
        ("AWS_SESSION_TOKEN", "token9"),
    ];
    session.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn keys_that_override_the_profile_and_keys_that_are_used_are_reported() {
    let block = indoc! {"
        warning environment: the environment holds the access key AKIAIOSFODNN7EXAMPLE, and AWS tools use it rather than profile dev
                hint: unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
    "};
    finds_with(&["dev"], &KEYS, 0, &[block]);
    let exported = [KEYS[0], KEYS[1], ("AWSMFA_EXPORTED", "AWS_REGION")];
    let block = "        hint: clear them with `eval \"$(awsmfa export --unset)\"`\n";
    finds_with(&["dev"], &exported, 0, &[block]);
    let blocks = [
        "good    environment: it holds the access key AKIAIOSFODNN7EXAMPLE\n",
        "good    profile: no profile is given, so the access key AKIAIOSFODNN7EXAMPLE from the environment is used\n",
        "warning AWS tools: tools started here use the access key in the environment (AKIAIOSFODNN7EXAMPLE), without MFA\n",
    ];
    finds_with(&[], &KEYS, 0, &blocks);
    let block = "warning environment: the environment holds a session (ASIAOTHER), and AWS tools use it rather than profile dev\n";
    finds_with(&["dev"], &session(&[]), 0, &[block]);
}

#[test]
fn the_session_of_the_profile_in_the_environment_is_good() {
    let own = [
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "session/secret+key"),
        ("AWS_SESSION_TOKEN", "session/token+with/all=="),
    ];
    let block = "good    environment: it holds the session of dev-mfa (ASIAIOSFODNN7EXAMPLE)\n";
    finds_with(&["dev"], &own, 0, &[block]);
}

#[test]
fn an_expired_session_is_reported() {
    for name in ["AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION"] {
        let block = indoc! {"
            bad     environment: the environment holds a session (ASIAOTHER), which has expired
                    hint: unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
        "};
        finds_with(
            &["dev"],
            &session(&[(name, "2020-01-01T00:00:00Z")]),
            1,
            &[block],
        );
        let later = session(&[(name, "2099-01-01T00:00:00Z")]);
        finds_with(
            &["dev"],
            &later,
            0,
            &["warning environment: the environment holds a session (ASIAOTHER), {*}\n"],
        );
    }
    let home = Home::new()
        .config(CONFIG)
        .credentials(with_session().replace("2099-", "2020-"));
    let run = doctor(&home, &["dev", "--offline"])
        .env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "session/secret+key")
        .env("AWS_SESSION_TOKEN", "session/token+with/all==");
    let block = indoc! {"
        bad     environment: the environment holds the session of dev-mfa (ASIAIOSFODNN7EXAMPLE), which has expired
                hint: sign in with `awsmfa login --profile dev`, and put the new one in the environment, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
    "};
    finds(&home, run, 1, &[block]);
}

#[test]
fn invalid_keys_are_reported() {
    for (variables, block) in [
        (
            vec![("AWS_ACCESS_KEY_ID", KEY_ID)],
            "bad     environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not\n",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "\"AKIA\""),
                ("AWS_SECRET_ACCESS_KEY", "hush9"),
            ],
            "bad     environment: AWS_ACCESS_KEY_ID is in quotes\n",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "${KEY}"),
                ("AWS_SECRET_ACCESS_KEY", "hush9"),
            ],
            "bad     environment: AWS_ACCESS_KEY_ID holds a placeholder instead of a key\n",
        ),
    ] {
        finds_with(&["dev"], &variables, 1, &[block]);
    }
    for token in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] {
        let block = format!(
            "warning environment: {token} is set, without an access key\n        hint: unset {token}\n"
        );
        finds_with(&["dev"], &[(token, "token9")], 0, &[&block]);
    }
    // As CI leaves them if a secret is missing.
    let empty = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let block = "bad     profile: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are empty, and no profile is given\n";
    finds_with(&[], &empty, 1, &[block]);
}

#[test]
fn variables_that_name_two_profiles_or_an_unknown_one_are_reported() {
    let both = [("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "other")];
    let block = "warning environment: AWS_PROFILE is dev and AWS_DEFAULT_PROFILE is other: {*}; unset one of the two\n";
    finds_with(&[], &both, 0, &[block]);
    let block = "warning AWS tools: AWS_DEFAULT_PROFILE is read only by the AWS CLI, boto3 and the Go SDK: other SDKs use profile default rather than dev-mfa\n";
    finds_with(&["dev"], &[("AWS_DEFAULT_PROFILE", "dev-mfa")], 0, &[block]);
    let block = indoc! {"
        bad     environment: AWS_PROFILE: `a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only
                hint: set that variable again, or unset it
    "};
    finds_with(&[], &[("AWS_PROFILE", "a]b")], 1, &[block]);
}

#[test]
fn variables_of_awsmfa_are_shown_and_invalid_ones_reported() {
    let block = "good    environment: AWSMFA_SERIAL, AWSMFA_DURATION are set and take effect\n";
    let good = [
        ("AWSMFA_DURATION", "8h"),
        ("AWSMFA_SERIAL", "arn:aws:iam::123456789012:mfa/alice"),
    ];
    finds_with(&["dev"], &good, 0, &[block]);
    for (name, value, what) in [
        ("AWSMFA_DURATION", "soon", "`soon` is not a duration; {*}"),
        (
            "AWSMFA_DURATION",
            "40h",
            "a session lasts from 15m to 36h {*}",
        ),
        ("AWSMFA_MIN_REMAINING", "x", "`x` is not a duration; {*}"),
        ("AWSMFA_SERIAL", "x", "`x` is not an MFA serial; {*}"),
        (
            "AWSMFA_SESSION_PROFILE",
            "a]",
            "`a]` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
    ] {
        let blocks = [
            format!(
                "bad     environment: {name}: {what}\n        hint: set that variable again, or unset it\n"
            ),
            "unknown sign-in: it can't be tried out with this environment\n".to_owned(),
        ];
        finds_with(
            &["dev"],
            &[(name, value)],
            1,
            &blocks.each_ref().map(String::as_str),
        );
    }
    let block = indoc! {"
        warning environment: AWSMFA_CODE is set, but a code works only once
                hint: unset AWSMFA_CODE
    "};
    finds_with(&["dev"], &[("AWSMFA_CODE", "314159")], 0, &[block]);
}

#[test]
fn another_tools_shell_is_reported() {
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    for name in ["AWS_VAULT", "AWSUME_PROFILE", "GRANTED_SSO_NEW"] {
        let run = doctor(&home, &["dev", "--offline"]).env(name, "theirs");
        let block = format!(
            "warning other tools: this shell has variables that another tool set: {name}\n"
        );
        finds(&home, run, 0, &[&block]);
    }
}
