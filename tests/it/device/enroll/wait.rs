//! Shows that the wait for a new device is the login: how often AWS is asked, and what follows where it
//! does not take the device, or its code.

use std::time::Duration;

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};

use super::{
    ALICES, CREATE, ENABLE, after_before, alices, at_terminal, devices, type_codes,
    type_codes_from, unattended, with_app, without_device,
};
use crate::scene::{CONFIG_WITHOUT_DEVICE, CREDENTIALS, ISSUE, Scene, alice_without_device};
use crate::support::aws::{Fault, USER};

const ENROLLED: &str = indoc! {"
    waiting for the next code, in {*} s
    enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
    mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
    waiting about 15 s for AWS to accept the new device, then signing in
"};

const READY: &str = indoc! {"
    dev-mfa is ready until {*} (12h from now)
    use it with: export AWS_PROFILE=dev-mfa
"};

const TOO_EARLY: Fault = Fault::Error {
    status: 403,
    code: "AccessDenied",
    message: "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
};

fn that_takes_it_after(seconds: i64) -> Scene {
    let aws = alice_without_device().delays(TimeDelta::seconds(seconds), TimeDelta::zero());
    Scene::with(aws.start()).config(CONFIG_WITHOUT_DEVICE)
}

/// The moments at which AWS was asked for a session, in seconds after the device was enabled.
fn asked(scene: &Scene) -> Vec<i64> {
    let requests = scene.aws.requests();
    let enabled = requests.iter().find(|it| it.call.action == ENABLE);
    let enabled = enabled.expect("it was enabled").at;
    let asked = requests.iter().filter(|it| it.call.action == ISSUE);
    asked.map(|it| (it.at - enabled).num_seconds()).collect()
}

#[test]
fn aws_is_asked_after_8_seconds_and_every_4_until_it_takes_the_device() {
    let scene = that_takes_it_after(13);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .stderr(ENROLLED.to_owned() + READY)
            .run()
    });
    let moments = asked(&scene);
    assert!(
        moments.len() == 3 && moments[0] >= 8 && moments[1] >= 12 && moments[2] >= 16,
        "{moments:?}"
    );
    let codes: Vec<_> = scene.aws.requests().into_iter().collect();
    let code = |action: &str, name: &str| {
        let request = codes.iter().rfind(|it| it.call.action == action);
        request
            .and_then(|it| it.call.param(name))
            .map(str::to_owned)
    };
    assert_eq!(
        code(ISSUE, "TokenCode"),
        code(ENABLE, "AuthenticationCode2")
    );
}

#[test]
fn after_six_tries_the_device_stays_and_the_way_to_sign_in_is_named() {
    let scene = without_device();
    scene.aws.fault_always(ISSUE, TOO_EARLY);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .status(4)
            .stderr(formatdoc! {"
                {ENROLLED}error: AWS does not take codes of the new device alice yet
                hint: alice is enrolled anyway: sign in with `awsmfa login --profile dev` in a minute
            "})
            .run()
    });
    let moments = asked(&scene);
    assert!(
        (3..=6).contains(&moments.len()) && moments.last() <= Some(&30),
        "while the code lasts: {moments:?}"
    );
    assert_eq!(devices(&scene.aws), [alices(USER)]);
    let config = scene.home.read_config();
    assert!(
        config.contains(&format!("mfa_serial = {ALICES}\n")),
        "{config}"
    );
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[test]
fn a_device_that_is_out_of_sync_is_resynchronised() {
    let scene = without_device();
    scene.aws.fault(ENABLE, Fault::OutOfSync);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .stderr(formatdoc! {"
                {ENROLLED}AWS refused the code of the new device alice: two new codes tell AWS how far off its clock is
                waiting for the next code, in {{*}} s
                {READY}"})
            .run()
    });
    let then = [CREATE, ENABLE, ISSUE, "ResyncMFADevice", ISSUE];
    assert_eq!(scene.aws.actions(), after_before(&then));
}

#[test]
fn a_person_gives_two_more_codes_where_the_device_is_out_of_sync() {
    let scene = without_device();
    scene.aws.fault(ENABLE, Fault::OutOfSync);
    let mut terminal = at_terminal(&scene, &[]).start();
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("two new codes tell AWS how far off its clock is");
    type_codes_from(&mut terminal, &scene.aws, USER, 2);
    terminal.ends(
        0,
        &formatdoc! {"
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            waiting about 15 s for AWS to accept the new device, then signing in
            AWS refused the code of the new device alice: two new codes tell AWS how far off its clock is
            first code of alice: {{*}}
            the next code appears in {{*}} s
            next code of alice: {{*}}
            {READY}"},
    );
}

#[test]
fn a_lost_answer_is_not_followed_by_the_same_code() {
    let scene = without_device();
    scene.aws.fault(ISSUE, Fault::LoseAnswer);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .status(6)
            .stderr(formatdoc! {"
                {ENROLLED}error: no usable answer to sts:GetSessionToken from {{*}}
                hint: alice is enrolled anyway: sign in with `awsmfa login --profile dev` in a minute
            "})
            .run()
    });
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE, ISSUE]));

    let scene = without_device();
    scene.aws.fault(ISSUE, Fault::LoseAnswer);
    let mut terminal = at_terminal(&scene, &[]).start();
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("no usable answer to sts:GetSessionToken");
    terminal.sees("code for dev (device alice, account 123456789012): ");
    terminal.types(&scene.aws.code(USER));
    terminal.ends(
        0,
        &formatdoc! {"
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            waiting about 15 s for AWS to accept the new device, then signing in
            no usable answer to sts:GetSessionToken from {{*}}
            code for dev (device alice, account 123456789012): {{*}}
            {READY}"},
    );
}

#[test]
fn ctrl_c_during_the_wait_leaves_the_device_to_its_user() {
    let scene = without_device();
    let mut terminal = at_terminal(&scene, &[]).start();
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.sees("waiting about 15 s");
    std::thread::sleep(Duration::from_millis(300));
    terminal.presses("\x03");
    terminal.ends(
        130,
        &formatdoc! {"
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            waiting about 15 s for AWS to accept the new device, then signing in
            ^C
            error: cancelled
            hint: alice is enrolled anyway: sign in with `awsmfa login --profile dev` in a minute
        "},
    );
    assert_eq!(scene.aws.actions(), after_before(&[CREATE, ENABLE]));
    assert_eq!(devices(&scene.aws), [alices(USER)]);
}

#[test]
fn codes_that_aws_refuses_twice_name_the_command_that_helps() {
    let scene = without_device();
    scene.aws.fault(ENABLE, Fault::OutOfSync);
    scene.aws.fault("ResyncMFADevice", Fault::OutOfSync);
    with_app(&scene.aws, scene.home.path(), USER, || {
        unattended(&scene, &[])
            .status(4)
            .stderr(formatdoc! {"
                {ENROLLED}AWS refused the code of the new device alice: two new codes tell AWS how far off its clock is
                waiting for the next code, in {{*}} s
                error: AWS refused the code of the new device alice
                hint: alice is enrolled anyway: `awsmfa device resync {ALICES} --profile dev` tells AWS how far off its clock is
            "})
            .run()
    });
    let then = [CREATE, ENABLE, ISSUE, "ResyncMFADevice", ISSUE];
    assert_eq!(scene.aws.actions(), after_before(&then));
}
