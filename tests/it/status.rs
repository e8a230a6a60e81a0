//! Tests `status`: it lists every session in the files, whichever tool wrote it. It asks nobody and
//! writes nothing.

use std::fs;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use crate::scene::{CONFIG, CREDENTIALS, SERIAL, Scene, file_names, snapshot};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::run::Run;

/// Long after any test, and not today in any time zone.
const FAR: &str = "2100-01-01T12:00:00Z";

fn ago(minutes: i64) -> String {
    later(-minutes * 60)
}

/// The time so many seconds from now, as awsmfa and saml2aws write it.
fn later(seconds: i64) -> String {
    at(seconds).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn at(seconds: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(seconds)
}

/// A section with a session and one more line.
fn section(profile: &str, line: &str) -> String {
    formatdoc! {"
        [{profile}]
        aws_access_key_id = ASIA9
        aws_secret_access_key = hush9
        aws_session_token = token9
        {line}

    "}
}

/// A session of dev made by awsmfa.
fn awsmfa_session(profile: &str, expires: &str) -> String {
    let lines = formatdoc! {"
        x_security_token_expires = {expires}
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice"};
    section(profile, &lines)
}

/// The usual files, with these sections first.
fn files(sections: &str) -> Home {
    Home::new()
        .config(CONFIG)
        .credentials(format!("{sections}{CREDENTIALS}"))
}

/// `status` with these arguments.
fn status<'a>(home: &'a Home, args: &[&str]) -> Run<'a> {
    Run::new(home).args(["status"]).args(args)
}

/// The only object that `status --json` prints.
fn json_of(run: Run<'_>) -> Value {
    let ran = run.check_stdout(|_| {}).run();
    let all: Vec<Value> = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().expect("one")
}

#[test]
fn the_sessions_of_every_tool_are_listed_in_columns() {
    let sessions = [
        awsmfa_session("dev-mfa", FAR),
        section("saml", &format!("x_security_token_expires = {FAR}")),
        section("broamski", "expiration = 2100-01-01 12:00:00").replace(
            "aws_session_token = token9",
            "aws_session_token = token9\naws_security_token = token9",
        ),
        section("boto", &format!("expiration = {FAR}"))
            .replace("aws_session_token", "aws_security_token"),
        section("azure", "aws_expiration = 2100-01-01T12:00:00.000Z"),
        section(
            "offset",
            "x_security_token_expires = 2100-01-01T14:00:00+02:00",
        ),
        section("numeric", "expiration = 2100-01-01T12:00:00+0000"),
        section(
            "quoted",
            "aws_credential_expiration = \"2100-01-01T12:00:00Z\"",
        ),
        section("worded", "aws_session_expiration = 2100-01-01 12:00:00 UTC"),
        section("go", "aws_expiration = 2100-01-01 12:00:00 +0000 UTC"),
        section("seconds", "aws_session_expiration = 4102488000"),
        section("gone", "expiration = 2020-01-01 12:00:00"),
        section("silent", "region = eu-west-1"),
    ];
    let home = files(&sessions.concat());
    let before = snapshot(&home);
    let expected = indoc! {"
        PROFILE   SOURCE  STATE    UNTIL              LEFT{*}DEVICE
        dev-mfa   dev     valid    1 Jan 2100, 12:00  {*}h{*}  alice
        saml      -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        broamski  -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        boto      -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        azure     -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        offset    -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        numeric   -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        quoted    -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        worded    -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        go        -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        seconds   -       valid    1 Jan 2100, 12:00  {*}h{*}  -
        gone      -       expired  1 Jan 2020, 12:00  -{*}-
        silent    -       unknown  -                  -{*}-
    "};
    for command in ["status", "list"] {
        for flag in [&[][..], &["-v"]] {
            let run = Run::new(&home).args([command]).args(flag);
            run.stdout(expected).run();
        }
    }
    status(&home, &["--quiet"]).run();
    assert_eq!(snapshot(&home), before, "files changed");
}

// Only Unix takes the time zone from a variable.
#[cfg(unix)]
#[test]
fn a_time_without_a_zone_is_local_time_as_awsume_writes_it() {
    let sessions = section(
        "autoawsume-x",
        "autoawsume = true\nexpiration = 2100-01-01 12:00:00",
    ) + &section("mine", "manager = awsume\nexpiration = 2100-01-01 12:00:00")
        + &section("theirs", "expiration = 2100-01-01 12:00:00");
    let home = files(&sessions);
    let run = status(&home, &["--json"]).env("TZ", "Asia/Tokyo");
    let ran = run.check_stdout(|_| {}).run();
    let all: Vec<Value> = serde_json::from_str(&ran.stdout).expect("JSON");
    let ends: Vec<&str> = all
        .iter()
        .filter_map(|it| it["expiration"].as_str())
        .collect();
    let local = "2100-01-01T03:00:00Z";
    assert_eq!(ends, [local, local, FAR]);
}

// Only Unix takes the time zone from a variable.
#[cfg(unix)]
#[test]
fn the_expiry_is_shown_in_local_time() {
    let home = files(&awsmfa_session("dev-mfa", FAR));
    for (zone, time) in [
        ("UTC", "1 Jan 2100, 12:00"),
        ("Asia/Tokyo", "1 Jan 2100, 21:00"),
        ("Asia/Kolkata", "1 Jan 2100, 17:30"),
        ("Pacific/Kiritimati", "2 Jan 2100, 02:00"),
    ] {
        let row = format!("dev-mfa  dev     valid  {time}  {{*}}  alice\n");
        let head = "PROFILE  SOURCE  STATE  UNTIL              LEFT{*}DEVICE\n";
        status(&home, &[])
            .env("TZ", zone)
            .stdout(format!("{head}{row}"))
            .run();
    }
}

#[test]
fn each_state_has_its_own_name_exit_code_and_message() {
    let sign_in = "hint: sign in with `awsmfa login --profile dev`\n";
    let no_end = "x_security_token_expires = soon\nawsmfa_source_profile = dev";
    for (sections, state, code, said) in [
        (
            awsmfa_session("dev-mfa", &later(3600)),
            "valid",
            0,
            String::new(),
        ),
        (
            awsmfa_session("dev-mfa", &later(890)),
            "ending",
            3,
            format!("error: the session of dev-mfa is about to end\n{sign_in}"),
        ),
        (
            awsmfa_session("dev-mfa", &ago(1)),
            "expired",
            3,
            format!("error: the session of dev-mfa has expired\n{sign_in}"),
        ),
        (
            section("dev-mfa", no_end),
            "unknown",
            3,
            format!("error: it is not known when the session of dev-mfa ends\n{sign_in}"),
        ),
        (
            String::new(),
            "absent",
            3,
            format!("error: not signed in to dev-mfa\n{sign_in}"),
        ),
        (
            awsmfa_session("dev-mfa", FAR).replace("aws_secret_access_key", "note"),
            "absent",
            3,
            format!("error: not signed in to dev-mfa\n{sign_in}"),
        ),
    ] {
        let home = files(&sections);
        let before = snapshot(&home);
        for profile in ["dev", "dev-mfa"] {
            let shown = json_of(status(&home, &["--json", "--profile", profile]));
            assert_eq!(shown["state"], state);
            assert_eq!(shown["profile"], "dev-mfa");
            assert_eq!(shown["source_profile"], "dev");
            let run = status(&home, &["--check", "--quiet", "--profile", profile]);
            run.status(code).run();
            let run = status(&home, &["--check", "-q"]).env("AWS_PROFILE", profile);
            run.status(code).run();
        }
        let in_words = move |text: &str| {
            if state == "absent" {
                // A profile without a session gets no row.
                return assert_eq!(text, "");
            }
            let row = text.lines().nth(1).expect("a row");
            assert!(row.split_whitespace().any(|word| word == state), "{text}");
            assert!(!text.contains('\u{1b}'), "{text}");
        };
        let run = status(&home, &["--check", "-p", "dev"]).status(code);
        run.check_stdout(in_words).stderr(said).run();
        assert_eq!(snapshot(&home), before, "files changed");
    }
}

#[test]
fn the_margin_comes_from_the_flag_or_else_the_variable() {
    let home = files(&awsmfa_session("dev-mfa", &later(3600)));
    for (flag, variable, state) in [
        (None, None, "valid"),
        (Some("1h"), None, "ending"),
        (None, Some("2h"), "ending"),
        (Some("10m"), Some("2h"), "valid"),
        (Some("0"), Some("2h"), "valid"),
    ] {
        let mut run = status(&home, &["-p", "dev", "--json"]);
        if let Some(flag) = flag {
            run = run.args(["--min-remaining", flag]);
        }
        if let Some(variable) = variable {
            run = run.env("AWSMFA_MIN_REMAINING", variable);
        }
        assert_eq!(json_of(run)["state"], state, "{flag:?} {variable:?}");
    }
    let run = status(&home, &[]).env("AWSMFA_MIN_REMAINING", "soon");
    run.status(2)
        .stderr(
            "error: AWSMFA_MIN_REMAINING: `soon` is not a duration; examples: 12h, 1h30m, 90m, 3600\n",
        )
        .run();
}

#[test]
fn json_has_every_field_by_name_and_no_secret() {
    let home = files(&awsmfa_session("dev-mfa", FAR));
    let mut shown = json_of(status(&home, &["--json", "-q"]));
    let left = shown["remaining_seconds"].take();
    assert!(left.as_i64().is_some_and(|it| it > 1_000_000_000), "{left}");
    assert_eq!(
        shown,
        json!({
            "profile": "dev-mfa",
            "source_profile": "dev",
            "state": "valid",
            "expiration": FAR,
            "remaining_seconds": null,
            "mfa_serial": SERIAL,
            "account": "123456789012",
            "managed": true,
        })
    );
    let home = files(&section("other", ""));
    assert_eq!(
        json_of(status(&home, &["--json"])),
        json!({
            "profile": "other",
            "source_profile": null,
            "state": "unknown",
            "expiration": null,
            "remaining_seconds": null,
            "mfa_serial": null,
            "account": null,
            "managed": false,
        })
    );
}

#[test]
fn an_expired_session_has_exactly_zero_seconds_left() {
    let home = files(&awsmfa_session("dev-mfa", "2020-01-01T00:00:00Z"));
    assert_eq!(json_of(status(&home, &["--json"]))["remaining_seconds"], 0);
}

#[test]
fn the_account_of_a_roles_session_is_the_roles_and_not_its_sources() {
    let role = awsmfa_session("admin-mfa", FAR).replace("_profile = dev", "_profile = admin");
    let home = Home::new()
        .config(formatdoc! {"
            {CONFIG}[profile admin]
            role_arn = arn:aws:iam::210987654321:role/admin
            source_profile = dev
        "})
        .credentials(format!("{CREDENTIALS}\n{role}"));
    // A session without a mark may be of any role: the profile may name another one now.
    let account = |home: &Home, name| {
        let shown = json_of(status(home, &["--json", "-p", name]));
        assert_eq!(shown["source_profile"], "admin");
        shown["account"].clone()
    };
    for name in ["admin", "admin-mfa"] {
        assert_eq!(account(&home, name), Value::Null);
    }
    let mark = "awsmfa_role_arn = arn:aws:iam::333333333333:role/old\n";
    let text = home.read_credentials();
    let home = home.credentials(format!("{}\n{mark}", text.trim_end()));
    for name in ["admin", "admin-mfa"] {
        assert_eq!(account(&home, name), "333333333333");
    }
}

#[test]
fn a_session_profile_with_its_own_name_is_found_through_its_source() {
    let home = files(&awsmfa_session("work", FAR));
    for name in ["dev", "work"] {
        let shown = json_of(status(&home, &["--json", "-p", name]));
        assert_eq!(
            (&shown["profile"], &shown["state"]),
            (&json!("work"), &json!("valid"))
        );
        status(&home, &["--check", "-q", "-p", name]).run();
    }
    // The session that `login -p dev` would renew counts.
    let home = files(&(awsmfa_session("work", FAR) + &awsmfa_session("dev-mfa", &ago(5))));
    assert_eq!(
        json_of(status(&home, &["--json", "-p", "dev"]))["profile"],
        "dev-mfa"
    );
    let run = status(&home, &["--json", "-p", "dev"]).env("AWSMFA_SESSION_PROFILE", "work");
    assert_eq!(json_of(run)["profile"], "work");
    let home = files(&awsmfa_session("work", &ago(5)));
    status(&home, &["--check", "-p", "dev"])
        .status(3)
        .check_stdout(|_| {})
        .stderr(indoc! {"
            error: the session of work has expired
            hint: sign in with `awsmfa login --profile dev --session-profile work`
        "})
        .run();
}

#[test]
fn having_no_session_is_reported_and_not_a_failure() {
    let none = Home::new();
    let two = files("").credentials(format!(
        "{CREDENTIALS}\n[a b]\naws_access_key_id = AKIAB\naws_secret_access_key = hushb\n"
    ));
    let of_default = Home::new().credentials(CREDENTIALS.replace("[dev]", "[default]"));
    let one = CREDENTIALS.replace("[dev]", "[a b]");
    for (home, said) in [
        (
            &none,
            "; no profile can sign in yet: set one up with `awsmfa setup`",
        ),
        (&of_default, "; sign in with `awsmfa login`"),
        (&files(""), "; sign in with `awsmfa login dev`"),
        (
            &Home::new().credentials(one),
            "; sign in with `awsmfa login 'a b'`",
        ),
        (
            &two,
            "; `awsmfa status --all` shows which profiles can sign in",
        ),
    ] {
        status(home, &[])
            .stderr(format!("there are no sessions{said}\n"))
            .run();
        status(home, &["--quiet"]).run();
        status(home, &["--json"]).stdout("[]\n").run();
    }
    status(&none, &[])
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYEXAMPLEKE",
        )
        .stderr("there are no sessions; sign in with `awsmfa login`\n")
        .run();
    // The keys may come from the environment, so an unnamed profile need not exist.
    status(&Home::new(), &["--check"])
        .status(3)
        .check_stdout(|_| {})
        .stderr("error: not signed in to default-mfa: there is no profile default in the AWS files\nhint: add one with `awsmfa setup`\n")
        .run();
}

#[test]
fn an_unknown_profile_is_named() {
    let home = files("");
    let said = indoc! {"
        error: there is no profile prod in the AWS files
        hint: choose one with --profile: dev
    "};
    for args in [&["-p", "prod"][..], &["-p", "prod", "--check"]] {
        status(&home, args).status(1).stderr(said).run();
    }
    let run = status(&home, &["--check"]).env("AWS_PROFILE", "prod");
    run.status(1).stderr(said).run();
}

#[test]
fn long_term_keys_with_a_stale_token_are_not_a_session() {
    let home = Home::new().credentials(format!("{CREDENTIALS}aws_session_token = stale\n"));
    status(&home, &[])
        .stderr("there are no sessions; sign in with `awsmfa login dev`\n")
        .run();
}

#[test]
fn an_odd_name_cannot_steer_the_terminal() {
    let home = files(&(awsmfa_session("a\u{202e}b", FAR) + &section("ü b", "")));
    status(&home, &[])
        .check_stdout(|text| {
            assert!(!text.contains('\u{202e}'), "{text}");
            let rows: Vec<&str> = text.lines().collect();
            assert!(
                rows[1].starts_with("a\\u{202e}b  dev     valid  "),
                "{text}"
            );
            assert!(
                rows[2].starts_with("ü b         -       unknown "),
                "{text}"
            );
        })
        .run();
}

#[test]
fn a_file_that_the_sdks_cannot_read_is_listed_as_far_as_possible() {
    let sessions = awsmfa_session("dev-mfa", FAR);
    for broken in [
        "  early = 1\n",
        "[broken\n",
        "stray\n",
        "\u{feff}",
        "[x]\n= v\n",
    ] {
        let home = files(&format!("{broken}{sessions}[dev-mfa]\nnote = 1\n\n"));
        let before = snapshot(&home);
        status(&home, &["--check", "-q", "-p", "dev"]).run();
        assert_eq!(
            json_of(status(&home, &["--json", "-p", "dev"]))["state"],
            "valid"
        );
        assert_eq!(snapshot(&home), before, "files changed");
    }
    let mut bytes = b"# caf\xe9\n".to_vec();
    bytes.extend(sessions.bytes());
    let home = Home::new().credentials(bytes);
    status(&home, &["--check", "-q", "-p", "dev-mfa"]).run();
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let home = files(&awsmfa_session("dev-mfa", FAR));
    fs::remove_file(home.config_path()).expect("it is there");
    fs::create_dir(home.config_path()).expect("the home is writable");
    status(&home, &[])
        .status(1)
        .stderr(indoc! {"
            error: can't read {home}/.aws/config: {*}
            hint: check what is there and who may use it
        "})
        .run();
}

#[test]
fn in_repeated_sections_the_last_value_counts_as_it_does_for_the_sdks() {
    let again = formatdoc! {"
        [ dev-mfa ]
        X_SECURITY_TOKEN_EXPIRES = {}

    ", ago(1)};
    let home = files(&(awsmfa_session("dev-mfa", FAR) + &again));
    assert_eq!(json_of(status(&home, &["--json"]))["state"], "expired");
}

#[test]
fn no_request_is_made_and_nothing_is_written() {
    let scene = Scene::default();
    scene.login(&["-p", "dev", "-q"]).run();
    let (connections, before) = (scene.aws.connections(), snapshot(&scene.home));
    let count_files = || file_names(&scene.home.path().join(".aws")).len();
    let count = count_files();
    let shown = json_of(status(&scene.home, &["--json"]));
    assert_eq!(shown["state"], "valid");
    assert_eq!(shown["mfa_serial"], scene.aws.serial(USER));
    let run = status(&scene.home, &["-v", "--check", "-p", "dev"]);
    run.check_stdout(|text| assert!(text.contains(" valid "), "{text}"))
        .run();
    assert_eq!(scene.aws.connections(), connections, "connections");
    assert_eq!(snapshot(&scene.home), before, "files changed");
    assert_eq!(count_files(), count, "files made");
    let nothing = Home::new();
    fs::remove_dir(nothing.path().join(".aws")).expect("it is empty");
    status(&nothing, &["-q"]).run();
    assert!(!nothing.path().join(".aws").exists());
}

#[test]
fn the_examples_of_the_help_work() {
    let home = files(&awsmfa_session("dev-mfa", FAR));
    status(&home, &["--help"])
        .check_stdout(|text| {
            assert!(text.contains("awsmfa status dev --json"), "{text}");
            assert!(text.contains("AWSMFA_MIN_REMAINING"), "{text}");
        })
        .run();
    status(&home, &["-p", "dev", "--check", "-q"]).run();
}

#[test]
fn a_reader_that_stops_early_is_not_a_failure() {
    let home = Home::new().credentials(indoc! {"
        [dev-mfa]
        aws_access_key_id = ASIAX
        aws_secret_access_key = s
        aws_session_token = t
    "});
    let (reader, writer) = std::io::pipe().expect("there is a pipe");
    drop(reader);
    let ended = home
        .command(["status"])
        .stdout(writer)
        .output()
        .expect("awsmfa was built");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

/// A home with a session in every state except `absent`, and one that a logout has left behind.
fn of_all_states() -> Home {
    let left = "[gone-mfa]\nawsmfa_source_profile = gone\n\n";
    let unknown = "x_security_token_expires = soon\nawsmfa_source_profile = dev";
    let sessions = [
        awsmfa_session("dev-mfa", &later(4 * 3600 + 60)),
        awsmfa_session("ending-mfa", &later(600)),
        awsmfa_session("expired-mfa", &ago(60)),
        section("unknown-mfa", unknown),
    ];
    files(&(sessions.concat() + left))
}

#[test]
fn a_missing_session_has_no_row() {
    let home = of_all_states();
    let shown = status(&home, &[]).check_stdout(|_| {}).run().stdout;
    assert_eq!(shown.lines().count(), 5, "{shown}");
    assert!(
        !shown.contains("gone") && !shown.contains("absent"),
        "{shown}"
    );
    let states = status(&home, &["--json"]).check_stdout(|_| {}).run().stdout;
    assert!(states.contains("\"absent\""), "{states}");
    let home = files("[gone-mfa]\nawsmfa_source_profile = gone\n\n").config(
        "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = dev\n",
    );
    for (named, said) in [
        (
            "dev",
            "dev-mfa\nhint: sign in with `awsmfa login --profile dev`\n",
        ),
        (
            "other",
            "other-mfa\nhint: sign in with `awsmfa login --profile other`\n",
        ),
        (
            "gone-mfa",
            "gone-mfa: gone-mfa is for sessions of profile gone, and there is no such profile in the AWS files\nhint: {*}\n",
        ),
    ] {
        let said = format!("not signed in to {said}");
        status(&home, &[named]).stderr(said).run();
        status(&home, &[named, "-q"]).run();
        assert_eq!(
            json_of(status(&home, &[named, "--json"]))["state"],
            "absent"
        );
    }
}

#[test]
fn if_a_sign_in_would_find_no_keys_it_says_how_to_get_some() {
    let holding = |lines: &str| Home::new().credentials(format!("[dev]\n{lines}\n"));
    for (home, why, hint) in [
        (
            Home::new().config("[profile dev]\nregion = eu-west-1\n"),
            "profile dev holds no access key",
            "add one with `awsmfa setup dev`",
        ),
        (
            holding("aws_access_key_id =\naws_secret_access_key ="),
            "profile dev holds no access key",
            "add one with `awsmfa setup dev`",
        ),
        (
            holding("aws_access_key_id = AKIAX\naws_secret_access_key ="),
            "profile dev holds only half a key: aws_secret_access_key is missing",
            "give both parts with `awsmfa setup dev`",
        ),
    ] {
        let hint = format!("{why}\nhint: {hint}\n");
        status(&home, &[])
            .stderr(format!("there are no sessions: {hint}"))
            .run();
        status(&home, &["dev"])
            .stderr(format!("not signed in to dev-mfa: {hint}"))
            .run();
        status(&home, &["dev", "--check"])
            .status(3)
            .stderr(format!("error: not signed in to dev-mfa: {hint}"))
            .run();
        status(&home, &["dev", "--check", "-q"]).status(3).run();
    }
}

#[test]
fn every_profile_that_can_sign_in_is_listed_whether_signed_in_or_not() {
    let home = Home::new()
        .credentials(formatdoc! {"
            {}{}{CREDENTIALS}
            [my prod]
            aws_access_key_id = AKIAPROD
            aws_secret_access_key = hushprod

            [half]
            aws_access_key_id = AKIAHALF

            [gone-mfa]
            awsmfa_source_profile = gone
            ",
            awsmfa_session("dev-mfa", &later(4 * 3600 + 60)),
            section("saml", &format!("expiration = {FAR}")),
        })
        .config(indoc! {"
            [profile admin]
            role_arn = arn:aws:iam::123456789012:role/admin
            source_profile = dev

            [profile lost]
            role_arn = arn:aws:iam::123456789012:role/lost
            source_profile = half

            [profile sso]
            sso_session = x

            [profile plain]
            region = eu-west-1

            [profile command]
            credential_process = vault
        "});
    let shown = status(&home, &["--all"]).check_stdout(|_| {}).run().stdout;
    let rows: Vec<Vec<&str>> = shown
        .lines()
        .skip(1)
        .map(|row| {
            row.split("  ")
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .collect()
        })
        .collect();
    let begin = |row: &Vec<&str>| row[..3].join(" ");
    let mut begins: Vec<String> = rows.iter().map(begin).collect();
    begins[2..].sort();
    assert_eq!(
        begins,
        [
            "dev-mfa dev valid",
            "saml - valid",
            "admin-mfa admin not signed in",
            "command-mfa command not signed in",
            "my-prod-mfa my prod not signed in",
        ]
    );
    let json = status(&home, &["--all", "--json"]).check_stdout(|_| {});
    let all: Vec<Value> = serde_json::from_str(&json.run().stdout).expect("JSON");
    let absent = all.iter().filter(|it| it["state"] == "absent");
    assert_eq!((all.len(), absent.count()), (5, 3));
    for other in [&["dev"][..], &["-p", "dev"], &["--check"]] {
        let run = status(&home, &["--all"]).args(other).status(2);
        run.check_stderr(|text| assert!(text.contains("cannot be used with"), "{text}"))
            .run();
    }
    // Profiles that AWS_PROFILE does not name are listed too.
    let run = status(&home, &["--all", "-q"]).env("AWS_PROFILE", "half");
    run.run();
    let nothing =
        "there are no sessions; no profile can sign in yet: set one up with `awsmfa setup`\n";
    status(&Home::new(), &["--all"]).stderr(nothing).run();
}

#[cfg(unix)]
#[test]
fn states_are_coloured_at_a_terminal_that_wants_it_and_always_in_words() {
    use crate::support::terminal::Terminal;
    let home = of_all_states();
    let shown = |env: &[(&str, &str)]| {
        let terminal = Terminal::new(&home).args(["status", "--all"]);
        let terminal = env
            .iter()
            .fold(terminal, |it, (name, value)| it.env(name, value));
        let mut session = terminal
            .script("stty cols 80 rows 24; \"$@\"; echo end")
            .start();
        session.sees("end\r\n");
        session.shown()
    };
    let coloured = shown(&[("TERM", "xterm")]);
    for (code, state) in [
        ("32", "valid"),
        ("33", "ending"),
        ("31", "expired"),
        ("33", "unknown"),
    ] {
        let cell = format!("\u{1b}[{code}m{state}\u{1b}[0m");
        assert!(coloured.contains(&cell), "{coloured:?}");
    }
    for env in [
        &[("TERM", "xterm"), ("NO_COLOR", "1")][..],
        &[("TERM", "xterm"), ("CLICOLOR", "0")],
        &[("TERM", "dumb")],
    ] {
        let plain = shown(env);
        assert!(
            !plain.contains('\u{1b}') && plain.contains(" expired "),
            "{plain:?}"
        );
    }
    let piped = Run::new(&home).args(["status"]).env("TERM", "xterm");
    piped
        .check_stdout(|text| assert!(!text.contains('\u{1b}'), "{text:?}"))
        .run();
}

#[cfg(unix)]
#[test]
fn a_narrow_terminal_shows_fewer_columns_and_breaks_no_word() {
    use crate::support::terminal::Terminal;
    let home = files(
        &(awsmfa_session("dev-mfa", FAR)
            + &awsmfa_session("a-name-of-many-words-mfa", &ago(60 * 24 * 90))),
    );
    let at = |columns: usize| {
        let terminal = Terminal::new(&home).args(["status"]);
        let script = format!("stty cols {columns} rows 24; \"$@\"; echo end");
        let mut session = terminal.script(&script).start();
        session.sees("end\r\n");
        let shown = session.shown().replace('\r', "");
        let shown = shown.trim_end_matches("end\n").to_owned();
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|it| it <= columns), "{columns}\n{shown}");
        shown
    };
    let head = |columns: usize| {
        let shown = at(columns);
        let head = shown.lines().next().expect("a line");
        head.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(head(100), "PROFILE SOURCE STATE UNTIL LEFT DEVICE");
    assert_eq!(head(78), "PROFILE SOURCE STATE UNTIL LEFT");
    assert_eq!(head(70), "PROFILE STATE UNTIL LEFT");
    assert_eq!(head(50), "PROFILE STATE LEFT");
    // If not even that fits, the name gets a line of its own.
    let narrow = at(40);
    let lines: Vec<&str> = narrow.lines().collect();
    let (names, below) = (lines.iter().step_by(2), lines.iter().skip(1).step_by(2));
    let names: Vec<&str> = names.copied().collect();
    assert_eq!(
        names,
        ["PROFILE", "dev-mfa", "a-name-of-many-words-mfa"],
        "{narrow}"
    );
    for (line, begin) in below.zip([
        "  STATE    UNTIL              LEFT",
        "  valid    1 Jan 2100, 12:00  ",
        "  expired  ",
    ]) {
        assert!(line.starts_with(begin), "{narrow}");
    }
    let narrower = at(26);
    assert!(narrower.contains("\ndev-mfa\n  valid    6"), "{narrower}");
}
