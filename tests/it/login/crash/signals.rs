//! Sends logins the signals that ask a program to end: before the answer, after it, and during the save.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::scene::{
    NEW_CONFIG, Scene, Version, leftovers, old_credentials, output_text, spawn, wait,
};
use crate::support::aws::Fault;

const ROUNDS: u32 = 12;

#[test]
fn ctrl_c_after_the_answer_lets_the_save_finish() {
    let scene = Scene::with_devices(30);
    let (mut done, mut cancelled) = (0, 0);
    for round in 0..ROUNDS {
        let home = scene.another_home();
        let mut renewal = scene.renewal(&home);
        let child = spawn(&mut renewal.command);
        wait_closely_until(|| {
            !scene.aws.sessions().is_empty() && scene.spent_codes() > round as usize
        });
        // The session has been issued, but until the answer arrives Ctrl-C still cancels.
        thread::sleep(Duration::from_micros(1500 + u64::from(round) * 700));
        send_signal(&child, "INT");
        let ended = wait(child);
        let story = output_text(&ended);
        match ended.status.code() {
            Some(0) => {
                done += 1;
                assert_eq!(
                    scene.version(&home, old_credentials(), &renewal.serial),
                    Version::New
                );
                assert_eq!(home.read_config(), NEW_CONFIG);
            }
            Some(130) => {
                cancelled += 1;
                assert_eq!(
                    scene.version(&home, old_credentials(), &renewal.serial),
                    Version::Old
                );
            }
            other => panic!(
                "{other:?} {:?} in round {round}: {story}",
                ended.status.signal()
            ),
        }
        assert_eq!(leftovers(&home), Vec::<String>::new(), "round {round}");
    }
    println!("{done} saved, {cancelled} cancelled before the answer was there");
    assert!(done >= ROUNDS / 2, "{done} saved, {cancelled} cancelled");
}

#[test]
fn ctrl_c_while_aws_is_slow_cancels_and_changes_nothing() {
    let scene = Scene::with_devices(2);
    scene
        .aws
        .fault("GetSessionToken", Fault::Delay(Duration::from_secs(10)));
    let home = scene.another_home();
    let mut renewal = scene.renewal(&home);
    let child = spawn(&mut renewal.command);
    wait_closely_until(|| scene.spent_codes() == 1);
    let begin = Instant::now();
    send_signal(&child, "INT");
    let ended = wait(child);
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "it waited for AWS"
    );
    assert_eq!(ended.status.code(), Some(130), "{}", output_text(&ended));
    assert_eq!(
        scene.version(&home, old_credentials(), &renewal.serial),
        Version::Old
    );
    assert_eq!(leftovers(&home), Vec::<String>::new());
}

#[test]
fn signals_that_end_a_run_leave_the_files_old_or_new() {
    let scene = Scene::with_devices(60);
    for name in ["TERM", "HUP", "QUIT"] {
        let mut ended_by = 0;
        for round in 0..ROUNDS {
            let home = scene.another_home();
            let issued = scene.aws.sessions().len();
            let mut renewal = scene.renewal(&home);
            let child = spawn(&mut renewal.command);
            wait_closely_until(|| scene.aws.sessions().len() > issued);
            thread::sleep(Duration::from_micros(u64::from(round) * 800));
            send_signal(&child, name);
            let ended = wait(child);
            ended_by += u32::from(ended.status.signal().is_some());
            scene.version(&home, old_credentials(), &renewal.serial);
            // The lock disappears with its holder.
            scene.renews_and_clears_up(&home);
        }
        assert!(ended_by > 0, "SIG{name} came too late each time");
    }
}

fn wait_closely_until(mut met: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !met() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it never came");
        thread::sleep(Duration::from_micros(200));
    }
}

fn send_signal(child: &Child, name: &str) {
    // The run may have ended already.
    let sent = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
    sent.expect("kill is on every Unix");
}
