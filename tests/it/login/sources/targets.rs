//! Shows where a session may go, and what it never replaces.

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, KEYS, READY, Scene};

const CHOOSE: &str = "hint: choose another profile for the session with --session-profile\n";

/// Shows that a login to dev-mfa is refused for this reason, with and without `--force`.
fn never_overwrites(config: &str, credentials: &str, why: &str) {
    let scene = Scene::with_files(
        format!("{CONFIG}{config}"),
        format!("{CREDENTIALS}{credentials}"),
    );
    let stderr = format!("error: profile dev-mfa is not overwritten: {why}\n{CHOOSE}");
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, &stderr);
    scene.refuses(
        scene.login_with_tripwire(&["-p", "dev", "--force"]),
        1,
        &stderr,
    );
}

#[test]
fn the_source_is_never_the_target() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: the session can't go to profile dev: it holds the long-term keys that make the session
        hint: leave --session-profile out to write to dev-mfa
    "};
    let args = ["-p", "dev", "--session-profile", "dev", "--force"];
    scene.refuses(scene.login_with_tripwire(&args), 1, stderr);
    let run = scene
        .login_with_tripwire(&["-p", "dev"])
        .env("AWSMFA_SESSION_PROFILE", "dev");
    scene.refuses(run, 1, stderr);
}

#[test]
fn long_term_keys_are_never_overwritten() {
    let why = "it holds long-term keys (line {*} of the credentials file)";
    never_overwrites("", &format!("[dev-mfa]\n{KEYS}"), why);
    let in_config = why.replace("credentials", "config");
    never_overwrites(&format!("[profile dev-mfa]\n{KEYS}"), "", &in_config);
    never_overwrites("", "[dev-mfa]\nAWS_Access_Key_Id = AKIAX\n", why);
    never_overwrites("", "[ dev-mfa ] ; mine\naws_access_key_id = AKIAX\n", why);
    // The secret alone is half of a key, and as precious.
    never_overwrites("", "[dev-mfa]\naws_secret_access_key = hush\n", why);
}

#[test]
fn a_profile_that_gets_its_credentials_otherwise_is_never_overwritten() {
    for (line, way) in [
        ("role_arn = arn:aws:iam::1:role/r", "a role (role_arn)"),
        ("sso_session = x", "IAM Identity Center (sso_session)"),
        ("sso_start_url = x", "IAM Identity Center (sso_start_url)"),
        (
            "credential_process = x",
            "a credential_process (credential_process)",
        ),
        (
            "web_identity_token_file = x",
            "a web identity token (web_identity_token_file)",
        ),
        ("source_profile = x", "another profile (source_profile)"),
        (
            "credential_source = Environment",
            "the machine it runs on (credential_source)",
        ),
        ("login_session = x", "`aws login` (login_session)"),
    ] {
        let why = format!("it gets its credentials from {way}");
        never_overwrites(&format!("[profile dev-mfa]\n{line}\n"), "", &why);
        never_overwrites("", &format!("[dev-mfa]\n{line}\n"), &why);
    }
}

#[test]
fn a_name_that_the_sdks_would_not_read_is_refused() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: the session can't go to profile `my dev`: the AWS SDKs don't read a profile of that name
        hint: choose one with --session-profile: letters, digits and _ - / . % @ : +
    "};
    let args = ["-p", "dev", "--session-profile", "my dev"];
    scene.refuses(scene.login_with_tripwire(&args), 1, stderr);
}

#[test]
fn the_session_of_another_source_is_overwritten_only_by_force() {
    let session = indoc! {"
        [work]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush
        aws_session_token = hush
        x_security_token_expires = 2099-01-01T00:00:00Z
        awsmfa_source_profile = prod
    "};
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}{session}"));
    let stderr = formatdoc! {"
        error: profile work is not overwritten: it holds the session of profile prod; --force overwrites it
        {CHOOSE}"};
    let args = ["-p", "dev", "--session-profile", "work"];
    scene.refuses(scene.login_with_tripwire(&args), 1, &stderr);
    let run = scene.login(&args).args(["--force"]);
    scene.works(run, &READY.replace("dev-mfa", "work"), &[ISSUE]);
}

#[test]
fn a_session_that_another_tool_left_is_replaced_with_all_its_keys() {
    let session = indoc! {"
        [dev-mfa]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush-key
        aws_session_token = hush-token
        aws_security_token = hush-old
        expiration = 2020-01-01 00:00:00
    "};
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}{session}"));
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    let stored = scene.home.read_credentials();
    assert!(!stored.contains("hush"), "{stored}");
}
