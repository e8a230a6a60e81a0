//! Checks which keys a plain AWS tool would get here according to `doctor`.

use indoc::indoc;

use super::{doctor, finds, with_session};
use crate::scene::{CONFIG, CREDENTIALS, KEYS};
use crate::support::home::Home;

/// The findings with these files and variables, offline.
fn tools(config: &str, credentials: &str, variables: &[(&str, &str)], blocks: &[&str]) {
    let home = Home::new().config(config).credentials(credentials);
    let run = doctor(&home, &["dev", "--offline"]);
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    finds(&home, run, 0, blocks);
}

#[test]
fn each_source_of_keys_is_named() {
    const HINT: &str = "        hint: use a session with `export AWS_PROFILE=dev-mfa`\n";
    let role =
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = dev-mfa\n";
    let roles = format!("{CONFIG}{role}");
    for (config, variables, told) in [
        (
            CONFIG,
            &[("AWS_PROFILE", "dev-mfa")][..],
            "good    AWS tools: tools started here use the session in profile dev-mfa\n",
        ),
        (
            CONFIG,
            &[("AWS_PROFILE", "dev")],
            &format!(
                "warning AWS tools: tools started here use the access key of profile dev, without MFA\n{HINT}"
            ),
        ),
        (
            CONFIG,
            &[],
            "good    AWS tools: tools started here find no keys unless a profile is named: use a session with `export AWS_PROFILE=dev-mfa`\n",
        ),
        (
            &roles,
            &[("AWS_PROFILE", "r")],
            "good    AWS tools: tools started here assume the role of profile r, with the keys of profile dev-mfa\n",
        ),
        (
            &format!("{roles}mfa_serial = arn:aws:iam::123456789012:mfa/alice\n"),
            &[("AWS_PROFILE", "r")],
            &format!(
                "warning AWS tools: tools started here assume the role of profile r, with the keys of profile dev-mfa; the AWS CLI asks for a code (mfa_serial), others fail\n{HINT}"
            ),
        ),
        (
            "[default]\ncredential_process = vault read aws\n",
            &[],
            "good    AWS tools: tools started here use the credential_process of profile default\n",
        ),
        (
            CONFIG,
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/x")],
            "good    AWS tools: tools started here use keys from a web identity token (AWS_WEB_IDENTITY_TOKEN_FILE)\n",
        ),
        (
            "[default]\nsso_account_id = 1\n",
            &[],
            "good    AWS tools: tools started here use keys from IAM Identity Center (sso_account_id)\n",
        ),
    ] {
        tools(config, &with_session(), variables, &[told]);
    }
}

/// A profile that is not there would keep every tool from working.
#[test]
fn a_session_that_is_not_there_is_nothing_to_use() {
    let told = |hint: &str| {
        format!(
            "warning AWS tools: tools started here use the access key of profile dev, without MFA\n        hint: {hint}\n"
        )
    };
    let variables = [("AWS_PROFILE", "dev")];
    let expired = with_session().replace("2099", "2019");
    for credentials in [CREDENTIALS, &expired] {
        let signs_in = told("sign in with `awsmfa login --profile dev`");
        tools(CONFIG, credentials, &variables, &[&signs_in]);
    }
    let fish = [("AWS_PROFILE", "dev"), ("SHELL", "/usr/bin/fish")];
    let used = told("use a session with `set -gx AWS_PROFILE dev-mfa`");
    tools(CONFIG, &with_session(), &fish, &[&used]);

    let home = Home::new();
    let run = doctor(&home, &["--offline"]);
    let told = "warning AWS tools: tools started here find no keys: there is no profile default in the AWS files\n        hint: add one with `awsmfa setup`\n";
    finds(&home, run, 1, &[told]);
}

#[test]
fn an_expired_session_that_tools_use_is_reported() {
    let credentials = with_session().replace("2099", "2019");
    let home = Home::new().config(CONFIG).credentials(&credentials);
    let run = doctor(&home, &["dev", "--offline"]).env("AWS_PROFILE", "dev-mfa");
    let told = "bad     AWS tools: tools started here use the session in profile dev-mfa, which has expired\n        hint: sign in with `awsmfa login --profile dev`\n";
    finds(&home, run, 1, &[told]);
    // A profile that not all tools can read must not be promised.
    let twice = format!("{}[dev]\nregion = r\n", with_session());
    let home = Home::new().config(CONFIG).credentials(twice);
    let run = doctor(&home, &["dev", "--offline"]).env("AWS_PROFILE", "dev-mfa");
    let told = "unknown AWS tools: can't tell which keys tools started here get: not all of them read both files\n";
    finds(&home, run, 1, &[told]);
}

#[test]
fn differences_between_tools_are_reported() {
    let config = "[default]\ncredential_process = x\n";
    let credentials = format!("{CREDENTIALS}[default]\n{KEYS}");
    let told = indoc! {"
        warning AWS tools: tools started here use the access key of profile default, without MFA
                hint: sign in with `awsmfa login --profile dev`
        warning AWS tools: profile default also has a credential_process: some AWS SDKs use that rather than an access key
    "};
    tools(config, &credentials, &[], &[told]);
    let old = "[default]\naws_access_key_id = ASIA9\naws_secret_access_key = hush9\naws_security_token = token9\n";
    let told = "warning AWS tools: only the AWS CLI and boto3 read aws_security_token: for other SDKs these keys have no session token\n";
    tools(CONFIG, &format!("{CREDENTIALS}{old}"), &[], &[told]);
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAX"),
        ("AWS_SECRET_ACCESS_KEY", "hush9"),
        ("AWS_PROFILE", "gone"),
    ];
    let told = "warning AWS tools: the AWS CLI and boto3 refuse to run: there is no profile gone\n";
    tools(CONFIG, CREDENTIALS, &variables, &[told]);
}
