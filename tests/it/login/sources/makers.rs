//! Checks that a stored session goes only to those who would make the same one: with the same long-term
//! keys, the same command for them, and the same roles on the way.

use std::fs;

use indoc::{formatdoc, indoc};
use serde_json::Value;

use crate::scene::{
    CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, READY, SESSION, Scene, alice,
    snapshot,
};
#[cfg(unix)]
use crate::scene::{spawn, wait, wait_until};
use crate::support::aws::account::Session;
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

const WHO: &str = "GetCallerIdentity";
const LIST: &str = "ListMFADevices";
const ASSUME: &str = "AssumeRole";

const BOB: &str = "bob";
const BOBS_KEY: &str = "AKIAIOSFODNN7EXAMBOB";
const BOBS_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEBOB";

/// Alice and bob, each with a device, and roles for both.
fn account() -> Aws {
    alice()
        .user(BOB)
        .key(BOBS_KEY, BOBS_SECRET)
        .device(BOB, &DEVICE_SECRET.replace('J', "K"))
        .role("admin")
        .needs_mfa()
        .role("audit")
        .role("open")
        .start()
}

/// Roles of dev; `inner` is reached from `admin`.
const ROLES: &str = indoc! {"

    [profile admin]
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev

    [profile inner]
    role_arn = arn:aws:iam::123456789012:role/audit
    source_profile = admin
    external_id = one
    role_session_name = me
"};

/// Both, and the files of the user with these keys.
fn scene() -> Scene {
    Scene::with(account()).config(format!("{CONFIG_WITHOUT_DEVICE}{ROLES}"))
}

/// The files' text with bob's keys in place of alice's.
fn with_bobs_keys(text: &str) -> String {
    let (own, session) = text.split_once("\n[dev-mfa]").unwrap_or((text, ""));
    let own = own
        .replace(KEY_ID, BOBS_KEY)
        .replace(SECRET_KEY, BOBS_SECRET);
    match session {
        "" => own,
        session => format!("{own}\n[dev-mfa]{session}"),
    }
}

/// A run that prints a session, and whose session it is.
fn handed_out(scene: &Scene, run: Run<'_>, actions: &[&str]) -> Session {
    let sent = scene.aws.actions().len();
    let run = run.may_show(Kind::Session).check_stderr(|_| ());
    let ran = run.check_stdout(|_| ()).run();
    assert_eq!(scene.aws.actions()[sent..], *actions, "the requests");
    let mut sessions = scene.aws.sessions();
    sessions.retain(|session| ran.stdout.contains(&session.token));
    assert_eq!(sessions.len(), 1, "one session is printed");
    sessions.remove(0)
}

/// Every way to hand out a session.
const COMMANDS: [&[&str]; 4] = [
    &["export", "--format", "json"],
    &["export", "--format", "process"],
    &["credential-process"],
    &["exec", "--no-input"],
];

/// `command` for `profile`, with the other arguments that it needs.
fn command<'a>(scene: &'a Scene, command: &[&str], profile: &str) -> Run<'a> {
    let run = scene.run(command).args(["-p", profile]);
    match command {
        ["exec", ..] if cfg!(windows) => run.args(["--", "cmd", "/c", "set"]),
        ["exec", ..] => run.args(["--", "env"]),
        _ => run,
    }
}

#[test]
fn replaced_keys_get_their_own_session_from_every_command() {
    for words in COMMANDS {
        let scene = scene();
        let run = scene.login(&["-p", "dev"]);
        scene.works(run, READY, &[WHO, LIST, ISSUE]);
        let kept = handed_out(&scene, command(&scene, words, "dev"), &[]);
        assert_eq!(kept.user, USER);

        let text = scene.home.read_credentials();
        let scene = scene.credentials(with_bobs_keys(&text));
        let run = command(&scene, words, "dev").env("AWSMFA_CODE", scene.aws.code(BOB));
        // The remembered device was alice's.
        let new = handed_out(&scene, run, &[WHO, LIST, ISSUE]);
        assert_eq!(new.user, BOB, "{words:?}");
        let stored = scene.home.read_credentials();
        assert!(stored.contains(&new.token) && !stored.contains(&kept.token));
        assert!(stored.contains(&format!("awsmfa_access_key_id = {BOBS_KEY}\n")));
        assert!(stored.contains(&format!("awsmfa_mfa_serial = {}\n", scene.aws.serial(BOB))));
        let again = handed_out(&scene, command(&scene, words, "dev"), &[]);
        assert_eq!(again.token, new.token);
    }
}

#[test]
fn after_keys_were_replaced_a_login_needs_no_force_and_the_old_session_is_not_valid() {
    let scene = scene();
    scene.works(scene.login(&["-p", "dev"]), READY, &[WHO, LIST, ISSUE]);
    let text = with_bobs_keys(&scene.home.read_credentials());
    let scene = scene.credentials(&text);
    let run = scene
        .run(&["status", "-p", "dev", "--check"])
        .check_stdout(|_| {});
    let stderr = indoc! {"
        error: the session of dev-mfa was made with different keys, or for a different role, than dev has now
        hint: sign in with `awsmfa login --profile dev`
    "};
    run.status(3).stderr(stderr).run();
    let run = scene.run(&["status"]).check_stdout(|_| ());
    run.stderr("the session of dev-mfa was made with different keys, or for a different role, than dev has now; the next sign-in makes a new one\n").run();
    // Nobody can be asked, but the existing session is not handed out instead.
    let run = scene.run(&["export", "-p", "dev", "--no-input"]);
    let stderr = indoc! {"
        error: dev-mfa was made with different keys, or for a different role, than dev has now: profile dev needs a code, and --no-input forbids asking
        hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
    "};
    scene.fails(run.stdout("false\n"), 7, stderr, &[]);

    let code = scene.aws.code(BOB);
    let run = scene.run(&["login", "-p", "dev", "--code", &code]);
    let said = format!(
        "dev-mfa was made with different keys, or for a different role, than dev has now; renewing\n{READY}"
    );
    scene.works(run, &said, &[WHO, LIST, ISSUE]);
    assert_eq!(scene.aws.sessions()[1].user, BOB);
    let run = scene
        .run(&["status", "-p", "dev", "--check"])
        .check_stdout(|_| {});
    run.run();
}

/// An export by a CI job with the keys of `user` in its environment.
fn job<'a>(scene: &'a Scene, user: &str) -> Run<'a> {
    let (id, secret) = keys_of(user);
    scene
        .run(&[
            "export",
            "--format",
            "json",
            "--code",
            &scene.aws.code(user),
        ])
        .env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret)
}

fn keys_of(user: &str) -> (&'static str, &'static str) {
    match user {
        BOB => (BOBS_KEY, BOBS_SECRET),
        _ => (KEY_ID, SECRET_KEY),
    }
}

#[test]
fn two_jobs_with_different_keys_and_one_home_each_get_their_own_session() {
    let scene = Scene::with(account()).config("").credentials("");
    for (user, actions) in [
        (USER, &[WHO, LIST, ISSUE][..]),
        (USER, &[]),
        (BOB, &[WHO, LIST, ISSUE]),
        (BOB, &[]),
        (USER, &[WHO, LIST, ISSUE]),
    ] {
        assert_eq!(handed_out(&scene, job(&scene, user), actions).user, user);
        let (id, secret) = keys_of(user);
        let other = keys_of(if user == BOB { USER } else { BOB });
        for ((id, secret), status) in [((id, secret), 0), (other, 3)] {
            scene
                .run(&["status", "--check", "-q"])
                .env("AWS_ACCESS_KEY_ID", id)
                .env("AWS_SECRET_ACCESS_KEY", secret)
                .status(status)
                .check_stderr(|_| ())
                .run();
        }
    }
}

/// Starts a job of `user` whose code comes from `line`, and waits until that runs.
#[cfg(unix)]
fn job_at_a_gate(scene: &Scene, user: &str, line: &str) -> std::process::Child {
    let (id, secret) = keys_of(user);
    let mut child = scene.home.command(["export", "--format", "json"]);
    child.args([
        "--code-command",
        &format!("touch at-the-gate; until [ -e go ]; do sleep 0.05; done; {line}"),
    ]);
    child.env("AWS_ACCESS_KEY_ID", id);
    child.env("AWS_SECRET_ACCESS_KEY", secret);
    let child = spawn(&mut child);
    let gate = scene.home.path().join("at-the-gate");
    wait_until("the command runs", || gate.exists());
    child
}

#[cfg(unix)]
#[test]
fn a_job_that_waited_for_another_gets_its_own_session_whatever_happened_to_the_other() {
    for fails in [false, true] {
        let scene = Scene::with(account()).config("").credentials("");
        let first = match fails {
            true => "exit 1".to_owned(),
            false => format!("echo {}", scene.aws.code(USER)),
        };
        let first = job_at_a_gate(&scene, USER, &first);
        let (id, secret) = keys_of(BOB);
        let said = scene.home.path().join("said");
        let mut second =
            scene
                .home
                .command(["export", "--format", "json", "--code", &scene.aws.code(BOB)]);
        second
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret);
        second.stdout(std::process::Stdio::piped());
        second.stderr(fs::File::create(&said).expect("there is room"));
        let second = second.spawn().expect("awsmfa was built");
        wait_until("the second waits", || {
            fs::read_to_string(&said).is_ok_and(|text| text.contains("waiting for another awsmfa"))
        });
        fs::write(scene.home.path().join("go"), "").expect("there is room");
        let first = wait(first);
        assert_eq!(first.status.code(), Some(if fails { 7 } else { 0 }));
        let second = second.wait_with_output().expect("it ends");
        let said = fs::read_to_string(&said).expect("it is there");
        assert_eq!(second.status.code(), Some(0), "{said}");
        let sessions = scene.aws.sessions();
        let bobs = sessions.iter().find(|it| it.user == BOB).expect("bob's");
        let printed = String::from_utf8(second.stdout).expect("text");
        assert!(printed.contains(&bobs.token));
        if !fails {
            let alices = sessions.iter().find(|it| it.user == USER).expect("alice's");
            let printed = String::from_utf8(first.stdout).expect("text");
            assert!(printed.contains(&alices.token) && !printed.contains(&bobs.token));
        }
    }
}

/// The answer of `status --json` for `profile`.
fn account_of(scene: &Scene, profile: &str) -> Value {
    let ran = scene
        .run(&["status", "--json", "-p", profile])
        .check_stdout(|_| ())
        .run();
    let all: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    all[0]["account"].clone()
}

#[test]
fn a_role_session_is_kept_only_if_nothing_that_made_it_has_changed() {
    for (old, new) in [
        ("role/audit", "role/open"),
        ("external_id = one", "external_id = two"),
        ("external_id = one", "note = x"),
        ("role_session_name = me", "role_session_name = you"),
        ("role_session_name = me", "note = x"),
        // The role in between, and the way to it.
        ("role/admin\n", "role/admin\nrole_session_name = between\n"),
        ("role/admin\n", "role/audit\n"),
        ("source_profile = admin", "source_profile = dev"),
    ] {
        let scene = scene();
        let run = scene.login(&["-p", "inner"]).check_stderr(|_| ());
        run.run();
        let kept = || scene.run(&["export", "--format", "json", "--no-input", "-p", "inner"]);
        let first = handed_out(&scene, kept(), &[]);
        let config = scene.home.read_config();
        assert!(config.contains(old), "{config}");
        fs::write(scene.home.config_path(), config.replacen(old, new, 1)).expect("written");
        let roles: &[&str] = match new {
            "source_profile = dev" => &[ASSUME],
            _ => &[ASSUME, ASSUME],
        };
        let second = handed_out(&scene, kept(), roles);
        assert_ne!(first.token, second.token, "{old} {new}");
        handed_out(&scene, kept(), &[]);
        // The duration of a session does not change whose it is.
        let config = scene.home.read_config() + "\n[profile other]\nregion = x\n";
        let config = config.replace(
            "role_session_name",
            "duration_seconds = 1800\nrole_session_name",
        );
        fs::write(scene.home.config_path(), config).expect("written");
        handed_out(&scene, kept(), &[]);
    }
}

#[test]
fn the_details_of_a_session_are_its_own_even_if_its_role_was_edited() {
    let scene = scene();
    scene.login(&["-p", "admin"]).check_stderr(|_| ()).run();
    let config = scene.home.read_config();
    let other = "arn:aws:iam::210987654321:role/admin";
    let config = config.replace("arn:aws:iam::123456789012:role/admin", other);
    let scene = scene.config(config);
    for profile in ["admin", "admin-mfa"] {
        assert_eq!(account_of(&scene, profile), "123456789012");
        let run = scene.run(&["status", "--check", "-q", "-p", profile]);
        run.status(3).check_stderr(|_| ()).run();
    }
    let run = scene
        .run(&["whoami", "--json", "-p", "admin-mfa"])
        .check_stdout(|text| {
            let json: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(json["account"], "123456789012");
            assert_eq!(
                json["arn"],
                "arn:aws:sts::123456789012:assumed-role/admin/awsmfa-admin"
            );
        });
    run.run();
}

#[test]
fn a_role_and_its_mfa_session_follow_the_keys_of_its_source() {
    let scene = scene();
    scene.login(&["-p", "admin"]).check_stderr(|_| ()).run();
    let text = scene.home.read_credentials();
    let scene = scene.credentials(with_bobs_keys(&text));
    let run = scene.run(&["export", "-p", "admin", "--format", "json", "--no-input"]);
    let run = run.status(7).check_stderr(|text| {
        assert!(text.contains(": profile dev needs a code"), "{text}");
    });
    run.run();
    let run = scene.run(&["export", "-p", "admin", "--format", "json"]);
    let run = run.env("AWSMFA_CODE", scene.aws.code(BOB));
    let role = handed_out(&scene, run, &[WHO, LIST, ISSUE, ASSUME]);
    assert_eq!(role.user, BOB);
    let stored = scene.home.read_credentials();
    let mark = format!("awsmfa_access_key_id = {BOBS_KEY}\n");
    assert_eq!(stored.matches(&mark).count(), 2, "{stored}");
}

#[cfg(unix)]
#[test]
fn a_credential_process_is_identified_by_its_line_and_not_run_for_a_kept_session() {
    let scene = Scene::with(account());
    let script = |name: &str, (id, secret): (&str, &str)| {
        let path = scene.home.path().join(name);
        let text = format!(
            "echo run >>runs; echo '{{\"Version\":1,\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\"}}'\n"
        );
        fs::write(&path, text).expect("there is room");
        format!("/bin/sh {}", path.display())
    };
    let runs = || {
        fs::read_to_string(scene.home.path().join("runs"))
            .unwrap_or_default()
            .lines()
            .count()
    };
    let files = |line: &str| {
        fs::write(
            scene.home.config_path(),
            format!("{CONFIG_WITHOUT_DEVICE}credential_process = {line}\n"),
        )
        .expect("written");
    };
    let session =
        |code: &str| scene.run(&["export", "-p", "dev", "--format", "json", "--code", code]);
    fs::write(scene.home.credentials_path(), "").expect("written");
    let line = script("vault", keys_of(USER));
    files(&line);
    let first = handed_out(&scene, session(&scene.aws.code(USER)), &[WHO, LIST, ISSUE]);
    assert_eq!((first.user.as_str(), runs()), (USER, 1));
    let stored = scene.home.read_credentials();
    assert!(stored.contains("awsmfa_process_hash = ") && !stored.contains("awsmfa_access_key_id"));
    assert!(!stored.contains("vault"), "the line is not written down");
    // What it would print now does not matter.
    script("vault", keys_of(BOB));
    handed_out(&scene, session(&scene.aws.code(BOB)), &[]);
    assert_eq!(runs(), 1);
    // Another command line does, and so do keys in its place.
    files(&format!("{line} --other"));
    let second = handed_out(&scene, session(&scene.aws.code(BOB)), &[WHO, LIST, ISSUE]);
    assert_eq!((second.user.as_str(), runs()), (BOB, 2));
    let (id, secret) = keys_of(USER);
    let config = format!(
        "{CONFIG_WITHOUT_DEVICE}aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
    );
    fs::write(scene.home.config_path(), config).expect("written");
    let third = handed_out(&scene, session(&scene.aws.code(USER)), &[WHO, LIST, ISSUE]);
    assert_eq!((third.user.as_str(), runs()), (USER, 2));
    assert!(
        !scene
            .home
            .read_credentials()
            .contains("awsmfa_process_hash")
    );
}

#[test]
fn a_session_whose_maker_is_unknown_is_kept_as_it_is() {
    let scene = Scene::with(account())
        .config(format!("{CONFIG_WITHOUT_DEVICE}{ROLES}"))
        .credentials(CREDENTIALS.to_owned() + SESSION);
    let before = snapshot(&scene.home);
    let run = scene.run(&["export", "-p", "dev", "--format", "json"]);
    let run = run.may_show(Kind::Session).may_show(Kind::LongTerm);
    let run = run.check_stdout(|text| assert!(text.contains("session/token+with/all=="), "{text}"));
    scene.works(run, "", &[]);
    assert_eq!(snapshot(&scene.home), before, "files changed");

    // A role's session names its role, but not whose keys began it.
    let scene = scene_with_unmarked_base();
    let run = scene.run(&["export", "-p", "admin", "--format", "json", "--no-input"]);
    let role = handed_out(&scene, run, &[ASSUME]);
    let stored = scene.home.read_credentials();
    assert!(stored.contains(&role.token), "{stored}");
    assert!(stored.contains("awsmfa_role_arn = arn:aws:iam::123456789012:role/admin\n"));
    assert!(!stored.contains("awsmfa_access_key_id"), "{stored}");
    let run = scene.run(&["export", "-p", "admin", "--format", "json", "--no-input"]);
    handed_out(&scene, run, &[]);
    let config = scene.home.read_config().replace("role/admin", "role/audit");
    let scene = scene.config(config);
    let run = scene.run(&["export", "-p", "admin", "--format", "json", "--no-input"]);
    let other = handed_out(&scene, run, &[ASSUME]);
    assert_ne!(other.token, role.token);
}

/// Alice's session as an earlier release left it.
fn scene_with_unmarked_base() -> Scene {
    let scene = scene();
    scene.works(scene.login(&["-p", "dev"]), READY, &[WHO, LIST, ISSUE]);
    let text = scene.home.read_credentials();
    let marks = ["awsmfa_access_key_id", "awsmfa_duration", "aws_account_id"];
    let is_mark = |line: &&str| marks.iter().any(|mark| line.starts_with(mark));
    let lines: Vec<&str> = text.lines().filter(|line| !is_mark(line)).collect();
    scene.credentials(lines.join("\n") + "\n")
}

#[test]
fn a_logout_removes_the_marks_too() {
    let scene = scene();
    let before = scene.home.read_credentials();
    scene.login(&["-p", "inner"]).check_stderr(|_| ()).run();
    for profile in ["inner", "dev"] {
        scene
            .run(&["logout", "-p", profile])
            .check_stderr(|_| ())
            .run();
    }
    assert_eq!(scene.home.read_credentials(), before);
}

/// Ways in which a profile that once got a session of dev gets credentials of its own, and whose they
/// are.
fn own_ways() -> [(String, String, &'static str); 3] {
    let keys = format!("aws_access_key_id = {BOBS_KEY}\naws_secret_access_key = {BOBS_SECRET}\n");
    let role = "role_arn = arn:aws:iam::123456789012:role/open\nsource_profile = bob\n";
    [
        (String::new(), keys.clone(), "-"),
        (keys, String::new(), "-"),
        (
            role.to_owned(),
            String::new(),
            "arn:aws:sts::123456789012:assumed-role/open/awsmfa-work",
        ),
    ]
}

#[test]
fn a_session_profile_that_got_its_own_credentials_no_longer_belongs_to_its_old_source() {
    for (config, credentials, role) in own_ways() {
        for (named, chain) in [("work", false), ("reached", true)] {
            let role = if chain {
                "arn:aws:sts::123456789012:assumed-role/audit/awsmfa-reached"
            } else {
                role
            };
            let text = formatdoc! {"
                {CREDENTIALS}
                [bob]
                aws_access_key_id = {BOBS_KEY}
                aws_secret_access_key = {BOBS_SECRET}

                [work]
                {credentials}awsmfa_source_profile = dev
                awsmfa_access_key_id = {KEY_ID}
            "};
            let scene = Scene::with(account())
                .config(formatdoc! {"
                    {CONFIG_WITHOUT_DEVICE}
                    [profile reached]
                    role_arn = arn:aws:iam::123456789012:role/audit
                    source_profile = work

                    [profile work]
                    {config}"})
                .credentials(format!("{text}{SESSION}"));
            let run = command(&scene, COMMANDS[0], named).env("AWSMFA_CODE", scene.aws.code(BOB));
            let run = run.may_show(Kind::Session).check_stderr(|_| ());
            let shown = run.check_stdout(|_| ()).run().stdout;
            let sessions = scene.aws.sessions();
            let found = sessions.iter().find(|it| shown.contains(&it.token));
            let found = found.expect("one that was made just now");
            assert_eq!(found.user, BOB, "{named}: {config}{credentials}");
            let arn = found.role.as_ref().map_or("-", |(arn, _)| arn);
            assert_eq!(arn, role, "{named}: {config}{credentials}");
            let stored = scene.home.read_credentials();
            assert!(stored.starts_with(&text), "what is there stays: {stored}");
        }
    }
}

#[test]
fn the_status_of_a_profile_with_its_own_keys_is_that_of_their_session() {
    let scene = Scene::with(account()).config("").credentials(format!(
        "{CREDENTIALS}\n[work]\naws_access_key_id = {BOBS_KEY}\naws_secret_access_key = {BOBS_SECRET}\nawsmfa_source_profile = dev\n"
    ));
    let run = scene.run(&[
        "login",
        "-p",
        "work",
        "--json",
        "--code",
        &scene.aws.code(BOB),
    ]);
    run.check_stdout(|text| assert!(text.contains("\"work-mfa\""), "{text}"))
        .check_stderr(|_| ())
        .run();
    let run = scene.run(&["status", "-p", "work", "--check", "--json"]);
    run.check_stdout(|text| assert!(text.contains("\"work-mfa\""), "{text}"))
        .run();
}
