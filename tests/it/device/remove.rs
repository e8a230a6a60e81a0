//! Tests `device remove`: it takes a device from its user and removes it from both files, only after the
//! user agrees, and says what is left.

use std::thread;
use std::time::Duration;

use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use crate::scene::{
    CONFIG, CREDENTIALS, DEVICE_SECRET, KEYS, PROMPT, SERIAL, SESSION, Scene, alice,
    alice_without_device, snapshot, spawn, wait_until,
};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::policies;
use crate::support::run::Run;
use crate::support::terminal::Terminal;

const WHO: &str = "GetCallerIdentity";
const LIST: &str = "ListMFADevices";
const ISSUE: &str = "GetSessionToken";
const DEACTIVATE: &str = "DeactivateMFADevice";
const DELETE: &str = "DeleteVirtualMFADevice";
const UNASSIGNED: &str = "ListVirtualMFADevices";

const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";
const HARDWARE: &str = "GAHT12345678";
const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";

const LAST: &str = "warning: this is alice's only MFA device: sessions work until they expire, and after that nothing that requires MFA works until you enroll another\n";
const GONE: &str = indoc! {"
    arn:aws:iam::123456789012:mfa/alice is deactivated and deleted: you can delete it from your app
    arn:aws:iam::123456789012:mfa/alice is no longer named in [profile dev] of the config file, [dev-mfa] of the credentials file
"};
const NONE_LEFT: &str =
    "alice has no MFA device now; enroll one with `awsmfa device enroll --profile dev`\n";
const UNTIL_NEXT: &str = "hint: until it is deleted, no other device can have its name: run `awsmfa device remove {serial} --profile dev`, or ask an administrator to run `aws iam delete-virtual-mfa-device --serial-number {serial}`\n";

/// Alice with the devices `alice` and `phone`.
fn two() -> Builder {
    alice().device("phone", DEVICE_SECRET)
}

/// Alice, who has signed in.
fn signed_in(builder: Builder) -> Scene {
    let scene = Scene::with(builder.start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

fn remove<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene.run(&["device", "remove", "-p", "dev"]).args(args)
}

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene
        .terminal(&["device", "remove", "-p", "dev"])
        .args(args)
}

fn serials(aws: &Aws) -> Vec<(String, bool)> {
    let devices = aws.devices().into_iter();
    devices.map(|(it, user)| (it, user.is_some())).collect()
}

#[test]
fn the_only_device_is_removed_with_the_kept_session_and_its_lines_with_it() {
    let scene = signed_in(alice());
    let said = format!("{LAST}{GONE}{NONE_LEFT}");
    let run = remove(&scene, &["--yes"]);
    scene.works(run, &said, &[WHO, LIST, DEACTIVATE, DELETE]);
    assert_eq!(scene.aws.devices(), []);
    assert!(!scene.home.read_config().contains("mfa_serial"));
    let credentials = scene.home.read_credentials();
    assert!(!credentials.contains("mfa_serial"), "{credentials}");
    assert!(
        credentials.contains("aws_session_token"),
        "the session stays"
    );
    // No session ends: the kept one still works, and still counts as one of dev.
    let user = scene.run(&["whoami", "-p", "dev-mfa", "--json"]);
    user.check_stdout(|it| assert!(it.contains("user/alice"), "{it}"))
        .run();
}

#[test]
fn requests_name_the_user_and_the_device_and_the_session_signs_those_that_need_mfa() {
    let scene = signed_in(two());
    remove(&scene, &["alice", "--yes", "-q"]).run();
    let requests = scene.aws.requests();
    let [.., deactivate, delete] = &requests[..] else {
        panic!("requests")
    };
    assert_eq!(deactivate.call.param("UserName"), Some(USER));
    assert_eq!(deactivate.call.param("SerialNumber"), Some(SERIAL));
    assert_eq!(delete.call.param("SerialNumber"), Some(SERIAL));
    assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)]);
}

#[test]
fn without_a_session_a_code_of_the_device_signs_in_first() {
    let scene = Scene::with(alice().start());
    let code = scene.aws.code(USER);
    let run = remove(&scene, &["--yes", "--code", &code]);
    let said = format!("{LAST}{GONE}{NONE_LEFT}");
    scene.works(run, &said, &[WHO, LIST, ISSUE, DEACTIVATE, DELETE]);
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn a_session_too_old_for_a_policy_is_renewed_once() {
    let scene = signed_in(alice());
    scene
        .aws
        .fault(DEACTIVATE, Fault::Denied { explicit: true });
    let code = scene.aws.code(USER);
    let run = remove(&scene, &["--yes", "--code", &code]);
    let said = format!(
        "{LAST}the saved session can't be used ({{*}}); signing in again\n{GONE}{NONE_LEFT}"
    );
    scene.works(
        run,
        &said,
        &[WHO, LIST, DEACTIVATE, ISSUE, DEACTIVATE, DELETE],
    );
    let scene = signed_in(alice());
    scene
        .aws
        .fault_always(DEACTIVATE, Fault::Denied { explicit: true });
    let before = (scene.home.read_config(), scene.aws.devices());
    let code = scene.aws.code(USER);
    remove(&scene, &["--yes", "--code", &code])
        .status(5)
        .stderr(format!("{LAST}the saved session can't be used ({{*}}); signing in again\nerror: AWS refused iam:DeactivateMFADevice: {{*}} (AccessDenied); {SERIAL} is still a device of alice\nhint: an administrator can do it: `aws iam deactivate-mfa-device --user-name alice --serial-number {SERIAL}`, then `aws iam delete-virtual-mfa-device --serial-number {SERIAL}`\n"))
        .run();
    assert_eq!((scene.home.read_config(), scene.aws.devices()), before);
}

#[test]
fn hardware_and_fido_devices_are_only_deactivated() {
    for (word, serial, kind) in [
        (HARDWARE, HARDWARE, "hardware"),
        ("key-7", FIDO, "fido"),
        (FIDO, FIDO, "fido"),
    ] {
        let scene = signed_in(alice().hardware(HARDWARE, DEVICE_SECRET).fido("key-7"));
        let run = remove(&scene, &[word, "--yes", "--json"]).check_stdout(move |it| {
            let json: Value = serde_json::from_str(it).expect("JSON");
            assert_eq!(
                json,
                json!({
                    "mfa_serial": serial,
                    "kind": kind,
                    "enabled": json["enabled"],
                    "for_sessions": kind != "fido",
                    "used_by_profile": false,
                    "removed": true,
                    "deleted": false,
                })
            );
        });
        let said = format!("{serial} is deactivated\n");
        let config = scene.home.read_config();
        scene.works(run, &said, &[WHO, LIST, DEACTIVATE]);
        assert!(!serials(&scene.aws).iter().any(|(it, _)| it == serial));
        assert_eq!(scene.home.read_config(), config);
    }
}

#[test]
fn the_json_for_a_virtual_device_says_that_it_was_deleted_and_in_use() {
    let scene = signed_in(two());
    let run = remove(&scene, &["alice", "--yes", "--json", "-q"]);
    let ran = run.check_stdout(|_| {}).run();
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    for (name, value) in [
        ("mfa_serial", json!(SERIAL)),
        ("used_by_profile", json!(true)),
        ("removed", json!(true)),
        ("deleted", json!(true)),
    ] {
        assert_eq!(json[name], value, "{name}");
    }
}

#[test]
fn exactly_the_lines_that_name_it_are_removed() {
    let config = formatdoc! {"
        # mine
        [profile dev]
        region = eu-central-1
        mfa_serial = {SERIAL}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
        MFA_Serial={SERIAL}
        [profile phone]
        mfa_serial = {PHONE}
        note = {SERIAL}
    "};
    let credentials = formatdoc! {"
        [dev]
        {KEYS}mfa_serial = {SERIAL}
    "};
    let scene = Scene::with(two().start())
        .config(&config)
        .credentials(&credentials);
    scene.login(&["-p", "dev", "-q"]).run();
    let session = scene.home.read_credentials();
    let made = scene.home.read_config();
    let said = formatdoc! {"
        {SERIAL} is deactivated and deleted: you can delete it from your app
        {SERIAL} is no longer named in [profile dev] of the config file, [profile admin] of the config file, [dev] of the credentials file, [dev-mfa] of the credentials file
    "};
    let run = remove(&scene, &["alice", "--yes"]);
    scene.works(run, &said, &[WHO, LIST, DEACTIVATE, DELETE]);
    let without = |text: &str| -> String {
        let names_it = |line: &&str| {
            let key = line.split('=').next().unwrap_or_default().to_lowercase();
            key.contains("mfa_serial") && line.ends_with(SERIAL)
        };
        let lines = text.lines().filter(|line| !names_it(line));
        lines.map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(scene.home.read_config(), without(&made));
    assert_eq!(scene.home.read_credentials(), without(&session));
}

#[test]
fn another_users_device_is_refused_with_a_list_of_ones_own() {
    let builder = || {
        two()
            .user("bob")
            .device("bob", DEVICE_SECRET)
            .hardware("GAHT99999999", DEVICE_SECRET)
    };
    let scene = signed_in(builder());
    for word in [
        "bob",
        "arn:aws:iam::123456789012:mfa/bob",
        "GAHT99999999",
        "tablet",
        "",
    ] {
        let said = formatdoc! {"
            error: alice has no MFA device `{word}`
            hint: the devices are: alice, phone
        "};
        let run = remove(&scene, &[word, "--yes"]);
        scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED]);
    }
    assert_eq!(scene.aws.devices().len(), 4);
}

#[test]
fn another_users_device_that_the_files_name_is_neither_removed_nor_forgotten() {
    let bobs = "arn:aws:iam::123456789012:mfa/bob";
    let config = format!("{CONFIG}[profile bob]\nmfa_serial = {bobs}\n");
    let scene = signed_in(two().user("bob").device("bob", DEVICE_SECRET));
    let scene = scene.config(&config);
    let said = formatdoc! {"
        error: {bobs} belongs to another user
        hint: the devices of alice: {SERIAL}, {PHONE}
    "};
    let run = remove(&scene, &[bobs, "--yes"]);
    let deletes = [DELETE; 5];
    let requests = [&[WHO, LIST, UNASSIGNED][..], &deletes].concat();
    scene.fails(run, 1, &said, &requests);
    assert_eq!(scene.aws.devices().len(), 3);
}

#[test]
fn of_several_devices_one_must_be_named_and_none_is_chosen_silently() {
    let scene = signed_in(two());
    let said = formatdoc! {"
        error: alice has several MFA devices, and there is no terminal to ask on: {SERIAL}, {PHONE}
        hint: name the one you mean
    "};
    let run = remove(&scene, &["--yes"]);
    scene.fails(run, 7, &said, &[WHO, LIST]);
    let said = said.replace(
        "there is no terminal to ask on",
        "--no-input forbids asking",
    );
    let run = remove(&scene, &["--yes", "--no-input"]);
    scene.fails(run, 7, &said, &[WHO, LIST]);
}

#[test]
fn a_name_that_two_devices_share_in_different_paths_needs_the_arn() {
    let scene = signed_in(alice().device("sec/alice", DEVICE_SECRET));
    let other = "arn:aws:iam::123456789012:mfa/sec/alice";
    let said = formatdoc! {"
        error: alice has several MFA devices, and there is no terminal to ask on: {SERIAL}, {other}
        hint: name the one you mean
    "};
    let run = remove(&scene, &["alice", "--yes"]);
    scene.fails(run, 7, &said, &[WHO, LIST]);
    remove(&scene, &["sec/alice", "--yes", "-q"]).run();
    assert_eq!(serials(&scene.aws), [(SERIAL.to_owned(), true)]);
}

#[test]
fn nothing_is_removed_without_asking_if_nobody_can_be_asked() {
    let scene = signed_in(alice());
    for (args, why) in [
        (&[][..], "there is no terminal to ask on"),
        (&["alice"], "there is no terminal to ask on"),
        (&["alice", "--no-input"], "--no-input forbids asking"),
    ] {
        let said = formatdoc! {"
            error: removing a device needs confirmation, and {why}
            hint: pass --yes
        "};
        scene.fails(remove(&scene, args), 7, &said, &[]);
    }
}

#[test]
fn without_any_device_there_is_nothing_to_remove() {
    let scene = Scene::with(alice_without_device().start());
    let scene = scene.config("[profile dev]\nregion = eu-central-1\n");
    let said = "error: the user alice has no MFA device\nhint: enroll one with `awsmfa device enroll --profile dev`\n";
    scene.fails(remove(&scene, &["--yes"]), 1, said, &[WHO, LIST]);
    let said = indoc! {"
        error: alice has no MFA device `phone`
        hint: enroll one with `awsmfa device enroll --profile dev`
    "};
    let run = remove(&scene, &["phone", "--yes"]);
    scene.fails(run, 1, said, &[WHO, LIST, UNASSIGNED]);
}

#[test]
fn removing_the_last_device_with_codes_causes_a_warning_too() {
    let scene = signed_in(alice().fido("key-7"));
    let said = formatdoc! {"
        warning: {SERIAL} is the last device of alice that shows codes: awsmfa can't sign in with the passkeys or FIDO keys that are left: {FIDO}
        {GONE}"};
    let run = remove(&scene, &["alice", "--yes"]);
    scene.works(run, &said, &[WHO, LIST, DEACTIVATE, DELETE]);
}

#[test]
fn a_user_with_a_path_in_another_partition_removes_a_device_with_a_path() {
    for partition in ["aws-cn", "aws-us-gov"] {
        let aws = Aws::builder()
            .partition(partition)
            .user("division/team/alice")
            .key(KEY_ID, SECRET_KEY)
            .device("sec/phone", DEVICE_SECRET)
            .device("alice", DEVICE_SECRET)
            .start();
        let serial = aws.serial("sec/phone");
        let config = format!("[profile dev]\nregion = eu-central-1\nmfa_serial = {serial}\n");
        let scene = Scene::with(aws).config(config);
        let code = scene.aws.code("sec/phone");
        let run = remove(&scene, &["phone", "--yes", "-q", "--code", &code]);
        scene.works(run, "", &[WHO, LIST, ISSUE, DEACTIVATE, DELETE]);
        let left = [(scene.aws.serial("alice"), true)];
        assert_eq!(serials(&scene.aws), left);
        assert_eq!(scene.home.read_config().matches(&serial).count(), 0);
    }
}

/// Alice, whom policies force to use MFA.
fn under_policies(partition: &str, user: &str) -> Builder {
    Aws::builder()
        .partition(partition)
        .user(user)
        .policy(&policies::for_partition("force-mfa", partition))
        .policy(&policies::for_partition("manage-mfa", partition))
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
}

#[test]
fn policies_that_enforce_mfa_allow_it_with_a_session() {
    for (partition, user) in [("aws", USER), ("aws-cn", "division/team/alice")] {
        let scene = Scene::with(under_policies(partition, user).start());
        let scene = scene.config("[profile dev]\nregion = eu-central-1\n");
        let serial = scene.aws.serial(USER);
        let code = scene.aws.code(USER);
        let run = remove(&scene, &["alice", "--yes", "-q", "--code", &code]);
        let run = run.args(["--mfa-serial", &serial]);
        let last = LAST.replace(SERIAL, &serial);
        scene.works(run, &last, &[WHO, LIST, ISSUE, DEACTIVATE, DELETE]);
        assert_eq!(scene.aws.devices(), []);
    }
}

#[test]
fn a_device_whose_name_a_policy_does_not_allow_is_left_and_named() {
    let builder = under_policies("aws", USER).device("phone", DEVICE_SECRET);
    let scene = signed_in(builder);
    let hint = UNTIL_NEXT.replace("{serial}", PHONE);
    let said = format!(
        "error: {PHONE} is deactivated, but may still exist: AWS refused iam:DeleteVirtualMFADevice: {{*}}\n{hint}"
    );
    let run = remove(&scene, &["phone", "--yes"]).status(5);
    run.stderr(said).run();
    let left = [(SERIAL.to_owned(), true), (PHONE.to_owned(), false)];
    assert_eq!(serials(&scene.aws), left);
    // It can't be listed either, so the next run does not guess that it is alice's.
    let said = formatdoc! {"
        error: alice has no MFA device `phone`
        hint: the devices are: alice
    "};
    let run = remove(&scene, &["phone", "--yes"]);
    scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED, UNASSIGNED]);
    // A device with her name is hers, and may be deleted without MFA.
    let scene = Scene::with(
        under_policies("aws", USER)
            .unassigned("alice-2", DEVICE_SECRET)
            .start(),
    );
    let said = "arn:aws:iam::123456789012:mfa/alice-2 is deleted\n";
    let run = remove(&scene, &["alice-2", "--yes"]);
    scene.works(run, said, &[WHO, LIST, UNASSIGNED, DELETE]);
}

#[test]
fn after_a_lost_answer_the_list_shows_what_happened() {
    for fault in [Fault::LoseAnswer, Fault::CutAnswer, Fault::CutXml] {
        // The request is sent again, and then nothing is left to do.
        let scene = signed_in(two());
        scene.aws.fault(DEACTIVATE, fault);
        remove(&scene, &["alice", "--yes", "-q"]).run();
        assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)], "{fault:?}");
        let scene = signed_in(two());
        scene.aws.fault(DELETE, fault);
        remove(&scene, &["alice", "--yes", "-q"]).run();
        assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)], "{fault:?}");
        // Every answer is lost.
        let scene = signed_in(two());
        scene.aws.fault_always(DEACTIVATE, fault);
        scene.aws.fault_always(DELETE, fault);
        remove(&scene, &["alice", "--yes", "-q"]).run();
        assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)], "{fault:?}");
    }
}

#[test]
fn a_device_that_is_still_there_is_never_called_removed() {
    for (fault, status) in [
        (Fault::CloseBefore, 6),
        (Fault::Status(500), 6),
        (
            Fault::Error {
                status: 404,
                code: "NoSuchEntity",
                message: "MFA device not found.",
            },
            1,
        ),
    ] {
        let scene = signed_in(two());
        scene.aws.fault_always(DEACTIVATE, fault);
        let before = snapshot(&scene.home);
        remove(&scene, &["alice", "--yes"])
            .status(status)
            .check_stderr(|it| {
                let still = format!("{SERIAL} is still a device of alice");
                assert!(it.contains(&still), "{it}");
                assert!(!it.contains("is deactivated"), "{it}");
            })
            .run();
        assert_eq!(scene.aws.devices().len(), 2);
        assert_eq!(snapshot(&scene.home), before);
    }
    // If the list is denied nobody knows, and the message says so.
    let scene = signed_in(two());
    scene.aws.fault_always(DEACTIVATE, Fault::CloseBefore);
    scene.aws.fault_at(6, Fault::Denied { explicit: true });
    remove(&scene, &["alice", "--yes"])
        .status(6)
        .check_stderr(|it| {
            let unsure = format!("{SERIAL} may still be a device of alice");
            assert!(it.contains(&unsure), "{it}");
        })
        .run();
}

#[test]
fn a_refused_or_throttled_call_changes_nothing() {
    for (action, fault, status) in [
        (WHO, Fault::Throttled, 6),
        (LIST, Fault::Throttled, 6),
        (LIST, Fault::Denied { explicit: true }, 5),
        (DEACTIVATE, Fault::Throttled, 6),
        (DEACTIVATE, Fault::Unmodifiable, 1),
    ] {
        let scene = signed_in(two());
        scene.aws.fault_always(action, fault);
        let before = snapshot(&scene.home);
        remove(&scene, &["alice", "--yes"])
            .status(status)
            .check_stderr(|it| assert!(it.starts_with("error: "), "{it}"))
            .run();
        assert_eq!(scene.aws.devices().len(), 2, "{action}");
        assert_eq!(snapshot(&scene.home), before, "{action}");
    }
}

#[test]
fn if_it_may_not_be_deleted_the_leftover_is_named_with_what_an_administrator_can_do() {
    for (fault, status) in [
        (Fault::Denied { explicit: true }, 5),
        (Fault::Denied { explicit: false }, 5),
        (Fault::Throttled, 6),
        (Fault::CloseBefore, 6),
    ] {
        let scene = signed_in(two());
        scene.aws.fault_always(DELETE, fault);
        let hint = UNTIL_NEXT.replace("{serial}", SERIAL);
        remove(&scene, &["alice", "--yes"])
            .status(status)
            .stderr(formatdoc! {"
                {SERIAL} is no longer named in [profile dev] of the config file, [dev-mfa] of the credentials file
                error: {SERIAL} is deactivated, but may still exist: {{*}}
                {hint}"})
            .run();
        let left = [(SERIAL.to_owned(), false), (PHONE.to_owned(), true)];
        assert_eq!(serials(&scene.aws), left);
        // The next run continues where this one ended.
        scene.aws.heal();
        let said = format!("{SERIAL} is deleted\n");
        let run = remove(&scene, &["alice", "--yes"]);
        scene.works(run, &said, &[WHO, LIST, UNASSIGNED, DELETE]);
        assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)]);
    }
}

#[test]
fn an_interrupted_run_is_completed_by_the_next_one_even_if_no_device_may_be_listed() {
    // Deactivated, nothing more: by its name, or by the profile that still names it.
    for (args, config) in [
        (&["alice"][..], CONFIG),
        (&[], CONFIG),
        (&["alice"], "[profile dev]\nregion = eu-central-1\n"),
    ] {
        for is_denied in [false, true] {
            let aws = alice_without_device().unassigned("alice", DEVICE_SECRET);
            let scene = Scene::with(aws.start()).config(config);
            if is_denied {
                let denied = Fault::Denied { explicit: true };
                scene.aws.fault_always(UNASSIGNED, denied);
            }
            let named = if config == CONFIG {
                format!("{SERIAL} is no longer named in [profile dev] of the config file\n")
            } else {
                String::new()
            };
            let said = format!("{SERIAL} is deleted\n{named}");
            let run = remove(&scene, args).args(["--yes"]);
            scene.works(run, &said, &[WHO, LIST, UNASSIGNED, DELETE]);
            assert_eq!(scene.aws.devices(), []);
            assert!(!scene.home.read_config().contains("mfa_serial"));
        }
    }
    // Deleted too, so that only the lines are left.
    let scene =
        Scene::with(alice_without_device().start()).credentials(CREDENTIALS.to_owned() + SESSION);
    let said = formatdoc! {"
        {SERIAL} no longer exists
        {SERIAL} is no longer named in [profile dev] of the config file, [dev-mfa] of the credentials file
    "};
    let run = remove(&scene, &["--yes"]);
    scene.works(run, &said, &[WHO, LIST, UNASSIGNED, DELETE]);
}

#[test]
fn another_users_unfinished_device_is_not_guessed() {
    let aws = two().unassigned("bob", DEVICE_SECRET);
    let scene = signed_in(aws);
    let denied = Fault::Denied { explicit: true };
    scene.aws.fault_always(UNASSIGNED, denied);
    let said = formatdoc! {"
        error: alice has no MFA device `bob`
        hint: the devices are: alice, phone
    "};
    let run = remove(&scene, &["bob", "--yes"]);
    scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED, UNASSIGNED]);
}

#[test]
fn the_second_of_two_runs_does_not_remove_the_device_that_the_first_relies_on() {
    let scene = signed_in(two());
    let mut first = terminal(&scene, &["alice"]).start();
    first.sees("[y/N] ");
    let said = indoc! {"
        error: another awsmfa is changing the devices of alice
        hint: wait for it to finish, or stop it
    "};
    scene.fails(remove(&scene, &["phone", "--yes"]), 1, said, &[WHO]);
    first.types("n");
    first.sees("cancelled");
    first.ends(
        130,
        &format!("remove {SERIAL} (virtual, since {{*}}) from alice? [y/N] n\nerror: cancelled\n"),
    );
    remove(&scene, &["phone", "--yes", "-q"]).run();
}

/// Makes the file `name` unwritable, even for root.
fn block(scene: &Scene, name: &str) {
    let lock = scene.home.path().join(format!(".aws/{name}.awsmfa.lock"));
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(lock).expect("there is room");
}

#[test]
fn an_unassigned_device_is_deleted_without_asking_only_if_it_is_named_in_full() {
    let tablet = "arn:aws:iam::123456789012:mfa/tablet";
    let scene = signed_in(alice().unassigned("tablet", DEVICE_SECRET));
    let said = formatdoc! {"
        error: {tablet} is not one of the MFA devices of alice, and may be somebody's unfinished enrollment
        hint: to delete it anyway, name it by its ARN: `awsmfa device remove {tablet} --profile dev`
    "};
    let run = remove(&scene, &["tablet", "--yes"]);
    scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED]);
    let mut asks = terminal(&scene, &["tablet"]).start();
    asks.sees("? [y/N] ");
    asks.types("n");
    asks.ends(
        130,
        &format!(
            "{tablet} is no longer assigned to anyone; delete it? [y/N] n\nerror: cancelled\n"
        ),
    );
    let run = remove(&scene, &[tablet, "--yes"]);
    let said = format!("{tablet} is deleted\n");
    scene.works(run, &said, &[WHO, LIST, UNASSIGNED, DELETE]);
    assert_eq!(serials(&scene.aws), [(SERIAL.to_owned(), true)]);
}

#[test]
fn a_file_that_can_not_be_written_is_found_before_anything_is_removed() {
    for name in ["config", "credentials"] {
        let scene = signed_in(two());
        block(&scene, name);
        let said = format!("error: {{*}}{name}{{*}}; nothing was removed\nhint: {{*}}\n");
        let run = remove(&scene, &["alice", "--yes"]);
        scene.fails(run, 1, &said, &[WHO, LIST]);
        assert_eq!(scene.aws.devices().len(), 2);
        // If there is nothing to remove from it, it need not be written.
        remove(&scene, &["phone", "--yes", "-q"]).run();
    }
}

/// The process is killed while it waits for each answer, before and after AWS has acted.
#[test]
fn a_run_killed_at_a_request_is_completed_by_the_next_one() {
    for number in 1..=4 {
        for fault in [Fault::Silent, Fault::SilentAfter] {
            let scene = signed_in(two());
            let before = scene.aws.requests().len();
            scene.aws.fault_at(number, fault);
            let mut command = scene
                .home
                .command(["device", "remove", "-p", "dev", "alice", "--yes"]);
            let mut child = spawn(&mut command);
            wait_until("the request", || {
                scene.aws.requests().len() >= before + number
            });
            thread::sleep(Duration::from_millis(30));
            child.kill().expect("it waits for the answer");
            child.wait().expect("it ends");
            scene.aws.heal();
            let what = format!("killed at request {number}, {fault:?}");
            assert!(
                serials(&scene.aws).contains(&(PHONE.to_owned(), true)),
                "{what}"
            );
            let again = remove(&scene, &["alice", "--yes", "-q"]);
            // If everything was done, nothing is known of the device except the lines that name it.
            again.run();
            assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)], "{what}");
            let files = scene.home.read_config() + &scene.home.read_credentials();
            assert!(!files.contains(&format!("{SERIAL}\n")), "{what}: {files}");
        }
    }
}

mod at_a_terminal {
    use super::*;

    #[test]
    fn ctrl_c_during_the_removal_says_how_to_continue() {
        for (action, said) in [
            (
                DEACTIVATE,
                formatdoc! {"
                    error: cancelled
                    hint: {SERIAL} may already be removed: `awsmfa device remove {SERIAL} --profile dev` continues from here
                "},
            ),
            (
                DELETE,
                formatdoc! {"
                    {SERIAL} is no longer named in [profile dev] of the config file, [dev-mfa] of the credentials file
                    error: {SERIAL} is deactivated, but may still exist: cancelled
                    {}", UNTIL_NEXT.replace("{serial}", SERIAL)},
            ),
        ] {
            let scene = signed_in(two());
            scene.aws.fault(action, Fault::Silent);
            let mut terminal = terminal(&scene, &["alice", "--yes"]).start();
            let asked = || scene.aws.actions().contains(&action.to_owned());
            wait_until("the request", asked);
            terminal.presses("\x03");
            terminal.ends(130, &format!("^C\n{said}"));
            remove(&scene, &["alice", "--yes", "-q"]).run();
            assert_eq!(serials(&scene.aws), [(PHONE.to_owned(), true)]);
        }
    }

    const QUESTION: &str =
        "remove arn:aws:iam::123456789012:mfa/alice (virtual, since {*}) from alice? [y/N] ";

    fn shown(answers: &[(&str, &str)]) -> String {
        answers
            .iter()
            .map(|(answer, after)| format!("{QUESTION}{answer}\n{after}"))
            .collect()
    }

    #[test]
    fn it_asks_after_a_plain_warning_and_again_if_the_answer_is_neither_yes_nor_no() {
        let scene = signed_in(alice());
        let mut terminal = terminal(&scene, &[]).start();
        terminal.sees("[y/N] ");
        assert_eq!(scene.aws.devices().len(), 1);
        terminal.types("maybe");
        terminal.sees("[y/N] ");
        terminal.types("y");
        let asked = shown(&[("maybe", "type y or n\n"), ("y", "")]);
        terminal.ends(0, &format!("{LAST}{asked}{GONE}{NONE_LEFT}"));
        assert_eq!(scene.aws.devices(), []);
    }

    #[test]
    fn answering_no_enter_ctrl_d_and_ctrl_c_leave_everything_as_it_is() {
        for (keys, shown_as, end) in [
            ("n\n", "n\n", "error: cancelled\n"),
            ("\n", "\n", "error: cancelled\n"),
            ("\x04", "\n", "error: cancelled\n"),
            ("\x03", "^C\n", "error: cancelled\n"),
        ] {
            let scene = signed_in(alice());
            let before = snapshot(&scene.home);
            let sent = scene.aws.actions().len();
            let mut terminal = terminal(&scene, &["alice"]).start();
            terminal.sees("[y/N] ");
            terminal.presses(keys);
            terminal.ends(130, &format!("{LAST}{QUESTION}{shown_as}{end}"));
            assert_eq!(scene.aws.actions()[sent..], [WHO, LIST]);
            assert_eq!(snapshot(&scene.home), before);
        }
    }

    #[test]
    fn one_of_several_devices_is_chosen_by_its_number() {
        let scene = signed_in(two().hardware(HARDWARE, DEVICE_SECRET).fido("key-7"));
        let mut terminal = terminal(&scene, &[]).start();
        let mut screen = formatdoc! {"
            alice has 4 MFA devices:
              1  {SERIAL} (virtual, since {{*}})
              2  {PHONE} (virtual, since {{*}})
              3  {HARDWARE} (hardware, since {{*}})
              4  {FIDO} (fido, since {{*}})
        "};
        for wrong in ["0", "5", "phone", ""] {
            terminal.sees("which one do you want to remove? [1-4] ");
            terminal.types(wrong);
            screen += &format!(
                "which one do you want to remove? [1-4] {wrong}\ntype a number from 1 to 4\n"
            );
        }
        terminal.sees("which one do you want to remove? [1-4] ");
        terminal.types("3");
        terminal.sees("[y/N] ");
        terminal.types("yes");
        screen += &format!(
            "which one do you want to remove? [1-4] 3\nremove {HARDWARE} (hardware, since {{*}}) from alice? [y/N] yes\n{HARDWARE} is deactivated\n"
        );
        terminal.ends(0, &screen);
        assert_eq!(scene.aws.devices().len(), 3);
    }

    #[test]
    fn ctrl_c_at_the_choice_and_at_the_code_changes_nothing() {
        let scene = signed_in(two());
        let before = snapshot(&scene.home);
        let mut chooses = terminal(&scene, &[]).start();
        chooses.sees("which one do you want to remove? [1-2] ");
        chooses.presses("\x03");
        chooses.ends(130, &format!("alice has 2 MFA devices:\n  1  {SERIAL} (virtual, since {{*}})\n  2  {PHONE} (virtual, since {{*}})\nwhich one do you want to remove? [1-2] ^C\nerror: cancelled\n"));
        assert_eq!(snapshot(&scene.home), before);

        let scene = Scene::with(alice().start());
        let mut asks = terminal(&scene, &["--yes"]).start();
        asks.sees(PROMPT);
        asks.presses("\x03");
        asks.ends(
            130,
            &format!("{LAST}removing a device needs MFA\n{PROMPT}^C\nerror: cancelled\n"),
        );
        assert_eq!(scene.home.read_config(), CONFIG);
        assert_eq!(scene.home.read_credentials(), CREDENTIALS);
        assert_eq!(scene.aws.devices().len(), 1);
    }

    #[test]
    fn the_code_for_the_sign_in_is_asked_for_after_the_question() {
        let scene = Scene::with(alice().start());
        let mut terminal = terminal(&scene, &[]).start();
        terminal.sees("[y/N] ");
        terminal.types("y");
        terminal.sees(PROMPT);
        let code = scene.aws.code(USER);
        terminal.types(&code);
        let asked = shown(&[("y", "")]);
        terminal.ends(
            0,
            &format!("{LAST}{asked}removing a device needs MFA\n{PROMPT}{code}\n{GONE}{NONE_LEFT}"),
        );
    }
}

#[test]
fn the_help_states_the_requirements() {
    let home = Home::new();
    let run = Run::new(&home).args(["device", "remove", "--help"]);
    let help = run.check_stdout(|_| {}).run().stdout;
    for text in [
        "Examples:",
        "DEVICE",
        "--yes",
        "--json",
        "--region",
        "--no-input",
        "--code-command",
    ] {
        assert!(help.contains(text), "{text}");
    }
}

#[test]
fn if_it_has_become_the_last_device_by_the_time_of_the_answer_it_asks_again() {
    let scene = signed_in(two());
    let mut terminal = terminal(&scene, &["alice"]).start();
    terminal.sees("? [y/N] ");
    // On another machine, which has its own lock.
    let elsewhere = Home::with(&scene.aws)
        .config(scene.home.read_config())
        .credentials(scene.home.read_credentials());
    let remove = ["device", "remove", "phone", "-pdev", "--yes", "-q"];
    Run::new(&elsewhere).args(remove).run();
    terminal.types("y");
    terminal.sees("this is alice's only MFA device");
    terminal.sees("? [y/N] ");
    terminal.types("n");
    terminal.sees("cancelled");
    assert_eq!(serials(&scene.aws), [(SERIAL.to_owned(), true)]);
}

#[test]
fn another_users_unfinished_device_is_not_deleted_without_asking() {
    for (name, word) in [
        ("bob", &[][..]),
        ("bob", &["bob"]),
        ("alice-smith", &["alice-smith"]),
        ("alice-2b", &["alice-2b"]),
    ] {
        let scene = Scene::with(
            alice_without_device()
                .unassigned(name, DEVICE_SECRET)
                .start(),
        );
        let config = CONFIG.replace("mfa/alice", &format!("mfa/{name}"));
        std::fs::write(scene.home.config_path(), config).expect("there is room");
        remove(&scene, &["--yes", "--no-input"])
            .args(word)
            .status(1)
            .stderr("error: {*} and may be somebody's unfinished enrollment\nhint: {*}\n")
            .run();
        assert_eq!(serials(&scene.aws).len(), 1, "{name}");
    }
}

#[test]
fn a_profile_in_place_of_a_device_is_refused_with_the_right_command() {
    let scene = signed_in(alice());
    for (command, flags) in [
        ("remove", &["--yes"][..]),
        ("replace", &["--secret-stdout"]),
        ("resync", &[]),
    ] {
        let said = formatdoc! {"
            error: alice has no MFA device `dev-mfa`
            hint: `dev-mfa` was taken as a device; for the profile dev-mfa: `awsmfa device {command} --profile dev-mfa`
        "};
        let run = scene.run(&["device", command, "dev-mfa", "-pdev"]);
        run.args(flags).status(1).stderr(said).run();
    }
}

#[test]
fn a_setting_that_names_two_devices_is_refused_before_anything_is_asked() {
    let two_lines = format!("mfa_serial = {PHONE}\nmfa_serial = {SERIAL}\n");
    for config in [
        format!("[profile dev]\n{two_lines}"),
        format!("[profile dev]\n[profile other]\nregion = x\n{two_lines}"),
    ] {
        let scene = signed_in(two());
        std::fs::write(scene.home.config_path(), &config).expect("there is room");
        for (command, flags) in [
            ("remove", &["--yes", "--no-input"][..]),
            ("replace", &["--new", "phone", "--no-input"]),
        ] {
            let run = scene.run(&["device", command, "alice", "-pdev"]);
            run.args(flags)
                .status(1)
                .stderr("error: lines {*} of the config file name two different devices as mfa_serial of [profile {*}\nhint: delete one of them\n")
                .run();
        }
        assert_eq!(scene.home.read_config(), config);
        assert_eq!(serials(&scene.aws).len(), 2);
    }
}
