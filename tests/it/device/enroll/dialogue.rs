//! Plays the person who enrols a device at a terminal: what is seen, typed and cancelled.

use indoc::{formatdoc, indoc};

use super::{
    ALICES, CREATE, DELETE, ENABLE, after_before, alices, at_terminal, devices, of_size,
    type_codes, without_device,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, CREDENTIALS, ISSUE};

const ENROLLED: &str = indoc! {"
    enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
    mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
"};

const READY: &str = indoc! {"
    signing in with alice as soon as AWS takes it, in about 15 s
    dev-mfa is ready until {*} (12h from now)
    use it with: export AWS_PROFILE=dev-mfa
"};

#[test]
fn from_no_device_to_a_session() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &[]).start();
    type_codes(&mut terminal, &scene.aws, "alice");
    terminal.ends(0, &format!("{ENROLLED}{READY}"));
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE, ISSUE]));
    assert_eq!(devices(&scene.aws), [alices("alice")]);
    let config = scene.home.read_config();
    let expected = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {ALICES}\n");
    assert!(config.starts_with(&expected), "{config}");
    let credentials = scene.home.read_credentials();
    assert!(credentials.starts_with(CREDENTIALS), "{credentials}");
    assert!(
        credentials.contains(&format!("awsmfa_mfa_serial = {ALICES}\n")),
        "{credentials}"
    );
}

#[test]
fn the_wait_is_left_out_where_nobody_wants_it() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    type_codes(&mut terminal, &scene.aws, "alice");
    terminal.ends(
        0,
        &format!("{ENROLLED}about 15 s until AWS takes it: then sign in with `awsmfa login --profile dev`\n"),
    );
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE]));
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[test]
fn ctrl_c_at_each_question_leaves_no_device() {
    for typed in 0..2 {
        let scene = without_device();
        let mut terminal = at_terminal(&scene, &[]).start();
        terminal.sees("code of alice: ");
        if typed > 0 {
            terminal.types(&scene.aws.code_at("alice", 0));
            terminal.sees("next code of alice: ");
        }
        terminal.presses("\x03");
        terminal.ends(
            130,
            &formatdoc! {"
                deleting {ALICES}, which is not enrolled (iam:DeleteVirtualMFADevice)
                error: cancelled
            "},
        );
        assert_eq!(scene.aws.actions(), after_before(&[CREATE, DELETE]));
        assert_eq!(devices(&scene.aws), []);
        assert_eq!(scene.home.read_config(), CONFIG_WITHOUT_DEVICE);
    }
}

#[test]
fn a_terminal_without_room_shows_the_secret_as_text_if_that_is_wished() {
    let scene = without_device();
    let mut terminal = of_size(&scene, &["--no-login"], 30, 24).start();
    terminal.sees("show the secret as text, to be typed into your app? [Y/n] ");
    assert_eq!(scene.aws.actions(), after_before(&[]));
    terminal.types("y");
    type_codes(&mut terminal, &scene.aws, "alice");
    terminal.ends(
        0,
        &formatdoc! {"
            the QR code needs {{*}} columns and {{*}} lines, and this terminal has 30 and 24
            show the secret as text, to be typed into your app? [Y/n] y
            {ENROLLED}about 15 s until AWS takes it: then sign in with `awsmfa login --profile dev`
        "},
    );
}
