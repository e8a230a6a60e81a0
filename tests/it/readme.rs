//! Holds README against the program: its options, variables and exit codes are those of the help
//! and of the code, and the sessions that it shows are run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use indoc::formatdoc;

use crate::scene::alice;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::Run;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(path).expect("README.md is there")
}

/// The part of README below a heading, to the next heading of the same level.
fn section(heading: &str) -> String {
    let readme = readme();
    let (_, rest) = readme
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("README has no section {heading}"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

fn help(args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(args).check_stdout(|_| {});
    run.run().stdout
}

/// Every word of `text` that begins with `begin` and goes on with characters that `goes_on` takes.
fn words(text: &str, begin: &str, goes_on: fn(char) -> bool) -> BTreeSet<String> {
    text.match_indices(begin)
        .filter(|(at, _)| !text[..*at].ends_with(|it: char| it.is_alphanumeric() || it == '-'))
        .map(|(at, _)| {
            let rest = &text[at + begin.len()..];
            let end = rest.find(|it| !goes_on(it)).unwrap_or(rest.len());
            format!("{begin}{}", &rest[..end])
        })
        .filter(|word| word.ends_with(char::is_alphanumeric) && word != begin)
        .collect()
}

fn flags(text: &str) -> BTreeSet<String> {
    words(text, "--", |it| it.is_ascii_lowercase() || it == '-')
}

fn variables(text: &str) -> BTreeSet<String> {
    words(text, "AWS", |it| {
        it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_'
    })
}

/// The commands that the help lists, and those of commands, such as `device list`, without clap's own
/// `help`.
fn commands() -> Vec<String> {
    commands_of("")
}

fn commands_of(command: &str) -> Vec<String> {
    let help = help(&words_and(command, "--help"));
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(|name| words_and(command, name).join(" "))
        .flat_map(|command| {
            let within = commands_of(&command);
            [command].into_iter().chain(within)
        })
        .collect()
}

/// The words of a command, and one more.
fn words_and<'a>(command: &'a str, word: &'a str) -> Vec<&'a str> {
    command.split_whitespace().chain([word]).collect()
}

/// The rows of README's tables of options that are about `command`. A table is about the commands
/// in its heading, or about all; in the last table each row names its commands.
fn rows_of(command: &str, with_every_commands: bool) -> String {
    let name = format!("`{command}`");
    let options = section("Options");
    let mut rows = String::new();
    for table in options.split("\n### ").skip(1) {
        let (heading, text) = table.split_once('\n').expect("a heading ends its line");
        let by_row = heading == "Of one command";
        if heading.contains('`') && !heading.contains(&name) {
            continue;
        }
        let all = heading == "Of every command" && !with_every_commands;
        for row in text.lines().filter(|line| line.starts_with("| `")) {
            let about = row.split(" | ").nth(1).unwrap_or_default();
            if all && !row.starts_with("| `--help`") {
                continue;
            }
            if !by_row || about.contains(&name) {
                rows += row;
                rows.push('\n');
            }
        }
    }
    rows
}

#[test]
fn each_commands_options_match_its_help_and_its_manual_page() {
    let commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands {
        let help = help_of_options(&help(&words_and(&command, "--help")));
        // Those that need no profile say in one line that there are options of every command.
        let in_a_line = !help.contains("\nOptions of every command:\n");
        let rows = rows_of(&command, !in_a_line);
        assert_eq!(flags(&rows), flags(&help), "flags of {command}");
        let (told, helped) = (variables(&rows), variables(&options_of(&help)));
        assert_eq!(told, helped, "variables of {command}");

        let page = ["man"].into_iter().chain(command.split_whitespace());
        let page = self::help(&page.collect::<Vec<_>>()).replace(r"\-", "-");
        let page = [r"\fB", r"\fI", r"\fR"]
            .iter()
            .fold(page, |page, font| page.replace(font, " "));
        let examples = ".SH \"EXAMPLES\"";
        let page = page.split(examples).next().unwrap_or_default();
        assert_eq!(flags(page), flags(&help), "flags of the page of {command}");
        let (paged, helped) = (variables(page), variables(&help));
        assert_eq!(paged, helped, "variables of the page of {command}");
    }
}

/// The help without its examples, which set variables of other programs.
fn help_of_options(help: &str) -> String {
    help.split("\nExample")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The variables that stand in for options: what the help says of them in brackets.
fn options_of(help: &str) -> String {
    let brackets = help.split("[variable").skip(1);
    brackets
        .filter_map(|rest| rest.split(']').next())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn no_line_of_an_example_is_too_long_for_a_terminal_of_80_columns() {
    let examples = |help: &str| -> Vec<String> {
        let examples = match help.split_once("\nExample") {
            Some((_, examples)) => examples,
            // Those are the examples of its commands.
            None if help.contains("\nCommands:\n") => "",
            None => panic!("no examples in {help}"),
        };
        examples.lines().map(str::to_owned).collect()
    };
    let mut all = examples(&help(&["-h"]));
    for command in commands() {
        let home = Home::new();
        let wide = Run::new(&home).args(words_and(&command, "-h"));
        let wide = wide.env("COLUMNS", "200").check_stdout(|_| {}).run();
        all.extend(examples(&wide.stdout));
    }
    let long: Vec<&String> = all.iter().filter(|it| it.chars().count() > 80).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn the_formats_match_the_help() {
    let help = help(&["export", "-h"]).replace('\n', " ");
    let (_, rest) = help.split_once("[possible values:").expect("the formats");
    let listed = rest.split(']').next().unwrap_or_default();
    let listed: BTreeSet<&str> = listed.split(',').map(str::trim).collect();
    let table = section("In the environment of a shell");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<&str> = rows
        .filter_map(|row| row.split('`').next())
        .filter(|name| !name.starts_with("--"))
        .collect();
    assert_eq!(told, listed);

    // The aliases stand in brackets behind what a format is for.
    let aliases = |text: &str| -> BTreeSet<String> {
        let names = text.split([',', ' ', '|']).map(|it| it.trim_matches('`'));
        let names = names.filter(|it| !it.is_empty());
        names.map(str::to_owned).collect()
    };
    let long = self::help(&["export", "--help"]);
    let long: Vec<&str> = long.split_whitespace().collect();
    let long = long.join(" ");
    for row in table
        .lines()
        .filter(|line| line.starts_with("| `") && !line.starts_with("| `--"))
    {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`');
        let helped = long
            .split(" - ")
            .find(|it| it.starts_with(&format!("{name}: ")));
        let helped = helped.and_then(|it| it.split_once("[aliases: "));
        let helped = helped.and_then(|(_, rest)| rest.split(']').next());
        assert_eq!(
            aliases(cells[2]),
            aliases(helped.unwrap_or_default()),
            "{row}"
        );
    }
}

#[test]
fn the_names_in_json_match_the_output() {
    let aws = Aws::start();
    let home = Home::with(&aws).credentials(credentials());
    let json = |args: &[&str]| -> BTreeSet<String> {
        // Alice has no policy that would want MFA.
        let is_open = args.contains(&"check");
        let run = Run::new(&home)
            .args(args)
            .status(i32::from(is_open))
            .env("AWSMFA_CODE", aws.code(USER));
        // Warnings are not the subject.
        let printed = run.check_stdout(|_| {}).check_stderr(|_| {}).run().stdout;
        let value: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        let object = value.get(0).unwrap_or(&value).as_object().cloned();
        object.expect("an object").keys().cloned().collect()
    };
    let table = section("Names in `--json`");
    for (command, args) in [
        ("login", &["login", "--json", "-pdev"][..]),
        ("setup", &["setup", "--json", "-pdev"]),
        ("status", &["status", "--json", "-pdev"]),
        ("whoami", &["whoami", "--json", "-pdev-mfa"]),
        ("doctor", &["doctor", "--json", "--offline", "-pdev"]),
        (
            "whoami --access-key-id",
            &["whoami", "--json", "-pdev", "--access-key-id", KEY_ID],
        ),
        ("logout", &["logout", "--json", "-pdev"]),
        ("device list", &["device", "list", "--json", "-pdev"]),
        ("policy list", &["policy", "list", "--json"]),
        ("policy check", &["policy", "check", "--json", "-pdev"]),
        (
            "device remove",
            &["device", "remove", "--yes", "--json", "-pdev"],
        ),
    ] {
        let mut told = BTreeSet::new();
        for row in table.lines().filter_map(|line| line.strip_prefix("| `")) {
            let mut cells = row.split(" | ");
            let name = cells.next().unwrap_or_default().trim_end_matches('`');
            if cells
                .next()
                .is_some_and(|it| it.contains(&format!("`{command}`")))
            {
                told.insert(name.to_owned());
            }
        }
        assert_eq!(told, json(args), "{command}");
    }
}

/// Every file of the product, without those that hold only tests.
fn product_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .filter(|path| path.file_stem().is_some_and(|name| name != "tests"))
        .flat_map(|path| {
            if path.is_dir() {
                product_files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn the_variables_match_the_code() {
    let mut read = BTreeSet::new();
    for file in product_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(file).expect("the file is there");
        let product = text.split("\nmod tests {").next().unwrap_or_default();
        let named = variables(product).into_iter();
        read.extend(named.filter(|it| product.contains(&format!("\"{it}\""))));
    }
    let told = variables(&readme());
    // The variable of a service's endpoint is made of the service's name.
    let told = told
        .into_iter()
        .filter(|it| it.contains('_') && !it.starts_with("AWS_ENDPOINT_URL_"));
    let told: BTreeSet<String> = told.collect();
    assert_eq!(told, read);
}

#[test]
fn the_exit_codes_match_the_help() {
    let table: Vec<String> = section("Exit codes")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .filter(|line| line.starts_with(|it: char| it.is_ascii_digit()))
        .map(|line| line.replace(" | ", " "))
        .collect();
    let help = help(&["--help"]);
    let listed: Vec<String> = help
        .split("Exit codes:\n")
        .nth(1)
        .expect("the help lists the exit codes")
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(table, listed);
}

/// `text` without what varies from run to run: times, the seconds to the next code, random ids, and
/// the spaces that a table needs for those.
fn steady(text: &str) -> String {
    text.lines()
        .map(|line| {
            let line = match (line.split_once("next code in "), line.split_once(" s;")) {
                (Some((begin, _)), Some((_, end))) => format!("{begin}next code in … s;{end}"),
                _ => line.to_owned(),
            };
            let mut words: Vec<String> = Vec::new();
            for word in line.split(' ').filter(|word| !word.is_empty()) {
                let clock = word.trim_end_matches([',', ';']);
                let digits = clock.bytes().filter(u8::is_ascii_digit).count();
                if clock.len() == 5 && digits == 4 && clock.as_bytes()[2] == b':' {
                    // Another day is written `Mon 23 Nov, 08:36`.
                    if words
                        .last()
                        .is_some_and(|it| it.len() == 4 && it.ends_with(','))
                    {
                        words.truncate(words.len() - 3);
                    }
                    words.push("…".to_owned());
                } else if let Some(kind) = ["AIDA", "(ASIA"]
                    .into_iter()
                    .find(|kind| word.starts_with(kind))
                {
                    words.push(format!("{kind}…"));
                } else {
                    words.push(word.to_owned());
                }
            }
            words.join(" ") + "\n"
        })
        .collect()
}

fn credentials() -> String {
    formatdoc! {"
        [dev]
        aws_access_key_id = {KEY_ID}
        aws_secret_access_key = {SECRET_KEY}
    "}
}

/// The first code block of this kind in README that holds `text`.
fn block(kind: &str, text: &str) -> String {
    let readme = readme();
    let begin = format!("```{kind}\n");
    let blocks = readme.split(&begin).skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains(text))
        .unwrap_or_else(|| panic!("README shows no {text}"))
        .to_owned()
}

#[test]
fn the_readmes_sessions_work_as_shown() {
    let aws = alice().role("admin").needs_mfa().start();
    let home = Home::with(&aws)
        .credentials(credentials())
        .config(block("ini", "role_arn"));
    // Those with a person at a terminal are played below.
    let readme = ["Devices", "A new access key"]
        .into_iter()
        .fold(readme(), |text, it| text.replace(&section(it), ""));
    let blocks = readme.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
    let codes = aws.codes(USER);
    let mut ran = 0;
    for step in blocks.flat_map(|block| block.split("$ awsmfa ").skip(1)) {
        let (args, shown) = step.split_once('\n').expect("a command ends its line");
        let (first, rest) = shown.split_once('\n').unwrap_or_default();
        let mut run = Run::new(&home).args(args.split(' '));
        let mut expected = steady(shown);
        // The prompt has its own tests at a terminal; what follows it is the same without one.
        if let Some(prompt) = first.strip_prefix("code for ") {
            assert!(prompt.starts_with("dev (device alice, account 123456789012): "));
            expected = steady(rest);
            let code = codes.unused().expect("a code for each login");
            run = run.args(["--code", &code]);
        }
        let status = match expected.split_once("error: ") {
            None => 0,
            Some((_, error)) if error.starts_with("AWS refused the code") => 4,
            Some(_) => 2,
        };
        let ran_to_end = run
            .status(status)
            .check_stdout(|_| {})
            .check_stderr(|_| {})
            .run();
        let printed = steady(&for_unix(&(ran_to_end.stdout + &ran_to_end.stderr)));
        assert_eq!(printed, expected, "awsmfa {args}");
        ran += 1;
    }
    assert_eq!(ran, 9, "README has its sessions");
    assert_eq!(
        aws.actions(),
        [
            "GetCallerIdentity",
            "ListMFADevices",
            "GetSessionToken",
            "GetSessionToken",
            "GetCallerIdentity",
            "GetCallerIdentity",
            "ListMFADevices",
            "GetSessionToken",
            "AssumeRole"
        ]
    );
}

/// From no device to a session, as README shows it.
#[cfg(unix)]
#[test]
fn the_readmes_enrollment_works_as_shown() {
    let aws = crate::scene::alice_without_device().start();
    let home = Home::with(&aws).credentials(credentials());
    let text = section("Devices");
    let mut blocks = text.split("```console\n").skip(1);
    let mut block = || {
        let block = blocks.next().expect("README shows it");
        let (line, shown) = block.split_once('\n').expect("a command ends its line");
        let args = line.strip_prefix("$ awsmfa ").expect("a command of awsmfa");
        let shown = shown.split("```").next().unwrap_or_default();
        (args.to_owned(), shown.to_owned())
    };
    let (args, shown) = block();
    let mut terminal = crate::support::terminal::Terminal::new(&home)
        .args(args.split(' '))
        .env("TERM", "xterm-256color")
        .script("stty cols 80 rows 24; exec \"$@\"")
        .start();
    terminal.sees("[Y/n] ");
    terminal.types("y");
    terminal.sees("code of alice: ");
    terminal.types(&aws.code_at(USER, 0));
    terminal.sees("next code of alice: ");
    terminal.types(&aws.code_at(USER, 1));
    let until = shown.lines().find_map(|line| line.split_once(" until "));
    let (_, until) = until.expect("README says until when");
    let (until, _) = until.split_once(" (").expect("and how long that is");
    terminal.ends(0, &for_unix(&shown.replace(until, "{*}")));

    let (args, shown) = block();
    let ran = Run::new(&home).args(args.split(' ')).check_stdout(|_| {});
    assert_eq!(steady(&ran.run().stdout), steady(&shown));
}

/// From an old key to a new one, as README shows it.
#[cfg(unix)]
#[test]
fn the_readmes_rotation_works_as_shown() {
    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    let home = home.config(crate::scene::CONFIG);
    let text = section("A new access key");
    let block = text.split("```console\n").nth(1).expect("README shows it");
    let (line, shown) = block.split_once('\n').expect("a command ends its line");
    let args = line.strip_prefix("$ awsmfa ").expect("a command of awsmfa");
    let mut terminal = crate::support::terminal::Terminal::new(&home)
        .args(args.split(' '))
        .start();
    let code = aws.code(USER);
    terminal.sees(crate::scene::PROMPT);
    terminal.types(&code);
    terminal.sees("[y/N] ");
    terminal.types("");
    let shown = shown.split("```").next().unwrap_or_default();
    let (_, used) = shown.split_once("last used ").expect("README says when");
    let (used, _) = used.split_once(')').expect("and for what");
    let (_, after) = shown.split_once("rotation after ").expect("and until when");
    let expected = shown
        .replace(after.trim_end(), "{*}")
        .replace("492039", &code)
        .replace("AKIAI44QH8DHBEXAMPLE", "AKIA{*}")
        .replace(used, "{*}")
        .replace("[y/N]\n", "[y/N] \n");
    terminal.ends(0, &expected);
}

/// Runs the lines for a shell in bash, if it is installed.
#[cfg(unix)]
mod in_bash {
    use std::process::Command;

    use super::*;
    use crate::support::aws::secrets::Kind;

    /// Runs a script in a home with awsmfa on the path: whether it succeeded, and its output. None
    /// without bash.
    fn bash(home: &Home, aws: &Aws, script: &str) -> Option<(bool, String)> {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_awsmfa"));
        let folder = program.parent().expect("a program lies in a folder");
        let mut command = Command::new("bash");
        command.args(["--norc", "-c", script]).env_clear();
        home.enter(&mut command);
        let path = format!("{}:/usr/bin:/bin", folder.display());
        command.env("PATH", path).env("AWSMFA_CODE", aws.code(USER));
        let output = command.output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        Some((
            output.status.success(),
            String::from_utf8(text).expect("text"),
        ))
    }

    #[test]
    fn bash_parses_every_shell_line() {
        let (home, aws) = (Home::new(), Aws::start());
        let readme = readme();
        for block in readme.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            let script = format!("set -n\n{block}");
            if let Some((done, said)) = bash(&home, &aws, &script) {
                assert!(done && said.is_empty(), "{block}{said}");
            }
        }
    }

    #[test]
    fn the_alias_the_eval_line_the_prompt_and_the_completions_work() {
        let aws = Aws::start();
        let home = Home::with(&aws).credentials(credentials());
        let script = [
            "set -e; shopt -s expand_aliases",
            &block("sh", "alias dev="),
            "dev; test \"$AWS_PROFILE\" = dev-mfa",
            &block("sh", "PS1="),
            "test \"${PS1@P}\" = '(dev) '",
            &block("sh", "eval "),
            "test -z \"$AWS_PROFILE$AWSMFA_CODE\"; test -n \"$AWS_SESSION_TOKEN\"",
            "eval \"$(awsmfa export --unset)\"; test -z \"$AWS_SESSION_TOKEN\"",
            &block("sh", "completions bash"),
            "complete -p awsmfa >/dev/null",
            "grep -q '^AWS_SESSION_TOKEN=.' <(awsmfa export -p dev --format env-no-export)",
            "awsmfa logout -p dev 2>/dev/null; test \"${PS1@P}\" = ''",
            "echo whole",
        ]
        .join("\n");
        if let Some((done, said)) = bash(&home, &aws, &script) {
            let good = done && said.contains("whole\n");
            assert!(good, "{said}");
            let secrets = home.secrets().into_iter();
            for (_, secret) in secrets.filter(|(kind, _)| *kind != Kind::Code) {
                assert!(!said.contains(&secret), "a secret is shown");
            }
        }
    }

    #[test]
    fn a_script_ends_if_the_sign_in_fails() {
        let aws = Aws::start();
        let home = Home::with(&aws).credentials(credentials());
        let line = block("sh", "eval ");
        let script = format!("set -e\nexport AWSMFA_CODE=12345\n{line}\necho went on");
        if let Some((done, said)) = bash(&home, &aws, &script) {
            assert!(!done && !said.contains("went on"), "{said}");
        }
    }
}

/// README speaks to a Unix shell; on Windows the same line is cmd.exe's, where nothing tells of
/// PowerShell.
fn for_unix(text: &str) -> String {
    text.replace("set AWS_PROFILE=dev-mfa", "export AWS_PROFILE=dev-mfa")
}
