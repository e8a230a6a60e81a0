//! Tests a check of documents before they are attached.

use super::*;

/// Alice, who may ask.
fn scene(files: &[(&str, &str)]) -> Scene {
    let scene = signed_in(alice().policy(ADMIN));
    for (name, text) in files {
        fs::write(scene.home.path().join(name), text).expect("the home is writable");
    }
    scene
}

fn path(scene: &Scene, name: &str) -> String {
    let path = scene.home.path().join(name);
    path.to_str().expect("text").to_owned()
}

#[test]
fn documents_are_judged_before_they_are_attached() {
    let (force, manage) = (ours("force-mfa"), ours("manage-mfa"));
    let theirs = guide("ForceMFA");
    let scene = scene(&[
        ("force.json", &force),
        ("manage.json", &manage),
        ("theirs.json", &theirs),
    ]);
    let file = |name: &str| path(&scene, name);
    let (force, manage, theirs) = (file("force.json"), file("manage.json"), file("theirs.json"));
    let asked = scene.aws.actions().len();
    let line = "force.json with manage.json: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works";
    says(&scene, &["--file", &force, &manage], 0, &[line, SOURCE]);
    let actions = &scene.aws.actions()[asked..];
    assert_eq!(actions[0], WHO);
    assert!(actions[1..].iter().all(|it| it == CUSTOM), "{actions:?}");
    // By itself it grants nothing.
    let line = "force.json: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works once it is granted, as manage-mfa does";
    says(&scene, &["--file", &force], 0, &[line, SOURCE]);
    let line = "theirs.json: NOT enforced: 22 of 28 pass: iam:CreateRole, ";
    let text = said(&scene, &["--file", &theirs, "--today"], 1);
    assert!(text.contains(line), "{text}");
    // What the guide's document grants by itself.
    assert!(text.contains("\ntheirs.json today: "), "{text}");
}

#[test]
fn what_locks_users_out_is_told() {
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*",
        "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}}"#;
    let scene = scene(&[("deny.json", deny)]);
    let line = "deny.json: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment is denied: iam:EnableMFADevice, iam:ListMFADevices, iam:ResyncMFADevice, iam:CreateVirtualMFADevice";
    says(&scene, &["--file", &path(&scene, "deny.json")], 0, &[line]);
    let text = said(&scene, &["--file", &path(&scene, "deny.json")], 0);
    let closed = text.matches("CLOSED: enrollment needs it").count();
    assert_eq!(closed, 4, "{text}");
}

#[test]
fn what_is_no_document_is_refused_before_a_code_is_asked_for() {
    let scene = Scene::default();
    for (text, why) in [
        ("{", "EOF while parsing"),
        ("[]", "it has no Statement"),
        (r#"{"Version": "2012-10-17"}"#, "it has no Statement"),
        ("\u{0}", "expected value"),
    ] {
        fs::write(scene.home.path().join("x.json"), text).expect("writable");
        let expected = format!("x.json is not a policy document: {why}");
        check(&scene, &["--file", &path(&scene, "x.json")])
            .status(1)
            .check_stderr(move |text| assert!(text.contains(&expected), "{text}"))
            .run();
    }
    check(&scene, &["--file", &path(&scene, "none.json")])
        .status(1)
        .check_stderr(|text| assert!(text.contains("can't read "), "{text}"))
        .run();
    assert_eq!(scene.aws.actions(), [""; 0]);
    // AWS knows best.
    let scene = signed_in(alice().policy(ADMIN));
    let odd = r#"{"Statement": {"Effect": "Perhaps", "Action": "*", "Resource": "*"}}"#;
    fs::write(scene.home.path().join("x.json"), odd).expect("writable");
    check(&scene, &["--file", &path(&scene, "x.json")])
        .status(5)
        .check_stderr(|text| {
            assert!(
                text.contains("AWS refused iam:SimulateCustomPolicy"),
                "{text}"
            )
        })
        .run();
}
