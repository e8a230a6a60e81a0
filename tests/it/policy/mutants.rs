//! Changes one thing at a time in each document, and checks that a request of tests/policy/matrix.json
//! notices it, or that there is a reason why nothing changes. It never changes the table.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::matrix::OWN;
use super::{page_tells, shown};
use crate::standin::policies::case::Documents;
use crate::standin::policies::table::{Row, Table};
use crate::support::aws::policy::{Document, Request};

/// A document with one thing changed.
pub(super) struct Mutant {
    /// The index and the name of the changed statement.
    statement: usize,
    sid: String,
    /// The change.
    pub(super) change: String,
    pub(super) json: Value,
}

/// Changes that no request can notice.
struct Harmless {
    why: &'static str,
    /// Whether a change is one of them, given the name of its document, its statement and its
    /// description.
    fits: fn(document: &str, statement: &str, change: &str) -> bool,
}

const HARMLESS: [Harmless; 9] = [
    Harmless {
        why: "AWS asks no permission for sts:GetCallerIdentity; simulators do",
        fits: |_, _, change| change == "NotAction without sts:GetCallerIdentity",
    },
    Harmless {
        why: "a request says how old MFA is only where there was MFA",
        fits: |document, _, change| {
            (document.contains("--max-age") || document == "role-trust")
                && [
                    "Bool aws:MultiFactorAuthPresent removed",
                    "Bool aws:MultiFactorAuthPresent is BoolIfExists",
                ]
                .contains(&change)
        },
    },
    Harmless {
        why: "with --allow-password-change the first statement grants it, without MFA",
        fits: |document, statement, change| {
            document.contains("--password")
                && statement == "ManageOwnPasswordAndKeysWithMfa"
                && change == "Action without iam:ChangePassword"
        },
    },
    Harmless {
        why: "with --allow-console-enrolment the next statement grants it, for any name",
        fits: |_, statement, change| {
            statement == "CreateAndDiscardOwnVirtualDevices"
                && change == "Action without iam:CreateVirtualMFADevice"
        },
    },
    Harmless {
        why: "iam:CreateVirtualMFADevice is about devices alone",
        fits: |_, statement, change| {
            statement == "CreateVirtualDevicesOfAnyName" && change.ends_with(":mfa/* is *")
        },
    },
    Harmless {
        why: "the statement before it denies the rest of IAM in the same contexts",
        fits: |document, statement, change| {
            !document.contains("--password")
                && !document.contains("--console")
                && statement.starts_with("DenyEnrolmentOfOthersWith")
                && change.starts_with("Action iam:")
                && change.ends_with(" is iam:*")
        },
    },
    Harmless {
        why: "no other request of IAM says iam:PassedToService",
        fits: |_, _, change| change == "Action iam:PassRole is iam:*",
    },
    Harmless {
        why: "every request says aws:PrincipalArn",
        fits: |_, _, change| change == "ArnLike aws:PrincipalArn is ArnLikeIfExists",
    },
    Harmless {
        why: "a session of GetFederationToken can't call IAM at all",
        fits: |_, statement, change| {
            statement.starts_with("DenyEnrolmentOfOthersWith")
                && change.contains(":federated-user/*")
                && !change.ends_with(" is arn:*:*:*:*:*")
        },
    },
];

/// An action that does not exist.
const NOTHING: &str = "none:Nothing";

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    }
}

/// Every mutant of a document. Documents of the same structure have their mutants in the same order.
pub(super) fn mutants(document: &Value) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (number, statement) in list(&document["Statement"]).iter().enumerate() {
        let sid = statement["Sid"].as_str().expect("a statement has a name");
        for (change, changed) in changes(statement) {
            let mut json = document.clone();
            json["Statement"][number] = changed;
            all.push(Mutant {
                statement: number,
                sid: sid.to_owned(),
                change,
                json,
            });
        }
    }
    all
}

fn changes(statement: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut gone = statement.clone();
    gone.as_object_mut().expect("an object").remove("NotAction");
    gone["Action"] = NOTHING.into();
    all.push(("removed".to_owned(), gone));
    let mut turned = statement.clone();
    let is_deny = statement["Effect"] == "Deny";
    turned["Effect"] = if is_deny { "Allow" } else { "Deny" }.into();
    all.push(("the other effect".to_owned(), turned));
    for member in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(value) = statement.get(member) {
            all.extend(changes_of_member(statement, member, value));
        }
    }
    if statement.get("Principal").is_some() {
        let mut anybody = statement.clone();
        anybody["Principal"] = json!({ "AWS": "*" });
        all.push(("any principal".to_owned(), anybody));
    }
    if statement.get("Condition").is_some() {
        all.extend(changes_of_conditions(statement));
    }
    all
}

/// The changes of an element that holds actions or resources.
fn changes_of_member(statement: &Value, member: &str, value: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let items = list(value);
    let mut put = |change: String, items: Vec<Value>| {
        let mut changed = statement.clone();
        changed[member] = items.into();
        all.push((change, changed));
    };
    for (number, item) in items.iter().enumerate() {
        let item = item.as_str().expect("it is text");
        let with = |other: &str| {
            let mut items = items.clone();
            items[number] = other.into();
            items
        };
        if items.len() > 1 {
            let mut fewer = items.clone();
            fewer.remove(number);
            put(format!("{member} without {item}"), fewer);
        }
        for wider in wider(member, item) {
            put(format!("{member} {item} is {wider}"), with(&wider));
        }
    }
    let other = match member.strip_prefix("Not") {
        Some(plain) => plain.to_owned(),
        None => format!("Not{member}"),
    };
    let mut turned = statement.clone();
    let members = turned.as_object_mut().expect("an object");
    let value = members.remove(member).expect("it is there");
    members.insert(other.clone(), value);
    all.push((format!("{member} is {other}"), turned));
    all
}

/// Items that cover more than this one.
fn wider(member: &str, item: &str) -> Vec<String> {
    if item == "*" {
        return Vec::new();
    }
    if member.ends_with("Action") {
        let (service, _) = item.split_once(':').expect("an action has a service");
        let all = format!("{service}:*");
        return vec![if all == item { "*".to_owned() } else { all }];
    }
    let mut wider = vec!["*".to_owned()];
    if !item.ends_with('*') {
        wider.push(format!("{item}*"));
    }
    if item.contains("${aws:username}") {
        wider.push(item.replace("${aws:username}", "*${aws:username}"));
        wider.push(item.replace("${aws:username}", "*"));
    }
    wider
}

fn changes_of_conditions(statement: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let block = statement["Condition"].as_object().expect("an object");
    for (operator, keys) in block {
        for (key, values) in keys.as_object().expect("an object") {
            let name = format!("{operator} {key}");
            let mut without = statement.clone();
            let rest = without["Condition"][operator].as_object_mut();
            rest.expect("an object").remove(key);
            let mut put = |change: &str, operator: &str, values: Value| {
                let mut changed = without.clone();
                let block = changed["Condition"].as_object_mut().expect("an object");
                let keys = block.entry(operator).or_insert(json!({}));
                keys[key] = values;
                all.push((format!("{name} {change}"), changed));
            };
            for other in other_operators(operator) {
                put(&format!("is {other}"), other, values.clone());
            }
            let items = list(values);
            for (number, item) in items.iter().enumerate() {
                let text = item.as_str().expect("it is text");
                for other in other_values(text) {
                    let mut items = items.clone();
                    items[number] = other.as_str().into();
                    put(&format!("{text} is {other}"), operator, items.into());
                }
                if items.len() > 1 {
                    let mut fewer = items.clone();
                    fewer.remove(number);
                    put(&format!("without {text}"), operator, fewer.into());
                }
            }
            all.push((format!("{name} removed"), without));
        }
    }
    all
}

fn other_operators(operator: &str) -> &'static [&'static str] {
    match operator {
        "Bool" => &["BoolIfExists"],
        "BoolIfExists" => &["Bool"],
        "NumericGreaterThan" => &["NumericGreaterThanEquals", "NumericLessThan"],
        "NumericLessThanEquals" => &["NumericLessThan", "NumericGreaterThan"],
        "StringEquals" => &["StringEqualsIfExists", "StringNotEquals"],
        "StringLike" => &["StringEquals", "StringLikeIfExists", "StringNotLike"],
        "ArnLike" => &["ArnLikeIfExists", "ArnNotLike"],
        other => panic!("no operator {other}"),
    }
}

fn other_values(value: &str) -> Vec<String> {
    match value {
        "true" => vec!["false".to_owned()],
        "false" => vec!["true".to_owned()],
        _ => match value.parse::<u64>() {
            Ok(number) => vec![(number - 1).to_string(), (number + 1).to_string()],
            Err(_) if value.starts_with("arn:") => {
                vec![format!("{value}x"), "arn:*:*:*:*:*".to_owned()]
            }
            Err(_) => vec![format!("{value}x"), format!("*{value}*")],
        },
    }
}

/// A request to which a document applies.
struct Prepared<'a> {
    row: &'a Row,
    request: Request,
    /// Whether each statement of the document applies to it.
    concerned: Vec<bool>,
}

/// The documents of one name: those for other accounts and paths are changed in the same way.
struct Variant {
    place: usize,
    mutants: Vec<Mutant>,
    original: Value,
}

fn concerned(document: &Document, request: &Request) -> Vec<bool> {
    let statements = document.statements.iter();
    statements.map(|it| it.concerns(request)).collect()
}

/// Whether this mutant in place of the document changes the answer to a request.
fn is_noticed(
    prepared: &[Prepared<'_>],
    mutant: &Mutant,
    place: usize,
    documents: &mut Documents,
) -> bool {
    let original = documents.json_of(place).clone();
    documents.replace(place, mutant.json.clone());
    let statement = &documents.document(place).statements[mutant.statement];
    // Another effect or principal can change only requests to which the statement already applied.
    let is_of_the_rest = ["the other effect", "any principal"].contains(&mutant.change.as_str());
    let mut rows = prepared.iter().filter(|it| {
        is_of_the_rest || statement.concerns(&it.request) != it.concerned[mutant.statement]
    });
    let noticed = rows.any(|it| {
        let answer = it.row.case.judge(&it.request, documents);
        !it.row.accepts(&answer)
    });
    documents.replace(place, original);
    noticed
}

#[test]
#[ignore = "it takes half a minute"]
fn every_change_of_a_document_is_noticed_by_a_request_of_the_table() {
    let begin = Instant::now();
    let table = Table::read(OWN, &shown);
    let Table {
        mut documents,
        rows,
        names,
    } = table;
    let distinct: BTreeSet<&String> = names.iter().map(|(name, _)| name).collect();
    let (mut total, mut explained) = (0, 0);
    let mut survivors = Vec::new();
    let mut used = [false; HARMLESS.len()];
    for name in distinct {
        let places = names.iter().filter(|(it, _)| it == name);
        let variants: Vec<Variant> = places
            .map(|(_, place)| {
                let original = documents.json_of(*place).clone();
                Variant {
                    place: *place,
                    mutants: mutants(&original),
                    original,
                }
            })
            .collect();
        let requests: Vec<Vec<Prepared<'_>>> = variants
            .iter()
            .map(|variant| {
                let document = documents.document(variant.place);
                let rows = rows.iter().filter(|row| row.case.has(variant.place));
                rows.map(|row| {
                    let request = row.case.request();
                    let concerned = concerned(document, &request);
                    Prepared {
                        row,
                        request,
                        concerned,
                    }
                })
                .collect()
            })
            .collect();
        for (number, mutant) in variants[0].mutants.iter().enumerate() {
            total += 1;
            let mut all = variants.iter().zip(&requests);
            let noticed = all.any(|(variant, prepared)| {
                let mutant = &variant.mutants[number];
                is_noticed(prepared, mutant, variant.place, &mut documents)
            });
            if noticed {
                continue;
            }
            let Mutant { sid, change, .. } = mutant;
            let mut reasons = HARMLESS.iter().enumerate();
            match reasons.find(|(_, it)| (it.fits)(name, sid, change)) {
                Some((number, _)) => {
                    used[number] = true;
                    explained += 1;
                }
                None => survivors.push(format!("{name}: {sid}: {change}")),
            }
        }
        for variant in variants {
            assert_eq!(documents.json_of(variant.place), &variant.original);
        }
    }
    println!(
        "{total} mutants of {} documents: {} noticed, {explained} explained, {} survive; {:.1} s",
        names
            .iter()
            .map(|(name, _)| name)
            .collect::<BTreeSet<_>>()
            .len(),
        total - explained - survivors.len(),
        survivors.len(),
        begin.elapsed().as_secs_f64()
    );
    assert!(survivors.is_empty(), "{survivors:#?}");
    for figure in [total, total - explained, explained] {
        page_tells(figure);
    }
    let unused = HARMLESS.iter().zip(used).find(|(_, used)| !used);
    let unused = unused.map(|(harmless, _)| harmless.why);
    assert_eq!(unused, None, "it explains nothing");
}
