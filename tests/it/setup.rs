//! Tests `setup`: from an access key to a session, by every way that keys come in, at the terminal and
//! without one, and with everything in its place already.

#[cfg(unix)]
mod dialogue;
mod given;
#[cfg(target_os = "linux")]
mod harm;
mod refusals;

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{
    CREDENTIALS, ISSUE, READY, SERIAL, SESSION, Scene, alice_without_device, snapshot,
};
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

/// The request that says whose keys they are.
const ASK: &str = "GetCallerIdentity";
/// The request for the devices.
const DEVICES: &str = "ListMFADevices";

/// Another key of AWS's examples.
const OTHER_ID: &str = "AKIAI44QH8DHBEXAMPLE";

/// The keys on two lines.
const LINES: &str = indoc! {"
    AKIAIOSFODNN7EXAMPLE
    wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"};

/// What stands in a new credentials file.
const STORED: &str = indoc! {"
    [dev]
    aws_access_key_id = AKIAIOSFODNN7EXAMPLE
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"};

/// What is said of new keys.
const SAID: &str = indoc! {"
    stored access key AKIAIOSFODNN7EXAMPLE {*}in profile dev{*}
    AWS says it is alice of account 123456789012 (arn:aws:iam::123456789012:user/alice)
"};

/// The same, with what is said of the region.
fn said(place: &str) -> String {
    SAID.replace("{*}in profile dev{*}", place)
}

/// The same of keys that were there.
const SAID_AGAIN: &str = indoc! {"
    profile dev has access key AKIAIOSFODNN7EXAMPLE and {*}
    AWS says it is alice of account 123456789012 (arn:aws:iam::123456789012:user/alice)
"};

/// What somebody is told who does not sign in.
const LATER: &str = "sign in with `awsmfa login --profile dev`\n";

/// A user who has nothing in their home.
fn nobody() -> Scene {
    nobody_with(Aws::start())
}

fn nobody_with(aws: Aws) -> Scene {
    let scene = Scene::with(aws);
    for path in [scene.home.credentials_path(), scene.home.config_path()] {
        fs::remove_file(path).expect("the scene has it");
    }
    scene
}

impl Scene {
    /// `setup` of dev with these arguments, which asks nobody.
    fn setup<'a>(&'a self, args: &[&str]) -> Run<'a> {
        self.run(&["setup", "dev", "--no-input"]).args(args)
    }
}

#[test]
fn keys_and_region_are_stored_once_aws_has_said_whose_they_are() {
    let scene = nobody();
    let run = scene.setup(&["--no-login", "--region", "eu-central-1"]);
    let said = said("and region eu-central-1 in profile dev");
    scene.works(run.stdin(LINES), &said, &[ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
    let config = "[profile dev]\nregion = eu-central-1\n";
    assert_eq!(scene.home.read_config(), config);
    let authorization = &scene.aws.requests()[0];
    assert!(
        format!("{authorization:?}").contains("eu-central-1"),
        "the region counts for the check already"
    );
}

#[test]
fn a_second_run_says_what_is_there_and_changes_nothing() {
    let scene = nobody();
    let args = ["--no-login", "--region", "eu-central-1"];
    scene.works(scene.setup(&args).stdin(LINES), SAID, &[ASK]);
    let before = snapshot(&scene.home);
    scene.works(scene.setup(&args), SAID_AGAIN, &[ASK]);
    scene.works(scene.setup(&args).stdin(LINES), SAID_AGAIN, &[ASK]);
    scene.works(scene.setup(&["--no-login"]), SAID_AGAIN, &[ASK]);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn with_a_session_too_it_says_so_and_asks_only_who_that_is() {
    let scene = Scene::signed_in();
    let before = snapshot(&scene.home);
    let said = formatdoc! {"
        {SAID_AGAIN}dev-mfa is still valid until {{*}}; --force renews it
        use it with: export AWS_PROFILE=dev-mfa
    "};
    scene.works(scene.setup(&[]), &said, &[ASK]);
    scene.works(
        scene.run(&["setup", "-p", "dev-mfa", "--no-input"]),
        &said,
        &[ASK],
    );
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn a_code_in_hand_makes_the_session_in_the_same_run() {
    let scene = nobody();
    let code = scene.aws.code(USER);
    let run = scene.setup(&["--region", "eu-central-1", "--code", &code]);
    let said = format!("{SAID}{READY}");
    scene.works(run.stdin(LINES), &said, &[ASK, ASK, DEVICES, ISSUE]);
    let credentials = scene.home.read_credentials();
    assert!(
        credentials.starts_with(&format!("{STORED}\n[dev-mfa]\n")),
        "{credentials}"
    );
    let config = indoc! {"
        [profile dev]
        region = eu-central-1

        [profile dev-mfa]
        region = eu-central-1
        awsmfa_copied = region
    "};
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn without_a_code_and_without_a_question_the_next_command_is_named() {
    let scene = nobody();
    let said = said("in profile dev, which has no region") + LATER;
    scene.works(scene.setup(&[]).stdin(LINES), &said, &[ASK]);
    assert_eq!(scene.home.read_config(), "", "nobody said a region");
}

#[test]
fn a_first_profile_may_be_the_default_one() {
    let scene = nobody();
    let run = scene.run(&["setup", "--no-input", "--no-login", "--region", "eu-west-1"]);
    let said = SAID.replace("profile dev", "profile default");
    scene.works(run.stdin(LINES), &said, &[ASK]);
    assert_eq!(
        scene.home.read_credentials(),
        STORED.replace("dev", "default")
    );
    assert_eq!(scene.home.read_config(), "[default]\nregion = eu-west-1\n");
    for (name, value) in [("AWS_PROFILE", "work"), ("AWS_DEFAULT_PROFILE", "home")] {
        let run = scene
            .run(&["setup", "--no-input", "--no-login"])
            .env(name, value);
        let said = SAID.replace("profile dev", &format!("profile {value}"));
        scene.works(run.stdin(LINES), &said, &[ASK]);
        assert!(
            scene
                .home
                .read_credentials()
                .contains(&format!("[{value}]\n"))
        );
    }
}

#[test]
fn the_profile_is_named_once_or_twice_the_same() {
    let scene = Scene::default();
    for args in [
        &[
            "setup",
            "dev",
            "--profile",
            "dev",
            "--no-input",
            "--no-login",
        ][..],
        &["setup", "--profile", "dev", "--no-input", "--no-login"],
        &["-p", "dev", "setup", "dev", "--no-input", "--no-login"],
    ] {
        scene.works(scene.run(args), SAID_AGAIN, &[ASK]);
    }
    let run = scene.run(&["setup", "dev", "-p", "prod", "--no-input"]);
    let said = "error: two profiles given: dev, and prod with --profile\nhint: give only one\n";
    scene.fails(run, 2, said, &[]);
}

#[test]
fn what_stands_in_the_files_stays_byte_for_byte() {
    let config =
        "# top\n[profile other]\nregion=eu-west-1 \n\n[profile dev]\noutput = json\n# end\n";
    let credentials = "[other]\r\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\r\naws_secret_access_key = other/secret\r\n";
    let scene = nobody().config(config).credentials(credentials);
    let run = scene.setup(&["--no-login", "--region", "eu-west-1"]);
    scene.works(run.stdin(LINES), SAID, &[ASK]);
    let written = scene.home.read_credentials();
    assert!(written.starts_with(credentials), "{written}");
    let config = config.replace("output = json\n", "output = json\nregion = eu-west-1\n");
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn a_region_of_the_profile_is_used_and_never_replaced() {
    for (config, kept) in [
        (
            "[profile dev]\nregion = eu-central-1\n",
            "profile dev keeps its region eu-central-1; eu-west-1 is for this run only\n",
        ),
        (
            "[profile dev]\nregion =\n",
            "region eu-west-1 is for this run only: profile dev has an empty `region =`, which is left unchanged\n",
        ),
    ] {
        let scene = nobody().config(config);
        let run = scene.setup(&["--no-login", "--region", "eu-west-1"]);
        let said = SAID.replace("AWS says", &format!("{kept}AWS says"));
        scene.works(run.stdin(LINES), &said, &[ASK]);
        assert_eq!(scene.home.read_config(), config);
    }
    let scene = nobody().config("[profile dev]\nregion = eu-central-1\n");
    scene.works(scene.setup(&["--no-login"]).stdin(LINES), SAID, &[ASK]);
    assert!(format!("{:?}", scene.aws.requests()[0]).contains("eu-central-1"));
}

#[test]
fn a_region_of_the_environment_becomes_the_profile_s() {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let scene = nobody();
        let run = scene.setup(&["--no-login"]).env(name, "eu-west-3");
        scene.works(run.stdin(LINES), SAID, &[ASK]);
        assert_eq!(
            scene.home.read_config(),
            "[profile dev]\nregion = eu-west-3\n"
        );
    }
}

#[test]
fn one_half_of_a_key_is_made_whole_by_the_pair_that_it_is_of() {
    let (id, secret) = STORED["[dev]\n".len()..]
        .split_once('\n')
        .expect("two lines");
    for half in [format!("[dev]\n{id}\n"), format!("[dev]\n{secret}")] {
        let scene = nobody().credentials(&half);
        scene.works(scene.setup(&["--no-login"]).stdin(LINES), SAID, &[ASK]);
        let written = scene.home.read_credentials();
        assert!(written.starts_with(&half), "{written}");
        assert!(
            written.contains(id) && written.contains(secret.trim()),
            "{written}"
        );
    }
}

#[test]
fn the_result_as_json_has_no_secret() {
    let scene = nobody();
    let json = |session: bool, stored: bool| {
        let (session_profile, serial) = match session {
            true => ("\"dev-mfa\"", format!("\"{SERIAL}\"")),
            false => ("null", "null".to_owned()),
        };
        format!(
            "{{\"access_key_id\":\"{KEY_ID}\",\"account\":\"123456789012\",\"arn\":\"arn:aws:iam::123456789012:user/alice\",\"expiration\":{{*}},\"managed\":{session},\"mfa_serial\":{serial},\"profile\":\"dev\",\"region\":\"eu-west-1\",\"remaining_seconds\":{{*}},\"session_profile\":{session_profile},\"source_profile\":{{*}},\"stored\":{stored}}}\n"
        )
    };
    let args = ["--json", "--region", "eu-west-1"];
    let run = scene.setup(&args).stdin(LINES).stdout(json(false, true));
    scene.works(run, "", &[ASK]);
    let code = scene.aws.code(USER);
    let run = scene
        .setup(&args)
        .args(["--code", &code])
        .stdout(json(true, false));
    scene.works(run, "", &[ASK, ASK, DEVICES, ISSUE]);
}

#[test]
fn keys_of_another_partition_are_known_in_its_regions_alone_and_the_region_stays() {
    for (partition, region) in [
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ] {
        let aws = alice_without_device().partition(partition);
        let scene = nobody_with(aws.strict_partition().start());
        let said = formatdoc! {"
            error: AWS does not know the access key {KEY_ID}
            hint: check for a typo; {{*}}; keys of AWS China and GovCloud are known only there: use --region cn-north-1 or --region us-gov-west-1
        "};
        scene.fails(scene.setup(&[]).stdin(LINES), 5, &said, &[ASK]);
        let said = SAID.replace("arn:aws:", &format!("arn:{partition}:"));
        let run = scene.setup(&["--no-login", "--region", region]);
        scene.works(run.stdin(LINES), &said, &[ASK]);
        let config = format!("[profile dev]\nregion = {region}\n");
        assert_eq!(scene.home.read_config(), config);
        let again = SAID_AGAIN.replace("arn:aws:", &format!("arn:{partition}:"));
        scene.works(scene.setup(&["--no-login"]), &again, &[ASK]);
    }
}

#[test]
fn a_session_of_the_profile_is_made_with_the_keys_that_stand_there() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let run = scene.setup(&["--code", &code]);
    scene.works(run, &format!("{SAID_AGAIN}{READY}"), &[ASK, ISSUE]);
    assert!(scene.home.read_credentials().starts_with(CREDENTIALS));
    assert!(!scene.home.read_credentials().contains(SESSION));
}

/// The secret of alice's key never comes from a flag.
#[test]
fn no_flag_takes_a_secret() {
    let scene = nobody();
    for args in [
        &["setup", "dev", "--secret-access-key", "x"][..],
        &["setup", "dev", "--access-key-id", KEY_ID],
    ] {
        let run = scene
            .run(args)
            .check_stderr(|it| assert!(it.contains("error:"), "{it}"));
        run.status(2).run();
    }
    assert!(!scene.home.read_credentials().contains(SECRET_KEY));
}
