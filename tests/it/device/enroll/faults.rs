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
