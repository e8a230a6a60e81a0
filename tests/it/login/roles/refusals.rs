//! Signs in to role profiles that are refused: by awsmfa before a code is read, or by AWS in its own
//! words.

use indoc::{formatdoc, indoc};

use super::{ASSUME, CONFIG, ready, scene, section, without_code};
use crate::scene::{CREDENTIALS, ISSUE, KEYS};
use crate::support::aws::{Fault, USER};

#[test]
fn a_chain_that_leads_to_no_keys_is_refused_and_named() {
    let role = "role_arn = arn:aws:iam::123456789012:role/admin\n";
    for (more, message, hint) in [
        (
            format!("[profile x]\n{role}source_profile = x\n"),
            "profile x is its own source_profile and holds no access key",
            "give it long-term keys, or set source_profile to the profile that holds them",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = x
                credential_process = touch code-was-read
            "},
            "profile x is its own source_profile and holds no access key",
            "give it long-term keys, or set source_profile to the profile that holds them",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = y
                [profile y]
                {role}source_profile = dev
                credential_source = EcsContainer
            "},
            "profile y sets both source_profile and credential_source",
            "AWS tools refuse that too: remove one of the two",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = dev
                web_identity_token_file = /token
            "},
            "profile x gets its credentials from a web identity token (web_identity_token_file), not from long-term keys",
            "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = y
                [profile y]
                {role}source_profile = dev
                aws_access_key_id = ASIAOTHERTOOL
                aws_secret_access_key = other
                aws_session_token = token
            "},
            "profile y holds a session, and a session can't be made from a session",
            "use --profile with the profile that holds your long-term keys (they begin with AKIA)",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = y
                [profile y]
                {role}source_profile = dev
                aws_access_key_id = AKIAHALF
            "},
            "profile y holds only half a key: aws_secret_access_key is missing",
            "give both parts with `awsmfa setup y`",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = y
                [profile y]
                {role}source_profile = x
            "},
            "source_profile goes in a circle: x, y, x",
            "point one of them to a profile with long-term keys, not x",
        ),
        (
            format!("[profile x]\n{role}source_profile = x-mfa\n"),
            "source_profile goes in a circle: x, x",
            "point one of them to a profile with long-term keys, not x",
        ),
        (
            format!("[profile x]\n{role}source_profile = gone\n"),
            "source_profile of profile x names profile gone, which is not in the AWS files",
            "fix source_profile, or add that profile with `awsmfa setup gone`",
        ),
        (
            format!("[profile x]\n{role}credential_source = Environment\n"),
            "profile x gets its credentials from the machine it runs on (credential_source), not from long-term keys",
            "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa",
        ),
        (
            format!("[profile x]\n{role}web_identity_token_file = /token\n"),
            "profile x gets its credentials from a web identity token (web_identity_token_file), not from long-term keys",
            "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa",
        ),
        (
            format!("[profile x]\n{role}"),
            "profile x names a role (role_arn) but no source_profile to reach it from",
            "set its source_profile to the profile that holds your long-term keys",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = web
                [profile web]
                {role}web_identity_token_file = /t
            "},
            "profile web gets its credentials from a web identity token (web_identity_token_file), not from long-term keys",
            "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = dev
                duration_seconds = 899
            "},
            "duration_seconds of profile x is not a number from 900 to 43200",
            "a role session lasts from 15 minutes to 12 hours, and no longer than the role allows",
        ),
        (
            formatdoc! {"
                [profile x]
                {role}source_profile = dev
                duration_seconds = 43201
            "},
            "duration_seconds of profile x is not a number from 900 to 43200",
            "a role session lasts from 15 minutes to 12 hours, and no longer than the role allows",
        ),
    ] {
        let scene = scene(&more);
        for name in ["login", "credential-process"] {
            let run = scene.run(&[name, "-p", "x"]);
            let run = run.args(["--code-command", "touch code-was-read; echo 314159"]);
            scene.refuses(run, 1, &format!("error: {message}\nhint: {hint}\n"));
        }
    }
}

#[test]
fn the_session_of_a_role_does_not_go_where_its_mfa_session_goes() {
    let scene = scene("");
    let run = scene.login_with_tripwire(&["-p", "admin", "--session-profile", "dev-mfa"]);
    let refusal = indoc! {"
        error: the session of admin can't go to profile dev-mfa: that is for the session of dev, which this one is made with
        hint: choose another profile for the session with --session-profile
    "};
    scene.refuses(run, 1, refusal);
    let run =
        scene.login_with_tripwire(&["-p", "admin", "--session-profile", "dev-mfa", "--force"]);
    scene.refuses(run, 1, refusal);
}

#[test]
fn the_session_of_a_role_does_not_go_to_keys_or_to_another_role() {
    let scene = scene("");
    for (target, why) in [
        (
            "dev",
            "it holds long-term keys (line 3 of the credentials file)",
        ),
        ("audit", "it gets its credentials from a role (role_arn)"),
    ] {
        let run =
            scene.login_with_tripwire(&["-p", "admin", "--session-profile", target, "--force"]);
        let refusal = formatdoc! {"
            error: profile {target} is not overwritten: {why}
            hint: choose another profile for the session with --session-profile
        "};
        scene.refuses(run, 1, &refusal);
    }
}

#[test]
fn a_denied_role_leaves_the_mfa_session_for_the_next_run() {
    let scene = scene(indoc! {"
        [profile x]
        role_arn = arn:aws:iam::123456789012:role/none
        source_profile = dev
    "});
    let denied = indoc! {"
        error: AWS refused sts:AssumeRole: User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/none (AccessDenied)
        hint: a policy denies it: ask your AWS administrator
    "};
    scene.login(&["-p", "x"]).status(5).stderr(denied).run();
    assert_eq!(scene.aws.actions(), [ISSUE, ASSUME]);
    let sessions = scene.aws.sessions();
    assert_eq!(
        scene.home.read_credentials(),
        format!("{CREDENTIALS}{}", section("dev", &sessions[0]))
    );
    // Nothing changes if it is denied again, and another role needs no code.
    scene.fails(without_code(&scene, "x"), 5, denied, &[ASSUME]);
    scene.works(without_code(&scene, "admin"), &ready("admin"), &[ASSUME]);
}

#[test]
fn if_the_role_does_not_allow_the_duration_its_setting_is_named() {
    let refused = |profile: &str, lifetime: &str| {
        formatdoc! {"
            error: AWS refused sts:AssumeRole: The requested DurationSeconds exceeds the MaxSessionDuration set for this role (ValidationError)
            hint: {lifetime} is longer than the role allows: lower duration_seconds in profile {profile}, or have the role's MaxSessionDuration raised
        "}
    };
    let long = |seconds: u32| {
        CONFIG.replace(
            "output = text\n",
            &format!("duration_seconds = {seconds}\n"),
        )
    };
    for (seconds, lifetime) in [(7200, "2h"), (43_200, "12h")] {
        let scene = scene("").config(long(seconds));
        for command in [
            &["login"][..],
            &["exec"],
            &["credential-process"],
            &["export"],
        ] {
            let mut args = command.to_vec();
            let code = scene.aws.code(USER);
            args.extend(["--profile", "admin", "--code", &code]);
            if command == ["exec"] {
                args.extend(["--", "true"]);
            }
            scene
                .run(&args)
                .status(5)
                .stderr(refused("admin", lifetime))
                .check_stdout(|_| {})
                .run();
        }
        let asked = scene.aws.actions();
        assert_eq!(
            asked.iter().filter(|it| *it == ISSUE).count(),
            1,
            "one code"
        );
    }

    // The role in the middle of a chain.
    let beyond = "[profile beyond]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = admin\n";
    let scene = scene("").config(long(7200) + beyond);
    let run = scene.login(&["-p", "beyond"]);
    run.status(5).stderr(refused("admin", "2h")).run();
}

#[test]
fn a_setting_of_any_role_that_can_not_be_used_is_found_before_a_code_is_read() {
    let begin = "[profile beyond]\nrole_arn = arn:aws:iam::123456789012:role/inner\nsource_profile = admin\n";
    for (setting, message, hint) in [
        (
            "region = not a region",
            "region of profile admin is not a region: not a region",
            "a region looks like eu-west-1",
        ),
        (
            "sts_regional_endpoints = bogus",
            "sts_regional_endpoints of profile admin is neither legacy nor regional: bogus",
            "{*}",
        ),
        (
            "max_attempts = none",
            "max_attempts of profile admin is not a number of attempts: none",
            "{*}",
        ),
        (
            "ca_bundle = /no/such/bundle.pem",
            "the CA bundle /no/such/bundle.pem can't be read: no such file or directory",
            "ca_bundle of profile admin points to this file; {*}",
        ),
        (
            "role_session_name = two words",
            "role_session_name of profile admin is not one that AssumeRole accepts",
            "it has 2 to 64 characters: letters, digits and _ + = , . @ -",
        ),
        (
            "external_id = x",
            "external_id of profile admin is not one that AssumeRole accepts",
            "it has 2 to 1224 characters: letters, digits and _ + = , . @ : / -",
        ),
    ] {
        let config = CONFIG.replace("region = eu-west-1", setting);
        let scene = scene("").config(config + begin);
        let told = formatdoc! {"
            error: {message}
            hint: {hint}
        "};
        for profile in ["admin", "beyond"] {
            // A bundle counts only for TLS.
            let run = scene.login_with_tripwire(&["-p", profile]);
            let run = run.env("AWS_ENDPOINT_URL", "https://127.0.0.1:1");
            scene.refuses(run.env_remove("AWS_MAX_ATTEMPTS"), 1, &told);
            let run = scene.run(&["doctor", "-qp", profile, "--offline"]);
            let run = run.env("AWS_ENDPOINT_URL", "https://127.0.0.1:1");
            let run = run.env_remove("AWS_MAX_ATTEMPTS").status(1);
            let ran = run.check_stdout(|_| {}).run();
            assert!(ran.stdout.contains(message), "{}", ran.stdout);
        }
    }
}

#[test]
fn a_setting_of_the_source_is_named_as_that_and_not_as_the_roles() {
    let config = CONFIG.replacen("[profile dev]\n", "[profile dev]\nmax_attempts = abc\n", 1);
    let scene = scene("").config(config);
    for profile in ["admin", "dev"] {
        let run = scene.login_with_tripwire(&["-p", profile]);
        let told =
            "error: max_attempts of profile dev is not a number of attempts: abc\nhint: {*}\n";
        scene.refuses(run.env_remove("AWS_MAX_ATTEMPTS"), 1, told);
    }
}

#[test]
fn a_wrong_external_id_is_refused_and_the_mfa_session_stays() {
    let scene = scene(indoc! {"
        [profile partner]
        role_arn = arn:aws:iam::123456789012:role/partner
        source_profile = dev
        external_id = other
    "});
    scene
        .login(&["-p", "partner"])
        .status(5)
        .check_stderr(|text| assert!(text.contains("is not authorized to perform: sts:AssumeRole")))
        .run();
    let sessions = scene.aws.sessions();
    assert_eq!(
        scene.home.read_credentials(),
        format!("{CREDENTIALS}{}", section("dev", &sessions[0]))
    );
}

#[test]
fn after_a_refused_code_no_role_is_requested_and_nothing_changes() {
    let scene = scene("");
    let wrong = scene.aws.code_at(USER, 40);
    let run = scene.run(&["login", "-p", "admin", "--code", &wrong]);
    scene.fails(
        run,
        4,
        indoc! {"
            error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used
            hint: next code in {*} s; if every code is refused, its clock is off: `awsmfa device resync --profile dev`
        "},
        &[ISSUE],
    );
}

#[test]
fn an_mfa_session_that_aws_ended_early_is_named_with_the_command_that_renews_it() {
    let scene = scene("");
    scene.works(
        scene.login(&["-p", "admin"]),
        &ready("admin"),
        &[ISSUE, ASSUME],
    );
    scene.aws.expire_sessions();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    let run = without_code(&scene, "audit");
    let ended = formatdoc! {"
        error: the session of the access key {id} has expired
        hint: the session of dev-mfa is no longer valid: sign in again with `awsmfa login --profile dev --force`
    "};
    scene.fails(run, 5, &ended, &[ASSUME]);
}

#[test]
fn if_aws_fails_at_the_role_that_is_reported_and_the_mfa_session_is_saved() {
    let scene = scene("");
    scene.aws.fault_always(ASSUME, Fault::Status(503));
    scene
        .login(&["-p", "admin"])
        .status(6)
        .check_stderr(|text| assert!(text.contains("sts:AssumeRole"), "{text}"))
        .run();
    scene.aws.heal();
    scene.works(without_code(&scene, "admin"), &ready("admin"), &[ASSUME]);
}

#[test]
fn keys_beside_a_role_are_not_used_to_assume_the_role() {
    let scene = scene("").credentials(formatdoc! {"
        {CREDENTIALS}
        [admin]
        {KEYS}"});
    scene.works(
        scene.login(&["-p", "admin"]),
        &ready("admin"),
        &[ISSUE, ASSUME],
    );
}

#[test]
fn a_role_is_not_assumed_with_other_keys_if_those_of_its_source_are_invalid() {
    for (keys, message) in [
        (
            "aws_access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\naws_secret_access_key = secret\n",
            "in profile mid, aws_access_key_id",
        ),
        (
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = two words\n",
            "in profile mid, aws_secret_access_key",
        ),
        (
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
            "profile mid holds only half a key",
        ),
    ] {
        for source in ["dev", "mid"] {
            let scene = scene(&formatdoc! {"
                [profile mid]
                role_arn = arn:aws:iam::123456789012:role/open
                source_profile = {source}
                {keys}
                [profile last]
                role_arn = arn:aws:iam::123456789012:role/inner
                source_profile = mid
            "});
            let run = scene.run(&["export", "-p", "last"]);
            let run = run.args(["--code-command", "touch code-was-read; echo 314159"]);
            run.status(1)
                .check_stdout(|_| ())
                .check_stderr(move |text| assert!(text.contains(message), "{text}"))
                .run();
            assert_eq!(scene.aws.actions(), [""; 0]);
            assert!(!scene.home.path().join("code-was-read").exists());
        }
    }
}
