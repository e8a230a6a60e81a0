//! Checks that a renewal that nobody asked for explains itself before asking for a code. It never checks
//! when a session is kept: `kept` does.

use chrono::{SecondsFormat, TimeDelta, Utc};
use indoc::formatdoc;

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, Scene, alice};
use crate::support::aws::USER;
use crate::support::aws::secrets::Kind;
use crate::support::run::Run;

/// The end of a session with this many minutes left.
fn ends(left: i64) -> String {
    let at = Utc::now() + TimeDelta::minutes(left);
    format!(
        "x_security_token_expires = {}\n",
        at.to_rfc3339_opts(SecondsFormat::Secs, true)
    )
}

/// A scene in which profile dev-mfa holds a session with these lines.
fn holding(lines: &str) -> Scene {
    let session = formatdoc! {"
        [dev-mfa]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush-key
        aws_session_token = hush-token
        {lines}"};
    Scene::with_files(CONFIG, format!("{CREDENTIALS}{session}"))
}

const OURS: &str = "awsmfa_source_profile = dev\n";

#[test]
fn a_renewal_says_why_the_old_session_is_not_enough() {
    let others = format!("{OURS}awsmfa_access_key_id = AKIAOTHER\n{}", ends(600));
    for (lines, why) in [
        (OURS.to_owned() + &ends(55), "dev-mfa ends in 55m; renewing"),
        (ends(9), "dev-mfa ends in 9m; renewing"),
        (OURS.to_owned() + &ends(-1), "dev-mfa has expired; renewing"),
        (ends(-6000), "dev-mfa has expired; renewing"),
        (
            OURS.to_owned(),
            "it is not known when dev-mfa ends; renewing",
        ),
        (
            "x_security_token_expires = tomorrow\n".to_owned(),
            "it is not known when dev-mfa ends; renewing",
        ),
        // Tools that leave the zone out mean different ones.
        (
            "expiration = 2099-01-01 00:00:00\n".to_owned(),
            "it is not certain when dev-mfa ends; renewing",
        ),
        (
            "expiration = 2020-01-01 00:00:00\n".to_owned(),
            "dev-mfa has expired; renewing",
        ),
        (
            others,
            "dev-mfa was made with different keys, or for a different role, than dev has now; renewing",
        ),
    ] {
        let scene = holding(&lines);
        let said = format!("{why}\n{READY}");
        scene.works(scene.login(&["-p", "dev"]), &said, &[ISSUE]);
    }
}

#[test]
fn it_says_nothing_without_a_session_on_request_and_with_quiet() {
    let expired = || holding(&(OURS.to_owned() + &ends(-1)));
    let scene = Scene::default();
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    // What a logout leaves is no session.
    let left = format!("{CREDENTIALS}[dev-mfa]\n{OURS}");
    let scene = Scene::with_files(CONFIG, left);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let scene = expired();
    scene.works(scene.login(&["-p", "dev", "--force"]), READY, &[ISSUE]);
    let scene = expired();
    scene.works(scene.login(&["-qp", "dev"]), "", &[ISSUE]);
}

/// The user may think that there is a session.
#[test]
fn it_says_why_a_code_is_needed_even_if_nobody_can_be_asked() {
    let scene = holding(&(OURS.to_owned() + &ends(-1)));
    let said = "error: dev-mfa has expired: profile dev needs a code, and --no-input forbids asking\n{*}\n";
    let run = scene.run(&["login", "-p", "dev", "--no-input"]);
    scene.refuses(run, 7, said);
}

/// A program that runs awsmfa for keys may show its messages, so only a question is explained.
#[test]
fn each_command_that_signs_in_explains_it_but_a_credential_process_only_before_a_question() {
    let said = "dev-mfa has expired; renewing\n";
    for (args, said) in [
        (&["export", "-p", "dev", "--format", "json"][..], said),
        (&["credential-process", "-p", "dev"], ""),
    ] {
        let scene = holding(&(OURS.to_owned() + &ends(-1)));
        let code = scene.aws.code(USER);
        let run = scene.run(args).args(["--code", &code]);
        let run = run.may_show(Kind::Session).check_stdout(|_| {});
        scene.works(run, said, &[ISSUE]);
    }
}

#[cfg(unix)]
#[test]
fn the_explanation_comes_before_the_question() {
    for command in ["login", "credential-process"] {
        let scene = holding(&(OURS.to_owned() + &ends(-1)));
        let mut terminal = scene.terminal(&[command, "-p", "dev"]).start();
        terminal.sees("dev-mfa has expired; renewing");
        terminal.sees(crate::scene::PROMPT);
    }
}

#[test]
fn in_a_chain_each_session_is_explained_separately() {
    let aws = alice().role("admin").start();
    let scene = Scene::with(aws).config(formatdoc! {"
        {CONFIG}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "});
    let session = |of: &str, left: i64| {
        formatdoc! {"
            [{of}-mfa]
            aws_access_key_id = ASIAX
            aws_secret_access_key = hush-key
            aws_session_token = hush-token
            awsmfa_source_profile = {of}
            {}", ends(left)}
    };
    let both = format!("{CREDENTIALS}{}{}", session("admin", -1), session("dev", 9));
    let scene = scene.credentials(both);
    let run: Run<'_> = scene.login(&["-p", "admin"]);
    let said = "admin-mfa has expired; renewing\ndev-mfa ends in 9m; renewing\n\
                admin-mfa is ready until {*}\n{*}\n";
    scene.works(run, said, &[ISSUE, "AssumeRole"]);
}

/// A session that a login keeps is enough for everything that uses it, and so for `status --check`,
/// which asks for as much. A login wants more, because it is for the hours to come.
#[test]
fn a_session_that_a_login_keeps_is_valid_and_a_valid_one_is_enough_for_other_commands() {
    for granted in [900, 3_600, 43_200, 129_600] {
        for seconds in [60, 200, 240, 600, 880, 920, 1_800, 3_500, 3_700, 20_000] {
            if seconds > granted {
                continue;
            }
            let at = (Utc::now() + TimeDelta::seconds(seconds))
                .to_rfc3339_opts(SecondsFormat::Secs, true);
            let lines =
                format!("{OURS}awsmfa_duration = {granted}\nx_security_token_expires = {at}\n");
            let scene = holding(&lines);
            let is_good = |args: &[&str], no: i32| {
                let mut command = scene.home.command(args.iter().chain(&["-qp", "dev"]));
                let status = command.output().expect("awsmfa was built").status.code();
                assert!(
                    status == Some(0) || status == Some(no),
                    "{args:?} {status:?}"
                );
                status == Some(0)
            };
            let valid = is_good(&["status", "--check"], 3);
            for duration in ["15m", "1h", "12h", "36h"] {
                let flags = ["--no-input", "--duration", duration];
                let kept = is_good(&[&["login"], &flags[..]].concat(), 7);
                let served = is_good(&[&["export"], &flags[..]].concat(), 7);
                let told =
                    format!("{seconds} s of {granted} s, {duration}: {kept} {valid} {served}");
                assert!(valid || !kept, "{told}");
                assert_eq!(valid, served, "{told}");
            }
        }
    }
}
