//! Tests the examples of the help: each is in the words of the user's shell. It runs none of them.

use crate::help::{commands, words_and};
use crate::support::home::Home;
use crate::support::run::Run;

/// The help of a command for somebody with this shell.
fn help(shell: &str, args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(args).env("COLUMNS", "80");
    run.env("SHELL", shell).check_stdout(|_| {}).run().stdout
}

/// The help of every command, short and long.
fn all(shell: &str) -> Vec<String> {
    let help = |args: &[&str]| help(shell, args);
    let names = [vec![String::new()], commands(&help)].concat();
    assert!(names.len() > 20, "{}", names.len());
    let both = names
        .iter()
        .flat_map(|name| ["-h", "--help"].map(|flag| help(&words_and(name, flag))));
    both.collect()
}

#[test]
fn only_a_shell_with_eval_is_told_of_it() {
    for shell in ["cmd.exe", "pwsh", "/usr/bin/fish"] {
        for help in all(shell) {
            let mut words = help.split(|c: char| !c.is_alphanumeric());
            assert!(words.all(|word| word != "eval"), "{shell}:\n{help}");
            assert!(!help.contains("<("), "{shell}:\n{help}");
            assert!(!help.contains("bash  "), "{shell}:\n{help}");
        }
    }
}

#[test]
fn cmd_exe_has_no_single_quotes_and_its_own_words_for_variables() {
    for help in all("cmd.exe") {
        let examples = help.lines().filter(|line| line.starts_with("  awsmfa "));
        for line in examples {
            let typed = line.trim_start().split("  ").next().unwrap_or_default();
            assert!(!typed.contains('\''), "{line}");
        }
        assert!(!help.contains("export AWS"), "{help}");
        assert!(!help.contains("\"$"), "{help}");
        assert!(!help.contains(" \\\n"), "{help}");
    }
    let login = help("cmd.exe", &["login", "--help"]);
    for line in [
        "  set AWS_PROFILE=dev-mfa              or: aws --profile dev-mfa …\n",
        "  echo %CODE%| awsmfa login dev --code-stdin --json\n",
        "  awsmfa login dev --code-command \"ykman oath accounts code -s aws\"\n",
    ] {
        assert!(login.contains(line), "{line}{login}");
    }
    let export = "for /f \"delims=\" %i in ('awsmfa export dev --format windows-cmd') do @%i\n";
    for command in ["export", ""] {
        let help = help("cmd.exe", &words_and(command, "--help"));
        assert!(help.contains(export), "{help}");
    }
}

#[test]
fn powershell_is_told_its_own_words() {
    let login = help("pwsh", &["login", "-h"]);
    for line in [
        "  $env:AWS_PROFILE = 'dev-mfa'         or: aws --profile dev-mfa …\n",
        "  $env:CODE | awsmfa login dev --code-stdin --json\n",
    ] {
        assert!(login.contains(line), "{line}{login}");
    }
    let status = help("pwsh", &["status", "-h"]);
    assert!(!status.contains("&&"), "{status}");
    let export = help("pwsh", &["export", "-h"]);
    let line = "  awsmfa export dev --format powershell | Out-String | Invoke-Expression\n";
    assert_eq!(export.matches(line).count(), 1, "{export}");
}

/// The manual pages are the same for everybody who reads them.
#[test]
fn a_manual_page_does_not_depend_on_the_shell_of_its_maker() {
    let page = help("/bin/sh", &["man", "export"]);
    assert!(page.contains("eval"), "{page}");
    assert_eq!(help("cmd.exe", &["man", "export"]), page);
}
