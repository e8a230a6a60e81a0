//! Checks that the manual pages contain what the help contains, and where they are installed.

use std::collections::BTreeSet;
use std::fs;

use crate::help::words_and;
use crate::scene::{file_names, snapshot};
use crate::support::home::Home;
use crate::support::run::Run;

/// The output of awsmfa in a home whose AWS files can't be read.
fn prints(args: &[&str]) -> String {
    let home = Home::new().credentials("  broken").config("[\n\u{feff}\n");
    fs::remove_file(home.credentials_path()).expect("it was just written");
    fs::create_dir(home.credentials_path()).expect("there is none");
    let before = snapshot(&home);
    // The pages are written for POSIX shells, and so is the help for somebody who has one.
    let run = Run::new(&home).args(args).env("SHELL", "/bin/sh");
    let printed = run.check_stdout(|_| {}).run().stdout;
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

/// The commands in the help, including subcommands such as `device list`.
fn commands() -> Vec<String> {
    let commands = crate::help::commands(&prints);
    assert!(commands.len() > 10, "{commands:?}");
    commands
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
fn each_command_has_a_page_with_everything_in_its_help() {
    for command in commands() {
        let (help, page) = (prints(&words_and(&command, "--help")), page_of(&command));
        let page = read(&page);
        let title = format!(
            "\n.TH {} 1 \"\" \"awsmfa {}\" awsmfa\n",
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
fn every_page_lists_the_exit_codes_line_by_line() {
    let help = prints(&["--help"]);
    let (_, codes) = help.split_once("Exit codes:\n").expect("the help has them");
    assert!(
        codes.contains("    0  done\n") && codes.contains("  130  cancelled\n"),
        "{codes}"
    );
    let section = format!(".SH \"EXIT STATUS\"\n.nf\n{codes}.fi\n");
    let main = read(&prints(&["man"]));
    assert!(main.contains(&section), "{main}");
    for command in commands() {
        let page = read(&page_of(&command));
        assert!(page.contains(&section), "{page}");
        // A subcommand is on the page of its parent.
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
fn an_unknown_command_has_no_page() {
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
        let name = names.join(" ");
        let told =
            format!("error: awsmfa has no command `{name}`\nhint: `awsmfa --help` lists them\n");
        run.stderr(told).run();
    }
}

#[test]
fn the_pages_are_installed_in_the_given_folder() {
    let home = Home::new().credentials("  broken");
    let folder = home.path().join("a/man1");
    let run = Run::new(&home).args(["man", "--install"]).args([&folder]);
    let run = run.env("PATH", home.path());
    run.stderr("the manual pages are in {home}/a/man1\n").run();
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
fn the_default_folder_is_the_users_own() {
    let home = Home::new();
    let run = Run::new(&home).args(["man", "--install"]);
    let run = run.env("PATH", home.path());
    run.stderr("the manual pages are in {home}/.local/share/man/man1\n")
        .run();
    assert!(
        home.path()
            .join(".local/share/man/man1/awsmfa-exec.1")
            .exists()
    );

    let data = home.path().join("data");
    let run = Run::new(&home)
        .args(["man", "--install"])
        .env("PATH", home.path())
        .env("XDG_DATA_HOME", &data);
    run.stderr("the manual pages are in {home}/data/man/man1\n")
        .run();
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

#[test]
fn every_page_has_the_usual_sections() {
    let pages = commands().into_iter().map(|command| page_of(&command));
    for page in pages.chain([prints(&["man"])]) {
        let page = read(&page);
        for title in ["EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES"] {
            assert!(
                page.contains(&format!(".SH \"{title}\"\n")),
                "{title}\n{page}"
            );
        }
        assert!(page.contains("\n  ~/.aws/credentials\n"), "{page}");
    }
    for (command, variables, flag) in [
        ("login", "AWS_PROFILE, AWS_DEFAULT_PROFILE", "profile"),
        ("login", "AWSMFA_CODE", "code"),
        ("status", "AWSMFA_MIN_REMAINING", "min-remaining"),
        ("device list", "AWS_REGION, AWS_DEFAULT_REGION", "region"),
    ] {
        let entry = format!("\n  {variables}\n        in place of --{flag}\n");
        let page = read(&page_of(command));
        assert!(page.contains(&entry), "{entry}{page}");
    }
}

#[test]
fn if_no_profile_is_needed_the_common_options_are_a_single_line() {
    for (command, in_a_line) in [("man", true), ("completions", true), ("login", false)] {
        let help = prints(&[command, "--help"]);
        assert_eq!(help.contains("--profile"), !in_a_line, "{help}");
        let line = "\nOptions of every command: -p, -q, -v; see `awsmfa --help`.\n";
        assert_eq!(help.contains(line), in_a_line, "{help}");
    }
    // They are options there all the same.
    let page = prints(&["man", "login"]);
    assert_eq!(prints(&["man", "-q", "login", "-p", "dev"]), page);
    assert_eq!(prints(&["-v", "man", "--profile", "dev", "login"]), page);
    let home = Home::new();
    let run = Run::new(&home).args(["man", "-q", "-v"]).status(2);
    run.check_stderr(|text| assert!(text.contains("--verbose"), "{text}"))
        .run();
}

/// A folder in the home with a fake `man`.
#[cfg(unix)]
fn with_man(home: &Home, script: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = home.path().join("bin");
    fs::create_dir_all(&folder).expect("the home is writable");
    let man = folder.join("man");
    fs::write(&man, format!("#!/bin/sh\n{script}\n")).expect("the folder is writable");
    fs::set_permissions(&man, fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

#[cfg(unix)]
#[test]
fn at_a_terminal_the_systems_man_shows_the_page() {
    use crate::support::terminal::Terminal;
    let home = Home::new();
    let show = "PATH=/usr/bin:/bin; case $1 in /*/awsmfa*.1) ;; *) exit 9 ;; esac
grep '^.TH' \"$1\"; read -r line; echo \"read $line\"";
    let path = with_man(&home, show);
    for (args, title) in [
        (&["man", "login"][..], "awsmfa-login"),
        (&["man", "device", "enroll"], "awsmfa-device-enroll"),
        (&["man"], "awsmfa"),
    ] {
        let terminal = Terminal::new(&home).args(args).env("PATH", &path);
        let mut session = terminal.start();
        session.sees(&format!(".TH {title} 1 "));
        session.types("on");
        session.ends(0, ".TH {*}\non\nread on\n");
    }
    assert_eq!(
        file_names(&home.path().join("tmp")),
        [""; 0],
        "a file is left"
    );
    let path = with_man(&home, "exit 3");
    let terminal = Terminal::new(&home)
        .args(["man", "login"])
        .env("PATH", path);
    let said = "error: `man` can't show the page: it failed (exit 3)\nhint: `awsmfa login --help` has the same text\n";
    terminal.env("NO_COLOR", "1").start().ends(1, said);
    // Without `man`, the source is better than nothing.
    let terminal = Terminal::new(&home)
        .args(["man", "login"])
        .env("PATH", home.path());
    let mut session = terminal.env("NO_COLOR", "1").start();
    session.sees(".TH awsmfa-login 1 ");
    session.sees(
        "hint: there is no `man` command to show it; `awsmfa login --help` has the same text",
    );
}

#[cfg(unix)]
#[test]
fn neither_ctrl_c_nor_a_normal_end_leaves_a_file() {
    use crate::support::terminal::Terminal;
    let home = Home::new();
    // The pager decides what Ctrl-C means; awsmfa waits for its end.
    let trap = "trap 'caught=1' INT; echo shown
until [ \"$caught\" ]; do /bin/sleep 0.05; done; echo interrupted
until [ \"$line\" = q ]; do read -r line; done";
    let path = with_man(&home, trap);
    let terminal = Terminal::new(&home)
        .args(["man", "login"])
        .env("PATH", &path);
    let mut session = terminal.start();
    session.sees("shown");
    session.presses("\x03");
    session.sees("interrupted");
    session.types("q");
    session.ends(0, "shown\n{*}interrupted\nq\n");
    let script = "\"$@\" & awsmfa=$!; sleep 1; kill $awsmfa; wait $awsmfa; echo \"ended with $?\"";
    let path = with_man(
        &home,
        "trap 'exit 5' TERM; while :; do /bin/sleep 0.1; done",
    );
    let terminal = Terminal::new(&home)
        .args(["man", "login"])
        .env("PATH", format!("{}:/usr/bin:/bin", path.display()));
    let mut session = terminal.script(script).start();
    session.sees("ended with 1");
    assert_eq!(
        file_names(&home.path().join("tmp")),
        [""; 0],
        "a file is left"
    );
}

#[cfg(unix)]
#[test]
fn if_man_finds_no_page_the_missing_line_is_printed() {
    let home = Home::new();
    let install = |script: &str, folder: &str| {
        let path = with_man(&home, script);
        let run = Run::new(&home).args(["man", "--install"]);
        run.args([home.path().join(folder)]).env("PATH", path)
    };
    let line = "hint: so that `man` finds them, add this to your shell's startup file: export MANPATH={home}/share/man:\"$MANPATH\"\n";
    let pages = "the manual pages are in {home}/share/man/man1\n";
    for script in [
        "echo no such page >&2; exit 16",
        "echo /usr/share/man/man1/awsmfa.1",
    ] {
        let run = install(script, "share/man/man1");
        run.stderr(format!("{pages}{line}")).run();
    }
    let found = "[ \"$*\" = '-w awsmfa' ] && echo \"$HOME/share/man/man1/awsmfa.1\"";
    install(found, "share/man/man1").stderr(pages).run();
    install(found, "pages")
        .stderr("the manual pages are in {home}/pages\nhint: `man` only looks in folders named man1; to read a page: man {home}/pages/awsmfa.1\n")
        .run();
    install("exit 16", "a b/man1")
        .stderr("the manual pages are in {home}/a b/man1\nhint: {*}: export MANPATH='{home}/a b':\"$MANPATH\"\n")
        .run();
    install("exit 16", "share/man/man1").args(["-q"]).run();
    for (shell, line) in [
        ("fish", "set -gx MANPATH {home}/share/man \"$MANPATH\""),
        ("tcsh", "setenv MANPATH {home}/share/man:"),
        ("elvish", "set-env MANPATH '{home}/share/man:'"),
    ] {
        install("exit 16", "share/man/man1")
            .env("SHELL", shell)
            .stderr(format!("{pages}hint: {{*}}: {line}\n"))
            .run();
    }
}

/// The system's own `man`, which `.ci/run` installs.
#[cfg(unix)]
#[test]
#[ignore = "needs the system's man, mandoc, fish and tcsh"]
fn the_systems_man_reads_every_page_and_finds_the_installed_ones() {
    use std::process::Command;
    let home = Home::new();
    let run = Run::new(&home).args(["man", "--install"]);
    let said = run.check_stderr(|_| {}).run().stderr;
    let folder = home.path().join(".local/share/man");
    let line = format!("export MANPATH={}:\"$MANPATH\"", folder.display());
    assert!(said.contains(&line), "{said}");
    let in_shell = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env_clear();
        shell.envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8")]);
        shell.env("HOME", home.path());
        let ran = shell.output().expect("sh is everywhere");
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(
            ran.status.success() && errors.is_empty(),
            "{script}\n{errors}"
        );
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    for command in commands() {
        let name = page_name(&command);
        let shown = in_shell(&format!("{line}; man {name} | col -b"));
        let shown = shown.replace('\u{2010}', "-");
        // Lines are justified with spaces and tabs between the words.
        let words: Vec<&str> = shown.split_whitespace().collect();
        assert!(words.join(" ").contains(&format!("{name} - ")), "{shown}");
        for title in ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES"] {
            assert!(shown.contains(&format!("\n{title}\n")), "{title}\n{shown}");
        }
        // The formatter reports problems with a page there.
        let file = folder.join("man1").join(format!("{name}.1"));
        in_shell(&format!("man --warnings=w {} >/dev/null", file.display()));
        // The formatter of macOS, which no page has a date for.
        let lint = format!(
            "mandoc -T lint -W warning {} | {{ grep -v 'missing date' || true; }}",
            file.display()
        );
        assert_eq!(in_shell(&lint), "");
        let shown = in_shell(&format!("mandoc -T utf8 {} | col -b", file.display()));
        assert!(shown.contains("\nEXIT STATUS\n"), "{shown}");
        let version = concat!("awsmfa ", env!("CARGO_PKG_VERSION"));
        assert!(
            shown
                .trim_end()
                .lines()
                .last()
                .is_some_and(|it| it.starts_with(version)),
            "{shown}"
        );
    }
    // The trailing colon keeps the system's own pages.
    in_shell(&format!("{line}; man -w awsmfa && man -w man"));
    for shell in ["fish", "tcsh"] {
        let run = Run::new(&home).args(["man", "--install"]);
        let said = run.env("SHELL", shell).check_stderr(|_| {}).run().stderr;
        let (_, line) = said.rsplit_once("startup file: ").expect("it is printed");
        let script = home.path().join("script");
        let text = format!("{line}man -w awsmfa && man -w man\n");
        fs::write(&script, text).expect("the home is writable");
        in_shell(&format!("{shell} {}", script.display()));
    }
}
