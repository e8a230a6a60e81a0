//! Edits files that nobody would write on purpose, and that people have.

use indoc::{formatdoc, indoc};

use super::{SESSION, logs_in};
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, READY, Scene};

#[test]
fn lines_that_end_in_crlf() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let scene = Scene::with_files(crlf(CONFIG), crlf(CREDENTIALS));
    logs_in(&scene, "");
    for text in [scene.home.read_credentials(), scene.home.read_config()] {
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }
}

#[test]
fn no_newline_at_the_end() {
    logs_in(
        &Scene::with_files(CONFIG.trim_end(), CREDENTIALS.trim_end()),
        "",
    );
}

#[test]
fn empty_lines_at_the_end() {
    let scene = Scene::with_files(format!("{CONFIG}\n\n"), format!("{CREDENTIALS}\n\n\n"));
    logs_in(&scene, "");
}

/// The warning where no edit suits an ordinary INI reader.
fn not_for_all(file: &str, section: &str) -> String {
    format!(
        "warning: programs that read {{home}}/.aws/{file} as an ordinary INI file may not find [{section}] in it; the AWS tools do\n"
    )
}

#[test]
fn spaces_in_the_header() {
    let credentials = CREDENTIALS.replace("[dev]", "[  dev\t]  ");
    let config = CONFIG.replace("[profile dev]", "[ profile   dev ]");
    logs_in(&Scene::with_files(config, credentials), "");
}

#[test]
fn a_note_behind_the_header_is_more_than_ordinary_readers_can_take() {
    let credentials = CREDENTIALS.replace("[dev]", "[ dev ] ; note");
    let config = CONFIG.replace("[profile dev]", "[profile dev] # note [dev-mfa]");
    let warnings =
        not_for_all("credentials", "dev-mfa") + &not_for_all("config", "profile dev-mfa");
    logs_in(&Scene::with_files(config, credentials), &warnings);
}

#[test]
fn nested_blocks_services_and_sso_sessions() {
    let config = formatdoc! {"
        [services x]
        s3 =
          endpoint_url = http://127.0.0.1:1
        dynamodb =
          endpoint_url = http://127.0.0.1:2

        {CONFIG}s3 =
          addressing_style = path

        [sso-session x]
        sso_region = eu-west-1
        sso_start_url = https://example.com/start#/

        [plugins]
        cli_legacy_plugin_path = /x
    "};
    logs_in(&Scene::with_files(config, CREDENTIALS), "");
}

#[test]
fn comments_that_mention_the_session_profile() {
    let credentials = formatdoc! {"
        # [dev-mfa] is made by a tool
        ; [dev-mfa]
        {CREDENTIALS}# aws_session_token = [dev-mfa]

           # indented [dev-mfa]
    "};
    logs_in(&Scene::with_files(CONFIG, credentials), "");
}

#[test]
fn values_with_every_odd_character() {
    let values = indoc! {r#"
        a = 50% of #1; "quoted" 'single' \ back\slash $HOME `x`
        b=[dev-mfa]
        c = x # not a comment to some
        d = ;x
        e = a=b=c
        f = \
        g =
        h = é ü 日本 🦀
        i = "
    "#};
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [other]
        {values}{KEYS}"};
    logs_in(&Scene::with_files(CONFIG, credentials), "");
    // In the source they are settings, and are copied.
    let config = format!("{CONFIG}{values}");
    let warnings = not_for_all("config", "profile dev-mfa");
    logs_in(&Scene::with_files(config, CREDENTIALS), &warnings);
}

#[test]
fn a_section_that_stands_twice_is_warned_of() {
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [other]
        a = 1

        [other]
        b = 2
    "};
    let warning = "warning: the AWS CLI refuses {home}/.aws/credentials, line 9: [other] already begins on line 6\n";
    logs_in(&Scene::with_files(CONFIG, credentials), warning);
}

#[test]
fn a_key_that_stands_twice_is_warned_of() {
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [other]
        a = 1
        a = 2
    "};
    let warning = "warning: the AWS CLI refuses {home}/.aws/credentials, line 8: a in [other] is already set on line 7\n";
    logs_in(&Scene::with_files(CONFIG, credentials), warning);
}

#[test]
fn a_session_profile_that_stands_twice_gets_one_session() {
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [dev-mfa]
        aws_session_token = old-one

        [dev-mfa]
        aws_session_token = old-two
    "};
    let scene = Scene::with_files(CONFIG, credentials);
    scene
        .login(&["-p", "dev"])
        .check_stderr(|text| {
            assert!(
                text.contains("[dev-mfa] already begins on line 6"),
                "{text}"
            );
            assert!(text.contains("dev-mfa is ready until"), "{text}");
        })
        .run();
    let stored = scene.home.read_credentials();
    // The one that the SDKs read is replaced.
    assert!(!stored.contains("old-two"), "{stored}");
    assert_eq!(
        stored.matches("aws_access_key_id = ASIA").count(),
        1,
        "{stored}"
    );
}

#[test]
fn keys_in_capital_letters() {
    let credentials = CREDENTIALS.replace("aws_access_key_id", "AWS_ACCESS_KEY_ID");
    logs_in(&Scene::with_files(CONFIG, credentials), "");
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_line() {
    let mut credentials = CREDENTIALS.as_bytes().to_vec();
    credentials.extend(b"[other]\nname = caf\xe9\n");
    let scene = Scene::with_files(CONFIG, &credentials);
    let stderr = indoc! {"
        error: {home}/.aws/credentials can't be read from line 6 on: it is not UTF-8
        hint: mend or remove that line: the AWS SDKs read nothing of the file because of it
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);

    let mut config = CONFIG.as_bytes().to_vec();
    config.extend(b"# caf\xe9\n");
    let scene = Scene::with_files(&config, CREDENTIALS);
    let stderr = indoc! {"
        error: {home}/.aws/config can't be read from line 5 on: it is not UTF-8
        hint: mend or remove that line: the AWS SDKs read nothing of the file because of it
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_line_that_nobody_can_read_is_refused_with_its_number() {
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}what is this\n"));
    let stderr = indoc! {"
        error: {home}/.aws/credentials can't be read from line 5 on: expected an '=' sign defining a property
        hint: mend or remove that line: the AWS SDKs read nothing of the file because of it
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_file_that_only_the_sdks_can_not_read_is_edited_with_a_warning() {
    let warning =
        "warning: the AWS SDKs read nothing of {home}/.aws/credentials because of line 7: {*}\n";
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [other]
        region : eu-west-1
    "};
    logs_in(&Scene::with_files(CONFIG, credentials), warning);
}

#[test]
fn a_byte_order_mark_stays_and_is_warned_of() {
    let warning = indoc! {"
        warning: the AWS SDKs read nothing of {home}/.aws/credentials because of line 1: {*}
        warning: the AWS CLI refuses {home}/.aws/credentials, line 1: it comes before the first [section]
    "};
    logs_in(
        &Scene::with_files(CONFIG, format!("\u{feff}{CREDENTIALS}")),
        warning,
    );
}

#[test]
fn an_indented_comment_below_a_key_of_the_session_stays_and_does_not_become_part_of_it() {
    let old = indoc! {"
        [dev-mfa]
        aws_session_token = OLD
          # my note

        [other]
    "};
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}\n{old}{KEYS}"));
    let run = scene.login(&["-p", "dev"]);
    scene.works(run, READY, &[ISSUE]);
    let renewed = scene.home.read_credentials();
    let run = scene.login(&["-p", "dev", "--force"]);
    scene.works(run, READY, &[ISSUE]);
    let again = scene.home.read_credentials();
    assert_ne!(again, renewed, "the session is a new one");

    for after in [renewed, again] {
        let whole = after
            .strip_prefix(&format!("{CREDENTIALS}\n[dev-mfa]\n"))
            .and_then(|rest| {
                rest.strip_suffix(&formatdoc! {"

                    [other]
                    {KEYS}"})
            });
        let lines: Vec<&str> = whole.expect("nothing else changed").lines().collect();
        assert!(lines[0].starts_with("aws_session_token = "), "{after}");
        assert!(!lines[0].contains("OLD"), "{after}");
        assert_eq!(lines[1], "# my note", "{after}");
        let keys: Vec<&str> = lines
            .iter()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        let new = SESSION.into_iter().filter(|&it| it != "aws_session_token");
        let expected: Vec<&str> = ["aws_session_token"].into_iter().chain(new).collect();
        assert_eq!(keys, expected, "{after}");
        assert_eq!(lines.len(), keys.len() + 1, "{after}");
    }
}
