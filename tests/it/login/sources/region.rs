//! Checks which region is asked, by the signature of the request, which the stand-in verifies.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, DEVICE_SECRET, ISSUE, READY, SERIAL, SESSION, Scene};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

/// The region in the signature of the last request.
fn region(scene: &Scene, run: Run<'_>) -> String {
    scene.works(run, READY, &[ISSUE]);
    let requests = scene.aws.requests();
    requests.last().expect("a request was made").region.clone()
}

#[test]
fn the_flag_overrides_the_variables_and_those_override_the_profile() {
    let scene = Scene::default();
    let login = || scene.login(&["-p", "dev", "--force"]);
    assert_eq!(region(&scene, login()), "eu-central-1");
    let run = login().env("AWS_DEFAULT_REGION", "eu-west-1");
    assert_eq!(region(&scene, run), "eu-west-1");
    let run = login()
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env("AWS_REGION", "eu-west-2");
    assert_eq!(region(&scene, run), "eu-west-2");
    let run = login()
        .args(["--region", "eu-west-3"])
        .env("AWS_REGION", "eu-west-2");
    assert_eq!(region(&scene, run), "eu-west-3");
}

#[test]
fn without_a_region_the_first_of_the_devices_partition_is_used() {
    for (partition, expected) in [
        ("aws", "us-east-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-eusc", "eusc-de-east-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-iso-b", "us-isob-east-1"),
        ("aws-iso-e", "eu-isoe-west-1"),
        ("aws-iso-f", "us-isof-south-1"),
    ] {
        let aws = Aws::builder()
            .partition(partition)
            .user(USER)
            .key(KEY_ID, SECRET_KEY)
            .device(USER, DEVICE_SECRET)
            .start();
        let config = format!("[profile dev]\nmfa_serial = {}\n", aws.serial(USER));
        let scene = Scene::with(aws).config(config);
        assert_eq!(region(&scene, scene.login(&["-p", "dev"])), expected);
    }
}

#[test]
fn requests_to_a_custom_endpoint_are_signed_for_its_region_whatever_the_global_one_is() {
    let config = format!("{CONFIG}sts_regional_endpoints = legacy\n");
    let scene = Scene::with_files(config, CREDENTIALS);
    let login = scene.login(&["-p", "dev"]);
    assert_eq!(region(&scene, login), "eu-central-1");
}

#[test]
fn an_invalid_region_flag_is_refused() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: --region is not a region: eu_west
        hint: a region looks like eu-west-1
    "};
    let run = scene.login_with_tripwire(&["-p", "dev", "--region", "eu_west"]);
    scene.refuses(run, 2, stderr);
}

/// Every way in which a command uses a region or hands one out.
const COMMANDS: &[&[&str]] = &[
    &["login", "-p", "dev"],
    #[cfg(unix)]
    &["exec", "-p", "dev", "--", "env"],
    &["credential-process", "-p", "dev"],
    &["export", "-p", "dev"],
    &["export", "-p", "dev", "--format", "env"],
    &["export", "-p", "dev", "--format", "env-no-export"],
    &["export", "-p", "dev", "--format", "fish"],
    &["export", "-p", "dev", "--format", "powershell"],
    &["export", "-p", "dev", "--format", "windows-cmd"],
    &["export", "-p", "dev", "--format", "nu"],
    &["export", "-p", "dev", "--format", "process"],
    &["export", "-p", "dev", "--format", "json"],
    &["export", "-p", "dev", "--format", "github"],
    &["whoami", "-p", "dev"],
];

/// Values that are no region, and how a message shows them.
const NO_REGIONS: [(&str, &str); 6] = [
    ("eu west 1", "eu west 1"),
    ("eu-\twest-1", "eu-\\twest-1"),
    ("eu-west-1,eu-west-2", "eu-west-1,eu-west-2"),
    ("\"eu-west-1\"", "\"eu-west-1\""),
    ("eu-west-1.example.com/", "eu-west-1.example.com/"),
    ("eu\u{a0}west-1", "eu\u{a0}west-1"),
];

/// `config` with the lines that set a region in profile dev replaced by `region`.
fn config_with(region: &str) -> String {
    CONFIG.replace("eu-central-1", region)
}

/// A run that may show the session, with a file for a job's variables.
fn command<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let job = scene.home.path().join("job");
    fs::write(&job, "").expect("the home can be written to");
    let run = scene.run(args).env("GITHUB_ENV", &job);
    run.may_show(Kind::Session).may_show(Kind::LongTerm)
}

#[test]
fn an_invalid_region_is_refused_by_every_command_even_if_a_session_is_kept() {
    for args in COMMANDS {
        for signed_in in [true, false] {
            let scene = match signed_in {
                true => Scene::signed_in(),
                false => Scene::default(),
            };
            let (value, shown) = NO_REGIONS[0];
            let run = command(&scene, args).env("AWS_REGION", value);
            let stderr = formatdoc! {"
                error: AWS_REGION is not a region: {shown}
                hint: a region looks like eu-west-1
            "};
            let run = run.check_stdout(|_| {}).status(1).stderr(stderr);
            run.run();
            assert_eq!(scene.aws.connections(), 0, "{args:?}");
            let job = scene.home.path().join("job");
            assert_eq!(fs::read_to_string(job).expect("it is there"), "");
        }
    }
}

#[test]
fn every_source_of_a_region_is_checked() {
    for (value, shown) in NO_REGIONS {
        let refused = |scene: &Scene, run: Run<'_>, status, place: &str| {
            let stderr = formatdoc! {"
                error: {place} is not a region: {shown}
                hint: a region looks like eu-west-1
            "};
            scene.fails(run.check_stdout(|_| {}), status, &stderr, &[]);
        };
        for args in [&["export", "-p", "dev"][..], &["login", "-p", "dev"]] {
            let scene = Scene::signed_in();
            let flag = scene.run(args).args(["--region", value]);
            refused(&scene, flag, 2, "--region");
            let variable = scene.run(args).env("AWS_DEFAULT_REGION", value);
            refused(&scene, variable, 1, "AWS_DEFAULT_REGION");

            let scene = Scene::signed_in().config(config_with(value));
            refused(&scene, scene.run(args), 1, "region of profile dev");

            let config = format!("{CONFIG}\n[profile dev-mfa]\nregion = {value}\n");
            let scene = Scene::signed_in().config(config);
            refused(&scene, scene.run(args), 1, "region of profile dev-mfa");
        }
    }
}

/// Runs a command with the region eu-west-1 between two `space`s.
fn assert_trims(scene: &Scene, args: &[&str], space: &str) {
    let around = format!("{space}eu-west-1{space}");
    let code = scene.aws.code(USER);
    let run = command(scene, args)
        .env("AWS_REGION", &around)
        .env("AWSMFA_CODE", &code);
    let ran = run.check_stdout(|_| {}).check_stderr(|_| {}).run();
    let job = fs::read_to_string(scene.home.path().join("job"));
    let shown = ran.stdout + &job.expect("it is there");
    assert!(!shown.contains(&around), "{args:?}: {shown}");
    let is_silent =
        args.contains(&"process") || ["credential-process", "whoami"].contains(&args[0]);
    assert_eq!(shown.contains("eu-west-1"), !is_silent, "{args:?}: {shown}");
    for request in scene.aws.requests() {
        assert_eq!(request.region, "eu-west-1");
    }
}

#[test]
fn white_space_around_a_region_is_removed_wherever_it_is_used_or_handed_out() {
    for args in &COMMANDS[1..] {
        assert_trims(&Scene::default(), args, " ");
        if args[0] != "whoami" {
            for space in [" ", "\t", "\u{a0}", "\u{2003}"] {
                assert_trims(&Scene::signed_in(), args, space);
            }
        }
    }
}

#[test]
fn a_variable_of_white_space_counts_as_unset_and_the_next_source_is_used() {
    let scene = Scene::signed_in();
    let run = command(&scene, &["export", "-p", "dev", "--format", "json"])
        .env("AWS_REGION", " \t")
        .env("AWS_DEFAULT_REGION", "  ")
        .check_stdout(|text| assert!(text.contains(r#""AWS_REGION":"eu-central-1""#), "{text}"));
    run.run();
    // An empty flag was still meant to say something.
    let run = scene.run(&["export", "-p", "dev", "--region", " "]);
    let stderr = "error: --region is not a region: {*}\nhint: {*}\n";
    scene.fails(run.check_stdout(|_| {}), 2, stderr, &[]);
}

#[test]
fn a_roles_region_is_checked_before_its_source_is_asked_for_a_code() {
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        mfa_serial = {SERIAL}

        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
        region = eu west
    "};
    let scene = Scene::with_files(config, CREDENTIALS.to_owned() + SESSION);
    let run = scene.login_with_tripwire(&["-p", "admin"]);
    let stderr = indoc! {"
        error: region of profile admin is not a region: eu west
        hint: a region looks like eu-west-1
    "};
    scene.refuses(run, 1, stderr);
}

#[test]
fn the_session_profile_gets_the_region_without_the_white_space() {
    for space in [" ", "\u{a0}", "\u{2003}"] {
        let config = config_with(&format!("{space}eu-west-1{space}"));
        let scene = Scene::with_files(config, CREDENTIALS);
        assert_eq!(region(&scene, scene.login(&["-p", "dev"])), "eu-west-1");
        let config = scene.home.read_config();
        let copied = "[profile dev-mfa]\nregion = eu-west-1\noutput = json\n";
        assert!(config.contains(copied), "{config}");
    }
}
