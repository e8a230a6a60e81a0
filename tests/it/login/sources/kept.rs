//! Shows when the old session is good enough: then nothing is asked, read or written.

use chrono::{SecondsFormat, TimeDelta, Utc};
use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, READY, Scene, snapshot,
};
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY};

/// A scene with a session of dev that has this time left.
fn scene_with_time_left(time: TimeDelta) -> Scene {
    with_session(
        time,
        "awsmfa_source_profile = dev\nawsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
    )
}

fn with_session(left: TimeDelta, lines: &str) -> Scene {
    let expires = (Utc::now() + left).to_rfc3339_opts(SecondsFormat::Secs, true);
    let session = formatdoc! {"
        [dev-mfa]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush-key
        aws_session_token = hush-token
        x_security_token_expires = {expires}
        {lines}"};
    Scene::with_files(CONFIG, format!("{CREDENTIALS}{session}"))
}

/// Shows that these options keep the session, and that nothing at all happens.
fn keeps(scene: &Scene, args: &[&str]) {
    let before = snapshot(&scene.home);
    let stderr = indoc! {"
        dev-mfa is still valid until {*} ({*} left); --force renews it
        use it with: export AWS_PROFILE=dev-mfa
    "};
    scene.works(
        scene.login_with_tripwire(&[&["-p", "dev"], args].concat()),
        stderr,
        &[],
    );
    assert_eq!(scene.aws.connections(), 0);
    assert_eq!(snapshot(&scene.home), before, "files changed");
}

/// Shows that these options make a new session. Why they do is told by `renewed`.
fn renews(scene: &Scene, args: &[&str]) {
    let login = scene.login(&[&["-p", "dev"], args].concat());
    let run = login.check_stderr(|text| {
        let told: Vec<&str> = text.lines().collect();
        let (why, told) = told.split_at(told.len().saturating_sub(2));
        assert!(
            why.len() < 2 && why.iter().all(|it| it.ends_with("; renewing")),
            "{text}"
        );
        assert!(told[0].starts_with("dev-mfa is ready until "), "{text}");
    });
    let sent = scene.aws.actions().len();
    run.run();
    assert_eq!(scene.aws.actions()[sent..], [ISSUE], "the requests");
}

const MINUTE: TimeDelta = TimeDelta::minutes(1);

#[test]
fn a_session_with_more_than_an_hour_left_is_kept_without_any_network() {
    keeps(&scene_with_time_left(MINUTE * 65), &[]);
    renews(&scene_with_time_left(MINUTE * 55), &[]);
}

#[test]
fn a_code_that_is_given_does_not_force_a_new_one() {
    let scene = scene_with_time_left(MINUTE * 65);
    let stderr = indoc! {"
        dev-mfa is still valid until {*} (1h5m left); --force renews it
        use it with: export AWS_PROFILE=dev-mfa
    "};
    scene.works(scene.login(&["-p", "dev"]), stderr, &[]);
}

#[test]
fn the_margin_is_the_users() {
    keeps(
        &scene_with_time_left(MINUTE * 35),
        &["--min-remaining", "30m"],
    );
    renews(
        &scene_with_time_left(MINUTE * 65),
        &["--min-remaining", "70m"],
    );
    let scene = scene_with_time_left(MINUTE * 35);
    let run = scene
        .login_with_tripwire(&["-qp", "dev"])
        .env("AWSMFA_MIN_REMAINING", "30m");
    scene.works(run, "", &[]);
    // The flag wins over the variable.
    let run = scene
        .login(&["-qp", "dev", "--min-remaining", "40m"])
        .env("AWSMFA_MIN_REMAINING", "30m");
    scene.works(run, "", &[ISSUE]);
}

#[test]
fn the_margin_is_never_more_than_a_quarter_of_the_lifetime_asked_for() {
    // A quarter of 15 minutes is 3 m 45 s.
    let run = ["-p", "dev", "--duration", "15m"];
    let scene = scene_with_time_left(MINUTE * 5);
    let run = scene.login_with_tripwire(&run).check_stderr(|_| ());
    run.run();
    assert_eq!(scene.aws.connections(), 0);
    renews(&scene_with_time_left(MINUTE * 3), &["--duration", "15m"]);
    keeps(
        &scene_with_time_left(MINUTE * 185),
        &["--min-remaining", "24h"],
    );
    renews(
        &scene_with_time_left(MINUTE * 175),
        &["--min-remaining", "24h"],
    );
}

#[test]
fn force_makes_a_new_one() {
    renews(&scene_with_time_left(MINUTE * 600), &["--force"]);
}

#[test]
fn a_session_that_ended_is_renewed() {
    renews(&scene_with_time_left(MINUTE * -10), &[]);
    renews(
        &scene_with_time_left(MINUTE * -10),
        &["--min-remaining", "0"],
    );
}

#[test]
fn a_kept_session_of_another_tool_is_not_managed() {
    for (lines, managed) in [("", false), ("awsmfa_source_profile = dev\n", true)] {
        let scene = with_session(MINUTE * 120, lines);
        let run = scene
            .login_with_tripwire(&["-p", "dev", "--json"])
            .check_stdout(move |text| {
                let json: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
                assert_eq!(json["managed"], managed);
                assert_eq!(json["renewed"], false);
                assert_eq!(json["mfa_serial"], serde_json::Value::Null);
                assert_eq!(json["account"], serde_json::Value::Null);
            });
        scene.works(run, "", &[]);
    }
}

#[test]
fn a_session_that_is_not_whole_is_no_session() {
    for line in [
        "aws_secret_access_key",
        "aws_session_token",
        "x_security_token_expires",
    ] {
        let scene = scene_with_time_left(MINUTE * 600);
        let text = scene.home.read_credentials();
        let (before, session) = text.split_once("[dev-mfa]").expect("it has the session");
        let lines: Vec<&str> = session.lines().filter(|it| !it.starts_with(line)).collect();
        let broken = format!("{before}[dev-mfa]{}\n", lines.join("\n"));
        renews(&scene.credentials(broken), &[]);
    }
}

#[test]
fn an_expiry_that_nobody_can_read_counts_as_none() {
    let scene = scene_with_time_left(MINUTE * 600);
    let text = scene.home.read_credentials();
    let (before, _) = text
        .split_once("x_security_token_expires")
        .expect("it has one");
    let broken = format!("{before}x_security_token_expires = tomorrow\n");
    renews(&scene.credentials(broken), &[]);
}

/// AWS cuts the session of a root user to an hour, whatever is asked for.
#[test]
fn a_root_users_session_is_kept_for_as_long_as_it_is_good() {
    let device = "root-account-mfa-device";
    let aws = Aws::builder().root().key(KEY_ID, SECRET_KEY);
    let scene = Scene::with(aws.device(device, DEVICE_SECRET).start());
    let scene =
        scene.config(CONFIG_WITHOUT_DEVICE.to_owned() + "mfa_serial = " + SERIAL_OF_ROOT + "\n");
    let code = scene.aws.code(device);
    let run = scene.run(&["login", "-p", "dev", "--duration", "12h", "--code", &code]);
    scene.works(run, &READY.replace("12h", "1h"), &[ISSUE]);
    let stored = scene.home.read_credentials();
    assert!(stored.contains("awsmfa_duration = 3600\n"), "{stored}");
    // Half an hour later too, also where the whole time is asked for as margin.
    for (left, margin, is_kept) in [
        (TimeDelta::minutes(59), "1h", true),
        (TimeDelta::minutes(16), "1h", true),
        (TimeDelta::minutes(14), "1h", false),
        (TimeDelta::minutes(14), "10m", true),
    ] {
        let scene = ends_in(&scene, left);
        let run = scene.login_with_tripwire(&["-p", "dev", "--min-remaining", margin]);
        match is_kept {
            true => drop(scene.works(run, "{*}\n{*}\n", &[])),
            // The code of the tripwire is wrong; that it was read is enough.
            false => drop(run.status(4).check_stderr(|_| ()).run()),
        }
    }
}

const SERIAL_OF_ROOT: &str = "arn:aws:iam::123456789012:mfa/root-account-mfa-device";

/// Has the stored session end after `left`.
fn ends_in(scene: &Scene, left: TimeDelta) -> &Scene {
    let ends = (Utc::now() + left).to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = scene.home.read_credentials();
    let lines = text.lines().map(|line| match line.split_once(" = ") {
        Some((key @ "x_security_token_expires", _)) => format!("{key} = {ends}\n"),
        _ => format!("{line}\n"),
    });
    std::fs::write(scene.home.credentials_path(), lines.collect::<String>()).expect("written");
    scene
}

#[test]
fn a_session_of_fifteen_minutes_is_valid_when_it_begins() {
    let scene = Scene::default();
    let run = scene.login(&["-p", "dev", "--duration", "15m"]);
    scene.works(run, &READY.replace("12h", "15m"), &[ISSUE]);
    for (left, status) in [(895, 0), (230, 0), (220, 3)] {
        let scene = ends_in(&scene, TimeDelta::seconds(left));
        let run = scene.run(&["status", "-p", "dev", "--check", "-q"]);
        run.status(status).check_stderr(|_| ()).run();
    }
    let state = |scene: &Scene| {
        let run = scene
            .run(&["status", "-p", "dev", "--json"])
            .check_stdout(|_| ());
        let json: serde_json::Value = serde_json::from_str(&run.run().stdout).expect("JSON");
        json[0]["state"].clone()
    };
    assert_eq!(state(ends_in(&scene, TimeDelta::seconds(230))), "valid");
    assert_eq!(state(ends_in(&scene, TimeDelta::seconds(220))), "ending");
}
