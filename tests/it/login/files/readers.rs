//! Shows that no edit makes a file that the AWS CLI reads unreadable to it, or other than it was,
//! where its rules differ from those of the AWS SDKs.

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, Scene};

/// A session that the AWS CLI reads, but for the lines that begin with `{}`.
const SESSION: &str = indoc! {"
    [dev-mfa]
    {}aws_access_key_id = ASIAOLD
    {}aws_secret_access_key = stale7
    {}aws_session_token = stale7
"};

/// Shows that neither a login nor a logout touches a session with this line in it.
fn is_odd(line: &str, key: &str) {
    let why = format!("has an unusual character next to {key}, so only some tools recognize it");
    is_in_the_way(line, &why, "retype that line");
}

/// The same of a line that starts with white space of whatever kind.
fn starts_with_a_space(line: &str) {
    let why = "starts with a space, and tools disagree on what the line means";
    is_in_the_way(
        line,
        why,
        "remove the spaces in front of it, or remove the line",
    );
}

fn is_in_the_way(line: &str, why: &str, hint: &str) {
    let session = SESSION.replacen("{}", "", 3);
    let credentials = format!("{CREDENTIALS}\n{session}{line}\n");
    let scene = Scene::with_files(CONFIG, credentials);
    let why = format!("line 10 of the credentials file {why}\nhint: {hint}\n");
    let stderr = format!("error: profile dev-mfa is not overwritten: {why}");
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    let stderr = format!("error: profile dev-mfa is left unchanged: {why}");
    scene.refuses(scene.run(&["logout", "-p", "dev"]), 1, &stderr);
}

#[test]
fn a_key_beside_other_white_space_is_not_written_a_second_time() {
    // U+000B, U+001C and U+0085 are white space to Python alone, U+FEFF to JavaScript.
    for space in [
        "\u{a0}", "\u{2003}", "\u{3000}", "\u{b}", "\u{c}", "\u{1c}", "\u{85}", "\u{feff}",
    ] {
        starts_with_a_space(&format!("{space}aws_session_token = stale7"));
        starts_with_a_space(&format!("{space}note = 1"));
        is_odd(
            &format!("AWS_Access_Key_Id{space}= ASIASTALE7"),
            "aws_access_key_id",
        );
    }
    is_odd("aws_secret_access_key:x = stale7", "aws_secret_access_key");
}

#[test]
fn the_section_that_holds_for_every_profile_takes_no_session() {
    let scene = Scene::default();
    let run = scene.login_with_tripwire(&["-p", "dev", "--session-profile", "DEFAULT"]);
    let stderr = indoc! {"
        error: {home}/.aws/credentials was left unchanged: the AWS CLI would misread line {*} of the edited file: [DEFAULT] would change
        hint: {*}
    "};
    scene.refuses(run, 1, stderr);
}

#[test]
fn a_file_that_the_aws_cli_refuses_is_edited_with_a_warning_that_names_the_line() {
    let credentials = format!("{CREDENTIALS}\n[other]\nx = 1\nx = 2\n");
    let scene = Scene::with_files(CONFIG, &credentials);
    let warning = "warning: the AWS CLI refuses {home}/.aws/credentials, line 8: x in [other] is already set on line 7\n";
    let run = scene.login(&["-p", "dev"]);
    scene.works(run, &format!("{warning}{READY}"), &[ISSUE]);
}

#[test]
fn a_header_that_the_aws_cli_does_not_find_stays_and_is_warned_of() {
    for header in [
        "[ dev-mfa ]",
        "[\tdev-mfa]",
        "[dev-mfa] ; was [x]",
        "[dev-mfa] # see [dev]",
    ] {
        let credentials = format!("{CREDENTIALS}\n{header}\naws_session_token = old\n");
        let scene = Scene::with_files(CONFIG, &credentials);
        let warning = "warning: the AWS CLI does not find [dev-mfa] in {home}/.aws/credentials: on line 6, write [dev-mfa] without spaces in its brackets or brackets after them\n";
        let run = scene.login(&["-p", "dev"]);
        scene.works(run, &format!("{warning}{READY}"), &[ISSUE]);
        let after = scene.home.read_credentials();
        assert_eq!(after.matches("dev-mfa").count(), 1, "{after}");
        assert!(after.contains(&format!("\n{header}\n")), "{after}");
        scene.run(&["logout", "-p", "dev"]).stderr("{*}\n").run();
    }
}

#[test]
fn a_quoted_or_indented_header_in_the_config_file_is_found() {
    for header in [
        "[profile \"dev-mfa\"]",
        "[profile 'dev-mfa']",
        "[profile \t dev-mfa ]",
    ] {
        let config = format!("{CONFIG}\n{header}\noutput = json\n");
        let scene = Scene::with_files(config, CREDENTIALS);
        let is_silent = |said: &str| assert!(!said.contains("the AWS CLI"), "{said}");
        scene.login(&["-p", "dev"]).check_stderr(is_silent).run();
        assert!(
            scene
                .home
                .read_config()
                .contains("region = eu-central-1\nawsmfa_copied = region")
        );
    }
}

#[test]
fn a_header_with_text_behind_it_takes_no_session() {
    for header in ["[dev-mfa] mine", "[dev-mfa]x"] {
        let credentials = format!("{CREDENTIALS}\n{header}\nnote = 1\n");
        let scene = Scene::with_files(CONFIG, credentials);
        let run = scene.login_with_tripwire(&["-p", "dev"]);
        let stderr = indoc! {"
            error: {*}
            hint: {*}
        "};
        scene.refuses(run, 1, stderr);
    }
}

#[test]
fn a_carriage_return_within_a_line_that_is_touched_is_refused_with_the_line() {
    for (credentials, line) in [
        ("[dev-mfa]\naws_session_token = stale7\r[other]\rx = 1\n", 6),
        ("[dev-mfa]\naws_session_token = stale7\n  # c\r[other]\n", 7),
        ("[other]\nx = 1\r[third]\raws_session_token = stale7", 6),
        ("[other]\nx = 1\r", 6),
        ("[dev-mfa]\nx = 1\r\r\naws_session_token = stale7\n", 6),
    ] {
        let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}{credentials}"));
        let stderr = formatdoc! {"
            error: can't edit {{home}}/.aws/credentials: line {line} holds a carriage return, where the AWS CLI ends a line and the SDKs don't
            hint: replace it with a line break, or remove it
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    }
    let far = format!("# x\r# y\n\n{CREDENTIALS}\n[z]\nw = 1\n");
    let scene = Scene::with_files(CONFIG, &far);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert!(scene.home.read_credentials().starts_with(&far));
}

#[test]
fn a_header_that_botocore_takes_for_the_session_profile_too_stops_a_login() {
    for header in ["[profiles dev-mfa]", "[profile\u{1}\tdev-mfa]"] {
        let config = format!("{CONFIG}\n{header}\noutput = json\n");
        let scene = Scene::with_files(config, CREDENTIALS);
        let stderr = indoc! {"
            error: {home}/.aws/config was left unchanged: the AWS CLI would misread line 6 of the edited file: {*} would change
            hint: {*}
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
    }
}
