//! Shows that what is the user's outlives a session: a login and a logout refuse files in which they
//! would take more than the session, and keep every comment.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, Scene};

const CHOOSE: &str = "hint: choose another profile for the session with --session-profile\n";

const UNINDENT: &str = "hint: remove the spaces in front of it, or remove the line\n";

/// A session as a login leaves it, without its header.
const SESSION: &str = indoc! {"
    aws_access_key_id = ASIASTALE
    aws_secret_access_key = stale7
    aws_session_token = stale7
    awsmfa_source_profile = dev
"};

/// A long-term pair without a header.
const LONG_TERM: &str = "aws_access_key_id = AKIAMINE\naws_secret_access_key = hush7\n";

/// Shows that neither a login nor a logout touches these files, and that both say why.
fn is_in_the_way(config: &str, credentials: &str, why: &str) {
    let scene = Scene::with_files(
        format!("{CONFIG}{config}"),
        format!("{CREDENTIALS}{credentials}"),
    );
    // Keys can stay where they are when the session goes elsewhere.
    let (choose, remove) = if why.starts_with("it holds") {
        (
            CHOOSE,
            "hint: move those keys to a profile of their own, or remove that line\n",
        )
    } else {
        (UNINDENT, UNINDENT)
    };
    let stderr = format!("error: profile dev-mfa is not overwritten: {why}\n{choose}");
    for args in [&["-p", "dev"][..], &["-p", "dev", "--force"]] {
        scene.refuses(scene.login_with_tripwire(args), 1, &stderr);
    }
    let stderr = format!("error: profile dev-mfa is left unchanged: {why}\n{remove}");
    for args in [
        &["logout", "-p", "dev"][..],
        &["logout", "-p", "dev-mfa", "--purge"],
    ] {
        scene.refuses(scene.run(args), 1, &stderr);
    }
}

#[test]
fn long_term_keys_behind_a_session_stop_a_login_and_a_logout() {
    let keys = "it holds long-term keys (line {*} of the credentials file)";
    for credentials in [
        format!("[dev-mfa]\n{LONG_TERM}\n[dev-mfa]\n{SESSION}"),
        format!("[dev-mfa]\n{LONG_TERM}{SESSION}"),
        format!("[dev-mfa]\n{SESSION}\n[ dev-mfa ] ; mine\n{LONG_TERM}"),
        format!("[dev-mfa]\nAWS_ACCESS_KEY_ID : AKIAMINE\n{SESSION}"),
        // Half of a pair that nothing but a session's id is there for.
        format!("[dev-mfa]\naws_secret_access_key = hush7\n{SESSION}"),
        format!("[dev-mfa]\n{SESSION}[other]\n[dev-mfa]\naws_secret_access_key = hush7\n"),
        // Not AWS's, so nobody can tell that it is a session's.
        format!(
            "[dev-mfa]\naws_access_key_id = minio\naws_secret_access_key = hush7\n\n[dev-mfa]\n{SESSION}"
        ),
    ] {
        let why = if credentials.contains("minio") {
            "it holds an access key that is not a session's (those begin with ASIA; line {*} of the credentials file)"
        } else {
            keys
        };
        is_in_the_way("", &credentials, why);
    }
    let why = "it holds long-term keys (line {*} of the config file)";
    let session = format!("[dev-mfa]\n{SESSION}");
    is_in_the_way(&format!("\n[profile dev-mfa]\n{LONG_TERM}"), &session, why);
    is_in_the_way(
        "\n[profile \"dev-mfa\"]\naws_secret_access_key = hush7\n",
        &session,
        why,
    );
}

#[test]
fn a_secret_in_the_other_file_than_its_id_stops_the_first_login() {
    // The login would write an id and a secret beside that id, and leave this one behind alone: the next
    // login and the logout could not tell whose it is.
    for token in ["", "aws_session_token = stale7\n"] {
        let config = format!("\n[profile dev-mfa]\naws_secret_access_key = hush7\n{token}");
        let credentials = "\n[dev-mfa]\naws_access_key_id = ASIASTALE\n";
        let why = "it holds long-term keys (line {*} of the config file)";
        is_in_the_way(&config, credentials, why);
    }
}

#[test]
fn keys_of_a_default_profile_that_another_one_hides_are_kept() {
    let config = format!("{CONFIG}\n[default]\n{LONG_TERM}\n[profile default]\noutput = json\n");
    let scene = Scene::with_files(config, CREDENTIALS);
    let stderr = format!(
        "error: profile default is not overwritten: it holds long-term keys (line 7 of the config file)\n{CHOOSE}"
    );
    let run = scene.login_with_tripwire(&["-p", "dev", "--session-profile", "default"]);
    scene.refuses(run, 1, &stderr);
}

/// What a login says that renews a session without an end.
fn renewed() -> String {
    format!("it is not known when dev-mfa ends; renewing\n{READY}")
}

#[test]
fn the_session_of_a_stand_in_for_aws_is_renewed_whatever_its_id() {
    for id in ["LSIASTALE", "local-1", "a.session_2"] {
        let session = SESSION.replace("ASIASTALE", id);
        let credentials = format!("{CREDENTIALS}\n[dev-mfa]\n{session}");
        let scene = Scene::with_files(CONFIG, &credentials);
        scene.works(scene.login(&["-p", "dev"]), &renewed(), &[ISSUE]);
        let scene = Scene::with_files(CONFIG, &credentials);
        scene.run(&["logout", "-p", "dev"]).stderr("{*}\n").run();
        assert_eq!(scene.home.read_credentials(), CREDENTIALS);
    }
    let session = SESSION.replace("ASIASTALE", "LSIASTALE");
    let foreign = session.replace("awsmfa_source_profile = dev\n", "");
    let why = "it holds an access key that is not a session's (those begin with ASIA; line {*} of the credentials file)";
    is_in_the_way("", &format!("[dev-mfa]\n{foreign}"), why);
}

#[test]
fn settings_below_a_key_of_the_session_stop_a_login_and_a_logout() {
    for (key, below) in [
        ("aws_session_token", "  note = x\n"),
        ("aws_access_key_id", "\n\tregion = mine\n"),
        ("aws_secret_access_key", "# c\n   # d\n  cli_pager =\n"),
        ("aws_security_token", "  x\n"),
        ("x_security_token_expires", " y = 1\n"),
        ("expiration", "\r\n  other\r\n"),
        ("awsmfa_mfa_serial", "  role_arn = z\n"),
    ] {
        let own = format!("{key} = ASIAX\n{below}");
        let session: String = SESSION
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(key))
            .collect();
        let why = format!(
            "line {{*}} of the credentials file is indented, so it belongs to {key} above it and would be lost"
        );
        is_in_the_way("", &format!("[dev-mfa]\n{session}{own}"), &why);
    }
    let config = "\n[profile dev-mfa]\nregion = r\nawsmfa_copied = region\n  own = 1\n";
    let why = "line 9 of the config file is indented, so it belongs to awsmfa_copied above it and would be lost";
    is_in_the_way(config, &format!("[dev-mfa]\n{SESSION}"), why);
}

#[test]
fn an_indented_line_below_the_header_stops_a_login_and_a_logout() {
    for line in [
        "  aws_session_token = stale7",
        "\tnote = x",
        "\n # c\n  [other]",
    ] {
        // The AWS CLI refuses the file too: else it would be read by its rules alone.
        let config = format!("\n[profile dev-mfa]\n{line}\noutput = json\n[x]\n[x]\n");
        let why = "line {*} of the config file starts with a space, and tools disagree on what the line means";
        is_in_the_way(&config, &format!("[dev-mfa]\n{SESSION}"), why);
    }
}

#[test]
fn a_comment_behind_or_below_a_key_gets_a_line_of_its_own() {
    let annotated = formatdoc! {"
        {CREDENTIALS}
        [dev-mfa]
        aws_access_key_id = ASIASTALE # one
        aws_secret_access_key = stale7
          ; two
        aws_session_token = stale7 ; ticket OPS-17
        aws_security_token = stale7\t# three
          # four
        awsmfa_source_profile = dev ;five
        expiration = never # six
    "};
    let comments = [
        "# one",
        "; two",
        "; ticket OPS-17",
        "# three",
        "# four",
        ";five",
        "# six",
    ];
    let scene = Scene::with_files(CONFIG, &annotated);
    scene.works(scene.login(&["-p", "dev"]), &renewed(), &[ISSUE]);
    let renewed = scene.home.read_credentials();
    for comment in &comments {
        let own = renewed.lines().filter(|line| line == comment).count();
        assert_eq!(own, 1, "{comment}\n{renewed}");
    }
    assert!(!renewed.contains("never"), "{renewed}");
    for text in [&annotated, &renewed] {
        fs::write(scene.home.credentials_path(), text).expect("written");
        scene.run(&["logout", "-p", "dev"]).stderr("{*}\n").run();
        let left = formatdoc! {"
            {CREDENTIALS}
            [dev-mfa]
            {}
        ", comments.join("\n")};
        let mut left: Vec<&str> = left.lines().collect();
        let after = scene.home.read_credentials();
        let mut after: Vec<&str> = after.lines().collect();
        // A renewed key takes its line, so the order differs.
        left.sort_unstable();
        after.sort_unstable();
        assert_eq!(after, left);
    }
}

#[test]
fn a_block_that_was_copied_goes_whole_and_its_comment_stays() {
    let config = formatdoc! {"
        {CONFIG}
        [profile dev-mfa]
        s3 = # mine
          addressing_style = path
        awsmfa_copied = s3
    "};
    let scene = Scene::with_files(&config, format!("{CREDENTIALS}\n[dev-mfa]\n{SESSION}"));
    scene
        .run(&["logout", "-p", "dev", "--purge"])
        .stderr("{*}\n")
        .run();
    assert_eq!(
        scene.home.read_config(),
        format!("{CONFIG}\n[profile dev-mfa]\n# mine\n")
    );
}

#[test]
fn keys_below_a_header_that_some_sdks_pass_over_do_not_become_those_of_another_profile() {
    // To the AWS SDK for JavaScript such a line is no header, and what is below it is of the section
    // above: of the session's, until that goes.
    for header in ["[zoo];note", "[zoo]region = x", "[zoo] junk"] {
        let behind = format!("{header}\n{LONG_TERM}");
        let credentials = format!("{CREDENTIALS}\n[dev-mfa]\n{SESSION}\n{behind}");
        let scene = Scene::with_files(CONFIG, credentials);
        scene.run(&["logout", "-p", "dev"]).stderr("{*}\n").run();
        assert_eq!(
            scene.home.read_credentials(),
            format!("{CREDENTIALS}\n[dev-mfa]\n\n{behind}")
        );
    }
}
