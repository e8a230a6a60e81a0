//! Asks at a terminal that a full-screen program has put into raw mode, and checks that the mode is
//! restored however the question ends.

use indoc::formatdoc;

use crate::scene::{ISSUE, PROMPT, READY, Scene};
use crate::support::aws::USER;
use crate::support::terminal::{Session, Terminal};

/// Puts the terminal into a mode, runs awsmfa, and reports whether the terminal is in that mode
/// afterwards.
fn in_mode(mode: &str) -> String {
    formatdoc! {r#"
        until stty -a | grep -q '[^-]echo '; do :; done
        stty {mode}; before=$(stty -g)
        "$@"; status=$?
        after=$(stty -g); stty sane
        test "$before" = "$after" && mode=kept || mode=lost
        echo "ended with $status, mode $mode""#}
}

fn login<'a>(scene: &'a Scene, mode: &str) -> Terminal<'a> {
    scene
        .terminal(&["login", "--profile", "dev"])
        .script(&in_mode(mode))
}

fn start_and_see_prompt<'a>(scene: &'a Scene, mode: &str) -> Session<'a> {
    let mut terminal = login(scene, mode).start();
    terminal.sees(PROMPT);
    terminal
}

/// Raw as curses sets it, with single keys disabled, and what a crashed program leaves.
const MODES: [&str; 5] = [
    "raw -echo",
    "-icanon -echo min 1 time 0",
    "raw intr undef erase undef",
    "-icrnl",
    "cbreak -isig igncr",
];

#[test]
fn a_code_is_typed_erased_and_sent_with_the_return_key() {
    for mode in MODES {
        let scene = Scene::default();
        let mut terminal = start_and_see_prompt(&scene, mode);
        let code = scene.aws.code(USER);
        terminal.presses(&format!("9\x7f{code}\r"));
        terminal.sees("ended with 0, mode kept");
        assert_eq!(scene.aws.actions().last().map(String::as_str), Some(ISSUE));
        assert_eq!(scene.aws.sessions().len(), 1, "{mode}");
    }
}

#[test]
fn ctrl_c_and_ctrl_d_cancel() {
    for mode in MODES {
        for key in ["\x03", "\x04"] {
            let scene = Scene::default();
            // The shell gets Ctrl-C too, and must go on.
            let script = format!("trap : INT; {}", in_mode(mode));
            let mut terminal = scene
                .terminal(&["login", "--profile", "dev"])
                .script(&script)
                .start();
            terminal.sees(PROMPT);
            terminal.presses(key);
            terminal.sees("error: cancelled");
            terminal.sees("ended with 130, mode kept");
        }
    }
}

#[test]
fn a_signal_that_ends_it_leaves_the_mode_as_it_was() {
    for signal in ["TERM", "HUP", "QUIT", "USR1", "ALRM", "XCPU", "PROF"] {
        let scene = Scene::default();
        let become_it = r#"sh -c 'echo $$ >pid; exec "$@"' sh "$@";"#;
        let script = in_mode("raw -echo").replace("\"$@\";", become_it);
        let mut terminal = scene
            .terminal(&["login", "--profile", "dev"])
            .script(&script)
            .start();
        terminal.sees(PROMPT);
        let pid = std::fs::read_to_string(scene.home.path().join("pid")).expect("written");
        let ended = std::process::Command::new("kill")
            .args(["-s", signal, pid.trim()])
            .status();
        assert!(ended.expect("it runs").success());
        terminal.sees("error: cancelled");
        terminal.sees("ended with 130, mode kept");
    }
}

#[test]
fn a_failure_at_the_question_leaves_the_mode_as_it_was() {
    let scene = Scene::default();
    scene.aws.deactivate_key(crate::support::aws::KEY_ID);
    let mut terminal = login(&scene, "raw -echo").start();
    terminal.sees("error: AWS does not know the access key");
    terminal.sees("ended with 5, mode kept");
}

#[test]
fn an_invalid_code_is_asked_for_again_below() {
    let scene = Scene::default();
    let mut terminal = start_and_see_prompt(&scene, "raw");
    terminal.presses("hello\r");
    terminal.sees(&format!("hello\r\na code is six digits\r\n{PROMPT}"));
    let code = scene.aws.code(USER);
    terminal.presses(&format!("{code}\r"));
    terminal.sees("mode kept");
}

/// Somebody who turned the echo off wants the code to be hidden.
#[test]
fn a_terminal_with_echo_off_stays_so() {
    let scene = Scene::default();
    let mut terminal = start_and_see_prompt(&scene, "-echo");
    let code = scene.aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}{READY}ended with 0, mode kept\n"));
}
