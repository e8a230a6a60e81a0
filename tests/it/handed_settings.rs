//! Tests that what `exec` starts, and what follows an `export`, sees the settings of the session's
//! profile as if AWS_PROFILE named it, and that the next awsmfa takes none of them for the user's.

use std::collections::BTreeMap;
use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{CREDENTIALS, READY, SESSION, Scene, finish, output_text, wrap};
use crate::support::aws::USER;
use crate::support::aws::secrets::Kind;
use crate::support::run::Run;

/// The names that every export sets.
const OF_SESSION: &str = "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN,AWS_CREDENTIAL_EXPIRATION,AWS_ACCOUNT_ID";

/// The config file of a signed-in scene, in which dev has `settings` and AWS_ENDPOINT_URL is unset.
fn scene(config: &str) -> Scene {
    Scene::with_files(config, CREDENTIALS.to_owned() + SESSION)
}

/// The variables that a program under `exec` has and its caller has not, but for the session's.
fn handed(run: Run<'_>) -> BTreeMap<String, String> {
    let ran = run
        .args(["exec", "-p", "dev", "--", "env"])
        .may_show(Kind::Session)
        .may_show(Kind::LongTerm)
        .check_stdout(|_| {})
        .run();
    variables(&ran.stdout)
}

fn variables(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let relevant = |name: &str| {
        (name.starts_with("AWS") || name.starts_with("BOTOCORE"))
            && !OF_SESSION.split(',').any(|it| it == name)
            && !["AWS_EC2_METADATA_DISABLED"].contains(&name)
    };
    pairs
        .filter(|(name, _)| relevant(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn expected(pairs: &[(&str, &str)], exported: &str) -> BTreeMap<String, String> {
    let exported = match exported {
        "" => OF_SESSION.to_owned(),
        more => format!("{OF_SESSION},{more}"),
    };
    let pairs = pairs.iter().copied();
    pairs
        .chain([("AWSMFA_EXPORTED", exported.as_str())])
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Without the endpoint of the stand-in, as a person has it: the session is there, so none is asked.
fn apart(scene: &Scene) -> Run<'_> {
    scene.run(&[]).env_remove("AWS_ENDPOINT_URL")
}

#[test]
fn a_program_uses_the_profiles_fips_and_not_the_default_profiles_endpoint() {
    let scene = scene(indoc! {"
        [default]
        endpoint_url = http://127.0.0.1:1
        [profile dev]
        use_fips_endpoint = true
    "});
    assert_eq!(
        handed(apart(&scene)),
        expected(
            &[
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
            ],
            "AWS_USE_FIPS_ENDPOINT,AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        )
    );
}

/// Each setting with a variable, a value, and the variables.
const SETTINGS: [(&str, &str, &[&str]); 31] = [
    (
        "account_id_endpoint_mode",
        "required",
        &["AWS_ACCOUNT_ID_ENDPOINT_MODE"],
    ),
    (
        "auth_scheme_preference",
        "sigv4a,sigv4",
        &["AWS_AUTH_SCHEME_PREFERENCE"],
    ),
    ("ca_bundle", "/etc/a b.pem", &["AWS_CA_BUNDLE"]),
    ("data_path", "/models", &["AWS_DATA_PATH"]),
    ("defaults_mode", "in-region", &["AWS_DEFAULTS_MODE"]),
    (
        "disable_host_prefix_injection",
        "true",
        &["AWS_DISABLE_HOST_PREFIX_INJECTION"],
    ),
    (
        "disable_request_compression",
        "true",
        &["AWS_DISABLE_REQUEST_COMPRESSION"],
    ),
    (
        "ec2_metadata_service_endpoint",
        "http://[fd00::1]",
        &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
    ),
    (
        "ec2_metadata_service_endpoint_mode",
        "IPv6",
        &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
    ),
    (
        "ec2_metadata_v1_disabled",
        "true",
        &["AWS_EC2_METADATA_V1_DISABLED"],
    ),
    (
        "endpoint_discovery_enabled",
        "true",
        &[
            "AWS_ENABLE_ENDPOINT_DISCOVERY",
            "AWS_ENDPOINT_DISCOVERY_ENABLED",
        ],
    ),
    (
        "ignore_configured_endpoint_urls",
        "true",
        &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
    ),
    ("imds_use_ipv6", "true", &["AWS_IMDS_USE_IPV6"]),
    ("max_attempts", "7", &["AWS_MAX_ATTEMPTS"]),
    (
        "metadata_service_num_attempts",
        "4",
        &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"],
    ),
    (
        "metadata_service_timeout",
        "9",
        &["AWS_METADATA_SERVICE_TIMEOUT"],
    ),
    ("output", "yaml", &["AWS_DEFAULT_OUTPUT"]),
    (
        "request_checksum_calculation",
        "when_required",
        &["AWS_REQUEST_CHECKSUM_CALCULATION"],
    ),
    (
        "request_min_compression_size_bytes",
        "1",
        &["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"],
    ),
    (
        "response_checksum_validation",
        "when_required",
        &["AWS_RESPONSE_CHECKSUM_VALIDATION"],
    ),
    ("retry_mode", "adaptive", &["AWS_RETRY_MODE"]),
    (
        "s3_disable_express_session_auth",
        "true",
        &["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"],
    ),
    (
        "s3_disable_multiregion_access_points",
        "true",
        &["AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"],
    ),
    (
        "s3_us_east_1_regional_endpoint",
        "legacy",
        &["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"],
    ),
    ("s3_use_arn_region", "true", &["AWS_S3_USE_ARN_REGION"]),
    ("sdk_ua_app_id", "it's", &["AWS_SDK_UA_APP_ID"]),
    (
        "sigv4a_signing_region_set",
        "*",
        &["AWS_SIGV4A_SIGNING_REGION_SET"],
    ),
    (
        "sts_regional_endpoints",
        "legacy",
        &["AWS_STS_REGIONAL_ENDPOINTS"],
    ),
    ("tcp_keepalive", "true", &["BOTOCORE_TCP_KEEPALIVE"]),
    (
        "use_dualstack_endpoint",
        "true",
        &["AWS_USE_DUALSTACK_ENDPOINT"],
    ),
    ("use_fips_endpoint", "true", &["AWS_USE_FIPS_ENDPOINT"]),
];

#[test]
fn every_setting_with_a_variable_is_handed_over() {
    let settings: String = SETTINGS
        .iter()
        .map(|(key, value, _)| format!("{key} = {value}\n"))
        .collect();
    let variables: Vec<(&str, &str)> = SETTINGS
        .iter()
        .flat_map(|(_, value, names)| names.iter().map(move |name| (*name, *value)))
        .collect();
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let expected = expected(&variables, &names.join(","));
    // By the session profile, else by its source, from either file.
    for config in [
        format!("[profile dev]\n{settings}"),
        format!("[profile dev-mfa]\n{settings}[profile dev]\nmax_attempts = 3\n"),
    ] {
        assert_eq!(handed(apart(&scene(&config))), expected, "{config}");
    }
    let scene = Scene::with_files("", format!("{CREDENTIALS}{settings}{SESSION}"));
    assert_eq!(handed(apart(&scene)), expected);
}

#[test]
fn what_only_the_default_profile_sets_is_set_to_what_its_absence_means() {
    let keys_with = |value: &str| {
        let all = SETTINGS.iter();
        all.map(|(key, _, _)| format!("{key} = {value}\n"))
            .collect::<String>()
    };
    let default = format!("[default]\n{}[profile dev]\n", keys_with("true"));
    let off = [
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "preferred"),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "false"),
        ("AWS_DISABLE_REQUEST_COMPRESSION", "false"),
        ("AWS_EC2_METADATA_V1_DISABLED", "false"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"),
        ("AWS_IMDS_USE_IPV6", "false"),
        ("AWS_DEFAULT_OUTPUT", "json"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "10240"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_supported"),
        ("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "false"),
        ("AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS", "false"),
        ("BOTOCORE_TCP_KEEPALIVE", "false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "false"),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
    ];
    let names: Vec<&str> = off.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        handed(apart(&scene(&default))),
        expected(&off, &names.join(","))
    );
    // What means the same there already needs nothing.
    let same = "[default]\nuse_fips_endpoint = False\noutput = json\n[profile dev]\n";
    assert_eq!(handed(apart(&scene(same))), expected(&[], ""));
}

#[test]
fn a_variable_of_the_user_wins_and_stays_the_users() {
    let scene = scene(indoc! {"
        [default]
        use_dualstack_endpoint = true
        [profile dev]
        region = eu-central-1
        use_fips_endpoint = true
        max_attempts = 9
        endpoint_discovery_enabled = true
    "});
    let users = [
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_ENDPOINT_DISCOVERY_ENABLED", "false"),
        ("AWS_REGION", "eu-west-3"),
    ];
    let run = users
        .iter()
        .fold(apart(&scene), |run, (name, value)| run.env(name, value));
    let set = [
        ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("AWS_ENABLE_ENDPOINT_DISCOVERY", "true"),
        ("AWS_MAX_ATTEMPTS", "9"),
    ];
    assert_eq!(
        handed(run),
        expected(
            &[&users[..], &set].concat(),
            "AWS_DEFAULT_REGION,AWS_ENABLE_ENDPOINT_DISCOVERY,AWS_MAX_ATTEMPTS",
        )
    );
}

#[test]
fn an_empty_setting_of_the_session_profile_keeps_the_sources_from_counting() {
    let scene = scene(indoc! {"
        [profile dev]
        sdk_ua_app_id = theirs
        use_fips_endpoint = true
        [profile dev-mfa]
        sdk_ua_app_id =
        use_fips_endpoint = false
    "});
    assert_eq!(
        handed(apart(&scene)),
        expected(
            &[("AWS_USE_FIPS_ENDPOINT", "false")],
            "AWS_USE_FIPS_ENDPOINT"
        )
    );
}

/// What a login copies changes the session profile, and a session that is kept does not.
#[test]
fn what_a_session_profile_of_default_says_otherwise_keeps_what_default_says_from_counting() {
    // The program reads `[default]`, which is the source and not what it is to see.
    let services = "[services mine]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n[services other]\nsqs =\n  endpoint_url = http://127.0.0.1:2\n";
    for (source, session, pairs, exported) in [
        (
            "use_fips_endpoint = true\noutput = text",
            "use_fips_endpoint =\noutput =",
            &[
                ("AWS_DEFAULT_OUTPUT", "json"),
                ("AWS_USE_FIPS_ENDPOINT", "false"),
            ][..],
            "AWS_DEFAULT_OUTPUT,AWS_USE_FIPS_ENDPOINT",
        ),
        (
            "endpoint_url = http://127.0.0.1:1",
            "endpoint_url =",
            &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")][..],
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        ),
        (
            "services = mine",
            "services =",
            &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")][..],
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        ),
    ] {
        let config = format!("[default]\n{source}\n[profile default-mfa]\n{session}\n{services}");
        let credentials = (CREDENTIALS.to_owned() + SESSION)
            .replace("[dev", "[default")
            .replace("= dev", "= default");
        let scene = Scene::with_files(config, credentials);
        let run = apart(&scene).args(["exec", "--", "env"]);
        let run = run.may_show(Kind::Session).may_show(Kind::LongTerm);
        let run = run.check_stdout(|_| {});
        assert_eq!(
            variables(&run.run().stdout),
            expected(pairs, exported),
            "{source}"
        );
    }
    // One that names some services itself can't have the others ignored.
    let config =
        format!("[default]\nservices = mine\n[profile default-mfa]\nservices = other\n{services}");
    let credentials = (CREDENTIALS.to_owned() + SESSION)
        .replace("[dev", "[default")
        .replace("= dev", "= default");
    let scene = Scene::with_files(config, credentials);
    let run = apart(&scene).args(["exec", "--", "env"]);
    run.may_show(Kind::Session)
        .may_show(Kind::LongTerm)
        .stderr("warning: profile default sets an endpoint, and profile default-mfa does not: with this session AWS tools use it wherever the environment sets none\n")
        .check_stdout(|text| assert!(text.contains("AWS_ENDPOINT_URL_SQS=http://127.0.0.1:2"), "{text}"))
        .run();
}

#[test]
fn the_settings_are_those_of_the_session_profile_after_the_sign_in() {
    let config = indoc! {"
        [profile dev]
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
        max_attempts = 5
        [profile dev-mfa]
        max_attempts = 2
        awsmfa_copied = max_attempts
    "};
    let scene = scene(config);
    let code = scene.aws.code(USER);
    for (args, attempts) in [
        (&[][..], "2"),
        (&["--force", "--code", &code], "5"),
        (&[], "5"),
    ] {
        let args = [&["exec", "-p", "dev"], args, &["--", "env"]].concat();
        let ran = scene
            .run(&args)
            .may_show(Kind::Session)
            .may_show(Kind::LongTerm)
            .check_stdout(|_| {})
            .run();
        assert_eq!(
            variables(&ran.stdout)["AWS_MAX_ATTEMPTS"],
            attempts,
            "{args:?}"
        );
    }
}

mod endpoints {
    use super::*;

    const LAB: &str = indoc! {"
        [services lab]
        s3 =
          endpoint_url = http://s3.test
        elastic_beanstalk =
          endpoint_url = http://beans.test
        sts =
          other = 1
    "};

    #[test]
    fn those_of_services_and_of_all_are_handed_over() {
        let scene = scene(&formatdoc! {"
            [default]
            endpoint_url = http://default.test
            [profile dev]
            endpoint_url = http://dev.test
            services = lab
            {LAB}"});
        assert_eq!(
            handed(apart(&scene)),
            expected(
                &[
                    ("AWS_ENDPOINT_URL_S3", "http://s3.test"),
                    ("AWS_ENDPOINT_URL_ELASTIC_BEANSTALK", "http://beans.test"),
                    ("AWS_ENDPOINT_URL", "http://dev.test"),
                ],
                "AWS_ENDPOINT_URL_S3,AWS_ENDPOINT_URL_ELASTIC_BEANSTALK,AWS_ENDPOINT_URL",
            )
        );
    }

    /// In AWS tools the endpoint that the environment names for all services wins over a profile's
    /// for one.
    #[test]
    fn the_users_for_all_services_wins_over_every_one_of_the_profiles() {
        let scene = scene(&formatdoc! {"
            [default]
            endpoint_url = http://default.test
            [profile dev]
            services = lab
            {LAB}"});
        let run = scene.run(&[]).env("AWS_ENDPOINT_URL", "http://users.test");
        assert_eq!(
            handed(run),
            expected(&[("AWS_ENDPOINT_URL", "http://users.test")], "")
        );
    }

    #[test]
    fn the_users_for_one_service_wins_over_the_profiles_for_it() {
        let scene = scene(&formatdoc! {"
            [profile dev]
            services = lab
            {LAB}"});
        let run = apart(&scene).env("AWS_ENDPOINT_URL_S3", "http://users.test");
        assert_eq!(
            handed(run),
            expected(
                &[
                    ("AWS_ENDPOINT_URL_S3", "http://users.test"),
                    ("AWS_ENDPOINT_URL_ELASTIC_BEANSTALK", "http://beans.test"),
                ],
                "AWS_ENDPOINT_URL_ELASTIC_BEANSTALK",
            )
        );
    }

    #[test]
    fn the_services_of_the_session_profile_take_the_place_of_the_sources() {
        let scene = scene(&formatdoc! {"
            [profile dev]
            services = lab
            [profile dev-mfa]
            services = own
            [services own]
            iam =
              endpoint_url = http://iam.test
            {LAB}"});
        assert_eq!(
            handed(apart(&scene)),
            expected(
                &[("AWS_ENDPOINT_URL_IAM", "http://iam.test")],
                "AWS_ENDPOINT_URL_IAM",
            )
        );
    }

    #[test]
    fn where_they_are_ignored_none_is_handed_over() {
        let config = |dev: &str| {
            formatdoc! {"
                [default]
                endpoint_url = http://default.test
                [profile dev]
                endpoint_url = http://dev.test
                {dev}
                {LAB}"}
        };
        let scene = scene(&config("ignore_configured_endpoint_urls = TRUE"));
        let ignore = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
        assert_eq!(handed(apart(&scene)), expected(&[(ignore, "TRUE")], ignore));
        let scene = super::scene(&config("services = lab"));
        assert_eq!(
            handed(apart(&scene).env(ignore, "true")),
            expected(&[(ignore, "true")], "")
        );
    }

    #[test]
    fn those_of_services_that_only_the_default_profile_names_are_ignored_too() {
        let scene = scene(&formatdoc! {"
            [default]
            ignore_configured_endpoint_urls = false
            services = lab
            [profile dev]
            {LAB}"});
        let ignore = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
        assert_eq!(handed(apart(&scene)), expected(&[(ignore, "true")], ignore));
    }

    #[test]
    fn where_the_default_profiles_cannot_be_ignored_alone_it_is_warned_of() {
        let warning = "warning: profile default sets an endpoint, and profile dev-mfa does not: \
                       with this session AWS tools use it wherever the environment sets none\n";
        let both = formatdoc! {"
            [default]
            endpoint_url = http://default.test
            [profile dev]
            services = lab
            {LAB}"};
        let only = both.replace("services = lab\n", "");
        let theirs = only.replace("endpoint_url = http://default.test", "services = lab");
        for (config, name, value) in [
            (&only, "AWS_ENDPOINT_URL_STS", "http://users.test"),
            (&only, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"),
            (&both, "UNRELATED", "1"),
            (&theirs, "AWS_ENDPOINT_URL_S3", "http://users.test"),
        ] {
            let scene = scene(config);
            let run = apart(&scene).env(name, value).stderr(warning);
            let handed = handed(run);
            assert!(
                handed
                    .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                    .is_none_or(|it| it != "true"),
                "{handed:?}"
            );
        }
        // What the default profile names is what the user names.
        let alone = theirs
            .replace("beans.test", "x")
            .replace("elastic_beanstalk", "s3");
        let scene = scene(&alone);
        let run = apart(&scene).env("AWS_ENDPOINT_URL_S3", "http://users.test");
        handed(run);
    }
}

#[test]
fn a_setting_of_several_lines_is_left_out_and_warned_of() {
    let scene = scene("[profile dev]\nendpoint_discovery_enabled = a\n  b\nmax_attempts = 2\n");
    let run = apart(&scene).stderr(
        "warning: endpoint_discovery_enabled of profile dev-mfa is not passed on: it has a line break or another \
         control character\n",
    );
    assert_eq!(
        handed(run),
        expected(&[("AWS_MAX_ATTEMPTS", "2")], "AWS_MAX_ATTEMPTS")
    );
}

/// Two profiles with sessions: dev with settings, ops with others.
fn two() -> Scene {
    let config = indoc! {"
        [profile dev]
        region = eu-west-1
        use_fips_endpoint = true
        max_attempts = 2
        endpoint_url = http://127.0.0.1:1
        [profile ops]
        region = eu-west-2
        max_attempts = 5
        [profile bare]
    "};
    let keys = CREDENTIALS.replace("# mine, do not touch\n", "");
    let of = |name: &str| (keys.clone() + SESSION).replace("dev", name);
    Scene::with_files(config, of("dev") + "\n" + &of("ops") + "\n" + &of("bare"))
}

/// What a shell that evaluates `script` has in the end. `$@` is awsmfa.
fn shell(scene: &Scene, script: &str) -> BTreeMap<String, String> {
    let mut command = wrap(
        "sh",
        &["-c", &format!("{script}; env"), "sh"],
        &scene.home.command([""; 0]),
    );
    command.env_remove("AWS_ENDPOINT_URL");
    let output = finish(command);
    assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
    assert_eq!(output.stderr, b"", "{}", output_text(&output));
    variables(&String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn the_next_export_clears_what_the_last_one_set_and_takes_nothing_of_it_for_the_users() {
    let scene = two();
    let ops = [
        ("AWS_REGION", "eu-west-2"),
        ("AWS_DEFAULT_REGION", "eu-west-2"),
        ("AWS_MAX_ATTEMPTS", "5"),
    ];
    let names = "AWS_REGION,AWS_DEFAULT_REGION,AWS_MAX_ATTEMPTS";
    let twice = "eval \"$(\"$@\" export -p dev)\"; eval \"$(\"$@\" export -p ops)\"";
    assert_eq!(shell(&scene, twice), expected(&ops, names));
    // The same under exec, and where the last one is the same as the next one.
    let exec = "eval \"$(\"$@\" export -p dev)\"; exec \"$@\" exec -p ops -- env";
    assert_eq!(shell(&scene, exec), expected(&ops, names));
    let thrice = format!("{twice}; eval \"$(\"$@\" export -p ops)\"");
    assert_eq!(shell(&scene, &thrice), expected(&ops, names));
    // One without a region and without a setting.
    let bare = "eval \"$(\"$@\" export -p dev)\"; eval \"$(\"$@\" export -p bare)\"";
    assert_eq!(shell(&scene, bare), expected(&[], ""));
}

#[test]
fn unset_clears_what_was_exported_and_nothing_of_the_users() {
    let scene = two();
    let back = "eval \"$(\"$@\" export -p dev)\"; eval \"$(\"$@\" export --unset)\"";
    assert_eq!(shell(&scene, back), BTreeMap::new());
    let users = [("AWS_MAX_ATTEMPTS", "4"), ("AWS_REGION", "eu-west-3")];
    let set = "export AWS_MAX_ATTEMPTS=4 AWS_REGION=eu-west-3";
    let users = users.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        shell(&scene, &format!("{set}; {back}")),
        BTreeMap::from(users)
    );
}

/// The endpoint of dev leads nowhere: a sign-in that asked there would fail.
#[test]
fn an_exported_endpoint_and_an_exported_region_are_not_the_next_sign_ins() {
    let scene = two();
    let exported = [
        (
            "AWSMFA_EXPORTED",
            "AWS_ENDPOINT_URL_STS,AWS_REGION,AWS_USE_FIPS_ENDPOINT",
        ),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let code = scene.aws.code(USER);
    let run = scene.run(&["login", "-p", "ops", "--force", "--code", &code]);
    let run = exported
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    scene.works(
        run,
        &READY.replace("dev-mfa", "ops-mfa"),
        &["GetSessionToken"],
    );
    assert_eq!(scene.aws.requests()[0].region, "eu-west-2");
    // They are AWS tools' all the same: whoami shows whose the keys are where those are asked.
    let session = scene.aws.sessions().pop().expect("one was issued");
    let run = scene
        .run(&["whoami"])
        .env("AWS_ACCESS_KEY_ID", &session.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &session.secret)
        .env("AWS_SESSION_TOKEN", &session.token)
        .env("AWSMFA_EXPORTED", "AWS_REGION")
        .env("AWS_REGION", "eu-west-1");
    run.check_stdout(|_| {}).run();
    assert_eq!(scene.aws.requests()[1].region, "eu-west-1");
}

#[test]
fn what_is_no_variable_of_aws_in_the_list_is_passed_over() {
    let scene = two();
    for list in [
        "AWS_X;touch mark",
        "PATH",
        "AWS_X$(touch mark)",
        "AWS_é",
        "HTTPS_PROXY, ,AWSMFA_CODE",
        "AWS_x\ntouch mark",
    ] {
        let run = scene
            .run(&["export", "--unset"])
            .env("AWSMFA_EXPORTED", list);
        run.stdout(
            "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
             AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWSMFA_EXPORTED;\n",
        )
        .run();
    }
}

/// The user's long-term keys over an exported session are the user's.
#[test]
fn keys_that_the_user_sets_over_exported_ones_count() {
    let scene = two();
    let code = scene.aws.code(USER);
    let run = scene
        .run(&[
            "export",
            "--format",
            "process",
            "--code",
            &code,
            "--mfa-serial",
        ])
        .args([crate::scene::SERIAL])
        .env("AWS_ACCESS_KEY_ID", crate::support::aws::KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", crate::support::aws::SECRET_KEY)
        .env("AWSMFA_EXPORTED", OF_SESSION)
        .may_show(Kind::Session)
        .check_stdout(|_| {});
    let said = "using the access key from the environment (no profile given)\n";
    scene.works(run, said, &["GetSessionToken"]);
}

#[test]
fn a_job_keeps_what_an_earlier_export_set_and_is_told_so() {
    let scene = two();
    let job = scene.home.path().join("job");
    fs::write(&job, "").expect("the home is writable");
    let exported =
        "AWS_USE_FIPS_ENDPOINT,AWS_MAX_ATTEMPTS,AWS_RETRY_MODE,AWS_CA_BUNDLE,AWS_DATA_PATH";
    let run = scene
        .run(&["export", "-p", "ops", "--format", "github"])
        .env("GITHUB_ENV", &job)
        .env("AWSMFA_EXPORTED", exported)
        .env("AWS_USE_FIPS_ENDPOINT", "true")
        .env("AWS_MAX_ATTEMPTS", "2")
        .env("AWS_CA_BUNDLE", "x.pem")
        .env("AWS_DATA_PATH", "/models");
    run.may_show(Kind::Session)
        .may_show(Kind::LongTerm)
        .check_stdout(|_| {})
        .stderr(
            "warning: later steps still have AWS_CA_BUNDLE, AWS_DATA_PATH from an earlier export: \
             a job can't clear a variable\n",
        )
        .run();
    let written = fs::read_to_string(&job).expect("it is there");
    let names = "AWS_REGION,AWS_DEFAULT_REGION,AWS_MAX_ATTEMPTS,\
                 AWS_USE_FIPS_ENDPOINT,AWS_CA_BUNDLE,AWS_DATA_PATH";
    assert_eq!(
        variables(&written),
        expected(
            &[
                ("AWS_REGION", "eu-west-2"),
                ("AWS_DEFAULT_REGION", "eu-west-2"),
                ("AWS_MAX_ATTEMPTS", "5"),
                ("AWS_USE_FIPS_ENDPOINT", "false"),
            ],
            names,
        )
    );
}

/// Tools' names of sessions, in a shell that one of them was used in.
#[test]
fn what_other_tools_say_of_their_sessions_is_cleared() {
    let scene = Scene::signed_in();
    let names = [
        "AWS_VAULT",
        "AWSUME_PROFILE",
        "AWS_SSO_PROFILE",
        "GRANTED_SSO",
        "GRANTED_SSO_NEW_IN_2027",
    ];
    let run = names
        .iter()
        .fold(scene.run(&[]), |run, name| run.env(name, "theirs"));
    let ran = run
        .args(["exec", "-p", "dev", "--", "env"])
        .may_show(Kind::Session)
        .may_show(Kind::LongTerm)
        .check_stdout(|_| {})
        .run();
    assert!(!ran.stdout.contains("=theirs"), "{}", ran.stdout);
    let run = names
        .iter()
        .fold(scene.run(&[]), |run, name| run.env(name, "theirs"));
    let ran = run
        .args(["export", "-p", "dev"])
        .may_show(Kind::Session)
        .may_show(Kind::LongTerm)
        .check_stdout(|_| {})
        .run();
    let cleared = ran
        .stdout
        .lines()
        .next()
        .expect("a line")
        .trim_end_matches(';');
    let cleared: Vec<&str> = cleared.split(' ').collect();
    for name in names {
        assert!(cleared.contains(&name), "{name}");
    }
}
