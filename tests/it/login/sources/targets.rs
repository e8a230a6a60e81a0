//! Checks where a session may go, and what it never replaces.

use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, ISSUE, KEYS, READY, SERIAL, Scene,
    alice, alice_without_device,
};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{KEY_ID, SECRET_KEY, USER};

const CHOOSE: &str = "hint: choose another profile for the session with --session-profile\n";

/// Checks that a login to dev-mfa is refused for this reason, with and without `--force`.
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
        error: the session can't go to profile dev: it holds the long-term keys the session is made with
        hint: leave out --session-profile to write to dev-mfa
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
fn a_profile_with_credentials_from_elsewhere_is_never_overwritten() {
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
fn another_sources_session_is_overwritten_only_with_force() {
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
fn another_tools_leftover_lines_do_not_contradict_the_new_session() {
    let session = indoc! {"
        [dev-mfa]
        aws_access_key_id = ASIAX
        aws_secret_access_key = hush-key
        aws_session_token = hush-token
        aws_security_token = hush-old
        aws_account_id = 999999999999
        aws_credential_scope = 999999999999
        expiration = 2020-01-01 00:00:00
        aws_expiration = 2020-01-01T00:00:00.000Z
        aws_credential_expiration = 2020-01-01T00:00:00Z
        region = mine
    "};
    let scene = Scene::with_files(CONFIG, format!("{CREDENTIALS}{session}"));
    let said = format!("dev-mfa has expired; renewing\n{READY}");
    scene.works(scene.login(&["-p", "dev"]), &said, &[ISSUE]);
    let stored = scene.home.read_credentials();
    for gone in ["hush", "9999", "2020", "scope"] {
        assert!(!stored.contains(gone), "{gone}: {stored}");
    }
    assert!(
        stored.contains("aws_account_id = 123456789012\n"),
        "{stored}"
    );
    assert!(stored.contains("region = mine\n"), "{stored}");
    let run = scene.run(&["status", "--json"]).check_stdout(|text| {
        let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let left = json[0]["remaining_seconds"].as_i64().expect("a number");
        assert!((43_100..=43_200).contains(&left), "{left}");
    });
    run.run();
}

/// Only the serial of a device reveals the account of a user, and a hardware device's does not.
#[test]
fn an_unknown_account_is_neither_stored_nor_handed_out_and_a_stale_one_is_removed() {
    let serial = "GAHT12345678";
    let aws = alice_without_device()
        .hardware(serial, DEVICE_SECRET)
        .start();
    let stale = "\n[dev-mfa]\naws_account_id = 999999999999\n";
    let scene = Scene::with(aws)
        .config(format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {serial}\n"))
        .credentials(format!("{CREDENTIALS}{stale}"));
    let code = scene.aws.code(serial);
    let run = scene.run(&["login", "-p", "dev", "--code", &code]);
    scene.works(run, READY, &[ISSUE]);
    assert!(!scene.home.read_credentials().contains("account_id"));
    for (args, is_cleared) in [
        (&["export"][..], true),
        (&["export", "--format", "json"], false),
        (&["export", "--format", "env-no-export"], false),
        (&["credential-process"], false),
    ] {
        let run = scene.run(args).args(["-p", "dev"]).may_show(Kind::Session);
        let ran = run.check_stdout(|_| ()).run();
        assert!(!ran.stdout.contains("AccountId") && !ran.stdout.contains("AWS_ACCOUNT_ID="));
        let unset = ran
            .stdout
            .lines()
            .any(|line| line.starts_with("unset ") && line.contains(" AWS_ACCOUNT_ID "));
        assert_eq!(unset, is_cleared, "{args:?}");
    }
}

/// While the user types, AWS says whose the keys are, and so the account: no request is made just for
/// that.
#[cfg(unix)]
#[test]
fn an_account_that_aws_named_during_the_prompt_is_stored() {
    let serial = "GAHT12345678";
    let aws = alice_without_device()
        .hardware(serial, DEVICE_SECRET)
        .start();
    let config = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = {serial}\n");
    let scene = Scene::with(aws).config(config);
    let mut terminal = scene.terminal(&["login", "-p", "dev"]).start();
    let prompt = format!("code for dev (device {serial}): ");
    terminal.sees(&prompt);
    crate::scene::wait_until("a request", || !scene.aws.actions().is_empty());
    let code = scene.aws.code(serial);
    terminal.types(&code);
    terminal.ends(0, &format!("{prompt}{code}\n{READY}"));
    assert_eq!(scene.aws.actions(), ["GetCallerIdentity", ISSUE]);
    let stored = scene.home.read_credentials();
    assert!(
        stored.contains("aws_account_id = 123456789012\n"),
        "{stored}"
    );
}

#[test]
fn a_session_profile_with_its_own_name_is_renewed_if_it_is_named() {
    for target in ["work", "default"] {
        let scene = Scene::default();
        let run = scene.login(&["-p", "dev", "--session-profile", target]);
        // `default` needs no variable, and `work` is in AWS_PROFILE afterwards.
        let in_use = format!("{target} is ready until {{*}} (12h from now)\n");
        let ready = match target {
            "default" => in_use.clone(),
            _ => READY.replace("dev-mfa", target),
        };
        scene.works(run, &ready, &[ISSUE]);
        let before = scene.home.read_credentials();
        let kept = format!("{target} is still valid until {{*}}; --force renews it\n");
        let named = |args: &[&str]| {
            let run = scene.run(args);
            // `default` is meant if nothing is named.
            if target == "default" {
                run
            } else {
                run.env("AWS_PROFILE", target)
            }
        };
        scene.works(named(&["login", "--no-input"]), &kept, &[]);
        for args in [
            &["export", "--no-input"][..],
            &["credential-process", "--no-input"],
        ] {
            let run = named(args).may_show(Kind::Session).check_stdout(|_| ());
            scene.works(run, "", &[]);
        }
        assert_eq!(scene.home.read_credentials(), before);
        let code = scene.aws.code(USER);
        let run = named(&["login", "--force", "--code", &code]);
        scene.works(run, &in_use, &[ISSUE]);
        let stored = scene.home.read_credentials();
        assert!(
            !stored.contains("[dev-mfa]") && stored != before,
            "{stored}"
        );
        // The flag and its variable take precedence.
        for by_variable in [false, true] {
            let code = scene.aws.code(USER);
            let other = if by_variable { "third" } else { "second" };
            let run = match by_variable {
                false => named(&["login", "--code", &code, "--session-profile", other]),
                true => named(&["login", "--code", &code]).env("AWSMFA_SESSION_PROFILE", other),
            };
            scene.works(run, &READY.replace("dev-mfa", other), &[ISSUE]);
        }
    }
}

#[test]
fn a_roles_session_profile_with_its_own_name_is_renewed_but_not_with_the_environments_keys() {
    let config = formatdoc! {"
        {CONFIG}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let scene = Scene::with(alice().role("admin").needs_mfa().start()).config(config);
    // Tools use that profile without being told.
    let ready = "default is ready until {*} (1h from now)\n";
    let run = scene.login(&["-p", "admin", "--session-profile", "default"]);
    scene.works(run, ready, &[ISSUE, "AssumeRole"]);
    let run = scene.run(&["login", "--no-input", "--force"]);
    scene.works(run, ready, &["AssumeRole"]);
    assert!(!scene.home.read_credentials().contains("[admin-mfa]"));

    let run = scene
        .run(&[
            "export",
            "--format",
            "json",
            "--no-input",
            "--mfa-serial",
            SERIAL,
        ])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let stderr = indoc! {"
        error: the access key in the environment needs a code, and --no-input forbids asking
        hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
    "};
    scene.fails(run, 7, stderr, &[]);
}

#[test]
fn a_profile_with_a_space_in_its_name_has_a_session_profile_without_one() {
    let credentials = CREDENTIALS.replace("[dev]", "[my dev]");
    let config = CONFIG.replace("[profile dev]", "[profile my dev]");
    let scene = Scene::with_files(&config, &credentials);
    let said = formatdoc! {"
        the session of `my dev` goes to my-dev-mfa: the AWS SDKs don't read a profile named `my dev-mfa`
        {}", READY.replace("dev-mfa", "my-dev-mfa")};
    scene.works(scene.login(&["-p", "my dev"]), &said, &[ISSUE]);
    let kept = indoc! {"
        my-dev-mfa is still valid until {*}; --force renews it
        use it with: export AWS_PROFILE=my-dev-mfa
    "};
    for name in ["my dev", "my-dev-mfa"] {
        scene.works(scene.run(&["login", "--no-input", "-p", name]), kept, &[]);
        scene.run(&["status", "-p", name, "--check", "-q"]).run();
    }
    scene.run(&["logout", "my dev", "-q"]).run();
    let quote = if cfg!(windows) { '"' } else { '\'' };
    let told = formatdoc! {"
        error: not signed in to my-dev-mfa
        hint: sign in with `awsmfa login --profile {quote}my dev{quote}`
    "};
    scene.fails(scene.run(&["status", "my dev", "--check"]), 3, &told, &[]);

    // If it names a role too, the session of its keys needs another name.
    let role = "role_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = my dev\n";
    let config_with_role =
        config.replace("[profile my dev]\n", &format!("[profile my dev]\n{role}"));
    let aws = alice().role("admin").needs_mfa().start();
    let scene = Scene::with(aws)
        .config(config_with_role)
        .credentials(&*credentials);
    scene.login(&["-p", "my dev", "-q"]).run();
    for name in ["my-dev-mfa", "my-dev-user-mfa"] {
        scene.run(&["status", "-p", name, "--check", "-q"]).run();
    }

    let role = "\n[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = my dev\n";
    let scene = Scene::with_files(
        format!("{config}{role}"),
        format!("{credentials}\n[my-dev]\n{KEYS}"),
    );
    for (name, hint) in [
        ("my dev", "choose one with --session-profile"),
        ("admin", "rename profile `my dev`"),
    ] {
        let told = formatdoc! {"
            error: the session of profile `my dev` has no name of its own: the AWS SDKs don't read a profile named `my dev-mfa`, and my-dev-mfa is for the session of profile my-dev
            hint: {hint}: letters, digits and _ - / . % @ : +
        "};
        scene.refuses(scene.login_with_tripwire(&["-p", name]), 1, &told);
    }
    // A session of the other one is not its own, nor what is left of it.
    let all = scene
        .run(&["status", "--all", "--json"])
        .check_stdout(|it| {
            for source in ["my dev", "my-dev"] {
                assert_eq!(
                    it.matches(&format!(r#""source_profile":"{source}""#))
                        .count(),
                    1,
                    "{it}"
                );
            }
        });
    all.run();
    let told = indoc! {"
        error: my dev has no session: the session of profile `my dev` has no name of its own: {*}
        hint: choose one with --session-profile: {*}
    "};
    scene.fails(scene.run(&["logout", "my dev", "--purge"]), 3, told, &[]);
    scene.login(&["-qp", "my-dev"]).run();
    for args in [
        ["status", "--check", "my dev"],
        ["logout", "my dev", "--purge"],
    ] {
        scene.fails(scene.run(&args), 3, told, &[]);
    }
    let run = scene.login(&["-p", "my dev", "--session-profile", "work"]);
    scene.works(run, &READY.replace("dev-mfa", "work"), &[ISSUE]);
}
