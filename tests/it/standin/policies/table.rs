//! Holds the stand-in's evaluation to the answers of tests/policy/matrix-public.json, which follow
//! from IAM's rules.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::case::{Answer, Case, Documents};
use crate::support::policies;

/// The contexts in the order of a row's letters.
const CONTEXTS: [&str; 9] = [
    "none",
    "bare",
    "false",
    "fresh",
    "edge",
    "over",
    "old",
    "via_false",
    "via_old",
];

/// A request of the table.
pub(super) struct Row {
    pub(super) case: Case,
    /// Where it stands, for a person.
    pub(super) place: String,
    wanted: char,
}

/// Every request of the table in every context.
pub(super) struct Table {
    pub(super) documents: Documents,
    pub(super) rows: Vec<Row>,
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// A document by its name: one of the table's own, or a template of tests/policy/policies.
fn document(table: &Value, name: &str, variables: &Map<String, Value>) -> Value {
    if let Some(own) = table["managed"].get(name) {
        return own.clone();
    }
    let values = variables.iter();
    let values = values.map(|(variable, value)| (variable.as_str(), text(value)));
    parse(&policies::read(name, values))
}

impl Table {
    pub(super) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/matrix-public.json");
        let table = parse(&fs::read_to_string(path).expect("the table can be read"));
        let mut documents = Documents::new();
        let mut rows = Vec::new();
        for (name, requests) in object(&table["rows"]) {
            let set = &table["sets"][name];
            let mut place = |name: &Value| {
                let json = document(&table, name.as_str()?, object(&set["vars"]));
                let known = documents.place(&json);
                known.or_else(|| Some(documents.add(json)))
            };
            let identity: Vec<usize> = array(&set["docs"]).iter().filter_map(&mut place).collect();
            let service_control = place(&set["scp"]);
            let boundary = place(&set["boundary"]);
            let trust = place(&set["trust"]);
            for request in array(requests) {
                let [action, resource, note, extra, wanted] = array(request) else {
                    panic!("a row has five fields: {request}");
                };
                let letters = text(wanted).chars();
                for (context, wanted) in CONTEXTS.iter().zip(letters) {
                    let given = &table["contexts"][*context];
                    let all = [&set["context"], extra, given];
                    let all = all.into_iter().flat_map(object);
                    let case = Case {
                        principal: text(&set["principal"]).to_owned(),
                        action: text(action).to_owned(),
                        resource: text(resource).to_owned(),
                        context: all.map(|(key, it)| (key.clone(), it.clone())).collect(),
                        identity: identity.clone(),
                        service_control,
                        boundary,
                        trust,
                    };
                    let (action, resource) = (&case.action, &case.resource);
                    rows.push(Row {
                        place: format!("{name} | {context} | {action} {resource} {note}"),
                        case,
                        wanted,
                    });
                }
            }
        }
        Self { documents, rows }
    }
}

impl Row {
    fn accepts(&self, answer: &Answer) -> bool {
        match self.wanted {
            'A' => *answer == Answer::Allowed,
            'X' => *answer == Answer::Denied,
            'D' => *answer != Answer::Allowed,
            'N' => *answer != Answer::Denied,
            other => panic!("the table has no letter {other}"),
        }
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("it is an object")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("it is an array")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("it is text")
}

#[test]
fn every_request_of_the_table_gets_the_answer_that_the_rules_demand() {
    let table = Table::read();
    let mut wrong = Vec::new();
    for row in &table.rows {
        let answer = row.case.stand_in(&table.documents);
        if !row.accepts(&answer) {
            wrong.push(format!(
                "{}: wanted {}, got {answer:?}",
                row.place, row.wanted
            ));
        }
    }
    let (count, wrongs) = (table.rows.len(), wrong.len());
    assert!(
        wrong.is_empty(),
        "{wrongs} of {count}: {:#?}",
        &wrong[..wrongs.min(20)]
    );
    assert_eq!(count, 21_510);
}
