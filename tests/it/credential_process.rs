//! Tests `credential-process`: what an AWS tool gets from it, and when it is refused.

#[cfg(unix)]
mod crowd;
#[cfg(unix)]
mod terminal;

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

use chrono::{SecondsFormat, TimeDelta, Utc};
use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, Scene, snapshot};
use crate::support::aws::account::Session;
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, Fault, USER};
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::system;

/// The answer for a session according to AWS's documentation.
fn contract(session: &Session) -> String {
    let Session {
        access_key_id,
        secret,
        token,
        ..
    } = session;
    let expiration = session
        .expiration
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "{{\"AccessKeyId\":\"{access_key_id}\",\"AccountId\":\"123456789012\",\"Expiration\":\"{expiration}\",\"SecretAccessKey\":\"{secret}\",\"SessionToken\":\"{token}\",\"Version\":1}}\n"
    )
}

/// `credential-process` for `profile`, which is allowed to print a session.
fn process<'a>(home: &'a Home, profile: &str) -> Run<'a> {
    Run::new(home)
        .args(["credential-process", "--profile", profile])
        .may_show(Kind::Session)
}

/// The scene with a session in dev-mfa that ends after `left`, and that session as it is in the file.
fn with_session(left: TimeDelta) -> (Scene, Session) {
    let scene = Scene::default();
    scene.login(&["-p", "dev"]).check_stderr(|_| ()).run();
    let mut session = scene.aws.sessions().remove(0);
    session.expiration = Utc::now() + left;
    let ends = session
        .expiration
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = scene.home.read_credentials();
    let lines = text.lines().map(
        |line| match line.strip_prefix("x_security_token_expires = ") {
            Some(_) => format!("x_security_token_expires = {ends}\n"),
            None => format!("{line}\n"),
        },
    );
    let text: String = lines.collect();
    (scene.credentials(text), session)
}

#[test]
fn the_answer_follows_version_1_of_the_contract_and_nothing_else_is_printed() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let run = process(&scene.home, "dev").args(["--code", &code]);
    let ran = scene.works(run.check_stdout(|_| ()), "", &[ISSUE]);
    let sessions = scene.aws.sessions();
    assert_eq!(ran.stdout, contract(&sessions[0]));
    assert!(scene.home.read_credentials().contains(&sessions[0].token));
}

#[test]
fn a_valid_session_is_handed_out_without_network_and_without_writing() {
    let (scene, session) = with_session(TimeDelta::minutes(16));
    let (before, connections) = (snapshot(&scene.home), scene.aws.connections());
    for profile in ["dev", "dev-mfa"] {
        let run = process(&scene.home, profile).stdout(contract(&session));
        scene.works(run, "", &[]);
    }
    assert_eq!(scene.aws.connections(), connections);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn a_session_with_less_than_the_margin_left_is_renewed() {
    // The minutes left, the flags, and whether too little is left.
    let cases: [(i64, &[&str], bool); 6] = [
        (16, &[], false),
        (14, &[], true),
        (14, &["--min-remaining", "10m"], false),
        (59, &["--min-remaining", "1h"], true),
        // The margin never exceeds a quarter of the granted time, here 30 minutes.
        (8, &["--duration", "30m"], false),
        (7, &["--duration", "30m"], true),
    ];
    for (left, flags, renewed) in cases {
        let (scene, session) = with_session(TimeDelta::minutes(left));
        let text = scene.home.read_credentials();
        let scene = match flags {
            ["--duration", _] => scene.credentials(text.replace("= 43200\n", "= 1800\n")),
            _ => scene,
        };
        let code = scene.aws.code(USER);
        let run = process(&scene.home, "dev").args(flags);
        let run = run.args(["--code", &code]).check_stdout(|_| ());
        let actions: &[&str] = if renewed { &[ISSUE] } else { &[] };
        let ran = scene.works(run, "", actions);
        let expected = match scene.aws.sessions().get(1) {
            Some(fresh) => contract(fresh),
            None => contract(&session),
        };
        assert_eq!(ran.stdout, expected, "{left} {flags:?}");
    }
}

#[test]
fn a_code_that_can_not_be_asked_for_ends_in_7_with_nothing_on_standard_output() {
    let scene = Scene::default();
    let run = process(&scene.home, "dev").args(["--no-input"]);
    scene.fails(
        run,
        7,
        indoc! {"
            error: profile dev needs a code, and --no-input forbids asking
            hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
        "},
        &[],
    );
}

#[test]
fn a_refused_code_ends_in_4_with_nothing_on_standard_output() {
    let scene = Scene::default();
    let wrong = scene.aws.code_at(USER, 40);
    let run = process(&scene.home, "dev").args(["--code", &wrong]);
    scene.fails(
        run,
        4,
        indoc! {"
            error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used
            hint: next code in {*} s; if every code is refused, its clock is off: `awsmfa device resync --profile dev`
        "},
        &[ISSUE],
    );
}

#[test]
fn a_profile_that_gets_its_keys_from_awsmfa_is_refused_by_name_before_anything_runs() {
    for command in [
        "awsmfa credential-process",
        "{program} credential-process --profile loop",
        "\"{program}\" -p loop credential-process",
        "sh -c 'touch ran; {program} credential-process --profile=loop'",
        "env AWS_PROFILE=loop {program} credential-process",
        "AWS_PROFILE=loop {program} credential-process -v",
        "{program} credential-process --profile dev",
    ] {
        let command = command.replace("{program}", env!("CARGO_BIN_EXE_awsmfa"));
        let config = format!("{CONFIG}[profile loop]\ncredential_process = {command}\n");
        let scene = Scene::with_files(config, CREDENTIALS);
        let hint = match command.ends_with("--profile dev") {
            true => "use `--profile dev`",
            false => "use --profile with the profile that holds your long-term keys",
        };
        let refusal = formatdoc! {"
            error: profile loop gets its keys from awsmfa itself (credential_process)
            hint: {hint}
        "};
        for run in [
            process(&scene.home, "loop").args(["--code", "314159"]),
            scene
                .run(&["credential-process", "--code", "314159"])
                .env("AWS_PROFILE", "loop"),
            scene.run(&["login", "-p", "loop", "--code", "314159"]),
        ] {
            scene.fails(run, 1, &refusal, &[]);
        }
    }
}

#[test]
fn two_profiles_that_point_at_each_other_are_both_refused() {
    let scene = Scene::with_files(
        indoc! {"
            [profile a]
            credential_process = awsmfa credential-process -p b
            [profile b]
            credential_process = awsmfa credential-process -p a
        "},
        "",
    );
    for name in ["a", "b"] {
        let refusal = formatdoc! {"
            error: profile {name} gets its keys from awsmfa itself (credential_process)
            hint: use --profile with the profile that holds your long-term keys
        "};
        scene.fails(process(&scene.home, name), 1, &refusal, &[]);
    }
}

#[cfg(unix)]
#[test]
fn a_loop_hidden_in_a_script_is_found_at_once_by_the_inner_run() {
    let scene = Scene::default();
    let script = scene.home.path().join("keys.sh");
    let text = format!(
        "#!/bin/sh\necho run >>runs\nexec {} credential-process --profile $1 2>>said\n",
        env!("CARGO_BIN_EXE_awsmfa")
    );
    fs::write(&script, text).expect("the home is writable");
    let mode = fs::Permissions::from_mode(0o700);
    fs::set_permissions(&script, mode).expect("the home is writable");
    let script = script.display();
    // A profile that runs itself, and two that run each other.
    let config = formatdoc! {"
        [profile one]
        credential_process = {script} one
        [profile a]
        credential_process = {script} b
        [profile b]
        credential_process = {script} a
    "};
    let home = scene.home.config(config);
    for (name, inner, runs) in [("one", "one", 1), ("a", "a", 2)] {
        for file in ["runs", "said"] {
            let _ = fs::remove_file(home.path().join(file));
        }
        let ran = Run::new(&home)
            .args(["login", "-p", name])
            .env("AWSMFA_CODE", "314159")
            .status(1)
            .stderr(formatdoc! {"
                error: the credential_process of profile {name} failed, or did not print keys
                hint: run the command yourself to see what it says
            "})
            .run();
        assert!(ran.elapsed.as_secs() < 30, "{:?}", ran.elapsed);
        let read =
            |file: &str| fs::read_to_string(home.path().join(file)).expect("the script wrote it");
        assert_eq!(read("runs").lines().count(), runs);
        let refusal = format!(
            "error: profile {inner} gets its keys from awsmfa itself (credential_process)\n"
        );
        assert!(read("said").contains(&refusal), "{}", read("said"));
    }
    assert_eq!(scene.aws.connections(), 0);
}

#[test]
fn a_source_with_another_programs_credential_process_works() {
    let keys = KEYS.replace('\n', " ");
    let mut words = keys.split_whitespace().filter(|word| *word != "=");
    let (id, secret) = (words.nth(1), words.nth(1));
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}"}}"#,
        id.expect("an id"),
        secret.expect("a secret")
    );
    let aws = Aws::start();
    let home = Home::with(&aws);
    let vault = home.path().join("vault.json");
    fs::write(&vault, json).expect("the home is writable");
    let show = system::PRINT_FILE;
    let home = home.config(formatdoc! {"
        [profile vault]
        region = eu-central-1
        mfa_serial = {}
        credential_process = {show} {}
    ", aws.serial(USER), vault.display()});
    let code = aws.code(USER);
    let ran = process(&home, "vault")
        .args(["--code", &code])
        .check_stdout(|_| ())
        .run();
    assert_eq!(ran.stdout, contract(&aws.sessions()[0]));
    // The second time no command runs.
    fs::remove_file(vault).expect("the home is writable");
    let again = process(&home, "vault").check_stdout(|_| ()).run();
    assert_eq!(again.stdout, ran.stdout);
    assert_eq!(aws.actions(), [ISSUE]);
}

#[test]
fn an_aws_that_is_down_ends_in_6_with_nothing_on_standard_output() {
    let scene = Scene::default();
    scene.aws.fault_always(ISSUE, Fault::Status(503));
    let code = scene.aws.code(USER);
    let before = snapshot(&scene.home);
    process(&scene.home, "dev")
        .args(["--code", &code])
        .status(6)
        .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
        .run();
    assert_eq!(snapshot(&scene.home), before);
}
