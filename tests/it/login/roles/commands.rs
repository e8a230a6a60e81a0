//! Shows that the other commands take a role as they take any profile.

use indoc::indoc;
use serde_json::Value;

use super::{ASSUME, ready, scene, section};
use crate::scene::{ISSUE, SERIAL};
use crate::support::aws::USER;
use crate::support::aws::secrets::Kind;

#[test]
fn the_json_of_a_login_names_the_roles_account_and_arn() {
    let scene = scene("");
    let run = scene.login(&["-p", "admin", "--json"]);
    let ran = scene.works(run.check_stdout(|_| ()), "", &[ISSUE, ASSUME]);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    for (name, value) in [
        ("profile", Value::from("admin-mfa")),
        ("source_profile", "admin".into()),
        ("state", "valid".into()),
        ("mfa_serial", SERIAL.into()),
        ("account", "123456789012".into()),
        (
            "arn",
            "arn:aws:sts::123456789012:assumed-role/admin/awsmfa-admin".into(),
        ),
        ("renewed", true.into()),
        ("managed", true.into()),
    ] {
        assert_eq!(json[name], value, "{name} in {json}");
    }
    let left = json["remaining_seconds"].as_i64().expect("a number");
    assert!((3_590..=3_600).contains(&left), "{left}");
}

#[test]
fn export_exec_and_credential_process_sign_in_and_hand_out_the_role() {
    let shell = if cfg!(windows) {
        ["cmd", "/c", "set AWS_SESSION_TOKEN"]
    } else {
        ["sh", "-c", "env | grep AWS_SESSION_TOKEN"]
    };
    let exec = [&["exec", "-p", "admin", "--"], &shell[..]].concat();
    for args in [
        &["export", "-p", "admin"][..],
        &["export", "-p", "admin", "--format", "process"],
        &["credential-process", "-p", "admin"],
        &exec,
    ] {
        let scene = scene("");
        let code = scene.aws.code(USER);
        let run = scene
            .run(args)
            .env("AWSMFA_CODE", &code)
            .may_show(Kind::Session)
            .check_stdout(|_| ());
        let ran = scene.works(run, "", &[ISSUE, ASSUME]);
        let sessions = scene.aws.sessions();
        assert!(ran.stdout.contains(&sessions[1].token), "{args:?}");
        assert!(!ran.stdout.contains(&sessions[0].token), "{args:?}");
        let written = scene.home.read_credentials();
        assert!(
            written.ends_with(&section("admin", &sessions[1])),
            "{written}"
        );
        // The second time it comes from the files.
        let run = scene.run(args).may_show(Kind::Session).check_stdout(|_| ());
        let again = scene.works(run, "", &[]);
        assert_eq!(again.stdout, ran.stdout);
    }
}

#[test]
fn status_and_logout_take_a_role_like_any_other_profile() {
    let scene = scene("");
    scene.works(
        scene.login(&["-p", "admin"]),
        &ready("admin"),
        &[ISSUE, ASSUME],
    );
    for name in ["admin", "admin-mfa"] {
        let run = scene.run(&["status", "-p", name, "--check"]);
        let table = indoc! {"
            PROFILE    SOURCE  STATE  UNTIL{*}  LEFT  DEVICE
            admin-mfa  admin   valid  {*}  1h    alice
        "};
        run.stdout(table).run();
    }
    let sessions = scene.aws.sessions();
    let run = scene.run(&["logout", "-p", "admin"]);
    run.stderr("signed out of admin-mfa; copies of its keys still work until {*}\n")
        .run();
    let written = scene.home.read_credentials();
    assert!(!written.contains(&sessions[1].token), "{written}");
    assert!(written.contains(&section("dev", &sessions[0])), "{written}");
    let run = scene
        .run(&["status", "-p", "admin", "--check"])
        .check_stdout(|_| {});
    run.status(3)
        .check_stderr(|text| {
            assert!(
                text.starts_with("error: not signed in to admin-mfa\n"),
                "{text}"
            )
        })
        .run();
}
