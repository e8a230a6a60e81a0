//! Tests the options, their variables, and the output of a login.

#[cfg(unix)]
use std::ffi::OsStr;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt as _;

use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG_WITHOUT_DEVICE, DEVICE_SECRET, ISSUE, READY, SERIAL, Scene, alice, alice_without_device,
};
use crate::support::aws::{KEY_ID, USER};

/// A parameter of the last request.
fn param(scene: &Scene, name: &str) -> String {
    let requests = scene.aws.requests();
    let last = requests.last().expect("a request was made");
    last.call
        .param(name)
        .expect("it has the parameter")
        .to_owned()
}

#[test]
fn a_duration_is_accepted_in_common_forms() {
    for (text, seconds) in [
        ("12h", "43200"),
        ("1h30m", "5400"),
        ("90m", "5400"),
        ("3600", "3600"),
        ("15m", "900"),
        ("36h", "129600"),
        ("1d12h", "129600"),
    ] {
        let scene = Scene::default();
        let ready = READY.replace("12h", "{*}");
        let run = scene.login(&["-p", "dev", "--duration", text]);
        scene.works(run, &ready, &[ISSUE]);
        assert_eq!(param(&scene, "DurationSeconds"), seconds, "{text}");
    }
}

#[test]
fn a_duration_out_of_bounds_is_a_usage_error_that_names_its_source() {
    let scene = Scene::default();
    for (text, shown) in [
        ("14m", "14m"),
        ("899", "14m59s"),
        ("36h1m", "36h1m"),
        ("0", "0s"),
    ] {
        let why = format!("a session lasts from 15m to 36h (900 to 129600 seconds), not {shown}");
        let run = scene.login_with_tripwire(&["-p", "dev", "--duration", text]);
        scene.refuses(run, 2, &format!("error: --duration: {why}\n"));
        let run = scene
            .login_with_tripwire(&["-p", "dev"])
            .env("AWSMFA_DURATION", text);
        scene.refuses(run, 2, &format!("error: AWSMFA_DURATION: {why}\n"));
    }
}

#[test]
fn an_invalid_flag_is_a_usage_error() {
    let scene = Scene::default();
    for (flag, value, placeholder, why) in [
        (
            "--duration",
            "12x",
            "TIME",
            "`12x` is not a duration; examples: 12h, 1h30m, 90m, 3600",
        ),
        (
            "--min-remaining",
            "soon",
            "TIME",
            "`soon` is not a duration; examples: 12h, 1h30m, 90m, 3600",
        ),
        (
            "--mfa-serial",
            "a b",
            "SERIAL",
            "`a b` is not an MFA serial; one looks like arn:aws:iam::123456789012:mfa/NAME or GAHT12345678",
        ),
        (
            "--session-profile",
            "a]b",
            "NAME",
            "`a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
        (
            "--profile",
            "a]b",
            "NAME",
            "`a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
    ] {
        let stderr = formatdoc! {"
            error: invalid value '{value}' for '{flag} <{placeholder}>': {why}
            hint: add --help to see how it is used
        "};
        scene.refuses(scene.login_with_tripwire(&[flag, value]), 2, &stderr);
    }
}

#[test]
fn an_invalid_variable_is_a_usage_error_that_names_it() {
    let scene = Scene::default();
    for (name, value, why) in [
        (
            "AWSMFA_DURATION",
            "12x",
            "`12x` is not a duration; examples: 12h, 1h30m, 90m, 3600",
        ),
        (
            "AWSMFA_MIN_REMAINING",
            "soon",
            "`soon` is not a duration; examples: 12h, 1h30m, 90m, 3600",
        ),
        (
            "AWSMFA_SERIAL",
            "a b",
            "`a b` is not an MFA serial; one looks like arn:aws:iam::123456789012:mfa/NAME or GAHT12345678",
        ),
        (
            "AWSMFA_SESSION_PROFILE",
            "a]b",
            "`a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
        (
            "AWS_PROFILE",
            "a]b",
            "`a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
        (
            "AWS_DEFAULT_PROFILE",
            "a]b",
            "`a]b` can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
        ),
    ] {
        let run = scene.login_with_tripwire(&[]).env(name, value);
        scene.refuses(run, 2, &format!("error: {name}: {why}\n"));
    }
}

#[test]
fn an_invalid_code_is_a_usage_error_and_not_repeated() {
    let scene = Scene::default();
    for code in ["12345", "1234567", "31415a"] {
        let run = scene.run(&["login", "-p", "dev", "--code", code]);
        let stderr = "error: --code does not hold a code: a code is six digits\n";
        scene.fails(run, 2, stderr, &[]);
        let run = scene.run(&["login", "-p", "dev"]).env("AWSMFA_CODE", code);
        let stderr = "error: AWSMFA_CODE does not hold a code: a code is six digits\n";
        scene.fails(run, 2, stderr, &[]);
    }
}

#[test]
fn the_variables_stand_in_for_the_flags() {
    let scene = Scene::default();
    let run = scene
        .run(&["login"])
        .env("AWS_PROFILE", "dev")
        .env("AWSMFA_CODE", scene.aws.code(USER))
        .env("AWSMFA_DURATION", "1h")
        .env("AWSMFA_SERIAL", SERIAL)
        .env("AWSMFA_SESSION_PROFILE", "work");
    let ready = READY.replace("dev-mfa", "work").replace("12h", "1h");
    scene.works(run, &ready, &[ISSUE]);
    assert_eq!(param(&scene, "SerialNumber"), SERIAL);
}

#[test]
fn the_flags_override_the_variables() {
    let scene = Scene::default();
    let args = [
        "-p",
        "dev",
        "--duration",
        "1h",
        "--mfa-serial",
        SERIAL,
        "--session-profile",
        "work",
    ];
    let run = scene
        .login(&args)
        .env("AWS_PROFILE", "nobody")
        .env("AWSMFA_CODE", "not a code")
        .env("AWSMFA_DURATION", "not a time")
        .env("AWSMFA_SERIAL", "not a serial")
        .env("AWSMFA_SESSION_PROFILE", "not]a]name");
    let ready = READY.replace("dev-mfa", "work").replace("12h", "1h");
    scene.works(run, &ready, &[ISSUE]);
}

#[test]
fn the_names_of_the_aws_cli_work_too() {
    let scene = Scene::default();
    let run = scene.run(&[
        "login",
        "--profile",
        "dev",
        "--token-code",
        &scene.aws.code(USER),
        "--serial-number",
        SERIAL,
        "--duration-seconds",
        "900",
        "--update-profile",
        "work",
    ]);
    let ready = READY.replace("dev-mfa", "work").replace("12h", "15m");
    scene.works(run, &ready, &[ISSUE]);
    assert_eq!(param(&scene, "SerialNumber"), SERIAL);
    assert_eq!(param(&scene, "DurationSeconds"), "900");
}

#[test]
fn json_describes_the_session_in_exactly_these_fields() {
    let scene = Scene::default();
    let run = scene.login(&["-p", "dev", "--json"]).check_stdout(|text| {
        assert_eq!(text.lines().count(), 1, "{text}");
        let mut json: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let fields = json.as_object_mut().expect("it is an object");
        let expiration = fields.remove("expiration").expect("it has an expiry");
        let expiration = expiration.as_str().expect("it is text");
        let expiration = chrono::DateTime::parse_from_rfc3339(expiration).expect("RFC 3339");
        let left = fields
            .remove("remaining_seconds")
            .expect("it has the time left");
        let left = left.as_i64().expect("it is a number");
        assert!((43_190..=43_200).contains(&left), "{left}");
        let difference = expiration.timestamp() - chrono::Utc::now().timestamp() - left;
        assert!(difference.abs() <= 2, "{difference}");
        let expected = serde_json::json!({
            "profile": "dev-mfa",
            "source_profile": "dev",
            "state": "valid",
            "mfa_serial": SERIAL,
            "account": "123456789012",
            "arn": null,
            "renewed": true,
            "managed": true,
        });
        assert_eq!(json, expected);
    });
    scene.works(run, "", &[ISSUE]);
}

#[test]
fn json_of_a_login_that_fails_is_empty() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: there is no profile nobody in the AWS files
        hint: choose one with --profile: dev
    "};
    scene.refuses(
        scene.login_with_tripwire(&["-p", "nobody", "--json"]),
        1,
        stderr,
    );
}

#[test]
fn quiet_leaves_only_warnings_and_errors() {
    let scene = Scene::default();
    scene.works(scene.login(&["-qp", "dev"]), "", &[ISSUE]);
    let run = scene
        .login(&["--quiet", "-p", "dev", "--force"])
        .env("AWS_ACCESS_KEY_ID", "AKIAX");
    let stderr = "warning: AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE=dev-mfa; {*}\n";
    scene.works(run, stderr, &[ISSUE]);
}

#[test]
fn verbose_shows_the_steps_and_the_detail_of_an_error() {
    let scene = Scene::default();
    let stderr = formatdoc! {"
        trying out the edit of both files
        AWS region {{*}}, STS at http://127.0.0.1:{{*}}
        asking AWS for a session of 12h with {SERIAL}
        {READY}"};
    scene.works(scene.login(&["-vp", "dev"]), &stderr, &[ISSUE]);
    scene.aws.deactivate_key(KEY_ID);
    let stderr = formatdoc! {"
        trying out the edit of both files
        AWS region {{*}}, STS at http://127.0.0.1:{{*}}
        asking AWS for a session of 12h with {SERIAL}
        error: AWS does not know the access key {KEY_ID}
        hint: {{*}}
        HTTP status 403, InvalidClientTokenId, request id {{*}}
    "};
    let run = scene.login(&["--verbose", "-p", "dev", "--force"]);
    scene.fails(run, 5, &stderr, &[ISSUE]);
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: the argument '--quiet' cannot be used with '--verbose...'
        hint: add --help to see how it is used

        Usage: awsmfa login --code-command <COMMAND> --quiet --profile <NAME> [PROFILE]
    "};
    scene.refuses(
        scene.login_with_tripwire(&["-q", "-v", "-p", "dev"]),
        2,
        stderr,
    );
}

#[test]
fn two_sources_of_a_code_are_a_usage_error() {
    let scene = Scene::default();
    let run = scene.login_with_tripwire(&["-p", "dev", "--code-stdin"]);
    let stderr = indoc! {"
        error: the argument '--code-command <COMMAND>' cannot be used with '--code-stdin'
        hint: add --help to see how it is used

        Usage: awsmfa login --code-command <COMMAND> --profile <NAME> [PROFILE]
    "};
    scene.refuses(run, 2, stderr);
}

#[test]
fn without_a_code_and_a_terminal_it_ends_with_exit_code_7() {
    let scene = Scene::default();
    let run = scene.run(&["login", "-p", "dev", "--no-input"]);
    let stderr = indoc! {"
        error: profile dev needs a code, and --no-input forbids asking
        hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
    "};
    scene.fails(run, 7, stderr, &[]);
}

#[test]
fn the_device_comes_from_the_flag_the_profile_the_last_session_or_aws() {
    // Nothing names the device, so AWS is asked.
    let scene = Scene::default().config(CONFIG_WITHOUT_DEVICE);
    scene.works(
        scene.login(&["-p", "dev"]),
        READY,
        &["GetCallerIdentity", "ListMFADevices", ISSUE],
    );
    // Now the last session names it.
    scene.works(scene.login(&["-p", "dev", "--force"]), READY, &[ISSUE]);
    assert_eq!(param(&scene, "SerialNumber"), SERIAL);
}

#[test]
fn a_fido_key_is_skipped_or_if_named_refused() {
    let aws = || alice_without_device().fido("yubi");
    let both = aws().device(USER, DEVICE_SECRET).start();
    let scene = Scene::with(both).config(CONFIG_WITHOUT_DEVICE);
    let stderr = format!("skipping yubi: FIDO keys show no codes\n{READY}");
    scene.works(
        scene.login(&["-p", "dev"]),
        &stderr,
        &["GetCallerIdentity", "ListMFADevices", ISSUE],
    );

    let scene = Scene::with(aws().start()).config(CONFIG_WITHOUT_DEVICE);
    let stderr = indoc! {"
        error: the user of profile dev has only FIDO keys (yubi), which GetSessionToken does not accept
        hint: add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys
    "};
    scene.fails(
        scene.login_with_tripwire(&["-p", "dev"]),
        1,
        stderr,
        &["GetCallerIdentity", "ListMFADevices"],
    );

    let serial = "arn:aws:iam::123456789012:u2f/user/alice/yubi";
    let stderr = formatdoc! {"
        error: {serial} is a passkey or security key (FIDO), which GetSessionToken does not accept
        hint: use a virtual or hardware MFA device that shows codes; AWS's own way for passkeys is `aws login`
    "};
    let scene = Scene::default();
    scene.refuses(
        scene.login_with_tripwire(&["-p", "dev", "--mfa-serial", serial]),
        1,
        &stderr,
    );
}

#[test]
fn several_devices_are_listed_if_nobody_can_choose() {
    let aws = alice()
        .hardware("GAHT12345678", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ")
        .start();
    let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
    let stderr = formatdoc! {"
        error: the user of profile dev has several MFA devices: {SERIAL}, GAHT12345678
        hint: choose one with --mfa-serial, or set mfa_serial in profile dev
    "};
    let run = scene.login_with_tripwire(&["-p", "dev", "--no-input"]);
    scene.fails(run, 7, &stderr, &["GetCallerIdentity", "ListMFADevices"]);
}

#[test]
fn aws_is_told_which_program_asks() {
    let scene = Scene::default();
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let agent = &scene.aws.requests()[0].user_agent;
    let version = concat!("app/awsmfa-", env!("CARGO_PKG_VERSION"));
    assert!(agent.contains(version), "{agent}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_refused_and_not_ignored() {
    let scene = Scene::default();
    for (name, value, status, stderr) in [
        (
            "AWS_PROFILE",
            &b"de\xffv"[..],
            1,
            indoc! {"
                error: there is no profile de\u{fffd}v in the AWS files
                hint: did you mean dev?
            "},
        ),
        (
            "AWSMFA_SERIAL",
            b"GAHT1234567\xff",
            2,
            "error: AWSMFA_SERIAL: `GAHT1234567\u{fffd}` is not an MFA serial; {*}\n",
        ),
        (
            "HTTPS_PROXY",
            b"http://u:p\xff@proxy:3128",
            1,
            indoc! {"
                error: HTTPS_PROXY is not a proxy URL
                hint: a proxy looks like http://proxy.example.com:8080; special characters in its password are written as %XX
            "},
        ),
    ] {
        let args: &[&str] = if name == "AWS_PROFILE" {
            &[]
        } else {
            &["-p", "dev"]
        };
        let run = scene
            .login_with_tripwire(args)
            .env(name, OsStr::from_bytes(value));
        scene.refuses(run, status, stderr);
    }
}
