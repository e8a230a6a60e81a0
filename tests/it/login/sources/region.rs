//! Shows which region is asked, by the signature of the request, which the stand-in checks.

use indoc::indoc;

use crate::scene::{CONFIG, CREDENTIALS, DEVICE_SECRET, ISSUE, READY, Scene};
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

/// The region in the signature of the last request.
fn region(scene: &Scene, run: Run<'_>) -> String {
    scene.works(run, READY, &[ISSUE]);
    let requests = scene.aws.requests();
    requests.last().expect("a request was made").region.clone()
}

#[test]
fn the_flag_wins_over_the_variables_and_those_over_the_profile() {
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
fn without_one_it_is_the_first_of_the_devices_partition() {
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
fn an_endpoint_of_ones_own_is_signed_for_its_region_whatever_the_global_one_is() {
    let config = format!("{CONFIG}sts_regional_endpoints = legacy\n");
    let scene = Scene::with_files(config, CREDENTIALS);
    let login = scene.login(&["-p", "dev"]);
    assert_eq!(region(&scene, login), "eu-central-1");
}

#[test]
fn a_flag_that_is_no_region_is_refused() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: --region is not a region: eu_west
        hint: a region looks like eu-west-1
    "};
    let run = scene.login_with_tripwire(&["-p", "dev", "--region", "eu_west"]);
    scene.refuses(run, 2, stderr);
}
