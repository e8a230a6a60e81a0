//! Reads a table of requests with their right answers, and checks the stand-in's evaluation against
//! tests/policy/matrix-public.json. The answers follow from IAM's rules.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::case::{Answer, Case, Documents};
use crate::support::policies;

/// The contexts in the order of a row's letters; a table may end before the last.
const CONTEXTS: [&str; 10] = [
    "none",
    "bare",
    "false",
    "fresh",
    "edge",
    "over",
    "old",
    "via_false",
    "via_old",
    "old_bare",
];

/// The table that was made with the rules.
pub(super) const PUBLIC: &str = "matrix-public.json";

/// A request of the table.
pub(crate) struct Row {
    pub(crate) case: Case,
    /// Where it is in the table, for messages.
    pub(crate) place: String,
    wanted: char,
}

/// Every request of the table in every context.
pub(crate) struct Table {
    pub(crate) documents: Documents,
    pub(crate) rows: Vec<Row>,
    /// The names of the documents with their indices; a name may have several, for different accounts
    /// and paths.
    pub(crate) names: Vec<(String, usize)>,
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// A template of tests/policy/policies by its name, with values for its placeholders.
pub(super) fn template(name: &str, variables: &Map<String, Value>) -> Value {
    let values = variables.iter();
    let values = values.map(|(variable, value)| (variable.as_str(), text(value)));
    parse(&policies::read(name, values))
}

impl Table {
    /// The table that was made with the rules, on the templates.
    pub(super) fn public() -> Self {
        Self::read(PUBLIC, &template)
    }

    /// A table of tests/policy, with the documents that `document` returns for a name and values; some
    /// are the table's own.
    pub(crate) fn read(file: &str, document: &dyn Fn(&str, &Map<String, Value>) -> Value) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy");
        let table = parse(&fs::read_to_string(path.join(file)).expect("the table can be read"));
        let mut documents = Documents::new();
        let mut names = Vec::new();
        let mut rows = Vec::new();
        for (name, requests) in object(&table["rows"]) {
            let set = &table["sets"][name];
            let mut place = |name: &Value| {
                let name = name.as_str()?;
                let own = table["managed"].get(name);
                let json = match own {
                    Some(own) => own.clone(),
                    None => document(name, object(&set["vars"])),
                };
                let known = documents.place(&json);
                let place = known.unwrap_or_else(|| documents.add(json));
                let entry = (name.to_owned(), place);
                if own.is_none() && !names.contains(&entry) {
                    names.push(entry);
                }
                Some(place)
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
        Self {
            documents,
            rows,
            names,
        }
    }
}

impl Row {
    pub(crate) fn accepts(&self, answer: &Answer) -> bool {
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

impl Table {
    /// Checks that the stand-in gives every answer as the rules demand, and returns the number of
    /// requests.
    pub(crate) fn holds(&self) -> usize {
        let mut wrong = Vec::new();
        for row in &self.rows {
            let answer = row.case.stand_in(&self.documents);
            if !row.accepts(&answer) {
                wrong.push(format!(
                    "{}: wanted {}, got {answer:?}",
                    row.place, row.wanted
                ));
            }
        }
        let (count, wrongs) = (self.rows.len(), wrong.len());
        assert!(
            wrong.is_empty(),
            "{wrongs} of {count}: {:#?}",
            &wrong[..wrongs.min(20)]
        );
        count
    }
}

#[test]
fn every_request_of_the_table_gets_the_answer_that_the_rules_demand() {
    assert_eq!(Table::public().holds(), 21_510);
}
