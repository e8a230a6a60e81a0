//! Tests `policy check`: what it says about users' policies and documents, according to the stand-in's
//! simulator.

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

/// What is said about alice with our documents.
const ENFORCED: &str = "alice: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works";

/// One of our documents.
fn ours(name: &str) -> String {
    let mut variables = vec![("partition", "aws"), ("account", "123456789012")];
    variables.extend([("max_age", "3600"), ("path", "/")]);
    policies::read(name, variables)
}

/// One of the guide's documents.
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

/// A check by alice, without being asked for a code.
fn check<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let run = scene.run(&["policy", "check", "-p", "dev", "--no-input"]);
    run.args(args).check_stderr(|_| {})
}

/// The output of a check that ends with `status`.
fn said(scene: &Scene, args: &[&str], status: i32) -> String {
    let run = check(scene, args).status(status).check_stdout(|_| {});
    run.run().stdout
}

/// Checks that these lines are printed, among others, in this order.
fn says(scene: &Scene, args: &[&str], status: i32, lines: &[&str]) {
    let text = said(scene, args, status);
    let mut all = text.lines();
    for line in lines {
        assert!(all.any(|it| it == *line), "{line:?} is not in:\n{text}");
    }
}

/// The verdict on each request that is not closed, in the JSON for the first subject.
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
fn our_documents_enforce_mfa_and_no_code_is_asked_for() {
    let scene = signed_in(with(&[ours("force-mfa"), ours("manage-mfa")]));
    let before = snapshot(&scene.home);
    let asked = scene.aws.actions().len();
    says(&scene, &[], 0, &[ENFORCED, SOURCE]);
    let actions = &scene.aws.actions()[asked..];
    // Five groups in four situations, and two under today's policies.
    let (first, last) = (actions[0].as_str(), actions[23].as_str());
    assert_eq!((first, last, actions.len()), (WHO, "ListMFADevices", 24));
    assert!(
        actions[1..23].iter().all(|it| it == SIMULATE),
        "{actions:?}"
    );
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn the_table_shows_each_request_in_every_situation() {
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
fn the_guides_documents_do_not_enforce_mfa() {
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
    let line = "alice today: none of the 28 passes";
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
fn requests_that_are_open_only_for_enrolment_are_shown_separately() {
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
fn old_mfa_counts_as_open_only_with_a_maximum_age() {
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
    // A minute less is more than the document grants.
    let text = said(&scene, &["--max-age", "59m"], 1);
    assert!(text.contains("28 of 28 pass with old MFA"), "{text}");
}

#[test]
fn today_shows_what_the_policies_allow_as_they_are() {
    let documents = [ours("force-mfa"), ours("manage-mfa")];
    let builder = documents.iter().fold(alice(), |it, json| it.policy(json));
    let builder = builder.policy(
        r#"{"Statement": {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"}}"#,
    );
    let scene = signed_in(builder);
    let lines = [ENFORCED, "alice today: none of the 28 passes", SOURCE];
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
fn other_conditions_of_the_policies_are_named() {
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#;
    let scene = signed_in(with(&[
        ours("force-mfa"),
        ours("manage-mfa"),
        deny.to_owned(),
    ]));
    // Whether it is that one or ours that denies, the simulator does not tell.
    let line = "alice: the policies also check aws:SourceIp, which these requests don't set; set it with --context KEY=VALUE";
    says(&scene, &[], 1, &[line, SOURCE]);
    let text = said(&scene, &["--context", "aws:SourceIp=203.0.113.7"], 0);
    assert!(
        text.contains(ENFORCED) && !text.contains("also ask for"),
        "{text}"
    );
}

/// Denies all without MFA, but from the office.
const BUT_OFFICE: &str = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
        "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}}"#;

#[test]
fn what_a_condition_may_let_pass_is_never_closed() {
    let at_night = BUT_OFFICE
        .replace("NotIpAddress", "DateLessThanIfExists")
        .replace("aws:SourceIp", "aws:CurrentTime")
        .replace("192.0.2.0/24", "2026-01-01T00:00:00Z");
    let by_tag = BUT_OFFICE
        .replace("NotIpAddress", "StringNotEquals")
        .replace("aws:SourceIp", "aws:PrincipalTag/team")
        .replace("192.0.2.0/24", "ops");
    for (document, key, closed, open) in [
        (BUT_OFFICE, "aws:SourceIp", "203.0.113.7", "192.0.2.7"),
        (
            &at_night,
            "aws:CurrentTime",
            "2025-12-31T00:00:00Z",
            "2026-01-02T00:00:00Z",
        ),
        (&by_tag, "aws:PrincipalTag/team", "web", "ops"),
    ] {
        let scene = signed_in(with(&[document.to_owned()]));
        let text = said(&scene, &[], 1);
        for part in [
            "can't tell (other conditions)",
            "\nalice: can't tell (other conditions): 28 of 28 may pass",
            &format!("alice: the policies also check {key}, "),
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("closed"), "{text}");
        let answers = parse(&said(&scene, &["--json"], 1));
        assert_eq!(answers[0]["enforced"], Value::Null);
        assert_eq!(answers[0]["enrolment"], "cannot_tell");
        assert_eq!(answers[0]["requests"][0]["by"], "condition");
        for (value, status, line) in [
            (closed, 0, "alice: enforced: 28 of 28"),
            (open, 1, "alice: NOT enforced: 28 of 28"),
        ] {
            let text = said(&scene, &["--context", &format!("{key}={value}")], status);
            assert!(text.contains(line), "{key}={value}: {text}");
        }
    }
}

#[test]
fn what_a_group_denies_is_denied_whatever_the_users_own_policies_ask_for() {
    let builder = || {
        let alice = with(&[BUT_OFFICE.to_owned()]).group("people");
        alice.group_policy("people", &ours("manage-mfa"))
    };
    let scene = signed_in(builder().group_policy("people", &ours("force-mfa")));
    says(
        &scene,
        &[],
        0,
        &[
            "alice: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; can't tell whether enrollment works",
        ],
    );
    // A group that denies nothing helps nobody.
    assert!(said(&signed_in(builder()), &[], 1).contains("alice: can't tell"));
    // Nor does one whose policies ask for something themselves.
    let conditional = builder().group_policy("people", BUT_OFFICE);
    assert!(said(&signed_in(conditional), &[], 1).contains("alice: can't tell"));
    // Groups that may not be seen leave it open.
    let deny =
        r#"{"Statement": {"Effect": "Deny", "Action": "iam:ListGroupsForUser", "Resource": "*"}}"#;
    let blind = builder().group_policy("people", &ours("force-mfa"));
    assert!(
        said(&signed_in(blind.group_policy("people", deny)), &[], 1).contains("alice: can't tell")
    );
}

#[test]
fn what_a_check_says_itself_or_is_no_condition_is_refused() {
    let scene = Scene::default();
    for (text, why) in [
        (
            "aws:MultiFactorAuthPresent=true",
            "a check sets aws:MultiFactorAuthPresent itself",
        ),
        (
            "aws:SourceIp=office",
            "`office` is not an IP address, which aws:SourceIp is",
        ),
        ("SourceIp=203.0.113.7", "`SourceIp` is not a condition key"),
        ("aws:SourceIp", "it is not KEY=VALUE"),
    ] {
        check(&scene, &["--context", text])
            .status(2)
            .check_stderr(move |text| assert!(text.contains(why), "{text}"))
            .run();
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}

#[test]
fn it_signs_in_if_no_session_is_kept() {
    let scene = Scene::with(with(&[ours("force-mfa"), ours("manage-mfa")]).start());
    check(&scene, &[]).status(7).run();
    let code = scene.aws.code(USER);
    says(&scene, &["--code", &code], 0, &[ENFORCED]);
    let kept = scene.home.read_credentials();
    assert!(kept.starts_with(CREDENTIALS) && kept.contains("[dev-mfa]"));
}
