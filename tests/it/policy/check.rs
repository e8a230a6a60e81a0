//! Tests `policy check`: what it says of users' policies, and of documents, by the stand-in's simulator.

mod alike;
mod given;
mod trouble;
mod whom;

use indoc::indoc;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

use super::parse;
use crate::scene::{CREDENTIALS, Scene, alice, snapshot};
use crate::support::aws::{Builder, USER};
use crate::support::policies;
use crate::support::run::Run;

const WHO: &str = "GetCallerIdentity";
const SIMULATE: &str = "SimulatePrincipalPolicy";
const CUSTOM: &str = "SimulateCustomPolicy";

/// Allows everything.
const ADMIN: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

const SOURCE: &str = "AWS's simulator, not live requests";

/// What is said of alice who has our documents.
const ENFORCED: &str = "alice: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works";

/// A document of ours.
fn ours(name: &str) -> String {
    let mut variables = vec![("partition", "aws"), ("account", "123456789012")];
    variables.extend([("max_age", "3600"), ("path", "/")]);
    policies::read(name, variables)
}

/// A document of the guide's.
fn guide(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/others");
    let text = fs::read_to_string(folder.join(format!("guide-{name}.json")));
    text.expect("it is there")
        .replace("111122223333", "123456789012")
}

/// Alice with these documents, and everything allowed beside them.
fn with(documents: &[String]) -> Builder {
    let all = documents.iter();
    all.fold(alice(), |builder, it| builder.policy(it))
        .policy(ADMIN)
}

/// Alice, who has signed in.
fn signed_in(builder: Builder) -> Scene {
    let scene = Scene::with(builder.start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

/// A check by alice that may not ask for a code.
fn check<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let run = scene.run(&["policy", "check", "-p", "dev", "--no-input"]);
    run.args(args).check_stderr(|_| {})
}

/// What a check prints that ends so.
fn said(scene: &Scene, args: &[&str], status: i32) -> String {
    let run = check(scene, args).status(status).check_stdout(|_| {});
    run.run().stdout
}

/// Shows that a check prints these lines, among others, in this order.
fn says(scene: &Scene, args: &[&str], status: i32, lines: &[&str]) {
    let text = said(scene, args, status);
    let mut all = text.lines();
    for line in lines {
        assert!(all.any(|it| it == *line), "{line:?} is not in:\n{text}");
    }
}

/// The verdict of each request that is not closed, as JSON tells it of the first subject.
fn not_closed(scene: &Scene, args: &[&str], status: i32) -> Vec<(String, String)> {
    let answers = parse(&said(scene, &[args, &["--json"]].concat(), status));
    let requests = answers[0]["requests"].as_array().expect("an array");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let verdicts = requests.iter().map(|it| {
        let on = text(&it["on"]);
        (
            format!("{} {on}", text(&it["action"])),
            text(&it["verdict"]),
        )
    });
    verdicts.filter(|(_, it)| it != "closed").collect()
}

/// The cells of a row.
fn cells(line: &str) -> Vec<&str> {
    let cells = line.split("  ").map(str::trim);
    cells.filter(|it| !it.is_empty()).collect()
}

#[test]
fn our_documents_are_enforced_and_no_code_is_asked() {
    let scene = signed_in(with(&[ours("force-mfa"), ours("manage-mfa")]));
    let before = snapshot(&scene.home);
    let asked = scene.aws.actions().len();
    says(&scene, &[], 0, &[ENFORCED, SOURCE]);
    let actions = &scene.aws.actions()[asked..];
    // Five groups in four situations, and two as the policies are.
    let (first, last) = (actions[0].as_str(), actions[23].as_str());
    assert_eq!((first, last, actions.len()), (WHO, "ListMFADevices", 24));
    assert!(
        actions[1..23].iter().all(|it| it == SIMULATE),
        "{actions:?}"
    );
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn the_table_tells_each_request_with_its_situations() {
    let scene = signed_in(with(&[ours("force-mfa"), ours("manage-mfa")]));
    let text = said(&scene, &[], 0);
    let lines: Vec<Vec<&str>> = text.lines().map(cells).collect();
    assert_eq!(
        lines[0],
        [
            "REQUEST",
            "ON",
            "KEY",
            "NO MFA",
            "FRESH MFA",
            "OLD MFA",
            "VERDICT"
        ]
    );
    assert_eq!(lines.len(), 1 + 32 + 2);
    let row = [
        "ec2:TerminateInstances",
        "anything",
        "denied",
        "denied",
        "allowed",
        "allowed",
        "closed",
    ];
    assert_eq!(lines[1], row);
}

#[test]
fn the_guides_documents_are_not_enforced() {
    for (documents, open) in [
        (&["ForceMFA", "ManageMFA"][..], 22),
        (&["generic-existence"], 28),
        (&["ReadOnly"], 28),
        (&["CreateIamRole", "Ec2RestrictAccess"], 28),
    ] {
        let documents: Vec<String> = documents.iter().map(|it| guide(it)).collect();
        let scene = signed_in(with(&documents));
        let text = said(&scene, &[], 1);
        let first = match open {
            22 => "iam:CreateRole, iam:CreateUser, iam:PassRole",
            _ => "ec2:TerminateInstances, ec2:DescribeInstances, s3:GetObject",
        };
        let line = format!("\nalice: NOT enforced: {open} of 28 pass: {first}, ");
        assert!(text.contains(&line), "{line} is not in:\n{text}");
        assert!(text.trim_end().ends_with(SOURCE));
    }
}

#[test]
fn a_user_without_grants_does_not_look_enforced() {
    let nothing =
        r#"{"Statement": {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"}}"#;
    let aws = alice().policy(nothing);
    let scene = signed_in(aws);
    let text = said(&scene, &[], 1);
    assert!(
        text.contains("alice: NOT enforced: 28 of 28 pass: "),
        "{text}"
    );
    let text = said(&scene, &["--today"], 1);
    let line = "alice today: none of 28 passes";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("not granted either way"), "{text}");
}

#[test]
fn both_shapes_of_results_and_pages_say_the_same() {
    let documents = [guide("ForceMFA"), guide("ManageMFA")];
    let new = said(&signed_in(with(&documents)), &["--json"], 1);
    let old = signed_in(with(&documents).old_simulator());
    assert_eq!(said(&old, &["--json"], 1), new);
    let pages = signed_in(with(&documents).page_size(3));
    assert_eq!(said(&pages, &["--json"], 1), new);
    assert!(pages.aws.actions().len() > 50);
}

#[test]
fn what_is_open_for_enrolment_alone_is_told_apart() {
    let scene = signed_in(with(&[
        ours("force-mfa--console"),
        ours("manage-mfa--console"),
    ]));
    let line = "alice: enforced: 26 of 28 requests are denied without MFA, whatever else is attached (2 open: enrollment only); enrollment works";
    says(&scene, &[], 0, &[line, SOURCE]);
    let open = |name: &str| (name.to_owned(), "open_for_enrolment".to_owned());
    assert_eq!(
        not_closed(&scene, &[], 0),
        [
            open("iam:ListVirtualMFADevices any"),
            open("iam:CreateVirtualMFADevice other_device")
        ]
    );
}

#[test]
fn old_mfa_is_open_only_where_it_is_limited() {
    let documents = [ours("force-mfa"), ours("manage-mfa")];
    let scene = signed_in(with(&documents));
    says(&scene, &[], 0, &[ENFORCED]);
    let text = said(&scene, &["--max-age", "1h"], 1);
    let line = "alice: NOT enforced: 28 of 28 pass with old MFA: ec2:TerminateInstances, ";
    assert!(text.contains(line), "{text}");
    let scene = signed_in(with(&[
        ours("force-mfa--max-age"),
        ours("manage-mfa--max-age"),
    ]));
    says(&scene, &["--max-age", "1h"], 0, &[ENFORCED]);
    let text = said(&scene, &["--max-age", "1h"], 0);
    assert_eq!(
        text.matches("open only with fresh MFA").count(),
        28,
        "{text}"
    );
    // A minute less is too much for the document.
    let text = said(&scene, &["--max-age", "59m"], 1);
    assert!(text.contains("28 of 28 pass with old MFA"), "{text}");
}

#[test]
fn today_tells_what_the_policies_allow_as_they_are() {
    let documents = [ours("force-mfa"), ours("manage-mfa")];
    let builder = documents.iter().fold(alice(), |it, json| it.policy(json));
    let builder = builder.policy(
        r#"{"Statement": {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"}}"#,
    );
    let scene = signed_in(builder);
    let lines = [ENFORCED, "alice today: none of 28 passes", SOURCE];
    says(&scene, &["--today"], 0, &lines);
    let text = said(&scene, &["--today"], 0);
    let mut rows = text.lines().map(cells);
    assert_eq!(rows.next().expect("titles")[6..], ["VERDICT", "TODAY"]);
    let create = rows.find(|it| it[..2] == ["iam:CreateAccessKey", "their own user"]);
    // It is granted, with MFA.
    assert_eq!(create.expect("a row")[6..], ["closed", "closed"]);
    let other = text.lines().find(|it| it.starts_with("iam:CreateRole "));
    assert!(
        other.expect("a row").ends_with("not granted either way"),
        "{text}"
    );
}

#[test]
fn json_is_an_array_of_users_without_secrets() {
    let scene = signed_in(with(&[ours("force-mfa"), ours("manage-mfa")]));
    let answers = parse(&said(&scene, &["--json", "--today"], 0));
    let mut one = answers[0].clone();
    let requests = one["requests"].take();
    let steps = one["enrolment_requests"].take();
    assert_eq!(
        one,
        json!({
            "user": "alice",
            "of": "alice",
            "arn": "arn:aws:iam::123456789012:user/alice",
            "enforced": true,
            "enrolment": "works",
            "devices": "with_codes",
            "machine_like": false,
            "missing_context": [],
            "requests": null,
            "enrolment_requests": null,
            "error": null,
            "source": SOURCE,
        })
    );
    let outcomes = json!({
        "key": "denied", "no_mfa": "denied", "fresh_mfa": "allowed", "old_mfa": "allowed",
    });
    assert_eq!(
        requests[0],
        json!({
            "action": "ec2:TerminateInstances",
            "on": "any",
            "outcomes": outcomes,
            "verdict": "closed",
            "by": null,
            "today": {"outcomes": outcomes, "verdict": "closed"},
        })
    );
    assert_eq!(requests.as_array().map(Vec::len), Some(28));
    assert_eq!(steps.as_array().map(Vec::len), Some(4));
    let outcomes = json!({
        "key": "allowed", "no_mfa": "allowed", "fresh_mfa": "allowed", "old_mfa": "allowed",
    });
    let step = json!({"action": "iam:EnableMFADevice", "on": "own_user", "outcomes": outcomes});
    assert_eq!(steps[0], step);
    assert_eq!(answers.as_array().map(Vec::len), Some(1));
}

#[test]
fn what_the_policies_also_ask_for_is_named() {
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#;
    let scene = signed_in(with(&[
        ours("force-mfa"),
        ours("manage-mfa"),
        deny.to_owned(),
    ]));
    let line = "alice: the policies also check aws:SourceIp, which these requests don't set";
    says(&scene, &[], 0, &[line]);
}

#[test]
fn it_signs_in_where_no_session_is_kept() {
    let scene = Scene::with(with(&[ours("force-mfa"), ours("manage-mfa")]).start());
    check(&scene, &[]).status(7).run();
    let code = scene.aws.code(USER);
    says(&scene, &["--code", &code], 0, &[ENFORCED]);
    let kept = scene.home.read_credentials();
    assert!(kept.starts_with(CREDENTIALS) && kept.contains("[dev-mfa]"));
}
