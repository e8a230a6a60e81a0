//! Enrolls without a user at the terminal: the secret goes to a program, and the codes come from one.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use super::{
    ALICES, CODES, CREATE, DELETE, ENABLE, after_before, alices, devices, unattended, with_app,
    without_device,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, ISSUE, Scene, alice, snapshot};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::run::Run;

const ENROLLED: &str = indoc! {"
    waiting for the next code, in {*} s
    enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
    mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
"};

const LATER: &str =
    "AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`\n";

fn enroll<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let command = ["device", "enroll", "--profile", "dev", "--no-login"];
    scene.run(&command).args(args)
}

#[test]
fn a_command_gets_the_secret_and_another_gives_the_codes() {
    let scene = without_device();
    let before = snapshot(&scene.home);
    let home = scene.home.path();
    let run = with_app(&scene.aws, home, "alice", || {
        let ways = ["--secret-command", "cat >secret", "--code-command", CODES];
        enroll(&scene, &ways)
            .stderr(ENROLLED.to_owned() + LATER)
            .run()
    });
    assert_eq!(run.stdout, "");
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE]));
    let seed = scene.aws.seed("alice");
    let secret = fs::read_to_string(home.join("secret")).expect("it was written");
    assert_eq!(
        secret,
        format!(
            "otpauth://totp/Amazon%20Web%20Services:alice@123456789012?secret={seed}&issuer=Amazon%20Web%20Services\n"
        )
    );
    assert_ne!(snapshot(&scene.home), before);
}

#[test]
fn secret_stdout_prints_the_secret_as_its_only_line() {
    for (format, is_uri) in [("uri", true), ("base32", false)] {
        let scene = without_device();
        let ran = with_app(&scene.aws, scene.home.path(), "alice", || {
            let ways = [
                "--secret-stdout",
                "--secret-format",
                format,
                "--code-command",
                CODES,
            ];
            let run = enroll(&scene, &ways).may_show(Kind::Device);
            run.check_stdout(|_| {})
                .stderr(ENROLLED.to_owned() + LATER)
                .run()
        });
        let seed = scene.aws.seed("alice");
        let expected = if is_uri {
            format!(
                "otpauth://totp/Amazon%20Web%20Services:alice@123456789012?secret={seed}&issuer=Amazon%20Web%20Services\n"
            )
        } else {
            format!("{seed}\n")
        };
        assert_eq!(ran.stdout, expected);
    }
}

#[test]
fn the_wait_includes_the_login_and_json_reports_its_end() {
    let scene = without_device();
    let ran = with_app(&scene.aws, scene.home.path(), "alice", || {
        let run = unattended(&scene, &["--json"]).check_stdout(|_| {});
        run.check_stderr(|_| {}).run()
    });
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE, ISSUE]));
    assert!(ran.elapsed > Duration::from_secs(8), "{:?}", ran.elapsed);
    let mut shown: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let object = shown.as_object_mut().expect("an object");
    assert!(object.remove("expiration").is_some_and(|it| it.is_string()));
    assert!(
        object
            .remove("remaining_seconds")
            .is_some_and(|it| it.is_number())
    );
    assert_eq!(
        shown,
        json!({
            "profile": "dev-mfa",
            "source_profile": "dev",
            "state": "valid",
            "mfa_serial": ALICES,
            "account": "123456789012",
            "arn": "arn:aws:iam::123456789012:user/alice",
            "renewed": true,
            "managed": true,
            "used_by_profile": true,
        })
    );
}

#[test]
fn json_has_the_same_names_without_a_login() {
    let scene = without_device();
    let ran = with_app(&scene.aws, scene.home.path(), "alice", || {
        let run = unattended(&scene, &["--json", "--no-login"]).check_stdout(|_| {});
        run.check_stderr(|_| {}).run()
    });
    let shown: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let names = shown.as_object().expect("an object").keys();
    let table = crate::book::section("docs/reference.md", "Names in `--json`");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let told = rows.filter_map(|row| {
        let mut cells = row.split(" | ");
        let name = cells.next()?.trim_end_matches('`');
        cells.next()?.contains("`device enroll`").then_some(name)
    });
    assert_eq!(
        names.map(String::as_str).collect::<BTreeSet<_>>(),
        told.collect::<BTreeSet<_>>()
    );
    assert_eq!(shown["mfa_serial"], ALICES);
    assert_eq!(shown["profile"], Value::Null);
    assert_eq!(shown["state"], "absent");
}

#[test]
fn the_profiles_own_command_gives_the_codes_of_a_first_device() {
    let told = "echo \"$AWSMFA_CODE_FOR, $AWSMFA_CODE_DEVICE\" >told; ";
    let config = format!("{CONFIG_WITHOUT_DEVICE}mfa_process = {told}{CODES}\n");
    let scene = without_device().config(&config);
    with_app(&scene.aws, scene.home.path(), "alice", || {
        let run = enroll(&scene, &["--secret-command", "cat >/dev/null"]);
        run.stderr(ENROLLED.to_owned() + LATER).run();
    });
    assert_eq!(devices(&scene.aws), [alices("alice")]);
    let told = fs::read_to_string(scene.home.path().join("told"));
    let expected = format!("dev (device alice, account 123456789012), {ALICES}\n");
    assert_eq!(told.expect("the command wrote it"), expected);
}

#[test]
fn if_nobody_can_be_asked_it_fails_before_any_request() {
    let scene = without_device();
    let show = indoc! {"
        error: the QR code of the new device has to be shown, and {*}
        hint: pass the secret to a program with --secret-command or --secret-stdout, and get the codes with --code-command
    "};
    scene.fails(enroll(&scene, &[]), 7, show, &[]);
    let forbidden = enroll(&scene, &["--no-input", "--code-command", CODES]);
    scene.fails(forbidden, 7, show, &[]);
    // Only after the devices are listed is it known whether the profile's command gives the codes.
    let ask = indoc! {"
        error: two codes in a row from the device are needed, and {*}
        hint: get them from a command with --code-command
    "};
    let run = enroll(&scene, &["--secret-command", "touch called"]);
    run.status(7).stderr(ask).run();
    assert_eq!(scene.aws.actions(), after_before(&[]));
    assert!(!scene.home.path().join("called").exists());
}

#[test]
fn a_command_that_rejects_the_secret_leaves_no_device() {
    for (command, why) in [
        ("exit 3", "it failed (exit 3)"),
        ("kill -9 $$", "it was ended by signal 9 (SIGKILL)"),
    ] {
        let scene = without_device();
        let ways = ["--secret-command", command, "--code-command", "touch asked"];
        enroll(&scene, &ways)
            .status(1)
            .stderr(formatdoc! {"
                deleting the unfinished device alice again
                error: --secret-command did not take the secret: {why}
                hint: run the command yourself, with a line of text as its input
            "})
            .run();
        assert_eq!(scene.aws.actions(), after_before(&[CREATE, DELETE]));
        assert_eq!(devices(&scene.aws), []);
        assert!(!scene.home.path().join("asked").exists());
    }
}

#[test]
fn the_output_of_the_secret_command_is_shown_and_goes_to_no_program() {
    let scene = without_device();
    let ran = with_app(&scene.aws, scene.home.path(), "alice", || {
        let command = "cat >/dev/null; echo printed; echo said >&2";
        let ways = [
            "--json",
            "--secret-command",
            command,
            "--code-command",
            CODES,
        ];
        let run = enroll(&scene, &ways).check_stdout(|_| {});
        run.stderr(format!("printed\nsaid\n{ENROLLED}")).run()
    });
    assert!(ran.stdout.starts_with('{'), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 1);
}

#[test]
fn codes_that_aws_refuses_end_it_with_4_and_leave_no_device() {
    let scene = without_device();
    let command = "n=$(cat n 2>/dev/null || echo 100000); echo $((n+1)) >n; echo $n";
    let ways = [
        "--secret-command",
        "cat >/dev/null",
        "--code-command",
        command,
    ];
    enroll(&scene, &ways)
        .status(4)
        .stderr(formatdoc! {"
            waiting for the next code, in {{*}} s
            deleting the unfinished device alice again
            error: AWS refused both codes of alice
            hint: they must be two that the device shows in a row; check that its clock is right
        "})
        .run();
    let settled = ["ListMFADevices", DELETE];
    let requests = [&[CREATE, ENABLE], &settled[..]].concat();
    assert_eq!(scene.aws.actions(), after_before(&requests));
    assert_eq!(devices(&scene.aws), []);
    assert_eq!(scene.home.read_config(), CONFIG_WITHOUT_DEVICE);
}

#[test]
fn a_command_that_keeps_giving_one_code_gets_35_seconds() {
    let scene = without_device();
    let command = "echo 1 >>runs; echo 492039";
    let ways = [
        "--secret-command",
        "cat >/dev/null",
        "--code-command",
        command,
    ];
    let ran = enroll(&scene, &ways)
        .status(7)
        .stderr(formatdoc! {"
            waiting for the next code, in {{*}} s
            deleting the unfinished device alice again
            error: --code-command gave no second code within 35 s
            hint: it has to print the code the device shows at that moment, which changes every 30 s
        "})
        .run();
    assert!(ran.elapsed > Duration::from_secs(34), "{:?}", ran.elapsed);
    let runs = fs::read_to_string(scene.home.path().join("runs")).expect("it ran");
    assert!((25..=36).contains(&runs.lines().count()), "{runs}");
    assert_eq!(devices(&scene.aws), []);
}

#[test]
fn invalid_and_conflicting_options_are_refused() {
    let scene = without_device();
    for args in [
        &["--secret-stdout", "--secret-command", "cat"][..],
        &["--secret-stdout", "--json"],
        &["--secret-stdout", "--invert"],
        &["--no-login", "--duration", "1h"],
        &["--no-login", "--session-profile", "x"],
        &["--name", "a b"],
        &["--name", ""],
        &["--secret-stdout", "--secret-format", "png"],
        &["--secret-format", "base32"],
    ] {
        let run = scene.run(&["device", "enroll", "dev"]).args(args);
        run.status(2).check_stderr(|_| {}).run();
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}

/// Nobody named the profile, so it is left alone.
#[test]
fn with_keys_from_the_environment_no_device_is_saved() {
    let scene = without_device();
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ];
    with_app(&scene.aws, scene.home.path(), "alice", || {
        let ways = [
            "--secret-command",
            "cat >/dev/null",
            "--code-command",
            CODES,
        ];
        let run = scene.run(&["device", "enroll", "--no-login"]).args(ways);
        let run = keys
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        run.stderr(indoc! {"
            waiting for the next code, in {*} s
            enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
            AWS accepts it in about 15 s: then sign in with `awsmfa login`
        "})
            .run();
    });
    assert_eq!(scene.home.read_config(), CONFIG_WITHOUT_DEVICE);
}

#[test]
fn a_missing_device_that_the_profile_names_is_replaced_by_the_first() {
    let gone = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = GAHT12345678\n");
    let scene = without_device().config(&gone);
    with_app(&scene.aws, scene.home.path(), "alice", || {
        unattended(&scene, &["--no-login"])
            .check_stderr(|_| {})
            .run();
    });
    let config = scene.home.read_config();
    assert_eq!(
        config,
        format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {ALICES}\n")
    );
}

/// In that case nobody has the secret.
#[test]
fn a_closed_standard_output_leaves_no_device() {
    let scene = without_device();
    let mut child = scene
        .home
        .command(["device", "enroll", "dev", "--no-input", "--no-login"])
        .args(["--secret-stdout", "--code-command", "touch asked"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("awsmfa was built");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("can't write to standard output"), "{said}");
    assert_eq!(devices(&scene.aws), []);
    assert!(!scene.home.path().join("asked").exists());
}

#[test]
fn an_empty_command_is_refused_before_any_question() {
    let scene = without_device();
    for command in ["", "  "] {
        let ways = ["--secret-command", command, "--code-command", CODES];
        enroll(&scene, &ways)
            .status(2)
            .stderr("error: --secret-command is empty: {*}\n")
            .run();
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}

#[test]
fn a_second_device_without_a_session_says_where_the_code_may_come_from() {
    let scene = Scene::with(alice().start());
    let ways = ["--secret-command", "touch called", "--code-command", CODES];
    enroll(&scene, &ways)
        .args(["--no-input"])
        .status(7)
        .stderr(indoc! {"
            error: profile dev needs a code, and --no-input forbids asking
            hint: another device needs a session with MFA: sign in first with `awsmfa login --profile dev`, or put a code from a device you have in AWSMFA_CODE
        "})
        .run();
    assert!(!scene.home.path().join("called").exists());
}
