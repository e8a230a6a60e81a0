//! Stops logins at their question and starts them in the background, in a shell with job control.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::scene::{
    CONFIG, ISSUE, PROMPT, READY, Scene, alice, output_text, spawn, wait, wait_until,
};
use crate::support::aws::{Fault, USER};
use crate::support::terminal::Session;

const LOGIN: [&str; 3] = ["login", "--profile", "dev"];

/// Runs awsmfa in the foreground. When it is stopped, waits for a line and brings it back.
const STOPPED: &str = r#"set -m; "$@"; echo "left with $?"; read -r go; fg; echo "ended with $?""#;

/// Starts awsmfa in the background, waits for a line, and brings it into the foreground.
const BEHIND: &str = r#"set -m; "$@" & read -r go; echo went; fg; echo "ended with $?""#;

const KEPT: &str = "dev-mfa is still valid";

fn start<'a>(scene: &'a Scene, args: &[&str], script: &str) -> Session<'a> {
    scene.terminal(args).script(script).start()
}

/// Another login, with a code in hand: it gets its turn at once.
fn sign_in_elsewhere(scene: &Scene) {
    let begin = Instant::now();
    scene.login(&["-p", "dev"]).stderr(READY).run();
    assert!(begin.elapsed() < Duration::from_secs(20), "it waited");
}

fn types_a_code(scene: &Scene, terminal: &mut Session<'_>) {
    let code = scene.aws.code(USER);
    terminal.types(&code);
}

#[test]
fn after_ctrl_z_and_fg_the_question_is_shown_again() {
    let scene = Scene::default();
    let mut terminal = start(&scene, &LOGIN, &format!("{STOPPED}; fg; echo \"then $?\""));
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    terminal.types("go");
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("ended with ");
    terminal.sees(PROMPT);
    types_a_code(&scene, &mut terminal);
    terminal.sees("dev-mfa is ready until");
    terminal.sees("then 0");
    assert_eq!(scene.aws.sessions().len(), 1);
}

#[test]
fn while_it_is_stopped_another_signs_in_and_afterwards_nothing_is_asked() {
    let scene = Scene::default();
    let mut terminal = start(&scene, &LOGIN, STOPPED);
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    sign_in_elsewhere(&scene);
    terminal.types("go");
    terminal.sees(KEPT);
    terminal.sees("ended with 0");
    assert_eq!(scene.aws.sessions().len(), 1);
}

/// A person who puts a login aside has not failed: who waits need not fear for its code.
#[test]
fn one_that_waits_gets_its_turn_from_one_that_is_stopped() {
    let scene = Scene::default();
    let mut terminal = start(&scene, &LOGIN, STOPPED);
    terminal.sees(PROMPT);
    let run =
        spawn(
            &mut scene
                .home
                .command(["login", "-p", "dev", "--code", &scene.aws.code(USER)]),
        );
    thread::sleep(Duration::from_millis(300));
    terminal.presses("\x1a");
    terminal.sees("left with ");
    let ended = wait(run);
    let text = output_text(&ended);
    assert_eq!(ended.status.code(), Some(0), "{text}");
    assert!(text.contains("waiting for another awsmfa"), "{text}");
    terminal.types("go");
    terminal.sees(KEPT);
    terminal.sees("ended with 0");
}

#[test]
fn a_role_whose_source_is_asked_for_holds_nothing_either() {
    let config = format!(
        "{CONFIG}[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = dev\n"
    );
    let scene = Scene::with(alice().role("admin").start()).config(config);
    let mut terminal = start(&scene, &["login", "--profile", "admin"], STOPPED);
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    let begin = Instant::now();
    scene
        .login(&["-p", "admin"])
        .check_stderr(|text| assert!(text.starts_with("admin-mfa is ready"), "{text}"))
        .run();
    assert!(begin.elapsed() < Duration::from_secs(20), "it waited");
    terminal.types("go");
    terminal.sees("admin-mfa is still valid");
    terminal.sees("ended with 0");
}

#[test]
fn a_credential_process_lets_go_too_and_asks_again() {
    let scene = Scene::default();
    let mut terminal = scene
        .terminal(&["credential-process", "--profile", "dev"])
        .script(&STOPPED.replace("\"$@\";", "\"$@\" >out;"))
        .start();
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    terminal.types("go");
    terminal.sees(PROMPT);
    types_a_code(&scene, &mut terminal);
    terminal.sees("ended with 0");
    let out = fs::read_to_string(scene.home.path().join("out")).expect("the shell made it");
    assert!(out.contains("\"Version\":1"), "no session");
}

/// SIGSTOP can't be caught, so nothing is let go before; but the question is shown again.
#[test]
fn after_any_other_stop_the_question_is_shown_again() {
    let scene = Scene::default();
    let script = STOPPED.replace("\"$@\";", "sh -c 'echo $$ >pid; exec \"$@\"' sh \"$@\";");
    let mut terminal = start(&scene, &LOGIN, &script);
    terminal.sees(PROMPT);
    let pid = fs::read_to_string(scene.home.path().join("pid")).expect("written");
    let stopped = std::process::Command::new("kill")
        .args(["-s", "STOP", pid.trim()])
        .status();
    assert!(stopped.expect("it runs").success());
    terminal.sees("left with ");
    terminal.types("go");
    terminal.sees(PROMPT);
    types_a_code(&scene, &mut terminal);
    terminal.sees("ended with 0");
}

/// The code is on its way: it is not given up, and Ctrl-Z works all the same.
#[test]
fn ctrl_z_after_the_question_stops_it_and_fg_goes_on_with_the_answer() {
    let scene = Scene::default();
    scene
        .aws
        .fault(ISSUE, Fault::Delay(Duration::from_millis(700)));
    let mut terminal = start(&scene, &LOGIN, STOPPED);
    terminal.sees(PROMPT);
    types_a_code(&scene, &mut terminal);
    wait_until("the request", || scene.aws.requests().len() >= 2);
    terminal.presses("\x1a");
    terminal.sees("left with ");
    terminal.types("go");
    terminal.sees("dev-mfa is ready until");
    terminal.sees("ended with 0");
    assert_eq!(scene.aws.sessions().len(), 1);
}

#[test]
fn a_background_job_asks_once_it_is_in_the_foreground() {
    for command in ["login", "export"] {
        let scene = Scene::default();
        let script = BEHIND.replace("\"$@\" &", "\"$@\" 3>&1 >out &");
        let mut terminal = start(&scene, &[command, "--profile", "dev"], &script);
        // Long enough for a question.
        thread::sleep(Duration::from_millis(400));
        assert_eq!(scene.aws.connections(), 0);
        terminal.types("go");
        terminal.sees("went");
        terminal.sees(PROMPT);
        types_a_code(&scene, &mut terminal);
        terminal.sees("ended with 0");
        assert_eq!(scene.aws.actions().last().map(String::as_str), Some(ISSUE));
    }
}

#[test]
fn a_background_job_holds_nothing_up() {
    let scene = Scene::default();
    let mut terminal = start(&scene, &LOGIN, BEHIND);
    thread::sleep(Duration::from_millis(400));
    sign_in_elsewhere(&scene);
    terminal.types("go");
    terminal.sees("went");
    terminal.sees(KEPT);
    terminal.sees("ended with 0");
}

#[test]
fn a_stopped_job_that_goes_on_in_the_background_does_not_ask_there() {
    let scene = Scene::default();
    let script = STOPPED.replace(
        "read -r go;",
        "bg; sleep 0.4; echo behind; read -r go; echo went;",
    );
    let mut terminal = start(&scene, &LOGIN, &script);
    terminal.sees(PROMPT);
    terminal.presses("\x1a");
    terminal.sees("behind");
    sign_in_elsewhere(&scene);
    terminal.types("go");
    terminal.sees("went");
    terminal.sees(KEPT);
    terminal.sees("ended with 0");
}

/// Nobody could bring it back: the shell that started it is gone.
#[test]
fn a_background_job_without_a_shell_fails() {
    let scene = Scene::default();
    let orphan = r#"set -m; sh -c '(sleep 0.3; "$@" >out 2>err; echo $? >status) & exit' sh "$@" & wait $!; until test -s status; do sleep 0.1; done; cat status err"#;
    let terminal = start(&scene, &LOGIN, orphan);
    terminal.ends(
        0,
        "7\nerror: profile dev needs a code, and awsmfa is in the background\n\
         hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE\n",
    );
    assert_eq!(scene.aws.connections(), 0);
}

/// `setsid` starts a program that no terminal controls.
#[cfg(target_os = "linux")]
mod uncontrolled {
    use super::*;
    use crate::support::aws::secrets::Kind;

    const SCRIPT: &str = r#"setsid -w "$@"; echo "ended with $?""#;

    #[test]
    fn a_terminal_on_standard_input_is_asked_at() {
        for args in [&LOGIN, &["credential-process", "--profile", "dev"]] {
            let scene = Scene::default();
            let mut terminal = scene
                .terminal(args)
                .script(SCRIPT)
                .may_print(Kind::Session)
                .start();
            terminal.sees(PROMPT);
            types_a_code(&scene, &mut terminal);
            terminal.sees("ended with 0");
            assert_eq!(scene.aws.sessions().len(), 1);
        }
    }

    #[test]
    fn ctrl_c_ends_the_question_all_the_same() {
        for keys in ["\x03", "49\x03", "\x04"] {
            let scene = Scene::default();
            let mut terminal = start(&scene, &LOGIN, SCRIPT);
            terminal.sees(PROMPT);
            terminal.presses(keys);
            terminal.sees("error: cancelled");
            terminal.sees("ended with 130");
            assert_eq!(scene.aws.sessions().len(), 0);
        }
    }

    #[test]
    fn a_command_for_the_code_can_ask_there_too() {
        let scene = Scene::default();
        let ask = "printf 'vault password: ' >&2; read -r word; echo \"$word\"";
        let args = ["login", "-p", "dev", "--code-command", ask];
        let mut terminal = start(&scene, &args, SCRIPT);
        terminal.sees("vault password: ");
        types_a_code(&scene, &mut terminal);
        terminal.sees("ended with 0");
        wait_until("a session", || scene.aws.sessions().len() == 1);
    }
}
