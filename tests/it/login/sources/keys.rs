//! Checks where the long-term keys come from, and which profiles can't be a source.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG, CREDENTIALS, ISSUE, KEYS, READY, SERIAL, SESSION, Scene, alice_without_device,
};
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::run::{Ran, Run};

/// The output of a login with the profile named `default`.
const READY_DEFAULT: &str =
    "default-mfa is ready until {*} (12h from now)\nuse it with: export AWS_PROFILE=default-mfa\n";

/// The warning after a login if the environment holds keys.
fn unset_warning(profile: &str) -> String {
    format!(
        "warning: AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE={profile}; unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN first\n"
    )
}

/// Files whose profile dev has these lines in the config file, and no keys.
fn dev_with(lines: &str) -> Scene {
    Scene::with_files(
        formatdoc! {"
            [profile dev]
            {lines}
            [profile base]
            region = x
        "},
        format!("[base]\n{KEYS}"),
    )
}

#[test]
fn keys_in_the_config_file_are_found() {
    let scene = Scene::with_files(format!("{CONFIG}{KEYS}"), "");
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
}

#[test]
fn the_credentials_file_takes_precedence_if_both_files_have_keys() {
    let other = "aws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n";
    let scene = Scene::with_files(format!("{CONFIG}{other}"), CREDENTIALS);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
}

/// A script in the home, as the line for `credential_process`.
#[cfg(unix)]
fn write_script(scene: &Scene, text: &str) -> String {
    let path = scene.home.path().join("vault.sh");
    fs::write(&path, text).expect("there is room");
    format!("/bin/sh {}", path.display())
}

/// A scene whose keys come from this script.
#[cfg(unix)]
fn scene_with_process(text: &str) -> Scene {
    let scene = Scene::with_files("", "");
    let line = write_script(&scene, text);
    scene.config(format!("{CONFIG}credential_process = {line}\n"))
}

#[cfg(unix)]
#[test]
fn keys_of_a_credential_process_are_used_and_never_shown() {
    let scene = scene_with_process(&format!(
        r#"echo '{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}'; echo {SECRET_KEY} >&2"#
    ));
    let stderr = formatdoc! {"
        trying out the edit of both files
        AWS region {{*}}, STS at http://127.0.0.1:{{*}}
        asking AWS for a session of 12h with arn:aws:iam::123456789012:mfa/alice
        {READY}"};
    scene.works(scene.login(&["-vp", "dev"]), &stderr, &[ISSUE]);
}

#[cfg(unix)]
#[test]
fn a_credential_process_that_fails_is_named_and_its_output_is_not_shown() {
    let stderr = indoc! {"
        error: the credential_process of profile dev failed, or did not print keys
        hint: run the command yourself to see what it says
    "};
    for text in [
        format!("echo {SECRET_KEY}; echo {SECRET_KEY} >&2; exit 3"),
        format!("echo {SECRET_KEY}"),
        format!(r#"echo '{{"Version":1,"AccessKeyId":"{KEY_ID}"}} {SECRET_KEY}'"#),
        String::new(),
    ] {
        let scene = scene_with_process(&text);
        scene.refuses(
            scene.login_with_tripwire(&["-vp", "dev"]),
            1,
            &formatdoc! {"
                trying out the edit of both files
                AWS region {{*}}, STS at http://127.0.0.1:{{*}}
                {stderr}"},
        );
    }
}

#[cfg(unix)]
#[test]
fn a_credential_process_that_hands_out_a_session_is_refused_before_a_code_is_read() {
    let scene = scene_with_process(
        r#"echo '{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"hush","SessionToken":"hush","Expiration":"2099-01-01T00:00:00Z"}'"#,
    );
    let stderr = indoc! {"
        error: the credential_process of profile dev provides a session, and a session can't be made from a session
        hint: use --profile with the profile that holds your long-term keys (they begin with AKIA)
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_credential_process_that_is_awsmfa_itself_is_refused() {
    let scene =
        dev_with("credential_process = /usr/local/bin/awsmfa credential-process --profile dev");
    let stderr = indoc! {"
        error: profile dev gets its keys from awsmfa itself (credential_process)
        hint: use --profile with the profile that holds your long-term keys
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn the_environments_keys_are_used_if_no_profile_is_named() {
    let scene = Scene::with_files("", "");
    let run = scene
        .login(&["--mfa-serial", SERIAL])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let stderr = formatdoc! {"
        using the access key from the environment (no profile given)
        {}{READY_DEFAULT}", unset_warning("default-mfa")};
    scene.works(run, &stderr, &[ISSUE]);
    let stored = scene.home.read_credentials();
    assert!(!stored.contains(SECRET_KEY), "the keys were stored");
}

#[test]
fn a_named_profile_overrides_the_environments_keys() {
    for named_by in ["--profile", "AWS_PROFILE"] {
        let scene = Scene::default();
        let run = match named_by {
            "--profile" => scene.login(&["--profile", "dev"]),
            _ => scene.login(&[]).env("AWS_PROFILE", "dev"),
        };
        let run = run
            .env("AWS_ACCESS_KEY_ID", "AKIAWRONG")
            .env("AWS_SECRET_ACCESS_KEY", "wrong");
        let stderr = format!("{}{READY}", unset_warning("dev-mfa"));
        scene.works(run, &stderr, &[ISSUE]);
        assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID, "{named_by}");
    }
}

#[test]
fn a_session_in_the_environment_is_ignored_as_a_source_with_a_message() {
    let scene = Scene::with_files(
        CONFIG.replace("profile dev", "default"),
        CREDENTIALS.replace("dev", "default"),
    );
    let run = scene
        .login(&[])
        .env("AWS_ACCESS_KEY_ID", "ASIAX")
        .env("AWS_SECRET_ACCESS_KEY", "hush")
        .env("AWS_SESSION_TOKEN", "hush");
    let stderr = formatdoc! {"
        ignoring the session in the environment; signing in with profile default
        {}{READY_DEFAULT}", unset_warning("default-mfa")};
    scene.works(run, &stderr, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
}

#[test]
fn a_session_in_the_environment_is_also_reported_if_no_profile_can_be_used() {
    let scene = Scene::default();
    let run = scene
        .login_with_tripwire(&[])
        .env("AWS_ACCESS_KEY_ID", "ASIAX")
        .env("AWS_SECRET_ACCESS_KEY", "hush")
        .env("AWS_SESSION_TOKEN", "hush");
    let stderr = indoc! {"
        error: the environment holds a session, which can't be used to make another, and no profile is given
        hint: choose one with --profile: dev
    "};
    scene.refuses(run, 1, stderr);
    // If no other profile can be named, the hint would be no help.
    // A session profile is no source either.
    for credentials in ["", "[default-mfa]\nawsmfa_source_profile = default\n"] {
        let scene = Scene::with_files("", credentials);
        for command in [
            &["login"][..],
            &["device", "list"],
            &["rotate", "--no-input"],
        ] {
            let run = scene.run(command).env("AWS_ACCESS_KEY_ID", "ASIAX");
            let run = run.env("AWS_SECRET_ACCESS_KEY", "hush");
            let run = run.env("AWS_SESSION_TOKEN", "hush");
            let stderr = indoc! {"
                error: the environment holds a session, which can't be used to make another, and no profile is given
                hint: in a shell without it, set up a profile with `awsmfa setup`
            "};
            scene.refuses(run, 1, stderr);
        }
    }
}

#[test]
fn half_a_session_in_the_environment_is_refused() {
    let scene = Scene::default();
    let run = scene
        .login_with_tripwire(&[])
        .env("AWS_ACCESS_KEY_ID", "ASIAX")
        .env("AWS_SECRET_ACCESS_KEY", "hush");
    let stderr = indoc! {"
        error: the environment holds a session's access key (AWS_ACCESS_KEY_ID) without its session token
        hint: unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with --profile
    "};
    scene.refuses(run, 1, stderr);
}

#[test]
fn without_a_name_the_default_profile_is_used() {
    let scene = Scene::with_files(
        CONFIG.replace("profile dev", "default"),
        CREDENTIALS.replace("dev", "default"),
    );
    let run = scene.login(&[]).env("AWS_PROFILE", "");
    scene.works(run, READY_DEFAULT, &[ISSUE]);
}

#[test]
fn a_session_profile_means_its_source() {
    let scene = Scene::default();
    scene.works(
        scene.login(&["-p", "dev-mfa"]).env("AWS_PROFILE", "nobody"),
        READY,
        &[ISSUE],
    );
    let again = scene.login(&["--force"]).env("AWS_PROFILE", "dev-mfa");
    let in_use = "dev-mfa is ready until {*} (12h from now)\n";
    scene.works(again, in_use, &[ISSUE]);
    let other = ["-p", "dev", "--session-profile", "work"];
    let ready = READY.replace("dev-mfa", "work");
    scene.works(scene.login(&other), &ready, &[ISSUE]);
    // Only the files make `work` a session profile. It is the one that is renewed.
    let run = scene.login(&["-p", "work", "--force"]);
    scene.works(run, &ready, &[ISSUE]);
}

#[test]
fn variables_can_name_other_files() {
    let scene = Scene::with_files("", "");
    let place = scene.home.path().join("else where");
    fs::create_dir(&place).expect("there is room");
    fs::write(place.join("c"), CONFIG).expect("there is room");
    fs::write(place.join("k"), CREDENTIALS).expect("there is room");
    let private = |run: Ran| {
        assert!(run.stderr.contains("dev-mfa is ready"), "{}", run.stderr);
    };
    let run = scene
        .login(&["-p", "dev"])
        .env("AWS_CONFIG_FILE", "~/else where/c")
        .env("AWS_SHARED_CREDENTIALS_FILE", place.join("k"))
        .check_stderr(|_| ());
    private(run.run());
    assert_eq!(
        scene.home.read_credentials() + &scene.home.read_config(),
        ""
    );
    let stored = fs::read_to_string(place.join("k")).expect("it is there");
    assert!(stored.contains("[dev-mfa]"), "{stored}");
    let settings = fs::read_to_string(place.join("c")).expect("it is there");
    assert!(settings.contains("[profile dev-mfa]"), "{settings}");
}

#[test]
fn an_unknown_profile_is_refused_with_the_known_names() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: there is no profile nobody in the AWS files
        hint: choose one with --profile: dev
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "nobody"]), 1, stderr);
}

#[test]
fn without_any_profile_the_hint_says_how_to_add_one() {
    let scene = Scene::with_files("", "");
    fs::remove_file(scene.home.config_path()).expect("it is there");
    fs::remove_file(scene.home.credentials_path()).expect("it is there");
    let stderr = indoc! {"
        error: there is no profile default in the AWS files
        hint: add one with `awsmfa setup`
    "};
    scene.refuses(scene.login_with_tripwire(&[]), 1, stderr);
}

#[test]
fn a_profile_that_needs_no_long_term_keys_is_refused_with_a_way_out() {
    let no_need =
        "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa";
    for (lines, what, hint) in [
        (
            "sso_session = x\nsso_account_id = 1",
            "IAM Identity Center (sso_session)",
            no_need,
        ),
        (
            "sso_start_url = https://x",
            "IAM Identity Center (sso_start_url)",
            no_need,
        ),
        (
            "login_session = arn:x",
            "`aws login` (login_session)",
            no_need,
        ),
        (
            "role_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment",
            "the machine it runs on (credential_source)",
            no_need,
        ),
        (
            "role_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = /x",
            "a web identity token (web_identity_token_file)",
            no_need,
        ),
    ] {
        let scene = dev_with(lines);
        let stderr = formatdoc! {"
            error: profile dev gets its credentials from {what}, not from long-term keys
            hint: {hint}
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    }
}

#[test]
fn a_source_with_an_incomplete_key_is_refused() {
    for (lines, error, hint) in [
        ("", "holds no access key", "add one with `awsmfa setup dev`"),
        (
            "aws_access_key_id = AKIAX",
            "holds only half a key: aws_secret_access_key is missing",
            "give both parts with `awsmfa setup dev`",
        ),
        (
            "aws_secret_access_key = hush",
            "holds only half a key: aws_access_key_id is missing",
            "give both parts with `awsmfa setup dev`",
        ),
        (
            "aws_access_key_id = ASIAX\naws_secret_access_key = hush",
            "holds a session's access key without its session token",
            "use --profile with the profile that holds your long-term keys (they begin with AKIA)",
        ),
        (
            indoc! {"
                aws_access_key_id = ASIAX
                aws_secret_access_key = hush
                aws_session_token = hush"},
            "holds a session, and a session can't be made from a session",
            "use --profile with the profile that holds your long-term keys (they begin with AKIA)",
        ),
        (
            indoc! {"
                aws_access_key_id = ASIAX
                aws_secret_access_key = hush
                aws_security_token = hush"},
            "holds a session, and a session can't be made from a session",
            "use --profile with the profile that holds your long-term keys (they begin with AKIA)",
        ),
    ] {
        let scene = Scene::with_files("", format!("[dev]\n{lines}\n"));
        let stderr = format!("error: profile dev {error}\nhint: {hint}\n");
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    }
}

/// A login without a profile, with these keys in the environment.
fn with_environment<'a>(scene: &'a Scene, id: &str, secret: &str) -> Run<'a> {
    let run = scene.login_with_tripwire(&["--mfa-serial", SERIAL]);
    run.env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret)
}

#[test]
fn white_space_around_the_environments_keys_is_ignored() {
    for (before, behind) in [
        ("", "\n"),
        ("", "\r\n"),
        (" ", "\t"),
        ("\u{feff}", "\u{a0}"),
    ] {
        let scene = Scene::with_files("", "");
        let run = scene
            .login(&["--mfa-serial", SERIAL])
            .env("AWS_ACCESS_KEY_ID", format!("{before}{KEY_ID}{behind}"))
            .env(
                "AWS_SECRET_ACCESS_KEY",
                format!("{before}{SECRET_KEY}{behind}"),
            )
            .env("AWS_SESSION_TOKEN", behind);
        let stderr = formatdoc! {"
            using the access key from the environment (no profile given)
            {}{READY_DEFAULT}", unset_warning("default-mfa")};
        scene.works(run, &stderr, &[ISSUE]);
        assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
    }
}

#[test]
fn invalid_keys_in_the_environment_are_named_by_their_variable() {
    for (id, secret, what) in [
        ("AKIA\nX", "hush", "AWS_ACCESS_KEY_ID holds a line break"),
        ("AKIA X", "hush", "AWS_ACCESS_KEY_ID holds white space"),
        ("\"AKIAX\"", "hush", "AWS_ACCESS_KEY_ID is in quotes"),
        ("AKIAX", "'hush'", "AWS_SECRET_ACCESS_KEY is in quotes"),
        (
            "AKIAX",
            "hu\rsh",
            "AWS_SECRET_ACCESS_KEY holds a line break",
        ),
        (
            "AKIAX",
            "hu\u{200b}sh",
            "AWS_SECRET_ACCESS_KEY holds a character that no secret access key has",
        ),
        (
            "${{ secrets.KEY }}",
            "hush",
            "AWS_ACCESS_KEY_ID holds a placeholder instead of a key",
        ),
        (
            "AKIAX",
            "***",
            "AWS_SECRET_ACCESS_KEY holds a placeholder instead of a key",
        ),
        (
            SECRET_KEY,
            KEY_ID,
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are swapped",
        ),
        (
            KEY_ID,
            KEY_ID,
            "AWS_SECRET_ACCESS_KEY holds an access key id instead of the secret",
        ),
    ] {
        let scene = Scene::default();
        let stderr = formatdoc! {"
            error: {what}
            hint: set it again, or choose a profile with --profile
        "};
        scene.refuses(with_environment(&scene, id, secret), 1, &stderr);
    }
    let scene = Scene::default();
    let run = with_environment(&scene, "ASIAX", "hush").env("AWS_SESSION_TOKEN", "a b");
    let stderr = indoc! {"
        error: AWS_SESSION_TOKEN holds white space
        hint: set it again, or choose a profile with --profile
    "};
    scene.refuses(run, 1, stderr);
}

#[test]
fn invalid_keys_in_the_environment_do_not_prevent_the_use_of_a_named_profile() {
    let scene = Scene::default();
    let run = scene
        .login(&["-p", "dev"])
        .env("AWS_ACCESS_KEY_ID", "AKIA\nX");
    let stderr = format!("{}{READY}", unset_warning("dev-mfa"));
    scene.works(run, &stderr, &[ISSUE]);
}

#[test]
fn half_a_pair_in_the_environment_is_reported_as_such() {
    for (id, secret, what, hint) in [
        (
            Some("AKIAX"),
            None,
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
            "set AWS_SECRET_ACCESS_KEY too, or unset AWS_ACCESS_KEY_ID",
        ),
        (
            Some("AKIAX"),
            Some(""),
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is empty",
            "set AWS_SECRET_ACCESS_KEY too, or unset AWS_ACCESS_KEY_ID",
        ),
        (
            Some(" \n"),
            Some("hush"),
            "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is empty",
            "set AWS_ACCESS_KEY_ID too, or unset AWS_SECRET_ACCESS_KEY",
        ),
    ] {
        let scene = Scene::default();
        let mut run = scene.login_with_tripwire(&[]);
        for (name, value) in [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)] {
            if let Some(value) = value {
                run = run.env(name, value);
            }
        }
        let stderr = formatdoc! {"
            error: {what}
            hint: {hint}, or choose a profile with --profile
        "};
        scene.refuses(run, 1, &stderr);
    }
}

#[test]
fn secrets_that_a_ci_left_empty_are_named_if_there_are_no_other_keys() {
    let scene = Scene::with_files("", "");
    let stderr = indoc! {"
        error: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are empty, and no profile is given
        hint: CI systems leave them empty when a secret is missing or not available to this job
    "};
    scene.refuses(with_environment(&scene, "", ""), 1, stderr);

    let scene = Scene::with_files("[default]\nregion = eu-west-1\n", "");
    let stderr = indoc! {"
        error: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are empty, and profile default holds no access key
        hint: add one with `awsmfa setup`
    "};
    scene.refuses(with_environment(&scene, "", ""), 1, stderr);

    let scene = Scene::with_files(
        CONFIG.replace("profile dev", "default"),
        CREDENTIALS.replace("dev", "default"),
    );
    let run = scene
        .login(&[])
        .env("AWS_ACCESS_KEY_ID", "")
        .env("AWS_SECRET_ACCESS_KEY", "");
    scene.works(run, READY_DEFAULT, &[ISSUE]);
}

#[test]
fn with_keys_from_the_environment_no_message_mentions_a_missing_profile() {
    let scene = Scene::with(alice_without_device().start())
        .config("")
        .credentials("");
    let run = scene
        .run(&["login", "--code", "492039"])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let stderr = indoc! {"
        using the access key from the environment (no profile given)
        error: the user of the access key in the environment has no MFA device
        hint: enroll one with `awsmfa device enroll`
    "};
    scene.fails(run, 1, stderr, &["GetCallerIdentity", "ListMFADevices"]);

    let run = scene
        .run(&["login", "--no-input"])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let stderr = indoc! {"
        error: the access key in the environment needs a code, and {*}
        hint: {*}
    "};
    scene.fails(run, 7, stderr, &[]);
}

#[test]
fn an_invalid_key_in_the_files_is_named_with_its_line() {
    let secret = "aws_secret_access_key = hush";
    for (lines, what, hint) in [
        (
            format!("aws_access_key_id = \"AKIAX\"\n{secret}"),
            "aws_access_key_id is in quotes (line 2 of the credentials file)",
            "remove the quotes: AWS tools take them as part of the value",
        ),
        (
            format!("{secret}\naws_access_key_id = AKIA X"),
            "aws_access_key_id holds white space (line 3 of the credentials file)",
            "fix that line",
        ),
        (
            format!("aws_access_key_id = {SECRET_KEY}\naws_secret_access_key = {KEY_ID}"),
            "aws_access_key_id and aws_secret_access_key are swapped (line 2 of the credentials file)",
            "fix that line",
        ),
        (
            format!("aws_access_key_id = AKIAX\n  region = x\n{secret}"),
            "aws_access_key_id holds a line break (line 3 of the credentials file)",
            "that line is indented, so it belongs to the key above it: remove the white space before it",
        ),
        (
            "aws_access_key_id = AKIAX\naws_secret_access_key = <secret>".to_owned(),
            "aws_secret_access_key holds a placeholder instead of a key (line 3 of the credentials file)",
            "fix that line",
        ),
    ] {
        let scene = Scene::with_files(CONFIG, format!("[dev]\n{lines}\n"));
        let stderr = format!("error: in profile dev, {what}\nhint: {hint}\n");
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
        scene.refuses(scene.run(&["whoami", "-p", "dev"]), 1, &stderr);
    }
    let scene = Scene::with_files(CONFIG, format!("[dev]\n{}", KEYS.replace('\n', "\u{a0}\n")));
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
}

#[test]
fn an_invalid_session_in_the_files_is_renewed_and_never_sent() {
    let session = SESSION.replace("session/token", "session token");
    let scene = Scene::default().credentials(CREDENTIALS.to_owned() + &session);
    let stderr = indoc! {"
        error: in profile dev-mfa, aws_session_token holds white space (line 9 of the credentials file)
        hint: fix that line
    "};
    scene.refuses(scene.run(&["whoami", "-p", "dev-mfa"]), 1, stderr);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
}

#[cfg(unix)]
#[test]
fn a_command_that_prints_invalid_keys_is_refused_and_not_quoted() {
    for (id, secret, what) in [
        ("AKIA\\nX", "hush", "the access key id holds a line break"),
        ("AKIA X", "hush", "the access key id holds white space"),
        ("AKIAX", "", "the secret access key is empty"),
        (
            SECRET_KEY,
            KEY_ID,
            "the access key id and the secret access key are swapped",
        ),
    ] {
        let scene = scene_with_process(&format!(
            "printf '%s' '{{\"Version\":1,\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\"}}'"
        ));
        let stderr = formatdoc! {"
            error: the credential_process of profile dev printed unusable keys: {what}
            hint: run the command yourself to see what it says
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    }
}

#[test]
fn a_comment_that_only_some_tools_recognise_causes_one_warning() {
    for (credentials, warning) in [
        (
            CREDENTIALS.replace("EXAMPLE\n", "EXAMPLE ; work\n"),
            "the AWS CLI and boto3 can't use profile dev: they take the comment in line 3 of the credentials file as part of aws_access_key_id: put it on a line of its own",
        ),
        (
            CREDENTIALS.replace("EXAMPLEKEY\n", "EXAMPLEKEY # new\n"),
            "the AWS CLI and boto3 can't use profile dev: they take the comment in line 4 of the credentials file as part of aws_secret_access_key: put it on a line of its own",
        ),
        (
            CREDENTIALS.replace("EXAMPLE\n", "EXAMPLE\n  # work\n"),
            "AWS SDKs other than boto3 can't use profile dev: they take the indented comment in line 4 of the credentials file as part of aws_access_key_id: remove the spaces in front of it",
        ),
    ] {
        let scene = Scene::with_files(CONFIG, &credentials);
        let stderr = format!("warning: {warning}\n{READY}");
        scene.works(scene.login(&["-p", "dev"]), &stderr, &[ISSUE]);
        assert!(scene.home.read_credentials().starts_with(&credentials));
        let kept = scene
            .login(&["-p", "dev"])
            .check_stderr(|text| assert!(!text.contains("warning"), "{text}"));
        kept.run();
    }
}
