//! Ends enrolments in the middle, by a kill and by signals that can be caught, at each request before and
//! after AWS has done what it asks for; and runs two at once.

use std::process::Child;

use indoc::formatdoc;
use rustix::process::{Pid, Signal, kill_process};

use super::{
    ALICES, CODES, CREATE, DELETE, ENABLE, after_before, alices, devices, with_app, without_device,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, Scene, output_text, spawn, wait, wait_until};
use crate::support::aws::{Fault, USER};

/// The requests of an enrolment without a login.
fn requests() -> usize {
    after_before(&[CREATE, ENABLE]).len()
}

fn start(scene: &Scene, profile: &str, secret: &str) -> Child {
    let args = [
        "device",
        "enroll",
        "--no-input",
        "--no-login",
        "-p",
        profile,
    ];
    let ways = ["--secret-command", secret, "--code-command", CODES];
    spawn(&mut scene.home.command(args.iter().chain(&ways)))
}

fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).expect("a process");
    kill_process(Pid::from_raw(pid).expect("a process"), signal).expect("it is there");
}

/// Ends an enrolment by `signal` once AWS has got the request of this number, and returns its exit code
/// and its words.
fn ended(scene: &Scene, number: usize, fault: Fault, signal: Signal) -> (Option<i32>, String) {
    scene.aws.fault_at(number, fault);
    let before = scene.aws.requests().len();
    with_app(&scene.aws, scene.home.path(), USER, || {
        let child = start(scene, "dev", "cat >/dev/null");
        wait_until("the request", || {
            scene.aws.requests().len() == before + number
        });
        // A fault that does what was asked has done it by then.
        if matches!(fault, Fault::SilentAfter) {
            wait_until("the deed", || is_done(scene, number));
        }
        send(&child, signal);
        let output = wait(child);
        (output.status.code(), output_text(&output))
    })
}

/// Whether AWS has done what the request of this number asks for, as far as that leaves a trace.
fn is_done(scene: &Scene, number: usize) -> bool {
    match number {
        3 => !devices(&scene.aws).is_empty(),
        4 => devices(&scene.aws) == [alices(USER)],
        _ => true,
    }
}

/// Shows that the next run names what is left, or makes a device where nothing is.
fn next_run_goes_on(scene: &Scene, story: &str) {
    let left = devices(&scene.aws);
    assert!(left.len() < 2, "{story}");
    let output = with_app(&scene.aws, scene.home.path(), USER, || {
        wait(start(scene, "dev", "cat >/dev/null"))
    });
    let said = output_text(&output);
    let story = format!("{story}\nthen {said}");
    match left.first() {
        None => assert_eq!(devices(&scene.aws), [alices(USER)], "{story}"),
        // It is left as it was, and named.
        Some((serial, None)) => {
            assert!(said.contains(serial), "{story}");
            assert_eq!(devices(&scene.aws), left, "{story}");
        }
        // The user has a device: a further one needs it.
        Some((_, Some(_))) => {
            assert_eq!(output.status.code(), Some(7), "{story}");
            assert_eq!(devices(&scene.aws), left, "{story}");
            let login = scene.login(&["-pdev"]);
            login.check_stderr(|_| {}).run();
        }
    }
}

#[test]
fn killed_at_each_request_no_device_is_left_that_the_next_run_does_not_name() {
    for number in 1..=requests() {
        for fault in [Fault::Silent, Fault::SilentAfter] {
            let scene = without_device();
            let (status, said) = ended(&scene, number, fault, Signal::KILL);
            assert_eq!(status, None, "{said}");
            next_run_goes_on(&scene, &format!("{fault:?} {number}: {said}"));
        }
    }
}

#[test]
fn ended_at_each_request_it_leaves_nothing_or_names_it() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        // Before a device may be made, a signal of others ends the process as usual.
        for number in 3..=requests() {
            for fault in [Fault::Silent, Fault::SilentAfter] {
                let scene = without_device();
                let (status, said) = ended(&scene, number, fault, signal);
                let story = format!(
                    "{signal:?} {fault:?} {number}: {said}{:?}",
                    scene.aws.actions()
                );
                assert_eq!(status, Some(130), "{story}");
                let left = devices(&scene.aws);
                let named = said.contains(&format!("hint: {ALICES} is your device anyway"))
                    || said.contains(&format!("hint: there is a device {ALICES} now"));
                assert_eq!(left.is_empty(), !named, "{story}");
                if left == [alices(USER)] {
                    let line = format!("mfa_serial = {ALICES}");
                    assert!(scene.home.read_config().contains(&line), "{story}");
                } else {
                    assert_eq!(scene.home.read_config(), CONFIG_WITHOUT_DEVICE, "{story}");
                }
                next_run_goes_on(&scene, &story);
            }
        }
    }
}

/// Once EnableMFADevice has been sent, AWS has to list the devices before one is deleted.
#[test]
fn nothing_is_deleted_until_aws_has_listed_the_devices() {
    let scene = without_device();
    scene.aws.fault_at(5, Fault::Status(500));
    let listing = "ListMFADevices";
    let (_, said) = ended(&scene, 4, Fault::SilentAfter, Signal::INT);
    assert!(said.contains("anyway"), "{said}");

    let scene = without_device();
    scene.aws.fault_at(4, Fault::LoseAnswer);
    with_app(&scene.aws, scene.home.path(), USER, || {
        let child = start(&scene, "dev", "cat >/dev/null; touch handed");
        wait_until("the secret", || scene.home.path().join("handed").exists());
        scene
            .aws
            .fault_always(listing, Fault::Denied { explicit: true });
        let output = wait(child);
        let said = output_text(&output);
        assert!(
            said.contains(&format!(
                "{ALICES} may be your device now, so it was not deleted"
            )),
            "{said}"
        );
    });
    assert!(!scene.aws.actions().contains(&DELETE.to_owned()));
    assert_eq!(devices(&scene.aws), [alices(USER)]);
}

#[test]
fn of_two_at_once_one_enrolls_and_the_other_touches_nothing() {
    let scene = without_device();
    let config = formatdoc! {"
        {CONFIG_WITHOUT_DEVICE}
        [profile same]
        region = eu-central-1
    "};
    let keys = scene.home.read_credentials();
    let again = keys.replace("[dev]", "[same]");
    let scene = scene.config(config).credentials(keys + &again);
    with_app(&scene.aws, scene.home.path(), USER, || {
        let first = start(&scene, "dev", "cat >/dev/null; touch handed; sleep 1");
        wait_until("the secret", || scene.home.path().join("handed").exists());
        let second = wait(start(&scene, "same", "touch second"));
        let said = output_text(&second);
        assert_eq!(second.status.code(), Some(1), "{said}");
        let [begin, end] = [
            "error: another awsmfa is ",
            " of alice\nhint: wait for it to finish, or stop it\n",
        ];
        assert!(said.contains(begin) && said.ends_with(end), "{said}");
        assert!(wait(first).status.success());
    });
    assert!(!scene.home.path().join("second").exists());
    assert_eq!(devices(&scene.aws), [alices(USER)]);
}
