//! Gives `doctor` what other tools leave in the files.

use indoc::indoc;

use super::finds_offline;
use crate::scene::{CONFIG, CREDENTIALS};

#[test]
fn settings_of_other_tools_are_counted_by_tool() {
    let config = indoc! {"
        [profile sso-a]
        sso_session = corp
        sso_account_id = 123456789012
        [profile sso-b]
        sso_start_url = https://x.example.com
        [sso-session corp]
        [profile new]
        login_session = arn:aws:iam::123456789012:user/alice
        [profile g]
        granted_sso_start_url = https://x.example.com
        [profile vault]
        include_profile = dev
        mfa_process = ykman oath
        [profile p]
        credential_process = vault read aws
    "};
    let credentials = format!(
        "{CREDENTIALS}{}",
        indoc! {"
            [dev-long-term]
            [saml]
            x_principal_arn = arn:aws:sts::123456789012:assumed-role/r/alice
            [awsume]
            manager = awsume
        "}
    );
    let told = "good    other tools: their settings in the files: IAM Identity Center (2 profiles), `aws login` (1 profile), credential_process (1 profile), mfa_process (1 profile), Granted (1 profile), aws-vault (1 profile), saml2aws (1 profile), awsume (1 profile), aws-mfa (1 profile)\n";
    finds_offline(&format!("{CONFIG}{config}"), &credentials, 0, &[told]);
}

#[test]
fn a_session_of_sso_that_is_not_there() {
    let config = format!("{CONFIG}[profile sso]\nsso_session = corp\n");
    let told = indoc! {"
        warning other tools: profile sso names [sso-session corp], which is not in the config file
                hint: create it with `aws configure sso-session`, or remove sso_session from the profile
    "};
    finds_offline(&config, CREDENTIALS, 0, &[told]);
}

#[test]
fn a_credential_process_that_leads_back_to_its_own_profile() {
    for command in [
        "awsmfa credential-process --profile work",
        "awsmfa credential-process -p work",
        "awsmfa credential-process --profile=work",
        "/opt/awsmfa credential-process",
        "sh -c 'AWS_PROFILE=work awsmfa credential-process'",
    ] {
        let config = format!("{CONFIG}[profile work]\ncredential_process = {command}\n");
        let told = indoc! {"
            bad     other tools: the credential_process of profile work runs awsmfa for work itself
                    hint: let it use --profile with the profile that holds your long-term keys
        "};
        finds_offline(&config, CREDENTIALS, 1, &[told]);
    }
    // In the place of the session that it would make.
    let config = format!(
        "{CONFIG}[profile dev-mfa]\ncredential_process = awsmfa credential-process -p dev\n"
    );
    let told = "bad     other tools: the credential_process of profile dev-mfa runs awsmfa for dev-mfa itself\n";
    finds_offline(&config, CREDENTIALS, 1, &[told]);
    let third =
        format!("{CONFIG}[profile work]\ncredential_process = awsmfa credential-process -p dev\n");
    let shown = finds_offline(&third, CREDENTIALS, 0, &[]);
    assert!(!shown.contains("itself"), "{shown}");
}

#[test]
fn sessions_of_other_tools_are_named_with_their_state() {
    let session = |name: &str, line: &str| {
        format!(
            "[{name}]\naws_access_key_id = ASIA9\naws_secret_access_key = hush9\naws_session_token = token9\n{line}\n"
        )
    };
    let credentials = [
        CREDENTIALS.to_owned(),
        session("saml", "x_security_token_expires = 2099-01-01T00:00:00Z"),
        session("gone", "expiration = 2020-01-01 00:00:00"),
        session("silent", ""),
        session("a", ""),
        session("b", ""),
        session("c", ""),
        session("d", ""),
    ];
    let told = "good    other tools: their sessions: saml (valid, {*} left), gone (expired), silent (unknown), a (unknown), b (unknown) and 2 more\n";
    finds_offline(CONFIG, &credentials.concat(), 0, &[told]);
}
