//! Tests `device enroll`: from no device or one to one more, and a session made with it.

mod dialogue;
mod faults;
mod further;
mod interrupted;
mod leftovers;
mod login;
mod policies;
mod scripts;
mod wait;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::scene::{CONFIG_WITHOUT_DEVICE, Scene, alice_without_device};
use crate::support::aws::{Aws, USER};
use crate::support::run::Run;
use crate::support::terminal::{Session, Terminal};

/// The requests before a device is made.
const BEFORE: [&str; 2] = ["GetCallerIdentity", "ListMFADevices"];
const CREATE: &str = "CreateVirtualMFADevice";
const ENABLE: &str = "EnableMFADevice";
const DELETE: &str = "DeleteVirtualMFADevice";

const ALICES: &str = "arn:aws:iam::123456789012:mfa/alice";

/// Alice without a device, and a stand-in that accepts a new one at once.
pub(super) fn without_device() -> Scene {
    use chrono::TimeDelta;
    let aws = alice_without_device().delays(TimeDelta::zero(), TimeDelta::zero());
    Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE)
}

/// The requests in [`BEFORE`], and then these.
fn after_before<'a>(then: &[&'a str]) -> Vec<&'a str> {
    [&BEFORE[..], then].concat()
}

/// `device enroll` at a terminal of 80 columns and 24 lines.
fn at_terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    of_size(scene, args, 80, 24)
}

fn of_size<'a>(scene: &'a Scene, args: &[&str], columns: usize, lines: usize) -> Terminal<'a> {
    scene
        .terminal(&["device", "enroll", "--profile", "dev"])
        .args(args)
        .env("TERM", "xterm-256color")
        .env("NO_COLOR", "1")
        .script(&format!("stty cols {columns} rows {lines}; exec \"$@\""))
}

/// Types two consecutive codes of `device`.
fn type_codes(terminal: &mut Session<'_>, aws: &Aws, device: &str) {
    type_codes_from(terminal, aws, device, 0);
}

/// The same, that many steps from now.
fn type_codes_from(terminal: &mut Session<'_>, aws: &Aws, device: &str, steps: i64) {
    terminal.sees(&format!("code of {device}: "));
    // Both at the same moment, because a step may begin in between.
    let codes = [steps, steps + 1].map(|steps| aws.code_at(device, steps));
    terminal.types(&codes[0]);
    terminal.sees(&format!("next code of {device}: "));
    terminal.types(&codes[1]);
}

/// The devices of the account with their users.
fn devices(aws: &Aws) -> Vec<(String, Option<String>)> {
    aws.devices()
}

fn alices(name: &str) -> (String, Option<String>) {
    let serial = format!("arn:aws:iam::123456789012:mfa/{name}");
    (serial, Some(USER.to_owned()))
}

/// A command for codes: its first run prints the current code, the next run the one after it, and so on.
/// It waits until the device is made.
pub(crate) const CODES: &str = "n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) >n; sleep 0.1; \
    while ! test -s code$n; do sleep 0.02; done; cat code$n";

/// How many codes in advance an [`App`] knows.
const KNOWN: i64 = 6;

/// Does `work` while an app, which learns the seed of `device` as soon as there is one, leaves codes in
/// the folder `home` for [`CODES`].
pub(crate) fn with_app<T>(aws: &Aws, home: &Path, device: &str, work: impl FnOnce() -> T) -> T {
    for name in (0..KNOWN).map(|number| format!("code{number}")) {
        let _ = fs::remove_file(home.join(name));
    }
    let _ = fs::remove_file(home.join("n"));
    let is_over = AtomicBool::new(false);
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            let step = || aws.now().timestamp().div_euclid(30);
            // The codes in the folder stay consecutive even if a step begins meanwhile.
            let begin = step();
            while !is_over.load(Ordering::Acquire) {
                for number in 0..KNOWN {
                    if let Some(code) = aws.code_if_there(device, begin + number - step()) {
                        let (new, name) = (home.join("new"), home.join(format!("code{number}")));
                        fs::write(&new, code).expect("the home is writable");
                        fs::rename(new, name).expect("the home is writable");
                    }
                }
                thread::sleep(Duration::from_millis(3));
            }
        });
        let _over = Over(&is_over);
        work()
    })
}

/// `device enroll` without a user: the codes come from [`CODES`], the secret goes nowhere.
fn unattended<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let command = ["device", "enroll", "--profile", "dev", "--no-input"];
    let ways = [
        "--secret-command",
        "cat >/dev/null",
        "--code-command",
        CODES,
    ];
    scene.run(&command).args(ways).args(args)
}
