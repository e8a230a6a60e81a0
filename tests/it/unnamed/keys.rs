//! Tests what keys do in the list, and that the terminal is restored, whatever ends the list.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use indoc::formatdoc;

use super::{LIST, QUESTION, prompt, scene, start, terminal};
use crate::scene::{Scene, snapshot, wait_until};
use crate::support::aws::USER;
use crate::support::terminal::Session;

/// Puts the terminal into a mode, runs awsmfa, and reports whether the terminal is in that mode
/// afterwards. Its process id goes to a file.
fn in_mode(mode: &str) -> String {
    formatdoc! {r#"
        until stty -a | grep -q '[^-]echo '; do :; done
        stty {mode}; before=$(stty -g)
        trap : INT QUIT
        sh -c 'trap - INT QUIT; echo $$ >pid; exec "$@"' sh "$@"; status=$?
        after=$(stty -g); stty sane
        test "$before" = "$after" && mode=kept || mode=lost
        echo "ended with $status, mode $mode""#}
}

/// As a shell sets it, raw as curses sets it, with single keys disabled, and what a crashed program
/// leaves.
const MODES: [&str; 5] = [
    "sane",
    "raw -echo",
    "raw intr undef erase undef",
    "-icrnl",
    "cbreak -isig igncr",
];

fn in_shell<'a>(scene: &'a Scene, mode: &str) -> Session<'a> {
    let script = in_mode(mode);
    let session = terminal(scene, &["login"]).script(&script).start();
    session.sees_list(LIST);
    session
}

#[test]
fn every_way_to_cancel_leaves_terminal_and_files_as_they_were() {
    for mode in MODES {
        for (keys, said) in [
            ("\x1b", "error: cancelled"),
            ("\x04", "error: cancelled"),
            ("de\x04", "error: cancelled"),
            ("\x03", "error: cancelled"),
            ("\x1c", "error: cancelled"),
            ("d\x1b[B\x03", "error: cancelled"),
        ] {
            let scene = scene();
            let before = snapshot(&scene.home);
            let mut session = in_shell(&scene, mode);
            session.presses(keys);
            session.sees(said);
            session.sees("ended with 130, mode kept");
            fs::remove_file(scene.home.path().join("pid")).expect("it is there");
            assert_eq!(snapshot(&scene.home), before, "{mode} {keys:?}");
            assert_eq!(scene.aws.connections(), 0);
        }
    }
}

#[test]
fn a_signal_that_ends_it_leaves_the_terminal_as_it_was() {
    for signal in ["TERM", "HUP", "QUIT", "USR1", "ALRM", "INT"] {
        for keys in ["", "d", "\x1b["] {
            let scene = scene();
            let mut session = in_shell(&scene, "sane");
            session.presses(keys);
            let pid = fs::read_to_string(scene.home.path().join("pid")).expect("it is there");
            kill(signal, pid.trim());
            // An unfinished sequence counts as Escape.
            session.sees("error: cancelled");
            session.sees("ended with 130, mode kept");
        }
    }
}

fn kill(signal: &str, pid: &str) {
    let sent = Command::new("kill").args(["-s", signal, pid]).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn arrows_pages_and_a_paste_choose() {
    for (keys, chosen) in [
        ("\r", "dev"),
        ("\n", "dev"),
        ("\x1b[B\r", "prod"),
        ("\x1bOB\r", "prod"),
        ("\x0e\x0e\x10\r", "prod"),
        ("\t\t\x1b[Z\r", "prod"),
        ("\x1b[A\x1b[A\r", "prod"),
        ("\x1b[6~\x1b[A\r", "prod"),
        ("\x1b[F\x1b[A\r", "prod"),
        ("\x1b[B\x1b[H\r", "dev"),
        ("prod\r", "prod"),
        ("PROD\r", "prod"),
        ("dx\x7f\x7f\x1b[B\r", "prod"),
        ("xyz\x15\x1b[B\r", "prod"),
        ("x\ry\r\x15pr\r", "prod"),
        ("\x1b[200~prod\x1b[201~\r", "prod"),
        ("\x1b[200~prod\r\x1b[201~", "prod"),
        ("\x1b[<0;1;1M\x1b[I\x1b]11;rgb:0/0/0\x07prod\r", "prod"),
    ] {
        let scene = scene();
        let mut session = start(&scene, &["login"]);
        session.sees_list(LIST);
        session.presses(keys);
        session.sees(&prompt(chosen));
        let shown = session.shown();
        assert!(
            shown.contains(&format!("\r\u{1b}[J{QUESTION}{chosen}\r\n")),
            "{keys:?} {shown:?}"
        );
    }
}

/// The rest of a key may come late, but no later than a person could press another key.
#[test]
fn a_key_that_comes_in_two_parts_is_one_key() {
    let scene = scene();
    let mut session = start(&scene, &["login"]);
    session.sees_list(LIST);
    for part in ["\x1b", "[B"] {
        session.presses(part);
        thread::sleep(Duration::from_millis(5));
    }
    session.presses("\r");
    session.sees(&prompt("prod"));
}

#[test]
fn what_is_typed_too_early_is_for_the_list_and_the_next_line_for_the_code() {
    let scene = scene();
    let mut session = start(&scene, &["login"]);
    let code = scene.aws.code(USER);
    session.presses(&format!("prod\n{code}\n"));
    session.sees("prod-mfa is ready until");
    assert_eq!(scene.aws.sessions().len(), 1);
}

/// Runs awsmfa in the foreground. When it is stopped, reports whether the terminal was restored, and
/// brings it back.
const STOPPED: &str = r#"
    until stty -a | grep -q '[^-]echo '; do :; done
    set -m; before=$(stty -g)
    "$@"; echo "left with $?"; after=$(stty -g)
    test "$before" = "$after" && echo kept || echo lost
    read -r go; fg; echo "ended with $?"
    test "$before" = "$(stty -g)" && echo kept at last || echo lost"#;

#[test]
fn after_ctrl_z_and_fg_the_list_is_shown_again() {
    let scene = scene();
    let mut session = terminal(&scene, &["login"]).script(STOPPED).start();
    session.sees_list(LIST);
    session.presses("pr\x1a");
    session.sees("left with ");
    session.sees("kept");
    session.types("go");
    session.sees(&format!("{QUESTION}\u{1b}[?7h"));
    session.sees_list(LIST);
    session.presses("pro\r");
    session.sees(&prompt("prod"));
    let code = scene.aws.code(USER);
    session.types(&code);
    session.sees("prod-mfa is ready until");
    session.sees("ended with 0");
    session.sees("kept at last");
}

/// Even though nobody could restore the terminal before.
#[test]
fn after_a_stop_that_nobody_catches_the_list_is_shown_again() {
    let scene = scene();
    let script = format!(
        "echo $$ >shell; {}",
        STOPPED.replace(
            "\"$@\"; echo",
            r#"sh -c 'echo $$ >pid; exec "$@"' sh "$@"; echo"#,
        )
    );
    let mut session = terminal(&scene, &["login"]).script(&script).start();
    session.sees_list(LIST);
    let path = scene.home.path().join("pid");
    wait_until("its id", || path.exists());
    let pid = fs::read_to_string(path).expect("it is there");
    kill("STOP", pid.trim());
    session.sees("left with ");
    session.types("go");
    session.sees(&format!("{QUESTION}\u{1b}[?7h"));
    session.presses("\x1b[B\r");
    session.sees(&prompt("prod"));
    session.presses("\x03");
    session.sees("ended with 130");
}

/// Each run starts afresh, with keys that nobody would press.
#[test]
fn random_keys_never_harm_the_terminal() {
    let pieces = [
        "\x1b", "\x1b[", "\x1b[A", "\x1b[B", "\x1bO", "\x1b]", "\x1bP", "\x1b[6~", "a", "d", "é",
        "日", "\u{ff}", "\x15", "\x17", "\x7f", "\x08", "\t", " ", "\x01", "\x00", "\x16", "\x11",
        "[1;", "~", "\x0c", "\x12", "x",
    ];
    // A generator with the same numbers everywhere.
    let mut state: u32 = 2_463_534_242;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        usize::try_from(state).unwrap_or(0) % below
    };
    for _ in 0..25 {
        let scene = scene();
        let mut session = in_shell(&scene, "sane");
        let keys: String = (0..next(40)).map(|_| pieces[next(pieces.len())]).collect();
        session.presses(&keys);
        // The keys may have cancelled it; if not, this does, once no sequence is unfinished.
        thread::sleep(Duration::from_millis(150));
        if !session.shown().contains("ended with") {
            session.presses("\x04");
        }
        session.sees("ended with 130, mode kept");
        assert_eq!(scene.aws.connections(), 0, "{keys:?}");
    }
}
