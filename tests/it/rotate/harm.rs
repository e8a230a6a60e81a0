//! Tests rotations that are killed at a request, lose an answer, or run beside another: the files hold a
//! key that works, and the next run finishes the rotation.

use std::thread;
use std::time::Duration;

use super::{CREATE, DELETE, LIST, UPDATE, WHO, ids, signed_in};
use crate::scene::{CONFIG, Scene, alice, finish, output_text, spawn, wait_until};
use crate::support::aws::{Fault, KEY_ID, SECRET_KEY};

/// Alice, who has signed in, with her key in the config file too.
pub(super) fn scene() -> Scene {
    let scene = signed_in(alice());
    let config = format!(
        "{CONFIG}[profile ci]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET_KEY}\n"
    );
    scene.config(config)
}

/// Checks that each profile has a key that works.
pub(super) fn both_work(scene: &Scene, what: &str) {
    let (config, credentials) = (scene.home.read_config(), scene.home.read_credentials());
    let signs = |text: &str, section| {
        let id = super::value(text, section, "aws_access_key_id");
        let secret = super::value(text, section, "aws_secret_access_key");
        let keys = scene.aws.keys().into_iter();
        let mut keys = keys.filter(|it| it.2);
        keys.any(|it| Some(it.0) == id && Some(it.1) == secret)
    };
    assert!(signs(&credentials, "dev"), "{what}: dev: {credentials}");
    assert!(signs(&config, "profile ci"), "{what}: ci: {config}");
}

/// Finishes what a run has left, as a user would, and checks that one key is in use everywhere.
pub(super) fn ends(scene: &Scene, what: &str) {
    let again = || {
        scene
            .home
            .command(["rotate", "dev", "--no-input", "--delete-old"])
    };
    let mut output = finish(again());
    let said = output_text(&output);
    if !output.status.success() {
        // The user deletes a key whose secret nobody has.
        assert!(said.contains("lost its secret"), "{what}: {said}");
        let lost = ids(&scene.aws).0.pop().expect("the lost one");
        assert!(said.contains(&lost), "{what}: {said}");
        scene.aws.delete_key(&lost);
        output = finish(again());
    }
    let said = output_text(&output);
    assert!(output.status.success(), "{what}: {said}");
    both_work(scene, what);
    let (active, inactive) = ids(&scene.aws);
    assert_eq!((active.len(), inactive.len()), (1, 0), "{what}: {said}");
    let files = scene.home.read_credentials() + &scene.home.read_config();
    assert!(
        !files.contains("awsmfa_next") && !files.contains("awsmfa_prev"),
        "{what}: {files}"
    );
}

/// The process is killed while it waits for each answer, before and after AWS has acted.
#[test]
fn a_run_killed_at_a_request_is_completed_by_the_next_one() {
    let requests = [WHO, LIST, CREATE, WHO, WHO, UPDATE, DELETE];
    for (number, action) in (1..).zip(requests) {
        for fault in [Fault::Silent, Fault::SilentAfter] {
            let scene = scene();
            let before = scene.aws.requests().len();
            scene.aws.fault_at(number, fault);
            let mut command = scene
                .home
                .command(["rotate", "dev", "--no-input", "--delete-old"]);
            let mut child = spawn(&mut command);
            wait_until("the request", || {
                scene.aws.requests().len() >= before + number
            });
            thread::sleep(Duration::from_millis(30));
            child.kill().expect("it waits for the answer");
            child.wait().expect("it ends");
            scene.aws.heal();
            let what = format!("killed at request {number}, {action}, {fault:?}");
            assert_eq!(scene.aws.actions().last().map(String::as_str), Some(action));
            both_work(&scene, &what);
            ends(&scene, &what);
        }
    }
}

#[test]
fn each_answer_may_be_lost_once_without_harm() {
    const FAULTS: [Fault; 7] = [
        Fault::LoseAnswer,
        Fault::CutAnswer,
        Fault::CutXml,
        Fault::EmptyFields,
        Fault::Gateway(504),
        Fault::Status(500),
        Fault::CloseBefore,
    ];
    let requests = [WHO, LIST, CREATE, WHO, WHO, UPDATE, DELETE];
    thread::scope(|scope| {
        for (number, action) in (1..).zip(requests) {
            scope.spawn(move || {
                for fault in FAULTS {
                    lose(number, action, fault);
                }
            });
        }
    });
}

/// Makes `fault` happen to the request of this number.
fn lose(number: usize, action: &str, fault: Fault) {
    let scene = scene();
    scene.aws.fault_at(number, fault);
    let before = scene.aws.keys().len();
    let run = ["rotate", "dev", "--no-input", "--delete-old"];
    let output = finish(scene.home.command(run));
    let said = output_text(&output);
    let what = format!("{fault:?} at {number}, {action}: {said}");
    both_work(&scene, &what);
    // It is not sent again, whatever became of it.
    let actions = scene.aws.actions();
    let creations = actions.iter().filter(|it| *it == CREATE).count();
    let made = scene.aws.keys().len();
    assert!(creations <= 1 && made <= before + 1, "{what}");
    if !output.status.success() {
        ends(&scene, &what);
    }
}

#[test]
fn if_two_run_at_once_only_one_rotates() {
    let scene = scene();
    let all = thread::scope(|scope| {
        let run = || {
            finish(
                scene
                    .home
                    .command(["rotate", "dev", "--no-input", "--delete-old"]),
            )
        };
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        runs.into_iter()
            .map(|run| run.join().expect("it ends"))
            .collect::<Vec<_>>()
    });
    let done = all.iter().filter(|it| it.status.success()).count();
    let said: Vec<String> = all.iter().map(output_text).collect();
    assert_eq!(done, 1, "{said:?}");
    for said in said.iter().filter(|it| !it.contains("created access key")) {
        assert!(
            said.contains("another awsmfa is changing the access key"),
            "{said}"
        );
    }
    both_work(&scene, "two at once");
    assert_eq!(ids(&scene.aws).0.len(), 1);
    let actions = scene.aws.actions();
    assert_eq!(actions.iter().filter(|it| *it == CREATE).count(), 1);
}

#[test]
fn a_key_that_can_not_be_stored_is_deleted_again() {
    let scene = signed_in(alice());
    scene
        .aws
        .fault(CREATE, Fault::Delay(Duration::from_millis(300)));
    let mut command = scene.home.command(["rotate", "dev", "--no-input"]);
    let child = command
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let child = spawn(child);
    let asked = || scene.aws.actions().contains(&CREATE.to_owned());
    wait_until("the request", asked);
    // Another program changes its keys while it waits for the answer.
    let credentials = scene.home.read_credentials();
    let changed = credentials.replace(SECRET_KEY, "another/secret");
    std::fs::write(scene.home.credentials_path(), &changed).expect("the home is writable");
    let output = child.wait_with_output().expect("it ends");
    let said = output_text(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("can't be stored") && said.contains("deleted access key AKIA"),
        "{said}"
    );
    assert_eq!(ids(&scene.aws), (vec![KEY_ID.to_owned()], vec![]));
    assert_eq!(scene.home.read_credentials(), changed);
}
