//! Plays the person who enrols a device at a terminal: what is seen, typed and cancelled.

use indoc::{formatdoc, indoc};

use super::{
    ALICES, CODES, CREATE, DELETE, ENABLE, after_before, alices, at_terminal, devices, of_size,
    type_codes, with_app, without_device,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, CREDENTIALS, ISSUE};
use crate::support::aws::Fault;

const ENROLLED: &str = indoc! {"
    enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
    mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
"};

const READY: &str = indoc! {"
    waiting about 15 s for AWS to accept the new device, then signing in
    dev-mfa is ready until {*} (12h from now)
    use it with: export AWS_PROFILE=dev-mfa
"};

const LATER: &str =
    "AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`\n";

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
        &format!("{ENROLLED}AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`\n"),
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
                deleting the unfinished device alice again
                error: cancelled
                hint: if alice is in your app, delete it there: the next run shows a new QR code
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
    terminal.sees("show the secret as text, to type into your app? [Y/n] ");
    assert_eq!(scene.aws.actions(), after_before(&[]));
    terminal.types("y");
    type_codes(&mut terminal, &scene.aws, "alice");
    let shown: String = terminal.shown().split_whitespace().collect();
    assert!(
        shown.contains(&scene.aws.seed("alice")),
        "the whole secret is shown"
    );
    terminal.ends(
        0,
        &formatdoc! {"
            the QR code needs {{*}} columns and {{*}} lines, and this terminal has 30 and 24
            show the secret as text, to type into your app? [Y/n] y
            {ENROLLED}AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`
        "},
    );
}

#[test]
fn what_is_no_code_and_the_same_code_are_asked_for_again_without_aws() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    for wrong in ["", "12345", "hello"] {
        terminal.sees("code of alice: ");
        terminal.types(wrong);
        terminal.sees("a code is six digits");
    }
    terminal.sees("code of alice: ");
    let codes = [0, 1].map(|steps| scene.aws.code_at("alice", steps));
    terminal.types(&codes[0]);
    terminal.sees("the next code appears in ");
    terminal.sees("next code of alice: ");
    terminal.types(&codes[0]);
    terminal.sees("that is the same code again; the next one appears in ");
    terminal.sees("next code of alice: ");
    terminal.types("1");
    terminal.sees("a code is six digits");
    terminal.sees("next code of alice: ");
    terminal.types(&codes[1]);
    terminal.ends(0, &format!("{ENROLLED}{LATER}"));
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE]));
}

#[test]
fn two_codes_that_aws_refuses_are_both_asked_for_anew_three_times_in_all() {
    for tries in [2, 3] {
        let scene = without_device();
        let mut terminal = at_terminal(&scene, &["--no-login"]).start();
        for number in 1..=tries {
            // The first is right, and the second does not follow it.
            terminal.sees("code of alice: ");
            terminal.types(&scene.aws.code_at("alice", 0));
            terminal.sees("next code of alice: ");
            terminal.types(&scene.aws.code_at("alice", 40));
            if number < 3 {
                terminal.sees("AWS refused both codes of alice; enter two new ones in a row");
            }
        }
        if tries == 2 {
            type_codes(&mut terminal, &scene.aws, "alice");
            terminal.ends(0, &format!("{ENROLLED}{LATER}"));
            let then = [CREATE, ENABLE, ENABLE, ENABLE];
            assert_eq!(scene.aws.actions(), after_before(&then));
            continue;
        }
        terminal.ends(
            4,
            &formatdoc! {"
                deleting the unfinished device alice again
                error: AWS refused both codes of alice
                hint: they must be two that the device shows in a row; check that its clock is right; if alice is in your app, delete it there: the next run shows a new QR code
            "},
        );
        let then = [CREATE, ENABLE, ENABLE, ENABLE, "ListMFADevices", DELETE];
        assert_eq!(scene.aws.actions(), after_before(&then));
        assert_eq!(devices(&scene.aws), []);
    }
}

#[test]
fn the_end_of_the_input_cancels_too() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &[]).start();
    terminal.sees("code of alice: ");
    terminal.presses("\x04");
    terminal.ends(
        130,
        &formatdoc! {"
            deleting the unfinished device alice again
            error: cancelled
            hint: if alice is in your app, delete it there: the next run shows a new QR code
        "},
    );
    assert_eq!(devices(&scene.aws), []);
}

/// What is typed while the process is stopped goes to the shell, and the secret is on no screen of its.
#[test]
fn a_stop_shows_the_usual_screen_and_the_question_stands_again_after_it() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &["--no-login"])
        .script(
            "stty cols 80 rows 24; set -m; \"$@\"; echo stopped; fg >/dev/null; echo \"over $?\"",
        )
        .start();
    terminal.sees("code of alice: ");
    terminal.presses("\x1a");
    terminal.sees("\x1b[?1049l");
    terminal.sees("stopped");
    terminal.sees("\x1b[?1049h");
    type_codes(&mut terminal, &scene.aws, "alice");
    terminal.sees("over 0");
    terminal.ends(0, &format!("{{*}}stopped\n{ENROLLED}{LATER}over 0\n"));
    assert_eq!(devices(&scene.aws), [alices("alice")]);
}

#[test]
fn a_secret_that_is_not_wished_for_as_text_is_made_for_nobody() {
    for (answer, ends) in [("n", "n\n"), ("\x03", "^C\n")] {
        let scene = without_device();
        let mut terminal = of_size(&scene, &[], 30, 24).start();
        terminal.sees("show the secret as text, to type into your app? [Y/n] ");
        if answer == "n" {
            terminal.types("n");
        } else {
            terminal.presses(answer);
        }
        let said = match answer {
            "n" => indoc! {"
                error: cancelled, nothing was changed
                hint: make the terminal larger, or pass the secret to a program with --secret-command or --secret-stdout
            "},
            _ => "error: cancelled\n",
        };
        terminal.ends(
            130,
            &formatdoc! {"
                the QR code needs {{*}} columns and {{*}} lines, and this terminal has 30 and 24
                show the secret as text, to type into your app? [Y/n] {ends}{said}"},
        );
        assert_eq!(scene.aws.actions(), after_before(&[]));
    }
}

/// There the secret would stay in the lines of the terminal: Enter alone does not show it.
#[test]
fn a_terminal_without_another_screen_shows_the_secret_only_if_that_is_wished() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &["--no-login"])
        .env("TERM", "dumb")
        .start();
    terminal.sees("show the secret as text, to type into your app? [y/N] ");
    terminal.types("");
    terminal.sees("error: cancelled, nothing was changed");
    drop(terminal);
    assert_eq!(scene.aws.actions(), after_before(&[]));
}

/// With the steps and the requests shown, neither the secret nor a code is.
#[test]
fn what_is_shown_of_the_steps_holds_no_secret() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &["--no-login", "-v"]).start();
    type_codes(&mut terminal, &scene.aws, "alice");
    terminal.sees("enrolled the MFA device");
    let seed = scene.aws.seed("alice");
    terminal.sees("AWS accepts it in about 15 s");
    let shown = terminal.shown();
    assert!(shown.contains("iam:CreateVirtualMFADevice"), "{shown}");
    assert!(!shown.contains(&seed[..12]), "{shown}");
}

#[test]
fn the_picture_may_be_white_on_black() {
    for (args, begin) in [
        (&[][..], "\x1b[0;38;5;16;48;5;231m"),
        (&["--invert"], "\x1b[0;38;5;231;48;5;16m"),
    ] {
        let scene = without_device();
        let mut terminal = at_terminal(&scene, args).start();
        terminal.sees("\x1b[2J");
        terminal.sees(begin);
        terminal.sees("code of alice: ");
        terminal.presses("\x03");
        terminal.sees("error: cancelled");
    }
}

#[test]
fn a_command_gives_the_codes_once_the_picture_was_seen() {
    let scene = without_device();
    with_app(&scene.aws, scene.home.path(), "alice", || {
        let args = ["--no-login", "--code-command", CODES];
        let mut terminal = at_terminal(&scene, &args).start();
        terminal.sees("press Enter when it is there ");
        terminal.types("");
        terminal.ends(
            0,
            &format!("waiting for the next code, in {{*}} s\n{ENROLLED}{LATER}"),
        );
    });
}

/// Who doesn't wait until it is deleted has to know that it may be there.
#[test]
fn ctrl_c_while_it_is_deleted_again_names_the_device() {
    let scene = without_device();
    scene.aws.fault_always(DELETE, Fault::Silent);
    let mut terminal = at_terminal(&scene, &[]).start();
    terminal.sees("code of alice: ");
    terminal.presses("\x03");
    terminal.sees("deleting the unfinished device alice again");
    std::thread::sleep(std::time::Duration::from_millis(300));
    terminal.presses("\x03");
    terminal.sees(&format!(
        "hint: the device {ALICES} may still be there: enroll again to find out"
    ));
    drop(terminal);
    assert_eq!(devices(&scene.aws).len(), 1);
}
