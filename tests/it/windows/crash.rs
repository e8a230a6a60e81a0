//! Ends logins in the middle, and checks that each file is the old one or the new one, whole, and that
//! their locks end with them.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use super::{left_nothing, succeeds};
use crate::scene::{
    CONFIG, CREDENTIALS, Scene, alice_without_device, output_text, spawn, wait, wait_until,
};
use crate::support::aws::{Fault, USER};

const KILLS: usize = 24;

/// Devices enough that no login waits for the next code.
fn scene() -> Scene {
    let devices = (0..KILLS + 4).map(|number| (device(number), secret(number)));
    let builder = devices.fold(alice_without_device(), |aws, (name, secret)| {
        aws.device(&name, &secret)
    });
    Scene::with(builder.start())
}

fn device(number: usize) -> String {
    format!("device-{number}")
}

fn secret(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % 26).expect("small"));
    let group = ["A", "B"][number / 26];
    format!("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P{group}{letter}")
}

/// A login with a device that no other login uses.
fn start(scene: &Scene, number: usize) -> Child {
    let device = device(number);
    let (serial, code) = (scene.aws.serial(&device), scene.aws.code(&device));
    let mut command = scene.home.command(["login", "-p", "dev", "--force"]);
    command.args(["--mfa-serial", &serial, "--code", &code]);
    spawn(&mut command)
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new_files() {
    kills(&scene(), || {});
}

/// Another tool may see a file that was cut short. The next awsmfa, whatever it does, finishes it first.
#[test]
fn a_kill_while_a_file_is_written_in_place_is_recovered_from() {
    let scene = scene();
    let second = scene.home.path().join("second");
    fs::hard_link(scene.home.credentials_path(), &second).expect("NTFS has hard links");
    kills(&scene, || {
        let status = scene.run(&["status"]).any_status();
        status.check_stdout(|_| {}).check_stderr(|_| {}).run();
    });
    let now = fs::read_to_string(&second).expect("there");
    assert_eq!(now, scene.home.read_credentials());
}

/// Kills logins after AWS has answered, and judges the files after `recover`.
fn kills(scene: &Scene, recover: impl Fn()) {
    // The time from the answer to the end on this machine: the slowest of three.
    let window = (0..3).map(|number| {
        let issued = scene.aws.sessions().len();
        let child = start(scene, number);
        wait_until("a session", || scene.aws.sessions().len() > issued);
        let begun = Instant::now();
        let ended = wait(child);
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        begun.elapsed()
    });
    let window = window.max().expect("three runs");
    let (mut olds, mut news) = (0, 0);
    let mut before = scene.home.read_credentials();
    let config = scene.home.read_config();
    for number in 0..KILLS {
        let issued = scene.aws.sessions().len();
        let mut child = start(scene, number + 3);
        wait_until("a session", || scene.aws.sessions().len() > issued);
        thread::sleep(window.mul_f64(number as f64 / KILLS as f64));
        // It may have ended by itself.
        let _ = child.kill();
        wait(child);
        recover();
        let now = scene.home.read_credentials();
        if now == before {
            olds += 1;
        } else {
            let session = scene.aws.sessions().pop().expect("one was made");
            let whole = now.starts_with(CREDENTIALS)
                && now.contains(&session.access_key_id)
                && now.contains(&session.token)
                && now.ends_with("awsmfa_duration = 43200\n");
            assert!(whole, "neither the old nor the new file:\n{now}");
            news += 1;
        }
        assert_eq!(scene.home.read_config(), config);
        before = now;
    }
    println!("window {window:?}: {olds} old, {news} new");
    assert!(olds > 0 && news > 0, "{olds} old, {news} new");
    let ended = wait(start(scene, KILLS + 3));
    assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
    left_nothing(scene);
    assert!(scene.home.read_config().starts_with(CONFIG));
}

/// Windows releases the locks of a process that has ended, but it may take its time.
#[test]
fn the_locks_of_a_killed_login_are_free() {
    let scene = Scene::default();
    scene.aws.fault("GetSessionToken", Fault::Silent);
    let code = scene.aws.code(USER);
    let mut command = scene.home.command(["login", "-p", "dev", "--code", &code]);
    let mut child = spawn(&mut command);
    wait_until("a request", || !scene.aws.actions().is_empty());
    child.kill().expect("it hangs");
    wait(child);
    scene.aws.heal();
    scene.aws.to_next_window();
    let begun = Instant::now();
    succeeds(scene.login(&["-p", "dev"]));
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited");
}
