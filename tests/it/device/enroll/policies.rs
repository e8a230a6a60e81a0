//! Enrols under policies that enforce MFA: the first device with the keys alone, further ones through a
//! session.

use std::fs;
use std::path::Path;

use indoc::formatdoc;

use super::{alices, devices, unattended, with_app};
use crate::scene::{CONFIG_WITHOUT_DEVICE, Scene};
use crate::support::aws::{Aws, Builder, KEY_ID, SECRET_KEY, USER};

/// A policy of the project's own.
fn policy(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/policies");
    let text = fs::read_to_string(path.join(name)).expect("the policy is there");
    [
        ("{{partition}}", "aws"),
        ("{{account}}", "123456789012"),
        ("\"{{max_age}}\"", "3600"),
        ("{{max_age}}", "3600"),
    ]
    .iter()
    .fold(text, |text, (name, value)| text.replace(name, value))
}

/// A user under force-mfa and manage-mfa, and whatever else these are called.
fn under(user: &str, policies: &[&str]) -> Builder {
    let user = Aws::builder().user(user).key(KEY_ID, SECRET_KEY);
    policies
        .iter()
        .fold(user, |user, name| user.policy(&policy(name)))
}

fn enrols(scene: &Scene, device: &str) {
    with_app(&scene.aws, scene.home.path(), device, || {
        let run = unattended(scene, &[]).check_stderr(|_| {});
        run.run();
    });
}

#[test]
fn a_first_device_needs_no_mfa_and_a_further_one_the_session_of_the_first() {
    for (user, policies) in [
        ("alice", &["force-mfa.json", "manage-mfa.json"][..]),
        ("division/alice", &["force-mfa.json", "manage-mfa.json"]),
        (
            "alice",
            &["force-mfa--max-age.json", "manage-mfa--max-age.json"],
        ),
    ] {
        let aws = under(user, policies).start();
        let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
        enrols(&scene, USER);
        enrols(&scene, "alice-2");
        let both = [alices("alice"), alices("alice-2")];
        assert_eq!(devices(&scene.aws), both, "{user} {policies:?}");
    }
}

#[test]
fn a_cancelled_enrollment_cleans_up_under_them() {
    let aws = under("alice", &["force-mfa.json", "manage-mfa.json"]).start();
    let scene = Scene::with(aws).config(CONFIG_WITHOUT_DEVICE);
    let command = "n=$(cat n 2>/dev/null || echo 100000); echo $((n+1)) >n; echo $n";
    scene
        .run(&["device", "enroll", "dev", "--no-input"])
        .args(["--secret-command", "true", "--code-command", command])
        .status(4)
        .check_stderr(|_| {})
        .run();
    assert_eq!(devices(&scene.aws), []);
}

#[test]
fn where_only_the_users_own_name_is_allowed_the_denial_is_explained() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
         "Resource": "arn:aws:iam::*:mfa/${aws:username}"},
        {"Effect": "Allow", "Action": ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"],
         "Resource": "arn:aws:iam::*:user/${aws:username}"}]}"#;
    let user = Aws::builder().user(USER).key(KEY_ID, SECRET_KEY);
    let scene = Scene::with(user.policy(policy).start()).config(CONFIG_WITHOUT_DEVICE);
    unattended(&scene, &["--name", "phone"])
        .status(5)
        .stderr(formatdoc! {"
            error: AWS refused iam:CreateVirtualMFADevice: {{*}}
            hint: leave out --name: policies often allow only alice, or names that begin with alice-
        "})
        .run();
    enrols(&scene, USER);
    unattended(&scene, &[])
        .env("AWSMFA_CODE", scene.aws.code(USER))
        .status(5)
        .stderr(formatdoc! {"
            the saved session can't be used ({{*}}); signing in again
            error: AWS refused iam:CreateVirtualMFADevice: {{*}}
            hint: a policy may allow only a device named alice, as AWS's older samples do: ask for one that allows the resource mfa/*
        "})
        .run();
    assert_eq!(devices(&scene.aws), [alices("alice")]);
}
