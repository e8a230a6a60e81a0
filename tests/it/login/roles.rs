//! Signs in to roles that are reached through the MFA session of their source: one code is enough for
//! all of them.

mod chains;
mod commands;
mod refusals;
mod shared;
mod together;
mod vectors;

use indoc::{formatdoc, indoc};
use sha2::{Digest as _, Sha256};

use crate::scene::{CREDENTIALS, ISSUE, SERIAL, Scene, alice};
use crate::support::aws::Aws;
use crate::support::aws::account::Session;
use crate::support::run::Run;

const ASSUME: &str = "AssumeRole";

/// The source, and three roles that need MFA.
const CONFIG: &str = indoc! {"
    [profile dev]
    region = eu-central-1
    mfa_serial = arn:aws:iam::123456789012:mfa/alice

    [profile admin]
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev
    region = eu-west-1
    output = text

    [profile audit]
    role_arn = arn:aws:iam::123456789012:role/path/audit
    source_profile = dev
"};

/// The output of a login to `profile` that made a session of an hour.
fn ready(profile: &str) -> String {
    formatdoc! {"
        {profile}-mfa is ready until {{*}} (1h from now)
        use it with: export AWS_PROFILE={profile}-mfa
    "}
}

/// Alice and the roles of the account, all of which except `open` need MFA.
fn account() -> Aws {
    alice()
        .role("admin")
        .needs_mfa()
        .role("path/audit")
        .needs_mfa()
        .longest(7_200)
        .role("partner")
        .needs_mfa()
        .external_id("partner:a@b_c=1/2")
        .role("open")
        .role("inner")
        .longest(7_200)
        .start()
}

/// The account with [`CONFIG`] and `more`.
fn scene(more: &str) -> Scene {
    Scene::with(account()).config(format!("{CONFIG}{more}"))
}

/// `login` to `profile` without a code: it works only if none is needed.
fn without_code<'a>(scene: &'a Scene, profile: &str) -> Run<'a> {
    scene.run(&["login", "--no-input", "-p", profile])
}

/// A section of the credentials file with `session`.
fn section(profile: &str, session: &Session) -> String {
    let expires = session
        .expiration
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let role = match profile {
        "dev" => String::new(),
        role => formatdoc! {"
            awsmfa_role_arn = arn:aws:iam::123456789012:role/{role}
            awsmfa_role_hash = {}
        ", hash(&format!("-{}:awsmfa-{role}", role.len() + 7))},
    };
    let duration = if profile == "dev" { 43_200 } else { 3_600 };
    formatdoc! {"

        [{profile}-mfa]
        aws_access_key_id = {}
        aws_secret_access_key = {}
        aws_session_token = {}
        aws_account_id = 123456789012
        x_security_token_expires = {expires}
        awsmfa_source_profile = {profile}
        awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice
        awsmfa_access_key_id = AKIAIOSFODNN7EXAMPLE
        {role}awsmfa_duration = {duration}
    ", session.access_key_id, session.secret, session.token}
}

/// The hash in a role's mark: no external id, the session's name, no role in between.
fn hash(parts: &str) -> String {
    let digest = Sha256::digest(parts);
    let bytes = digest.iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn one_run_asks_for_one_code_and_stores_the_mfa_session_and_the_roles() {
    let scene = scene("");
    let run = scene.login(&["-p", "admin"]);
    scene.works(run, &ready("admin"), &[ISSUE, ASSUME]);
    let sessions = scene.aws.sessions();
    assert_eq!(
        scene.home.read_credentials(),
        format!(
            "{CREDENTIALS}{}{}",
            section("dev", &sessions[0]),
            section("admin", &sessions[1])
        )
    );
    // The settings of the role are copied, except those that say where credentials come from.
    assert_eq!(
        scene.home.read_config(),
        formatdoc! {"
            {CONFIG}
            [profile dev-mfa]
            region = eu-central-1
            awsmfa_copied = region

            [profile admin-mfa]
            region = eu-west-1
            output = text
            awsmfa_copied = region,output
        "}
    );
    let assumed = &scene.aws.requests()[1].call;
    let param = |name| assumed.param(name);
    assert_eq!(
        param("RoleArn"),
        Some("arn:aws:iam::123456789012:role/admin")
    );
    assert_eq!(param("RoleSessionName"), Some("awsmfa-admin"));
    assert_eq!(param("DurationSeconds"), Some("3600"));
    for absent in ["ExternalId", "SerialNumber", "TokenCode"] {
        assert_eq!(param(absent), None, "{absent}");
    }
}

#[test]
fn one_code_is_enough_for_all_roles_of_a_source() {
    let scene = scene("");
    let run = scene.login(&["-p", "admin"]);
    scene.works(run, &ready("admin"), &[ISSUE, ASSUME]);
    // A login to the source itself finds its session, too.
    scene.works(without_code(&scene, "audit"), &ready("audit"), &[ASSUME]);
    let kept = indoc! {"
        dev-mfa is still valid until {*} (12h left); --force renews it
        use it with: export AWS_PROFILE=dev-mfa
    "};
    scene.works(without_code(&scene, "dev"), kept, &[]);
    let tokens: Vec<_> = scene.aws.actions();
    assert_eq!(tokens.iter().filter(|it| *it == ISSUE).count(), 1);
}

#[test]
fn a_valid_role_session_is_kept_without_any_request() {
    let scene = scene("");
    scene.works(
        scene.login(&["-p", "admin"]),
        &ready("admin"),
        &[ISSUE, ASSUME],
    );
    let connections = scene.aws.connections();
    let kept = indoc! {"
        admin-mfa is still valid until {*} (1h left); --force renews it
        use it with: export AWS_PROFILE=admin-mfa
    "};
    for name in ["admin", "admin-mfa"] {
        scene.works(without_code(&scene, name), kept, &[]);
    }
    assert_eq!(scene.aws.connections(), connections);
}

#[test]
fn force_renews_only_the_session_of_the_role() {
    let scene = scene("");
    scene.works(
        scene.login(&["-p", "admin"]),
        &ready("admin"),
        &[ISSUE, ASSUME],
    );
    let run = without_code(&scene, "admin").args(["--force"]);
    scene.works(run, &ready("admin"), &[ASSUME]);
    let sessions = scene.aws.sessions();
    let written = scene.home.read_credentials();
    assert!(written.contains(&section("dev", &sessions[0])), "{written}");
    assert!(
        written.contains(&section("admin", &sessions[2])),
        "{written}"
    );
    assert!(!written.contains(&sessions[1].token), "{written}");
}

/// The requested durations of the source's session and the role's.
fn durations(scene: &Scene) -> Vec<Option<String>> {
    let asked = scene.aws.requests();
    let asked = asked.iter().map(|it| it.call.param("DurationSeconds"));
    asked.map(|it| it.map(str::to_owned)).collect()
}

#[test]
fn the_flag_sets_the_duration_of_the_role_and_the_variable_that_of_the_mfa_session() {
    let of_both = |user: &str, role: &str| vec![Some(user.to_owned()), Some(role.to_owned())];
    let hours = |profile: &str, role: &str| ready(profile).replace("1h", role);
    for (profile, args, variable, user, role, said) in [
        (
            "audit",
            &["--duration", "2h"][..],
            "",
            "43200",
            "7200",
            "2h",
        ),
        (
            "audit",
            &["--duration", "2h"],
            "36h",
            "129600",
            "7200",
            "2h",
        ),
        (
            "audit",
            &["--duration-seconds", "900"],
            "1h",
            "3600",
            "900",
            "15m",
        ),
        ("audit", &[], "36h", "129600", "3600", "1h"),
        ("short", &[], "", "43200", "900", "15m"),
        ("short", &["--duration", "1h"], "", "43200", "3600", "1h"),
    ] {
        let scene = scene(indoc! {"
            [profile short]
            role_arn = arn:aws:iam::123456789012:role/admin
            source_profile = dev
            duration_seconds = 900
        "});
        let run = scene.login(&["-p", profile]).args(args);
        let run = run.env("AWSMFA_DURATION", variable);
        scene.works(run, &hours(profile, said), &[ISSUE, ASSUME]);
        assert_eq!(
            durations(&scene),
            of_both(user, role),
            "{args:?} {variable}"
        );
    }
}

#[test]
fn a_duration_that_no_role_allows_is_a_usage_error_even_if_a_session_would_be_kept() {
    let scene = scene("");
    let run = scene.login(&["-p", "admin"]);
    scene.works(run, &ready("admin"), &[ISSUE, ASSUME]);
    for (text, why) in [
        (
            "12h1m",
            "a role's session lasts from 15m to 12h (900 to 43200 seconds), not 12h1m",
        ),
        (
            "36h",
            "a role's session lasts from 15m to 12h (900 to 43200 seconds), not 36h",
        ),
        (
            "14m",
            "a session lasts from 15m to 36h (900 to 129600 seconds), not 14m",
        ),
    ] {
        for command in [
            &["login"][..],
            &["credential-process"],
            &["export", "--format", "json"],
        ] {
            let run = scene.run(command).args(["-p", "admin", "--duration", text]);
            scene.fails(run, 2, &format!("error: --duration: {why}\n"), &[]);
        }
    }
    // A flag that is no code, or a device without codes, is refused whether or not a code is needed.
    let fido = "arn:aws:iam::123456789012:u2f/user/alice/key";
    for profile in ["admin", "dev"] {
        let run = without_code(&scene, profile).args(["--code", "12345x"]);
        let why = "error: --code does not hold a code: a code is six digits\n";
        scene.fails(run, 2, why, &[]);
        let run = without_code(&scene, profile).args(["--mfa-serial", fido]);
        let why = format!(
            "error: {fido} is a passkey or security key (FIDO), which {{*}}\nhint: {{*}}\n"
        );
        scene.fails(run, 1, &why, &[]);
        let run = without_code(&scene, profile).env("AWSMFA_CODE", "12345x");
        scene.works(run, "{*}\n{*}\n", &[]);
    }
    // The variable applies to the source's session, and is refused if that session could need it.
    let run = without_code(&scene, "admin").args(["--duration", "1h"]);
    let why = "error: AWSMFA_DURATION: `soon` is not a duration; examples: 12h, 1h30m, 90m, 3600\n";
    scene.fails(run.env("AWSMFA_DURATION", "soon"), 2, why, &[]);
    let run = without_code(&scene, "admin").env("AWSMFA_DURATION", "36h");
    scene.works(run, "{*}\n{*}\n", &[]);
}

#[test]
fn a_role_assumed_from_a_role_is_limited_to_an_hour_whoever_asks_for_more() {
    let scene = scene(indoc! {"
        [profile inner]
        role_arn = arn:aws:iam::123456789012:role/inner
        source_profile = admin
    "});
    let run = scene.login(&["-p", "inner", "--duration", "2h"]);
    let said = format!(
        "asking for a session of inner that lasts 1h, not 2h: AWS grants no more to a role reached from another role\n{}",
        ready("inner")
    );
    scene.works(run, &said, &[ISSUE, ASSUME, ASSUME]);
}

#[test]
fn a_kept_session_that_ends_before_the_requested_duration_says_so() {
    let scene = scene("");
    let run = scene.login(&["-p", "audit"]);
    scene.works(run, &ready("audit"), &[ISSUE, ASSUME]);
    let sooner = |profile: &str, left: &str, asked: &str| {
        format!(
            "{profile}-mfa is still valid, but ends in {left}, sooner than --duration asks for ({asked}); --force renews it\n"
        )
    };
    let kept = |profile: &str| {
        format!("{profile}-mfa is still valid until {{*}}; --force renews it\nuse it with: {{*}}\n")
    };
    for (profile, left, asked) in [("audit", "1h", "2h"), ("dev", "12h", "36h")] {
        let run = without_code(&scene, profile).args(["--duration", asked]);
        let said = sooner(profile, left, asked) + &kept(profile);
        scene.works(run, &said, &[]);
        // Not if it is long enough, and not for a duration from a variable.
        let run = without_code(&scene, profile).args(["--duration", left]);
        scene.works(run, &kept(profile), &[]);
        let run = without_code(&scene, profile).env("AWSMFA_DURATION", asked);
        scene.works(run, &kept(profile), &[]);
        // The messages of commands without their own wording.
        let run = scene.run(&["credential-process", "--no-input", "-p", profile]);
        let run = run.args(["--duration", asked]).check_stdout(|_| ());
        let run = run.may_show(crate::support::aws::secrets::Kind::Session);
        scene.works(run, &sooner(profile, left, asked), &[]);
    }
}

#[test]
fn the_profiles_settings_for_the_role_are_sent() {
    let scene = scene(indoc! {"
        [profile partner]
        role_arn = arn:aws:iam::123456789012:role/partner
        source_profile = dev
        external_id = partner:a@b_c=1/2
        role_session_name = alice@example.com
        duration_seconds = 900
    "});
    let said = indoc! {"
        partner-mfa is ready until {*} (15m from now)
        use it with: export AWS_PROFILE=partner-mfa
    "};
    scene.works(scene.login(&["-p", "partner"]), said, &[ISSUE, ASSUME]);
    let assumed = &scene.aws.requests()[1].call;
    for (name, value) in [
        ("ExternalId", "partner:a@b_c=1/2"),
        ("RoleSessionName", "alice@example.com"),
        ("DurationSeconds", "900"),
    ] {
        assert_eq!(assumed.param(name), Some(value), "{name}");
    }
}

#[test]
fn a_role_session_may_last_as_long_as_the_profile_and_the_account_allow() {
    let scene = scene("duration_seconds = 7200\n");
    let said =
        "audit-mfa is ready until {*} (2h from now)\nuse it with: export AWS_PROFILE=audit-mfa\n";
    scene.works(scene.login(&["-p", "audit"]), said, &[ISSUE, ASSUME]);
}

#[test]
fn the_device_of_the_role_profile_is_used_if_the_source_names_none() {
    let config = CONFIG.replace("mfa_serial = arn:aws:iam::123456789012:mfa/alice\n", "");
    let config = config + "mfa_serial = arn:aws:iam::123456789012:mfa/alice\n";
    let scene = Scene::with(account()).config(config);
    // `audit` names the device, so it is not looked up.
    scene.works(
        scene.login(&["-p", "audit"]),
        &ready("audit"),
        &[ISSUE, ASSUME],
    );
    assert_eq!(
        scene.aws.requests()[0].call.param("SerialNumber"),
        Some(SERIAL)
    );
}

#[test]
fn a_sources_session_profile_as_source_profile_means_the_source() {
    let scene = scene(indoc! {"
        [profile sdk]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev-mfa
    "});
    scene.works(scene.login(&["-p", "sdk"]), &ready("sdk"), &[ISSUE, ASSUME]);
    scene.works(without_code(&scene, "admin"), &ready("admin"), &[ASSUME]);
}

#[test]
fn a_session_profile_with_another_name_is_used_and_renewed_in_place() {
    let scene = scene(indoc! {"
        [profile sdk]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = work
    "});
    let run = scene.login(&["-p", "dev", "--session-profile", "work"]);
    run.check_stderr(|_| ()).run();
    scene.works(without_code(&scene, "sdk"), &ready("sdk"), &[ASSUME]);
    // After it has ended, it is renewed in the same place.
    let text = scene.home.read_credentials();
    let (begin, rest) = text
        .split_once("x_security_token_expires = ")
        .expect("work comes first");
    let (_, rest) = rest.split_once('\n').expect("a line has an end");
    let ended = format!("{begin}x_security_token_expires = 2020-01-01T00:00:00Z\n{rest}");
    let scene = scene.credentials(ended);
    let run = scene.login(&["-p", "sdk", "--force"]);
    // `--force` applies to the role.
    let said = format!("work has expired; renewing\n{}", ready("sdk"));
    scene.works(run, &said, &[ISSUE, ASSUME]);
    let written = scene.home.read_credentials();
    assert!(!written.contains("[dev-mfa]"), "{written}");
}

#[test]
fn a_roles_session_goes_to_the_given_session_profile() {
    let scene = scene("");
    let run = scene.login(&["-p", "admin", "--session-profile", "boss"]);
    let said = "boss is ready until {*} (1h from now)\nuse it with: export AWS_PROFILE=boss\n";
    scene.works(run, said, &[ISSUE, ASSUME]);
    let written = scene.home.read_credentials();
    for (name, there) in [
        ("[boss]", true),
        ("[dev-mfa]", true),
        ("[admin-mfa]", false),
    ] {
        assert_eq!(written.contains(name), there, "{name} in {written}");
    }
}

#[test]
fn the_settings_of_the_role_profile_override_those_of_its_source() {
    // The role's requests go where its profile says, the source's where the source says.
    let elsewhere = account();
    let scene = scene("");
    let config = CONFIG.replace(
        "region = eu-central-1\n",
        &format!(
            "region = eu-central-1\nendpoint_url = {}\n",
            scene.aws.endpoint()
        ),
    );
    let config = config.replace(
        "region = eu-west-1\n",
        &format!(
            "region = eu-west-1\nendpoint_url = {}\n",
            elsewhere.endpoint()
        ),
    );
    let scene = scene.config(config);
    // The other account does not know the session, but it was asked.
    scene
        .login(&["-p", "admin"])
        .env_remove("AWS_ENDPOINT_URL")
        .status(5)
        .check_stderr(|_| ())
        .run();
    assert_eq!(scene.aws.actions(), [ISSUE]);
    assert_eq!(elsewhere.requests().len(), 1);
    // For a role without such settings, the source's apply.
    let run = without_code(&scene, "audit").env_remove("AWS_ENDPOINT_URL");
    scene.works(run, &ready("audit"), &[ASSUME]);
    assert_eq!(elsewhere.requests().len(), 1);
}
