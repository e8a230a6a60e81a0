//! Runs awsmfa within a command for codes: for its own session it fails at once, and never waits for
//! the sign-in that it is run by.

use std::time::Duration;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, READY, SESSION, Scene, alice};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::run::Run;

/// A wait for another sign-in lasts 50 seconds, and a command for codes may take 60.
const AT_ONCE: Duration = Duration::from_secs(20);

const HINT: &str = "a command that supplies codes or keys can't use the session they are for; let it use another profile";

const ROLES: &str = indoc! {"
    [profile admin]
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev

    [profile audit]
    role_arn = arn:aws:iam::123456789012:role/audit
    source_profile = dev
"};

fn refusal(target: &str) -> String {
    formatdoc! {"
        error: can't sign in to {target} here: the sign-in to {target} started this awsmfa and is waiting for it
        hint: {HINT}
    "}
}

/// `line` with the program for the word AWSMFA.
fn within(line: &str) -> String {
    line.replace("AWSMFA ", &format!("{} ", env!("CARGO_BIN_EXE_awsmfa")))
}

/// Makes a run that must fail with exit code 7 at once, after a refusal of `target` within it.
fn fails_at_once(home: &Home, run: Run<'_>, target: &str) {
    let refusal = refusal(target);
    let lines = home.read_credentials();
    let ran = run
        .status(7)
        .check_stderr(move |text| {
            assert!(text.contains(&refusal), "{text}");
            assert!(!text.contains("waiting for another"), "{text}");
            assert!(text.contains("gave no code: it failed (exit "), "{text}");
        })
        .run();
    assert!(ran.elapsed < AT_ONCE, "{:?}", ran.elapsed);
    assert_eq!(home.read_credentials(), lines);
}

#[test]
fn a_command_for_codes_that_needs_a_code_of_its_own_profile_fails_at_once() {
    for line in [
        "AWSMFA login -p dev",
        "AWSMFA login -p dev --no-input",
        "AWSMFA login -p dev --code 314159",
        // Its session profile, by its name.
        "AWSMFA exec -p dev-mfa -- true",
        "AWS_PROFILE=dev AWSMFA export",
        "AWS_PROFILE=dev-mfa AWSMFA credential-process",
        "AWSMFA credential-process -p dev --code-command 'echo 314159'",
        // In the background of a script, in a pipeline, in a session of its own.
        "sh -c 'AWSMFA login -p dev & wait $!'",
        "AWSMFA export -p dev --format json | grep 314159",
        "setsid -w AWSMFA login -p dev",
        "env -u AWS_PROFILE nice AWSMFA login --profile dev",
    ] {
        if line.starts_with("setsid") && cfg!(not(target_os = "linux")) {
            continue;
        }
        let scene = Scene::default();
        let run = scene.run(&["login", "-p", "dev", "--code-command", &within(line)]);
        fails_at_once(&scene.home, run, "dev-mfa");
        assert_eq!(scene.aws.connections(), 0, "{line}");
    }
}

#[test]
fn so_does_one_that_a_setting_names_and_one_for_the_default_profile() {
    let mfa_process = within("mfa_process = AWSMFA export -p dev\n");
    let scene = Scene::default().config(format!("{CONFIG}{mfa_process}"));
    for run in [
        scene.run(&["login", "-p", "dev"]),
        scene.run(&["exec", "-p", "dev-mfa", "--", "true"]),
        scene.run(&["login"]).env("AWS_PROFILE", "dev"),
    ] {
        fails_at_once(&scene.home, run, "dev-mfa");
    }
    let scene = Scene::with_files(
        CONFIG.replace("profile dev", "default"),
        CREDENTIALS.replace("dev", "default"),
    );
    let line = within("AWSMFA login");
    let run = scene.run(&["login", "--code-command", &line]);
    fails_at_once(&scene.home, run, "default-mfa");
}

#[test]
fn so_does_one_whose_session_profile_has_a_name_of_its_own() {
    for (line, target) in [
        ("AWSMFA login -p dev --session-profile work", "work"),
        (
            "AWSMFA login -p other --session-profile work --force",
            "work",
        ),
        (
            "AWSMFA login -p dev; AWSMFA export -p dev --session-profile work",
            "work",
        ),
    ] {
        let credentials = format!("{CREDENTIALS}[other]\n{KEYS}{SESSION}");
        let config =
            format!("{CONFIG}[profile other]\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n");
        let scene = Scene::with_files(config, credentials);
        let args = ["login", "-p", "dev", "--session-profile", "work"];
        let run = scene.run(&args).args(["--code-command", &within(line)]);
        fails_at_once(&scene.home, run, target);
    }
}

#[test]
fn the_mark_goes_through_exec_and_through_a_second_command_for_codes() {
    let config = formatdoc! {"
        {CONFIG}mfa_process = {}
        [profile other]
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
        mfa_process = {}
    ", within("AWSMFA login -p other"), within("AWSMFA login -p dev")};
    let credentials = format!("{CREDENTIALS}[other]\n{KEYS}");
    let scene = Scene::with_files(&config, &credentials);
    // Two whose commands run each other.
    for (outer, target) in [("dev", "dev-mfa"), ("other", "other-mfa")] {
        let run = scene.run(&["login", "-p", outer]);
        fails_at_once(&scene.home, run, target);
    }

    let session = SESSION.replace("dev", "third");
    let scene = Scene::with_files(&config, format!("{credentials}[third]\n{KEYS}{session}"));
    for line in [
        "AWSMFA exec -p third -- AWSMFA login -p dev",
        "eval \"$(AWSMFA export -p third)\"; exec AWSMFA login -p dev",
    ] {
        let run = scene.run(&["login", "-p", "dev", "--code-command", &within(line)]);
        fails_at_once(&scene.home, run, "dev-mfa");
    }
}

#[test]
fn a_role_and_its_source_are_one_sign_in() {
    for (outer, line, target) in [
        ("admin", "AWSMFA login -p admin", "admin-mfa"),
        ("admin", "AWSMFA login -p dev", "dev-mfa"),
        ("admin", "AWSMFA exec -p audit -- true", "dev-mfa"),
        ("dev", "AWSMFA credential-process -p admin", "dev-mfa"),
        (
            "admin-mfa",
            "AWS_PROFILE=admin-mfa AWSMFA export",
            "admin-mfa",
        ),
    ] {
        let aws = alice().role("admin").role("audit").start();
        let scene = Scene::with(aws).config(format!("{CONFIG}{ROLES}"));
        let run = scene.run(&["login", "-p", outer, "--code-command", &within(line)]);
        fails_at_once(&scene.home, run, target);
    }
}

#[test]
fn the_command_for_keys_of_a_role_s_source_can_not_use_the_role() {
    let line = within("AWSMFA exec -p admin -- true 2>said; echo $? >status; exit 1");
    let script = format!("#!/bin/sh\n{line}\n");
    let scene = Scene::with_files(CONFIG, "");
    let path = scene.home.path().join("keys.sh");
    std::fs::write(&path, script).expect("the home is writable");
    let config = format!(
        "{CONFIG}credential_process = sh {}\n{ROLES}",
        path.display()
    );
    let scene = scene.config(config);
    let ran = scene
        .run(&["login", "-p", "admin", "--code", "314159"])
        .status(1)
        .stderr(indoc! {"
            error: the credential_process of profile dev failed, or did not print keys
            hint: run the command yourself to see what it says
        "})
        .run();
    assert!(ran.elapsed < AT_ONCE, "{:?}", ran.elapsed);
    let read = |name: &str| {
        std::fs::read_to_string(scene.home.path().join(name)).expect("the script wrote it")
    };
    assert_eq!(read("said"), refusal("admin-mfa"));
    assert_eq!(read("status"), "7\n");
}

#[test]
fn a_session_that_is_kept_may_be_used_by_the_command_for_the_next_code() {
    for line in [
        "AWSMFA exec -p dev -- printenv AWS_SESSION_TOKEN >token; echo CODE",
        "AWSMFA export -p dev-mfa --format process >token && echo CODE",
        "AWS_PROFILE=dev AWSMFA login --quiet && echo CODE",
        "AWSMFA whoami -p dev-mfa >token; echo CODE",
    ] {
        let scene = Scene::default();
        scene.login(&["-p", "dev"]).stderr(READY).run();
        scene.aws.shift_clock(chrono::TimeDelta::seconds(30));
        let line = within(line).replace("CODE", &scene.aws.code(USER));
        scene
            .run(&["login", "-p", "dev", "--force", "--code-command", &line])
            .check_stderr(|text| assert!(text.contains("dev-mfa is ready until "), "{text}"))
            .run();
        let issued = scene.aws.actions();
        let issued = issued.iter().filter(|it| *it == ISSUE).count();
        assert_eq!(issued, 2, "{line}");
    }
}

#[test]
fn a_command_for_codes_may_sign_in_to_another_profile() {
    let credentials = format!("{CREDENTIALS}[other]\n{KEYS}");
    let config =
        format!("{CONFIG}[profile other]\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n");
    let scene = Scene::with_files(config, credentials);
    let (one, two) = (scene.aws.code(USER), scene.aws.code_at(USER, 1));
    let line = within(&format!(
        "AWSMFA login -p other --quiet --code {one} && echo {two}"
    ));
    scene
        .run(&["login", "-p", "dev", "--code-command", &line])
        .stderr(READY)
        .run();
    assert_eq!(scene.aws.actions(), [ISSUE, ISSUE]);
}

#[test]
fn what_a_command_left_behind_may_sign_in_once_that_is_over() {
    let scene = Scene::default();
    let line = format!(
        "printenv AWSMFA_IN_PROGRESS >seen; echo {}",
        scene.aws.code(USER)
    );
    scene
        .run(&["login", "-p", "dev", "--code-command", &line])
        .stderr(READY)
        .run();
    let seen =
        std::fs::read_to_string(scene.home.path().join("seen")).expect("the command wrote it");
    assert!(!seen.is_empty(), "it is marked");
    scene.aws.shift_clock(chrono::TimeDelta::seconds(30));
    scene
        .login(&["-p", "dev", "--force"])
        .env("AWSMFA_IN_PROGRESS", seen.trim_end())
        .check_stderr(|text| assert!(text.contains("dev-mfa is ready until "), "{text}"))
        .run();
}

#[test]
fn a_command_for_keys_that_asks_whose_they_are_fails_at_once() {
    for args in [
        &["whoami", "-p", "dev"][..],
        &[
            "whoami",
            "-p",
            "dev",
            "--access-key-id",
            "AKIAIOSFODNN7EXAMPLE",
        ],
    ] {
        let scene = Scene::with_files(CONFIG, "");
        let line = within(&format!(
            "echo run >>runs; AWSMFA {} 2>>said",
            args.join(" ")
        ));
        std::fs::write(scene.home.path().join("keys.sh"), line).expect("the home is writable");
        let scene = scene.config(format!("{CONFIG}credential_process = sh keys.sh\n"));
        let ran = scene
            .run(args)
            .status(1)
            .stderr(indoc! {"
                error: the credential_process of profile dev failed, or did not print keys
                hint: run the command yourself to see what it says
            "})
            .run();
        assert!(ran.elapsed < AT_ONCE, "{:?}", ran.elapsed);
        let read = |name: &str| {
            std::fs::read_to_string(scene.home.path().join(name)).expect("the script wrote it")
        };
        assert_eq!(read("runs").lines().count(), 1);
        let refusal = "error: profile dev gets its keys from awsmfa itself (credential_process)\n";
        assert!(read("said").starts_with(refusal), "{}", read("said"));
    }
}
