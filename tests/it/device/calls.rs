//! Lets strace kill `device remove` and `device replace` at each call that changes a file: alice keeps a
//! device that works, and the next run ends what the killed one began.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::scene::{
    CHANGES, Call, DEVICE_SECRET, SERIAL, Scene, alice, file_calls, finish, need_strace,
    output_text, traced,
};
use crate::support::aws::{Aws, USER};

const OTHER: &str = "arn:aws:iam::123456789012:mfa/alice-2";

/// Alice with `alice`, which the files name, and the later `alice-2`; and a session.
fn scene() -> Scene {
    let aws = alice()
        .enabled_at("2020-01-01T00:00:00Z")
        .device("alice-2", DEVICE_SECRET);
    let scene = Scene::with(aws.start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

fn owns(aws: &Aws, serial: &str) -> bool {
    let mut devices = aws.devices().into_iter();
    devices.any(|(it, user)| it == serial && user.as_deref() == Some(USER))
}

/// Kills the command that `begin` makes at each of its calls, and shows what `ends` asks for.
fn kill_at_each_call(begin: fn(&Scene) -> Command, ends: fn(&Scene, &str)) {
    need_strace();
    let whole = scene();
    let (output, trace) = traced(&whole.home, &begin(&whole), &CHANGES, None);
    let said = output_text(&output);
    assert!(!owns(&whole.aws, SERIAL), "strace must work here: {said}");
    let cases: Vec<Call> = file_calls(&trace, &CHANGES).collect();
    let (next, hits) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(call) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let scene = scene();
                    let inject = format!("inject={}:signal=KILL:when={}", call.name, call.number);
                    let command = begin(&scene);
                    let (output, trace) = traced(&scene.home, &command, &CHANGES, Some(&inject));
                    let killed = trace.contains("killed by SIGKILL");
                    hits.fetch_add(usize::from(killed), Ordering::Relaxed);
                    let story = format!("{inject}\n{}", output_text(&output));
                    assert!(owns(&scene.aws, OTHER), "no device is left: {story}");
                    ends(&scene, &story);
                    let devices = scene.aws.devices();
                    assert_eq!(
                        devices,
                        [(OTHER.to_owned(), Some(USER.to_owned()))],
                        "{story}"
                    );
                    let files = scene.home.read_config() + &scene.home.read_credentials();
                    assert!(!files.contains(&format!("{SERIAL}\n")), "{files}{story}");
                    assert!(files.contains("AKIAIOSFODNN7EXAMPLE"), "{files}{story}");
                }
            });
        }
    });
    let (hits, cases) = (hits.into_inner(), cases.len());
    println!("{cases} runs, {hits} of them killed");
    // Only the writes that wake the event loop vary from run to run.
    assert!(cases > 20 && hits * 10 >= cases * 8, "{hits} of {cases}");
}

/// The next run of `remove`: it ends what is left, or finds that nothing is.
fn remove_again(scene: &Scene, story: &str) {
    let again = scene
        .home
        .command(["device", "remove", "-p", "dev", SERIAL, "--yes"]);
    let said = output_text(&finish(again));
    let done = said.contains("is deactivated")
        || said.contains("is deleted")
        || said.contains("no longer exists")
        || said.contains("has no MFA device");
    assert!(done, "{said}{story}");
}

#[test]
fn a_removal_that_is_killed_at_a_file_call_is_ended_by_the_next_one() {
    kill_at_each_call(
        |scene| {
            scene
                .home
                .command(["device", "remove", "-p", "dev", "alice", "--yes"])
        },
        remove_again,
    );
}

#[test]
fn a_replacement_that_is_killed_at_a_file_call_is_ended_by_the_next_one() {
    const REPLACE: [&str; 7] = [
        "device", "replace", "-p", "dev", "alice", "--new", "alice-2",
    ];
    kill_at_each_call(
        |scene| {
            let mut command = scene.home.command(REPLACE);
            command.env("AWSMFA_CODE", scene.aws.code("alice-2"));
            command
        },
        |scene, story| {
            if owns(&scene.aws, SERIAL) {
                let mut again = scene.home.command(REPLACE);
                again.env("AWSMFA_CODE", scene.aws.code("alice-2"));
                let output = finish(again);
                assert!(output.status.success(), "{}{story}", output_text(&output));
            } else {
                remove_again(scene, story);
            }
        },
    );
}
