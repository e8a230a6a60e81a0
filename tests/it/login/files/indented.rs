//! Edits files in which the lines below a header are indented: the AWS CLI and boto3 read them, and the
//! other SDKs refuse them. `tests/it/clients/odd.rs` asks botocore itself.

use indoc::{formatdoc, indoc};

use super::SESSION;
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, READY, Scene, alice};
use crate::support::aws::KEY_ID;

/// The warning of a login.
fn warning(file: &str, line: usize, reason: &str) -> String {
    format!(
        "warning: only the AWS CLI and boto3 can read {{home}}/.aws/{file}: the other AWS SDKs give up at line {line}, because {reason}\n"
    )
}

/// `text` with white space before each key.
fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| match line.trim() {
        "" => line.to_owned(),
        whole if whole.starts_with(['[', '#']) => line.to_owned(),
        _ => format!("{indent}{line}"),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Signs in, renews and signs out, and shows that each byte of the user's stays and that it is all as
/// before in the end.
fn comes_and_goes(config: &str, credentials: &str, warnings: &str) {
    let scene = Scene::with_files(config, credentials);
    let stderr = format!("{warnings}{READY}");
    scene.works(scene.login(&["-p", "dev"]), &stderr, &[ISSUE]);
    assert_eq!(scene.aws.requests()[0].access_key_id, KEY_ID);
    for force in [false, true] {
        if force {
            scene.works(scene.login(&["-p", "dev", "--force"]), &stderr, &[ISSUE]);
        }
        let after = scene.home.read_credentials();
        let new = after.strip_prefix(credentials).expect("only added to");
        let keys: Vec<&str> = new
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        assert_eq!(keys, SESSION, "unindented\n{after}");
        assert!(new.starts_with("\n[dev-mfa]\n"), "{after}");
        let token = scene.aws.sessions().pop().expect("issued").token;
        assert!(new.contains(&token), "{after}");
        let settings = scene.home.read_config();
        assert!(settings.starts_with(config), "{settings}");
        assert!(
            settings.contains("\n[profile dev-mfa]\nregion = eu-central-1\n"),
            "{settings}"
        );
    }
    let kept = scene.run(&["login", "-p", "dev"]).check_stderr(|text| {
        assert!(text.starts_with("dev-mfa is still valid"), "{text}");
    });
    kept.run();
    let shown = scene.run(&["status"]).check_stdout(|text| {
        assert!(text.contains("\ndev-mfa  dev     valid"), "{text}");
    });
    shown.run();
    let logout = scene.run(&["logout", "-p", "dev", "--purge"]);
    logout
        .check_stderr(|text| assert!(text.starts_with("signed out of dev-mfa"), "{text}"))
        .run();
    assert_eq!(scene.home.read_credentials(), credentials);
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn lines_below_each_header_are_indented() {
    for indent in ["  ", "\t", "      "] {
        comes_and_goes(
            &indented(CONFIG, indent),
            &indented(CREDENTIALS, indent),
            &(warning("config", 2, "it is indented")
                + &warning("credentials", 3, "it is indented")),
        );
    }
}

#[test]
fn only_one_file_is_indented() {
    let config = indented(CONFIG, "    ");
    comes_and_goes(
        &config,
        CREDENTIALS,
        &warning("config", 2, "it is indented"),
    );
    let credentials = indented(CREDENTIALS, "    ");
    comes_and_goes(
        CONFIG,
        &credentials,
        &warning("credentials", 3, "it is indented"),
    );
}

#[test]
fn headers_are_indented_too_and_deeper_lines_are_nested() {
    let config = indoc! {"
        # top
          # the team's
          [profile dev]
            region = eu-central-1
            mfa_serial : arn:aws:iam::123456789012:mfa/alice
            s3 =
              max_concurrent_requests = 20

              addressing_style = path
          [profile other]
            region = x
    "};
    let credentials = format!("  [dev]\n{}  [other]\n  k = v\n", indented(KEYS, "    "));
    comes_and_goes(
        config,
        &credentials,
        &(warning("config", 2, "it is indented") + &warning("credentials", 1, "it is indented")),
    );
}

#[test]
fn colons_in_place_of_equals_signs() {
    let colon = "it has a colon instead of the equals sign";
    comes_and_goes(
        CONFIG,
        &CREDENTIALS.replace(" = ", ": "),
        &warning("credentials", 3, colon),
    );
}

#[test]
fn windows_line_ends() {
    let scene = Scene::with_files(
        indented(CONFIG, "  ").replace('\n', "\r\n"),
        indented(CREDENTIALS, "  ").replace('\n', "\r\n"),
    );
    let stderr = format!(
        "{}{}{READY}",
        warning("config", 2, "it is indented"),
        warning("credentials", 3, "it is indented")
    );
    scene.works(scene.login(&["-p", "dev"]), &stderr, &[ISSUE]);
    let text = scene.home.read_credentials();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn a_session_profile_that_is_there_takes_the_session_with_its_own_indent() {
    let section = indoc! {"

        [dev-mfa]
            # mine
            region = us-east-1
            aws_access_key_id = ASIAOLD
            aws_session_token = OLD
            aws_security_token = OLD

        [zoo]
            k = v
    "};
    let credentials = indented(CREDENTIALS, "  ") + section;
    let scene = Scene::with_files(indented(CONFIG, "  "), &credentials);
    let warnings =
        warning("config", 2, "it is indented") + &warning("credentials", 3, "it is indented");
    scene.works(
        scene.login(&["-p", "dev"]),
        &format!("{warnings}{READY}"),
        &[ISSUE],
    );
    let after = scene.home.read_credentials();
    let session = scene.aws.sessions().pop().expect("issued");
    let mine = |line: &&str| !line.contains("OLD");
    let kept: String = credentials.split_inclusive('\n').filter(mine).collect();
    let ours = |line: &&str| {
        let key = line.strip_prefix("    ").unwrap_or_default();
        SESSION
            .iter()
            .any(|name| key.starts_with(&format!("{name} = ")))
    };
    let added: Vec<&str> = after.split_inclusive('\n').filter(ours).collect();
    let rest: String = after
        .split_inclusive('\n')
        .filter(|line| !ours(line))
        .collect();
    assert_eq!(rest, kept, "{after}");
    assert_eq!(added.len(), SESSION.len(), "{after}");
    assert!(
        added.contains(&&*format!("    aws_session_token = {}\n", session.token)),
        "{after}"
    );

    let logout = scene.run(&["logout", "-p", "dev"]);
    logout.check_stderr(|_| ()).run();
    assert_eq!(scene.home.read_credentials(), kept);
}

#[test]
fn a_note_behind_a_key_that_goes_gets_a_line_of_its_own() {
    let section = indoc! {"

        [dev-mfa]
          aws_access_key_id : ASIAOLD ; ticket 1
          aws_session_token = # ticket 2
          aws_security_token = OLD # ticket 3
    "};
    let config = indoc! {"

        [profile dev-mfa]
          output = json # ticket 4
          awsmfa_copied = output
    "};
    let config = indented(CONFIG, "  ") + config;
    let credentials = indented(CREDENTIALS, "  ") + section;
    let scene = Scene::with_files(&config, &credentials);
    let warnings =
        warning("config", 2, "it is indented") + &warning("credentials", 3, "it is indented");
    let notes = |text: &str| -> Vec<String> {
        let notes = text
            .lines()
            .filter_map(|line| line.find(['#', ';']).map(|at| &line[at..]));
        notes
            .filter(|note| note.contains("ticket"))
            .map(str::to_owned)
            .collect()
    };
    for force in [&[][..], &["--force"]] {
        let args = [&["-p", "dev"], force].concat();
        scene.works(scene.login(&args), &format!("{warnings}{READY}"), &[ISSUE]);
        let after = scene.home.read_credentials();
        assert_eq!(notes(&after), notes(&credentials), "{after}");
        assert_eq!(notes(&scene.home.read_config()), notes(&config));
        let token = scene.aws.sessions().pop().expect("issued").token;
        assert!(
            after.contains(&format!("\n  aws_session_token = {token}\n")),
            "{after}"
        );
        assert!(!after.contains("OLD"), "{after}");
    }
    let logout = scene.run(&["logout", "-p", "dev", "--purge"]);
    logout.check_stderr(|_| ()).run();
    let after = scene.home.read_credentials();
    let left = "\n[dev-mfa]\n; ticket 1\n# ticket 2\n# ticket 3\n";
    assert_eq!(after, indented(CREDENTIALS, "  ") + left);
    assert_eq!(notes(&scene.home.read_config()), notes(&config));
}

#[test]
fn a_header_that_some_sdks_pass_over_is_refused_with_its_line() {
    // Python trims this white space, and JavaScript doesn't: to its SDK the keys below are `dev`'s.
    for blank in ["\u{1d}", "\u{85}"] {
        let section = format!("\n{blank}[dev-mfa]\n  region = us-east-1\n");
        let credentials = indented(CREDENTIALS, "  ") + &section;
        let scene = Scene::with_files(CONFIG, credentials);
        let stderr = indoc! {"
            error: can't edit {home}/.aws/credentials: line 6 is a header that some AWS SDKs skip, because of what is next to its brackets
            hint: put it on a line of its own, or remove it
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
    }
}

#[test]
fn a_role_is_assumed_and_the_file_is_warned_of_once() {
    let config = indented(
        &formatdoc! {"
            {CONFIG}
            [profile admin]
            role_arn = arn:aws:iam::123456789012:role/admin
            source_profile = dev
        "},
        "  ",
    );
    let account = alice().role("admin").needs_mfa().start();
    let scene = Scene::with(account)
        .config(&config)
        .credentials(indented(CREDENTIALS, "  "));
    let stderr = formatdoc! {"
        {}{}admin-mfa is ready until {{*}}
        use it with: export AWS_PROFILE=admin-mfa
        ", warning("config", 2, "it is indented"), warning("credentials", 3, "it is indented")};
    scene.works(
        scene.login(&["-p", "admin"]),
        &stderr,
        &[ISSUE, "AssumeRole"],
    );
    let after = scene.home.read_credentials();
    assert!(after.contains("\n[dev-mfa]\naws_access_key_id"), "{after}");
    assert!(
        after.contains("\n[admin-mfa]\naws_access_key_id"),
        "{after}"
    );
    let run = scene.run(&["status"]).check_stdout(|text| {
        assert!(text.contains("admin-mfa  admin"), "{text}");
    });
    run.run();
    let run = scene.run(&["logout", "--all"]).check_stderr(|_| ());
    run.run();
    assert!(!scene.home.read_credentials().contains("ASIA"));
}

#[test]
fn what_must_not_go_with_a_session_is_found_by_these_rules_too() {
    for (section, what) in [
        (
            "[dev-mfa]\n  aws_access_key_id = AKIAX\n",
            "profile dev-mfa is not overwritten: it holds long-term keys (line 7 of the credentials file)",
        ),
        (
            "[dev-mfa]\n  aws_session_token = x\n    region = mine\n",
            "profile dev-mfa is not overwritten: line 8 of the credentials file is indented, so it belongs to aws_session_token above it and would be lost",
        ),
    ] {
        let credentials = format!("{}\n{section}", indented(CREDENTIALS, "  "));
        let scene = Scene::with_files(CONFIG, credentials);
        let stderr = format!("error: {what}\nhint: {{*}}\n");
        scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    }
}

#[test]
fn a_comment_behind_a_key_is_a_part_of_it_where_only_botocore_reads_the_file() {
    let credentials = indented(&CREDENTIALS.replace("EXAMPLE\n", "EXAMPLE ; work\n"), "  ");
    let scene = Scene::with_files(CONFIG, credentials);
    let stderr = indoc! {"
        error: in profile dev, aws_access_key_id holds white space (line 3 of the credentials file)
        hint: fix that line
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[test]
fn a_file_that_botocore_refuses_too_is_not_read_by_its_rules() {
    let credentials = indented(CREDENTIALS, "  ") + "[dev]\n";
    let scene = Scene::with_files(CONFIG, credentials);
    let stderr = indoc! {"
        error: profile dev holds no access key
        hint: {*}
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

#[cfg(unix)]
#[test]
fn other_commands_read_such_files_too() {
    let scene = Scene::with_files(indented(CONFIG, " "), indented(CREDENTIALS, " "));
    let run = scene.run(&["whoami", "-p", "dev"]).check_stdout(|text| {
        assert!(text.contains("user/alice"), "{text}");
    });
    run.run();
    let code = scene.aws.code(crate::support::aws::USER);
    let exec = [
        "exec",
        "-p",
        "dev",
        "--code",
        &code,
        "--",
        "sh",
        "-c",
        "echo $AWS_REGION",
    ];
    let run = scene.run(&exec).stdout("eu-central-1\n");
    run.check_stderr(|_| ()).run();
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}
