//! Checks the verdicts of `policy check` against the stand-in's own evaluation, for our documents, the
//! guide's and changed ones.

use super::*;
use crate::policy::mutants::mutants;
use crate::policy::{every_name, shown, variables};
use crate::support::aws::policy::{Context, Decision, Document, Policies, Request};

/// The context of a request in each situation, in alphabetical order of their names.
const SITUATIONS: [(&str, &[(&str, &str)]); 4] = [
    (
        "fresh_mfa",
        &[
            ("aws:MultiFactorAuthPresent", "true"),
            ("aws:MultiFactorAuthAge", "60"),
        ],
    ),
    ("key", &[]),
    ("no_mfa", &[("aws:MultiFactorAuthPresent", "false")]),
    (
        "old_mfa",
        &[
            ("aws:MultiFactorAuthPresent", "true"),
            ("aws:MultiFactorAuthAge", "3601"),
        ],
    ),
];

const NAME: &str = "awsmfa-check";

/// The outcomes of the documents for `action` in each situation, with or without one that allows
/// everything.
fn outcomes(documents: &[&Document], action: &str, on: &str) -> Value {
    let resource = match on {
        "any" => "*".to_owned(),
        "own_user" => format!("arn:aws:iam::123456789012:user/{NAME}"),
        "other_user" => "arn:aws:iam::123456789012:user/carol".to_owned(),
        "other_device" => "arn:aws:iam::123456789012:mfa/carol".to_owned(),
        other => panic!("{other} is unknown"),
    };
    let each = SITUATIONS.map(|(situation, entries)| {
        let mut context = Context::default();
        let principal = format!("arn:aws:iam::123456789012:user/{NAME}");
        for (key, value) in [
            ("aws:username", NAME),
            ("aws:PrincipalArn", &principal),
            ("aws:ViaAWSService", "false"),
            ("aws:RequestedRegion", "us-east-1"),
            ("iam:PassedToService", "ec2.amazonaws.com"),
        ]
        .iter()
        .chain(entries)
        {
            context.set(key, *value);
        }
        let policies = Policies {
            identity: documents.to_vec(),
            boundary: None,
            organization: None,
            trust: None,
        };
        let request = Request {
            principal: principal.clone(),
            action: action.to_owned(),
            resource: resource.clone(),
            context,
        };
        let word = match policies.judge(&request).decision() {
            Decision::Allowed => "allowed",
            Decision::ExplicitDeny => "denied",
            Decision::ImplicitDeny => "not_granted",
        };
        (situation.to_owned(), json!(word))
    });
    Value::Object(each.into_iter().collect())
}

/// Checks that the verdicts agree with the evaluation, and what they say is open.
fn is_judged_alike(scene: &Scene, what: &str, documents: &[String]) -> usize {
    let parsed = documents.iter();
    let parsed: Vec<Document> = parsed
        .map(|it| Document::parse(&parse(it)).expect("a document"))
        .collect();
    let everything = Document::everything();
    let as_is: Vec<&Document> = parsed.iter().collect();
    let beside: Vec<&Document> = parsed.iter().chain([&everything]).collect();
    let files = documents.iter().enumerate().map(|(number, text)| {
        let path = scene.home.path().join(format!("{number}.json"));
        fs::write(&path, text).expect("the home is writable");
        path.to_str().expect("text").to_owned()
    });
    let files: Vec<String> = files.collect();
    let mut args = vec!["policy", "check", "-p", "dev", "--no-input", "-q", "--json"];
    args.extend(["--max-age", "1h", "--today", "--file"]);
    args.extend(files.iter().map(String::as_str));
    let output = scene.home.command(args).output().expect("it runs");
    let answers = parse(&String::from_utf8_lossy(&output.stdout));
    let requests = answers[0]["requests"].as_array().expect("an array");
    let mut open = 0;
    let mut unclear = 0;
    for row in requests {
        let text = |name: &str| row[name].as_str().expect("text");
        let (action, on, verdict) = (text("action"), text("on"), text("verdict"));
        let expected = outcomes(&beside, action, on);
        let today = outcomes(&as_is, action, on);
        for (said, expected) in [
            (&row["outcomes"], &expected),
            (&row["today"]["outcomes"], &today),
        ] {
            is_alike(
                said,
                expected,
                documents,
                &format!("{what}: {action} on {on}"),
            );
        }
        let passes = |situation: &str| expected[situation] == "allowed";
        let is_open = passes("key") || passes("no_mfa") || passes("old_mfa");
        assert_eq!(
            verdict.starts_with("open_") && verdict != "open_only_with_fresh_mfa",
            is_open,
            "{what}: {action} on {on}: {verdict}"
        );
        let is_chosen = verdict == "open_for_enrolment";
        open += usize::from(is_open && !is_chosen);
        unclear += usize::from(verdict == "cannot_tell");
    }
    let status = i32::from(open + unclear > 0);
    assert_eq!(output.status.code(), Some(status), "{what}");
    open
}

/// Keys that some documents ask for and the requests of a check don't say.
const NOT_SAID: [&str; 4] = [
    "aws:ResourceTag/",
    "ec2:ResourceTag/",
    "iam:PermissionsBoundary",
    "aws:TagKeys",
];

/// Shows that a check says what is expected; or that a condition decides, where one does.
fn is_alike(said: &Value, expected: &Value, documents: &[String], what: &str) {
    let asks = |text: &String| NOT_SAID.iter().any(|key| text.contains(key));
    for (situation, _) in SITUATIONS {
        let (said, expected) = (&said[situation], &expected[situation]);
        let may_depend = *expected != "allowed" && documents.iter().any(asks);
        let is_right = said == expected || may_depend && *said == "condition";
        assert!(is_right, "{what}, {situation}: {said}, not {expected}");
    }
}

#[test]
fn each_document_is_judged_as_by_the_evaluation() {
    let scene = signed_in(alice().policy(ADMIN));
    // A role's trust policy is not attached to anybody.
    for name in every_name().iter().filter(|it| *it != "role-trust") {
        let document = shown(name, &variables()).to_string();
        let open = is_judged_alike(&scene, name, &[document]);
        // The user's path is not the organization's.
        let is_closed = name.starts_with("force-mfa") && name.contains("--max-age");
        assert_eq!(open == 0, is_closed, "{name}: {open}");
    }
    for names in [
        &["ForceMFA", "ManageMFA"][..],
        &["ForceMFA"],
        &["generic-existence"],
        &["ReadOnly", "Ec2RestrictAccess"],
    ] {
        let documents: Vec<String> = names.iter().map(|it| guide(it)).collect();
        let open = is_judged_alike(&scene, &names.join(" "), &documents);
        assert!(open > 20, "{names:?}: {open}");
    }
}

#[test]
fn changed_documents_are_judged_as_by_the_evaluation() {
    let scene = signed_in(alice().policy(ADMIN));
    for (name, every, least) in [("force-mfa--max-age", 5, 5), ("manage-mfa", 9, 3)] {
        let mutants = mutants(&shown(name, &variables()));
        let mut noticed = 0;
        let tried = mutants.iter().step_by(every);
        let all = tried.len();
        for mutant in tried {
            let documents = [mutant.json.to_string()];
            let open = is_judged_alike(&scene, &mutant.change, &documents);
            noticed += usize::from(open > 0);
        }
        println!("{name}: {noticed} of {all} are open");
        assert!(noticed >= least, "{name}: {noticed} of {all}");
    }
}
