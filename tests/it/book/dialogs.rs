//! Types codes into the window that the documentation's recipe for zenity opens, on an invisible display, and
//! ends the programs of all recipes in other ways. There is no terminal in any of these tests.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use super::block;
use crate::clients::{Client, run_in};
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, alice, output_text, wait_until, wrap};
use crate::support::aws::{Aws, USER};
use crate::support::emulator::Display;
use crate::support::home::Home;
use crate::support::run::matches;

const TITLE: &str = "awsmfa";

/// What the window shows. zenity shows two underscores as one.
const QUESTION: &str = "MFA code for my__dev (device alice, account 123456789012)";

/// Alice at her desk; her profile has an underscore in its name.
struct Desk {
    aws: Aws,
    home: Home,
    display: Display,
}

impl Desk {
    fn new() -> Self {
        let aws = alice().start();
        let recipe = block("docs/recipes/window.md", "ini", "zenity");
        let [line] = &*recipe.lines().skip(1).collect::<Vec<_>>() else {
            panic!("{recipe} is a section with one setting");
        };
        let work = format!(
            "[profile work]\nregion = eu-central-1\ncredential_process = {} credential-process -p my_dev\n",
            env!("CARGO_BIN_EXE_awsmfa")
        );
        let config = format!("{CONFIG}{line}\n{work}").replace("dev]", "my_dev]");
        let home = Home::with(&aws)
            .credentials(CREDENTIALS.replace("dev]", "my_dev]"))
            .config(config);
        let display = Display::start(home.path());
        Self { aws, home, display }
    }

    /// Starts awsmfa or a client that runs it, in a session without a terminal.
    fn starts(&self, command: Command) -> Child {
        let mut command = wrap("setsid", &["-w"], &command);
        command
            .env("DISPLAY", self.display.name())
            .stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("setsid is there")
    }

    fn awsmfa(&self, args: &[&str]) -> Child {
        self.starts(self.home.command(args))
    }

    /// Whether a zenity on this display asks this.
    fn shows(&self, question: &str) -> bool {
        let display = format!("DISPLAY={}", self.display.name());
        let has = |file: PathBuf, entry: &str| {
            let bytes = fs::read(file).unwrap_or_default();
            bytes
                .split(|byte| *byte == 0)
                .any(|it| it == entry.as_bytes())
        };
        let mut processes = fs::read_dir("/proc").expect("there are processes");
        processes.any(|process| {
            let folder = process.expect("it can be read").path();
            let line = folder.join("cmdline");
            has(line.clone(), "--entry")
                && has(line, question)
                && has(folder.join("environ"), &display)
        })
    }

    /// Ends the window in this way once it shows the question, and returns what the program printed.
    fn answers(&self, child: Child, text: &str, key: &str) -> Output {
        wait_until("zenity asks", || self.shows(QUESTION));
        self.display.types_into(TITLE, text, key);
        child.wait_with_output().expect("it ends")
    }
}

#[test]
#[ignore = "needs zenity, xdotool and Xvfb"]
fn a_code_typed_into_the_window_signs_in() {
    let desk = Desk::new();
    let child = desk.awsmfa(&["login", "-p", "my_dev"]);
    let code = desk.aws.code(USER);
    let output = desk.answers(child, &code, "Return");
    let said = output_text(&output);
    assert!(output.status.success(), "{said}");
    let ready = READY.replace("dev-mfa", "my_dev-mfa");
    assert!(said.lines().count() >= 2, "{said}");
    let last: Vec<&str> = said.lines().rev().take(2).collect();
    assert!(
        matches(&ready, &format!("{}\n{}\n", last[1], last[0])),
        "{said}"
    );
    assert_eq!(desk.aws.requests()[0].call.param("TokenCode"), Some(&*code));
    assert_eq!(desk.aws.actions(), [ISSUE]);
}

#[test]
#[ignore = "needs zenity, xdotool and Xvfb"]
fn cancelling_the_window_cancels_the_sign_in() {
    let desk = Desk::new();
    for args in [
        &["login", "-p", "my_dev"][..],
        &["credential-process", "-p", "my_dev"],
    ] {
        let output = desk.answers(desk.awsmfa(args), "123", "Escape");
        let said = output_text(&output);
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.ends_with("error: cancelled\n"), "{said}");
        assert_eq!(output.stdout, b"");
    }
    assert_eq!(desk.aws.connections(), 0);
}

#[test]
#[ignore = "needs zenity, xdotool, Xvfb and tests/clients/install"]
fn a_tool_without_a_terminal_signs_in_through_the_window() {
    let desk = Desk::new();
    let child = desk.starts(run_in(&desk.home, &Client::Boto3.whoami(Some("work"))));
    let output = desk.answers(child, &desk.aws.code(USER), "Return");
    assert!(output.status.success(), "{}", output_text(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "123456789012 arn:aws:iam::123456789012:user/alice\n");
}

#[test]
#[ignore = "needs zenity, xdotool and Xvfb"]
fn without_a_desktop_it_fails_at_once_and_does_not_say_that_somebody_cancelled() {
    let desk = Desk::new();
    let mut command = desk.home.command(["login", "-p", "my_dev"]);
    let output = command.output().expect("awsmfa was built");
    let said = output_text(&output);
    assert_eq!(output.status.code(), Some(7), "{said}");
    let why = "error: mfa_process gave no code: it failed (exit 1)\n";
    assert!(said.starts_with(why), "{said}");
    // As the page says: zenity does not tell this from a cancelled question.
    let mut command = desk.home.command(["login", "-p", "my_dev"]);
    let output = command.env("DISPLAY", ":4711").output();
    let output = output.expect("awsmfa was built");
    let said = output_text(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.ends_with("error: cancelled\n"), "{said}");
    assert_eq!(desk.aws.connections(), 0);
}

#[test]
fn only_a_cancelled_question_is_called_cancelled() {
    for program in ["zenity", "kdialog", "osascript"] {
        let recipe = block("docs/recipes/window.md", "ini", &format!("{program} "));
        let (_, line) = recipe.split_once('\n').expect("a section with one setting");
        let aws = alice().start();
        let home = Home::with(&aws)
            .credentials(CREDENTIALS)
            .config(format!("{CONFIG}{line}"));
        let bin = home.path().join("bin");
        fs::create_dir(&bin).expect("the home is writable");
        let login = || {
            let mut command = home.command(["login", "-p", "dev"]);
            // Only these programs are installed.
            command.env("PATH", &bin).env("DISPLAY", ":4711");
            let output = command.output().expect("awsmfa was built");
            (output.status.code(), output_text(&output))
        };
        let mut failed = vec![(127, login())];
        for status in [0, 1, 2, 5, 126, 134, 255] {
            let path = bin.join(program);
            fs::write(&path, format!("#!/bin/sh\nexit {status}\n")).expect("it is writable");
            let executable = fs::Permissions::from_mode(0o755);
            fs::set_permissions(&path, executable).expect("it is ours");
            failed.push((status, login()));
        }
        for (status, (exit, said)) in failed {
            let (expected, why) = match status {
                0 => (7, "mfa_process gave no code".to_owned()),
                1 => (130, "error: cancelled\n".to_owned()),
                _ => (7, format!("it failed (exit {status})\n")),
            };
            assert_eq!(exit, Some(expected), "{program} {status}: {said}");
            assert!(said.contains(&why), "{program} {status}: {said}");
        }
    }
}
