//! Runs `doctor` with an AWS that can't be reached, whose clock differs, that refuses the keys or finds
//! them old, or that has other devices than those in the files.

use std::net::TcpListener;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use indoc::indoc;

#[cfg(unix)]
use super::{REQUESTS, requests};
use super::{doctor, finds, signed_in};
use crate::scene::{
    CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, Scene, alice, alice_without_device,
};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::policies;

/// Alice's files with this AWS.
fn with(aws: Builder) -> Scene {
    Scene::with(aws.start())
}

fn dev(scene: &Scene, status: i32, blocks: &[&str]) -> String {
    finds(&scene.home, doctor(&scene.home, &["dev"]), status, blocks)
}

fn ago(days: i64) -> String {
    let then = Utc::now() - TimeDelta::days(days);
    then.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[test]
fn an_unreachable_host_is_reported_within_seconds() {
    let scene = Scene::default();
    let run = doctor(&scene.home, &["dev"]).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let blocks = [
        indoc! {"
            bad     STS: can't reach 127.0.0.1:1: connection refused ({*})
                    hint: check the network and the endpoint's URL in the environment or the profile
            warning IAM: can't reach 127.0.0.1:1: connection refused ({*})
                    hint: check the network and the endpoint's URL in the environment or the profile
            unknown clock: no answer from AWS told the time
            unknown user: who owns the keys, and which keys and devices they have: STS can't be reached
        "},
        "good    AWS tools: {*}\n",
    ];
    finds(&scene.home, run, 1, &blocks);
    // Only IAM is unreachable: a sign-in still works.
    let run = doctor(&scene.home, &["dev"]).env("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1");
    let blocks = [
        "good    STS: 127.0.0.1:{*} answers in {*} ms\nwarning IAM: can't reach 127.0.0.1:1: {*}\n",
        "good    clock: {*}\ngood    user: {*}\nunknown user: which keys and devices alice has: IAM can't be reached\n",
    ];
    finds(&scene.home, run, 0, &blocks);
    // It accepts a connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", silent.local_addr().expect("it listens"));
    let run = doctor(&scene.home, &["dev", "-q"]).env("AWS_ENDPOINT_URL", url);
    let ran = run.status(1).check_stdout(|_| {}).run();
    let told = "bad     STS: can't reach 127.0.0.1:{*}: timed out waiting for an answer ({*})\n";
    assert!(super::has(&scene.home, &ran.stdout, told), "{}", ran.stdout);
    assert!(ran.elapsed < Duration::from_secs(30), "{:?}", ran.elapsed);
}

#[test]
fn an_untrusted_certificate_is_reported() {
    let scene = with(alice().tls());
    let run = doctor(&scene.home, &["dev"]).env_remove("AWS_CA_BUNDLE");
    let told = "bad     STS: can't reach 127.0.0.1:{*}: its certificate is not from a trusted authority ({*})\n        hint: if a proxy inspects TLS, set AWS_CA_BUNDLE to its certificate file\n";
    finds(&scene.home, run, 1, &[told]);
    let told = "good    network: no proxy; the certificate authorities in {home}/ca.pem (AWS_CA_BUNDLE) are trusted\n";
    dev(
        &scene,
        0,
        &[
            told,
            "good    STS: {*}\n",
            "good    device: alice has {*}\n",
        ],
    );
    let run = doctor(&scene.home, &["dev"]).env("AWS_CA_BUNDLE", "/dev/null");
    let blocks = [
        "bad     network: the CA bundle /dev/null {*}\n",
        "unknown AWS: it can't be asked without trusted certificate authorities\n",
    ];
    finds(&scene.home, run, 1, &blocks);
}

#[test]
fn a_clock_that_is_off_hides_nothing() {
    for (minutes, told) in [
        (
            -10,
            "bad     clock: this computer's clock is {*} ahead of AWS's; AWS refuses requests signed more than 5 minutes off\n        hint: let the system set its clock over the network (NTP)\n",
        ),
        (
            10,
            "bad     clock: this computer's clock is {*} behind AWS's; {*}\n",
        ),
        (
            2,
            "warning clock: this computer's clock is {*} behind AWS's\n        hint: let the system set its clock over the network (NTP)\n",
        ),
        (
            -2,
            "warning clock: this computer's clock is {*} ahead of AWS's\n",
        ),
    ] {
        let scene = Scene::default();
        scene.aws.shift_clock(TimeDelta::minutes(minutes));
        let status = i32::from(told.starts_with("bad"));
        let rest =
            "good    user: the keys of profile dev belong to alice in account 123456789012 ({*})\n";
        dev(
            &scene,
            status,
            &[
                told,
                rest,
                "good    access key: {*}\n",
                "good    device: alice has {*}\n",
            ],
        );
    }
}

#[test]
fn keys_that_aws_refuses_and_keys_that_do_not_belong_to_a_user_are_reported() {
    let scene = Scene::default();
    scene.aws.deactivate_key(KEY_ID);
    let told = "bad     access key: AWS {*} AKIAIOSFODNN7EXAMPLE{*}\n        hint: {*}\n";
    dev(&scene, 1, &["good    clock: {*}\n", told]);
    let aws = Aws::builder().root().key(KEY_ID, SECRET_KEY);
    let scene = with(aws);
    let told = indoc! {"
        bad     user: the keys of profile dev belong to the account's root user, whose devices and keys are managed in the AWS console
                hint: use the keys of an IAM user; AWS advises against having root keys at all
    "};
    dev(&scene, 1, &[told]);
    let scene = Scene::default();
    scene
        .aws
        .fault_always("GetCallerIdentity", Fault::Status(500));
    dev(
        &scene,
        0,
        &[
            "good    STS: {*}\n",
            "unknown user: {*}HTTP status 500{*}\n",
        ],
    );
}

#[test]
fn if_mfa_is_enforced_only_a_session_may_ask() {
    let aws = alice()
        .policy(&policies::for_partition("force-mfa", "aws"))
        .policy(&policies::for_partition("manage-mfa", "aws"))
        .policy(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"*"}]}"#);
    let scene = with(aws);
    let told = indoc! {"
        unknown access key: AWS refused iam:ListAccessKeys{*}
                hint: MFA may be required for this: sign in with `awsmfa login --profile dev`, then run this again
    "};
    dev(
        &scene,
        0,
        &[
            "good    user: {*}\n",
            told,
            "good    device: alice has {*}\n",
        ],
    );
    scene.login(&["-p", "dev", "-q"]).run();
    let told = "good    access key: AKIAIOSFODNN7EXAMPLE is active, less than a day old, {*}\n";
    dev(&scene, 0, &[told]);
}

#[test]
fn a_call_that_a_policy_denies_even_to_a_session_needs_an_administrator() {
    let scene = signed_in();
    for (action, told) in [
        (
            "ListAccessKeys",
            "unknown access key: AWS refused iam:ListAccessKeys{*}\n        hint: ask your administrator for iam:ListAccessKeys on your own user\n",
        ),
        (
            "ListMFADevices",
            "unknown device: AWS refused iam:ListMFADevices{*}\n        hint: ask your administrator for iam:ListMFADevices on your own user\n",
        ),
        (
            "GetAccessKeyLastUsed",
            "good    access key: AKIAIOSFODNN7EXAMPLE is active, less than a day old\nunknown access key: when AKIAIOSFODNN7EXAMPLE was last used: AWS refused iam:GetAccessKeyLastUsed{*}\n        hint: ask your administrator for iam:GetAccessKeyLastUsed on your own user\n",
        ),
    ] {
        scene.aws.heal();
        scene
            .aws
            .fault_always(action, Fault::Denied { explicit: true });
        dev(&scene, 0, &[told]);
    }
}

#[test]
fn an_access_key_that_is_old_or_was_never_used_is_reported() {
    let aws = |age| {
        alice_without_device()
            .created_at(&ago(age))
            .device(USER, DEVICE_SECRET)
    };
    let scene = with(aws(100));
    let told = indoc! {"
        warning access key: AKIAIOSFODNN7EXAMPLE is active, 100 days old, last used {*}
                hint: replace it with `awsmfa rotate --profile dev`
    "};
    dev(&scene, 0, &[told]);
    let run = doctor(&scene.home, &["dev", "--max-key-age", "101d"]);
    finds(
        &scene.home,
        run,
        0,
        &["good    access key: AKIAIOSFODNN7EXAMPLE is active, 100 days old, {*}\n"],
    );
    let scene = with(aws(1));
    dev(
        &scene,
        0,
        &["good    access key: AKIAIOSFODNN7EXAMPLE is active, 1 day old, {*}\n"],
    );
    let run = doctor(&scene.home, &["dev", "--max-key-age", "12h"]);
    finds(
        &scene.home,
        run,
        0,
        &["warning access key: AKIAIOSFODNN7EXAMPLE is active, 1 day old, {*}\n"],
    );
    let run = doctor(&scene.home, &["dev", "--max-key-age", "soon"]);
    run.status(2)
        .stderr(indoc! {"
            error: invalid value 'soon' for '--max-key-age <TIME>': `soon` is not a duration; examples: 12h, 1h30m, 90m, 3600
            hint: add --help to see how it is used
        "})
        .run();
}

#[test]
fn a_second_access_key_is_shown_with_its_state_and_last_use() {
    let second = |aws: Builder| aws.key("AKIASECOND", "hush9").created_at(&ago(400));
    for (aws, told) in [
        (
            second(alice()).last_used("s3", "eu-west-1", "2026-01-02T03:04:05Z"),
            "warning access key: alice has another key: AKIASECOND is active, 400 days old, last used {*} for s3 in eu-west-1\n        hint: find out what uses it, or deactivate it; a user can have only two keys\n",
        ),
        (
            second(alice()).inactive(),
            "warning access key: alice has another key: AKIASECOND is inactive, 400 days old, never used\n        hint: delete it once nothing needs it; a user can have only two keys\n",
        ),
        (
            second(alice()).expired(),
            "warning access key: alice has another key: AKIASECOND is expired, 400 days old, never used\n        hint: delete it once nothing needs it; {*}\n",
        ),
    ] {
        let scene = with(aws);
        // The profile's own key comes first.
        let own = format!("good    access key: AKIAIOSFODNN7EXAMPLE is active, {{*}}\n{told}");
        dev(&scene, 0, &[&own]);
    }
}

#[test]
fn a_rotation_is_followed_from_one_key_to_the_other() {
    let scene = signed_in();
    let rotated = scene.run(&["rotate", "dev", "-q", "--no-input"]);
    rotated.check_stderr(|_| {}).run();
    let told = "good    access key: {*} is active, less than a day old, {*}\ngood    access key: alice has another key: AKIAIOSFODNN7EXAMPLE is inactive, {*}; it is the previous key, which a later rotation deletes\n";
    dev(&scene, 0, &[told]);
}

#[test]
fn devices_that_are_missing_or_unusable_or_not_the_named_ones_are_reported() {
    let none = with(alice_without_device());
    let told = indoc! {"
        warning device: alice has no MFA device
                hint: enroll one with `awsmfa device enroll --profile dev`
    "};
    let none = none.config(CONFIG_WITHOUT_DEVICE);
    dev(&none, 0, &[told]);
    let fido = with(alice_without_device().fido("key-7")).config(CONFIG_WITHOUT_DEVICE);
    let told = "bad     device: alice has only FIDO keys, which show no codes: arn:aws:iam::123456789012:u2f/user/alice/key-7 (fido, since {*})\n        hint: add an authenticator app {*}\n";
    dev(&fido, 1, &[told]);
    let several = || {
        alice()
            .hardware("GAHT12345678", DEVICE_SECRET)
            .fido("key-7")
    };
    let scene = with(several()).config(CONFIG_WITHOUT_DEVICE);
    let told = "warning device: alice has several MFA devices, and none is chosen: arn:aws:iam::123456789012:mfa/alice (virtual, since {*}), GAHT12345678 (hardware, since {*}), {*} (fido, since {*})\n        hint: choose one with --mfa-serial, or set mfa_serial in profile dev\n";
    dev(&scene, 0, &[told]);
    let scene = scene.config(CONFIG);
    dev(&scene, 0, &["good    device: alice has {*}\n"]);
    let scene = scene.config(CONFIG.replace("mfa/alice", "mfa/old"));
    let told = indoc! {"
        bad     device: mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/old, which is not a device of alice
                hint: set it to one of them, or remove that line so that AWS is asked
    "};
    dev(&scene, 1, &[told]);
    let run = doctor(&scene.home, &["dev"]).env("AWSMFA_SERIAL", "GAHT12345679");
    let told = "bad     device: AWSMFA_SERIAL is GAHT12345679, which is not a device of alice\n";
    finds(&scene.home, run, 1, &[told]);
}

#[test]
fn an_invalid_device_or_one_without_codes_is_reported_without_aws() {
    for (serial, told) in [
        (
            "x",
            "bad     device: mfa_serial of profile dev: `x` is not an MFA serial; {*}\n",
        ),
        (
            "arn:aws:iam::123456789012:u2f/user/alice/key-7",
            "bad     device: arn:aws:iam::123456789012:u2f/user/alice/key-7 is a passkey or security key (FIDO), which GetSessionToken does not accept\n        hint: {*}\n",
        ),
    ] {
        let config = CONFIG.replace("arn:aws:iam::123456789012:mfa/alice", serial);
        super::finds_offline(&config, CREDENTIALS, 1, &[told]);
    }
}

#[test]
fn the_device_is_the_one_that_a_sign_in_would_use() {
    const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
    const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";
    let role = |serial: &str| {
        format!(
            "{CONFIG_WITHOUT_DEVICE}[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = dev\nmfa_serial = {serial}\n"
        )
    };
    let aws = || {
        alice()
            .role("admin")
            .needs_mfa()
            .device("phone", DEVICE_SECRET)
    };
    // That of the role, if its source names none.
    let scene = with(aws()).config(role(FIDO));
    let told = format!(
        "bad     sign-in: {FIDO} is a passkey or security key (FIDO), which GetSessionToken does not accept\n"
    );
    let run = doctor(&scene.home, &["admin", "--offline"]);
    finds(&scene.home, run, 1, &[&told]);
    let scene = with(aws()).config(role(PHONE));
    let told = [
        format!("good    device: mfa_serial of profile admin is {PHONE}\n"),
        "good    device: alice has {*}:mfa/alice ({*}), {*}:mfa/phone ({*})\n".to_owned(),
    ];
    let run = doctor(&scene.home, &["admin"]);
    finds(&scene.home, run, 0, &[&told[0], &told[1]]);
    // It needs no code if the session that it begins with is kept.
    scene.login(&["-qp", "dev", "--mfa-serial", PHONE]).run();
    let told = "good    sign-in: the session of dev-mfa is still valid, so no code is needed\n";
    let run = doctor(&scene.home, &["admin", "--offline"]);
    finds(&scene.home, run, 0, &[told]);
    // That of the last session, if none is named.
    let scene = with(aws()).config(CONFIG_WITHOUT_DEVICE);
    let run = doctor(&scene.home, &["dev"]);
    let several = "warning device: alice has several MFA devices, and none is chosen: {*}\n";
    finds(&scene.home, run, 0, &[several]);
    let serial = scene.aws.serial(USER);
    scene.login(&["-qp", "dev", "--mfa-serial", &serial]).run();
    let told = format!("good    device: the device of the last session is {serial}\n");
    let run = doctor(&scene.home, &["dev"]);
    finds(
        &scene.home,
        run,
        0,
        &[&told, "good    device: alice has {*}\n"],
    );
}

#[cfg(unix)]
#[test]
fn a_command_for_keys_is_run_and_its_failure_reported() {
    let printed =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    let config = |command: &str| {
        format!("[profile dev]\nregion = eu-west-1\ncredential_process = {command}\n")
    };
    let scene = Scene::default()
        .config(config("cat keys.json"))
        .credentials("");
    std::fs::write(scene.home.path().join("keys.json"), printed).expect("there is room");
    let sent = scene.aws.actions().len();
    dev(
        &scene,
        0,
        &["good    access key: AKIAIOSFODNN7EXAMPLE is active, {*}\n"],
    );
    assert_eq!(requests(&scene, sent), REQUESTS);
    let scene = scene.config(config("exit 3"));
    let told = "bad     access key: the credential_process of profile dev failed, or did not print keys\n        hint: run the command yourself to see what it says\n";
    dev(&scene, 1, &["good    STS: {*}\n", told]);
}
