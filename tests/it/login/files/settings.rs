//! Checks which settings a session profile gets from its source, and that the user's own stay.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{CREDENTIALS, ISSUE, READY, Scene};

/// The config file after a login, starting from this one.
fn after(config: &str) -> String {
    let scene = Scene::with_files(config, CREDENTIALS);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    scene.home.read_config()
}

const SERIAL: &str = "mfa_serial = arn:aws:iam::123456789012:mfa/alice\n";

#[test]
fn missing_settings_are_copied_and_remembered() {
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        {SERIAL}output = json
        s3 =
          max_concurrent_requests = 2
          addressing_style = path
        endpoint_url = http://127.0.0.1:1
        duration_seconds = 900
    "};
    let expected = formatdoc! {"
        {config}
        [profile dev-mfa]
        region = eu-central-1
        output = json
        s3 =
            max_concurrent_requests = 2
            addressing_style = path
        endpoint_url = http://127.0.0.1:1
        awsmfa_copied = region,output,s3,endpoint_url
    "};
    assert_eq!(after(&config), expected);
}

#[test]
fn the_users_own_settings_stay() {
    let config = formatdoc! {"
        [profile dev-mfa]
        region = us-west-2 # mine

        [profile dev]
        region = eu-central-1
        output = json
        {SERIAL}"};
    let expected = config.replace(
        "# mine\n",
        indoc! {"
            # mine
            output = json
            awsmfa_copied = output
        "},
    );
    assert_eq!(after(&config), expected);
}

#[test]
fn copied_settings_follow_the_source() {
    let config = formatdoc! {"
        [profile dev-mfa]
        region = eu-west-1
        output = text
        cli_pager = less
        awsmfa_copied = region,output

        [profile dev]
        region = eu-central-1
        {SERIAL}"};
    let expected = config.replace(
        indoc! {"
            region = eu-west-1
            output = text
            cli_pager = less
            awsmfa_copied = region,output
        "},
        indoc! {"
            region = eu-central-1
            cli_pager = less
            awsmfa_copied = region
        "},
    );
    assert_eq!(after(&config), expected);
}

#[test]
fn a_setting_of_the_credentials_file_is_copied_too() {
    let scene = Scene::with_files(
        format!("[profile dev]\n{SERIAL}"),
        format!("{CREDENTIALS}region = eu-south-2\n"),
    );
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let expected = formatdoc! {"
        [profile dev]
        {SERIAL}
        [profile dev-mfa]
        region = eu-south-2
        awsmfa_copied = region
    "};
    assert_eq!(scene.home.read_config(), expected);
}

#[test]
fn a_source_without_settings_leaves_the_config_file_alone() {
    let config = format!("[profile dev]\n{SERIAL}");
    assert_eq!(after(&config), config);
}

#[test]
fn settings_about_the_origin_of_credentials_are_not_copied() {
    let config = formatdoc! {"
        [profile dev]
        {SERIAL}mfa_process = echo 1
        sso_session = x
        role_session_name = x
        external_id = x
        aws_account_id = 1
        credential_process = x
        toolkit_artifact_guid = 90127c27-006e-477d-8d24-a507d3bfa7b0
        common_fate_generated_from = x
        manager = awsume
        assumed_role_arn = x
        user_identity = x
    "};
    let scene = Scene::with_files(&config, CREDENTIALS);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn a_second_login_changes_no_byte_of_the_config_file() {
    let scene = Scene::default();
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let before = fs::metadata(scene.home.config_path()).and_then(|it| it.modified());
    scene.works(scene.login(&["-p", "dev", "--force"]), READY, &[ISSUE]);
    let after = fs::metadata(scene.home.config_path()).and_then(|it| it.modified());
    assert_eq!(before.expect("it is there"), after.expect("it is there"));
}

#[test]
fn the_default_profile_has_its_settings_copied_too() {
    let config = formatdoc! {"
        [default]
        region = eu-central-1
        {SERIAL}"};
    let scene = Scene::with_files(&config, CREDENTIALS.replace("dev", "default"));
    scene.works(
        scene.login(&[]),
        &READY.replace("dev-mfa", "default-mfa"),
        &[ISSUE],
    );
    let expected = formatdoc! {"
        {config}
        [profile default-mfa]
        region = eu-central-1
        awsmfa_copied = region
    "};
    assert_eq!(scene.home.read_config(), expected);
}

#[test]
fn an_empty_value_counts_as_a_value() {
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        cli_pager = less
        output =
        {SERIAL}
        [profile dev-mfa]
        cli_pager =
    "};
    let expected =
        format!("{config}region = eu-central-1\noutput =\nawsmfa_copied = region,output\n");
    let scene = Scene::with_files(&config, CREDENTIALS);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.home.read_config(), expected);
    scene
        .run(&["logout", "-p", "dev", "--purge"])
        .stderr("{*}\n")
        .run();
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn an_empty_value_in_the_credentials_file_belongs_to_the_user_too() {
    let config = format!("[profile dev]\nregion = eu-central-1\n{SERIAL}");
    let credentials = format!("{CREDENTIALS}\n[dev-mfa]\nregion =\n");
    let scene = Scene::with_files(&config, credentials);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn only_public_settings_are_copied_from_the_credentials_file_to_the_config_file() {
    let credentials = CREDENTIALS.replace(
        "[dev]\n",
        indoc! {"
            [dev]
            mfa_secret = hush
            password = hush
            totp = hush
            my_note = hush
            region = eu-central-1
            s3 =
              addressing_style = path
            cli_pager =
        "},
    );
    let config = format!("[profile dev]\n{SERIAL}totp = elsewhere\nmy_setting = 1\n");
    let scene = Scene::with_files(&config, credentials);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let expected = formatdoc! {"
        {config}
        [profile dev-mfa]
        region = eu-central-1
        s3 =
            addressing_style = path
        cli_pager =
        my_setting = 1
        awsmfa_copied = region,s3,cli_pager,my_setting
    "};
    assert_eq!(scene.home.read_config(), expected);
}

#[test]
fn a_secret_that_an_older_release_copied_is_removed_again() {
    let credentials = CREDENTIALS.replace("[dev]\n", "[dev]\npassword = hush\n");
    let config = format!(
        "[profile dev]\n{SERIAL}\n[profile dev-mfa]\npassword = hush\nawsmfa_copied = password\n"
    );
    let scene = Scene::with_files(config, credentials);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.home.read_config(), format!("[profile dev]\n{SERIAL}"));
}
