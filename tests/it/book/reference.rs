//! Checks the reference page against the program: options, formats, variables, exit codes and the names in
//! `--json` are those of the help and the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{
    blocks as blocks_of, commands, credentials, flags, help, page, pages, section, variables,
};
use crate::help::words_and;
use crate::sources::rust_files;
use crate::support::aws::{Aws, KEY_ID, USER};
use crate::support::home::Home;
use crate::support::run::Run;

const REFERENCE: &str = "docs/reference.md";
const ENVIRONMENT: &str = "docs/environment.md";

/// Variables on the pages that awsmfa does not read.
const OF_OTHERS: [&str; 2] = ["AWS_SDK_LOAD_CONFIG", "AWSMFA_WRITE_PAGE"];

/// The rows about `command` in the tables of options. A table is about the commands in its heading, or
/// about all; in the last table each row names its commands.
fn rows_of(command: &str, with_every_commands: bool) -> String {
    let name = format!("`{command}`");
    let options = section(REFERENCE, "Options");
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
fn the_options_of_each_command_are_those_of_its_help_and_its_manual_page() {
    let commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands {
        let help = help_of_options(&help(&words_and(&command, "--help")));
        // Commands that need no profile have only a line about the global options.
        let in_a_line = !help.contains("\nOptions of every command:\n");
        let rows = rows_of(&command, !in_a_line);
        assert_eq!(flags(&rows), flags(&help), "flags of {command}");
        let (told, helped) = (variables(&rows), variables(&options_of(&help)));
        assert_eq!(told, helped, "variables of {command}");

        let page = ["man"].into_iter().chain(command.split_whitespace());
        let page = super::help(&page.collect::<Vec<_>>()).replace(r"\-", "-");
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

/// The words of a command line as a shell splits it, up to the beginning of another command.
fn shell_words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut is_in_word = false;
    for character in line.chars() {
        match character {
            _ if quote == Some(character) => quote = None,
            _ if quote.is_some() => words.last_mut().expect("it has begun").push(character),
            '\'' => {
                quote = Some(character);
                if !is_in_word {
                    words.push(String::new());
                    is_in_word = true;
                }
            }
            '"' if !is_in_word => {
                quote = Some(character);
                words.push(String::new());
                is_in_word = true;
            }
            '|' | '>' | '<' | ';' | '&' | '#' | ')' | '"' => break,
            ' ' => is_in_word = false,
            _ => {
                if !is_in_word {
                    words.push(String::new());
                    is_in_word = true;
                }
                words.last_mut().expect("it has begun").push(character);
            }
        }
    }
    words
}

/// The rest of a line after the first `awsmfa ` that begins a command.
fn command_in(line: &str) -> Option<String> {
    let (before, command) = line.split_once("awsmfa ")?;
    let begins = ["$(", "<(", "| ", "&& ", "'", "= "];
    let begins = before.is_empty() || begins.iter().any(|it| before.ends_with(it));
    let (command, _) = command.split_once("')").unwrap_or((command, ""));
    begins.then(|| command.to_owned())
}

/// The awsmfa commands in a text: in a block for a shell, in a session, or in backticks.
fn commands_shown(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let blocks = ["sh", "console", "text"].iter();
    let blocks = blocks.flat_map(|language| {
        let lines = blocks_of(&joined, language).join("\n");
        let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        let typed = lines.into_iter().filter_map(move |line| match *language {
            "sh" => Some(line),
            _ => line.strip_prefix("$ ").map(str::to_owned),
        });
        typed.collect::<Vec<_>>()
    });
    let mut is_block = false;
    let prose = joined.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_block ^= is_fence;
        !is_block && !is_fence && !line.starts_with("### `")
    });
    let prose = prose.collect::<Vec<_>>().join("\n");
    let inline = prose.split('`').skip(1).step_by(2).map(str::to_owned);
    let all = blocks.chain(inline).filter_map(|line| command_in(&line));
    all.map(|line| {
        let words = shell_words(&line).into_iter();
        words.take_while(|word| word != "--").collect()
    })
    .collect()
}

#[test]
fn every_command_that_a_page_shows_is_one_with_these_options() {
    let home = Home::new();
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in pages() {
        for words in commands_shown(&page(&path)) {
            // Placeholders on a page are in capitals, or `…`.
            let is_open =
                |word: &String| word.chars().all(|it| it.is_ascii_uppercase() || it == '…');
            // A message that begins with the program's name is no command.
            if words.iter().any(is_open) || words.first().is_none_or(|it| it == "is") {
                continue;
            }
            let run = Run::new(&home).args(&words).args(["--help"]).any_status();
            let ran = run.check_stdout(|_| {}).check_stderr(|_| {}).run();
            if !ran.stderr.is_empty() {
                wrong.push(format!("{path}: awsmfa {}", words.join(" ")));
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 120, "{seen}");
}

/// The help without its examples, which set variables of other programs.
fn help_of_options(help: &str) -> String {
    help.split("\nExample")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The variables that stand in for options, which the help gives in brackets.
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
fn the_formats_are_those_of_the_help() {
    let help = help(&["export", "-h"]).replace('\n', " ");
    let (_, rest) = help.split_once("[possible values:").expect("the formats");
    let listed = rest.split(']').next().unwrap_or_default();
    let listed: BTreeSet<&str> = listed.split(',').map(str::trim).collect();
    let table = section(ENVIRONMENT, "Formats");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<&str> = rows
        .filter_map(|row| row.split('`').next())
        .filter(|name| !name.starts_with("--"))
        .collect();
    assert_eq!(told, listed);

    // The aliases are in brackets after the purpose of a format.
    let aliases = |text: &str| -> BTreeSet<String> {
        let names = text.split([',', ' ', '|']).map(|it| it.trim_matches('`'));
        let names = names.filter(|it| !it.is_empty());
        names.map(str::to_owned).collect()
    };
    let long = super::help(&["export", "--help"]);
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
fn the_names_in_json_are_those_that_are_printed() {
    let aws = Aws::start();
    let home = Home::with(&aws).credentials(credentials());
    let json = |args: &[&str]| -> BTreeSet<String> {
        // Alice has no policy that requires MFA.
        let is_open = args.contains(&"check");
        let run = Run::new(&home)
            .args(args)
            .status(i32::from(is_open))
            .env("AWSMFA_CODE", aws.code(USER));
        // This is not about warnings.
        let printed = run.check_stdout(|_| {}).check_stderr(|_| {}).run().stdout;
        let value: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        let object = value.get(0).unwrap_or(&value).as_object().cloned();
        object.expect("an object").keys().cloned().collect()
    };
    let table = section(REFERENCE, "Names in `--json`");
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

/// Every file of the program, except those with only tests.
fn product_files() -> impl Iterator<Item = PathBuf> {
    let is_for_tests = |path: &PathBuf| {
        let inside = path.strip_prefix(env!("CARGO_MANIFEST_DIR"));
        let mut parts = inside.expect("it is in there").iter().map(Path::new);
        parts.any(|part| part.file_stem().is_some_and(|name| name == "tests"))
    };
    let files = rust_files("src").into_iter();
    files.filter(move |path| !is_for_tests(path))
}

#[test]
fn the_variables_are_those_that_the_code_reads() {
    let mut read = BTreeSet::new();
    for file in product_files() {
        let text = fs::read_to_string(file).expect("the file is there");
        let product = text.split("\nmod tests {").next().unwrap_or_default();
        let named = variables(product).into_iter();
        read.extend(named.filter(|it| product.contains(&format!("\"{it}\""))));
    }
    // The name of a service's endpoint variable contains the service.
    let is_fixed = |it: &String| it.contains('_') && !it.starts_with("AWS_ENDPOINT_URL_");
    let told = |path: &str| variables(&page(path)).into_iter().filter(is_fixed);
    let listed: BTreeSet<String> = [REFERENCE, ENVIRONMENT]
        .into_iter()
        .flat_map(told)
        .collect();
    assert_eq!(listed, read);
    for path in pages() {
        let other: Vec<String> = told(&path)
            .filter(|it| !read.contains(it) && !OF_OTHERS.contains(&it.as_str()))
            .collect();
        assert!(other.is_empty(), "{path}: {other:?}");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let table: Vec<String> = section(REFERENCE, "Exit codes")
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

/// A figure of the benchmark as the page shows it.
fn rounded(figure: &str) -> String {
    match figure.parse::<f64>() {
        Ok(figure) if figure < 100.0 => format!("{figure:.1}"),
        Ok(figure) => format!("{figure:.0}"),
        Err(_) => String::new(),
    }
}

/// The lines of the table of costs, and the rows of the benchmark that they show.
const COSTS: [(&str, &str); 13] = [
    ("an empty Rust program", "empty Rust program"),
    ("`awsmfa --version`", "awsmfa --version"),
    (
        "login over TLS with the code in hand, one request",
        "login over TLS, code in hand (disk)",
    ),
    (
        "the same with the files in memory, no disk",
        "login over TLS, code in hand (memory)",
    ),
    (
        "login that finds its session still valid, no request",
        "login, session still good (disk)",
    ),
    (
        "`status`, `export` or `credential-process` with a valid session",
        "export --profile dev, 0 other profiles",
    ),
    (
        "the same in files of 1,000 profiles",
        "export --profile dev, 1000 other profiles",
    ),
    ("`status` of all of those", "status, 1000 other profiles"),
    (
        "login that finds its session still valid in a credentials file of 10,000 profiles",
        "10000 profiles, session still good (disk)",
    ),
    (
        "login over HTTP that edits and verifies such a file",
        "10000 profiles, new session over HTTP (disk)",
    ),
    (
        "login over TLS, 200 ms a round trip, code in hand: three round trips on one connection",
        "login over TLS, code in hand, 200 ms a round trip",
    ),
    (
        "the same to a role, through the session of its source: four round trips on one connection",
        "login to a role, 200 ms a round trip",
    ),
    (
        "at the prompt, 200 ms a round trip: from Enter to the answer",
        "prompt: Enter to answer, 200 ms a round trip",
    ),
];

#[test]
fn the_table_of_costs_shows_the_figures_of_the_benchmark() {
    let figures = page("docs/pictures/cost.tsv");
    let page = page("docs/cost.md");
    let table = page.lines().filter_map(|line| line.strip_prefix("| "));
    // The first line is the heading.
    let table: Vec<&str> = table.skip(1).collect();
    let expected = COSTS.map(|(line, row)| {
        let mut rows = figures.lines().map(|it| it.split('\t').collect::<Vec<_>>());
        let row = rows.find(|it| it[0] == row).expect(row);
        let peak = match row[4] {
            "" => String::new(),
            peak => format!(" {peak} MiB"),
        };
        let [wall, processor] = [row[2], row[3]].map(rounded);
        let processor = format!(" {processor}").trim_end().to_owned();
        format!("{line} | {wall} |{processor} |{peak} |")
    });
    assert_eq!(table, expected);
}
