//! Tests the sandbox with real shells at a terminal: its prompt, its first lines, that it leaves nothing
//! behind, and an administrator's way to MFA for everybody. It builds the example, so every test here is
//! ignored; `.ci/run` runs them.

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

/// What docs/policies.md has a person type to try an administrator's way, with what each line shows.
const TRY_IT: [(&str, &[&str]); 15] = [
    (
        "awsmfa login dev --code \"$(awsmfa-code)\"",
        &["dev-mfa is ready"],
    ),
    (
        "awsmfa policy show manage-mfa -p dev > manage-mfa.json",
        &["account 123456789012"],
    ),
    (
        "awsmfa exec dev -- awsmfa-iam attach manage-mfa.json people",
        &["manage-mfa is attached to people"],
    ),
    (
        "awsmfa setup frank --from-csv frank_accessKeys.csv",
        &["region ["],
    ),
    (
        "awsmfa policy check -p dev --group people",
        &["frank: NOT enforced: 28 of 28 pass: ", "AWS's simulator"],
    ),
    (
        "awsmfa policy show force-mfa -p dev --max-age 1h > force-mfa.json",
        &["account 123456789012"],
    ),
    (
        "awsmfa policy check -p dev --max-age 1h --file manage-mfa.json force-mfa.json",
        &[
            "manage-mfa.json with force-mfa.json: enforced: 28 of 28",
            "enrollment works",
        ],
    ),
    (
        "awsmfa exec dev -- awsmfa-iam attach force-mfa.json people",
        &["force-mfa is attached to people"],
    ),
    (
        "awsmfa policy check -p dev --max-age 1h --group people",
        &["frank: enforced: 28 of 28", "enrollment works"],
    ),
    ("awsmfa exec frank -- awsmfa-iam users", &["carol", "frank"]),
    ("AWS_PROFILE=frank awsmfa-iam users", &[DENIED]),
    ("awsmfa-later 2h", &["2h older now"]),
    ("awsmfa exec frank -- awsmfa-iam users", &[DENIED]),
    (
        "awsmfa login frank --force --code \"$(awsmfa-code frank)\"",
        &["frank-mfa is ready"],
    ),
    ("awsmfa exec frank -- awsmfa-iam users", &["carol", "frank"]),
];

/// What AWS says to frank under force-mfa.
const DENIED: &str =
    "frank is not authorized to perform: iam:ListUsers on resource: * with an explicit deny";

/// The lines of the block that the page has a person type.
fn lines_to_try() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let section = page
        .split("\n## Try it\n")
        .nth(1)
        .expect("the section is there");
    let block = section.split("```sh\n").nth(1).expect("it has a block");
    let block = block.split("```").next().unwrap_or_default();
    let lines = block
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    lines.map(|line| line.trim().to_owned()).collect()
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

#[test]
#[ignore = "builds the sandbox, and waits up to 30 s for a second code"]
fn an_administrator_forces_mfa_and_a_new_user_enrolls_and_works() {
    let lines: Vec<&str> = TRY_IT.iter().map(|(line, _)| *line).collect();
    assert_eq!(
        lines_to_try(),
        lines,
        "docs/policies.md shows what is tried here"
    );
    let program = program();
    let folder = TempDir::new().expect("there is room");
    let mut command = Command::new(&program);
    command
        .arg("bash")
        .env("TMPDIR", folder.path())
        .env("TERM", "xterm");
    let mut terminal = spawn_command(command, Some(60_000)).expect("there is a pseudo-terminal");
    terminal.exp_string("(sandbox) ").expect("a prompt");
    // A QR code takes room.
    let resize = "stty rows 60 cols 160";
    terminal.send_line(resize).expect("it is open");
    terminal.exp_string("(sandbox) ").expect("a prompt");
    let join = entries(folder.path())[0].join("bin/awsmfa-join");
    for (line, texts) in TRY_IT {
        let see = |terminal: &mut PtySession, text: &str| {
            let seen = terminal.exp_string(text);
            seen.unwrap_or_else(|error| panic!("{line}: {text}: {error}"));
        };
        terminal.send_line(line).expect("it is open");
        for text in texts {
            see(&mut terminal, text);
        }
        if line.starts_with("awsmfa setup") {
            enroll(&mut terminal, &join, see);
        }
        see(&mut terminal, "(sandbox) ");
    }
    terminal.send_line("exit").expect("it is open");
    terminal.exp_eof().expect("it ends");
    assert_eq!(entries(folder.path()), [] as [PathBuf; 0]);
}

/// Answers what `setup` asks, with codes that come from another terminal.
fn enroll(terminal: &mut PtySession, join: &Path, see: impl Fn(&mut PtySession, &str)) {
    terminal.send_line("").expect("it is open");
    for question in ["sign in now?", "enroll one now?"] {
        see(terminal, question);
        terminal.send_line("").expect("it is open");
    }
    let mut last = String::new();
    for prompt in ["first code of frank", "next code of frank"] {
        see(terminal, prompt);
        let begin = Instant::now();
        let code = loop {
            let shown = Command::new(join).args(["awsmfa-code", "frank"]).output();
            let shown = String::from_utf8(shown.expect("it joins").stdout).expect("text");
            let code = shown.trim().to_owned();
            if !code.is_empty() && code != last {
                break code;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(40),
                "{prompt}: {code}"
            );
            std::thread::sleep(Duration::from_millis(500));
        };
        terminal.send_line(&code).expect("it is open");
        last = code;
    }
    see(terminal, "frank-mfa is ready");
}
