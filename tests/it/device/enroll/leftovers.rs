//! Enrolls although an unassigned device of that name exists: it is finished, made anew, or left alone,
//! as the user says.

use indoc::{formatdoc, indoc};

use super::{
    ALICES, CREATE, DELETE, ENABLE, after_before, alices, at_terminal, devices, type_codes,
    unattended, with_app,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, DEVICE_SECRET, Scene, alice_without_device};
use crate::support::aws::{Fault, USER};

const QUESTION: &str = indoc! {"
    the MFA device arn:aws:iam::123456789012:mfa/alice exists but is not assigned to you, perhaps from an unfinished enrollment: is it in your app?
      1  alice is in my app: finish it with two codes
      2  delete alice and start over
      3  leave alice alone and make alice-2
    which one? [1-3] "};

const LATER: &str =
    "AWS accepts it in about 15 s: then sign in with `awsmfa login --profile dev`\n";

/// An account in which alice's enrollment was not finished.
fn unfinished() -> Scene {
    let aws = alice_without_device().unassigned(USER, DEVICE_SECRET);
    Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE)
}

#[test]
fn a_leftover_that_is_in_the_app_is_finished_with_two_codes() {
    let scene = unfinished();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("1");
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.ends(
        0,
        &formatdoc! {"
            {QUESTION}1
            first code of alice: {{*}}
            the next code appears in {{*}} s
            next code of alice: {{*}}
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            {LATER}"},
    );
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE]));
    assert_eq!(scene.aws.seed(USER), DEVICE_SECRET, "it is the same device");
}

#[test]
fn a_leftover_that_is_not_in_the_app_is_replaced() {
    let scene = unfinished();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    for wrong in ["", "0", "4", "yes"] {
        terminal.sees("which one? [1-3] ");
        terminal.types(wrong);
    }
    terminal.sees("type a number from 1 to 3");
    terminal.sees("which one? [1-3] ");
    terminal.types("2");
    type_codes(&mut terminal, &scene.aws, USER);
    let again = "type a number from 1 to 3\nwhich one? [1-3] ";
    terminal.ends(
        0,
        &formatdoc! {"
            {QUESTION}
            {again}0
            {again}4
            {again}yes
            {again}2
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            {LATER}"},
    );
    let then = [CREATE, DELETE, CREATE, ENABLE];
    assert_eq!(scene.aws.actions(), after_before(&then));
    assert_ne!(scene.aws.seed(USER), DEVICE_SECRET, "it is another device");
}

#[test]
fn a_leftover_can_be_left_as_it_is() {
    let scene = unfinished();
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("3");
    type_codes(&mut terminal, &scene.aws, "alice-2");
    terminal.ends(
        0,
        &formatdoc! {"
            {QUESTION}3
            enrolled the MFA device {ALICES}-2
            mfa_serial of profile dev is {ALICES}-2
            {LATER}"},
    );
    let left = (ALICES.to_owned(), None);
    assert_eq!(devices(&scene.aws), [left, alices("alice-2")]);
}

/// Neither Ctrl-C nor a refusal deletes a device that existed before.
#[test]
fn a_device_that_existed_before_is_never_deleted_without_asking() {
    // At the choice, at the codes, and after codes that AWS refuses.
    for step in 0..3 {
        let scene = unfinished();
        let mut terminal = at_terminal(&scene, &[]).start();
        terminal.sees("which one? [1-3] ");
        if step > 0 {
            terminal.types("1");
            terminal.sees("code of alice: ");
        }
        if step > 1 {
            terminal.types(&scene.aws.code_at(USER, 40));
            terminal.sees("next code of alice: ");
            terminal.types(&scene.aws.code_at(USER, 50));
            terminal.sees("AWS refused both codes of alice; enter two new ones in a row");
            terminal.sees("code of alice: ");
        }
        terminal.presses("\x03");
        let asked = "first code of alice: ";
        let hint = format!("hint: the device {ALICES} is unchanged: enroll again to finish it\n");
        let end = match step {
            0 => format!("{QUESTION}^C\nerror: cancelled\n"),
            1 => format!("{QUESTION}1\n{asked}^C\nerror: cancelled\n"),
            _ => formatdoc! {"
                {QUESTION}1
                {asked}{{*}}
                the next code appears in {{*}} s
                next code of alice: {{*}}
                AWS refused both codes of alice; enter two new ones in a row
                {asked}^C
                error: cancelled
                {hint}"},
        };
        terminal.ends(130, &end);
        assert_eq!(devices(&scene.aws), [(ALICES.to_owned(), None)]);
        assert!(!scene.aws.actions().contains(&DELETE.to_owned()));
    }
}

#[test]
fn an_unattended_run_names_it_and_creates_no_second_one() {
    let scene = unfinished();
    unattended(&scene, &[])
        .status(7)
        .stderr(indoc! {"
            error: the MFA device arn:aws:iam::123456789012:mfa/alice exists but is not assigned to you, and --no-input forbids asking
            hint: it may be from an unfinished enrollment, or another user's: run this in a terminal to finish it or start over, or choose another name with --name
        "})
        .run();
    assert_eq!(scene.aws.actions(), after_before(&[CREATE]));
    assert_eq!(devices(&scene.aws), [(ALICES.to_owned(), None)]);
}

#[test]
fn a_leftover_that_may_not_be_deleted_is_named_with_what_an_administrator_can_do() {
    let scene = unfinished();
    scene.aws.fault(DELETE, Fault::Denied { explicit: false });
    let mut terminal = at_terminal(&scene, &[]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("2");
    terminal.ends(
        5,
        &formatdoc! {"
            {QUESTION}2
            error: you are not allowed to delete {ALICES}: {{*}}
            hint: an administrator can delete it: aws iam delete-virtual-mfa-device --serial-number {ALICES}
        "},
    );
    assert_eq!(devices(&scene.aws), [(ALICES.to_owned(), None)]);
}

#[test]
fn another_users_leftover_is_not_taken_and_the_next_name_is_used() {
    let aws = alice_without_device()
        .user("bob")
        .device(USER, DEVICE_SECRET);
    let scene = Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE);
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("1");
    type_codes(&mut terminal, &scene.aws, USER);
    type_codes(&mut terminal, &scene.aws, "alice-2");
    terminal.ends(
        0,
        &formatdoc! {"
            {QUESTION}1
            first code of alice: {{*}}
            the next code appears in {{*}} s
            next code of alice: {{*}}
            {ALICES} belongs to another user and is left unchanged
            enrolled the MFA device {ALICES}-2
            mfa_serial of profile dev is {ALICES}-2
            {LATER}"},
    );
    let bobs = (ALICES.to_owned(), Some("bob".to_owned()));
    assert_eq!(devices(&scene.aws), [bobs, alices("alice-2")]);
}

/// AWS reveals a seed once: if the answer is lost, the device is made anew only if the user says so.
#[test]
fn a_device_whose_answer_was_lost_is_created_again() {
    let scene = super::without_device();
    scene.aws.fault(CREATE, Fault::LoseAnswer);
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-2] ");
    terminal.types("1");
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.ends(
        0,
        &formatdoc! {"
            AWS's answer was lost, but there is a device {ALICES} now; its secret can't be retrieved again
              1  delete alice and start over
              2  leave alice alone and make alice-2
            which one? [1-2] 1
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            {LATER}"},
    );
    let then = [CREATE, "ListVirtualMFADevices", DELETE, CREATE, ENABLE];
    assert_eq!(scene.aws.actions(), after_before(&then));
}

#[test]
fn a_lost_answer_that_can_not_be_resolved_is_reported_and_the_next_run_finds_the_device() {
    let scene = super::without_device();
    scene.aws.fault(CREATE, Fault::LoseAnswer);
    let denied = Fault::Denied { explicit: false };
    scene.aws.fault_always("ListVirtualMFADevices", denied);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .status(6)
            .stderr(formatdoc! {"
                error: no usable answer to iam:CreateVirtualMFADevice from {{*}}
                hint: AWS may have created the device {ALICES}: enroll again to find out
            "})
            .run();
        let named = unattended(&scene, &[]).status(7);
        named
            .check_stderr(|shown| assert!(shown.contains(ALICES), "{shown}"))
            .run();
    });
}

#[test]
fn a_new_device_that_may_not_be_deleted_is_named() {
    let scene = super::without_device();
    scene
        .aws
        .fault_always(DELETE, Fault::Denied { explicit: true });
    let mut terminal = at_terminal(&scene, &[]).start();
    terminal.sees("code of alice: ");
    terminal.presses("\x03");
    terminal.ends(
        130,
        &formatdoc! {"
            deleting the unfinished device alice again
            error: cancelled
            hint: {ALICES} is left unfinished, and you are not allowed to delete it: enroll again if it is in your app; otherwise an administrator can delete it: aws iam delete-virtual-mfa-device --serial-number {ALICES}
        "},
    );
    // The next run finds it, and two codes finish it.
    let mut terminal = at_terminal(&scene, &["--no-login"]).start();
    terminal.sees("which one? [1-3] ");
    terminal.types("1");
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("enrolled the MFA device");
    drop(terminal);
}

/// A device that AWS names unasked may belong to anybody.
#[test]
fn a_device_that_was_not_requested_is_neither_used_nor_deleted() {
    let scene = super::without_device();
    let text = "arn:aws:iam::123456789012:mfa/x-";
    let element = "SerialNumber";
    scene.aws.fault(CREATE, Fault::Before { element, text });
    unattended(&scene, &["--no-login"])
        .status(6)
        .stderr(formatdoc! {"
            error: AWS answered with the device {text}{ALICES} instead of {ALICES}
            hint: AWS may have created the device {ALICES}: enroll again to find out
        "})
        .run();
    assert_eq!(scene.aws.actions(), after_before(&[CREATE]));
}

/// AWS may still be about to make it, and two would be one too many.
#[test]
fn a_device_whose_answer_was_lost_is_not_requested_again_in_the_same_run() {
    for fault in [Fault::CloseBefore, Fault::NotXml, Fault::Gateway(504)] {
        let scene = super::without_device();
        scene.aws.fault(CREATE, fault);
        let run = unattended(&scene, &["--no-login"]);
        run.status(if matches!(fault, Fault::Gateway(_)) {
            7
        } else {
            6
        })
        .check_stderr(|shown| assert!(shown.contains(ALICES), "{shown}"))
        .run();
        let sent = after_before(&[CREATE, "ListVirtualMFADevices"]);
        assert_eq!(scene.aws.actions(), sent, "{fault:?}");
    }
}
