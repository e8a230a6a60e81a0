//! Checks which of several ways to get keys `whoami` takes: that of the AWS CLI, with a warning if other
//! tools take another.

use std::fs;

use indoc::{formatdoc, indoc};
use serde_json::Value;

use super::{ALICE, IDENTITY, json_of, lines, shows, whoami, with_keys, with_session};
use crate::scene::{CONFIG, CREDENTIALS, KEYS, Scene, alice, snapshot};
use crate::support::aws::account::Session;
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::run::Run;

const ASSUME: &str = "AssumeRole";

/// Roles as docs/roles.md sets them up, for tools to assume by themselves.
const ROLES: &str = indoc! {"
    [profile admin]
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev-mfa
    region = eu-west-1

    [profile inner]
    role_arn = arn:aws:iam::123456789012:role/inner
    source_profile = admin

    [profile open]
    role_arn = arn:aws:iam::123456789012:role/open
    source_profile = dev
"};

fn scene() -> Scene {
    let aws = alice().role("admin").needs_mfa().role("inner").role("open");
    Scene::with(aws.start()).config(format!("{CONFIG}{ROLES}"))
}

/// The same after a login to dev.
fn signed_in() -> Scene {
    let scene = scene();
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

/// Writes the credentials file.
fn write(scene: &Scene, text: &str) {
    fs::write(scene.home.credentials_path(), text).expect("there is room");
}

/// The stand-in's most recent session.
fn last(scene: &Scene) -> Session {
    scene.aws.sessions().pop().expect("there is one")
}

/// The output for a role that was assumed in memory.
fn role_lines(profile: &str, with: &str) -> String {
    formatdoc! {"
        account  123456789012
        arn      arn:aws:sts::123456789012:assumed-role/{profile}/awsmfa-{profile}
        user id  AROA{{*}}:awsmfa-{profile}
        mfa      unknown
        keys     the role of profile {profile}, assumed with {with} (ASIA{{*}})
        until    {{*}} (1h left)
    "}
}

#[test]
fn a_role_with_a_session_profile_as_source_is_assumed_without_saving() {
    let scene = signed_in();
    let session = last(&scene);
    let before = snapshot(&scene.home);
    for run in [
        whoami(&scene.home, &["-p", "admin"]),
        whoami(&scene.home, &[]).env("AWS_PROFILE", "admin"),
        with_keys(whoami(&scene.home, &["-p", "admin"]), "AKIAELSE", "x", None),
    ] {
        let expected = role_lines("admin", "profile dev-mfa");
        shows(&scene, run, expected, &[ASSUME, IDENTITY[0]]);
        let requests = scene.aws.requests();
        let [.., assumed, asked] = &requests[..] else {
            panic!("two requests");
        };
        assert_eq!(assumed.access_key_id, session.access_key_id);
        assert_eq!(asked.access_key_id, last(&scene).access_key_id);
        // The role's own settings come before those of its source.
        assert_eq!(
            (assumed.region.as_str(), asked.region.as_str()),
            ("eu-west-1", "eu-west-1")
        );
    }
    let run = whoami(&scene.home, &["-p", "inner"]);
    let expected = role_lines("inner", "profile dev-mfa");
    shows(&scene, run, expected, &[ASSUME, ASSUME, IDENTITY[0]]);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn json_says_that_it_is_a_role_and_until_when() {
    let scene = signed_in();
    let shown = json_of(whoami(&scene.home, &["-p", "admin", "--json"]));
    let session = last(&scene);
    for (name, value) in [
        ("profile", Value::from("admin")),
        ("source_profile", "dev-mfa".into()),
        ("keys_from", "role".into()),
        ("access_key_id", session.access_key_id.into()),
        ("managed", false.into()),
        ("mfa", Value::Null),
        (
            "expiration",
            session
                .expiration
                .format("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
                .into(),
        ),
    ] {
        assert_eq!(shown[name], value, "{name} in {shown}");
    }
}

#[test]
fn a_role_is_assumed_with_any_keys_of_its_source() {
    let scene = scene();
    let run = whoami(&scene.home, &["-p", "open", "-v"]);
    let steps = indoc! {"
        asking AWS in eu-central-1 for a session of 1h in role arn:aws:iam::123456789012:role/open, which is not saved
        asking AWS in eu-central-1 who owns the keys of the role of profile open, assumed with profile dev (sts:GetCallerIdentity)
    "};
    let run = run.stdout(role_lines("open", "profile dev"));
    scene.works(run, steps, &[ASSUME, IDENTITY[0]]);
    // Its own keys if it is its own source, and not those if it names another.
    for (source, with) in [("open", "profile open"), ("dev", "profile dev")] {
        let role = ROLES.replace(
            "source_profile = dev\n",
            &format!("source_profile = {source}\n"),
        );
        let scene = Scene::with(alice().role("open").start())
            .config(format!("{CONFIG}{role}"))
            .credentials(format!("{CREDENTIALS}[open]\n{KEYS}"));
        let run = whoami(&scene.home, &["-p", "open"]);
        shows(
            &scene,
            run,
            role_lines("open", with),
            &[ASSUME, IDENTITY[0]],
        );
    }
}

#[cfg(unix)]
#[test]
fn a_role_is_assumed_with_the_keys_that_a_command_prints() {
    let keys =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    let config = format!(
        "{}[profile vault]\ncredential_process = printf '%s' '{keys}'\n",
        ROLES.replace("source_profile = dev\n", "source_profile = vault\n")
    );
    let scene = Scene::with(alice().role("open").start()).config(config);
    let run = whoami(&scene.home, &["-p", "open"]);
    let with = "the credential_process of profile vault";
    shows(
        &scene,
        run,
        role_lines("open", with),
        &[ASSUME, IDENTITY[0]],
    );
}

#[test]
fn a_role_whose_source_has_no_valid_session_says_how_to_sign_in() {
    let scene = scene();
    let absent = indoc! {"
        error: not signed in to dev-mfa
        hint: sign in with `awsmfa login --profile dev`
    "};
    scene.fails(whoami(&scene.home, &["-p", "admin"]), 3, absent, &[]);
    scene.login(&["-p", "dev", "-q"]).run();
    let end = last(&scene).expiration.format("%Y-%m-%dT%H:%M:%SZ");
    scene.aws.expire_sessions();
    let ended = indoc! {"
        error: the session of the access key ASIA{*} has expired
        hint: sign in again with `awsmfa login --profile dev --force`
    "};
    scene.fails(whoami(&scene.home, &["-p", "admin"]), 5, ended, &[ASSUME]);
    let text = scene.home.read_credentials();
    write(
        &scene,
        &text.replace(&end.to_string(), "2020-01-01T00:00:00Z"),
    );
    let expired = indoc! {"
        error: the session of dev-mfa has expired
        hint: sign in with `awsmfa login --profile dev`
    "};
    scene.fails(whoami(&scene.home, &["-p", "admin"]), 3, expired, &[]);
}

#[test]
fn a_role_that_would_take_a_code_is_not_assumed() {
    let device = "mfa_serial = arn:aws:iam::123456789012:mfa/alice\n";
    // On the way too.
    for (profile, at) in [
        ("admin", "[profile admin]\n"),
        ("inner", "[profile admin]\n"),
    ] {
        let roles = ROLES.replace(at, &format!("{at}{device}"));
        let scene = signed_in().config(format!("{CONFIG}{roles}"));
        let said = formatdoc! {"
            error: profile {profile} is a role for which the AWS CLI asks for a code (mfa_serial)
            hint: sign in with `awsmfa login --profile {profile}`, then use {profile}-mfa
        "};
        scene.fails(whoami(&scene.home, &["-p", profile]), 3, &said, &[]);
    }
}

#[test]
fn a_chain_that_the_aws_cli_refuses_is_refused_with_the_reason() {
    let role = "role_arn = arn:aws:iam::123456789012:role/open\n";
    for (more, why) in [
        (
            format!("[profile x]\n{role}source_profile = dev\ncredential_source = Environment\n"),
            "profile x sets both source_profile and credential_source",
        ),
        (
            format!("[profile x]\n{role}source_profile = x\n"),
            "profile x is its own source_profile and holds no access key",
        ),
        (
            format!("[profile x]\n{role}aws_access_key_id = AKIAX\naws_secret_access_key = y/z\n"),
            "profile x names a role (role_arn) but no source_profile to reach it from",
        ),
        (
            format!(
                "[profile x]\n{role}source_profile = y\n[profile y]\naws_access_key_id = AKIAX\n"
            ),
            "profile y holds only half a key: aws_secret_access_key is missing",
        ),
    ] {
        let scene = scene().config(format!("{CONFIG}{more}"));
        let said = format!("error: {why}\nhint: {{*}}\n");
        scene.fails(whoami(&scene.home, &["-p", "x"]), 1, &said, &[]);
    }
}

#[test]
fn the_old_name_of_the_session_token_takes_precedence() {
    let scene = signed_in();
    let session = last(&scene);
    let expected = lines(
        "yes",
        &format!("the environment ({})", session.access_key_id),
    ) + "until    {*} (12h left)\n";
    let only_old = "warning: only the AWS CLI and boto3 read AWS_SECURITY_TOKEN: for other SDKs these keys have no session token\n";
    let both = "warning: AWS_SECURITY_TOKEN and AWS_SESSION_TOKEN differ: the AWS CLI and boto3 use the first, the other SDKs the second\n";
    for (new, warning) in [
        (None, only_old),
        (Some("token/of/another"), both),
        (Some(session.token.as_str()), ""),
    ] {
        let run = whoami(&scene.home, &[]).env("AWS_SECURITY_TOKEN", &session.token);
        let run = with_keys(run, &session.access_key_id, &session.secret, new);
        let run = run.stdout(expected.as_str());
        scene.works(run, warning, IDENTITY);
    }
    // In the files too.
    let text = scene.home.read_credentials();
    let line = format!("aws_session_token = {}\n", session.token);
    let old = line.replace("session_token", "security_token");
    let expected = expected.replace("the environment", "profile dev-mfa");
    for (lines, warning) in [
        (old.clone(), only_old),
        (format!("{old}aws_session_token = another\n"), both),
        (format!("{old}{line}"), ""),
    ] {
        write(&scene, &text.replace(&line, &lines));
        let warning = warning
            .replace("AWS_SECURITY_TOKEN", "aws_security_token")
            .replace("AWS_SESSION_TOKEN", "aws_session_token");
        let run = whoami(&scene.home, &["-p", "dev-mfa"]).stdout(expected.as_str());
        scene.works(run, &warning, IDENTITY);
    }
}

#[test]
fn a_sign_in_does_not_take_a_session_under_the_old_name_for_a_long_term_key() {
    let scene = signed_in();
    let session = last(&scene);
    let run = scene.run(&["login", "--no-input"]);
    let run = run.env("AWS_SECURITY_TOKEN", &session.token);
    let run = with_keys(run, &session.access_key_id, &session.secret, None);
    let said = indoc! {"
        error: the environment holds a session, which can't be used to make another, and no profile is given
        hint: {*}
    "};
    scene.fails(run, 1, said, &[]);
}

/// A web identity token, as a container on EKS has it.
fn with_web_identity(run: Run<'_>) -> Run<'_> {
    run.env("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod")
}

#[test]
fn a_source_of_credentials_that_awsmfa_can_not_follow_is_named() {
    let scene = signed_in();
    let web = indoc! {"
        error: AWS tools get their keys here from a web identity token (AWS_WEB_IDENTITY_TOKEN_FILE), which awsmfa can't follow
        hint: ask the AWS CLI instead: `aws sts get-caller-identity`
    "};
    scene.fails(with_web_identity(whoami(&scene.home, &[])), 1, web, &[]);
    let run = with_web_identity(whoami(&scene.home, &[])).env("AWS_PROFILE", "dev");
    let differs = "warning: some AWS SDKs use profile dev rather than the web identity token (AWS_WEB_IDENTITY_TOKEN_FILE)\n";
    scene.fails(run, 1, &format!("{differs}{web}"), &[]);
    // Keys in the environment and a flag come before it.
    let run = with_session(&scene, with_web_identity(whoami(&scene.home, &[])));
    run.check_stdout(|text| assert!(text.contains(ALICE), "{text}"))
        .run();
    let run = with_web_identity(whoami(&scene.home, &["-p", "dev"]));
    let expected = lines("no", &format!("profile dev ({KEY_ID})"));
    shows(&scene, run, expected.as_str(), IDENTITY);
    // So does a role.
    let run = with_web_identity(whoami(&scene.home, &[])).env("AWS_PROFILE", "open");
    let differs = "warning: some AWS SDKs use the web identity token (AWS_WEB_IDENTITY_TOKEN_FILE) rather than the role of profile open\n";
    let run = run.stdout(role_lines("open", "profile dev"));
    scene.works(run, differs, &[ASSUME, IDENTITY[0]]);

    for variable in [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ] {
        let said = formatdoc! {"
            error: AWS tools get their keys here from the container they run in ({variable}), which awsmfa can't follow
            hint: ask the AWS CLI instead: `aws sts get-caller-identity`
        "};
        let run = whoami(&scene.home, &[]).env(variable, "/get");
        scene.fails(run, 1, &said, &[]);
        // Anything that a profile has comes before it.
        let run = whoami(&scene.home, &["-p", "dev"]).env(variable, "/get");
        shows(&scene, run, expected.as_str(), IDENTITY);
    }
}

#[test]
fn a_profiles_source_of_credentials_that_awsmfa_can_not_follow_is_named() {
    let role = "role_arn = arn:aws:iam::123456789012:role/x\n";
    for (settings, from) in [
        (
            format!("{role}web_identity_token_file = /token\nsource_profile = dev\n"),
            "a web identity token (web_identity_token_file)",
        ),
        (
            format!("{role}credential_source = Ec2InstanceMetadata\n"),
            "the machine they run on (credential_source)",
        ),
        (
            "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = x\n".to_owned(),
            "IAM Identity Center (sso_account_id)",
        ),
        (
            "login_session = arn:aws:iam::123456789012:user/x\n".to_owned(),
            "`aws login` (login_session)",
        ),
    ] {
        let reached =
            "[profile y]\nrole_arn = arn:aws:iam::123456789012:role/open\nsource_profile = x\n";
        let scene = scene().config(format!("{CONFIG}[profile x]\n{settings}{reached}"));
        let said = formatdoc! {"
            error: AWS tools get the keys of profile x from {from}, which awsmfa can't follow
            hint: ask the AWS CLI instead: `aws sts get-caller-identity --profile x`
        "};
        for name in ["x", "y"] {
            scene.fails(whoami(&scene.home, &["-p", name]), 1, &said, &[]);
        }
    }
}

#[cfg(unix)]
#[test]
fn of_several_sources_in_a_profile_the_aws_clis_first_is_used_and_the_others_named() {
    let keys =
        |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = {SECRET_KEY}\n");
    let printed =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    let process = format!("credential_process = printf '%s' '{printed}'\n");
    let own = lines("no", &format!("profile x ({KEY_ID})"));
    let command = lines(
        "no",
        &format!("the credential_process of profile x ({KEY_ID})"),
    );
    for (config, credentials, expected, differs) in [
        // Keys in the credentials file, then a command, then keys in the config file.
        (
            &process,
            format!("[x]\n{}", keys(KEY_ID)),
            &own,
            "profile x also has a credential_process: some AWS SDKs use that rather than an access key",
        ),
        (
            &format!("{process}{}", keys("AKIAELSE")),
            String::new(),
            &command,
            "profile x also has an access key: some AWS SDKs use that rather than a credential_process",
        ),
        // Without a role no source is needed.
        (
            &"credential_source = Environment\n".to_owned(),
            format!("[x]\n{}", keys(KEY_ID)),
            &own,
            "",
        ),
        // An IAM Identity Center session without a role is for tokens only.
        (
            &format!("sso_session = corp\n{}", keys(KEY_ID)),
            String::new(),
            &own,
            "",
        ),
    ] {
        let scene = scene()
            .config(format!("{CONFIG}[profile x]\n{config}"))
            .credentials(format!("{CREDENTIALS}{credentials}"));
        let run = whoami(&scene.home, &["-p", "x"]).stdout(expected.as_str());
        let warning = match differs {
            "" => String::new(),
            it => format!("warning: {it}\n"),
        };
        scene.works(run, &warning, IDENTITY);
    }
}

#[test]
fn tools_that_use_another_profile_are_named() {
    let scene = signed_in();
    let run = whoami(&scene.home, &[]).env("AWS_DEFAULT_PROFILE", "dev");
    let run = run.stdout(lines("no", &format!("profile dev ({KEY_ID})")));
    let warning = "warning: AWS_DEFAULT_PROFILE is read only by the AWS CLI, boto3 and the Go SDK: other SDKs use profile default rather than dev\n";
    scene.works(run, warning, IDENTITY);

    let environment = lines("no", &format!("the environment ({KEY_ID})"));
    for (variable, profile, warning) in [
        (
            "AWS_PROFILE",
            "dev-mfa",
            "warning: AWS_PROFILE is set too: the AWS SDK for JavaScript uses profile dev-mfa rather than the keys in the environment\n",
        ),
        ("AWS_DEFAULT_PROFILE", "dev-mfa", ""),
        (
            "AWS_PROFILE",
            "nobody",
            "warning: the AWS CLI and boto3 refuse to run: there is no profile nobody\n",
        ),
    ] {
        let run = whoami(&scene.home, &[]).env(variable, profile);
        let run = with_keys(run, KEY_ID, SECRET_KEY, None).stdout(environment.as_str());
        scene.works(run, warning, IDENTITY);
    }
}
