//! Tests `device enroll`: from no device, or one, to one more and a session made with it.

mod dialogue;

use crate::scene::{CONFIG_WITHOUT_DEVICE, Scene, alice_without_device};
use crate::support::aws::{Aws, USER};
use crate::support::terminal::{Session, Terminal};

/// The requests that come before a device is made.
const BEFORE: [&str; 2] = ["GetCallerIdentity", "ListMFADevices"];
const CREATE: &str = "CreateVirtualMFADevice";
const ENABLE: &str = "EnableMFADevice";
const DELETE: &str = "DeleteVirtualMFADevice";

const ALICES: &str = "arn:aws:iam::123456789012:mfa/alice";

/// Alice, who has no device, and a stand-in that takes a new one at once.
fn without_device() -> Scene {
    use chrono::TimeDelta;
    let aws = alice_without_device().delays(TimeDelta::zero(), TimeDelta::zero());
    Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE)
}

/// The requests from [`BEFORE`] on, and then these.
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

/// Types two codes that `device` shows in a row.
fn type_codes(terminal: &mut Session<'_>, aws: &Aws, device: &str) {
    terminal.sees(&format!("code of {device}: "));
    terminal.types(&aws.code_at(device, 0));
    terminal.sees(&format!("next code of {device}: "));
    terminal.types(&aws.code_at(device, 1));
}

/// The devices of the account, and whose they are.
fn devices(aws: &Aws) -> Vec<(String, Option<String>)> {
    aws.devices()
}

fn alices(name: &str) -> (String, Option<String>) {
    let serial = format!("arn:aws:iam::123456789012:mfa/{name}");
    (serial, Some(USER.to_owned()))
}
