//! Shows that the manual pages hold what the help holds, and where they are installed.

use std::collections::BTreeSet;
use std::fs;

use crate::scene::{file_names, snapshot};
use crate::support::home::Home;
use crate::support::run::Run;

/// What awsmfa prints in a home whose AWS files nobody can read.
fn prints(args: &[&str]) -> String {
    let home = Home::new().credentials("  broken").config("[\n\u{feff}\n");
    fs::remove_file(home.credentials_path()).expect("it was just written");
    fs::create_dir(home.credentials_path()).expect("there is none");
    let before = snapshot(&home);
    let run = Run::new(&home).args(args).check_stdout(|_| {});
    let printed = run.run().stdout;
    assert_eq!(snapshot(&home), before, "a file changed");
    printed
}

/// A page as it reads, without the formatter's escapes.
fn read(page: &str) -> String {
    page.replace("\\-", "-")
        .replace("\\*(Aq", "'")
        .replace("\\e", "\\")
        .replace("\\fB", "")
        .replace("\\fI", "")
        .replace("\\fR", "")
}

/// The commands that the help lists, and those of commands, such as `device list`.
fn commands() -> Vec<String> {
    let commands = commands_of("");
    assert!(commands.len() > 10, "{commands:?}");
    commands
}

fn commands_of(command: &str) -> Vec<String> {
    let help = prints(&words_and(command, "--help"));
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !["", "help"].contains(name));
    let commands = names.map(|name| words_and(command, name).join(" "));
    commands
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

/// The page of a command.
fn page_of(command: &str) -> String {
    let args = ["man"].into_iter().chain(command.split_whitespace());
    prints(&args.collect::<Vec<_>>())
}

/// The name of that page.
fn page_name(command: &str) -> String {
    format!("awsmfa-{}", command.replace(' ', "-"))
}

/// Every long flag in a text.
fn flags(text: &str) -> BTreeSet<String> {
    let letter = |it: char| it.is_ascii_lowercase() || it == '-';
    let flags = text.match_indices("--").map(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.find(|it| !letter(it)).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    flags.filter(|flag| !flag.is_empty()).collect()
}

#[test]
fn each_command_has_a_page_with_all_that_its_help_names() {
    for command in commands() {
        let (help, page) = (prints(&words_and(&command, "--help")), page_of(&command));
        let page = read(&page);
        let title = format!(
            "\n.TH {} 1  \"awsmfa {}\" awsmfa\n",
            page_name(&command),
            env!("CARGO_PKG_VERSION")
        );
        assert!(page.contains(&title), "{page}");
        assert_eq!(flags(&page), flags(&help), "{command}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let usage = help
            .split_once("Usage: ")
            .and_then(|(_, rest)| rest.lines().next());
        let usage = usage.expect("a help shows the usage");
        assert!(words(&page).contains(&words(usage)), "{usage}\n{page}");
        let example = help.lines().find(|line| line.starts_with("  awsmfa "));
        if let Some(example) = example {
            assert!(
                page.contains(example),
                "the lines of the examples stay\n{page}"
            );
        }
    }
}

#[test]
fn every_page_tells_the_exit_codes_line_by_line() {
    let help = prints(&["--help"]);
    let (_, codes) = help.split_once("Exit codes:\n").expect("the help has them");
    assert!(
        codes.contains("    0  done\n") && codes.contains("  130  cancelled\n"),
        "{codes}"
    );
    let section = format!(".SH \"EXIT STATUS\"\n.nf\n{codes}.fi\n");
    let main = read(&prints(&["man"]));
    assert!(main.ends_with(&section), "{main}");
    for command in commands() {
        let page = read(&page_of(&command));
        assert!(page.contains(&section), "{page}");
        // A command stands on the page of the one before it.
        let before = command.rsplit_once(' ').map(|(before, _)| page_of(before));
        let before = before.map_or_else(|| main.clone(), |page| read(&page));
        let entry = format!("\n{}(1)\n", page_name(&command));
        assert!(before.contains(&entry), "{before}");
    }
}

#[test]
fn the_alias_of_a_command_has_its_page_too() {
    assert_eq!(prints(&["man", "list"]), prints(&["man", "status"]));
}

#[test]
fn what_is_no_command_has_no_page() {
    let home = Home::new();
    for names in [
        &["nobody"][..],
        &["help"],
        &["awsmfa"],
        &[""],
        &["device", "help"],
        &["login", "device"],
    ] {
        let run = Run::new(&home).args(["man"]).args(names).status(2);
        run.stderr("error: awsmfa has no such command\nhint: `awsmfa --help` lists them\n")
            .run();
    }
}

#[test]
fn the_pages_are_installed_where_the_person_says() {
    let home = Home::new().credentials("  broken");
    let folder = home.path().join("a/man1");
    let run = Run::new(&home).args(["man", "--install"]).args([&folder]);
    run.stderr("the pages are in {home}/a/man1\n").run();
    let mut pages: Vec<String> = commands()
        .iter()
        .map(|it| format!("{}.1", page_name(it)))
        .collect();
    pages.push("awsmfa.1".to_owned());
    pages.sort();
    assert_eq!(file_names(&folder), pages);
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it is there");
    assert_eq!(read("awsmfa.1"), prints(&["man"]));
    assert_eq!(read("awsmfa-login.1"), prints(&["man", "login"]));
    assert_eq!(
        read("awsmfa-device-enroll.1"),
        prints(&["man", "device", "enroll"])
    );
    // Pages of an older version are replaced without a message.
    fs::write(folder.join("awsmfa.1"), "old").expect("the home is writable");
    let run = Run::new(&home)
        .args(["man", "-q", "--install"])
        .args([&folder]);
    run.run();
    assert_eq!(read("awsmfa.1"), prints(&["man"]));
}

#[test]
fn the_usual_folder_is_the_persons_own() {
    let home = Home::new();
    let run = Run::new(&home).args(["man", "--install"]);
    run.stderr("the pages are in {home}/.local/share/man/man1\n")
        .run();
    assert!(
        home.path()
            .join(".local/share/man/man1/awsmfa-exec.1")
            .exists()
    );

    let data = home.path().join("data");
    let run = Run::new(&home)
        .args(["man", "--install"])
        .env("XDG_DATA_HOME", &data);
    run.stderr("the pages are in {home}/data/man/man1\n").run();
    assert!(data.join("man/man1/awsmfa.1").exists());
}

#[test]
fn a_folder_that_cant_be_written_is_named() {
    let home = Home::new();
    fs::write(home.path().join("file"), "").expect("the home is writable");
    let folder = home.path().join("file/man1");
    let run = Run::new(&home).args(["man", "--install"]).args([&folder]);
    let run = run.status(1);
    run.stderr("error: can't write the pages to {home}/file/man1: {*}\n")
        .run();
}
