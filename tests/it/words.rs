//! Tests the profile as a word: `login dev` is `login --profile dev`, for every command that means a
//! profile, and what is said where a word is something else.

use indoc::indoc;

use crate::scene::{CREDENTIALS, KEYS, SESSION, Scene};
use crate::support::aws::USER;
use crate::support::run::Run;

/// Alice, who has signed in, with a second profile of other keys as the default.
fn scene() -> Scene {
    let scene = Scene::default();
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

#[test]
fn each_command_takes_the_profile_as_a_word_or_with_the_flag() {
    let scene = scene();
    let credentials = scene.home.read_credentials();
    for args in [
        &["login", "--json"][..],
        &["status", "--json"],
        &["export", "--format", "json"],
        &["credential-process"],
        &["whoami", "--json"],
        &["device", "list", "--json"],
    ] {
        let told = |args: &[&str]| {
            let run = scene.run(args).check_stdout(|_| {}).check_stderr(|_| {});
            let run = run.may_show(crate::support::aws::secrets::Kind::Session);
            let text = run.run().stdout;
            // The time that is left differs from run to run.
            let (start, rest) = text.split_once("remaining_seconds").unwrap_or((&text, ""));
            start.to_owned() + rest.split_once(',').map_or("", |it| it.1)
        };
        let by = |more: &[&str]| told(&[args, more].concat());
        let flag = by(&["-p", "dev"]);
        assert!(
            ["dev", "ASIA", "alice"].iter().any(|it| flag.contains(it)),
            "{args:?}: {flag}"
        );
        assert_eq!(by(&["dev"]), flag, "{args:?}");
        assert_eq!(by(&["dev", "-p", "dev"]), flag, "{args:?}");
        let two = scene.run(args).args(["dev", "-p", "other"]);
        let said =
            "error: two profiles given: dev, and other with --profile\nhint: give only one\n";
        scene.fails(two.check_stdout(|_| {}), 2, said, &[]);
    }
    assert_eq!(scene.home.read_credentials(), credentials);
}

#[cfg(unix)]
#[test]
fn exec_takes_it_before_the_dashes() {
    let scene = scene();
    for args in [
        &[
            "exec",
            "dev",
            "--",
            "printenv",
            "AWSMFA_PROFILE",
            "AWS_REGION",
        ][..],
        &["exec", "dev", "-p", "dev", "--", "printenv", "AWS_REGION"],
    ] {
        let run = scene
            .run(args)
            .check_stdout(|it| assert!(it.ends_with("eu-central-1\n"), "{it}"));
        run.status(i32::from(args.contains(&"AWSMFA_PROFILE")))
            .run();
    }
}

#[test]
fn logout_takes_it_and_not_beside_all() {
    let scene = scene();
    for flag in ["--all", "--expired"] {
        let run = scene.run(&["logout", "dev", flag]).status(2);
        run.check_stderr(|it| assert!(it.contains("cannot be used with"), "{it}"))
            .run();
    }
    scene.run(&["logout", "dev", "-q"]).run();
    assert!(!scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn rotate_and_setup_take_it_too() {
    let scene = scene();
    let run = scene.run(&["setup", "dev", "-p", "other"]).status(2);
    run.check_stderr(|it| assert!(it.contains("two profiles given"), "{it}"))
        .run();
    let run = scene.run(&["rotate", "dev", "-p", "other"]).status(2);
    run.check_stderr(|it| assert!(it.contains("two profiles given"), "{it}"))
        .run();
}

#[test]
fn a_code_that_lacks_its_flag_is_not_taken_for_a_profile_nor_repeated() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let said = indoc! {"
        error: there is no profile with that name
        hint: a code needs a flag: --code CODE
    "};
    for args in [
        ["login", &code],
        ["export", &code],
        ["status", &code],
        ["logout", "12"],
    ] {
        let run = scene.run(&args).check_stdout(|_| {});
        scene.fails(run, 2, said, &[]);
    }
    // A profile may be called like an account.
    let named = format!("{CREDENTIALS}[123456789012]\n{KEYS}");
    let scene = Scene::default().credentials(named);
    scene.login(&["123456789012", "-q"]).run();
    assert!(scene.home.read_credentials().contains("[123456789012-mfa]"));
}

/// The last lines of a usage error but those of clap's own.
fn tip(run: Run<'_>, tip: &'static str) {
    run.status(2)
        .check_stdout(|_| {})
        .check_stderr(move |it| {
            assert!(it.contains(&format!("\nhint: {tip}\n")), "{it}");
            assert!(!it.contains("did you mean"), "{it}");
        })
        .run();
}

#[test]
fn what_was_probably_meant_is_said() {
    let scene = Scene::default().credentials(CREDENTIALS.to_owned() + SESSION);
    let dashes = "put -- before the command: awsmfa exec PROFILE -- COMMAND";
    tip(scene.run(&["exec", "-p", "dev", "aws", "s3", "ls"]), dashes);
    tip(scene.run(&["exec", "dev", "aws"]), dashes);
    tip(scene.run(&["exec", "dev"]), dashes);
    tip(scene.run(&["exec", "aws", "--version"]), dashes);
    tip(
        scene.run(&["dev"]),
        "dev is a profile; to sign in to it: awsmfa login dev",
    );
    tip(
        scene.run(&["-v", "dev-mfa"]),
        "dev-mfa is a profile; to sign in to it: awsmfa login dev-mfa",
    );
    // What is no profile may be a command that is not spelled right.
    let run = scene.run(&["lgoin"]).status(2).check_stdout(|_| {});
    run.check_stderr(|it| assert!(it.contains("\nhint: did you mean `login`?\n"), "{it}"))
        .run();
}

#[test]
fn an_error_of_the_command_line_has_the_labels_of_every_other() {
    let scene = Scene::default();
    let usage = "\n\nUsage: awsmfa device list [OPTIONS] [PROFILE]\n";
    for (args, said) in [
        (
            &["lgoin"][..],
            "unknown command 'lgoin'\nhint: did you mean `login`?\n\nUsage: awsmfa [OPTIONS] <COMMAND>\n".to_owned(),
        ),
        (
            &["device", "list", "a", "b"],
            format!("unexpected argument 'b' found\nhint: add --help to see how it is used{usage}"),
        ),
        (
            &["device", "list", "--jsn"],
            "unexpected argument '--jsn' found\nhint: did you mean `--json`?\n\nUsage: awsmfa device list --json [PROFILE]\n".to_owned(),
        ),
        (
            &["policy", "show", "force-mf"],
            "invalid value 'force-mf' for '<NAME>'\n  [possible values: {*}]\nhint: did you mean `force-mfa`?\n".to_owned(),
        ),
        (
            &["status", "--min-remaining"],
            "a value is required for '--min-remaining <TIME>' but none was supplied\nhint: add --help to see how it is used\n".to_owned(),
        ),
    ] {
        let run = scene.run(args).check_stdout(|_| {});
        scene.fails(run, 2, &format!("error: {said}"), &[]);
    }
}
