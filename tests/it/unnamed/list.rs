//! Tests the look of the list: on terminals of any size, on those that obey no escape sequences, and with any
//! names.

use std::fmt::Write as _;
use std::time::Instant;

use super::{LIST, QUESTION, prompt, scene, start, terminal};
use crate::scene::{KEYS, Scene};
use crate::support::aws::USER;

fn many(count: usize) -> Scene {
    let profiles = (0..count).map(|it| format!("[team-{it:03}-production]\n{KEYS}"));
    Scene::with_files("", profiles.collect::<String>())
}

#[test]
fn of_many_profiles_some_are_shown_and_how_many_there_are() {
    let scene = many(1_000);
    let begin = Instant::now();
    let mut session = start(&scene, &["login"]);
    let rows: String = (1..10).fold(String::new(), |mut rows, it| {
        let _ = writeln!(rows, "  team-{it:03}-production");
        rows
    });
    let more = "  10 of 1000; type to narrow";
    session.sees_list(&format!("{QUESTION}\n> team-000-production\n{rows}{more}"));
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
    session.presses("prod 777");
    session.sees_list(&format!("{QUESTION}prod 777\n> team-777-production"));
    session.presses("\r");
    session.sees("777-production");
}

#[test]
fn it_fits_a_terminal_of_any_size_also_one_that_changes() {
    let scene = many(30);
    let session = start(&scene, &["login"]);
    session.sees_list(&format!("{QUESTION}{{*}}{}", "\n{*}".repeat(11)));
    session.resizes(40, 6);
    session.sees_list(
        "which profile? \n> team-000-production\n  team-001-production\n  team-002-production\n  team-003-production\n  4 of 30; type to narrow",
    );
    session.resizes(20, 4);
    session.sees_list(
        "which profile? \n> team-000-producti\n  team-001-producti\n  2 of 30; type to ",
    );
    session.resizes(10, 2);
    session.sees_list("profile? \n> team-00");
    session.resizes(10, 1);
    session.sees_list("profile? ");
    session.resizes(80, 24);
    session.sees_list(&format!("{QUESTION}{{*}}{}", "\n{*}".repeat(11)));
}

#[test]
fn a_terminal_that_obeys_no_sequences_is_asked_line_by_line() {
    for term in ["dumb", ""] {
        let scene = scene();
        let mut session = scene.terminal(&["login"]).env("TERM", term).start();
        session.sees("[1-3, or part of its name] ");
        session.types("nobody");
        session.sees("[1-3, or part of its name] ");
        session.types("d");
        session.sees("[1-3, or part of its name] ");
        session.types("2");
        session.sees(&prompt("prod"));
        let code = scene.aws.code(USER);
        session.types(&code);
        let list = "  1  dev\n  2  prod\n  3  admin  role\n";
        let asked = "which profile? [1-3, or part of its name] ";
        // Those that begin with it come first.
        let narrowed = list;
        let screen = format!(
            "{list}{asked}nobody\nno profile matches\n{list}{asked}d\n{narrowed}{asked}2\n{QUESTION}prod\n{}{code}\n{{*}}\n{{*}}\n",
            prompt("prod")
        );
        session.ends(0, &screen);
    }
    for (answer, named) in [
        ("prod", "prod"),
        ("od", "prod"),
        ("1", "dev"),
        ("dev", "dev"),
    ] {
        let scene = scene();
        let mut session = scene.terminal(&["login"]).start();
        session.sees("part of its name] ");
        session.types(answer);
        session.sees(&prompt(named));
    }
    for key in ["\x04", "\x03"] {
        let scene = scene();
        let mut session = scene.terminal(&["login"]).start();
        session.sees("part of its name] ");
        session.presses(key);
        session.sees("error: cancelled");
    }
}

#[test]
fn it_looks_as_the_person_wants_it_and_never_by_its_looks_alone() {
    let scene = scene();
    let session = terminal(&scene, &["login"]).env("NO_COLOR", "").start();
    session.sees_list(LIST);
    assert!(session.shown().contains("\u{1b}[1m> dev\u{1b}[0m"));
    let session = start(&scene, &["login"]);
    session.sees_list(LIST);
    assert!(session.shown().contains("\r\n> dev\r\n"));
}

#[test]
fn odd_names_are_shown_fit_for_a_line_and_can_be_chosen() {
    let long = "l".repeat(300);
    let names = ["my work", "é-日本", "a\u{202e}b", "2", &long, "-x"];
    let sections = names.map(|it| format!("[{it}]\n{KEYS}")).concat();
    let scene = Scene::with_files("", sections);
    let mut session = start(&scene, &["login"]);
    session.resizes(40, 24);
    session.sees_list(&format!(
        "{QUESTION}\n> my work\n  é-日本\n  a\\u{{202e}}b\n  2\n  {}\n  -x",
        "l".repeat(37)
    ));
    session.presses("日");
    session.sees_list(&format!("{QUESTION}日\n> é-日本"));
    session.presses("\x7f2");
    session.sees_list(&format!("{QUESTION}2\n> 2"));
    session.presses("\x7fwork my");
    session.sees_list(&format!("{QUESTION}work my\n> my work"));
    session.presses("\x15zzz\r\r");
    session.sees_list(&format!("{QUESTION}zzz\n  no profile matches"));
    session.presses("\x1b");
    session.sees("error: cancelled");
}
