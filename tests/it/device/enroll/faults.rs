//! Lets each call of an enrolment go wrong in each way, and shows that no device is left that is not
//! named, and that the next run finds it.

use super::{after_before, devices, unattended, with_app, without_device};
use crate::scene::{CONFIG_WITHOUT_DEVICE, Scene};
use crate::support::aws::{Fault, USER};

const ALICES: &str = super::ALICES;

/// What can become of a call.
const FAULTS: [Fault; 10] = [
    Fault::CloseBefore,
    Fault::LoseAnswer,
    Fault::CutAnswer,
    Fault::CutXml,
    Fault::Status(500),
    Fault::Status(503),
    Fault::Gateway(504),
    Fault::Throttled,
    Fault::Denied { explicit: true },
    Fault::Unmodifiable,
];

/// Whether the device is there, and whose it is.
fn owner(scene: &Scene) -> Option<Option<String>> {
    let mut devices = devices(&scene.aws);
    assert!(devices.len() < 2, "a second one was made: {devices:?}");
    devices.pop().map(|(_, owner)| owner)
}

/// Enrols with `fault` at the request of this number, and shows that all is well, or made well by the
/// next run.
fn goes_well_at_last(number: usize, fault: Fault) {
    let scene = without_device();
    scene.aws.fault_at(number, fault);
    let run = |scene: &Scene| {
        with_app(&scene.aws, scene.home.path(), USER, || {
            let mut command = scene
                .home
                .command(["device", "enroll", "-pdev", "--no-input"]);
            command
                .args([
                    "--secret-command",
                    "cat >/dev/null",
                    "--code-command",
                    super::CODES,
                ])
                .arg("--no-login");
            let output = command.output().expect("awsmfa was built");
            let text = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(text).expect("text"))
        })
    };
    let (status, said) = run(&scene);
    let story = format!(
        "{fault:?} at request {number}: {status:?}\n{said}{:?}",
        scene.aws.actions()
    );
    assert!(!said.contains("panicked"), "{story}");
    match owner(&scene) {
        Some(Some(owner)) => {
            assert_eq!(owner, USER, "{story}");
            assert!(said.contains(ALICES), "not named: {story}");
            if status == Some(0) {
                let line = format!("mfa_serial = {ALICES}");
                assert!(scene.home.read_config().contains(&line), "{story}");
            }
            return;
        }
        Some(None) => {
            assert_ne!(status, Some(0), "{story}");
            assert!(said.contains(ALICES), "not named: {story}");
        }
        None => assert_ne!(status, Some(0), "{story}"),
    }
    assert_eq!(scene.home.read_config(), CONFIG_WITHOUT_DEVICE, "{story}");
    let was_left = owner(&scene).is_some();
    let (status, said) = run(&scene);
    let story = format!("{story}\nthen {status:?}\n{said}");
    if was_left {
        assert!(
            said.contains(ALICES),
            "the next run does not name it: {story}"
        );
        assert_eq!(owner(&scene), Some(None), "{story}");
    } else {
        assert_eq!(status, Some(0), "{story}");
    }
}

#[test]
fn whatever_becomes_of_a_call_no_device_is_left_unnamed() {
    let calls = after_before(&[super::CREATE, super::ENABLE]).len();
    std::thread::scope(|scope| {
        for number in 1..=calls {
            scope.spawn(move || {
                for fault in FAULTS {
                    goes_well_at_last(number, fault);
                }
            });
        }
    });
}

/// What AWS refuses is said in words, with what to do, and leaves nothing.
#[test]
fn what_aws_refuses_says_what_to_do() {
    let limit = Fault::Error {
        status: 409,
        code: "LimitExceeded",
        message: "Cannot exceed quota",
    };
    for (action, fault, status, hint) in [
        (
            super::CREATE,
            limit,
            1,
            "hint: the account has as many virtual devices as AWS allows",
        ),
        (
            super::ENABLE,
            limit,
            1,
            "error: alice has 8 MFA devices, as many as AWS allows",
        ),
        (
            super::ENABLE,
            Fault::Unmodifiable,
            1,
            "hint: wait a few minutes and try again",
        ),
        (
            super::CREATE,
            Fault::Denied { explicit: true },
            5,
            "hint: a policy denies it",
        ),
        (
            super::ENABLE,
            Fault::Denied { explicit: true },
            5,
            "hint: a policy denies it",
        ),
        (
            "ListMFADevices",
            Fault::Denied { explicit: true },
            5,
            "hint: MFA may be required for this",
        ),
    ] {
        let scene = without_device();
        scene.aws.fault(action, fault);
        with_app(&scene.aws, scene.home.path(), USER, || {
            let run = unattended(&scene, &["--no-login"]).status(status);
            run.check_stderr(move |shown| assert!(shown.contains(hint), "{shown}"))
                .run();
        });
        assert_eq!(devices(&scene.aws), [], "{action} {fault:?}");
    }
    // Throttling passes: what surely was not processed is sent again.
    for action in [super::CREATE, super::ENABLE, "ListMFADevices"] {
        let scene = without_device();
        scene.aws.fault(action, Fault::Throttled);
        with_app(&scene.aws, scene.home.path(), USER, || {
            let run = unattended(&scene, &["--no-login"]);
            run.check_stderr(|_| {}).run();
        });
        let sent = scene.aws.actions();
        assert_eq!(
            sent.iter().filter(|it| **it == action).count(),
            2,
            "{sent:?}"
        );
    }
}

/// A device that could not be deleted, for whatever reason, is named.
#[test]
fn what_becomes_of_the_cleaning_up_is_told() {
    for (fault, is_left) in [
        (Fault::Denied { explicit: true }, true),
        (Fault::CloseBefore, true),
        (Fault::Status(500), true),
        (Fault::LoseAnswer, false),
    ] {
        let scene = without_device();
        scene.aws.fault_always(super::DELETE, fault);
        let command = "n=$(cat n 2>/dev/null || echo 100000); echo $((n+1)) >n; echo $n";
        scene
            .run(&["device", "enroll", "dev", "--no-input"])
            .args([
                "--secret-command",
                "cat >/dev/null",
                "--code-command",
                command,
            ])
            .status(4)
            .check_stderr(move |shown| {
                let named = format!("hint: {ALICES} is left unfinished");
                assert!(shown.contains(&named) || !is_left, "{fault:?}: {shown}");
                assert!(shown.contains("error: AWS refused both codes"), "{shown}");
            })
            .run();
        assert_eq!(devices(&scene.aws).is_empty(), !is_left, "{fault:?}");
    }
}

/// AWS has not done what was asked for, as its list says: that is looked up once, and then undone.
#[test]
fn an_answer_that_is_lost_and_a_device_that_is_nobodys_is_deleted() {
    let scene = without_device();
    scene.aws.fault(super::ENABLE, Fault::CloseBefore);
    with_app(&scene.aws, scene.home.path(), USER, || {
        let run = unattended(&scene, &["--no-login"]).status(6);
        run.check_stderr(|shown| {
            assert!(
                shown.contains("error: no usable answer to iam:EnableMFADevice"),
                "{shown}"
            );
        })
        .run();
    });
    let then = [
        super::CREATE,
        super::ENABLE,
        "ListMFADevices",
        super::DELETE,
    ];
    assert_eq!(scene.aws.actions(), after_before(&then));
    assert_eq!(devices(&scene.aws), []);
}

/// A person gives two new codes for the same device then.
#[test]
fn an_answer_that_is_lost_is_followed_by_two_new_codes() {
    let scene = without_device();
    scene.aws.fault(super::ENABLE, Fault::CloseBefore);
    let mut terminal = super::at_terminal(&scene, &["--no-login"]).start();
    super::type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("no usable answer to iam:EnableMFADevice");
    terminal.sees("enter two new ones in a row");
    super::type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("enrolled the MFA device");
    drop(terminal);
    let then = [
        super::CREATE,
        super::ENABLE,
        "ListMFADevices",
        super::ENABLE,
    ];
    assert_eq!(scene.aws.actions(), after_before(&then));
}
