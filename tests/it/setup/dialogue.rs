//! Plays the user who is asked for region, keys and code: what is mistyped, what is not shown, and every
//! way to leave.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use indoc::formatdoc;

use super::{
    ASK, DEVICES, LATER, LINES, OTHER_ID, READY, SAID, SAID_AGAIN, STORED, nobody, nobody_with,
};
use crate::scene::{ISSUE, PROMPT, Scene, alice, alice_without_device, file_names, snapshot};
use crate::support::aws::{KEY_ID, SECRET_KEY, USER};
use crate::support::terminal::{Session, Terminal};

/// The output before the first question.
const BEGIN: &str = "setting up profile dev\n";
/// The same if that question is about the region.
const BEGIN_WITH_REGION: &str =
    "setting up profile dev\nthe region is where AWS tools look for your resources\n";
const REGION: &str = "region [us-east-1]: ";
const ID: &str = "access key id: ";
const SECRET: &str = "secret access key (not shown): ";
const CREATE: &str = "CreateVirtualMFADevice";
const ENABLE: &str = "EnableMFADevice";
const LOGIN: &str = "sign in now? [Y/n] ";

fn setup<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene.terminal(&["setup", "dev"]).args(args)
}

/// Answers the questions about the keys.
fn give_keys(terminal: &mut Session<'_>) {
    terminal.sees(ID);
    terminal.types(KEY_ID);
    terminal.sees(SECRET);
    terminal.types(SECRET_KEY);
}

/// What the screen shows of that.
fn given() -> String {
    format!("{ID}{KEY_ID}\n{SECRET}\n")
}

#[test]
fn it_leads_from_nothing_to_a_session() {
    let scene = nobody();
    let mut terminal = setup(&scene, &[]).start();
    terminal.sees(REGION);
    terminal.types("");
    give_keys(&mut terminal);
    terminal.sees(LOGIN);
    terminal.types("");
    terminal.sees(PROMPT);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    let given = given();
    let screen =
        format!("{BEGIN_WITH_REGION}{REGION}\n{given}{SAID}{LOGIN}\n{PROMPT}{code}\n{READY}");
    terminal.ends(0, &screen);
    // AWS is asked whose keys they are each time that it matters: before they are stored, and for the
    // list of devices.
    assert_eq!(scene.aws.actions(), [ASK, ASK, DEVICES, ISSUE]);
    assert!(scene.home.read_credentials().starts_with(STORED));
    let config = "[profile dev]\nregion = us-east-1\n";
    assert!(scene.home.read_config().starts_with(config));
}

#[test]
fn the_pages_dialogue_works_as_shown() {
    let page = crate::book::page("docs/setup.md");
    let (_, block) = page
        .split_once("```text\n$ awsmfa setup dev\n")
        .expect("it is shown");
    let (shown, _) = block.split_once("```").expect("it ends");
    let scene = without_device();
    let mut terminal = with_screen(&scene, &[]).start();
    terminal.sees(REGION);
    terminal.types("eu-central-1");
    give_keys(&mut terminal);
    agree_to_a_device(&scene, &mut terminal);
    let until = shown.lines().find(|line| line.contains(" is ready until "));
    let until = until.expect("a time");
    let screen = shown
        .replace("not shown):\n", "not shown): \n")
        .replace(until, "dev-mfa is ready until {*} (12h from now)");
    terminal.ends(0, &screen);
}

#[test]
fn if_everything_is_set_up_nothing_is_asked() {
    let scene = Scene::signed_in();
    let before = snapshot(&scene.home);
    let screen = format!(
        "{SAID_AGAIN}dev-mfa is still valid until {{*}}; --force renews it\nuse it with: {{*}}\n"
    );
    setup(&scene, &[]).start().ends(0, &screen);
    assert_eq!(scene.aws.actions(), [ASK]);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn invalid_input_is_asked_for_again_and_a_secret_is_not_repeated() {
    let scene = nobody();
    let other = "other/00+SECRET0000other0000SECRET0000ot";
    let mut terminal = setup(&scene, &[]).start();
    let mut screen = BEGIN_WITH_REGION.to_owned();
    let on_screen = ". The secret is on your screen now: clear it";
    for (region, and) in [
        ("Frankfurt", ""),
        ("eu", ""),
        ("eu-west-1; x", ""),
        (KEY_ID, ""),
        (other, on_screen),
    ] {
        terminal.sees(REGION);
        terminal.types(region);
        screen += &format!(
            "{REGION}{region}\na region looks like eu-west-1, cn-north-1 or us-gov-west-1{and}\n"
        );
    }
    terminal.sees(REGION);
    terminal.types(" eu-west-1 ");
    screen += &format!("{REGION} eu-west-1 \n");
    let pasted_row = format!("{KEY_ID},{other}");
    for (id, told) in [
        (
            "",
            "the access key id is empty: it looks like AKIAIOSFODNN7EXAMPLE",
        ),
        (
            "AKIA IOSF",
            "the access key id holds white space: it looks like AKIAIOSFODNN7EXAMPLE",
        ),
        (
            "other0000SECRET0000other0000SECRET0000ot",
            "the access key id holds a secret access key instead of the id: the id begins with AKIA. The secret is on your screen now: clear it",
        ),
        (
            other,
            "the access key id holds a secret access key instead of the id: the id begins with AKIA. The secret is on your screen now: clear it",
        ),
        (
            &other[..39],
            "the access key id holds a character that no access key id has: it looks like AKIAIOSFODNN7EXAMPLE. The secret is on your screen now: clear it",
        ),
        (
            &pasted_row,
            "the access key id holds a character that no access key id has: it looks like AKIAIOSFODNN7EXAMPLE. The secret is on your screen now: clear it",
        ),
        (
            "other0000SECRET0000other0000SECRET0000o",
            "the access key id holds a secret access key instead of the id: the id begins with AKIA. The secret is on your screen now: clear it",
        ),
        (
            "akiaiosfodnn7example",
            "an access key id is in capital letters: AKIAIOSFODNN7EXAMPLE",
        ),
        (
            "arn:aws:iam::123456789012:role/admin",
            "that is an ARN, not an access key id; {*}",
        ),
        (
            "ASIAIOSFODNN7EXAMPLE",
            "an access key whose id begins with ASIA belongs to a session: {*}",
        ),
    ] {
        terminal.sees(ID);
        terminal.types(id);
        screen += &format!("{ID}{id}\n{told}\n");
    }
    terminal.sees(ID);
    terminal.types(KEY_ID);
    screen += &format!("{ID}{KEY_ID}\n");
    for (secret, told) in [
        ("", "the secret access key is empty"),
        ("wJal rXUt", "the secret access key holds white space"),
        (
            KEY_ID,
            "the secret access key holds an access key id instead of the secret",
        ),
        ("\"quoted\"", "the secret access key is in quotes"),
    ] {
        terminal.sees(SECRET);
        terminal.types(secret);
        screen += &format!("{SECRET}\n{told}\n");
    }
    terminal.sees(SECRET);
    // As a terminal marks pasted text, with white space around it.
    terminal.types(&format!("\x1b[200~ {SECRET_KEY}\t\x1b[201~ "));
    for word in ["maybe", "1"] {
        terminal.sees(LOGIN);
        terminal.types(word);
    }
    terminal.sees(LOGIN);
    terminal.types("NO");
    screen += &formatdoc! {"
        {SECRET}
        {SAID}{LOGIN}maybe
        type y or n
        {LOGIN}1
        type y or n
        {LOGIN}NO
        {LATER}"};
    terminal.ends(0, &screen);
    assert_eq!(scene.home.read_credentials(), STORED);
    assert_eq!(scene.aws.actions(), [ASK]);
}

/// Runs awsmfa, and reports whether the terminal echoes afterwards.
const THEN_LOOK: &str = r#"trap : INT; until stty -a | grep -q '[^-]echo '; do :; done
before=$(stty -g); "$@"; echo "ended with $?"
test "$before" = "$(stty -g)" && echo mode kept || echo mode lost"#;

/// The questions of a whole setup, and answers to get past them.
fn questions() -> [(&'static str, &'static str); 4] {
    [
        (REGION, ""),
        (ID, KEY_ID),
        (SECRET, SECRET_KEY),
        (LOGIN, "y"),
    ]
}

#[test]
fn ctrl_c_and_ctrl_d_at_each_question_about_the_keys_leave_nothing() {
    for (number, (question, _)) in questions().iter().enumerate().take(3) {
        for key in ["\x03", "\x04"] {
            let scene = nobody();
            let mut terminal = setup(&scene, &[]).script(THEN_LOOK).start();
            for (asked, answer) in &questions()[..number] {
                terminal.sees(asked);
                terminal.types(answer);
            }
            terminal.sees(question);
            terminal.presses(key);
            terminal.sees("error: cancelled");
            terminal.sees("ended with 130");
            terminal.sees("mode kept");
            assert_eq!(scene.aws.connections(), 0);
            let mut names = file_names(&scene.home.path().join(".aws"));
            names.retain(|name| !name.ends_with(".lock"));
            assert!(names.is_empty(), "{names:?}");
        }
    }
}

#[test]
fn leaving_at_the_offer_of_a_session_keeps_the_stored_keys() {
    for key in ["\x03", "\x04"] {
        let scene = nobody();
        let mut terminal = setup(&scene, &["--region", "eu-west-1"])
            .script(THEN_LOOK)
            .start();
        give_keys(&mut terminal);
        terminal.sees(LOGIN);
        terminal.presses(key);
        terminal.sees("error: cancelled; the keys of profile dev are stored\r\nhint: `awsmfa setup dev` continues from there");
        terminal.sees("ended with 130");
        terminal.sees("mode kept");
        assert_eq!(scene.home.read_credentials(), STORED);
        // The next run continues there.
        let mut terminal = setup(&scene, &[]).start();
        terminal.sees(LOGIN);
        terminal.types("n");
        terminal.ends(0, &format!("{SAID_AGAIN}{LOGIN}n\n{LATER}"));
    }
}

#[test]
fn a_signal_at_the_hidden_question_turns_the_echo_on_again() {
    for signal in ["TERM", "HUP", "QUIT", "USR1"] {
        let scene = nobody();
        let script = THEN_LOOK.replace("\"$@\";", "sh -c 'echo $$ >pid; exec \"$@\"' sh \"$@\";");
        let mut terminal = setup(&scene, &["--region", "eu-west-1"])
            .script(&script)
            .start();
        terminal.sees(ID);
        terminal.types(KEY_ID);
        terminal.sees(SECRET);
        let pid = fs::read_to_string(scene.home.path().join("pid")).expect("written");
        let sent = Command::new("kill")
            .args(["-s", signal, pid.trim()])
            .status();
        assert!(sent.expect("it runs").success());
        terminal.sees("ended with 130");
        terminal.sees("mode kept");
        assert_eq!(scene.home.read_credentials(), "", "{signal}");
    }
}

#[test]
fn after_ctrl_z_at_the_hidden_question_the_echo_is_on_and_fg_asks_again() {
    let scene = nobody();
    let script = r#"set -m; "$@"; echo "left with $?"; stty -a | grep -q '[^-]echo ' && echo shown; read -r go; fg; echo "ended with $?""#;
    let args = ["--region", "eu-west-1", "--no-login"];
    let mut terminal = setup(&scene, &args).script(script).start();
    terminal.sees(ID);
    terminal.types(KEY_ID);
    terminal.sees(SECRET);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    terminal.sees("shown");
    terminal.types("go");
    give_keys(&mut terminal);
    terminal.sees("ended with 0");
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn a_job_in_the_background_stops_before_it_asks() {
    let scene = nobody();
    let script = r#"set -m; "$@" & read -r go; echo went; fg; echo "ended with $?""#;
    let mut terminal = setup(&scene, &["--no-login"]).script(script).start();
    terminal.types("go");
    terminal.sees("went");
    terminal.sees(REGION);
    terminal.types("");
    give_keys(&mut terminal);
    terminal.sees("ended with 0");
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn waiting_for_standard_input_is_announced() {
    let scene = nobody();
    let mut terminal = setup(&scene, &["--no-login"])
        .script("sleep 30 | \"$@\"")
        .start();
    terminal.sees("waiting for the access key id and its secret on standard input, one per line");
    terminal.presses("\x03");
    terminal.sees("error: cancelled");
}

#[test]
fn the_secret_is_hidden_even_in_a_terminal_left_in_raw_mode() {
    for mode in [
        "raw",
        "raw -echo",
        "-icanon -echo min 1 time 0",
        "-icrnl",
        "-echo",
    ] {
        let scene = nobody();
        let script = THEN_LOOK.replace("before=", &format!("stty {mode}; before="));
        let script = script + "; stty sane";
        let args = ["--region", "eu-west-1", "--no-login"];
        let mut terminal = setup(&scene, &args).script(&script).start();
        terminal.sees(ID);
        terminal.presses(&format!("{KEY_ID}\r"));
        terminal.sees(SECRET);
        terminal.presses(&format!("{SECRET_KEY}\r"));
        terminal.sees("ended with 0");
        terminal.sees("mode kept");
        assert_eq!(scene.home.read_credentials(), STORED, "{mode}");
        let (begin, _) = STORED.split_at(5);
        assert!(begin.starts_with("[dev]"));
    }
}

#[test]
fn one_of_several_keys_in_a_file_is_chosen() {
    let scene = nobody();
    let file = format!(
        "User name,Access key ID,Secret access key\nbob,{OTHER_ID},other/secret\nalice,{KEY_ID},{SECRET_KEY}\n"
    );
    fs::write(scene.home.path().join("keys.csv"), file).expect("the home is writable");
    let args = [
        "--from-csv",
        "keys.csv",
        "--region",
        "eu-west-1",
        "--no-login",
    ];
    let mut terminal = setup(&scene, &args).start();
    let which = "which one? [1-2] ";
    for answer in ["", "0", "3", "alice", "2"] {
        terminal.sees(which);
        terminal.types(answer);
    }
    let wrong = "type a number from 1 to 2";
    terminal.ends(
        0,
        &formatdoc! {"
            keys.csv holds 2 access keys:
              1  {OTHER_ID} (bob)
              2  {KEY_ID} (alice)
            {which}
            {wrong}
            {which}0
            {wrong}
            {which}3
            {wrong}
            {which}alice
            {wrong}
            {which}2
            {SAID}warning: keys.csv still holds the secret access key: delete it, or keep it where nobody else can read it
        "},
    );
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn the_file_is_named_even_if_the_user_leaves_at_the_code() {
    let scene = nobody();
    let file = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
    fs::write(scene.home.path().join("keys.csv"), file).expect("the home is writable");
    let args = ["--from-csv", "keys.csv", "--region", "eu-west-1"];
    for leave_at in [LOGIN, PROMPT] {
        let mut terminal = setup(&scene, &args).start();
        terminal.sees(LOGIN);
        if leave_at == PROMPT {
            terminal.types("y");
            terminal.sees(PROMPT);
        }
        terminal.presses("\x03");
        terminal.sees("warning: keys.csv still holds the secret access key");
        terminal.sees("error: cancelled");
    }
}

#[test]
fn a_profile_with_a_command_for_codes_is_signed_in_without_a_question() {
    let scene = nobody().config("[profile dev]\nregion = eu-west-1\nmfa_process = cat code\n");
    let code = scene.aws.code(USER);
    fs::write(scene.home.path().join("code"), &code).expect("the home is writable");
    let mut terminal = setup(&scene, &[]).start();
    give_keys(&mut terminal);
    terminal.ends(0, &format!("{BEGIN}{}{SAID}{READY}", given()));
    assert_eq!(scene.aws.actions(), [ASK, ASK, DEVICES, ISSUE]);
}

/// The offer to a user without a device.
const OFFER: &str = "the user of profile dev has no MFA device; enroll one now? [Y/n] ";

/// Alice with neither a device nor files, and a stand-in that accepts a new device at once.
fn without_device() -> Scene {
    let aws = alice_without_device().delays(TimeDelta::zero(), TimeDelta::zero());
    nobody_with(aws.start())
}

/// A setup at a terminal that can show a QR code.
fn with_screen<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    setup(scene, args)
        .env("TERM", "xterm-256color")
        .env("NO_COLOR", "1")
        .script("stty cols 80 rows 24; exec \"$@\"")
}

/// Agrees to a session and a device for it, and types the two codes.
fn agree_to_a_device(scene: &Scene, terminal: &mut Session<'_>) {
    terminal.sees(LOGIN);
    terminal.types("y");
    terminal.sees(OFFER);
    terminal.types("y");
    terminal.sees("code of alice: ");
    terminal.types(&scene.aws.code_at("alice", 0));
    terminal.sees("next code of alice: ");
    terminal.types(&scene.aws.code_at("alice", 1));
}

#[test]
fn a_user_with_only_a_key_is_led_to_a_device_and_a_session() {
    let scene = without_device();
    let mut terminal = with_screen(&scene, &["--region", "eu-west-1"]).start();
    give_keys(&mut terminal);
    agree_to_a_device(&scene, &mut terminal);
    let screen = formatdoc! {"
        {BEGIN}{}{SAID}{LOGIN}y
        {OFFER}y
        enrolled the MFA device arn:aws:iam::123456789012:mfa/alice
        mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
        waiting about 15 s for AWS to accept the new device, then signing in
        {READY}", given()
    };
    terminal.ends(0, &screen);
    let (before, enrolment) = ([ASK, ASK, DEVICES], [ASK, DEVICES, CREATE, ENABLE, ISSUE]);
    assert_eq!(scene.aws.actions(), [&before[..], &enrolment].concat());
    assert!(scene.home.read_credentials().starts_with(STORED));
    let config =
        "[profile dev]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n";
    assert!(scene.home.read_config().starts_with(config));
}

#[test]
fn ctrl_c_at_the_codes_of_a_new_device_leaves_the_keys_and_no_device() {
    let scene = without_device();
    let mut terminal = with_screen(&scene, &["--region", "eu-west-1"]).start();
    give_keys(&mut terminal);
    terminal.sees(LOGIN);
    terminal.types("y");
    terminal.sees(OFFER);
    terminal.types("y");
    terminal.sees("code of alice: ");
    terminal.presses("\x03");
    terminal.sees("error: cancelled");
    assert_eq!(scene.home.read_credentials(), STORED);
    crate::scene::wait_until("the device goes", || scene.aws.devices().is_empty());
}

#[test]
fn a_user_who_wants_no_device_has_the_keys_stored() {
    let scene = nobody_with(alice_without_device().start());
    let mut terminal = setup(&scene, &["--region", "eu-west-1"]).start();
    give_keys(&mut terminal);
    terminal.sees(LOGIN);
    terminal.types("y");
    terminal.sees(OFFER);
    terminal.types("n");
    let screen = formatdoc! {"
        {BEGIN}{}{SAID}{LOGIN}y
        {OFFER}n
        the user of profile dev has no MFA device; enroll one with `awsmfa device enroll --profile dev`
        ", given()
    };
    terminal.ends(0, &screen);
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn a_code_without_a_device_is_an_error_and_the_keys_stay() {
    let scene = nobody_with(alice_without_device().start());
    let run = scene.setup(&["--region", "eu-west-1", "--code", "123456"]);
    let said = formatdoc! {"
        {SAID}error: the user of profile dev has no MFA device
        hint: enroll one with `awsmfa device enroll --profile dev`
    "};
    run.stdin(LINES).status(1).stderr(said).run();
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn the_questions_are_on_the_terminal_itself_if_the_streams_are_pipes() {
    let scene = Scene::default().config("");
    let begin = Instant::now();
    let args = ["--json", "--no-login"];
    let mut terminal = setup(&scene, &args).piped().start();
    // Nothing comes on standard input, and nothing is needed from it.
    terminal.sees(REGION);
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "it waits for its input"
    );
    terminal.types("eu-west-1");
    let streams = terminal.ends(0, &format!("{BEGIN_WITH_REGION}{REGION}eu-west-1\n"));
    assert!(
        streams.stdout.contains("\"region\":\"eu-west-1\""),
        "{streams:?}"
    );
    assert_eq!(streams.stderr, "");
}

#[test]
fn keys_on_standard_input_leave_the_other_questions_to_the_terminal() {
    let scene = nobody_with(alice().start());
    let script = format!("printf '{}' | \"$@\"", LINES.replace('\n', "\\n"));
    let mut terminal = setup(&scene, &[]).script(&script).start();
    terminal.sees(REGION);
    terminal.types("eu-west-1");
    terminal.sees(LOGIN);
    terminal.types("n");
    terminal.ends(
        0,
        &format!("{BEGIN_WITH_REGION}{REGION}eu-west-1\n{SAID}{LOGIN}n\n{LATER}"),
    );
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn with_no_input_nothing_is_asked_and_no_file_is_created() {
    let scene = nobody();
    let screen =
        "error: profile dev needs an access key, and --no-input forbids asking\nhint: {*}\n";
    setup(&scene, &["--no-input"]).start().ends(7, screen);
    assert_eq!(scene.aws.connections(), 0);
    let names = file_names(&scene.home.path().join(".aws"));
    assert!(names.is_empty(), "not even a lock: {names:?}");
}

/// `setsid`, which every Linux has, starts a program without a terminal.
#[cfg(target_os = "linux")]
#[test]
fn without_a_terminal_keys_must_be_given() {
    let scene = nobody();
    let home = crate::support::home::Home::with(&scene.aws).program("/usr/bin/setsid");
    crate::support::run::Run::new(&home)
        .args([env!("CARGO_BIN_EXE_awsmfa"), "setup", "dev"])
        .status(7)
        .stderr("error: profile dev needs an access key, and there is no terminal to ask on\nhint: {*}\n")
        .run();
    assert_eq!(scene.aws.connections(), 0);
}

/// With an empty region the user is asked, and the sign-in uses the answer.
#[test]
fn a_typed_region_is_used_for_the_sign_in_too() {
    let scene = nobody().config("[profile dev]\nregion =\n");
    let mut terminal = scene.terminal(&["setup", "dev"]).start();
    terminal.sees("region [us-east-1]: ");
    terminal.types("ap-south-1");
    give_keys(&mut terminal);
    terminal.sees("sign in now? [Y/n] ");
    terminal.types("");
    terminal.sees("code for dev");
    terminal.presses("\x03");
    terminal.sees("error: cancelled");
    for request in scene.aws.requests() {
        let text = format!("{request:?}");
        let is_iam = request.call.action == "ListMFADevices";
        assert!(is_iam || text.contains("ap-south-1"), "{text}");
    }
}

#[test]
fn who_leaves_at_the_code_is_told_that_the_keys_are_stored() {
    for (key, shows) in [("\x03", "^C\n"), ("\x04", "\n")] {
        let scene = nobody();
        let args = ["setup", "dev", "--region", "eu-west-1"];
        let mut terminal = scene.terminal(&args).start();
        give_keys(&mut terminal);
        terminal.sees("sign in now? [Y/n] ");
        terminal.types("y");
        terminal.sees("code for dev");
        terminal.presses(key);
        let given = format!("access key id: {KEY_ID}\nsecret access key (not shown): \n");
        let asked = "sign in now? [Y/n] y\ncode for dev (device alice, account 123456789012): ";
        terminal.ends(
            130,
            &format!("{BEGIN}{given}{SAID}{asked}{shows}error: cancelled; the keys of profile dev are stored\nhint: `awsmfa setup dev` continues from there\n"),
        );
        assert_eq!(scene.home.read_credentials(), STORED);
    }
}

/// What the enrolment has made is put back, though the setup heeds Ctrl-C around it.
#[test]
fn who_leaves_at_the_codes_of_a_new_device_leaves_no_device_and_the_keys() {
    for key in ["\x03", "\x04"] {
        let scene = nobody_with(alice_without_device().start());
        let mut terminal = setup(&scene, &["--region", "eu-west-1"]).start();
        give_keys(&mut terminal);
        terminal.sees(LOGIN);
        terminal.types("y");
        terminal.sees(OFFER);
        terminal.types("y");
        terminal.sees("show the secret as text");
        terminal.types("y");
        terminal.sees("first code of alice: ");
        terminal.presses(key);
        terminal.sees("deleting the unfinished device alice again");
        terminal.sees("error: cancelled; the keys of profile dev are stored");
        terminal.sees("shows a new QR code; `awsmfa setup dev` continues from there");
        assert_eq!(scene.home.read_credentials(), STORED);
        let deleted = "DeleteVirtualMFADevice".to_owned();
        assert!(scene.aws.actions().contains(&deleted));
    }
}

/// Both lines at once, as a password manager has them: the terminal has shown the second one.
#[test]
fn a_secret_pasted_with_the_id_is_accepted_with_a_warning_that_it_is_on_the_screen() {
    let scene = nobody();
    let args = ["--region", "eu-west-1", "--no-login"];
    let mut terminal = setup(&scene, &args).start();
    terminal.sees(ID);
    terminal.presses(LINES);
    terminal.sees("The secret is on your screen now: clear it");
    terminal.sees(SECRET);
    terminal.sees("stored access key");
    assert_eq!(scene.home.read_credentials(), STORED);
}

/// Nothing would say what it is waiting for, and the terminal would show the secret.
#[test]
fn a_file_is_not_read_from_the_terminal() {
    let scene = nobody();
    let args = ["--no-login", "--from-csv", "-"];
    setup(&scene, &args).start().ends(
        2,
        "error: --from-csv - would read from the terminal here, which shows the secret\nhint: {*}\n",
    );
    assert_eq!(scene.aws.connections(), 0);
}

#[test]
fn keys_that_aws_refuses_are_asked_for_again_three_times_in_all() {
    let scene = nobody();
    let args = ["--region", "eu-west-1", "--no-login"];
    let (wrong_secret, wrong) = (
        SECRET_KEY.replace("KEY", "KEx"),
        format!("that is not the secret of {KEY_ID}; paste it again\n"),
    );
    let unknown = format!(
        "AWS does not know the access key {OTHER_ID} in eu-west-1: check for a typo, and type it again\n"
    );
    let mut terminal = setup(&scene, &args).start();
    terminal.sees(ID);
    terminal.types(OTHER_ID);
    terminal.sees(SECRET);
    terminal.types(SECRET_KEY);
    terminal.sees(ID);
    terminal.types(KEY_ID);
    terminal.sees(SECRET);
    terminal.types(&wrong_secret);
    // The id is not asked for again.
    terminal.sees(SECRET);
    terminal.types(SECRET_KEY);
    terminal.ends(
        0,
        &format!(
            "{BEGIN}{ID}{OTHER_ID}\n{SECRET}\n{unknown}{}{wrong}{SECRET}\n{SAID}",
            given()
        ),
    );
    assert_eq!(scene.home.read_credentials(), STORED);

    let scene = nobody();
    let mut terminal = setup(&scene, &args).start();
    terminal.sees(ID);
    terminal.types(KEY_ID);
    for _ in 0..3 {
        terminal.sees(SECRET);
        terminal.types(&wrong_secret);
    }
    let again = format!("{wrong}{SECRET}\n");
    terminal.ends(
        5,
        &format!("{BEGIN}{}{again}{again}error: the secret access key does not belong to the access key {KEY_ID}\nhint: {{*}}\n", given()),
    );
    assert_eq!(scene.home.read_credentials(), "");
}

/// The input ends at the offer of a device; the keys are stored by then.
#[test]
fn the_end_of_input_at_the_offer_says_that_the_keys_are_stored() {
    let scene = nobody_with(alice_without_device().start());
    let mut terminal = setup(&scene, &["--region", "eu-west-1"]).start();
    give_keys(&mut terminal);
    terminal.sees(LOGIN);
    terminal.types("y");
    terminal.sees(OFFER);
    terminal.presses("\x04");
    terminal.sees("error: cancelled; the keys of profile dev are stored");
    terminal.sees("hint: `awsmfa setup dev` continues from there");
    assert_eq!(scene.home.read_credentials(), STORED);
}

/// What is left to do comes after what was done.
#[test]
fn the_csv_file_is_mentioned_after_the_session() {
    let scene = nobody();
    let file = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
    fs::write(scene.home.path().join("keys.csv"), file).expect("the home is writable");
    let code = scene.aws.code(USER);
    let run = scene.setup(&["--from-csv", "keys.csv", "--code", &code]);
    let said = format!("{SAID}{READY}warning: keys.csv still holds the secret access key: {{*}}\n");
    scene.works(run, &said, &[ASK, ASK, DEVICES, ISSUE]);
}
