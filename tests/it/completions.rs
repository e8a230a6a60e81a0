//! Tests the completions: the script for each shell, the answers that a shell gets, and that an
//! unreadable file costs only its names. It never starts a shell: `shells_completions` does.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::snapshot;
use crate::support::home::Home;
use crate::support::run::Run;

const CREDENTIALS: &str = indoc! {"
    [dev]
    aws_access_key_id = AKIAIOSFODNN7EXAMPLE
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    [dev-mfa]
    aws_session_token = token
"};
const CONFIG: &str = indoc! {"
    [default]
    region = us-east-1
    [profile dev]
    region = eu-central-1
    [profile prod]
    region = eu-central-1
    [services local]
    [sso-session us]
"};

fn home() -> Home {
    Home::new().config(CONFIG).credentials(CREDENTIALS)
}

/// Checks that awsmfa completes the last of these words with exactly these lines.
fn answers(home: &Home, words: &[&str], expected: &[&str]) {
    let before = snapshot(home);
    let asked = Run::new(home)
        .env("_AWSMFA_COMPLETE", "fish")
        .arg_line(words);
    let ran = asked.check_stdout(|_| {}).run();
    // After a tab comes the description that fish shows.
    let mut names: Vec<&str> = ran.stdout.lines().collect();
    for name in &mut names {
        *name = name.split('\t').next().unwrap_or_default();
    }
    assert_eq!(names, expected, "{words:?}");
    assert_eq!(snapshot(home), before, "a question changed a file");
}

impl<'a> Run<'a> {
    /// The words typed so far.
    fn arg_line(self, words: &[&str]) -> Self {
        self.args(["--", "awsmfa"]).args(words)
    }
}

#[test]
fn profiles_are_completed_from_both_files_and_each_only_once() {
    let home = home();
    let all = ["dev", "dev-mfa", "default", "prod"];
    answers(&home, &["setup", "d"], &["dev", "dev-mfa", "default"]);
    answers(&home, &["login", "--profile", ""], &all);
    answers(&home, &["login", "--profile", "d"], &all[..3]);
    answers(&home, &["-p", "p"], &["prod"]);
    answers(
        &home,
        &["export", "--format", "fish", "-p", "dev-"],
        &["dev-mfa"],
    );
    answers(&home, &["login", "--profile=p"], &["--profile=prod"]);
    answers(&home, &["login", "--profile", "x"], &[]);
}

#[test]
fn a_profile_is_completed_as_a_word_of_each_command_that_takes_one() {
    let home = home();
    for command in [
        &["login"][..],
        &["status"],
        &["logout"],
        &["export"],
        &["whoami"],
        &["exec"],
        &["credential-process"],
        &["rotate"],
        &["doctor"],
        &["device", "list"],
        &["device", "enroll"],
    ] {
        answers(&home, &[command, &["pr"]].concat(), &["prod"]);
    }
    // These have words of their own.
    for command in [
        &["device", "remove"][..],
        &["device", "resync"],
        &["policy", "show"],
    ] {
        answers(&home, &[command, &["pr"]].concat(), &[]);
    }
}

#[test]
fn a_shell_is_told_where_the_command_of_exec_begins_and_completes_it_by_itself() {
    let home = home();
    for (words, at) in [
        (&["exec", "dev", "--"][..], "4\n"),
        (&["exec", "--", "aws", "s3", "--", "x"], "3\n"),
        (&["-p", "login", "exec", "--force", "--"], "6\n"),
        (
            &["-v", "exec", "--code-command", "status", "dev", "--", "aws"],
            "7\n",
        ),
        // bash hands a flag and its value so; and one that we don't know harms nothing.
        (
            &["exec", "--profile", "=", "dev", "--no-such-flag", "--"],
            "7\n",
        ),
        (&["exec", "dev"], ""),
        (&["exec", "-p", "exec", "dev"], ""),
        (&["-p", "exec", "login", "--"], ""),
        (&["login", "exec", "--"], ""),
        (&["man", "--", "exec"], ""),
        (&["--", "exec"], ""),
        (&["frobnicate", "exec", "--"], ""),
        (&[], ""),
    ] {
        let run = Run::new(&home).env("_AWSMFA_COMPLETE", "command");
        run.arg_line(words).stdout(at).run();
    }
}

#[test]
fn commands_flags_and_values_are_completed() {
    let home = home();
    answers(&home, &["lo"], &["login", "logout"]);
    answers(&home, &["cred"], &["credential-process"]);
    answers(
        &home,
        &["login", "--code-"],
        &["--code-stdin", "--code-command"],
    );
    answers(&home, &["status", "--ch"], &["--check"]);
    answers(
        &home,
        &["export", "--format", "p"],
        &["powershell", "pwsh", "process"],
    );
    answers(&home, &["completions", "z"], &["zsh"]);
    answers(&home, &["man", "log"], &["login", "logout"]);
}

/// Our parts are put beside lines of clap's script, so a changed line must not lose them.
#[test]
fn nushells_script_has_the_command_after_exec() {
    let home = Home::new();
    let run = Run::new(&home).args(["completions", "nushell"]);
    let script = run.check_stdout(|_| {}).run().stdout;
    let (_, exec) = script
        .split_once("export extern \"awsmfa exec\" [")
        .expect("exec is there");
    let (exec, _) = exec.split_once("\n  ]").expect("it ends");
    let ours: Vec<&str> = exec
        .lines()
        .filter(|line| line.contains("nu-complete awsmfa command"))
        .filter_map(|line| line.trim().split(':').next())
        .collect();
    assert_eq!(ours, ["profile_word?", "...command"], "{exec}");
    assert!(script.contains("def \"nu-complete awsmfa command\""));
}

#[test]
fn the_variables_choose_the_files() {
    let home = Home::new();
    let other = home.path().join("other");
    fs::write(&other, "[profile elsewhere]\nregion = x\n").expect("the home is writable");
    let asked = Run::new(&home).env("_AWSMFA_COMPLETE", "fish");
    let asked = asked.env("AWS_CONFIG_FILE", &other);
    asked.arg_line(&["-p", "e"]).stdout("elsewhere\n").run();
}

#[test]
fn a_file_that_cant_be_read_gives_no_names_and_no_noise() {
    let home = Home::new();
    answers(&home, &["login", "--profile", ""], &[]);

    let home = Home::new().credentials(CREDENTIALS);
    fs::create_dir(home.config_path()).expect("there is no such file yet");
    answers(&home, &["login", "--profile", ""], &["dev", "dev-mfa"]);

    // Lines that no reader accepts, and names that no profile can have.
    let broken = formatdoc! {"
          no header
        [x
        =
        \u{feff}{CONFIG}[profile \x1b[31m]
        [profile  ]
    "};
    let home = Home::new()
        .credentials(b"\xff\xfe\0\0[\0d\0")
        .config(broken);
    answers(&home, &["login", "--profile", ""], &["dev", "prod"]);
    answers(&home, &["log"], &["login", "logout"]);

    let run = Run::new(&home)
        .env("_AWSMFA_COMPLETE", "fish")
        .env_remove("HOME");
    let run = run
        .env("AWS_CONFIG_FILE", "/dev/null/none")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null/none");
    run.arg_line(&["-p", "d"]).run();
}

#[test]
fn a_leftover_variable_of_a_shell_does_not_disturb_ordinary_runs() {
    let home = home();
    let version = format!("awsmfa {}\n", env!("CARGO_PKG_VERSION"));
    for shell in ["bash", "no-such-shell", "1"] {
        let run = Run::new(&home).env("_AWSMFA_COMPLETE", shell);
        run.args(["--version"]).stdout(&version).run();
    }
    // An unknown shell gets no answer.
    let run = Run::new(&home).env("_AWSMFA_COMPLETE", "no-such-shell");
    run.arg_line(&["lo"]).check_stderr(|_| {}).run();
}

#[test]
fn every_shell_has_a_script_that_needs_no_readable_aws_file() {
    let home = Home::new().credentials("  broken").config("[\n  broken\n");
    for (shell, line) in [
        (
            "bash",
            "complete -o nospace -o bashdefault -F _awsmfa awsmfa",
        ),
        (
            "elvish",
            "set edit:completion:arg-completer[awsmfa] = { |@words|",
        ),
        ("fish", "complete --keep-order --exclusive --command awsmfa"),
        ("nushell", "  export extern \"awsmfa login\" ["),
        (
            "powershell",
            "Register-ArgumentCompleter -Native -CommandName awsmfa",
        ),
        ("zsh", "#compdef awsmfa"),
    ] {
        let run = Run::new(&home).args(["completions", shell]);
        let script = run.check_stdout(|_| {}).run().stdout;
        assert!(script.contains(line), "{shell}: {script}");
        // The user's shell finds the program wherever it is installed later.
        assert!(
            !script.contains(env!("CARGO_BIN_EXE_awsmfa")),
            "{shell}: {script}"
        );
        assert!(
            script.contains("profile") || script.contains("_AWSMFA_COMPLETE"),
            "{script}"
        );
    }
}

#[test]
fn a_format_is_completed_with_its_names_and_once_something_is_typed_with_shells() {
    let home = home();
    let all = [
        "env",
        "env-no-export",
        "fish",
        "powershell",
        "windows-cmd",
        "nu",
        "tcsh",
        "xonsh",
        "elvish",
        "process",
        "json",
        "github",
    ];
    answers(&home, &["export", "--format", ""], &all);
    answers(&home, &["export", "--format", "ba"], &["bash"]);
    answers(&home, &["export", "--format", "nu"], &["nu", "nushell"]);
    answers(
        &home,
        &["export", "--format=c"],
        &["--format=cmd", "--format=csh"],
    );
    answers(&home, &["export", "--format", "q"], &[]);
}

#[test]
fn both_names_of_a_shell_give_its_script() {
    let home = Home::new();
    let script = |shell: &str| {
        let run = Run::new(&home).args(["completions", shell]);
        run.check_stdout(|_| {}).run().stdout
    };
    for (name, alias) in [("nushell", "nu"), ("powershell", "pwsh")] {
        assert_eq!(script(alias), script(name));
    }
}

#[test]
fn an_unknown_shell_is_a_usage_error_that_lists_the_known_ones() {
    let home = Home::new();
    let run = Run::new(&home).args(["completions", "tcsh"]).status(2);
    run.check_stderr(|text| {
        let all = "[possible values: bash, elvish, fish, nushell, powershell, zsh]";
        assert!(text.contains(all), "{text}");
    })
    .run();
}

#[test]
fn nushells_script_has_the_flags_of_every_command() {
    let home = Home::new();
    let script = Run::new(&home).args(["completions", "nushell"]);
    let script = script.check_stdout(|_| {}).run().stdout;
    let externs = script.matches("  export extern \"awsmfa ").count();
    assert!(externs > 9, "{externs}");
    let ask = "string@\"nu-complete awsmfa profiles\"";
    assert!(script.matches(ask).count() > 9, "{script}");
    assert!(!script.contains("--profile(-p): string "), "{script}");
}
