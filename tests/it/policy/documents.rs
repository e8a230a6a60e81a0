//! Tests `policy show`: the documents are those of tests/policy/policies, within AWS's limits, and an
//! option that says nothing of a document is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{arguments, every_name, parse, printed, shown, variables};
use crate::scene::Scene;
use crate::support::home::Home;
use crate::support::policies;
use crate::support::run::Run;

/// The document without what IAM does not care for: a list of one is its element, and lists have no
/// order but that of statements.
fn normal(value: &Value) -> Value {
    match value {
        Value::Array(all) if all.len() == 1 && !all[0].is_object() => normal(&all[0]),
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(normal).collect();
            if all.iter().all(Value::is_string) {
                all.sort_by_key(ToString::to_string);
            }
            all.into()
        }
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, it)| (name.clone(), normal(it)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

#[test]
fn the_documents_are_those_that_were_designed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/policies");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let variables = variables();
        let values = variables.iter();
        let values = values.map(|(name, it)| (name.as_str(), it.as_str().expect("text")));
        let designed = parse(&policies::read(&name, values));
        assert_eq!(
            normal(&shown(&name, &variables)),
            normal(&designed),
            "{name}"
        );
        assert!(
            every_name().contains(&name.into_owned()),
            "it is in the tables"
        );
        seen += 1;
    }
    assert_eq!(seen, 19);
}

/// Every place with names as long as they get.
const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
];

#[test]
fn every_document_is_within_the_limit_of_aws_in_every_partition() {
    for name in every_name() {
        let longest = ["aws-us-gov"].into_iter();
        let some = [
            "force-mfa",
            "manage-mfa",
            "create-role",
            "ec2-restrict",
            "role-trust",
        ];
        let all = some.contains(&name.as_str());
        let partitions = if all { &PARTITIONS[..] } else { &[] };
        for partition in longest.chain(partitions.iter().copied()) {
            let mut variables = variables();
            variables["partition"] = partition.into();
            variables["max_age"] = "36h".into();
            variables["path"] = format!("/{}/", "p".repeat(100)).into();
            let args = arguments(&name, &variables);
            let text = printed(&args.iter().map(String::as_str).collect::<Vec<_>>());
            let json = parse(&text);
            let compact = json.to_string().chars().count();
            let (size, limit) = match name.as_str() {
                // White space counts.
                name if name.starts_with("scp-") => (text.trim_end().chars().count(), 5_120),
                "role-trust" => (compact, 2_048),
                _ => (compact, 6_144),
            };
            assert!(size <= limit, "{name} in {partition}: {size}");
            for arn in arns(&json) {
                let begin = format!("arn:{partition}:");
                assert!(arn.starts_with(&begin), "{name} in {partition}: {arn}");
            }
        }
    }
}

fn arns(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.starts_with("arn:") => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(arns).collect(),
        Value::Object(members) => members.values().flat_map(arns).collect(),
        _ => Vec::new(),
    }
}

/// What is refused, by the words that say why.
fn refused(args: &[&str], words: &'static [&'static str]) {
    let home = Home::new();
    let run = Run::new(&home)
        .args(["policy", "show"])
        .args(args)
        .status(2);
    run.check_stderr(move |text| {
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    })
    .run();
}

#[test]
fn the_longest_names_that_iam_takes_are_within_the_limits() {
    let long = |length: usize| format!("/{}/", "p".repeat(length));
    let path = long(510);
    let boundary = format!("{}{}", &path[1..], "b".repeat(128));
    let place = ["--account", "123456789012", "--partition", "aws-us-gov"];
    let create = [
        "show",
        "create-role",
        "--path",
        &path,
        "--boundary",
        &boundary,
    ];
    assert!(
        parse(&printed(&[&create[..], &place].concat()))
            .to_string()
            .len()
            < 6_144
    );
    let (key, value) = ("k".repeat(128), "v".repeat(256));
    let ec2 = [
        "show",
        "ec2-restrict",
        "--tag-key",
        &key,
        "--tag-value",
        &value,
    ];
    assert!(
        parse(&printed(&[&ec2[..], &place].concat()))
            .to_string()
            .len()
            < 6_144
    );
    // Of a service control policy white space counts, so it goes where there is no room for it.
    let all = [
        "--max-age",
        "36h",
        "--allow-password-change",
        "--allow-console-enrolment",
    ];
    let scp = [
        &["show", "force-mfa", "--scp"][..],
        &place,
        &all,
        &["--path"],
    ]
    .concat();
    let text = printed(&[&scp[..], &[path.as_str()]].concat());
    assert!(
        text.chars().count() <= 5_121 && text.lines().count() == 1,
        "{text}"
    );
    assert!(printed(&[&scp[..], &["/people/"]].concat()).lines().count() > 50);
    // As CloudFormation takes it without a bucket.
    let bundle = ["bundle", "-q", "--tag-key", &key, "--tag-value", &value];
    assert!(printed(&[&bundle[..], &all].concat()).len() <= 51_200);
}

#[test]
fn an_option_that_does_not_apply_to_the_document_is_refused() {
    refused(
        &["read-only", "--max-age", "1h"],
        &[
            "--max-age does not apply to read-only",
            "it applies to force-mfa, manage-mfa, require-mfa, role-trust",
        ],
    );
    refused(
        &["manage-mfa", "--scp"],
        &[
            "--scp does not apply to manage-mfa",
            "it applies to force-mfa",
        ],
    );
    refused(
        &["force-mfa", "--path", "/people/"],
        &["--path does not apply to force-mfa", "with --scp"],
    );
    refused(
        &["role-trust", "--allow-password-change"],
        &["does not apply to role-trust"],
    );
    refused(
        &["create-role", "--tag-key", "Name"],
        &["it applies to ec2-restrict"],
    );
    refused(
        &["require-mfa", "--boundary", "x"],
        &["it applies to create-role, role-boundary"],
    );
    refused(
        &["force-mfa", "--explain", "--format", "cli"],
        &["cannot be used with"],
    );
    refused(
        &["no-such-policy"],
        &["possible values: force-mfa, manage-mfa"],
    );
}

#[test]
fn a_value_that_would_weaken_a_document_is_refused() {
    for name in ["create-role", "role-boundary", "role-trust"] {
        refused(&[name, "--account", "*"], &["needs one account"]);
    }
    refused(
        &["create-role", "--path", "/"],
        &["any role could be passed", "/awsmfa/"],
    );
    refused(&["create-role", "--path", "/a*/"], &["is not a path"]);
    refused(
        &["force-mfa", "--scp", "--path", "people"],
        &["begins and ends with a slash"],
    );
    refused(&["force-mfa", "--account", "1234"], &["twelve digits"]);
    refused(
        &["force-mfa", "--partition", "aws*"],
        &["is not a partition"],
    );
    refused(&["force-mfa", "--max-age", "0"], &["from 1m to 36h"]);
    refused(&["force-mfa", "--max-age", "37h"], &["from 1m to 36h"]);
    refused(&["force-mfa", "--max-age", "soon"], &["is not a duration"]);
    refused(
        &["ec2-restrict", "--tag-value", "${open"],
        &["has a ${ without its }"],
    );
    refused(
        &["ec2-restrict", "--tag-key", "a*"],
        &["is not a tag's key"],
    );
}

#[test]
fn any_account_is_one_where_that_can_be() {
    for name in ["force-mfa", "manage-mfa", "ec2-restrict"] {
        let text = printed(&["show", name, "--account", "*", "--partition", "aws"]);
        assert!(text.contains(":*:"), "{text}");
    }
}

#[test]
fn an_age_is_given_as_a_duration_is() {
    for (given, seconds) in [("12h", "43200"), ("1h30m", "5400"), ("900", "900")] {
        let json = parse(&printed(&["show", "require-mfa", "--max-age", given]));
        let condition = &json["Statement"][0]["Condition"]["NumericLessThanEquals"];
        assert_eq!(condition["aws:MultiFactorAuthAge"], seconds);
    }
    let trust = printed(&[
        "show",
        "role-trust",
        "--account",
        "123456789012",
        "--partition",
        "aws",
    ]);
    assert!(
        trust.contains("\"aws:MultiFactorAuthAge\": \"3600\""),
        "{trust}"
    );
    let force = printed(&["show", "force-mfa", "--account", "*", "--partition", "aws"]);
    assert!(!force.contains("MultiFactorAuthAge"), "{force}");
}

/// It is read from the statements, so it names each of them with its actions.
#[test]
fn the_explanation_tells_all_that_the_document_says() {
    for name in every_name() {
        let variables = variables();
        let args = arguments(&name, &variables);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        let document = parse(&printed(&args));
        args.push("--explain");
        let words = printed(&args);
        assert!(
            words
                .lines()
                .all(|line| line.chars().count() <= 80 || !line.trim().contains(' '))
        );
        let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for statement in document["Statement"].as_array().expect("a list") {
            for text in texts(statement) {
                if ["Allow", "Deny", "*"].contains(&text.as_str()) {
                    continue;
                }
                assert!(flat.contains(&text), "{name}: {text} is not in {words}");
            }
        }
        assert_eq!(
            words.matches("Why: ").count(),
            document["Statement"].as_array().map_or(0, Vec::len)
        );
        assert!(words.contains("What it can't do:\n  - "), "{words}");
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_no_policy_can_do_is_said_of_force_mfa() {
    // Neither files nor AWS are needed to read it.
    let scene = Scene::default().config("[broken").credentials("[broken");
    for scp in [&[][..], &["--scp"]] {
        let args = [&["policy", "show", "force-mfa", "--explain"], scp].concat();
        let words = scene.run(&args).check_stdout(|_| {}).run().stdout;
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for what in [
            "sts:GetCallerIdentity",
            "HashiCorp Vault",
            "has no device",
            "A machine",
        ] {
            assert!(words.contains(what), "{what} is not in {words}");
        }
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}
