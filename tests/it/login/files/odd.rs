//! Edits files that nobody would write on purpose, but that people have.

use indoc::{formatdoc, indoc};

use super::{SESSION, logs_in};
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, READY, SERIAL, Scene};

#[test]
fn lines_that_end_in_crlf_stay_so() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let scene = Scene::with_files(crlf(CONFIG), crlf(CREDENTIALS));
    logs_in(&scene, "");
    for text in [scene.home.read_credentials(), scene.home.read_config()] {
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }
}

#[test]
fn a_missing_newline_at_the_end_does_not_matter() {
    logs_in(
        &Scene::with_files(CONFIG.trim_end(), CREDENTIALS.trim_end()),
        "",
    );
}

#[test]
fn empty_lines_at_the_end_do_not_matter() {
    let scene = Scene::with_files(format!("{CONFIG}\n\n"), format!("{CREDENTIALS}\n\n\n"));
    logs_in(&scene, "");
}

/// The warning if no edit suits an ordinary INI reader.
fn not_for_all(file: &str, section: &str) -> String {
    format!(
        "warning: programs that read {{home}}/.aws/{file} as an ordinary INI file may not find [{section}] in it; the AWS tools do\n"
    )
}

#[test]
fn spaces_in_the_header_do_not_matter() {
    let credentials = CREDENTIALS.replace("[dev]", "[  dev\t]  ");
    let config = CONFIG.replace("[profile dev]", "[ profile   dev ]");
    logs_in(&Scene::with_files(config, credentials), "");
}

#[test]
fn a_comment_after_the_header_is_too_much_for_ordinary_readers() {
    let credentials = CREDENTIALS.replace("[dev]", "[ dev ] ; note");
    let config = CONFIG.replace("[profile dev]", "[profile dev] # note [dev-mfa]");
    let warnings =
        not_for_all("credentials", "dev-mfa") + &not_for_all("config", "profile dev-mfa");
    logs_in(&Scene::with_files(config, credentials), &warnings);
}

#[test]
fn nested_blocks_services_and_sso_sessions_are_kept() {
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
fn comments_that_mention_the_session_profile_are_kept() {
    let credentials = formatdoc! {"
        # [dev-mfa] is made by a tool
        ; [dev-mfa]
        {CREDENTIALS}# aws_session_token = [dev-mfa]

           # indented [dev-mfa]
    "};
    let warning = "warning: AWS SDKs other than boto3 can't use profile dev: they take the indented comment in line {*} of the credentials file as part of aws_secret_access_key: remove the spaces in front of it\n";
    logs_in(&Scene::with_files(CONFIG, credentials), warning);
}

#[test]
fn values_with_every_odd_character_are_kept() {
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
fn a_repeated_section_causes_a_warning() {
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
fn a_repeated_key_causes_a_warning() {
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
fn a_repeated_session_profile_gets_one_session() {
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
    // The occurrence that the SDKs read is replaced.
    assert!(!stored.contains("old-two"), "{stored}");
    assert_eq!(
        stored.matches("aws_access_key_id = ASIA").count(),
        1,
        "{stored}"
    );
}

#[test]
fn keys_in_upper_case_are_recognised() {
    let credentials = CREDENTIALS.replace("aws_access_key_id", "AWS_ACCESS_KEY_ID");
    logs_in(&Scene::with_files(CONFIG, credentials), "");
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_with_the_line() {
    let mut credentials = CREDENTIALS.as_bytes().to_vec();
    credentials.extend(b"[other]\nname = caf\xe9\n");
    let scene = Scene::with_files(CONFIG, &credentials);
    let stderr = indoc! {"
        error: {home}/.aws/credentials can't be read from line 6 on: it is not UTF-8
        hint: fix or remove that line: because of it the AWS SDKs can't read the file
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);

    let mut config = CONFIG.as_bytes().to_vec();
    config.extend(b"# caf\xe9\n");
    let scene = Scene::with_files(&config, CREDENTIALS);
    let stderr = indoc! {"
        error: {home}/.aws/config can't be read from line 5 on: it is not UTF-8
        hint: fix or remove that line: because of it the AWS SDKs can't read the file
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_line_that_nobody_can_read_is_refused_with_its_number() {
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}what is this\n"));
    let stderr = indoc! {"
        error: {home}/.aws/credentials can't be read from line 5 on: expected an '=' sign defining a property
        hint: fix or remove that line: because of it the AWS SDKs can't read the file
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_file_that_only_ordinary_readers_can_read_is_edited_with_a_warning() {
    let warning = indoc! {"
        warning: the AWS SDKs can't read {home}/.aws/credentials because of line 7: {*}
        warning: the AWS CLI refuses {home}/.aws/credentials, line 9: [other] already begins on line 6
    "};
    let credentials = formatdoc! {"
        {CREDENTIALS}
        [other]
        region : eu-west-1

        [other]
    "};
    logs_in(&Scene::with_files(CONFIG, credentials), warning);
}

#[test]
fn a_config_file_that_no_tool_reads_causes_a_warning_though_it_is_left_as_it_is() {
    let config = "[profile dev\nregion = eu-west-1\n";
    let scene = Scene::with_files(config, CREDENTIALS);
    let said = formatdoc! {"
        warning: neither the AWS CLI nor the AWS SDKs can read {{home}}/.aws/config: line 1: its bracket is not closed
        {READY}"};
    let run = scene.login(&["-p", "dev", "--mfa-serial", SERIAL]);
    scene.works(run, &said, &[ISSUE]);
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn a_byte_order_mark_stays_and_causes_a_warning() {
    let warning = indoc! {"
        warning: the AWS SDKs can't read {home}/.aws/credentials because of line 1: {*}
        warning: the AWS CLI refuses {home}/.aws/credentials, line 1: there is a byte order mark before it: save the file as UTF-8 without one
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
        assert_ne!(lines[0], "aws_session_token = OLD", "{after}");
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

#[test]
fn a_file_in_another_encoding_is_refused_with_its_encoding() {
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let marked = |text: &str| [&[0xFF, 0xFE], utf16(text).as_slice()].concat();
    let big = |text: &str| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    };
    let utf32 = |text: &str| -> Vec<u8> {
        text.chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect()
    };
    for (credentials, name) in [
        (marked(CREDENTIALS), "UTF-16"),
        (utf16(CREDENTIALS), "UTF-16"),
        (big(CREDENTIALS), "UTF-16"),
        (utf32(CREDENTIALS), "UTF-32"),
    ] {
        let scene = Scene::with_files(CONFIG, &credentials);
        let stderr = formatdoc! {"
            error: {{home}}/.aws/credentials is in {name}, which AWS tools don't read
            hint: save it as UTF-8, in an editor or with iconv; PowerShell's `>` writes UTF-16: use `| Set-Content -Encoding ascii`
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
        for command in [
            &["status"][..],
            &["logout", "-p", "dev"],
            &["whoami", "-p", "dev"],
        ] {
            scene.refuses(scene.run(command), 1, &stderr);
        }
    }
    let scene = Scene::with_files(marked(CONFIG), CREDENTIALS);
    let stderr = indoc! {"
        error: {home}/.aws/config is in UTF-16, which AWS tools don't read
        hint: {*}
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_file_whose_lines_end_in_a_carriage_return_alone_is_refused() {
    let credentials = CREDENTIALS.replace('\n', "\r");
    for credentials in [credentials.clone(), credentials + "\n"] {
        let scene = Scene::with_files(CONFIG, &credentials);
        let stderr = indoc! {r"
            error: the lines of {home}/.aws/credentials end only in carriage returns, which the AWS SDKs don't read
            hint: save it with Unix or Windows line endings, in an editor or with `tr '\r' '\n'`
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
        scene.refuses(scene.run(&["status"]), 1, stderr);
    }
}

#[test]
fn a_header_that_belongs_in_the_other_file_is_named_by_every_command_that_needs_the_profile() {
    let wrong = CREDENTIALS.replace("[dev]", "[profile dev]");
    let hint = "line 2 of the credentials file says [profile dev], but AWS tools need [dev] there";
    let scene = Scene::with_files("", &wrong);
    let stderr = formatdoc! {"
        error: there is no profile dev in the AWS files
        hint: {hint}
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    for command in ["status", "logout", "whoami"] {
        scene.refuses(scene.run(&[command, "-p", "dev"]), 1, &stderr);
    }

    let scene = Scene::with_files(CONFIG, &wrong);
    let stderr = formatdoc! {"
        error: profile dev holds no access key
        hint: {hint}
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);

    let role = indoc! {"
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let scene = Scene::with_files(role, &wrong);
    let stderr = formatdoc! {"
        error: source_profile of profile admin names profile dev, which is not in the AWS files
        hint: {hint}
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "admin"]), 1, &stderr);

    let scene = Scene::with_files(role.replace("profile ", ""), CREDENTIALS);
    let stderr = indoc! {"
        error: there is no profile admin in the AWS files
        hint: line 1 of the config file says [admin], but AWS tools need [profile admin] there
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "admin"]), 1, stderr);
}

#[test]
fn a_header_that_hides_settings_causes_a_warning() {
    for header in ["[dev]", "[Profile dev]"] {
        let config = CONFIG.replace("[profile dev]", header);
        let scene = Scene::with_files(config, CREDENTIALS);
        let run = scene.login(&["-p", "dev", "--mfa-serial", SERIAL]);
        let name = header.trim_matches(['[', ']']);
        let warning = formatdoc! {"
            warning: line 1 of the config file says [{name}], but AWS tools need [profile dev] there
        "};
        scene.works(run, &format!("{warning}{READY}"), &[ISSUE]);
        let run = scene.run(&["whoami", "-p", "dev"]).check_stdout(|_| ());
        scene.works(run, &warning, &["GetCallerIdentity"]);
    }
}

#[test]
fn two_variables_that_name_the_same_file_are_refused() {
    let scene = Scene::default();
    let both = scene.home.path().join("both");
    std::fs::write(&both, format!("{CONFIG}{CREDENTIALS}")).expect("there is room");
    let other = scene.home.path().join("other");
    std::fs::hard_link(&both, &other).expect("the folder takes links");
    let nowhere = scene.home.path().join("nowhere");
    let refused = |config: &std::path::Path, credentials: &std::path::Path| {
        for command in [
            &["login", "-p", "dev"][..],
            &["status"],
            &["logout", "--all"],
        ] {
            let run = scene
                .run(command)
                .env("AWS_CONFIG_FILE", config)
                .env("AWS_SHARED_CREDENTIALS_FILE", credentials);
            let stderr = formatdoc! {"
                error: the config file and the credentials file are the same file, {}
                hint: set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to two files, or unset both
            ", config.display()};
            scene.refuses(run, 1, &stderr);
        }
    };
    refused(&both, &both);
    refused(&both, &other);
    refused(&nowhere, &nowhere);
    refused(
        &scene.home.credentials_path(),
        &scene.home.credentials_path(),
    );
    #[cfg(unix)]
    {
        let run = scene
            .run(&["status"])
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        scene.works(
            run,
            "there are no sessions; no profile can sign in yet: set one up with `awsmfa setup`\n",
            &[],
        );
    }
}
