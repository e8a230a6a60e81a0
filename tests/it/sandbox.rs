//! Tests the sandbox with real shells at a terminal: its prompt, its first lines, and that it leaves
//! nothing behind. It builds the example, so every test here is ignored; `.ci/run` runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;

/// Output that takes longer, in milliseconds, never comes.
const PATIENCE: u64 = 30_000;

const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "dash"];

/// The sandbox program.
fn program() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--example", "sandbox"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.expect("cargo is there").success(), "it is built");
    let tests = std::env::current_exe().expect("this is a program");
    let folder = tests.ancestors().nth(2).expect("target/debug");
    folder.join("examples").join("sandbox")
}

/// A command at a terminal with `folder` as its temporary folder.
fn at_a_terminal(program: &Path, args: &[&str], folder: &Path) -> PtySession {
    let mut command = Command::new(program);
    command
        .args(args)
        .env("TMPDIR", folder)
        .env("TERM", "dumb")
        .env("AWS_PROFILE", "the persons own")
        .env("XDG_DATA_HOME", "/proc/nowhere")
        .env("ZDOTDIR", "/proc/nowhere");
    spawn_command(command, Some(PATIENCE)).expect("there is a pseudo-terminal")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|it| it.expect("the folder can be read").path())
        .collect()
}

#[test]
#[ignore = "builds the sandbox, and needs bash, zsh, fish and dash"]
fn every_shell_shows_that_it_is_in_the_sandbox_and_leaves_nothing() {
    let program = program();
    for shell in SHELLS {
        let folder = TempDir::new().expect("there is room");
        let mut terminal = at_a_terminal(&program, &[shell], folder.path());
        let see = |terminal: &mut PtySession, text: &str| {
            let seen = terminal.exp_string(text);
            seen.unwrap_or_else(|error| panic!("{shell}: {error}"))
        };
        let said = see(&mut terminal, "/bin/awsmfa-join");
        for line in [
            "awsmfa rotate dev",
            "awsmfa login audit",
            "awsmfa setup bob",
        ] {
            let words = line.split(' ').all(|word| said.contains(word));
            assert!(words, "{line}\n{said}");
        }
        see(&mut terminal, "(sandbox) ");
        let mut run = |line: &str, text: &str| {
            terminal.send_line(line).expect("it is open");
            see(&mut terminal, text);
        };
        run(
            "awsmfa login dev --code (awsmfa-code)"
                .replace(
                    '(',
                    match shell {
                        "fish" => "(",
                        _ => "$(",
                    },
                )
                .as_str(),
            "dev-mfa is ready",
        );
        run("awsmfa whoami dev-mfa", "user/alice");
        run("awsmfa login audit", "audit-mfa is ready");
        run(
            "echo $AWS_ENDPOINT_URL_STS $AWS_ENDPOINT_URL_IAM",
            "http://127.0.0.1:",
        );
        let begin = Instant::now();
        terminal.send_line("exit").expect("it is open");
        terminal.exp_eof().expect("it ends");
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "{shell} takes long"
        );
        assert_eq!(entries(folder.path()), [] as [PathBuf; 0], "{shell}");
    }
}

#[test]
#[ignore = "builds the sandbox"]
fn a_second_terminal_joins_and_may_outlive_the_first() {
    let program = program();
    let folder = TempDir::new().expect("there is room");
    let mut first = at_a_terminal(&program, &["bash"], folder.path());
    first.exp_string("(sandbox) ").expect("a prompt");
    let homes = entries(folder.path());
    let join = homes[0].join("bin/awsmfa-join");
    let mut second = at_a_terminal(&join, &["bash"], folder.path());
    second.exp_string("(sandbox) ").expect("a prompt");
    for (line, text) in [
        (
            "awsmfa login erin --code $(awsmfa-code erin)",
            "erin-mfa is ready",
        ),
        ("awsmfa device list carol", "mfa/carol-phone"),
        ("awsmfa device list dave", "has no MFA device"),
    ] {
        second.send_line(line).expect("it is open");
        let seen = second.exp_string(text);
        seen.unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    first.send_line("awsmfa status erin").expect("it is open");
    first.exp_string("valid").expect("both see the same files");
    first.send_line("exit").expect("it is open");
    first.exp_eof().expect("it ends");
    second.send_line("exit").expect("it is open");
    second.exp_eof().expect("it ends");
    assert_eq!(entries(folder.path()), [] as [PathBuf; 0]);
    let late = Command::new(&join).status();
    assert!(late.is_err(), "it is gone");
}
