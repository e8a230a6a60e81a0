//! Tests `whoami --access-key-id`: AWS says whose a key is, and where it denies that the id does.

use indoc::{formatdoc, indoc};
use serde_json::json;

use super::{INFO, json_of, shows, signed_in, whoami, with_keys, with_session};
use crate::scene::{CONFIG, CREDENTIALS, Scene, alice};
use crate::support::aws::fault::Fault;
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::home::Home;
use crate::support::policies;

/// Of an account that is not the stand-in's.
const ELSEWHERE: &str = "ASIAY34FZKBOKMUTVV7A";
const NOTE: &str = "the account was read from the id and not confirmed by AWS, which denied sts:GetAccessKeyInfo\n";

/// Alice, to whom AWS answers nothing without MFA.
fn denied() -> Scene {
    let aws = alice().policy(&policies::for_partition("force-mfa", "aws"));
    Scene::with(aws.start())
}

#[test]
fn the_account_of_a_key_is_asked_for_with_the_long_term_keys() {
    let scene = signed_in();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    for run in [
        whoami(&scene.home, &["-p", "dev", "--access-key-id", KEY_ID]),
        whoami(&scene.home, &["-p", "dev-mfa", "--access-key-id", &id]),
        whoami(&scene.home, &["--access-key-id", &id]).env("AWS_PROFILE", "dev-mfa"),
        with_session(
            &scene,
            whoami(&scene.home, &["-p", "dev-mfa", "--access-key-id", &id]),
        ),
        with_keys(
            whoami(&scene.home, &["--access-key-id", &id]),
            KEY_ID,
            SECRET_KEY,
            None,
        ),
    ] {
        shows(&scene, run, "123456789012\n", INFO);
    }
    let run = whoami(
        &scene.home,
        &["-p", "dev", "--access-key-id", KEY_ID, "--json"],
    );
    let expected =
        json!({ "access_key_id": KEY_ID, "account": "123456789012", "account_from": "aws" });
    assert_eq!(json_of(run), expected);
    let run = whoami(
        &scene.home,
        &["-p", "dev", "--access-key-id", "AKIAUNKNOWNUNKNOWN00"],
    );
    let said = "error: AWS refused sts:GetAccessKeyInfo: The specified value for accessKeyId is invalid (ValidationError)\n";
    scene.fails(run, 5, said, INFO);
}

#[test]
fn where_aws_denies_it_the_account_is_read_from_the_id() {
    let scene = denied();
    scene.login(&["-p", "dev", "-q"]).run();
    let own = scene.aws.sessions()[0].access_key_id.clone();
    for (id, account) in [
        (own.as_str(), "123456789012"),
        (ELSEWHERE, "609629065308"),
        ("AKIASP2TPHJSQH3FJXYZ", "171436882533"),
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
    ] {
        let run =
            |args: &[&str]| whoami(&scene.home, &["-p", "dev", "--access-key-id", id]).args(args);
        let number = format!("{account}\n");
        scene.works(run(&[]).stdout(number.as_str()), NOTE, INFO);
        scene.works(run(&["-q"]).stdout(number.as_str()), "", INFO);
        let shown = json_of(run(&["--json"]));
        assert_eq!(
            shown,
            json!({ "access_key_id": id, "account": account, "account_from": "access_key_id" })
        );
    }
    let run = whoami(
        &scene.home,
        &["-v", "-p", "dev", "--access-key-id", ELSEWHERE],
    );
    let steps = formatdoc! {"
        asking AWS in eu-central-1 for {{*}}
        {NOTE}AWS refused sts:GetAccessKeyInfo: User: {{*}} with an explicit deny {{*}} (AccessDenied)
        {{*}}
    "};
    scene.works(run.stdout("609629065308\n"), &steps, INFO);
}

#[cfg(unix)]
#[test]
fn a_session_that_may_not_ask_is_a_denial_too() {
    let scene = signed_in();
    let session = scene.aws.sessions()[0].clone();
    let printed = json!({
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
    });
    let process = format!("[profile third]\ncredential_process = echo '{printed}'\n");
    let scene = scene.config(format!("{CONFIG}{process}"));
    let ask = |id| whoami(&scene.home, &["-p", "third", "--access-key-id", id]);
    scene.works(ask(ELSEWHERE).stdout("609629065308\n"), NOTE, INFO);
    let said = indoc! {"
        error: AWS refused sts:GetAccessKeyInfo: Cannot call GetAccessKeyInfo with session credentials (AccessDenied)
        hint: use a profile that holds the long-term keys of an IAM user; the account can't be read from the id either: only newer key ids contain it
    "};
    scene.fails(ask(KEY_ID), 5, said, INFO);
}

#[test]
fn an_older_id_does_not_hold_its_account_and_the_denial_stands() {
    let scene = denied();
    let said = indoc! {"
        error: AWS refused sts:GetAccessKeyInfo: User: {*} is not authorized to perform: sts:GetAccessKeyInfo {*} (AccessDenied)
        hint: a policy denies it: ask your AWS administrator; the account can't be read from the id either: only newer key ids contain it
    "};
    for id in [
        KEY_ID,
        "AKIAJAAAAAAAAAAAAAAA",
        "AKIA7777777777777777",
        "minio-admin",
    ] {
        let ask =
            |args: &[&str]| whoami(&scene.home, &["-p", "dev", "--access-key-id", id]).args(args);
        scene.fails(ask(&[]), 5, said, INFO);
        let unknown = json!({ "access_key_id": id, "account": null, "account_from": null });
        let run = ask(&["--json"]).stdout(format!("{unknown}\n"));
        scene.fails(run, 5, said, INFO);
    }
}

#[test]
fn what_keeps_aws_from_answering_stays_a_failure_and_the_hint_has_the_account() {
    let named = "{*}; the id itself contains account 609629065308\n";
    let args = ["-p", "dev", "--access-key-id", ELSEWHERE];
    let nowhere = Home::new().config(CONFIG).credentials(CREDENTIALS);
    let unreachable = |said: &str| {
        assert!(
            said.starts_with("error: can't reach 127.0.0.1:1: "),
            "{said}"
        );
        assert!(
            said.ends_with("; the id itself contains account 609629065308\n"),
            "{said}"
        );
    };
    whoami(&nowhere, &args)
        .status(6)
        .check_stderr(unreachable)
        .run();

    let scene = Scene::default();
    let said = format!("error: there is no profile prod in the AWS files\nhint: {named}");
    let run = whoami(&scene.home, &["-p", "prod", "--access-key-id", ELSEWHERE]);
    scene.fails(run, 1, &said, &[]);
    // AWS knows of no such key, whatever its id holds.
    let said = "error: AWS refused sts:GetAccessKeyInfo: The specified value for accessKeyId is invalid (ValidationError)\n";
    scene.fails(whoami(&scene.home, &args), 5, said, INFO);
    scene
        .aws
        .fault_always("GetAccessKeyInfo", Fault::Status(503));
    let said = format!("error: sts:GetAccessKeyInfo failed at {{*}}\nhint: {named}");
    let run = whoami(&scene.home, &args).env("AWS_MAX_ATTEMPTS", "1");
    scene.fails(run, 6, &said, INFO);
    scene.aws.heal();
    scene.aws.deactivate_key(KEY_ID);
    let said = format!("error: AWS does not know the access key {KEY_ID}\nhint: {named}");
    scene.fails(whoami(&scene.home, &args), 5, &said, INFO);
}

#[test]
fn what_is_no_id_is_refused_before_anything_is_asked_and_not_shown() {
    let scene = Scene::default();
    let cut = &SECRET_KEY[..39];
    let line = format!("aws_secret_access_key={SECRET_KEY}");
    for (text, why) in [
        (
            SECRET_KEY,
            "the access key id holds a secret access key instead of the id",
        ),
        (cut, "the access key id holds {*}"),
        (line.as_str(), "the access key id holds {*}"),
        ("", "the access key id is empty"),
        ("'AKIAIOSFODNN7EXAMPLE'", "the access key id is in quotes"),
        (
            "$AWS_ACCESS_KEY_ID",
            "the access key id holds a placeholder instead of a key",
        ),
        (
            "akiaiosfodnn7example",
            "an access key id is in capital letters: AKIAIOSFODNN7EXAMPLE",
        ),
    ] {
        let run = whoami(&scene.home, &["-p", "dev", "--access-key-id", text]);
        let check = {
            let text = text.to_owned();
            move |said: &str| {
                assert!(text.is_empty() || !said.contains(&text), "{said}");
            }
        };
        let said = format!("error: --access-key-id: {why}\n");
        run.status(2).check_stderr(check).run();
        let run = whoami(&scene.home, &["-p", "dev", "--access-key-id", text]);
        scene.fails(run, 2, &said, &[]);
    }
    // White space at its ends is no part of it.
    let run = whoami(
        &scene.home,
        &["-p", "dev", "--access-key-id", " AKIAIOSFODNN7EXAMPLE\n"],
    );
    shows(&scene, run, "123456789012\n", INFO);
}
