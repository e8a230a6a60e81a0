//! Names the profile by a variable: AWS_PROFILE, and after it AWS_DEFAULT_PROFILE.

use indoc::indoc;

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, SESSION, Scene};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{KEY_ID, USER};

const DEFAULT: &str = "AWS_DEFAULT_PROFILE";
const WARNING: &str = "warning: AWS_PROFILE is dev and AWS_DEFAULT_PROFILE is prod: awsmfa, version 2 of the AWS CLI and most SDKs use dev, boto3 and version 1 of the AWS CLI use prod; unset one of the two\n";

/// The output of a login while AWS_DEFAULT_PROFILE is set.
fn ready_with_default() -> String {
    READY.replace("export", "unset AWS_DEFAULT_PROFILE; export")
}

/// Two profiles, of which only dev has keys that AWS knows.
fn two_profiles(session: &str) -> Scene {
    let prod = "[prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = another/secret\n";
    Scene::with_files(CONFIG, format!("{prod}{CREDENTIALS}{session}"))
}

#[test]
fn aws_default_profile_counts_if_aws_profile_is_not_set() {
    let scene = two_profiles("");
    let run = scene.login(&[]).env(DEFAULT, "dev");
    scene.works(run, &ready_with_default(), &[ISSUE]);
    // A session profile means its source here too.
    let code = scene.aws.code_at(USER, 1);
    let run = scene.run(&["login", "--force", "--code", &code]);
    scene.works(run.env(DEFAULT, "dev-mfa"), READY, &[ISSUE]);
}

#[test]
fn it_names_a_profile_so_the_environments_keys_do_not_count() {
    let scene = two_profiles("");
    let run = scene
        .login(&["-q"])
        .env(DEFAULT, "dev")
        .env("AWS_PROFILE", "")
        .env("AWS_ACCESS_KEY_ID", "AKIAELSE")
        .env("AWS_SECRET_ACCESS_KEY", "else");
    let warned = "warning: AWS_ACCESS_KEY_ID is set, {*}\n";
    scene.works(run, warned, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn status_logout_and_whoami_respect_it() {
    let scene = two_profiles(SESSION);
    let of_prod = scene
        .run(&["status", "--check"])
        .check_stdout(|_| {})
        .env(DEFAULT, "prod");
    of_prod
        .status(3)
        .stderr(indoc! {"
            error: not signed in to prod-mfa
            hint: sign in with `awsmfa login --profile prod`
        "})
        .run();
    scene
        .run(&["status", "--check", "-q"])
        .env(DEFAULT, "dev")
        .run();
    let run = scene.run(&["whoami"]).env(DEFAULT, "dev");
    run.check_stdout(|text| assert!(text.contains("profile dev (AKIA"), "{text}"))
        .check_stderr(|_| ())
        .run();
    let run = scene.run(&["logout", "-q"]).env(DEFAULT, "dev");
    run.run();
    assert!(!scene.home.read_credentials().contains("aws_session_token"));
}

#[test]
fn if_both_are_set_and_differ_every_sign_in_and_whoami_says_which_tools_use_which() {
    let scene = two_profiles("");
    scene.login(&["-q", "-p", "dev"]).run();
    let shell = if cfg!(windows) {
        &["cmd", "/c", "rem"][..]
    } else {
        &["true"]
    };
    let exec = [&["exec", "--"], shell].concat();
    for args in [
        &["login", "-q"][..],
        &["export"],
        &["export", "--format", "process"],
        &["credential-process"],
        &exec,
        &["whoami"],
        &["whoami", "--access-key-id", KEY_ID],
    ] {
        let run = |first: &str, second: &str| {
            let run = scene.run(args).env("AWS_PROFILE", first);
            run.env(DEFAULT, second)
                .may_show(Kind::Session)
                .check_stdout(|_| ())
        };
        run("dev", "prod").stderr(WARNING).run();
        // With one profile, or a flag that decides, there is nothing to warn about.
        run("dev", "dev").run();
        run("", "dev").check_stderr(is_no_warning).run();
        run("dev", "").check_stderr(is_no_warning).run();
        let flag = [&args[..1], &["-p", "dev"], &args[1..]].concat();
        let run = scene.run(&flag).env("AWS_PROFILE", "dev");
        run.env(DEFAULT, "prod")
            .may_show(Kind::Session)
            .check_stdout(|_| ())
            .run();
    }
    for args in [&["status", "--check", "-q"][..], &["completions", "bash"]] {
        let run = scene.run(args).env("AWS_PROFILE", "dev");
        run.env(DEFAULT, "prod").check_stdout(|_| ()).run();
    }
}

fn is_no_warning(text: &str) {
    assert!(!text.contains("is dev and"), "{text}");
}

#[test]
fn the_advice_after_a_login_includes_unsetting_it() {
    let scene = two_profiles("");
    let run = scene.login(&["-p", "dev"]).env(DEFAULT, "prod");
    scene.works(run, &ready_with_default(), &[ISSUE]);
    let kept = ready_with_default().replace(
        "is ready until {*} (12h from now)",
        "is still valid until {*} (12h left); --force renews it",
    );
    let again = scene.run(&["login"]).env(DEFAULT, "dev");
    scene.works(again, &kept, &[]);
    // If it names the session profile already, nothing has to be unset.
    let again = scene.run(&["login", "-p", "dev"]).env(DEFAULT, "dev-mfa");
    let kept = kept.replace("unset AWS_DEFAULT_PROFILE; ", "");
    let kept = kept.replace("Remove-Item Env:AWS_DEFAULT_PROFILE; ", "");
    scene.works(again, &kept, &[]);
}
