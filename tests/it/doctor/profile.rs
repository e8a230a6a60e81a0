//! Gives `doctor` profiles of every kind, and profiles that lead nowhere.

use indoc::{formatdoc, indoc};

use super::{doctor, finds, finds_offline};
use crate::scene::{CONFIG, CREDENTIALS, KEYS};
use crate::support::home::Home;

#[test]
fn a_profile_that_needs_no_sign_in_is_good() {
    let sso = "[profile dev]\nsso_session = x\n[sso-session x]\n";
    let told = "good    profile: profile dev gets its credentials from IAM Identity Center (sso_session), without awsmfa\n";
    finds_offline(sso, "", 0, &[told]);
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    let run = doctor(&home, &["--offline"])
        .env("AWS_ACCESS_KEY_ID", "ASIAX")
        .env("AWS_SECRET_ACCESS_KEY", "hush9")
        .env("AWS_SESSION_TOKEN", "token9");
    let told = "good    profile: none is given, and the environment holds a session, which AWS tools use\n";
    finds(&home, run, 0, &[told]);
}

#[test]
fn the_content_of_an_unreadable_file_is_unknown() {
    let home = Home::new()
        .config(CONFIG)
        .credentials(b"\xff\xfe[\0d\0e\0v\0]\0");
    let run = doctor(&home, &["dev", "--offline"]);
    let told = "unknown profile: can't tell what profile dev holds until both files can be read\n";
    finds(&home, run, 1, &[told]);
}

#[test]
fn a_profile_that_can_not_be_a_source_is_reported_as_by_a_login() {
    for (config, credentials, told) in [
        (
            "",
            "",
            "there is no profile dev in the AWS files\n        hint: add one with `awsmfa setup dev`",
        ),
        (
            "[profile dev]\n",
            "",
            "profile dev holds no access key\n        hint: add one with `awsmfa setup dev`",
        ),
        (
            "",
            "[dev]\naws_access_key_id = AKIAX\n",
            "profile dev holds only half a key: aws_secret_access_key is missing\n        hint: give both parts with `awsmfa setup dev`",
        ),
        (
            "",
            "[dev]\naws_access_key_id = \"AKIAX\"\naws_secret_access_key = hush9\n",
            "in profile dev, aws_access_key_id is in quotes (line 2 of the credentials file)\n        hint: remove the quotes: AWS tools take them as part of the value",
        ),
        (
            "",
            "[dev]\naws_access_key_id = ASIAX\naws_secret_access_key = hush9\n",
            "profile dev holds a session's access key without its session token\n        hint: use --profile with the profile that holds your long-term keys {*}",
        ),
        (
            "",
            "[dev]\naws_access_key_id = ASIAX\naws_secret_access_key = hush9\naws_session_token = token9\n",
            "profile dev holds a session, and a session can't be made from a session\n        hint: use --profile with {*}",
        ),
        (
            "[profile dev]\ncredential_process = awsmfa credential-process --profile dev\n",
            "",
            "profile dev gets its keys from awsmfa itself (credential_process)\n        hint: {*}",
        ),
        (
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/r\n",
            "",
            "profile dev names a role (role_arn) but no source_profile to reach it from\n        hint: {*}",
        ),
        (
            "[profile dev]\nrole_arn = r\nsource_profile = base\n[profile base]\n",
            "",
            "role_arn of profile dev: `r` is not an ARN",
        ),
    ] {
        // The sign-in fails for the same reason, which is reported once. If no session can be made, none
        // is missing.
        let block = format!("bad     profile: {told}\n");
        finds_offline(config, credentials, 1, &[&block]);
    }
}

#[test]
fn a_variable_that_names_an_unknown_profile_is_reported() {
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        let run = doctor(&home, &["--offline"]).env(name, "gone");
        let block = indoc! {"
            bad     profile: there is no profile gone in the AWS files
                    hint: choose one with --profile: dev
        "};
        finds(&home, run, 1, &[block]);
    }
}

#[test]
fn a_chain_of_roles_is_shown_with_its_source() {
    let roles = indoc! {"
        [profile dev]
        role_arn = arn:aws:iam::123456789012:role/last
        source_profile = between
        [profile between]
        role_arn = arn:aws:iam::123456789012:role/first
        source_profile = base
    "};
    let keys = format!("[base]\n{KEYS}");
    let block = indoc! {"
        good    profile: profile dev is the role arn:aws:iam::123456789012:role/last, reached from profile base by way of another role
        good    profile: profile base holds the access key AKIAIOSFODNN7EXAMPLE, in the credentials file
    "};
    finds_offline(roles, &keys, 0, &[block]);
    let block =
        "bad     profile: profile base holds only half a key: aws_secret_access_key is missing\n";
    finds_offline(roles, "[base]\naws_access_key_id = AKIAX\n", 1, &[block]);
    let block = "bad     profile: {*}profile base{*}\n";
    finds_offline(roles, "", 1, &[block]);
}

#[test]
fn keys_that_some_tools_can_not_use_are_reported() {
    let credentials = KEYS.replacen("EXAMPLE\n", "EXAMPLE ; work\n", 1);
    let block = "warning profile: the AWS CLI and boto3 can't use profile dev: they take the comment in line 2 of the credentials file as part of aws_access_key_id: put it on a line of its own\n";
    finds_offline(CONFIG, &format!("[dev]\n{credentials}"), 0, &[block]);
    let home = Home::new()
        .config("")
        .credentials(format!("[my dev]\n{KEYS}"));
    let run = doctor(&home, &["my dev", "--offline"]);
    let block = indoc! {"
        warning profile: the AWS SDKs don't read a profile named `my dev`; awsmfa and the AWS CLI do
                hint: choose another name: letters, digits and _ - / . % @ : +
    "};
    finds(&home, run, 0, &[block]);
}

#[test]
fn an_interrupted_rotation_is_reported() {
    let begun = "awsmfa_next_begun = 2026-01-01T00:00:00Z\n";
    let next = "awsmfa_next_access_key_id = AKIANEXT\nawsmfa_next_secret_access_key = hush9\n";
    let previous =
        "awsmfa_previous_access_key_id = AKIAOLD\nawsmfa_previous_secret_access_key = hush9\n";
    for (lines, told) in [
        (
            begun.to_owned(),
            "an access key was to be created for profile dev, but none was saved",
        ),
        (
            format!("{begun}{next}"),
            "a new access key, AKIANEXT, is waiting in profile dev",
        ),
        (
            previous.to_owned(),
            "the access key that profile dev had before, AKIAOLD, may still be active",
        ),
    ] {
        let credentials = format!("{CREDENTIALS}{lines}");
        let block = formatdoc! {"
            warning profile: {told}: a rotation was interrupted
                    hint: `awsmfa rotate --profile dev` continues it
        "};
        let shown = finds_offline(CONFIG, &credentials, 0, &[&block]);
        assert!(!shown.contains("hush9"), "{shown}");
    }
    let done =
        format!("{CREDENTIALS}{previous}awsmfa_previous_deactivated = 2026-01-01T00:00:00Z\n");
    let shown = finds_offline(CONFIG, &done, 0, &[]);
    assert!(!shown.contains("rotation"), "{shown}");
}

#[test]
fn the_long_term_profile_of_aws_mfa_is_named() {
    let credentials = formatdoc! {"
        [dev-long-term]
        {KEYS}
        [dev]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush9
        aws_session_token = token9
        expiration = 2099-01-01 00:00:00
    "};
    let blocks = [
        indoc! {"
            bad     profile: profile dev holds a session, and a session can't be made from a session
                    hint: its long-term keys are in dev-long-term, where aws-mfa keeps them: use dev-long-term
        "},
        "good    other tools: their settings in the files: aws-mfa (1 profile)\n",
        "good    other tools: their sessions: dev (valid, {*} left)\n",
    ];
    finds_offline("", &credentials, 1, &blocks);
}

#[test]
fn every_reason_to_refuse_a_sign_in_before_a_code_is_reported() {
    for (credentials, told) in [
        (
            format!("{CREDENTIALS}[dev-mfa]\n{KEYS}"),
            "profile dev-mfa is not overwritten: it holds long-term keys (line 6 of the credentials file)\n        hint: choose another profile for the session with --session-profile",
        ),
        (
            format!("{CREDENTIALS}[dev-mfa]\ncredential_process = x\n"),
            "profile dev-mfa is not overwritten: it gets its credentials from a credential_process (credential_process)\n        hint: {*}",
        ),
        (
            format!("{CREDENTIALS}[dev-mfa]\naws_session_token = token9\n  note = mine\n"),
            "profile dev-mfa is not overwritten: line 7 of the credentials file is indented, so it belongs to aws_session_token above it and would be lost\n        hint: remove the spaces in front of it, or remove the line",
        ),
    ] {
        finds_offline(
            CONFIG,
            &credentials,
            1,
            &[&format!("bad     sign-in: {told}\n")],
        );
    }
}

#[test]
fn a_profile_that_awsmfa_itself_serves_is_well_and_names_the_one_behind_it() {
    let config = format!(
        "{CONFIG}[profile work]\ncredential_process = awsmfa credential-process --profile dev\n"
    );
    let home = Home::new().config(config).credentials(CREDENTIALS);
    let told = "good    profile: profile work gets its credentials from awsmfa (credential_process), which signs in to profile dev\n        hint: `awsmfa doctor --profile dev` checks that\n";
    finds(&home, doctor(&home, &["work", "--offline"]), 0, &[told]);
}
