//! Looks for defects of other programs, one in each test, and finds none of them here. Killed writes are
//! in `crash`, full disks in `disk`.

#[cfg(unix)]
use std::process::{Command, Output};
use std::thread;

use indoc::{formatdoc, indoc};

use super::{added, logs_in};
#[cfg(unix)]
use crate::scene::snapshot;
use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, KEYS, READY, SERIAL, Scene,
    alice, alice_without_device,
};
use crate::support::aws::{Fault, KEY_ID, USER};

#[test]
fn the_long_term_keys_are_not_replaced_by_the_session() {
    let scene = Scene::default();
    let run = scene.login_with_tripwire(&["-p", "dev", "--update-profile", "dev", "--force"]);
    let stderr = indoc! {"
        error: the session can't go to profile dev: it holds the long-term keys the session is made with
        hint: leave out --session-profile to write to dev-mfa
    "};
    scene.refuses(run, 1, stderr);
}

/// awsmfa in a shell that lets it write nothing to any file.
#[cfg(unix)]
fn without_room(scene: &Scene) -> Output {
    let command = scene
        .home
        .command(["login", "-p", "dev", "--code", "314159"]);
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    scene.home.enter(&mut shell);
    shell.output().expect("there is a shell")
}

#[cfg(unix)]
#[test]
fn a_write_that_fails_leaves_the_file_whole_and_the_code_unspent() {
    let scene = Scene::default();
    let before = snapshot(&scene.home);
    let output = without_room(&scene);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(stderr.contains("credentials"), "{stderr}");
    assert_eq!(snapshot(&scene.home), before);
    assert!(scene.aws.actions().is_empty());
}

#[test]
fn logins_at_the_same_time_do_not_lose_each_others_sections() {
    const PROFILES: usize = 5;
    let names: Vec<String> = (0..PROFILES).map(|it| format!("dev{it}")).collect();
    let mut credentials = String::new();
    let mut config = String::new();
    for name in &names {
        credentials.push_str(&format!("[{name}]\n{KEYS}\n"));
        config.push_str(&CONFIG.replace("dev", name));
    }
    let scene = Scene::with_files(&config, &credentials);
    scene.aws.freeze_clock();
    // Each code works once; AWS accepts five of them at a time.
    thread::scope(|scope| {
        for (name, steps) in names.iter().zip(-2..) {
            let scene = &scene;
            scope.spawn(move || {
                let code = scene.aws.code_at(USER, steps);
                scene.run(&["login", "-qp", name, "--code", &code]).run();
            });
        }
    });
    let (credentials, config) = (scene.home.read_credentials(), scene.home.read_config());
    for name in &names {
        assert_eq!(credentials.matches(&format!("[{name}-mfa]\n")).count(), 1);
        assert_eq!(
            config.matches(&format!("[profile {name}-mfa]\n")).count(),
            1
        );
    }
    assert_eq!(credentials.matches("aws_session_token").count(), PROFILES);
}

#[test]
fn a_comment_or_a_value_that_mentions_the_session_profile_gets_no_keys() {
    let credentials = formatdoc! {"
        # [dev-mfa]
        [prod]
        note = [dev-mfa]
        {KEYS}
        {CREDENTIALS}"};
    logs_in(&Scene::with_files(CONFIG, credentials), "");
}

#[test]
fn services_and_sso_sessions_are_not_lost() {
    let config = formatdoc! {"
        {CONFIG}[services x]
        sts =
          endpoint_url = http://127.0.0.1:1
        [sso-session x]
        sso_region = y
    "};
    let scene = Scene::with_files(&config, CREDENTIALS);
    logs_in(&scene, "");
    let section = added(&config, &scene.home.read_config(), "[profile dev-mfa]");
    assert_eq!(
        section,
        [
            "region = eu-central-1",
            "output = json",
            "awsmfa_copied = region,output"
        ]
    );
}

#[test]
fn the_last_line_of_the_file_is_not_dropped() {
    let credentials = format!("{CREDENTIALS}last = line");
    let scene = Scene::with_files(CONFIG, credentials);
    logs_in(&scene, "");
    assert!(scene.home.read_credentials().contains("\nlast = line\n"));
}

#[test]
fn values_with_percent_signs_hashes_semicolons_quotes_and_backslashes_stay() {
    let values = indoc! {"
        start = https://example.com/start#/
        format = %(asctime)s %% 100%
        list = a;b ; c
        path = C:\\Users\\alice\\new
        quoted = \"a 'b'\"
    "};
    let config = formatdoc! {"
        {CONFIG}
        [profile other]
        {values}"};
    logs_in(
        &Scene::with_files(config, format!("{CREDENTIALS}{values}")),
        "",
    );
}

#[test]
fn comments_are_not_lost() {
    let noted = |text: &str| text.replace('\n', "\n# note\n; note\n\n");
    logs_in(&Scene::with_files(noted(CONFIG), noted(CREDENTIALS)), "");
}

#[test]
fn the_region_of_the_session_profile_is_not_lost() {
    let config = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        region = us-west-2
    "};
    let scene = Scene::with_files(config, CREDENTIALS);
    for _ in 0..2 {
        scene.works(scene.login(&["-p", "dev", "--force"]), READY, &[ISSUE]);
        let config = scene.home.read_config();
        assert!(
            config.contains("[profile dev-mfa]\nregion = us-west-2\n"),
            "{config}"
        );
    }
}

#[test]
fn nothing_is_asked_after_the_code_is_spent() {
    let scene = Scene::default();
    for action in ["GetCallerIdentity", "GetUser", "ListMFADevices"] {
        scene
            .aws
            .fault_always(action, Fault::Denied { explicit: true });
    }
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
}

#[test]
fn the_environments_keys_do_not_override_a_named_profile() {
    let scene = Scene::default();
    let run = scene
        .login(&["-qp", "dev"])
        .env("AWS_ACCESS_KEY_ID", "AKIAWRONG")
        .env("AWS_SECRET_ACCESS_KEY", "wrong");
    scene.works(run, "warning: AWS_ACCESS_KEY_ID is set, {*}\n", &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
}

#[test]
fn a_fido_key_is_not_picked_because_it_comes_first() {
    let aws = alice_without_device()
        .fido("yubi")
        .device(USER, DEVICE_SECRET)
        .start();
    let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
    let run = scene.login(&["-qp", "dev"]);
    scene.works(run, "", &["GetCallerIdentity", "ListMFADevices", ISSUE]);
    let requests = scene.aws.requests();
    let serial = requests[2].call.param("SerialNumber");
    assert_eq!(serial, Some(SERIAL));
}

#[test]
fn the_code_is_read_after_every_other_question() {
    // Two devices, and nobody to choose, end the login before its code is read.
    let aws = alice()
        .device("second", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ")
        .start();
    let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
    let stderr = "error: the user of profile dev has several MFA devices: {*}\nhint: {*}\n";
    let run = scene.login_with_tripwire(&["-p", "dev", "--no-input"]);
    scene.fails(run, 7, stderr, &["GetCallerIdentity", "ListMFADevices"]);
    assert!(!scene.home.path().join("code-was-read").exists());
}
