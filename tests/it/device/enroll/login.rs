//! Tests `login` of a user without a device: it names the command that enrolls one, and offers that if
//! the user can be asked.

use indoc::{formatdoc, indoc};

use super::{ALICES, CREATE, ENABLE, devices, type_codes};
use crate::scene::{CONFIG_WITHOUT_DEVICE, CREDENTIALS, ISSUE, Scene, alice_without_device};
use crate::support::aws::USER;
use crate::support::terminal::Terminal;

const LOOKED: [&str; 2] = ["GetCallerIdentity", "ListMFADevices"];

const OFFER: &str = "the user of profile dev has no MFA device; enroll one now? [Y/n] ";

const NONE: &str = indoc! {"
    error: the user of profile dev has no MFA device
    hint: enroll one with `awsmfa device enroll --profile dev`
"};

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene
        .terminal(args)
        .env("TERM", "xterm-256color")
        .env("NO_COLOR", "1")
        .script("stty cols 80 rows 24; exec \"$@\"")
}

#[test]
fn a_yes_leads_from_no_device_to_the_session() {
    let scene = super::without_device();
    let mut terminal = terminal(&scene, &["login", "-pdev", "--duration", "1h"]).start();
    terminal.sees(OFFER);
    terminal.types("");
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.ends(
        0,
        &formatdoc! {"
            {OFFER}
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            waiting about 15 s for AWS to accept the new device, then signing in
            dev-mfa is ready until {{*}} (1h from now)
            use it with: export AWS_PROFILE=dev-mfa
        "},
    );
    let enrolled = [&LOOKED[..], &[CREATE, ENABLE, ISSUE]].concat();
    assert_eq!(scene.aws.actions(), [&LOOKED[..], &enrolled].concat());
}

#[test]
fn a_no_names_the_command() {
    let scene = super::without_device();
    for (answer, said) in [("n", OFFER), ("No", OFFER)] {
        let mut terminal = terminal(&scene, &["login", "-pdev"]).start();
        terminal.sees(OFFER);
        terminal.types(answer);
        terminal.ends(1, &format!("{said}{answer}\n{NONE}"));
    }
    let mut terminal = terminal(&scene, &["login", "-pdev"]).start();
    terminal.sees(OFFER);
    terminal.types("what");
    terminal.sees(OFFER);
    terminal.presses("\x03");
    terminal.ends(
        130,
        &format!("{OFFER}what\ntype y or n\n{OFFER}^C\nerror: cancelled\n"),
    );
    assert_eq!(devices(&scene.aws), []);
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[test]
fn an_unattended_run_or_a_given_code_names_the_command_at_once() {
    let scene = super::without_device();
    for args in [
        &["login", "-pdev", "--no-input", "--code", "492039"][..],
        &["login", "-pdev", "--code", "492039"],
    ] {
        scene.run(args).status(1).stderr(NONE).run();
    }
    // With a code given, there is a device somewhere; `export` is run by a shell.
    for args in [
        &["login", "-pdev", "--code", "492039"][..],
        &["export", "-pdev"],
    ] {
        let terminal = terminal(&scene, args).start();
        terminal.ends(1, NONE);
    }
}

#[test]
fn a_role_is_assumed_with_the_session_of_the_new_device() {
    let aws = alice_without_device().role("admin").needs_mfa();
    let config = formatdoc! {"
        {CONFIG_WITHOUT_DEVICE}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let scene = Scene::with(aws.start()).config(&config);
    let mut terminal = terminal(&scene, &["login", "-padmin"]).start();
    terminal.sees(OFFER);
    terminal.types("y");
    type_codes(&mut terminal, &scene.aws, USER);
    terminal.ends(
        0,
        &formatdoc! {"
            {OFFER}y
            enrolled the MFA device {ALICES}
            mfa_serial of profile dev is {ALICES}
            waiting about 15 s for AWS to accept the new device, then signing in
            admin-mfa is ready until {{*}} (1h from now)
            use it with: export AWS_PROFILE=admin-mfa
        "},
    );
    let actions = scene.aws.actions();
    assert_eq!(actions[actions.len() - 2..], [ISSUE, "AssumeRole"]);
}
