//! Plays the user at the prompt: everything that is seen, typed and interrupted at the terminal.

use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG, CREDENTIALS, DEVICE_SECRET, ISSUE, PROMPT, READY, Scene, alice_without_device,
    file_names, wait_until,
};
use crate::support::aws::{Aws, Fault, KEY_ID, USER};
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::terminal::{Session, Streams, Terminal};

const WRONG: &str =
    "AWS refused the code: it is wrong, too old or already used; next code in {*} s\n";

const WARM_UP: &str = "GetCallerIdentity";

fn login<'a>(home: &'a Home) -> Terminal<'a> {
    Terminal::new(home).args(["login", "--profile", "dev"])
}

/// A login that has asked its question.
fn start_and_see_prompt(home: &Home) -> Session<'_> {
    let mut terminal = login(home).start();
    terminal.sees(PROMPT);
    terminal
}

/// Three codes that the device does not show for a long time.
fn wrong_codes(aws: &Aws) -> [String; 3] {
    [40, 41, 42].map(|steps| aws.code_at(USER, steps))
}

/// Checks that both files are unchanged, with only locks beside them.
fn assert_untouched(home: &Home) {
    assert_eq!(home.read_credentials(), CREDENTIALS);
    assert_eq!(home.read_config(), CONFIG);
    let mut names = file_names(&home.path().join(".aws"));
    names.retain(|name| !name.ends_with(".lock"));
    assert_eq!(names, ["config", "credentials"]);
}

/// Waits until the stand-in has seen `count` requests.
fn wait_for_requests(aws: &Aws, count: usize) {
    wait_until("a request", || aws.requests().len() >= count);
}

#[test]
fn the_question_names_profile_device_and_account_and_a_typed_code_signs_in() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}{code}\n{READY}"));
    assert_eq!(aws.actions(), [WARM_UP, ISSUE]);
    let written = home.read_credentials();
    assert!(
        written.starts_with(&format!("{CREDENTIALS}\n[dev-mfa]\n")),
        "{written}"
    );
    assert!(home.read_config().starts_with(CONFIG));
}

#[test]
fn a_hardware_device_is_named_by_its_serial() {
    let aws = alice_without_device().hardware("GAHT12345678", DEVICE_SECRET);
    let Scene { aws, home, .. } = Scene::with(aws.start());
    let mut terminal = login(&home).args(["--mfa-serial", "GAHT12345678"]).start();
    terminal.sees("): ");
    let code = aws.code("GAHT12345678");
    terminal.types(&code);
    terminal.ends(
        0,
        &format!("code for dev (device GAHT12345678): {code}\n{READY}"),
    );
    assert_eq!(
        aws.requests()[1].call.param("SerialNumber"),
        Some("GAHT12345678")
    );
}

#[test]
fn a_code_may_be_typed_with_spaces() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    let typed = format!(" {} {} ", &code[..3], &code[3..]);
    terminal.types(&typed);
    terminal.ends(0, &format!("{PROMPT}{typed}\n{READY}"));
    assert_eq!(
        aws.requests()[1].call.param("TokenCode"),
        Some(code.as_str())
    );
}

/// A program that ended badly may have left bracketed paste on.
#[test]
fn a_code_may_be_pasted_with_a_hyphen_and_paste_markers() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    let (begin, end) = code.split_at(3);
    terminal.types(&format!("\x1b[200~{begin}-{end}\x1b[201~"));
    terminal.ends(0, &format!("{PROMPT}^[[200~{begin}-{end}^[[201~\n{READY}"));
    assert_eq!(
        aws.requests()[1].call.param("TokenCode"),
        Some(code.as_str())
    );
}

#[test]
fn an_invalid_code_is_asked_for_again_and_does_not_count() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = login(&home).start();
    let mut screen = String::new();
    for text in ["", "12345", "1234567", "hello", "quit"] {
        terminal.sees(PROMPT);
        terminal.types(text);
        screen += &format!("{PROMPT}{text}\na code is six digits\n");
    }
    let code = aws.code(USER);
    terminal.sees(PROMPT);
    terminal.types(&code);
    terminal.ends(0, &format!("{screen}{PROMPT}{code}\n{READY}"));
    assert_eq!(aws.actions(), [WARM_UP, ISSUE], "the keys are checked once");
}

#[test]
fn a_wrong_code_is_asked_for_again() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    let [wrong, ..] = wrong_codes(&aws);
    terminal.types(&wrong);
    terminal.sees(PROMPT);
    assert_untouched(&home);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(
        0,
        &format!("{PROMPT}{wrong}\n{WRONG}{PROMPT}{code}\n{READY}"),
    );
    assert_eq!(aws.actions(), [WARM_UP, ISSUE, ISSUE]);
}

#[test]
fn it_gives_up_after_three_wrong_codes() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = login(&home).start();
    let codes = wrong_codes(&aws);
    for code in &codes {
        terminal.sees(PROMPT);
        terminal.types(code);
    }
    let [first, second, third] = codes;
    terminal.ends(
        4,
        &format!(
            "{PROMPT}{first}\n{WRONG}{PROMPT}{second}\n{WRONG}{PROMPT}{third}\n\
             error: AWS refused 3 codes of device alice for profile dev\n\
             hint: check that arn:aws:iam::123456789012:mfa/alice is the right device; if every code is \
             refused, its clock is off: `awsmfa device resync --profile dev`\n"
        ),
    );
    assert_eq!(aws.actions(), [WARM_UP, ISSUE, ISSUE, ISSUE]);
    assert_untouched(&home);
}

#[test]
fn no_code_is_sent_twice_even_after_another_one() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    let [first, second, _] = wrong_codes(&aws);
    let same = "that is the same code again; next code in {*} s\n";
    let mut screen = String::new();
    for (code, answer) in [
        (&first, WRONG),
        (&first, same),
        (&second, WRONG),
        (&first, same),
    ] {
        terminal.types(code);
        terminal.sees(PROMPT);
        screen += &format!("{PROMPT}{code}\n{answer}");
    }
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{screen}{PROMPT}{code}\n{READY}"));
    let sent: Vec<_> = aws.requests()[1..]
        .iter()
        .map(|request| request.call.param("TokenCode").expect("a code").to_owned())
        .collect();
    assert_eq!(sent, [first, second, code]);
}

#[test]
fn after_a_lost_answer_the_next_code_is_asked_for() {
    for fault in [Fault::LoseAnswer, Fault::CutAnswer] {
        let Scene { aws, home, .. } = Scene::default();
        aws.fault(ISSUE, fault);
        let mut terminal = start_and_see_prompt(&home);
        let lost = aws.code(USER);
        terminal.types(&lost);
        terminal.sees(PROMPT);
        assert_untouched(&home);
        let next = aws.code(USER);
        terminal.types(&next);
        terminal.ends(
            0,
            &formatdoc! {"
                {PROMPT}{lost}
                no usable answer to sts:GetSessionToken from {{*}}; the code may be used up; next code in {{*}} s
                {PROMPT}{next}
                {READY}"},
        );
        assert_eq!(aws.actions(), [WARM_UP, ISSUE, ISSUE], "{fault:?}");
        assert_ne!(lost, next);
    }
}

/// The time that the message gives for a device that is locked now.
fn unlocked(now: DateTime<Utc>) -> String {
    let at = now + TimeDelta::seconds(180 - now.timestamp().rem_euclid(180));
    at.format("%H:%M").to_string()
}

/// Uses up `count` of the nine attempts that the device has in its window.
fn use_up_verifications(aws: &Aws, home: &Home, count: usize) {
    aws.freeze_clock();
    let [wrong, ..] = wrong_codes(aws);
    for _ in 0..count {
        Run::new(home)
            .args(["login", "-p", "dev", "--code", &wrong])
            .status(4)
            .check_stderr(|_| {})
            .run();
    }
}

#[test]
fn a_device_locked_after_too_many_tries_is_reported_with_the_time_it_unlocks() {
    let Scene { aws, home, .. } = Scene::default();
    use_up_verifications(&aws, &home, 8);
    let mut terminal = start_and_see_prompt(&home);
    let [_, wrong, _] = wrong_codes(&aws);
    terminal.types(&wrong);
    terminal.sees(PROMPT);
    let (code, before) = (aws.code(USER), unlocked(Utc::now()));
    terminal.types(&code);
    let screen = |at: &str| {
        formatdoc! {"
            {PROMPT}{wrong}
            {WRONG}{PROMPT}{code}
            error: AWS takes no more codes of arn:aws:iam::123456789012:mfa/alice for now: too many tries
            hint: wait until {{*}}{at}, then use a new code
        "}
    };
    wait_for_requests(&aws, 8 + 3);
    // If the window ended in between, the time may be that of the next one.
    let at = if before == unlocked(Utc::now()) {
        before
    } else {
        String::new()
    };
    terminal.ends(4, &screen(&at));
    assert_untouched(&home);
}

#[test]
fn a_device_that_others_may_have_locked_is_reported_with_both_causes() {
    let Scene { aws, home, .. } = Scene::default();
    use_up_verifications(&aws, &home, 9);
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(
        4,
        &formatdoc! {"
            {PROMPT}{code}
            error: AWS could not check the code with device arn:aws:iam::123456789012:mfa/alice for profile dev
            hint: is it this user's device? one that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {{*}}:{{*}}
        "},
    );
    assert_untouched(&home);
}

#[test]
fn ctrl_c_at_the_prompt_cancels() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    wait_for_requests(&aws, 1);
    terminal.presses("\x03");
    terminal.ends(130, &format!("{PROMPT}^C\nerror: cancelled\n"));
    assert_eq!(aws.actions(), [WARM_UP]);
    assert_untouched(&home);
}

#[test]
fn ctrl_d_at_the_prompt_cancels() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    wait_for_requests(&aws, 1);
    terminal.presses("\x04");
    terminal.ends(130, &format!("{PROMPT}\nerror: cancelled\n"));
    assert_eq!(aws.actions(), [WARM_UP]);
    assert_untouched(&home);
}

#[test]
fn ctrl_c_during_the_request_for_the_session_cancels() {
    for fault in [Fault::Silent, Fault::Delay(Duration::from_secs(20))] {
        let Scene { aws, home, .. } = Scene::default();
        aws.fault(ISSUE, fault);
        let mut terminal = start_and_see_prompt(&home);
        let code = aws.code(USER);
        terminal.types(&code);
        // Ctrl-C makes the terminal drop output that it has not shown yet.
        terminal.sees(&code);
        wait_for_requests(&aws, 2);
        terminal.presses("\x03");
        terminal.ends(130, &format!("{PROMPT}{code}\n^C\nerror: cancelled\n"));
        assert_eq!(aws.actions(), [WARM_UP, ISSUE]);
        assert_untouched(&home);
    }
}

#[test]
fn the_prompt_is_on_the_terminal_itself_if_the_streams_are_pipes() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = login(&home).args(["--json"]).piped().start();
    terminal.sees(PROMPT);
    let [wrong, ..] = wrong_codes(&aws);
    terminal.types(&wrong);
    terminal.sees(PROMPT);
    let code = aws.code(USER);
    terminal.types(&code);
    let Streams { stdout, stderr } =
        terminal.ends(0, &format!("{PROMPT}{wrong}\n{WRONG}{PROMPT}{code}\n"));
    assert_eq!(stderr, "");
    assert!(
        stdout.starts_with('{') && stdout.ends_with("}\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains(r#""arn":"arn:aws:iam::123456789012:user/alice""#),
        "{stdout}"
    );
}

#[test]
fn a_bad_key_is_reported_before_any_code_is_typed() {
    let Scene { aws, home, .. } = Scene::default();
    aws.deactivate_key(KEY_ID);
    login(&home).start().ends(
        5,
        &formatdoc! {"
            {PROMPT}
            error: AWS does not know the access key {KEY_ID}
            hint: it may have been deleted or deactivated, or the region eu-central-1 is in another partition or not enabled
        "},
    );
    assert_eq!(aws.actions(), [WARM_UP]);
    assert_untouched(&home);

    let credentials = CREDENTIALS.replace("EXAMPLEKEY", "EXAMPLEKEX");
    let Scene { aws, home, .. } = Scene::default().credentials(credentials);
    login(&home).start().ends(
        5,
        &formatdoc! {"
            {PROMPT}
            error: the secret access key does not belong to the access key {KEY_ID}
            hint: check aws_secret_access_key for a missing or extra character
        "},
    );
    assert_eq!(aws.actions(), [WARM_UP]);
}

#[test]
fn a_bad_key_reported_after_the_code_was_typed_spends_no_code() {
    let Scene { aws, home, .. } = Scene::default();
    aws.deactivate_key(KEY_ID);
    aws.fault(WARM_UP, Fault::Delay(Duration::from_millis(400)));
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(
        5,
        &formatdoc! {"
            {PROMPT}{code}
            error: AWS does not know the access key {KEY_ID}
            hint: it may have been deleted or deactivated, or the region eu-central-1 is in another partition or not enabled
        "},
    );
    assert_eq!(aws.actions(), [WARM_UP]);
    assert_untouched(&home);
}

#[test]
fn a_denied_check_of_the_keys_does_not_end_the_prompt() {
    for explicit in [true, false] {
        let Scene { aws, home, .. } = Scene::default();
        aws.fault_always(WARM_UP, Fault::Denied { explicit });
        let mut terminal = start_and_see_prompt(&home);
        wait_for_requests(&aws, 1);
        // The denial must not end the question in this time.
        thread::sleep(Duration::from_millis(150));
        let code = aws.code(USER);
        terminal.types(&code);
        terminal.ends(0, &format!("{PROMPT}{code}\n{READY}"));
        assert_eq!(aws.actions(), [WARM_UP, ISSUE]);
        assert_eq!(aws.connections(), 1);
    }
}

#[test]
fn an_unreachable_check_of_the_keys_does_not_end_the_prompt() {
    for fault in [Fault::CloseBefore, Fault::Status(503), Fault::NotXml] {
        let Scene { aws, home, .. } = Scene::default();
        aws.fault_always(WARM_UP, fault);
        let mut terminal = start_and_see_prompt(&home);
        wait_for_requests(&aws, 1);
        let code = aws.code(USER);
        terminal.types(&code);
        terminal.ends(0, &format!("{PROMPT}{code}\n{READY}"));
        assert_eq!(aws.sessions().len(), 1, "{fault:?}");
    }

    // With nothing listening, the code is asked for, and the error says why it was not used.
    let home = Home::new().credentials(CREDENTIALS).config(CONFIG);
    let mut terminal = start_and_see_prompt(&home);
    thread::sleep(Duration::from_millis(150));
    terminal.types("123456");
    terminal.ends(
        6,
        &formatdoc! {"
            {PROMPT}123456
            error: can't reach 127.0.0.1:1: connection refused (tried 3 times, {{*}} s)
            hint: check the network and the endpoint's URL in the environment or the profile
        "},
    );
    assert_untouched(&home);
}

#[test]
fn the_code_is_sent_over_the_connection_opened_in_the_meantime() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = start_and_see_prompt(&home);
    wait_for_requests(&aws, 1);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}{code}\n{READY}"));
    assert_eq!(aws.actions(), [WARM_UP, ISSUE]);
    assert_eq!(aws.connections(), 1);
}

#[test]
fn a_code_typed_early_waits_for_the_connection() {
    let Scene { aws, home, .. } = Scene::default();
    aws.fault(WARM_UP, Fault::Delay(Duration::from_millis(500)));
    let mut terminal = start_and_see_prompt(&home);
    let code = aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}{code}\n{READY}"));
    assert_eq!(aws.actions(), [WARM_UP, ISSUE]);
    assert_eq!(aws.connections(), 1);
}

#[test]
fn no_input_is_refused_before_any_request_and_before_any_file_is_written() {
    let Scene { aws, home, .. } = Scene::default();
    login(&home).args(["--no-input"]).start().ends(
        7,
        indoc! {"
            error: profile dev needs a code, and --no-input forbids asking
            hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
        "},
    );
    assert_eq!(aws.connections(), 0);
    assert_untouched(&home);
}

/// `setsid`, which every Linux has, starts a program without a terminal. On other systems the run would
/// share the tests' terminal.
#[cfg(target_os = "linux")]
#[test]
fn without_a_terminal_a_code_must_be_given() {
    let Scene { aws, home, .. } = Scene::default();
    let home = home.program("/usr/bin/setsid");
    for (flags, why) in [
        (&[][..], "there is no terminal to ask on"),
        (&["--no-input"], "--no-input forbids asking"),
    ] {
        Run::new(&home)
            .args([env!("CARGO_BIN_EXE_awsmfa"), "login", "-p", "dev"])
            .args(flags)
            .status(7)
            .stderr(formatdoc! {"
                error: profile dev needs a code, and {why}
                hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
            "})
            .run();
    }
    assert_eq!(aws.connections(), 0);
    assert_untouched(&home);
    let names = file_names(&home.path().join(".aws"));
    assert_eq!(names.len(), 2, "not even a lock: {names:?}");
}

#[test]
fn lines_typed_ahead_stay_for_the_next_program() {
    let Scene { aws, home, .. } = Scene::default();
    let mut terminal = login(&home)
        .script(r#""$@" && read -r next && echo "next: $next""#)
        .start();
    terminal.sees(PROMPT);
    let code = aws.code(USER);
    terminal.presses(&format!("{code}\ngit status\n"));
    terminal.ends(
        0,
        &format!("{PROMPT}{code}\ngit status\n{READY}next: git status\n"),
    );
}

#[test]
fn the_verbose_steps_do_not_disturb_the_question_and_contain_no_code() {
    let Scene { aws, home, .. } = Scene::default();
    aws.fault_always(WARM_UP, Fault::Denied { explicit: true });
    let mut terminal = login(&home).args(["-v"]).piped().start();
    terminal.sees(PROMPT);
    wait_for_requests(&aws, 1);
    let code = aws.code(USER);
    terminal.types(&code);
    let streams = terminal.ends(0, &format!("{PROMPT}{code}\n"));
    assert_eq!(streams.stdout, "");
    let before = streams
        .stderr
        .find("opening the connection and checking the keys");
    let after = streams
        .stderr
        .find("the keys could not be checked: AWS refused");
    assert!(before.is_some() && before < after, "{}", streams.stderr);
}
