//! Runs the sessions that the pages show, command by command, and compares their output with the page. If a
//! user types something in one, it is played at a terminal.

use super::{block, blocks, credentials, page};
use crate::scene::alice;
use crate::support::aws::{Aws, USER};
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::system;

/// `text` without what varies between runs: times, the seconds to the next code, random ids, and the
/// spaces that a table needs for those.
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

/// The exit code of a run that ends with this error.
fn status_of(shown: &str) -> i32 {
    let Some((_, error)) = shown.split_once("error: ") else {
        return 0;
    };
    if error.starts_with("AWS refused the code") {
        4
    } else if error.contains("needs a code") {
        7
    } else if error.contains("gets its credentials") {
        1
    } else {
        2
    }
}

/// Runs every command in the `console` blocks of a text, in order, and returns their number.
fn plays(text: &str, home: &Home, aws: &Aws) -> usize {
    let codes = aws.codes(USER);
    let mut ran = 0;
    for block in blocks(text, "console") {
        for step in block.split("$ awsmfa ").skip(1) {
            let (args, shown) = step.split_once('\n').expect("a command ends its line");
            let (first, rest) = shown.split_once('\n').unwrap_or_default();
            let mut run = Run::new(home).args(args.split(' '));
            let mut expected = steady(shown);
            // The prompt has its own tests at a terminal; what follows it is the same without one.
            if let Some(prompt) = first.strip_prefix("code for ") {
                assert!(prompt.starts_with("dev (device alice, account 123456789012): "));
                expected = steady(rest);
                let code = codes.unused().expect("a code for each login");
                run = run.args(["--code", &code]);
            }
            let ran_to_end = run
                .status(status_of(&expected))
                .check_stdout(|_| {})
                .check_stderr(|_| {})
                .run();
            let printed = steady(&(ran_to_end.stdout + &ran_to_end.stderr));
            assert_eq!(printed, system::typed(&expected), "awsmfa {args}");
            ran += 1;
        }
    }
    ran
}

const ASK: &str = "GetCallerIdentity";
const DEVICES: &str = "ListMFADevices";
const ISSUE: &str = "GetSessionToken";

#[test]
fn the_session_of_the_readme_goes_as_it_says() {
    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    assert_eq!(plays(&page("README.md"), &home, &aws), 2);
    assert_eq!(aws.actions(), [ASK, DEVICES, ISSUE]);
}

#[test]
fn the_sessions_of_a_login_a_look_and_a_logout_go_as_the_page_says() {
    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    assert_eq!(plays(&page("docs/use.md"), &home, &aws), 7);
    assert_eq!(aws.actions(), [ASK, DEVICES, ISSUE, ISSUE, ASK]);
}

#[test]
fn the_sessions_of_a_role_go_as_the_page_says() {
    let aws = alice().role("admin").needs_mfa().start();
    let home = Home::with(&aws).credentials(credentials()).config(block(
        "docs/roles.md",
        "ini",
        "role_arn",
    ));
    assert_eq!(plays(&page("docs/roles.md"), &home, &aws), 2);
    assert_eq!(aws.actions(), [ASK, DEVICES, ISSUE, "AssumeRole"]);
}

#[test]
fn the_errors_of_the_page_for_programs_and_of_that_for_other_tools_are_printed() {
    let aws = alice().start();
    let config = "[profile console]\nlogin_session = arn:aws:iam::123456789012:user/alice\n";
    let home = Home::with(&aws).credentials(credentials()).config(config);
    for path in ["docs/recipes/unattended.md", "docs/coming-from.md"] {
        assert_eq!(plays(&page(path), &home, &aws), 1, "{path}");
    }
    assert_eq!(aws.actions(), [] as [&str; 0]);
}

/// From no device to a session, as the page shows it.
#[cfg(unix)]
#[test]
fn an_enrollment_goes_as_the_page_says() {
    let aws = crate::scene::alice_without_device().start();
    let home = Home::with(&aws).credentials(credentials());
    let mut blocks = blocks(&page("docs/devices.md"), "console").into_iter();
    let mut block = || {
        let block = blocks.next().expect("the page shows it");
        let (line, shown) = block.split_once('\n').expect("a command ends its line");
        let args = line.strip_prefix("$ awsmfa ").expect("a command of awsmfa");
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
    let (_, until) = until.expect("the page says until when");
    let (until, _) = until.split_once(" (").expect("and how long that is");
    terminal.ends(0, &shown.replace(until, "{*}"));

    let (args, shown) = block();
    let ran = Run::new(&home).args(args.split(' ')).check_stdout(|_| {});
    assert_eq!(steady(&ran.run().stdout), steady(&shown));
}

/// From an old key to a new one, as the page shows it.
#[cfg(unix)]
#[test]
fn a_rotation_goes_as_the_page_says() {
    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    let home = home.config(crate::scene::CONFIG);
    let block = block("docs/rotation.md", "console", "awsmfa rotate dev");
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
    let (_, used) = shown.split_once("last used ").expect("the page says when");
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

/// The output of doctor for a file that others can read, a clock that is off and a request that is
/// refused.
#[cfg(target_os = "linux")]
#[test]
fn doctor_says_what_the_page_shows() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use crate::support::aws::fault::Fault;
    use crate::support::run::matches;

    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    let home = home.config(crate::scene::CONFIG);
    set_permissions(home.credentials_path(), Permissions::from_mode(0o644)).expect("it is ours");
    aws.shift_clock(chrono::TimeDelta::seconds(7 * 60 + 12));
    aws.fault_always("ListAccessKeys", Fault::Denied { explicit: true });
    let block = block("docs/doctor.md", "text", "awsmfa doctor");
    let (line, shown) = block.split_once('\n').expect("a command ends its line");
    let args = line.strip_prefix("$ awsmfa ").expect("a command of awsmfa");
    let run = Run::new(&home).args(args.split(' ')).status(1);
    let printed = run.check_stdout(|_| {}).run().stdout;
    let mut printed = printed.lines();
    for line in shown.lines().filter(|line| *line != "…") {
        let line = line
            .replace("/home/alice", &home.path().to_string_lossy())
            .replace("x86_64", std::env::consts::ARCH)
            .replace("7m12s", "7m1{*}s")
            .replace(": …", ": {*}");
        // Other lines may come in between.
        let is_said = printed.any(|it| matches(&line, it));
        assert!(is_said, "{line}");
    }
}
