//! Tests the account and the partition of a document: the given ones, else a device's, else AWS's
//! answer.

use indoc::{formatdoc, indoc};

use super::parse;
use crate::scene::{CONFIG_WITHOUT_DEVICE, KEYS, Scene, alice, snapshot};
use crate::support::aws::{Aws, USER};
use crate::support::run::Run;

const IDENTITY: &[&str] = &["GetCallerIdentity"];
const NOBODY: &[&str] = &[];

/// Checks that the requested document is for an account, and what is said about it.
fn is_for(scene: &Scene, run: Run<'_>, arn: &'static str, stderr: &str, actions: &[&str]) {
    let before = snapshot(&scene.home);
    let asked = scene.aws.actions().len();
    let run = run.stderr(stderr).check_stdout(move |text| {
        parse(text);
        assert!(text.contains(arn), "{arn} is not in {text}");
    });
    run.run();
    assert_eq!(scene.aws.actions()[asked..], *actions);
    assert_eq!(snapshot(&scene.home), before);
}

fn show<'a>(scene: &'a Scene, more: &[&str]) -> Run<'a> {
    scene.run(&[&["policy", "show", "manage-mfa"], more].concat())
}

#[test]
fn the_account_comes_from_the_profiles_device() {
    let scene = Scene::default();
    let arn = "arn:aws:iam::123456789012:user/${aws:username}";
    let said = "account 123456789012: from the MFA device of profile dev\n";
    is_for(&scene, show(&scene, &["-pdev"]), arn, said, NOBODY);
    let run = show(&scene, &[]).env("AWS_PROFILE", "dev");
    is_for(&scene, run, arn, said, NOBODY);
    is_for(&scene, show(&scene, &["-pdev", "-q"]), arn, "", NOBODY);
    // A document that names no account needs none.
    let run = scene.run(&["policy", "show", "read-only"]);
    run.check_stdout(|_| {}).run();
}

#[test]
fn a_session_profile_and_a_role_mean_the_user_behind_them() {
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        mfa_serial = arn:aws-cn:iam::123456789012:mfa/alice
        [profile admin]
        role_arn = arn:aws-cn:iam::999999999999:role/admin
        source_profile = dev
    "};
    let scene = Scene::default().config(config);
    let arn = "arn:aws-cn:iam::123456789012:user/${aws:username}";
    let said = "account 123456789012: from the MFA device of profile dev\n";
    is_for(&scene, show(&scene, &["-padmin"]), arn, said, NOBODY);
    is_for(&scene, show(&scene, &["-pdev-mfa"]), arn, said, NOBODY);
}

#[test]
fn without_a_device_aws_is_asked_with_the_keys() {
    let scene = Scene::default().config(CONFIG_WITHOUT_DEVICE);
    let arn = "arn:aws:iam::123456789012:user/${aws:username}";
    let said = "account 123456789012: from AWS, for profile dev\n";
    is_for(&scene, show(&scene, &["-pdev"]), arn, said, IDENTITY);
    let said = "account 123456789012: from AWS, for the access key in the environment\n";
    let mut lines = KEYS.lines().filter_map(|line| line.split_once(" = "));
    let mut run = show(&scene, &[]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        run = run.env(name, lines.next().expect("a key").1);
    }
    is_for(&scene, run, arn, said, IDENTITY);
    // In other partitions than AWS's usual one, the keys decide.
    let aws = alice().partition("aws-us-gov").start();
    let scene = Scene::with(aws).config("[profile dev]\nregion = us-gov-west-1\n");
    let arn = "arn:aws-us-gov:iam::123456789012:user/${aws:username}";
    let said = "account 123456789012: from AWS, for profile dev\n";
    is_for(&scene, show(&scene, &["-pdev"]), arn, said, IDENTITY);
}

#[test]
fn if_no_profile_has_keys_the_account_comes_from_the_devices_in_the_files() {
    let one = indoc! {"
        [profile a]
        mfa_serial = arn:aws:iam::111122223333:mfa/a
        [profile b]
        mfa_serial = arn:aws:iam::111122223333:mfa/b
    "};
    let scene = Scene::default().config(one).credentials("");
    let arn = "arn:aws:iam::111122223333:user/${aws:username}";
    let said = "account 111122223333: from the MFA devices in the AWS files\n";
    is_for(&scene, show(&scene, &[]), arn, said, NOBODY);
    let two = format!("{one}[profile c]\nmfa_serial = arn:aws:iam::444455556666:mfa/c\n");
    let scene = Scene::default().config(two).credentials("");
    let ways = "or give --account 123456789012 and --partition aws\n";
    show(&scene, &[])
        .status(1)
        .check_stderr(move |text| assert!(text.ends_with(ways), "{text}"))
        .run();
}

#[test]
fn given_values_are_not_looked_up() {
    let scene = Scene::default().config("[broken").credentials("[broken");
    let given = ["--account", "444455556666", "--partition", "aws-iso"];
    let arn = "arn:aws-iso:iam::444455556666:user/${aws:username}";
    is_for(&scene, show(&scene, &given), arn, "", NOBODY);
    // The partition is the device's if that belongs to the account, else the region's.
    let config = "[profile dev]\nregion = cn-north-1\nmfa_serial = arn:aws-us-gov:iam::123456789012:mfa/alice\n";
    let scene = Scene::default().config(config);
    let run = show(&scene, &["-pdev", "--account", "123456789012"]);
    let said = "partition aws-us-gov: from the MFA device of profile dev\n";
    is_for(
        &scene,
        run,
        "arn:aws-us-gov:iam::123456789012:user",
        said,
        NOBODY,
    );
    let run = show(&scene, &["-pdev", "--account", "444455556666"]);
    let said = "partition aws-cn: from region cn-north-1\n";
    is_for(
        &scene,
        run,
        "arn:aws-cn:iam::444455556666:user",
        said,
        NOBODY,
    );
    let run = show(&scene, &["-pdev", "--account", "*"]).env("AWS_REGION", "us-iso-east-1");
    let said = "partition aws-us-gov: from the MFA device of profile dev\n";
    is_for(&scene, run, "arn:aws-us-gov:iam::*:user", said, NOBODY);
    let run = show(
        &scene,
        &["-pdev", "--account", "*", "--region", "us-iso-east-1"],
    );
    let said = "partition aws-iso: from region us-iso-east-1\n";
    is_for(&scene, run, "arn:aws-iso:iam::*:user", said, NOBODY);
}

#[test]
fn a_template_needs_no_account_and_no_files() {
    let scene = Scene::default().config("[broken").credentials("[broken");
    for format in ["cloudformation", "terraform"] {
        let run = show(&scene, &["--format", format]);
        run.check_stdout(|text| assert!(!text.contains("123456789012"), "{text}"))
            .run();
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}

#[test]
fn if_aws_refuses_the_keys_the_flags_are_named() {
    let aws = Aws::builder().user(USER).start();
    let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
    show(&scene, &["-pdev"])
        .status(5)
        .check_stderr(|text| {
            let ways = "or give --account 123456789012 and --partition aws\n";
            assert!(text.ends_with(ways), "{text}");
        })
        .run();
}
