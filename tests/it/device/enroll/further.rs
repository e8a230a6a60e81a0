//! Enrols a device of a user who has one: through a session with MFA, and without a change of what logins
//! use.

use std::fs;

use indoc::{formatdoc, indoc};

use super::{
    ALICES, BEFORE, CREATE, DELETE, ENABLE, alices, at_terminal, devices, type_codes, unattended,
    with_app,
};
use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, PROMPT, SERIAL, Scene, alice,
    alice_without_device, snapshot,
};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};

const SECOND: &str = "arn:aws:iam::123456789012:mfa/alice-2";

const WHY: &str = "adding a device needs a code from one you already have\n";

/// Alice with a device and a session that was made with it.
fn signed_in(aws: Builder, config: &str) -> Scene {
    let scene = Scene::with(aws.start()).config(config);
    let login = scene.login(&["-pdev"]);
    login.check_stderr(|_| {}).run();
    scene
}

/// The requests of the last run, which began when `sent` had been sent.
fn since(scene: &Scene, sent: usize) -> Vec<String> {
    scene.aws.actions()[sent..].to_vec()
}

#[test]
fn a_session_that_is_kept_is_good_enough_and_the_profile_stays_with_its_device() {
    let scene = signed_in(alice(), CONFIG);
    let (before, sent) = (scene.home.read_config(), scene.aws.actions().len());
    with_app(&scene.aws, scene.home.path(), "alice-2", || {
        unattended(&scene, &[])
            .stderr(formatdoc! {"
                waiting for the next code, in {{*}} s
                enrolled the MFA device {SECOND}
                logins still use alice; --use would have switched them to alice-2
                waiting about 15 s for AWS to accept the new device, then signing in
                dev-mfa is ready until {{*}} (12h from now)
                use it with: export AWS_PROFILE=dev-mfa
            "})
            .run();
    });
    let then = [&BEFORE[..], &[CREATE, ENABLE, ISSUE]].concat();
    assert_eq!(since(&scene, sent), then);
    assert_eq!(devices(&scene.aws), [alices("alice"), alices("alice-2")]);
    assert_eq!(scene.home.read_config(), before);
    // AWS was asked by the session, which has MFA.
    let requests = scene.aws.requests();
    let create = requests.iter().find(|it| it.call.action == CREATE);
    let key = &create.expect("it was made").access_key_id;
    assert!(key.starts_with("ASIA"), "{key}");
}

#[test]
fn without_a_session_the_device_that_is_there_gives_a_code_first() {
    let scene = Scene::with(alice().start());
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees(PROMPT);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    type_codes(&mut terminal, &scene.aws, "alice-2");
    terminal.ends(
        0,
        &formatdoc! {"
            {WHY}{PROMPT}{code}
            enrolled the MFA device {SECOND}
            logins still use alice; --use would have switched them to alice-2
            AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`
        "},
    );
    let signed_in = ["GetCallerIdentity", ISSUE, CREATE, ENABLE];
    assert_eq!(scene.aws.actions(), [&BEFORE[..], &signed_in].concat());
}

#[test]
fn a_person_who_gives_no_code_for_that_changes_nothing() {
    for (keys, status, said) in [
        ("\x03", 130, format!("{WHY}{PROMPT}^C\nerror: cancelled\n")),
        (
            "\x04",
            130,
            format!("{WHY}{PROMPT}\nerror: cancelled, nothing was changed\n"),
        ),
    ] {
        let scene = Scene::with(alice().start());
        let mut terminal = at_terminal(&scene, &[]).start();
        terminal.sees(PROMPT);
        terminal.presses(keys);
        terminal.ends(status, &said);
        assert_eq!(devices(&scene.aws), [alices("alice")]);
        assert!(!scene.aws.actions().contains(&CREATE.to_owned()));
        assert_eq!(scene.home.read_credentials(), CREDENTIALS);
    }
}

#[test]
fn the_new_device_is_used_where_that_is_wished() {
    let scene = signed_in(alice(), CONFIG);
    with_app(&scene.aws, scene.home.path(), "phone", || {
        let run = unattended(&scene, &["--name", "phone", "--use", "--no-login"]);
        run.check_stderr(|_| {}).run();
    });
    let config = scene.home.read_config();
    let phone = "mfa_serial = arn:aws:iam::123456789012:mfa/phone\n";
    assert!(
        config.contains(phone) && !config.contains(SERIAL),
        "{config}"
    );
}

#[test]
fn a_device_that_nothing_named_is_named_so_that_logins_go_on_unasked() {
    let scene = signed_in(alice(), CONFIG_WITHOUT_DEVICE);
    with_app(&scene.aws, scene.home.path(), "alice-2", || {
        let run = unattended(&scene, &["--no-login"]);
        run.check_stderr(|_| {}).run();
    });
    let config = scene.home.read_config();
    let named = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {ALICES}\n");
    assert!(config.starts_with(&named), "{config}");
    let sent = scene.aws.actions().len();
    let login = scene.login(&["-pdev", "--force"]);
    login.check_stderr(|_| {}).run();
    assert_eq!(since(&scene, sent), [ISSUE]);
}

#[test]
fn of_several_the_one_of_the_last_session_is_named() {
    let aws = alice().device("tablet", DEVICE_SECRET);
    let scene = Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE);
    let tablet = scene.aws.serial("tablet");
    let code = scene.aws.code("tablet");
    let login = scene.run(&["login", "-pdev", "--mfa-serial", &tablet, "--code", &code]);
    login.check_stderr(|_| {}).run();
    with_app(&scene.aws, scene.home.path(), "alice-2", || {
        let run = unattended(&scene, &["--no-login"]);
        run.check_stderr(|_| {}).run();
    });
    let config = scene.home.read_config();
    assert!(
        config.contains(&format!("mfa_serial = {tablet}\n")),
        "{config}"
    );
}

#[test]
fn a_session_that_aws_does_not_take_for_it_is_made_anew_once() {
    let scene = signed_in(alice(), CONFIG);
    scene.aws.fault(CREATE, Fault::Denied { explicit: true });
    let sent = scene.aws.actions().len();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees(PROMPT);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    type_codes(&mut terminal, &scene.aws, "alice-2");
    terminal.ends(
        0,
        &formatdoc! {"
            the saved session can't be used ({{*}}); signing in again
            {WHY}{PROMPT}{code}
            enrolled the MFA device {SECOND}
            logins still use alice; --use would have switched them to alice-2
            AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`
        "},
    );
    let again = [CREATE, "GetCallerIdentity", ISSUE, CREATE, ENABLE];
    assert_eq!(since(&scene, sent), [&BEFORE[..], &again].concat());

    // At the question for that nothing is there to be deleted, nor to be looked for.
    scene.aws.fault(CREATE, Fault::Denied { explicit: true });
    let sent = scene.aws.actions().len();
    let mut terminal = at_terminal(&scene, &["--no-login", "--name", "third"]).start();
    terminal.sees(PROMPT);
    terminal.presses("\x03");
    terminal.ends(
        130,
        &formatdoc! {"
            the saved session can't be used ({{*}}); signing in again
            {WHY}{PROMPT}^C
            error: cancelled
        "},
    );
    assert_eq!(since(&scene, sent)[..3], [&BEFORE[..], &[CREATE]].concat());
    assert!(!since(&scene, sent).contains(&"ListVirtualMFADevices".to_owned()));

    // And no more than once.
    scene
        .aws
        .fault_always(CREATE, Fault::Denied { explicit: true });
    let run = unattended(&scene, &[]).env("AWSMFA_CODE", scene.aws.code(USER));
    run.status(5)
        .check_stderr(|shown| {
            assert!(
                shown.contains("error: AWS refused iam:CreateVirtualMFADevice"),
                "{shown}"
            );
            assert!(
                shown.contains("hint: a policy may allow only a device named alice"),
                "{shown}"
            );
        })
        .run();
}

#[test]
fn eight_devices_are_all_that_a_user_may_have() {
    let aws = (2..=8).fold(alice(), |aws, number| {
        aws.device(&format!("alice-{number}"), DEVICE_SECRET)
    });
    let scene = Scene::with(aws.start());
    scene.fails(
        unattended(&scene, &[]),
        1,
        indoc! {"
            error: alice has 8 MFA devices, as many as AWS allows: {*}:mfa/alice, {*}:mfa/alice-8
            hint: remove one first with `awsmfa device remove --profile dev`
        "},
        &BEFORE,
    );
}

#[test]
fn a_name_that_is_there_is_refused_before_anything_is_made() {
    let scene = signed_in(alice(), CONFIG);
    let before = snapshot(&scene.home);
    let run = unattended(&scene, &["--name", "alice"]);
    run.status(1)
        .stderr(indoc! {"
            error: alice already has a device named alice
            hint: choose another name with --name
        "})
        .run();
    assert_eq!(devices(&scene.aws), [alices("alice")]);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn a_name_of_another_user_is_passed_over() {
    let aws = alice().user("bob").device("alice-2", DEVICE_SECRET);
    let scene = signed_in(aws, CONFIG);
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("2");
    type_codes(&mut terminal, &scene.aws, "alice-3");
    terminal.ends(
        0,
        &formatdoc! {"
            the MFA device {SECOND} exists but is not assigned to you, perhaps from an unfinished enrollment: is it in your app?
              1  alice-2 is in my app: finish it with two codes
              2  delete alice-2 and start over
              3  leave alice-2 alone and make alice-3
            which one? [1-3] 2
            {SECOND} belongs to another user and is left unchanged
            enrolled the MFA device arn:aws:iam::123456789012:mfa/alice-3
            logins still use alice; --use would have switched them to alice-3
            AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`
        "},
    );
    let bobs = (SECOND.to_owned(), Some("bob".to_owned()));
    assert!(devices(&scene.aws).contains(&bobs));
}

#[test]
fn other_partitions_and_users_with_a_path_are_enrolled_alike() {
    for partition in ["aws-cn", "aws-us-gov"] {
        let aws = Aws::builder()
            .partition(partition)
            .user("division/alice")
            .key(KEY_ID, SECRET_KEY)
            .start();
        let region = match partition {
            "aws-cn" => "cn-north-1",
            _ => "us-gov-west-1",
        };
        let scene = Scene::with(aws).config(format!("[profile dev]\nregion = {region}\n"));
        with_app(&scene.aws, scene.home.path(), USER, || {
            let run = unattended(&scene, &[]).check_stderr(|_| {});
            run.run();
        });
        let serial = format!("arn:{partition}:iam::123456789012:mfa/alice");
        assert_eq!(
            devices(&scene.aws),
            [(serial.clone(), Some(USER.to_owned()))]
        );
        let config = scene.home.read_config();
        assert!(
            config.contains(&format!("mfa_serial = {serial}\n")),
            "{config}"
        );
        assert!(scene.home.read_credentials().contains("[dev-mfa]"));
    }
}

#[test]
fn files_that_can_not_be_written_stop_it_before_a_device_is_made() {
    let scene = super::without_device();
    let folder = scene.home.path().join(".aws");
    fs::remove_file(scene.home.credentials_path()).expect("it was written");
    fs::write(folder.join("keys"), CREDENTIALS).expect("the home is writable");
    // A pipe can be read, and nothing can be saved in it.
    let run = unattended(&scene, &[]).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/stdin");
    run.stdin(CREDENTIALS)
        .status(1)
        .check_stderr(|shown| {
            assert!(shown.contains("the session can't be saved"), "{shown}");
            assert!(
                shown.contains("`awsmfa device enroll --no-login --profile dev` enrolls"),
                "{shown}"
            );
        })
        .run();
    assert!(!scene.aws.actions().contains(&CREATE.to_owned()));
    assert!(!scene.aws.actions().contains(&DELETE.to_owned()));
}

/// AWS wants a session with MFA, and makes none with a FIDO key.
#[test]
fn who_has_only_fido_keys_is_sent_to_the_console_before_anything_is_made() {
    let aws = alice_without_device().fido("key-7");
    let scene = Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE);
    scene.fails(
        unattended(&scene, &[]),
        1,
        indoc! {"
            error: alice has only FIDO keys: AWS requires MFA to add another device, and makes no session with FIDO keys
            hint: add an authenticator app in the IAM console, where you can sign in with the FIDO key
        "},
        &BEFORE,
    );
}

/// A run signs in twice here, and finds the files for each.
#[test]
fn what_is_odd_about_the_files_is_warned_of_once() {
    let scene = signed_in(alice(), CONFIG);
    with_app(&scene.aws, scene.home.path(), "alice-2", || {
        let config = scene.home.config_path();
        let config = config
            .to_string_lossy()
            .replace(&*scene.home.path().to_string_lossy(), "$HOME");
        let run = unattended(&scene, &[]).env("AWS_CONFIG_FILE", config);
        run.check_stderr(|shown| {
            assert_eq!(
                shown.matches("warning: awsmfa expands").count(),
                1,
                "{shown}"
            );
        })
        .run();
    });
}
