//! Tests what happens if no profile is named: when a list is shown, what is in it, and what else is done or
//! said. How the list looks is tested in `list`, what keys do in `keys`.

mod keys;
mod list;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, SERIAL, SESSION, Scene, snapshot};
use crate::support::aws::USER;
use crate::support::aws::secrets::Kind;
use crate::support::terminal::{Session, Terminal};

const QUESTION: &str = "which profile? ";

/// Makes the terminal one that obeys escape sequences.
const TERM: &str = "xterm-256color";

/// Alice's keys in two profiles, and a role of one of them.
fn scene() -> Scene {
    Scene::with_files(config(), credentials())
}

fn config() -> String {
    formatdoc! {"
        {CONFIG}
        [profile prod]
        mfa_serial = {SERIAL}

        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "}
}

fn credentials() -> String {
    format!("{CREDENTIALS}\n[prod]\n{KEYS}")
}

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene.terminal(args).env("TERM", TERM).env("NO_COLOR", "1")
}

fn start<'a>(scene: &'a Scene, args: &[&str]) -> Session<'a> {
    terminal(scene, args).start()
}

/// The list of [`scene`], with the first profile selected.
const LIST: &str = indoc! {"
    which profile?\u{20}
    > dev
      prod
      admin  role"};

const NOT_SHOWN: &str = indoc! {"
    error: no profile is named, and there is no profile default in the AWS files
    hint: choose one with --profile: dev, prod, admin
"};

fn prompt(profile: &str) -> String {
    format!("code for {profile} (device alice, account 123456789012): ")
}

#[test]
fn a_login_without_a_profile_shows_a_list_and_signs_in_to_what_is_chosen() {
    let scene = scene();
    let mut terminal = start(&scene, &["login"]);
    terminal.sees_list(LIST);
    terminal.presses("pr");
    terminal.sees_list("which profile? pr\n> prod");
    terminal.presses("\r");
    let prompt = prompt("prod");
    terminal.sees(&prompt);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    let screen = formatdoc! {"
        {QUESTION}prod
        {prompt}{code}
        prod-mfa is ready until {{*}} (12h from now)
        use it with: export AWS_PROFILE=prod-mfa
    "};
    terminal.ends(0, &screen);
    assert_eq!(scene.aws.sessions().len(), 1);
}

/// Including `eval "$(awsmfa export)"`, and a run whose messages go to a file.
#[test]
fn the_list_goes_to_the_terminal_whatever_the_streams_are() {
    let scene = Scene::with_files(config(), credentials() + SESSION);
    let mut terminal = terminal(&scene, &["export", "--format", "json"])
        .piped()
        .may_print(Kind::Session)
        .may_print(Kind::LongTerm)
        .start();
    terminal.sees(QUESTION);
    terminal.presses("\r");
    let streams = terminal.ends(0, &format!("{QUESTION}dev\n"));
    assert!(streams.stdout.contains("session/token+with/all=="));
    assert!(!streams.stdout.contains("which") && streams.stderr.is_empty());
}

#[test]
fn every_command_that_may_ask_for_a_code_shows_it_with_what_it_can_use() {
    let config = format!(
        "{}\n[profile vault]\ncredential_process = false\n",
        config()
    );
    let all = &format!("{LIST}\n  vault");
    let of_users = &format!("{QUESTION}\n> dev\n  prod\n  vault");
    let with_keys = &format!("{QUESTION}\n> dev\n  prod");
    for (args, list) in [
        (&["login"][..], all),
        (&["login", "--json"], all),
        (&["export"], all),
        (&["exec", "--", "true"], all),
        (&["rotate"], with_keys),
        (&["rotate", "--undo"], with_keys),
        (&["device", "enroll"], of_users),
        (&["device", "remove", "phone"], of_users),
        (&["device", "replace"], of_users),
        (&["device", "resync"], of_users),
    ] {
        let scene = Scene::with_files(&config, credentials());
        let before = snapshot(&scene.home);
        let mut terminal = terminal(&scene, args).piped().start();
        terminal.sees(QUESTION);
        terminal.sees_list(list);
        terminal.presses("\x04");
        let streams = terminal.ends(130, &format!("{QUESTION}\n"));
        assert_eq!(streams.stderr, "error: cancelled\n");
        assert_eq!(snapshot(&scene.home), before, "{args:?}");
        assert_eq!(scene.aws.connections(), 0, "{args:?}");
    }
}

#[test]
fn a_command_that_asks_for_no_code_shows_none() {
    for args in [
        &["status"][..],
        &["whoami"],
        &["logout"],
        &["credential-process"],
        &["doctor", "--offline"],
        &["policy", "list"],
        &["policy", "check", "--no-input"],
        &["policy", "check"],
        &["device", "list"],
    ] {
        let scene = scene();
        let script = r#""$@" >out 2>&1; echo "ended""#;
        let mut terminal = terminal(&scene, args).script(script).start();
        terminal.sees("ended");
        assert!(!terminal.shown().contains(QUESTION), "{args:?}");
    }
}

/// The failure is the one from before there was a list, with how to name a profile.
#[test]
fn where_nobody_could_be_asked_for_a_code_the_error_says_how_to_name_a_profile() {
    let scene = scene();
    for args in [
        &["login", "--no-input"][..],
        &["login", "--code", "314159"],
        &["login", "--code-stdin"],
        &["login", "--code-command", "echo 314159"],
        &["export", "--no-input"],
        &["exec", "--no-input", "--", "true"],
        &["rotate", "--no-input"],
        &["rotate", "--code", "314159"],
        &[
            "device",
            "enroll",
            "--no-input",
            "--secret-stdout",
            "--code-command",
            "true",
        ],
        &[
            "device",
            "enroll",
            "--secret-stdout",
            "--code-command",
            "true",
        ],
        &["device", "resync", "--code-command", "true"],
    ] {
        let mut terminal = start(&scene, args);
        terminal.sees("choose one with --profile");
        terminal.ends(1, NOT_SHOWN);
    }
    let code = [("AWSMFA_CODE", "314159")];
    let [(name, value)] = code;
    terminal(&scene, &["login"])
        .env(name, value)
        .start()
        .ends(1, NOT_SHOWN);
    let background = r#"set -m; "$@" & wait $!; echo "ended with $?""#;
    let session = terminal(&scene, &["login"]).script(background).start();
    session.ends(0, &format!("{NOT_SHOWN}ended with 1\n"));
    // Without a terminal.
    for args in [&["login"][..], &["exec", "--", "true"], &["rotate"]] {
        scene.fails(scene.run(args), 1, NOT_SHOWN, &[]);
    }
    let export = scene.run(&["export"]).stdout("false\n");
    scene.fails(export, 1, NOT_SHOWN, &[]);
}

#[test]
fn the_hint_lists_few_profiles_and_only_counts_many() {
    let many: String = (0..30).map(|it| format!("[team-{it}]\n{KEYS}")).collect();
    let scene = Scene::with_files("", many);
    let stderr = indoc! {"
        error: no profile is named, and there is no profile default in the AWS files
        hint: choose one of 30 with --profile; `awsmfa status --all` lists them
    "};
    scene.fails(scene.run(&["login"]), 1, stderr, &[]);
    // A `default` with neither keys nor a role is no obstacle.
    for (lines, what) in [
        ("region = eu-west-1", "holds no access key"),
        (
            "sso_session = x",
            "gets its credentials from IAM Identity Center (sso_session), not from long-term keys",
        ),
        (
            "credential_process = awsmfa credential-process -p dev",
            "gets its keys from awsmfa itself (credential_process)",
        ),
    ] {
        let config = format!("{}\n[default]\n{lines}\n", config());
        let scene = Scene::with_files(config, credentials());
        let stderr = formatdoc! {"
            error: no profile is named, and profile default {what}
            hint: choose one with --profile: dev, prod, admin
        "};
        scene.fails(scene.run(&["login"]), 1, &stderr, &[]);
        let session = start(&scene, &["login"]);
        session.sees_list(LIST);
    }
}

#[test]
fn what_stands_in_default_or_in_the_environment_counts_and_no_list_is_shown() {
    let role = "role_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = dev";
    for (lines, shown) in [
        (KEYS, "code for default"),
        (role, "code for dev"),
        (
            "aws_access_key_id = AKIAX",
            "error: profile default holds only half a key",
        ),
        (
            "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t",
            "error: profile default holds a session",
        ),
        ("role_arn = x", "error: profile default names a role"),
    ] {
        let config = format!("{}\n[default]\n{lines}\nmfa_serial = {SERIAL}\n", config());
        let scene = Scene::with_files(config, credentials());
        let mut session = start(&scene, &["login"]);
        session.sees(shown);
        assert!(!session.shown().contains(QUESTION), "{lines}");
    }
    let scene = scene();
    for (variables, shown) in [
        (&[("AWS_PROFILE", "prod")][..], "code for prod"),
        (&[("AWS_DEFAULT_PROFILE", "prod")], "code for prod"),
        (
            &[("AWS_PROFILE", "nobody")],
            "error: there is no profile nobody",
        ),
        (
            &[
                ("AWS_ACCESS_KEY_ID", "AKIAX"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            "using the access key from the environment",
        ),
        (
            &[("AWS_ACCESS_KEY_ID", "AKIAX")],
            "error: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            &[
                ("AWS_ACCESS_KEY_ID", "ASIAX"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
                ("AWS_SESSION_TOKEN", "t"),
            ],
            "error: the environment holds a session",
        ),
    ] {
        let mut run = terminal(&scene, &["login"]);
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let mut session = run.start();
        session.sees(shown);
        assert!(!session.shown().contains(QUESTION), "{variables:?}");
    }
    // Empty variables hold no keys.
    let mut run = terminal(&scene, &["login"]);
    for name in ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        run = run.env(name, "");
    }
    run.start().sees_list(LIST);
}

#[test]
fn the_only_profile_is_used_and_that_is_said() {
    let said = "no profile is named; using dev, the only one that can sign in\n";
    let scene = Scene::default();
    let mut session = start(&scene, &["login"]);
    session.sees(&prompt("dev"));
    let code = scene.aws.code(USER);
    session.types(&code);
    let ready = crate::scene::READY;
    session.ends(0, &format!("{said}{}{code}\n{ready}", prompt("dev")));
    assert_eq!(scene.aws.actions().last().map(String::as_str), Some(ISSUE));

    // A session of it that exists, and profiles that can't sign in, are no choice.
    let scene = Scene::with_files(
        format!("{CONFIG}\n[profile sso]\nsso_session = x\n"),
        CREDENTIALS.to_owned() + SESSION,
    );
    let session = start(&scene, &["exec", "--", "echo", "done"]);
    session.ends(0, &format!("{said}done\n"));
    start(&scene, &["exec", "-q", "--", "echo", "done"]).ends(0, "done\n");

    // Only profiles whose key can be replaced.
    let scene = Scene::with_files(
        format!("{CONFIG}\n[profile vault]\ncredential_process = false\n"),
        CREDENTIALS.to_owned() + SESSION,
    );
    let mut session = start(&scene, &["rotate"]);
    session.sees("no profile is named; using dev, the only one with long-term keys");

    // If nobody can be asked, it would be a guess.
    let stderr = indoc! {"
        error: no profile is named, and there is no profile default in the AWS files
        hint: choose one with --profile: dev
    "};
    let scene = Scene::default();
    scene.fails(scene.run(&["login", "--no-input"]), 1, stderr, &[]);
    scene.fails(scene.login(&[]), 1, stderr, &[]);
}

#[test]
fn without_any_profile_that_can_sign_in_it_stays_what_it_was() {
    for (config, hint) in [
        ("", "add one with `awsmfa setup`"),
        (
            "[profile sso]\nsso_session = x\n",
            "choose one with --profile: sso",
        ),
    ] {
        let scene = Scene::with_files(config, "");
        let screen = formatdoc! {"
            error: there is no profile default in the AWS files
            hint: {hint}
        "};
        start(&scene, &["login"]).ends(1, &screen);
    }
}

#[test]
fn what_was_used_last_stands_first() {
    let session = |name: &str, year: u32| {
        let session = SESSION.replace("[dev-mfa]", &format!("[{name}-mfa]"));
        let session = session.replace("2099", &year.to_string());
        session.replace(
            "awsmfa_source_profile = dev",
            &format!("awsmfa_source_profile = {name}"),
        )
    };
    let credentials = [
        credentials(),
        format!("[old]\n{KEYS}[zeta]\n{KEYS}"),
        session("old", 2020),
        session("zeta", 2090),
        session("admin", 2091),
    ];
    let scene = Scene::with_files(config(), credentials.concat());
    let session = start(&scene, &["login"]);
    session.sees_list(indoc! {"
        which profile?\u{20}
        > admin  role, {*} left
          zeta   {*} left
          old    expired
          dev
          prod"});
}
