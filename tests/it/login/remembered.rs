//! Checks what happens to a device known only from the last session, if AWS can't check a code with it.

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, READY, Scene, alice,
    alice_without_device,
};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, Fault, USER};
use crate::support::run::Run;

const OTHER_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const GONE: &str = "arn:aws:iam::123456789012:mfa/old-phone";

/// The requests of a login whose device is gone: the failed one, who the user is, which devices they
/// have, and the one with the new device.
const HEALED: [&str; 4] = [ISSUE, "GetCallerIdentity", "ListMFADevices", ISSUE];

/// The same without trying the new device.
const LISTED: [&str; 3] = [ISSUE, "GetCallerIdentity", "ListMFADevices"];

/// The credentials file with the remains of a session made with the device `serial`.
fn remembering(serial: &str) -> String {
    formatdoc! {"
        {CREDENTIALS}
        [dev-mfa]
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = {serial}
    "}
}

/// A home that remembers the device `serial`.
fn scene(aws: Aws, serial: &str) -> Scene {
    Scene::with(aws)
        .config(CONFIG_WITHOUT_DEVICE)
        .credentials(remembering(serial))
}

fn gone(serial: &str) -> String {
    format!(
        "{serial}, the device of the last session, no longer belongs to the user of profile dev\n"
    )
}

/// The message about a remembered device with which AWS could not check a code, and which may still
/// exist.
fn unsure(serial: &str) -> String {
    formatdoc! {"
        error: AWS could not check the code with device {serial} for profile dev
        hint: it is the device of the last session: if it no longer belongs to this user, choose another with --mfa-serial; one that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {{*}}:{{*}}
    "}
}

/// The serials in the requests for a session.
fn tried(scene: &Scene) -> Vec<String> {
    let requests = scene.aws.requests();
    let issues = requests.iter().filter(|it| it.call.action == ISSUE);
    let serials = issues.map(|it| it.call.param("SerialNumber").expect("a serial").to_owned());
    serials.collect()
}

fn assert_remembers(scene: &Scene, serial: &str) {
    let credentials = scene.home.read_credentials();
    let line = format!("awsmfa_mfa_serial = {serial}\n");
    assert!(credentials.contains(&line), "{credentials}");
    assert_eq!(credentials.matches("awsmfa_mfa_serial").count(), 1);
}

#[test]
fn the_same_code_works_with_the_only_remaining_device() {
    for remembered in [
        GONE,
        "arn:aws:iam::999999999999:mfa/alice",
        "arn:aws-cn:iam::123456789012:mfa/alice",
        "GAHT12345678",
    ] {
        let scene = scene(alice().start(), remembered);
        let login = || scene.login(&["-p", "dev", "--force"]);
        let stderr = format!("{}{READY}", gone(remembered));
        scene.works(login(), &stderr, &HEALED);
        let current = scene.aws.serial(USER);
        assert_eq!(tried(&scene), [remembered, &current]);
        let requests = scene.aws.requests();
        let codes = [&requests[0], &requests[3]].map(|it| it.call.param("TokenCode"));
        assert_eq!(codes[0], codes[1], "the same code");
        assert_remembers(&scene, &current);

        // It is not tried again.
        scene.works(login(), READY, &[ISSUE]);
    }
}

#[test]
fn a_hardware_device_and_one_beside_a_fido_key_replace_it_too() {
    let aws = alice_without_device()
        .hardware("GAHT12345678", DEVICE_SECRET)
        .start();
    let hardware = scene(aws, GONE);
    let code = hardware.aws.code("GAHT12345678");
    let run = hardware.run(&["login", "-qp", "dev", "--code", &code]);
    hardware.works(run, "", &HEALED);
    assert_remembers(&hardware, "GAHT12345678");

    let aws = alice_without_device()
        .fido("key-7")
        .device(USER, DEVICE_SECRET)
        .start();
    let fido = scene(aws, GONE);
    let stderr = format!(
        "{}skipping key-7: FIDO keys show no codes\n{READY}",
        gone(GONE)
    );
    fido.works(fido.login(&["-p", "dev"]), &stderr, &HEALED);
    assert_remembers(&fido, &fido.aws.serial(USER));
}

#[test]
fn every_command_that_signs_in_corrects_it() {
    for args in [
        &[
            "exec",
            "-p",
            "dev",
            "--",
            env!("CARGO_BIN_EXE_awsmfa"),
            "--version",
        ][..],
        &["export", "-p", "dev", "--format", "json"],
        &["credential-process", "-p", "dev"],
    ] {
        let scene = scene(alice().start(), GONE);
        let code = scene.aws.code(USER);
        scene
            .run(args)
            .env("AWSMFA_CODE", &code)
            .may_show(Kind::Session)
            .check_stdout(|_| {})
            .check_stderr(|_| {})
            .run();
        assert_eq!(scene.aws.actions(), HEALED, "{args:?}");
        assert_remembers(&scene, &scene.aws.serial(USER));
    }
}

#[test]
fn the_source_of_a_role_is_corrected_and_the_role_remembers_the_new_device() {
    let aws = alice().role("admin").needs_mfa().start();
    let config = formatdoc! {"
        {CONFIG_WITHOUT_DEVICE}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let scene = scene(aws, GONE).config(config);
    let run = scene.login(&["-qp", "admin"]);
    let actions = [&HEALED[..], &["AssumeRole"]].concat();
    scene.works(run, "", &actions);
    let credentials = scene.home.read_credentials();
    let line = format!("awsmfa_mfa_serial = {}\n", scene.aws.serial(USER));
    assert_eq!(credentials.matches(&line).count(), 2, "{credentials}");
}

#[test]
fn a_device_that_the_user_named_is_never_given_up() {
    let config = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {GONE}\n");
    let role = formatdoc! {"
        {CONFIG_WITHOUT_DEVICE}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
        mfa_serial = {GONE}
    "};
    let stderr = formatdoc! {"
        error: AWS could not check the code with device {GONE} for profile dev
        hint: is it this user's device? one that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {{*}}:{{*}}
    "};
    let scene = || scene(alice().start(), GONE);
    let flag = scene();
    let run = flag.login(&["-p", "dev", "--mfa-serial", GONE]);
    flag.fails(run, 4, &stderr, &[ISSUE]);
    let variable = scene();
    let run = variable.login(&["-p", "dev"]).env("AWSMFA_SERIAL", GONE);
    variable.fails(run, 4, &stderr, &[ISSUE]);
    let setting = scene().config(config);
    setting.fails(setting.login(&["-p", "dev"]), 4, &stderr, &[ISSUE]);
    let role = scene().config(role);
    role.fails(role.login(&["-p", "admin"]), 4, &stderr, &[ISSUE]);
}

#[test]
fn a_list_that_never_arrives_forgets_nothing() {
    for fault in [
        Fault::Denied { explicit: true },
        Fault::Denied { explicit: false },
        Fault::CutXml,
        Fault::CloseBefore,
        Fault::NotXml,
        Fault::Status(500),
    ] {
        for action in ["ListMFADevices", "GetCallerIdentity"] {
            let scene = scene(alice().start(), GONE);
            scene.aws.fault_always(action, fault);
            let before = scene.home.read_credentials();
            scene
                .login(&["-p", "dev"])
                .env("AWS_MAX_ATTEMPTS", "1")
                .status(4)
                .stderr(unsure(GONE))
                .run();
            assert_eq!(tried(&scene), [GONE], "{fault:?} {action}");
            assert_eq!(scene.home.read_credentials(), before);
        }
    }
}

#[test]
fn if_a_policy_denies_the_list_the_flag_still_works() {
    let aws = alice()
        .policy(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#)
        .start();
    let scene = scene(aws, GONE);
    let login = scene.login(&["-p", "dev"]);
    scene.fails(login, 4, &unsure(GONE), &LISTED);
    let serial = scene.aws.serial(USER);
    let login = scene.login(&["-p", "dev", "--mfa-serial", &serial]);
    scene.works(login, READY, &[ISSUE]);
    assert_remembers(&scene, &serial);
}

#[test]
fn a_listed_device_is_kept_and_not_tried_again() {
    let aws = alice_without_device()
        .device(USER, DEVICE_SECRET)
        .ready_in(TimeDelta::seconds(60))
        .device("tablet", OTHER_SECRET)
        .start();
    let serial = aws.serial(USER);
    let scene = scene(aws, &serial);
    let stderr = formatdoc! {"
        error: AWS could not check the code with device {serial} for profile dev
        hint: a device that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {{*}}:{{*}}
    "};
    scene.fails(scene.login(&["-p", "dev"]), 4, &stderr, &LISTED);
}

#[test]
fn a_device_on_the_second_page_of_the_list_is_kept() {
    let aws = alice_without_device()
        .device("tablet", OTHER_SECRET)
        .device(USER, DEVICE_SECRET)
        .ready_in(TimeDelta::seconds(60))
        .page_size(1)
        .start();
    let serial = aws.serial(USER);
    let scene = scene(aws, &serial);
    let actions = [&LISTED[..], &["ListMFADevices"]].concat();
    let stderr = "error: AWS could not check the code with device {*}\nhint: {*}\n";
    scene.fails(scene.login(&["-p", "dev"]), 4, stderr, &actions);
}

#[test]
fn a_refused_code_is_reported_with_the_fact_that_the_device_exists() {
    let aws = alice().start();
    let serial = aws.serial(USER);
    let scene = scene(aws, &serial);
    let run = scene.run(&["login", "-p", "dev", "--code", &scene.aws.code_at(USER, 40)]);
    let stderr = "error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used\nhint: {*}\n";
    scene.fails(run, 4, stderr, &[ISSUE]);
}

#[test]
fn the_new_device_gets_the_code_once() {
    let scene = scene(alice().start(), GONE);
    let wrong = scene.aws.code_at(USER, 40);
    let run = scene.run(&["login", "-p", "dev", "--code", &wrong]);
    let stderr = gone(GONE)
        + "error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used\nhint: {*}\n";
    scene.fails(run, 4, &stderr, &HEALED);

    // If AWS can't check the code with the new device either, it is not sent a third time.
    let aws = alice().ready_in(TimeDelta::seconds(60)).start();
    let unready = self::scene(aws, GONE);
    let stderr = gone(GONE)
        + "error: AWS could not check the code with device arn:aws:iam::123456789012:mfa/alice for profile dev\nhint: a device that was enabled {*}\n";
    unready.fails(unready.login(&["-p", "dev"]), 4, &stderr, &HEALED);
}

#[test]
fn several_devices_are_listed_if_nobody_can_choose() {
    let aws = alice().device("tablet", OTHER_SECRET).start();
    let scene = scene(aws, GONE);
    let stderr = gone(GONE)
        + indoc! {"
        error: the user of profile dev has several MFA devices: arn:aws:iam::123456789012:mfa/alice, arn:aws:iam::123456789012:mfa/tablet
        hint: choose one with --mfa-serial, or set mfa_serial in profile dev
    "};
    let login = scene.login(&["-p", "dev", "--no-input"]);
    scene.fails(login, 7, &stderr, &LISTED);
}

#[test]
fn a_user_without_a_device_is_told_how_to_add_one() {
    let none = scene(alice_without_device().start(), GONE);
    let run = || none.run(&["login", "-p", "dev", "--code", "123456"]);
    let stderr = gone(GONE) + "error: the user of profile dev has no MFA device\nhint: {*}\n";
    none.fails(run(), 1, &stderr, &LISTED);

    let fido = scene(alice_without_device().fido("key-7").start(), GONE);
    let stderr =
        gone(GONE) + "error: the user of profile dev has only FIDO keys (key-7){*}\nhint: {*}\n";
    let run = fido.run(&["login", "-p", "dev", "--code", "123456"]);
    fido.fails(run, 1, &stderr, &LISTED);
}

#[test]
fn a_remembered_fido_key_is_replaced() {
    let fido = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
    let scene = scene(alice().start(), fido);
    let actions = ["GetCallerIdentity", "ListMFADevices", ISSUE];
    scene.works(scene.login(&["-p", "dev"]), READY, &actions);
    assert_remembers(&scene, &scene.aws.serial(USER));
}

#[test]
fn a_lost_answer_with_the_new_device_is_not_requested_again() {
    let scene = scene(alice().start(), GONE);
    // The first request succeeds.
    scene
        .aws
        .fault_times(ISSUE, 1, Fault::Delay(std::time::Duration::ZERO));
    scene.aws.fault_times(ISSUE, 1, Fault::LoseAnswer);
    let login: Run<'_> = scene.login(&["-p", "dev"]);
    let stderr = gone(GONE) + "error: no usable answer to sts:GetSessionToken {*}\nhint: {*}\n";
    scene.fails(login, 6, &stderr, &HEALED);
}

/// At a terminal.
#[cfg(unix)]
mod at_a_terminal {
    use super::*;
    use crate::support::terminal::Session;

    const ASKED_OLD: &str = "code for dev (device old-phone, account 123456789012): ";
    const ASKED_NEW: &str = "code for dev (device alice, account 123456789012): ";

    fn start(scene: &Scene) -> Session<'_> {
        let mut terminal = scene.terminal(&["login", "-p", "dev"]).start();
        terminal.sees(ASKED_OLD);
        terminal
    }

    #[test]
    fn the_user_is_already_known_from_the_question() {
        let scene = scene(alice().start(), GONE);
        let mut terminal = start(&scene);
        let code = scene.aws.code(USER);
        terminal.types(&code);
        terminal.ends(0, &format!("{ASKED_OLD}{code}\n{}{READY}", gone(GONE)));
        let actions = ["GetCallerIdentity", ISSUE, "ListMFADevices", ISSUE];
        assert_eq!(scene.aws.actions(), actions);
        assert_remembers(&scene, &scene.aws.serial(USER));
    }

    #[test]
    fn the_next_question_is_for_the_new_device() {
        let scene = scene(alice().start(), GONE);
        let mut terminal = start(&scene);
        terminal.types(&scene.aws.code_at(USER, 40));
        terminal.sees(ASKED_NEW);
        terminal.types(&scene.aws.code(USER));
        terminal.ends(
            0,
            &format!(
                "{ASKED_OLD}{{*}}\n{}AWS refused the code: {{*}}\n{ASKED_NEW}{{*}}\n{READY}",
                gone(GONE)
            ),
        );
        let current = scene.aws.serial(USER);
        assert_eq!(tried(&scene), [GONE, &current, &current]);
        assert_remembers(&scene, &current);
    }

    #[test]
    fn the_user_chooses_among_several_and_the_code_is_tried_with_that_device() {
        let aws = alice().device("tablet", OTHER_SECRET).start();
        let scene = scene(aws, GONE);
        let mut terminal = start(&scene);
        let code = scene.aws.code("tablet");
        terminal.types(&code);
        terminal.sees("which one? [1-2] ");
        terminal.types("2");
        terminal.ends(
            0,
            &formatdoc! {"
                {ASKED_OLD}{code}
                {gone}the user of profile dev has 2 MFA devices:
                  1  arn:aws:iam::123456789012:mfa/alice
                  2  arn:aws:iam::123456789012:mfa/tablet
                which one? [1-2] 2
                {READY}", gone = gone(GONE)},
        );
        let tablet = scene.aws.serial("tablet");
        assert_eq!(tried(&scene), [GONE, &tablet]);
        assert_remembers(&scene, &tablet);
    }

    #[test]
    fn a_device_that_is_locked_after_a_refused_code_is_not_looked_for() {
        let aws = alice().start();
        let serial = aws.serial(USER);
        let scene = scene(aws, &serial);
        let rejected = Fault::Error {
            status: 403,
            code: "AccessDenied",
            message: "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        };
        let unable = Fault::Error {
            status: 403,
            code: "AccessDenied",
            message: "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
        };
        scene.aws.fault(ISSUE, rejected);
        scene.aws.fault(ISSUE, unable);
        let mut terminal = scene.terminal(&["login", "-p", "dev"]).start();
        for steps in [0, 1] {
            terminal.sees(ASKED_NEW);
            terminal.types(&scene.aws.code_at(USER, steps));
        }
        terminal.ends(
            4,
            &formatdoc! {"
                {ASKED_NEW}{{*}}
                AWS refused the code: {{*}}
                {ASKED_NEW}{{*}}
                error: AWS takes no more codes of {{*}}
                hint: {{*}}
            "},
        );
        assert_eq!(scene.aws.actions(), ["GetCallerIdentity", ISSUE, ISSUE]);
    }
}
