//! Tests `logout`: it removes every key of the session, and nothing else.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::thread;

use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

#[cfg(unix)]
use crate::scene::file_names;
use crate::scene::{CONFIG, CREDENTIALS, Scene, snapshot, spawn, wait, wait_until};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::system;

/// The message for a session that has not ended.
const ENDED: &str = "signed out of dev-mfa; copies of its keys still work until {*}\n";

const FAR: &str = "2100-01-01T12:00:00Z";
const PAST: &str = "2020-01-01T12:00:00Z";

/// A section with a session of dev made by awsmfa.
fn awsmfa_session(profile: &str, expires: &str) -> String {
    formatdoc! {"
        [{profile}]
        aws_access_key_id = ASIA9
        aws_secret_access_key = hush9
        aws_session_token = token9
        x_security_token_expires = {expires}
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice
    "}
}

/// A section with a session made by another tool.
fn foreign_session(profile: &str) -> String {
    formatdoc! {"
        [{profile}]
        aws_access_key_id = ASIA8
        aws_secret_access_key = hush8
        aws_session_token = token8
        aws_security_token = token8
        expiration = 2100-01-01 12:00:00
    "}
}

fn files(credentials: impl AsRef<[u8]>) -> Home {
    Home::new().config(CONFIG).credentials(credentials)
}

fn logout<'a>(home: &'a Home, args: &[&str]) -> Run<'a> {
    Run::new(home).args(["logout"]).args(args)
}

/// Checks that a logout leaves every file as it is.
fn changes_nothing(home: &Home, run: Run<'_>) {
    let before = snapshot(home);
    run.run();
    assert_eq!(snapshot(home), before, "files changed");
}

#[test]
fn a_login_and_a_logout_with_purge_restore_every_byte() {
    let odd = indoc! {"
        # mine
        [dev]
        aws_access_key_id=AKIAIOSFODNN7EXAMPLE
        aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

        [z]
        s3 =
          a = 1
    "};
    let odd = odd.replace('\n', "\r\n");
    let nested = formatdoc! {"
        {CONFIG}s3 =
          addressing_style = path

        # end
        [services x]
        sts =
          a = b
    "};
    for (config, credentials) in [(CONFIG, CREDENTIALS), (&nested, &odd)] {
        let scene = Scene::with_files(config, credentials);
        scene.login(&["-p", "dev", "-q"]).run();
        assert_ne!(scene.home.read_credentials(), credentials);
        assert_ne!(scene.home.read_config(), config);
        scene.works(logout(&scene.home, &["-p", "dev", "--purge"]), ENDED, &[]);
        assert_eq!(scene.home.read_credentials(), credentials);
        assert_eq!(scene.home.read_config(), config);
        // AWS can't revoke one session early: copies of its keys still work, and the message says so.
        assert_eq!(scene.aws.actions(), ["GetSessionToken"]);
    }
}

#[test]
fn without_purge_the_settings_stay_and_the_next_login_uses_them() {
    let scene = Scene::default();
    scene.login(&["-p", "dev", "-q"]).run();
    let config = scene.home.read_config();
    scene.works(logout(&scene.home, &["-p", "dev-mfa"]), ENDED, &[]);
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
    assert_eq!(scene.home.read_config(), config);
    let none = "not signed in to dev-mfa\n";
    changes_nothing(
        &scene.home,
        logout(&scene.home, &["-p", "dev"]).stderr(none),
    );
    scene.login(&["-p", "dev", "-q"]).run();
    assert_eq!(scene.home.read_config(), config);
    logout(&scene.home, &["-p", "dev", "-q"]).run();
    // The settings that are left are still known to come from awsmfa.
    let said = "removed the settings that awsmfa copied to dev-mfa\n";
    logout(&scene.home, &["--all", "--purge"])
        .stderr(said)
        .run();
    assert_eq!(scene.home.read_config(), CONFIG);
    let said = "no awsmfa sessions to remove\n";
    changes_nothing(
        &scene.home,
        logout(&scene.home, &["--all", "--purge"]).stderr(said),
    );
}

#[test]
fn the_profile_may_be_given_as_source_as_session_profile_or_in_a_variable() {
    for (args, name, value) in [
        (&["-p", "dev"][..], "AWS_PROFILE", "other"),
        (&["--profile", "dev-mfa"], "AWS_PROFILE", "other"),
        (&[], "AWS_PROFILE", "dev"),
        (&[], "AWS_PROFILE", "dev-mfa"),
    ] {
        let home = files(format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR)));
        logout(&home, args).env(name, value).stderr(ENDED).run();
        assert_eq!(home.read_credentials(), CREDENTIALS);
    }
    for args in [&["-p", "work"][..], &["-p", "dev"]] {
        let home = files(format!("{CREDENTIALS}\n{}", awsmfa_session("work", FAR)));
        logout(&home, args)
            .stderr(ENDED.replace("dev-mfa", "work"))
            .run();
        assert_eq!(home.read_credentials(), CREDENTIALS);
    }
}

#[test]
fn anything_the_user_put_into_the_section_stays() {
    let mine = indoc! {"
        # about it
        [dev-mfa]
        # a note
        region = eu-west-1
        s3 =
          a = 1

        # the end
    "};
    let session = awsmfa_session("dev-mfa", FAR).replace("[dev-mfa]\n", "");
    let content = mine.replace("# a note\n", &format!("# a note\n{session}"));
    let home = files(format!("{content}{CREDENTIALS}"));
    logout(&home, &["-p", "dev"]).stderr(ENDED).run();
    assert_eq!(home.read_credentials(), format!("{mine}{CREDENTIALS}"));
    changes_nothing(
        &home,
        logout(&home, &["-p", "dev"]).stderr("not signed in to dev-mfa\n"),
    );
}

#[test]
fn purge_removes_only_copied_settings() {
    let config = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        # mine
        region = eu-central-1
        cli_pager = less
        output = text
        awsmfa_copied = region,output
    "};
    let home = Home::new().config(config).credentials(format!(
        "{CREDENTIALS}\n{}",
        awsmfa_session("dev-mfa", PAST)
    ));
    let said = "removed the expired session of dev-mfa\n";
    logout(&home, &["-p", "dev", "--purge"]).stderr(said).run();
    assert_eq!(
        home.read_config(),
        formatdoc! {"
            {CONFIG}
            [profile dev-mfa]
            # mine
            cli_pager = less
        "}
    );
    let mine = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        region = eu-central-1
    "};
    let home = home.config(&mine).credentials(format!(
        "{CREDENTIALS}\n{}",
        awsmfa_session("dev-mfa", PAST)
    ));
    logout(&home, &["-p", "dev", "--purge"]).stderr(said).run();
    assert_eq!(
        home.read_config(),
        mine,
        "nothing says that awsmfa copied it"
    );
}

#[test]
fn all_means_every_session_that_awsmfa_made() {
    let (a, b) = (awsmfa_session("a-mfa", FAR), awsmfa_session("b-mfa", PAST));
    let kept = format!("{}\n{CREDENTIALS}", foreign_session("saml"));
    let home = files(format!("{a}\n{kept}\n{b}"));
    let said = indoc! {"
        signed out of a-mfa; copies of its keys still work until {*}
        removed the expired session of b-mfa
    "};
    // The variable names a profile; the flag takes precedence.
    logout(&home, &["--all"])
        .env("AWS_PROFILE", "prod")
        .stderr(said)
        .run();
    assert_eq!(home.read_credentials(), kept);
    for args in [&["--all"][..], &["--all", "--quiet"]] {
        let said = "no awsmfa sessions to remove\n";
        let said = if args.len() > 1 { "" } else { said };
        changes_nothing(&home, logout(&home, args).stderr(said));
    }
}

#[test]
fn expired_means_only_sessions_that_have_ended() {
    let live = awsmfa_session("a-mfa", FAR);
    let unknown = awsmfa_session("c-mfa", "soon");
    let kept = format!(
        "{live}\n{unknown}\n{}\n{CREDENTIALS}",
        foreign_session("x").replace("2100", "2020")
    );
    let home = files(format!("{kept}\n{}", awsmfa_session("b-mfa", PAST)));
    logout(&home, &["--expired"])
        .stderr("removed the expired session of b-mfa\n")
        .run();
    assert_eq!(home.read_credentials(), kept);
    changes_nothing(
        &home,
        logout(&home, &["--expired"]).stderr("no expired awsmfa sessions to remove\n"),
    );
}

#[test]
fn another_tools_session_is_removed_only_if_it_is_named() {
    let home = files(format!("{CREDENTIALS}\n{}", foreign_session("saml")));
    let nothing = "no awsmfa sessions to remove\n";
    changes_nothing(&home, logout(&home, &["--all", "--purge"]).stderr(nothing));
    logout(&home, &["-p", "saml"])
        .stderr(ENDED.replace("dev-mfa", "saml"))
        .run();
    assert_eq!(home.read_credentials(), CREDENTIALS);
    let silent = foreign_session("saml").replace("expiration", "note");
    let home = files(format!("{CREDENTIALS}\n{silent}"));
    let said = "signed out of saml; copies of its keys still work until they expire\n";
    logout(&home, &["-p", "saml"]).stderr(said).run();
    let left = formatdoc! {"
        {CREDENTIALS}
        [saml]
        note = 2100-01-01 12:00:00
    "};
    assert_eq!(home.read_credentials(), left);
}

#[test]
fn long_term_keys_are_never_touched() {
    let held = |profile: &str| {
        formatdoc! {"
            error: profile {profile} is left unchanged: it holds long-term keys ({{*}})
            hint: move those keys to a profile of their own, or remove that line
        "}
    };
    let keys = CREDENTIALS.replace("[dev]", "[dev-mfa]");
    let stale = format!("{keys}aws_session_token = stale9\nawsmfa_source_profile = dev\n");
    let hidden = format!("{keys}\n{}", awsmfa_session("dev-mfa", FAR));
    for text in [&keys, &stale, &hidden] {
        let home = files(format!("{CREDENTIALS}\n{text}"));
        changes_nothing(
            &home,
            logout(&home, &["-p", "dev"])
                .status(1)
                .stderr(held("dev-mfa")),
        );
        // Other sessions are removed all the same.
        let rest = format!("{CREDENTIALS}\n{text}");
        let home = files(format!("{rest}\n{}", awsmfa_session("b-mfa", PAST)));
        let warned = if *text == keys {
            ""
        } else {
            "warning: profile dev-mfa is left unchanged: it holds long-term keys (line {*} of the credentials file)\n"
        };
        // Repeated sections get warnings of their own.
        let between = if *text == hidden {
            "warning: the AWS CLI refuses {*}\n".repeat(3)
        } else {
            String::new()
        };
        let said = format!("{warned}{between}removed the expired session of b-mfa\n");
        logout(&home, &["--all"]).stderr(said).run();
        assert_eq!(home.read_credentials(), rest);
    }
    let home = files(format!("{CREDENTIALS}aws_session_token = stale9\n"));
    changes_nothing(
        &home,
        logout(&home, &["-p", "dev"]).stderr("not signed in to dev-mfa\n"),
    );
}

#[test]
fn no_token_stays_in_repeated_sections_or_keys() {
    let again = indoc! {"
        [ dev-mfa ] ; once more
        AWS_SESSION_TOKEN = token7
        aws_session_token = token6
        region = r
    "};
    let home = files(format!(
        "{}\n{CREDENTIALS}\n{again}",
        awsmfa_session("dev-mfa", FAR)
    ));
    let has_ended = |said: &str| assert!(said.contains("signed out of dev-mfa"), "{said}");
    logout(&home, &["-p", "dev"]).check_stderr(has_ended).run();
    let left = home.read_credentials();
    assert!(!left.contains("token") && !left.contains("hush"), "{left}");
    assert!(
        left.contains("[ dev-mfa ] ; once more\nregion = r\n"),
        "{left}"
    );
    assert!(left.contains(CREDENTIALS), "{left}");
}

#[test]
fn keys_in_the_config_file_are_removed_too() {
    let in_config = awsmfa_session("profile dev-mfa", FAR);
    for credentials in [
        CREDENTIALS.to_owned(),
        format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR)),
    ] {
        let home = Home::new()
            .config(format!("{CONFIG}\n{in_config}region = mine\n"))
            .credentials(credentials);
        logout(&home, &["-p", "dev"]).stderr(ENDED).run();
        assert_eq!(home.read_credentials(), CREDENTIALS);
        assert_eq!(
            home.read_config(),
            formatdoc! {"
                {CONFIG}
                [profile dev-mfa]
                region = mine
            "}
        );
    }
}

#[test]
fn half_a_session_is_removed_too() {
    let half = indoc! {"
        [dev-mfa]
        aws_session_token = token9
        awsmfa_source_profile = dev
    "};
    let home = files(format!("{CREDENTIALS}\n{half}"));
    let said = "signed out of dev-mfa; copies of its keys still work until they expire\n";
    logout(&home, &["-p", "dev"]).stderr(said).run();
    assert_eq!(home.read_credentials(), CREDENTIALS);
}

#[test]
fn contradictory_flags_are_a_usage_error() {
    let home = files(format!(
        "{CREDENTIALS}\n{}",
        awsmfa_session("dev-mfa", PAST)
    ));
    for args in [
        &["--all", "--expired"][..],
        &["--all", "-p", "dev"],
        &["--expired", "--profile", "dev"],
        &["-p", "dev", "--all"],
        &["-q", "-v"],
        &["dev", "--all"],
        &["dev", "prod"],
    ] {
        let run = logout(&home, args).status(2);
        let is_usage = |said: &str| assert!(said.contains("Usage: awsmfa"), "{said}");
        changes_nothing(&home, run.check_stderr(is_usage));
    }
}

#[test]
fn an_unknown_profile_is_named() {
    let said = indoc! {"
        error: there is no profile prod in the AWS files
        hint: choose one with --profile: dev
    "};
    let home = files(CREDENTIALS);
    changes_nothing(&home, logout(&home, &["-p", "prod"]).status(1).stderr(said));
    let said = indoc! {"
        error: no profile is named, and there is no profile default in the AWS files
        hint: choose one with --profile: dev
    "};
    changes_nothing(&home, logout(&home, &[]).status(1).stderr(said));
    let nothing = Home::new();
    fs::remove_dir(nothing.path().join(".aws")).expect("it is empty");
    for (args, profile) in [(&[][..], "default"), (&["dev"], "dev")] {
        let said = format!(
            "error: there is no profile {profile} in the AWS files, and no session to remove\n"
        );
        logout(&nothing, args).status(1).stderr(said).run();
    }
    logout(&nothing, &["--all", "-q"]).run();
    assert!(!nothing.path().join(".aws").exists());
}

#[test]
fn a_file_that_is_not_utf8_stays_and_its_line_is_named() {
    let mut bytes = format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR)).into_bytes();
    bytes.extend(b"# caf\xe9\n");
    let home = files(bytes);
    let said = indoc! {"
        error: {home}/.aws/credentials can't be read from line 13 on: it is not UTF-8
        hint: {*}
    "};
    changes_nothing(&home, logout(&home, &["-p", "dev"]).status(1).stderr(said));
}

#[test]
fn a_session_profile_with_its_own_name_is_recognised_after_its_logout() {
    let scene = Scene::default();
    scene
        .login(&["-p", "dev", "-q", "--session-profile", "work"])
        .run();
    let said = ENDED.replace("dev-mfa", "work");
    logout(&scene.home, &["-p", "work"]).stderr(said).run();
    let none = "not signed in to work\n";
    changes_nothing(
        &scene.home,
        logout(&scene.home, &["-p", "work"]).stderr(none),
    );
    let said = "removed the settings that awsmfa copied to work\n";
    logout(&scene.home, &["-p", "work", "--purge"])
        .stderr(said)
        .run();
    assert_eq!(scene.home.read_config(), CONFIG);
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[cfg(unix)]
#[test]
fn if_nothing_has_to_be_removed_nothing_has_to_be_writable() {
    let home = files(CREDENTIALS);
    let folder = home.path().join(".aws");
    let mode = |mode| {
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode))
            .expect("the home is writable");
    };
    mode(0o500);
    logout(&home, &["-p", "dev"])
        .stderr("not signed in to dev-mfa\n")
        .run();
    let made = file_names(&folder).len();
    mode(0o700);
    assert_eq!(made, 2, "no lock is made");
}

#[cfg(unix)]
#[test]
fn a_symlink_stays_a_symlink_and_keeps_its_mode() {
    let home = files("");
    let real = home.path().join("real");
    let content = format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR));
    fs::write(&real, content).expect("the home is writable");
    let mode = fs::metadata(&real).expect("there").mode();
    fs::remove_file(home.credentials_path()).expect("there");
    symlink(&real, home.credentials_path()).expect("the home is writable");
    logout(&home, &["-p", "dev"]).check_stderr(|_| {}).run();
    assert!(home.credentials_path().is_symlink());
    assert_eq!(fs::metadata(&real).expect("there").mode(), mode);
    assert_eq!(home.read_credentials(), CREDENTIALS);
}

#[test]
fn simultaneous_logins_and_logouts_lose_nothing() {
    let scene = Scene::default();
    let old: String = (0..8)
        .map(|it| format!("\n{}", awsmfa_session(&format!("old{it}"), PAST)))
        .collect();
    let home = scene.home.credentials(format!("{CREDENTIALS}{old}"));
    let code = scene.aws.code(USER);
    let start = |args: &[&str]| spawn(&mut home.command(args));
    let mut runs = vec![start(&["login", "-p", "dev", "--code", &code])];
    for number in 0..8 {
        runs.push(start(&["logout", "-p", &format!("old{number}")]));
        runs.push(start(&["logout", "--expired", "--purge"]));
    }
    for run in runs {
        let ended = wait(run);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        // Another run may have just removed the session.
        let is_gone = said.starts_with("error: there is no profile old");
        assert!(ended.status.success() || is_gone, "{said}");
    }
    let text = home.read_credentials();
    assert!(
        text.starts_with(CREDENTIALS) && !text.contains("old"),
        "{text}"
    );
    assert!(text.contains(&scene.aws.sessions()[0].token), "{text}");
    assert!(home.read_config().contains("awsmfa_copied = region,output"));
}

/// Locks `file` as an edit by awsmfa does.
fn locked(home: &Home, file: &str) -> fs::File {
    let path = home.path().join(".aws").join(format!("{file}.awsmfa.lock"));
    let lock = fs::File::create(path).expect("the home is writable");
    lock.lock().expect("the system can lock");
    lock
}

/// Starts a run while the credentials file is locked, calls `change` with the lock, and returns the
/// run's output.
fn run_overtaken(home: &Home, args: &[&str], change: impl FnOnce(fs::File)) -> String {
    let lock = locked(home, "credentials");
    let run = spawn(&mut home.command(args));
    thread::sleep(system::STARTED);
    change(lock);
    let ended = wait(run);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{said}");
    said
}

#[test]
fn a_session_renewed_in_the_meantime_has_not_expired() {
    let renewed = format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR));
    let home = files(renewed.replace(FAR, PAST));
    let write = |_| fs::write(home.credentials_path(), &renewed).expect("the home is writable");
    let said = run_overtaken(&home, &["logout", "--expired"], write);
    assert_eq!(said, "no expired awsmfa sessions to remove\n");
    assert_eq!(home.read_credentials(), renewed);
}

#[test]
fn the_settings_of_a_session_made_in_the_meantime_stay() {
    let config = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        region = r
        awsmfa_copied = region
    "};
    let credentials = format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR));
    let home = Home::new().config(&config).credentials(&credentials);
    let write = |lock| {
        let config = locked(&home, "config");
        drop(lock);
        wait_until("the removal", || home.read_credentials() == CREDENTIALS);
        fs::write(home.credentials_path(), &credentials).expect("the home is writable");
        drop(config);
    };
    run_overtaken(&home, &["logout", "-p", "dev", "--purge"], write);
    assert_eq!(home.read_config(), config);
}

#[test]
fn a_refusal_by_the_config_file_comes_before_the_credentials_file_changes() {
    let config = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        region = r
        awsmfa_copied = region\r[other]
    "};
    let credentials = format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR));
    let home = Home::new().config(config).credentials(credentials);
    let said =
        "error: can't edit {home}/.aws/config: line 8 holds a carriage return, {*}\nhint: {*}\n";
    let run = logout(&home, &["-p", "dev", "--purge"]);
    changes_nothing(&home, run.status(1).stderr(said));
}

#[test]
fn json_says_what_was_removed_and_until_when_its_keys_work() {
    let home = files(format!("{CREDENTIALS}\n{}", awsmfa_session("dev-mfa", FAR)));
    for removed in [true, false] {
        let run = logout(&home, &["-p", "dev", "--json"]).check_stdout(|_| {});
        let mut shown: Value = serde_json::from_str(&run.run().stdout).expect("JSON");
        let left = shown[0]["remaining_seconds"].take();
        assert_eq!(left.as_i64().is_some_and(|it| it > 1_000_000_000), removed);
        let expected = json!([{
            "profile": "dev-mfa",
            "source_profile": "dev",
            "removed": removed,
            "expiration": removed.then_some(FAR),
            "remaining_seconds": null,
            "managed": removed,
        }]);
        assert_eq!(shown, expected);
    }
    logout(&home, &["--all", "--json"]).stdout("[]\n").run();
}

#[test]
fn the_help_says_what_a_logout_cannot_do() {
    let home = Home::new();
    logout(&home, &["--help"])
        .check_stdout(|text| {
            assert!(text.contains("awsmfa logout --all --purge"), "{text}");
            assert!(
                text.contains("AWS can't revoke one session early"),
                "{text}"
            );
        })
        .run();
}

#[test]
fn a_session_that_has_to_stay_is_not_reported_as_missing() {
    let home = files(format!(
        "{CREDENTIALS}\n{}  own = 1\n",
        awsmfa_session("dev-mfa", FAR)
    ));
    for args in [&["--all"][..], &["--all", "--purge"]] {
        let warning = "warning: profile dev-mfa is left unchanged: line {*} of the credentials file is indented, so it belongs to {*} above it and would be lost\n";
        changes_nothing(&home, logout(&home, args).stderr(warning));
    }
}

#[test]
fn line_numbers_in_warnings_are_those_after_the_logout() {
    let session = awsmfa_session("dev-mfa", FAR);
    let home = files(format!("{session}\n[x]\na = 1\na = 2\n"));
    let warning = "warning: the AWS CLI refuses {home}/.aws/credentials, line 3: a in [x] is already set on line 2\n{*}\n";
    logout(&home, &["-p", "dev-mfa"]).stderr(warning).run();
    assert_eq!(home.read_credentials(), "[x]\na = 1\na = 2\n");
}

#[test]
fn a_source_marked_as_its_own_session_is_not_a_session() {
    let stray =
        "\n[dev]\nx_security_token_expires = 2024-01-02T03:04:05Z\nawsmfa_source_profile = dev\n";
    let home = files(format!(
        "{CREDENTIALS}\n{}{stray}",
        awsmfa_session("dev-mfa", PAST)
    ));
    let said = "warning: the AWS CLI refuses {*}\nremoved the expired session of dev-mfa\n";
    logout(&home, &["-p", "dev"]).stderr(said).run();
    assert_eq!(home.read_credentials(), format!("{CREDENTIALS}{stray}"));
}
