//! Generates small policies and requests, and compares the stand-in's evaluation of them with
//! iam-simulate's. It avoids what IAM's documentation leaves open, and what iam-simulate does
//! differently on purpose.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use super::case::{Answer, Case, Documents};
use super::peer;

const CASES: usize = 10_000;
/// The same cases in every run.
const SEED: u64 = 0x1a_5eed;

/// Actions, each with the resources that it may be used on.
const REQUESTS: &[(&str, &[&str])] = &[
    (
        "iam:GetUser",
        &[
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:user/division/alice",
            "arn:aws:iam::111122223333:user/bob",
        ],
    ),
    (
        "iam:EnableMFADevice",
        &[
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:user/malice",
        ],
    ),
    (
        "iam:CreateVirtualMFADevice",
        &[
            "arn:aws:iam::111122223333:mfa/alice",
            "arn:aws:iam::111122223333:mfa/alice-2",
            "arn:aws:iam::111122223333:mfa/sec/bob",
        ],
    ),
    ("iam:ListUsers", &["*"]),
    (
        "sts:AssumeRole",
        &["arn:aws:iam::111122223333:role/team/dev"],
    ),
    (
        "s3:GetObject",
        &["arn:aws:s3:::bucket/alice/a:b.txt", "arn:aws:s3:::other/x"],
    ),
    (
        "ec2:TerminateInstances",
        &["arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc"],
    ),
];

const ACTIONS: &[&str] = &[
    "*",
    "iam:*",
    "iam:Get*",
    "IAM:getuser",
    "iam:?etUser",
    "iam:*MFA*",
    "iam:CreateVirtualMFADevice",
    "iam:List*",
    "sts:*",
    "sts:AssumeRole",
    "s3:Get*",
    "s3:GetObject",
    "s3:*Object?",
    "ec2:Terminate*",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::111122223333:user/*/${aws:username}",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::111122223333:user/al?ce",
    "arn:aws:iam::999988887777:user/*",
    "arn:*:iam::*:mfa/${aws:username}-*",
    "arn:aws:iam::*:mfa/${aws:username, 'bob'}",
    "arn:aws:iam::*:mfa/*",
    "arn:aws:iam::*:role/*/dev",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::*/x",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:eu-*-1:111122223333:instance/i-????",
    "arn:aws:ec2:us-east-1:*:*",
];

/// Operators by what they compare, with keys and values for them.
const STRINGS: (&[&str], &[&str], &[&str]) = (
    &[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    &[
        "aws:username",
        "AWS:UserName",
        "aws:PrincipalTag/team",
        "aws:RequestedRegion",
        "aws:CalledVia",
        "aws:TagKeys",
    ],
    &[
        "alice",
        "Alice",
        "al*",
        "?lice",
        "*",
        "blue",
        "blue*",
        "eu-central-1",
        "athena.amazonaws.com",
        "*.amazonaws.com",
        "${aws:username}",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/team, 'blue'}",
    ],
);
const ARNS: (&[&str], &[&str], &[&str]) = (
    &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    &["aws:PrincipalArn", "aws:SourceArn"],
    &[
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::*:user/*",
        "arn:*:iam::111122223333:user/${aws:username}",
        "arn:aws:*:user/alice",
        "arn:aws:iam::*:role/*",
        "arn:aws:sns:*:*:t?pic",
    ],
);
const NUMBERS: (&[&str], &[&str], &[&str]) = (
    &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    &["aws:MultiFactorAuthAge"],
    &["60", "3600", "3600.5", "0"],
);
const BOOLEANS: (&[&str], &[&str], &[&str]) = (
    &["Bool"],
    &[
        "aws:MultiFactorAuthPresent",
        "aws:ViaAWSService",
        "aws:SecureTransport",
    ],
    &["true", "false", "TRUE", "${aws:ViaAWSService}"],
);
const DATES: (&[&str], &[&str], &[&str]) = (
    &[
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ],
    &["aws:CurrentTime", "aws:TokenIssueTime"],
    &["2026-01-02T03:04:05Z", "2020-01-01T00:00:00Z"],
);
const ADDRESSES: (&[&str], &[&str], &[&str]) = (
    &["IpAddress", "NotIpAddress"],
    &["aws:SourceIp"],
    &["192.0.2.0/24", "192.0.2.7", "198.51.100.0/25"],
);

/// Keys with values that a request may carry; those in the first list have several values.
const MANY: &[(&str, &[&str])] = &[
    (
        "aws:CalledVia",
        &["athena.amazonaws.com", "cloudformation.amazonaws.com"],
    ),
    ("aws:TagKeys", &["blue", "alice", "cost"]),
];
const ONE: &[(&str, &[&str])] = &[
    ("aws:username", &["alice", "bob", "Alice"]),
    ("aws:PrincipalTag/team", &["blue", "alice"]),
    ("aws:RequestedRegion", &["eu-central-1", "us-east-1"]),
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:role/dev",
        ],
    ),
    ("aws:SourceArn", &["arn:aws:sns:eu-central-1:1:topic"]),
    ("aws:MultiFactorAuthPresent", &["true", "false"]),
    ("aws:MultiFactorAuthAge", &["0", "60", "3600", "3601"]),
    ("aws:ViaAWSService", &["true", "false"]),
    ("aws:SecureTransport", &["true"]),
    (
        "aws:CurrentTime",
        &["2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"],
    ),
    ("aws:SourceIp", &["192.0.2.7", "198.51.100.200"]),
];

/// One word or a list of them, as policies may contain either.
fn one_or_more(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        select(words).prop_map(|it| json!(it)),
        subsequence(words, 1..=3.min(words.len())).prop_map(|it| json!(it)),
    ]
}

fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
    let of = |(operators, keys, values): (&'static [_], &'static [_], &'static [_])| {
        let quantifier =
            prop_oneof![4 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("ForAnyValue:")];
        let suffix = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
        (
            quantifier,
            select(operators),
            suffix,
            select(keys),
            one_or_more(values),
        )
            .prop_map(
                |(quantifier, operator, suffix, key, values): (
                    &str,
                    &str,
                    &str,
                    &'static str,
                    Value,
                )| {
                    // The documentation does not say what a missing key means to these two together.
                    let suffix = if quantifier == "ForAnyValue:" {
                        ""
                    } else {
                        suffix
                    };
                    (format!("{quantifier}{operator}{suffix}"), key, values)
                },
            )
    };
    let keys: Vec<&'static str> = ONE.iter().chain(MANY).map(|(key, _)| *key).collect();
    let null = (select(keys), one_or_more(&["true", "false"]))
        .prop_map(|(key, values)| ("Null".to_owned(), key, values));
    prop_oneof![
        6 => of(STRINGS),
        2 => of(ARNS),
        3 => of(NUMBERS),
        3 => of(BOOLEANS),
        1 => of(DATES),
        1 => of(ADDRESSES),
        1 => null,
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![2 => Just("Allow"), 1 => Just("Deny")];
    let action = prop_oneof![3 => Just("Action"), 1 => Just("NotAction")];
    let resource = prop_oneof![3 => Just("Resource"), 1 => Just("NotResource")];
    let conditions = vec(condition(), 0..=2);
    let lists = (one_or_more(ACTIONS), one_or_more(RESOURCES));
    (effect, action, resource, lists, conditions).prop_map(
        |(effect, action, resource, (actions, resources), conditions)| {
            let mut statement = json!({"Effect": effect, action: actions, resource: resources});
            for (operator, key, values) in conditions {
                statement["Condition"][operator][key] = values;
            }
            statement
        },
    )
}

fn policy() -> impl Strategy<Value = Value> {
    let version =
        prop_oneof![5 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    (version, vec(statement(), 1..=3)).prop_map(|(version, statements)| {
        // In the old version `${` is literal; iam-simulate fills in the variable all the same.
        let has_variables = json!(statements).to_string().contains("${");
        match version {
            _ if has_variables => json!({"Version": "2012-10-17", "Statement": statements}),
            Some(version) => json!({"Version": version, "Statement": statements}),
            None => json!({"Statement": statements}),
        }
    })
}

fn context() -> impl Strategy<Value = Map<String, Value>> {
    let key = |(key, values): &(&'static str, &'static [&'static str])| {
        let key = *key;
        let value = option::weighted(0.7, select(*values));
        value.prop_map(move |it| it.map(|it| (key.to_owned(), json!(it))))
    };
    let keys = |(key, values): &(&'static str, &'static [&'static str])| {
        let key = *key;
        let value = option::of(subsequence(*values, 1..=values.len()));
        value.prop_map(move |it| it.map(|it| (key.to_owned(), json!(it))))
    };
    let one: Vec<_> = ONE.iter().map(key).collect();
    let many: Vec<_> = MANY.iter().map(keys).collect();
    (one, many).prop_map(|(one, many)| one.into_iter().chain(many).flatten().collect())
}

/// A request with its policies: the user's, the boundary, the organization's.
fn case() -> impl Strategy<Value = (Case, Vec<Value>, Option<Value>, Option<Value>)> {
    let request =
        select(REQUESTS).prop_flat_map(|(action, resources)| (Just(action), select(resources)));
    let few = || option::weighted(0.2, policy());
    // Beside a policy that allows everything, the denials of the others show.
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let own = prop_oneof![2 => policy(), 1 => Just(everything)];
    (request, context(), vec(own, 1..=2), few(), few()).prop_map(
        |((action, resource), context, identity, boundary, service_control)| {
            let case = Case {
                principal: "arn:aws:iam::111122223333:user/alice".to_owned(),
                action: action.to_owned(),
                resource: resource.to_owned(),
                context,
                identity: Vec::new(),
                service_control: None,
                boundary: None,
                trust: None,
            };
            (case, identity, boundary, service_control)
        },
    )
}

#[test]
#[ignore = "needs tests/policy/install"]
fn generated_policies_are_judged_as_by_iam_simulate() {
    let config = Config {
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let strategy = case();
    let mut documents = Documents::new();
    let mut cases = Vec::new();
    for _ in 0..CASES {
        let tree = strategy.new_tree(&mut runner).expect("it can be made");
        let (mut case, identity, boundary, service_control) = tree.current();
        case.identity = identity.into_iter().map(|it| documents.add(it)).collect();
        case.boundary = boundary.map(|it| documents.add(it));
        case.service_control = service_control.map(|it| documents.add(it));
        cases.push(case);
    }
    let theirs = peer::ask(&documents, &cases.iter().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    let mut counts = [0; 3];
    for (case, theirs) in cases.iter().zip(theirs) {
        let ours = case.stand_in(&documents);
        match ours {
            Answer::Allowed => counts[0] += 1,
            Answer::Denied => counts[1] += 1,
            Answer::NotAllowed | Answer::Unable(_) => counts[2] += 1,
        }
        if ours != theirs {
            let policies = documents.of(case);
            wrong.push(format!(
                "ours {ours:?}, theirs {theirs:?}: {} {policies}",
                case.json()
            ));
        }
    }
    let [allowed, denied, not_allowed] = counts;
    println!(
        "seed {SEED:#x}: {CASES} requests, of which {allowed} are allowed, {denied} denied and \
         {not_allowed} not allowed; {} judged otherwise",
        wrong.len()
    );
    assert!(counts.iter().all(|it| *it > CASES / 20), "{counts:?}");
    assert!(
        wrong.is_empty(),
        "{}",
        wrong[..wrong.len().min(8)].join("\n\n")
    );
}
