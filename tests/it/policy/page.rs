//! Makes docs/policy-table.md: what documents leave open, ours beside the guide's. It checks that the
//! page is up to date, and writes it only if `AWSMFA_WRITE_PAGE` is set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::matrix::{OWN, PUBLIC};
use super::{parse, shown, variables};
use crate::standin::policies::case::{Answer, Case, Documents};
use crate::standin::policies::peer::ask;
use crate::standin::policies::table::Table;

/// The sets of the two tables that contain the requests of a user who may do everything else.
const SETS: [(&str, &str); 2] = [(PUBLIC, "admin"), (OWN, "force-mfa beside administrator")];

/// The contexts of a request, by their names in the tables.
const CONTEXTS: [&str; 4] = ["none", "false", "fresh", "old"];

/// AWS allows these to everybody, whatever a policy says.
const ALWAYS: [&str; 2] = ["sts:GetCallerIdentity", "sts:GetSessionToken"];

/// The compared documents: their names on the page, and in the tables. Those with `guide-` are the
/// guide's, those with `scp-` bind the account.
const COMPARED: [(&str, &[&str]); 19] = [
    ("none", &[]),
    ("`manage-mfa`", &["manage-mfa"]),
    ("`force-mfa`", &["force-mfa"]),
    ("`manage-mfa`, `force-mfa`", &["manage-mfa", "force-mfa"]),
    (
        "`manage-mfa`, `force-mfa`, with `--max-age 1h`",
        &["manage-mfa--max-age", "force-mfa--max-age"],
    ),
    (
        "`manage-mfa`, `force-mfa`, with `--allow-password-change`",
        &["manage-mfa--password", "force-mfa--password"],
    ),
    (
        "`manage-mfa`, `force-mfa`, with `--allow-console-enrolment`",
        &["manage-mfa--console", "force-mfa--console"],
    ),
    (
        "`manage-mfa`, `force-mfa`, with all three",
        &[
            "manage-mfa--max-age--password--console",
            "force-mfa--max-age--password--console",
        ],
    ),
    (
        "`manage-mfa`, `force-mfa --scp`",
        &["manage-mfa", "scp-force-mfa"],
    ),
    (
        "`manage-mfa`, `force-mfa --scp`, with `--max-age 1h`",
        &["manage-mfa--max-age", "scp-force-mfa--max-age"],
    ),
    ("`require-mfa`", &["require-mfa"]),
    ("`require-mfa --max-age 1h`", &["require-mfa--max-age"]),
    (
        "`manage-mfa`, `require-mfa`",
        &["manage-mfa", "require-mfa"],
    ),
    ("the guide's ManageMFA", &["guide-ManageMFA"]),
    ("the guide's ForceMFA", &["guide-ForceMFA"]),
    (
        "the guide's ManageMFA, ForceMFA",
        &["guide-ManageMFA", "guide-ForceMFA"],
    ),
    (
        "the guide's ManageMFA, ForceMFA, ReadOnly, Ec2RestrictAccess, CreateIamRole",
        &[
            "guide-ManageMFA",
            "guide-ForceMFA",
            "guide-ReadOnly",
            "guide-Ec2RestrictAccess",
            "guide-CreateIamRole",
        ],
    ),
    (
        "a policy that only checks that aws:MultiFactorAuthAge exists",
        &["guide-generic-existence"],
    ),
    (
        "that policy and the guide's ManageMFA",
        &["guide-generic-existence", "guide-ManageMFA"],
    ),
];

const HEAD: &str = "\
# What policies leave open

This page compares the documents that `awsmfa policy show` prints with those of the guide that awsmfa grew from. It counts the requests that pass with a stolen key, in a session without MFA, with MFA from a minute ago, and with MFA from eleven hours ago (*old MFA*).

Documents enforce MFA if nothing passes with a key and without MFA under *open*. Users can enroll if every request passes under *enrolling*.

";

const TAIL: &str = "\
The requests come from `tests/policy/matrix-public.json` and `tests/policy/matrix.json`: those of a user who may do everything else. The guide's documents are in `tests/policy/others`. sts:GetCallerIdentity and sts:GetSessionToken are left out, because AWS always allows them, whatever a policy says. Two independent evaluators make the same page. All of these are simulations; no request went to a live account.

`AWSMFA_WRITE_PAGE=1 cargo test --test it policy::page` makes this page. Without the variable, the test fails if the page differs from what it would write.
";

/// Allows everything, as AWS's AdministratorAccess does.
fn administrator() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> PathBuf {
    root().join("docs/policy-table.md")
}

/// A document by its name.
fn document(name: &str, variables: &Map<String, Value>) -> Value {
    if !name.starts_with("guide-") {
        return shown(name, variables);
    }
    let path = root().join(format!("tests/policy/others/{name}.json"));
    parse(&fs::read_to_string(path).expect("it is there"))
}

/// A request in the four contexts, and whether it is part of enrolling.
struct Asked {
    cases: [Case; 4],
    is_for_enrolling: bool,
}

/// The requests of the tables, each once: without MFA, a user must be allowed those for enrolling, and
/// denied all others.
fn requests() -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for (file, set) in SETS {
        // The requests are the same whatever the documents say.
        let table = Table::read(file, &|_, _| administrator());
        let of = |context: &str| {
            let place = format!("{set} | {context} | ");
            let rows = table
                .rows
                .iter()
                .filter(move |it| it.place.starts_with(&place));
            rows.collect::<Vec<_>>()
        };
        let [keys, without, fresh, old] = CONTEXTS.map(of);
        for (((key, without), fresh), old) in keys.iter().zip(without).zip(fresh).zip(old) {
            let is_known = all.iter().any(|it| is_same(&it.cases[0], &key.case));
            if is_known || ALWAYS.contains(&key.case.action.as_str()) {
                continue;
            }
            all.push(Asked {
                cases: [key, without, fresh, old].map(|it| it.case.clone()),
                is_for_enrolling: key.accepts(&Answer::Allowed),
            });
        }
    }
    all
}

fn is_same(one: &Case, other: &Case) -> bool {
    let of = |case: &Case| {
        (
            case.action.clone(),
            case.resource.clone(),
            case.context.clone(),
        )
    };
    of(one) == of(other)
}

/// Every case on the page: all requests in all contexts, for each way and each set of documents.
struct Cases {
    documents: Documents,
    requests: Vec<Asked>,
    /// The names, and whether everything is granted beside the documents.
    rows: Vec<(&'static str, bool)>,
    cases: Vec<Case>,
}

fn cases() -> Cases {
    let mut documents = Documents::new();
    let mut variables = variables();
    variables.insert("account".into(), "111122223333".into());
    variables.insert("path".into(), "/".into());
    let administrator = documents.add(administrator());
    let requests = requests();
    let mut rows = Vec::new();
    let mut cases = Vec::new();
    for is_beside in [true, false] {
        for (label, names) in COMPARED {
            let mut identity = Vec::new();
            let mut service_control = None;
            for name in names {
                let json = document(name, &variables);
                let known = documents.place(&json);
                let place = known.unwrap_or_else(|| documents.add(json));
                match name.starts_with("scp-") {
                    true => service_control = Some(place),
                    false => identity.push(place),
                }
            }
            identity.extend(is_beside.then_some(administrator));
            rows.push((label, is_beside));
            cases.extend(requests.iter().flat_map(|it| &it.cases).map(|case| Case {
                identity: identity.clone(),
                service_control,
                ..case.clone()
            }));
        }
    }
    Cases {
        documents,
        requests,
        rows,
        cases,
    }
}

/// The page, made from the answers to all cases.
fn text(all: &Cases, answers: &[Answer]) -> String {
    let per_row = all.requests.len() * CONTEXTS.len();
    let rows: Vec<_> = all.rows.iter().zip(answers.chunks(per_row)).collect();
    let of_kind = |kind: bool| {
        all.requests
            .iter()
            .filter(move |it| it.is_for_enrolling == kind)
    };
    let mut text = HEAD.to_owned();
    for (is_beside, title) in [
        (true, "Beside AdministratorAccess"),
        (false, "By themselves"),
    ] {
        let header = format!(
            "## {title}\n\n*Open*: how many of the {} requests that should need MFA pass. *Enrolling*: how many of the {} that a user needs to enroll a device pass.\n\n\
             | documents | open: key | no MFA | MFA | old MFA | enrolling: key | no MFA | MFA | old MFA |\n\
             |---|---|---|---|---|---|---|---|---|\n",
            of_kind(false).count(),
            of_kind(true).count(),
        );
        text.push_str(&header);
        for ((label, _), answers) in rows.iter().filter(|((_, it), _)| *it == is_beside) {
            let places =
                (0..2 * CONTEXTS.len()).map(|at| (at >= CONTEXTS.len(), at % CONTEXTS.len()));
            let counts = places.map(|(kind, context)| {
                passing(&all.requests, answers, kind, context)
                    .count()
                    .to_string()
            });
            let counts = counts.collect::<Vec<_>>().join(" | ");
            text.push_str(&format!("| {label} | {counts} |\n"));
        }
        text.push('\n');
    }
    text.push_str(
        "What the options leave open to a stolen key, even beside AdministratorAccess:\n\n",
    );
    for ((label, is_beside), answers) in &rows {
        let mut open: BTreeMap<&str, usize> = BTreeMap::new();
        for asked in passing(&all.requests, answers, false, 0) {
            *open.entry(&asked.cases[0].action).or_default() += 1;
        }
        if !is_beside || open.is_empty() || open.len() > FEW {
            continue;
        }
        let open = open.iter().map(|(action, count)| match count {
            1 => (*action).to_owned(),
            count => format!("{action} ({count} resources)"),
        });
        let open = open.collect::<Vec<_>>().join(", ");
        text.push_str(&format!("- {label}: {open}\n"));
    }
    text + "\n" + TAIL
}

/// More actions are too many to list.
const FEW: usize = 10;

/// The requests of a kind that pass in a context.
fn passing<'a>(
    requests: &'a [Asked],
    answers: &'a [Answer],
    is_for_enrolling: bool,
    context: usize,
) -> impl Iterator<Item = &'a Asked> {
    let of_each = requests.iter().zip(answers.chunks(CONTEXTS.len()));
    let of_kind = of_each.filter(move |(it, _)| it.is_for_enrolling == is_for_enrolling);
    let passing = of_kind.filter(move |(_, answers)| answers[context] == Answer::Allowed);
    passing.map(|(it, _)| it)
}

#[test]
fn the_page_says_what_documents_leave_open() {
    let all = cases();
    let answers = all.cases.iter().map(|it| it.stand_in(&all.documents));
    let text = text(&all, &answers.collect::<Vec<_>>());
    if std::env::var_os("AWSMFA_WRITE_PAGE").is_some() {
        fs::write(page(), &text).expect("docs is writable");
    }
    let written = fs::read_to_string(page()).unwrap_or_default();
    assert!(
        written == text,
        "run AWSMFA_WRITE_PAGE=1 cargo test --test it policy::page, and look at what has changed"
    );
}

#[test]
#[ignore = "needs tests/policy/install"]
fn iam_simulate_makes_the_same_page() {
    let all = cases();
    let answers = ask(&all.documents, &all.cases.iter().collect::<Vec<_>>());
    let written = fs::read_to_string(page()).expect("the page is there");
    assert_eq!(text(&all, &answers), written);
}
