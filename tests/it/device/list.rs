//! Tests `device list`: every device of the user is shown, and which one is used.

use indoc::indoc;
use serde_json::{Value, json};

use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, DEVICE_SECRET, SERIAL, Scene, alice, alice_without_device,
    snapshot,
};
use crate::support::aws::Fault;

const LIST: &[&str] = &["GetCallerIdentity", "ListMFADevices"];

/// Alice with a device of each kind.
fn of_each_kind() -> Scene {
    let aws = alice()
        .enabled_at("2024-01-02T03:04:05Z")
        .hardware("GAHT12345678", DEVICE_SECRET)
        .enabled_at("2025-01-02T03:04:05Z")
        .fido("key-7");
    Scene::with(aws.start())
}

#[test]
fn each_device_is_shown_with_its_kind_and_what_it_is_good_for() {
    let scene = of_each_kind();
    let before = snapshot(&scene.home);
    scene
        .run(&["device", "list", "dev"])
        .check_stdout(|shown| {
            let lines: Vec<Vec<&str>> = shown
                .lines()
                .map(|line| {
                    line.split("  ")
                        .map(str::trim)
                        .filter(|it| !it.is_empty())
                        .collect()
                })
                .collect();
            let [titles, phone, token, key] = &lines[..] else {
                panic!("{shown}");
            };
            assert_eq!(
                *titles,
                ["SERIAL", "KIND", "SINCE", "FOR SESSIONS", "PROFILE"]
            );
            assert_eq!(
                phone[..2],
                ["arn:aws:iam::123456789012:mfa/alice", "virtual"]
            );
            assert_eq!(phone[3..], ["yes", "mfa_serial"]);
            assert_eq!(token[..2], ["GAHT12345678", "hardware"]);
            assert_eq!(token[3..], ["yes"]);
            assert_eq!(
                key[..2],
                ["arn:aws:iam::123456789012:u2f/user/alice/key-7", "fido"]
            );
            assert_eq!(key[3..], ["no"]);
        })
        .run();
    assert_eq!(scene.aws.actions(), LIST);
    assert_eq!(snapshot(&scene.home), before);
}

#[cfg(unix)]
#[test]
fn a_narrow_terminal_breaks_no_serial() {
    let scene = of_each_kind();
    for (columns, begin) in [
        (90, "SERIAL{*}  KIND  {*}FOR SESSIONS  PROFILE"),
        (80, "SERIAL{*}  FOR SESSIONS  PROFILE"),
        (60, "SERIAL"),
    ] {
        let terminal = scene.terminal(&["device", "list", "dev"]);
        let script = format!("stty cols {columns} rows 24; \"$@\"; echo end");
        let mut session = terminal.script(&script).start();
        session.sees("end\r\n");
        let shown = session.shown().replace('\r', "");
        let shown = shown.trim_end_matches("end\n");
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|it| it <= columns), "{columns}\n{shown}");
        let head = shown.lines().next().expect("a line");
        assert!(
            crate::support::run::matches(begin, head),
            "{columns}\n{shown}"
        );
        assert!(shown.contains("u2f/user/alice/key-7"), "{shown}");
        assert!(shown.contains("FOR SESSIONS  PROFILE\n"), "{shown}");
    }
}

#[test]
fn a_program_gets_the_same_as_json() {
    let scene = of_each_kind();
    let run = scene.run(&["device", "list", "-pdev", "--json"]);
    let shown = run.check_stdout(|_| {}).run().stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        shown[0],
        json!({
            "mfa_serial": "arn:aws:iam::123456789012:mfa/alice",
            "kind": "virtual",
            "enabled": "2024-01-02T03:04:05Z",
            "for_sessions": true,
            "used_by_profile": true,
        })
    );
    assert_eq!(shown[1]["kind"], "hardware");
    assert_eq!(shown[2]["for_sessions"], false);
    assert_eq!(shown.as_array().map(Vec::len), Some(3));
}

#[test]
fn a_user_without_a_device_is_named() {
    let scene = Scene::with(alice_without_device().start()).config(CONFIG_WITHOUT_DEVICE);
    scene
        .run(&["device", "list", "dev"])
        .stderr("the user alice of account 123456789012 has no MFA device; enroll one with `awsmfa device enroll --profile dev`\n")
        .run();
    scene
        .run(&["device", "list", "dev", "--json"])
        .stdout("[]\n")
        .run();
}

#[test]
fn a_device_that_the_profile_names_and_nobody_has_is_warned_of() {
    let scene = Scene::with(alice_without_device().start());
    scene
        .run(&["device", "list", "dev", "--json"])
        .stdout("[]\n")
        .stderr("warning: mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice, which is not a device of alice\n")
        .run();
}

#[test]
fn a_setting_that_is_no_serial_does_not_hide_the_devices() {
    let scene = Scene::with(alice().start());
    let config = CONFIG.replace(SERIAL, "phone");
    std::fs::write(scene.home.config_path(), config).expect("the home is writable");
    let run = scene.run(&["device", "list", "dev"]).check_stdout(|shown| {
        assert!(shown.contains(SERIAL), "{shown}");
    });
    run.stderr("warning: mfa_serial of profile dev: `phone` is not an MFA serial; one looks like arn:aws:iam::123456789012:mfa/NAME or GAHT12345678\n")
        .run();
}

#[test]
fn what_the_keys_may_not_list_a_session_may() {
    let scene = Scene::default();
    scene.login(&["-pdev"]).check_stderr(|_| {}).run();
    let sent = scene.aws.actions().len();
    let denied = Fault::Denied { explicit: true };
    scene.aws.fault("ListMFADevices", denied);
    let run = scene.run(&["device", "list", "dev"]);
    run.check_stdout(|shown| assert!(shown.contains("mfa/alice"), "{shown}"))
        .run();
    let twice = ["GetCallerIdentity", "ListMFADevices", "ListMFADevices"];
    assert_eq!(scene.aws.actions()[sent..], twice);
    scene.aws.fault_always("ListMFADevices", denied);
    let run = scene.run(&["device", "list", "dev"]).status(5);
    run.check_stderr(|shown| {
        assert!(
            shown.starts_with("error: AWS refused iam:ListMFADevices: "),
            "{shown}"
        )
    })
    .run();
}

#[test]
fn the_root_has_no_devices_that_are_managed_here() {
    let aws = crate::support::aws::Aws::builder()
        .root()
        .key(crate::support::aws::KEY_ID, crate::support::aws::SECRET_KEY);
    let scene = Scene::with(aws.start());
    scene
        .run(&["device", "list", "dev"])
        .status(1)
        .stderr(indoc! {"
            error: the keys of profile dev belong to the account's root user, whose devices and keys are managed in the AWS console
            hint: use the keys of an IAM user; AWS advises against having root keys at all
        "})
        .run();
}
