//! Tests `device resync`: two consecutive codes resynchronize a device, and nothing else changes.

use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use crate::scene::{
    CONFIG, CREDENTIALS, DEVICE_SECRET, SERIAL, Scene, alice, alice_without_device, snapshot,
};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::policies;
use crate::support::run::Run;
use crate::support::terminal::{Session, Terminal};

const WHO: &str = "GetCallerIdentity";
const LIST: &str = "ListMFADevices";
const ISSUE: &str = "GetSessionToken";
const RESYNC: &str = "ResyncMFADevice";

const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";
const HARDWARE: &str = "GAHT12345678";
const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";

const DONE: &str = "arn:aws:iam::123456789012:mfa/alice is in sync again\n";
const WAITING: &str = "waiting for the next code, in {*} s\n";
const REFUSED: &str = "AWS refused both codes of alice";
const FIRST: &str = "first code of alice: ";
const NEXT: &str = "next code of alice: ";
const WHEN: &str = "the next code appears in {*} s\n";

fn resync<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene.run(&["device", "resync", "-p", "dev"]).args(args)
}

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene
        .terminal(&["device", "resync", "-p", "dev"])
        .args(args)
}

/// A command that prints the first code once, then the second one forever.
fn command(first: &str, second: &str) -> String {
    format!("if test -e given; then echo {second}; else touch given; echo {first}; fi")
}

/// The current code and the next one.
fn pair(aws: &Aws, device: &str) -> [String; 2] {
    [0, 1].map(|steps| aws.code_at(device, steps))
}

fn with_codes<'a>(scene: &'a Scene, device: &str, args: &[&str]) -> Run<'a> {
    let [first, second] = pair(&scene.aws, device);
    resync(scene, args).args(["--code-command", &command(&first, &second)])
}

fn type_pair(terminal: &mut Session<'_>, name: &str, codes: [&str; 2]) {
    terminal.sees(&format!("code of {name}: "));
    terminal.types(codes[0]);
    terminal.sees(&format!("next code of {name}: "));
    terminal.types(codes[1]);
}

#[test]
fn afterwards_a_device_whose_clock_was_off_signs_in_again() {
    let scene = Scene::with(alice().drift(20).start());
    scene.aws.freeze_clock();
    scene
        .login(&["-p", "dev"])
        .status(4)
        .check_stderr(|_| {})
        .run();
    let before = snapshot(&scene.home);
    let mut terminal = terminal(&scene, &[]).start();
    let [first, second] = pair(&scene.aws, USER);
    type_pair(&mut terminal, "alice", [&first, &second]);
    terminal.ends(0, &format!("{FIRST}{first}\n{WHEN}{NEXT}{second}\n{DONE}"));
    assert_eq!(scene.aws.actions(), [ISSUE, WHO, LIST, RESYNC]);
    assert_eq!(snapshot(&scene.home), before);
    let requests = scene.aws.requests();
    let sent = &requests[3].call;
    assert_eq!(sent.param("UserName"), Some(USER));
    assert_eq!(sent.param("SerialNumber"), Some(SERIAL));
    scene.login(&["-p", "dev", "-q"]).run();
}

#[test]
fn a_command_is_run_again_until_it_gives_another_code() {
    let scene = Scene::with(alice().start());
    let run = with_codes(&scene, USER, &[]);
    scene.works(run, &format!("{WAITING}{DONE}"), &[WHO, LIST, RESYNC]);
    let scene = Scene::with(alice().start());
    let [first, second] = pair(&scene.aws, USER);
    let process = command(&first, &second);
    let scene = scene.config(format!("{CONFIG}mfa_process = {process}\n"));
    let run = resync(&scene, &[]);
    scene.works(run, &format!("{WAITING}{DONE}"), &[WHO, LIST, RESYNC]);
}

#[test]
fn a_command_is_told_of_which_device_the_codes_are_wanted_and_may_be_cancelled() {
    let scene = Scene::with(alice().device("phone", DEVICE_SECRET).start());
    let line = "echo \"$AWSMFA_CODE_FOR, $AWSMFA_CODE_DEVICE\" >told; exit 130";
    let run = resync(&scene, &["phone", "--code-command", line]);
    run.status(130).stderr("error: cancelled\n").run();
    let told = std::fs::read_to_string(scene.home.path().join("told"));
    let expected = format!("dev (device phone, account 123456789012), {PHONE}\n");
    assert_eq!(told.expect("the command wrote it"), expected);
}

#[test]
fn the_profiles_command_is_not_asked_for_the_codes_of_another_device() {
    let scene = Scene::with(alice().device("phone", DEVICE_SECRET).start());
    let scene = scene.config(format!("{CONFIG}mfa_process = touch asked; echo 123456\n"));
    let said = indoc! {"
        error: two codes in a row from phone are needed, and there is no terminal to ask on
        hint: get them from a command with --code-command
    "};
    scene.fails(resync(&scene, &["phone"]), 7, said, &[WHO, LIST]);
    assert!(!scene.home.path().join("asked").exists());
}

fn builder_of_four() -> Builder {
    alice()
        .device("phone", DEVICE_SECRET)
        .hardware(HARDWARE, DEVICE_SECRET)
        .fido("key-7")
}

#[test]
fn the_device_is_the_named_one_or_the_profiles_or_the_only_one_with_codes() {
    let none = "[profile dev]\nregion = eu-central-1\n";
    let stale = "[profile dev]\nregion = eu-central-1\nmfa_serial = GAHT00000000\n";
    for (aws, config, args, serial) in [
        (builder_of_four(), CONFIG, &["phone"][..], PHONE),
        (builder_of_four(), CONFIG, &[PHONE], PHONE),
        (builder_of_four(), CONFIG, &[HARDWARE], HARDWARE),
        (builder_of_four(), CONFIG, &[], SERIAL),
        (alice().fido("key-7"), none, &[], SERIAL),
        (alice(), stale, &[], SERIAL),
    ] {
        let scene = Scene::with(aws.start()).config(config);
        let device = serial.rsplit('/').next().expect("a name");
        let run = with_codes(&scene, device, args);
        let said = format!("{WAITING}{serial} is in sync again\n");
        scene.works(run, &said, &[WHO, LIST, RESYNC]);
        let requests = scene.aws.requests();
        let sent = requests.last().expect("a request");
        assert_eq!(sent.call.param("SerialNumber"), Some(serial));
    }
    let scene = Scene::with(builder_of_four().start()).config(none);
    let said = formatdoc! {"
        error: alice has several MFA devices, and there is no terminal to ask on: {SERIAL}, {PHONE}, {HARDWARE}
        hint: name the one you mean
    "};
    scene.fails(with_codes(&scene, USER, &[]), 7, &said, &[WHO, LIST]);
}

#[test]
fn one_of_several_devices_is_chosen_at_the_terminal() {
    let scene = Scene::with(builder_of_four().start());
    let scene = scene.config("[profile dev]\nregion = eu-central-1\n");
    let mut terminal = terminal(&scene, &[]).start();
    terminal.sees("which one do you want to resynchronize? [1-3] ");
    terminal.types("4");
    terminal.sees("which one do you want to resynchronize? [1-3] ");
    terminal.types("2");
    let [first, second] = pair(&scene.aws, "phone");
    type_pair(&mut terminal, "phone", [&first, &second]);
    terminal.ends(
        0,
        &formatdoc! {"
            alice has 3 MFA devices:
              1  {SERIAL} (virtual, since {{*}})
              2  {PHONE} (virtual, since {{*}})
              3  {HARDWARE} (hardware, since {{*}})
            which one do you want to resynchronize? [1-3] 4
            type a number from 1 to 3
            which one do you want to resynchronize? [1-3] 2
            first code of phone: {first}
            {WHEN}next code of phone: {second}
            {PHONE} is in sync again
        "},
    );
}

#[test]
fn a_passkey_is_refused_before_a_code_is_asked_for() {
    let said = format!(
        "error: {FIDO} is a passkey or security key (FIDO), which shows no codes and is never out of sync\n"
    );
    for (aws, args) in [
        (alice().fido("key-7"), &["key-7"][..]),
        (alice_without_device().fido("key-7"), &[]),
    ] {
        let scene = Scene::with(aws.start());
        let run = resync(&scene, args).args(["--code-command", "touch asked; echo 123456"]);
        scene.fails(run, 1, &said, &[WHO, LIST]);
        let mut terminal = terminal(&scene, args).start();
        terminal.sees("never out of sync");
        terminal.ends(1, &said);
        assert!(!scene.home.path().join("asked").exists());
    }
}

#[test]
fn another_users_device_is_refused_before_a_code_is_asked_for() {
    let scene = Scene::with(alice().user("bob").device("bob", DEVICE_SECRET).start());
    for word in ["bob", "arn:aws:iam::123456789012:mfa/bob", "tablet"] {
        let said = formatdoc! {"
            error: alice has no MFA device `{word}`
            hint: the devices are: alice
        "};
        scene.fails(resync(&scene, &[word]), 1, &said, &[WHO, LIST]);
    }
    let scene = Scene::with(alice_without_device().start());
    let said = "error: the user alice has no MFA device\nhint: enroll one with `awsmfa device enroll --profile dev`\n";
    scene.fails(resync(&scene, &[]), 1, said, &[WHO, LIST]);
}

#[test]
fn without_a_terminal_or_a_command_there_is_nothing_to_send() {
    let scene = Scene::with(alice().start());
    for (args, why) in [
        (&[][..], "there is no terminal to ask on"),
        (&["--no-input"], "--no-input forbids asking"),
    ] {
        let said = formatdoc! {"
            error: two codes in a row from alice are needed, and {why}
            hint: get them from a command with --code-command
        "};
        scene.fails(resync(&scene, args), 7, &said, &[WHO, LIST]);
    }
}

#[test]
fn if_a_policy_denies_the_long_term_keys_the_session_is_used() {
    for fault in [
        Fault::Denied { explicit: true },
        Fault::Denied { explicit: false },
    ] {
        let scene = Scene::with(alice().start());
        scene.login(&["-p", "dev", "-q"]).run();
        scene.aws.fault(RESYNC, fault);
        let run = with_codes(&scene, USER, &[]);
        let said = format!("{WAITING}{DONE}");
        scene.works(run, &said, &[WHO, LIST, RESYNC, RESYNC]);
        let requests = scene.aws.requests();
        let signed = requests.last().expect("a request");
        assert!(signed.access_key_id.starts_with("ASIA"));
    }
    // Without a kept session the user signs in, and the codes are still good.
    let scene = Scene::with(alice().start());
    scene.aws.fault(RESYNC, Fault::Denied { explicit: true });
    let mut terminal = terminal(&scene, &[]).start();
    let [first, second] = pair(&scene.aws, USER);
    type_pair(&mut terminal, "alice", [&first, &second]);
    let question = "code for dev (device alice, account 123456789012): ";
    terminal.sees(question);
    let code = scene.aws.code_at(USER, -1);
    terminal.types(&code);
    terminal.ends(
        0,
        &format!("{FIRST}{first}\n{WHEN}{NEXT}{second}\nresynchronizing needs MFA here: a code from a device that works\n{question}{code}\n{DONE}"),
    );
    // If the session is denied it too, the error quotes AWS.
    let scene = Scene::with(alice().start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
        .aws
        .fault_always(RESYNC, Fault::Denied { explicit: true });
    let [first, second] = pair(&scene.aws, USER);
    let given = format!("{}; touch given", command(&first, &second));
    resync(&scene, &["--code-command", &given])
        .status(5)
        .check_stderr(|it| assert!(it.contains("AWS refused iam:ResyncMFADevice"), "{it}"))
        .run();
}

#[test]
fn policies_that_enforce_mfa_allow_it_with_the_long_term_keys() {
    for (partition, user) in [("aws", USER), ("aws-cn", "division/team/alice")] {
        let aws = Aws::builder()
            .partition(partition)
            .user(user)
            .policy(&policies::for_partition("force-mfa", partition))
            .policy(&policies::for_partition("manage-mfa", partition))
            .key(KEY_ID, SECRET_KEY)
            .device(USER, DEVICE_SECRET)
            .start();
        let serial = aws.serial(USER);
        let config = format!("[profile dev]\nregion = eu-central-1\nmfa_serial = {serial}\n");
        let scene = Scene::with(aws).config(config);
        let run = with_codes(&scene, USER, &[]);
        let said = format!("{WAITING}{serial} is in sync again\n");
        scene.works(run, &said, &[WHO, LIST, RESYNC]);
    }
}

#[test]
fn a_user_with_a_path_in_another_partition_resyncs_a_device_with_a_path() {
    let aws = Aws::builder()
        .partition("aws-us-gov")
        .user("division/team/alice")
        .key(KEY_ID, SECRET_KEY)
        .device("sec/phone", DEVICE_SECRET)
        .start();
    let serial = aws.serial("sec/phone");
    let scene = Scene::with(aws).config("[profile dev]\nregion = us-gov-west-1\n");
    let run = with_codes(&scene, "sec/phone", &["phone", "--json"]);
    let used = serial.clone();
    let run = run.check_stdout(move |it| {
        let json: Value = serde_json::from_str(it).expect("JSON");
        assert_eq!(
            json,
            json!({
                "mfa_serial": used,
                "kind": "virtual",
                "enabled": json["enabled"],
                "for_sessions": true,
                "used_by_profile": false,
                "resynced": true,
            })
        );
    });
    let said = format!("{WAITING}{serial} is in sync again\n");
    scene.works(run, &said, &[WHO, LIST, RESYNC]);
}

#[test]
fn refused_codes_end_an_unattended_run() {
    let scene = Scene::with(alice().start());
    let [first, _] = pair(&scene.aws, USER);
    let far = scene.aws.code_at(USER, 900);
    let said = formatdoc! {"
        {WAITING}error: {REFUSED}
        hint: give a code and the next one the device shows, within a minute
    "};
    let run = resync(&scene, &["--code-command", &command(&first, &far)]);
    run.status(4).stderr(said).run();
    assert_eq!(scene.aws.actions(), [WHO, LIST, RESYNC]);
    assert_eq!(scene.home.read_config(), CONFIG);
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[test]
fn a_lost_answer_is_not_followed_by_the_same_codes() {
    for fault in [Fault::LoseAnswer, Fault::CutAnswer, Fault::Gateway(504)] {
        let scene = Scene::with(alice().start());
        scene.aws.fault_always(RESYNC, fault);
        with_codes(&scene, USER, &[])
            .status(6)
            .check_stderr(|it| assert!(it.contains("\nerror: "), "{it}"))
            .run();
        assert_eq!(scene.aws.actions(), [WHO, LIST, RESYNC]);
    }
    let scene = Scene::with(alice().start());
    scene.aws.fault(RESYNC, Fault::LoseAnswer);
    let mut terminal = terminal(&scene, &[]).start();
    let codes = [-2, -1, 1, 2].map(|steps| scene.aws.code_at(USER, steps));
    let [a, b, c, d] = &codes;
    type_pair(&mut terminal, "alice", [a, b]);
    type_pair(&mut terminal, "alice", [c, d]);
    terminal.ends(
        0,
        &format!(
            "{FIRST}{a}\n{WHEN}{NEXT}{b}\nno usable answer to iam:ResyncMFADevice from {{*}}\n{FIRST}{c}\n{WHEN}{NEXT}{d}\n{DONE}"
        ),
    );
    assert_eq!(scene.aws.actions(), [WHO, LIST, RESYNC, RESYNC]);
}

#[test]
fn a_request_that_was_surely_not_processed_is_sent_again_and_a_refused_one_is_reported() {
    for fault in [Fault::Throttled, Fault::Status(503)] {
        let scene = Scene::with(alice().start());
        scene.aws.fault(RESYNC, fault);
        let run = with_codes(&scene, USER, &[]);
        let said = format!("{WAITING}{DONE}");
        scene.works(run, &said, &[WHO, LIST, RESYNC, RESYNC]);
    }
    for (action, fault, status) in [
        (WHO, Fault::Throttled, 6),
        (LIST, Fault::Denied { explicit: true }, 5),
        (RESYNC, Fault::Throttled, 6),
        (RESYNC, Fault::Unmodifiable, 1),
    ] {
        let scene = Scene::with(alice().start());
        scene.aws.fault_always(action, fault);
        with_codes(&scene, USER, &[])
            .status(status)
            .check_stderr(|it| assert!(it.contains("error: "), "{it}"))
            .run();
    }
    let scene = Scene::with(alice().start());
    scene.aws.fault(
        RESYNC,
        Fault::Error {
            status: 404,
            code: "NoSuchEntity",
            message: "gone",
        },
    );
    let said = format!("{WAITING}error: {SERIAL} is no longer one of the MFA devices of alice\n");
    with_codes(&scene, USER, &[]).status(1).stderr(said).run();
}

#[test]
fn it_gives_up_after_three_wrong_pairs_at_the_terminal() {
    let scene = Scene::with(alice().start());
    let mut terminal = terminal(&scene, &[]).start();
    let mut screen = String::new();
    for try_ in 1..=3 {
        let codes = [900 * try_, 900 * try_ + 5].map(|steps| scene.aws.code_at(USER, steps));
        let [first, second] = &codes;
        type_pair(&mut terminal, "alice", [first, second]);
        screen += &format!("{FIRST}{first}\n{WHEN}{NEXT}{second}\n");
        if try_ < 3 {
            screen += &format!("{REFUSED}; enter two new ones in a row\n");
        }
    }
    screen += &format!(
        "error: {REFUSED}\nhint: give a code and the next one the device shows, within a minute\n"
    );
    terminal.ends(4, &screen);
    assert_eq!(scene.aws.actions(), [WHO, LIST, RESYNC, RESYNC, RESYNC]);
}

#[test]
fn an_invalid_or_repeated_code_is_asked_for_again() {
    let scene = Scene::with(alice().start());
    let mut terminal = terminal(&scene, &[]).start();
    let [first, second] = pair(&scene.aws, USER);
    terminal.sees(FIRST);
    terminal.types("12345");
    terminal.sees(FIRST);
    terminal.types(&first);
    terminal.sees(NEXT);
    terminal.types("hello");
    terminal.sees(NEXT);
    terminal.types(&first);
    terminal.sees(NEXT);
    terminal.types(&second);
    terminal.ends(
        0,
        &formatdoc! {"
            {FIRST}12345
            a code is six digits
            {FIRST}{first}
            {WHEN}{NEXT}hello
            a code is six digits
            {NEXT}{first}
            that is the same code again; the next one appears in {{*}} s
            {NEXT}{second}
            {DONE}"},
    );
    assert_eq!(scene.aws.actions(), [WHO, LIST, RESYNC]);
}

#[test]
fn ctrl_c_and_ctrl_d_at_either_question_send_nothing() {
    for (keys, end) in [
        ("\x03", "^C\nerror: cancelled\n"),
        ("\x04", "\nerror: cancelled\n"),
    ] {
        for typed_one in [false, true] {
            let scene = Scene::with(alice().start());
            let before = snapshot(&scene.home);
            let [first, _] = pair(&scene.aws, USER);
            let mut terminal = terminal(&scene, &[]).start();
            terminal.sees(FIRST);
            let mut screen = FIRST.to_owned();
            if typed_one {
                terminal.types(&first);
                terminal.sees(NEXT);
                screen += &format!("{first}\n{WHEN}{NEXT}");
            }
            terminal.presses(keys);
            terminal.ends(130, &format!("{screen}{end}"));
            assert_eq!(scene.aws.actions(), [WHO, LIST]);
            assert_eq!(snapshot(&scene.home), before);
        }
    }
}

#[test]
fn the_help_states_the_requirements() {
    let home = Home::new();
    let run = Run::new(&home).args(["device", "resync", "--help"]);
    let help = run.check_stdout(|_| {}).run().stdout;
    for text in [
        "Examples:",
        "DEVICE",
        "--json",
        "--region",
        "--no-input",
        "--code-command",
    ] {
        assert!(help.contains(text), "{text}");
    }
    assert!(!help.contains("--code-stdin"), "it takes no single code");
}
