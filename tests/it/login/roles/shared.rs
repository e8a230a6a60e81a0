//! Signs in where one profile holds keys and names a role: `NAME-mfa` is the role's, and the session
//! of the keys goes to `NAME-user-mfa`.

use indoc::{formatdoc, indoc};

use super::{ASSUME, account, ready, without_code};
use crate::scene::{CREDENTIALS, ISSUE, KEYS, READY, SERIAL, Scene, TRIPWIRE};
use crate::support::aws::{KEY_ID, USER};

/// Alice's profile, which names a role, its own source; and a role that is reached from it.
const CONFIG: &str = indoc! {"
    [profile dev]
    region = eu-central-1
    mfa_serial = arn:aws:iam::123456789012:mfa/alice
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev

    [profile audit]
    role_arn = arn:aws:iam::123456789012:role/path/audit
    source_profile = dev
"};

fn scene() -> Scene {
    Scene::with(account()).config(CONFIG)
}

/// The session profiles in the credentials file, each with its source and the session in it.
fn sessions(scene: &Scene) -> Vec<(String, String)> {
    let text = scene.home.read_credentials();
    let sections = text.split("\n[").skip(1);
    let is_session = |section: &&str| section.contains("awsmfa_source_profile");
    sections
        .filter(is_session)
        .map(|section| {
            let (name, lines) = section.split_once("]\n").expect("a header");
            let of = scene.aws.sessions();
            let session = of.iter().find(|it| lines.contains(&it.token));
            let role = session.and_then(|it| it.role.clone());
            let whose = role.map_or(USER.to_owned(), |(arn, _)| arn);
            (name.to_owned(), whose)
        })
        .collect()
}

/// The name alone says which session is meant, also before there is one.
#[test]
fn the_keys_of_a_role_profile_are_signed_in_to_by_the_name_of_their_session_profile() {
    let scene = scene();
    scene.works(
        scene.login(&["-p", "dev-user-mfa"]),
        &READY.replace("dev-mfa", "dev-user-mfa"),
        &[ISSUE],
    );
    assert_eq!(
        sessions(&scene),
        [("dev-user-mfa".to_owned(), USER.to_owned())]
    );
    // Of a profile without a role there is no such thing.
    let stderr = indoc! {"
        error: there is no profile bob-user-mfa in the AWS files
        hint: {*}
    "};
    let run = scene.run(&["login", "-p", "bob-user-mfa", "--no-input"]);
    scene.fails(run, 1, stderr, &[]);
}

#[test]
fn base_and_role_of_one_name_have_a_session_profile_each() {
    let scene = scene();
    let run = scene.login(&["-p", "dev"]);
    scene.works(run, &ready("dev"), &[ISSUE, ASSUME]);
    let role = "arn:aws:sts::123456789012:assumed-role/admin/awsmfa-dev";
    assert_eq!(
        sessions(&scene),
        [
            ("dev-user-mfa".to_owned(), USER.to_owned()),
            ("dev-mfa".to_owned(), role.to_owned()),
        ]
    );
    // Both are found again: one is kept, and the other serves the next role.
    let kept = indoc! {"
        dev-mfa is still valid until {*} (1h left); --force renews it
        use it with: export AWS_PROFILE=dev-mfa
    "};
    for name in ["dev", "dev-mfa"] {
        scene.works(without_code(&scene, name), kept, &[]);
    }
    scene.works(without_code(&scene, "audit"), &ready("audit"), &[ASSUME]);
    // The session of the keys is named by its own profile.
    let kept = indoc! {"
        dev-user-mfa is still valid until {*} (12h left); --force renews it
        use it with: export AWS_PROFILE=dev-user-mfa
    "};
    scene.works(without_code(&scene, "dev-user-mfa"), kept, &[]);
    let renewed = indoc! {"
        dev-user-mfa is ready until {*} (12h from now)
        use it with: export AWS_PROFILE=dev-user-mfa
    "};
    let code = scene.aws.code_at(USER, 1);
    let args = ["login", "-p", "dev-user-mfa", "--force", "--code", &code];
    let run = scene.run(&args);
    scene.works(run, renewed, &[ISSUE]);
    assert_eq!(
        scene.aws.requests().last().expect("one").access_key_id,
        KEY_ID
    );
}

#[test]
fn a_source_with_keys_and_a_role_of_another_source_is_signed_in_with_its_keys() {
    let config = CONFIG.replacen("source_profile = dev\n", "source_profile = other\n", 1);
    let scene = scene().config(config).credentials(format!(
        "{CREDENTIALS}[other]\n{}",
        KEYS.replace("AKIA", "AKIB")
    ));
    let run = scene.login(&["-p", "audit"]);
    scene.works(run, &ready("audit"), &[ISSUE, ASSUME]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
    let names = sessions(&scene).into_iter().map(|(name, _)| name);
    assert_eq!(names.collect::<Vec<_>>(), ["dev-user-mfa", "audit-mfa"]);
}

#[test]
fn the_sessions_are_shown_and_removed_each_by_its_name() {
    let scene = scene();
    scene.login(&["-p", "dev", "-q"]).run();
    let run = scene.run(&["status"]).stdout(indoc! {"
        PROFILE       SOURCE  STATE  UNTIL{*}  LEFT  DEVICE
        dev-user-mfa  dev     valid  {*}  12h   alice
        dev-mfa       dev     valid  {*}  1h    alice
    "});
    run.run();
    let gone = "signed out of dev-mfa; copies of its keys still work until {*}\n";
    scene.run(&["logout", "-p", "dev"]).stderr(gone).run();
    // What is left is not taken for the role's.
    let run = scene
        .run(&["status", "-p", "dev", "--check"])
        .check_stdout(|_| {});
    run.status(3)
        .stderr(
            "error: not signed in to dev-mfa\nhint: sign in with `awsmfa login --profile dev`\n",
        )
        .run();
    let gone = gone.replace("dev-mfa", "dev-user-mfa");
    scene
        .run(&["logout", "-p", "dev-user-mfa"])
        .stderr(gone)
        .run();
    assert!(!scene.home.read_credentials().contains("aws_session_token"));
}

#[test]
fn the_session_that_aws_ended_early_is_renewed_by_its_own_name() {
    let scene = scene();
    scene.login(&["-p", "dev", "-q"]).run();
    scene.aws.expire_sessions();
    let run = without_code(&scene, "dev").args(["--force"]).status(5);
    run.check_stderr(|text| {
        assert!(
            text.ends_with("hint: the session of dev-user-mfa is no longer valid: sign in again with `awsmfa login --profile dev-user-mfa --force`\n"),
            "{text}"
        );
    })
    .run();
}

#[test]
fn where_the_name_is_taken_it_is_refused_before_a_code_is_read() {
    let hint = "profile dev holds keys and names a role, so the session of its keys goes to dev-user-mfa: move the keys to a profile of their own and set source_profile to that";
    for (config, credentials, why) in [
        (
            "",
            "[dev-user]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n",
            "it is for the session of profile dev-user",
        ),
        (
            "",
            "[dev-user-mfa]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n",
            "it holds long-term keys (line 6 of the credentials file)",
        ),
        (
            "",
            "[dev-user-mfa]\naws_session_token = x\nawsmfa_source_profile = other\n",
            "it holds the session of profile other; --force overwrites it",
        ),
        (
            "[profile dev-user-mfa]\ncredential_process = vault\n",
            "",
            "it gets its credentials from a credential_process (credential_process)",
        ),
    ] {
        let scene = scene()
            .config(format!("{CONFIG}{config}"))
            .credentials(format!("{CREDENTIALS}{credentials}"));
        for name in ["dev", "audit"] {
            for force in [&[][..], &["--force"]] {
                let run = scene.login_with_tripwire(&["-p", name]).args(force);
                let refusal = formatdoc! {"
                    error: profile dev-user-mfa is not overwritten: {why}
                    hint: {hint}
                "};
                scene.refuses(run, 1, &refusal);
            }
        }
        assert!(!scene.home.path().join(TRIPWIRE).exists());
    }
}

#[test]
fn the_session_profile_of_its_own_keys_as_source_is_where_their_session_goes() {
    // The way to let every SDK assume the role by itself.
    let config = CONFIG.replacen("source_profile = dev\n", "source_profile = dev-mfa\n", 1);
    let scene = scene().config(config);
    let run = scene.login_with_tripwire(&["-p", "dev"]);
    let refusal = indoc! {"
        error: the session of dev can't go to profile dev-mfa: that is for the session of dev, which this one is made with
        hint: choose another profile for the session with --session-profile
    "};
    scene.refuses(run, 1, refusal);
    let run = scene.login(&[
        "-p",
        "dev",
        "--session-profile",
        "boss",
        "--mfa-serial",
        SERIAL,
    ]);
    let said = "boss is ready until {*} (1h from now)\nuse it with: export AWS_PROFILE=boss\n";
    scene.works(run, said, &[ISSUE, ASSUME]);
    let names = sessions(&scene).into_iter().map(|(name, _)| name);
    assert_eq!(names.collect::<Vec<_>>(), ["dev-mfa", "boss"]);
}
