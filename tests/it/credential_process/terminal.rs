//! Checks that the user is asked at the terminal itself, and only while awsmfa is in its foreground.

use std::fs;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use indoc::{formatdoc, indoc};

use super::contract;
use crate::scene::{CONFIG, ISSUE, PROMPT, Scene, snapshot};
use crate::support::aws::USER;
use crate::support::aws::secrets::Kind;
use crate::support::terminal::{Streams, Terminal};

/// The message if nobody can be asked.
fn nowhere(why: &str) -> String {
    formatdoc! {"
        error: profile dev needs a code, and {why}
        hint: sign in first with `awsmfa login --profile dev`
    "}
}

fn process(scene: &Scene) -> Terminal<'_> {
    scene.terminal(&["credential-process", "--profile", "dev"])
}

#[test]
fn with_all_three_streams_captured_the_user_is_asked_at_the_terminal() {
    let scene = Scene::default();
    let mut terminal = process(&scene).piped().may_print(Kind::Session).start();
    terminal.sees(PROMPT);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    let Streams { stdout, stderr } = terminal.ends(0, &format!("{PROMPT}{code}\n"));
    assert_eq!(stdout, contract(&scene.aws.sessions()[0]));
    assert_eq!(stderr, "");
    assert_eq!(scene.aws.actions(), ["GetCallerIdentity", ISSUE]);
}

#[test]
fn cancelling_ends_it_with_nothing_on_standard_output() {
    let scene = Scene::default();
    let before = snapshot(&scene.home);
    let mut terminal = process(&scene).piped().start();
    terminal.sees(PROMPT);
    terminal.presses("\x03");
    let Streams { stdout, stderr } = terminal.ends(130, &format!("{PROMPT}^C\n"));
    assert_eq!(
        (stdout.as_str(), stderr.as_str()),
        ("", "error: cancelled\n")
    );
    assert_eq!(snapshot(&scene.home), before);
}

/// With `stty tostop`, even a message to the terminal would stop a background run forever.
#[test]
fn in_the_background_nobody_is_asked_and_nothing_stops_it() {
    let scene = Scene::default();
    let terminal = process(&scene)
        .script(
            "stty tostop; set -m; \"$@\" </dev/null >out 2>err & wait $!; echo \"ended with $?\"",
        )
        .start();
    terminal.ends(0, "ended with 7\n");
    let read = |name: &str| fs::read_to_string(scene.home.path().join(name));
    assert_eq!(read("out").expect("the shell made it"), "");
    assert_eq!(
        read("err").expect("the shell made it"),
        nowhere("awsmfa is in the background")
    );
    assert_eq!(scene.aws.connections(), 0);
}

#[test]
fn without_a_terminal_it_ends_in_7_with_nothing_on_standard_output() {
    let scene = Scene::default();
    let before = snapshot(&scene.home);
    // `setsid` starts a program without a terminal; a run that waited for an answer would hang.
    let terminal =
        process(&scene).script("setsid -w \"$@\" </dev/null >out 2>err; echo \"ended with $?\"");
    if cfg!(target_os = "linux") {
        terminal.start().ends(0, "ended with 7\n");
        let take = |name: &str| {
            let path = scene.home.path().join(name);
            let text = fs::read_to_string(&path).expect("the shell made it");
            fs::remove_file(path).expect("the home is writable");
            text
        };
        assert_eq!(take("out"), "");
        assert_eq!(take("err"), nowhere("there is no terminal to ask on"));
        assert_eq!(snapshot(&scene.home), before);
    }
}

/// A full-screen program reads the keys itself, so we would not get what is typed.
#[test]
fn while_a_full_screen_program_has_the_terminal_nobody_is_asked() {
    for mode in ["raw", "-icanon min 1"] {
        let scene = Scene::default();
        let begin = Instant::now();
        let script =
            format!("stty {mode}; \"$@\" >out 2>err; s=$?; stty sane; echo \"ended with $s\"");
        let terminal = process(&scene).script(&script).start();
        terminal.ends(0, "ended with 7\n");
        let text = fs::read_to_string(scene.home.path().join("err"));
        assert_eq!(
            text.expect("the shell made it"),
            nowhere("a full-screen program has the terminal")
        );
        assert_eq!(scene.aws.connections(), 0);
        assert!(begin.elapsed() < Duration::from_secs(20), "it waited");
    }
}

/// The command that signs in names the session's profile.
#[test]
fn without_a_terminal_it_names_the_login_to_run_first() {
    for (args, command) in [
        (
            &["--session-profile", "work"][..],
            "awsmfa login --profile dev --session-profile work",
        ),
        (&["--force"], "awsmfa login --profile dev"),
    ] {
        let scene = Scene::default();
        let script = "\"$@\" 2>err & wait $!; echo \"ended with $?\"";
        let terminal = process(&scene)
            .args(args)
            .script(&format!("set -m; {script}"));
        terminal.start().ends(0, "ended with 7\n");
        let text = fs::read_to_string(scene.home.path().join("err")).expect("the shell made it");
        let hint = format!("hint: sign in first with `{command}`\n");
        assert!(text.ends_with(&hint), "{text}");
    }
}

#[test]
#[ignore = "takes 50 seconds; the limit itself is tested in the library"]
fn a_question_that_nobody_answers_ends_in_7_after_50_seconds() {
    let scene = Scene::default();
    let begin = Instant::now();
    let mut terminal = process(&scene).piped().start();
    terminal.sees(PROMPT);
    thread::sleep(Duration::from_secs(45));
    let Streams { stdout, stderr } = terminal.ends(7, &format!("{PROMPT}\n"));
    assert_eq!(stdout, "");
    assert_eq!(
        stderr,
        indoc! {"
            error: no code for profile dev within 50 s
            hint: sign in first with `awsmfa login --profile dev`
        "}
    );
    let took = begin.elapsed().as_secs();
    assert!((50..55).contains(&took), "{took}");
}

/// The window of a command must not outlive the tool that waits for the session.
#[test]
#[ignore = "takes 50 seconds; the limit itself is tested in the library"]
fn a_command_that_still_asks_after_50_seconds_is_ended() {
    let scene = Scene::default();
    let config = format!("{CONFIG}mfa_process = touch asked; sleep 300; touch answered\n");
    let scene = scene.config(config);
    let begin = Instant::now();
    let run = scene.run(&["credential-process", "-p", "dev"]);
    run.status(7)
        .stderr(indoc! {"
            error: mfa_process gave no code: it took longer than 50 seconds
            hint: run the command yourself; the first line it prints must be the six-digit code
        "})
        .run();
    let took = begin.elapsed().as_secs();
    assert!((50..55).contains(&took), "{took}");
    assert!(scene.home.path().join("asked").exists());
}
