//! Tests `exec` on Windows, where awsmfa waits for the command and passes its exit code on. It tests
//! nothing that is the same elsewhere: `exec` does.

use indoc::formatdoc;

use crate::export::CLEARED;
use crate::scene::{ISSUE, Scene};
use crate::support::aws::secrets::Kind;

/// `exec` with profile dev, of `line` in cmd.exe.
fn exec(line: &str) -> [&str; 7] {
    ["exec", "-p", "dev", "--", "cmd", "/c", line]
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let scene = Scene::signed_in();
    for (line, status) in [("exit 0", 0), ("exit 7", 7), ("exit 255", 255)] {
        scene.fails(scene.run(&exec(line)), status, "", &[]);
    }
}

#[test]
fn the_command_has_the_session_and_nothing_that_would_come_before_it() {
    let scene = Scene::signed_in();
    let run = CLEARED
        .into_iter()
        .fold(scene.run(&exec("set")), |run, it| {
            let stale = if it == "AWS_PROFILE" { "dev" } else { "stale" };
            run.env(it, stale)
        });
    let run = run.env("UNRELATED", "two  words");
    let run = run.may_show(Kind::Session).may_show(Kind::LongTerm);
    let shown = run.check_stdout(|_| {}).run().stdout;
    for line in [
        "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY=session/secret+key",
        "AWS_SESSION_TOKEN=session/token+with/all==",
        "AWS_REGION=eu-central-1",
        "UNRELATED=two  words",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line}\n{shown}");
    }
    assert!(!shown.contains("stale"), "{shown}");
    assert!(!shown.contains("AWS_PROFILE="), "{shown}");
}

#[test]
fn the_first_command_signs_in() {
    let scene = Scene::default();
    let code = scene.aws.code(crate::support::aws::USER);
    let run = scene.run(&exec("rem")).env("AWSMFA_CODE", code);
    scene.works(run, "", &[ISSUE]);
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn a_command_that_is_missing_ends_in_127_with_a_word_on_scripts() {
    let scene = Scene::signed_in();
    for missing in ["awsmfa-no-such-command", r".\awsmfa-no-such-command"] {
        let run = scene.run(&["exec", "-p", "dev", "--", missing]);
        let stderr = formatdoc! {"
            error: can't run {missing}: it was not found, or something it needs to run was not
            hint: is its folder in PATH? a script needs its full name, such as npm.cmd
        "};
        scene.fails(run, 127, &stderr, &[]);
    }
}
