//! Holds a request with the policies that bear on it, for the stand-in and for iam-simulate. Never
//! knows which answer is right.

use serde_json::{Map, Value, json};

use crate::support::aws::policy::{self, Context, Decision, Document, Policies, Request};

/// A request, with its policies as places in a list of documents.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) context: Map<String, Value>,
    pub(super) identity: Vec<usize>,
    pub(super) service_control: Option<usize>,
    pub(super) boundary: Option<usize>,
    pub(super) trust: Option<usize>,
}

/// What an evaluator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Allowed,
    Denied,
    NotAllowed,
    /// It can't tell, for this reason.
    Unable(String),
}

/// Policy documents, each as JSON and as the stand-in reads it.
pub(super) struct Documents {
    all: Vec<(Value, Document)>,
    /// What AWS puts beside a service control policy.
    everything: Document,
}

impl Documents {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            everything: Document::everything(),
        }
    }

    /// Adds a document, and gives its place.
    pub(super) fn add(&mut self, json: Value) -> usize {
        let document = Document::parse(&json).unwrap_or_else(|why| panic!("{why}: {json}"));
        self.all.push((json, document));
        self.all.len() - 1
    }

    /// The place of a document that is there already.
    pub(super) fn place(&self, json: &Value) -> Option<usize> {
        self.all.iter().position(|(it, _)| it == json)
    }

    /// The JSON of all.
    pub(super) fn json(&self) -> Value {
        self.all.iter().map(|(json, _)| json.clone()).collect()
    }

    /// The JSON of those that bear on a request, for a person who looks into it.
    pub(super) fn of(&self, case: &Case) -> Value {
        let text = |place: usize| self.all[place].0.clone();
        json!({
            "identity": case.identity.iter().map(|it| text(*it)).collect::<Value>(),
            "service control": case.service_control.map(text),
            "boundary": case.boundary.map(text),
            "trust": case.trust.map(text),
        })
    }

    fn document(&self, place: usize) -> &Document {
        &self.all[place].1
    }
}

impl Case {
    /// What the stand-in says.
    pub(super) fn stand_in(&self, documents: &Documents) -> Answer {
        // AWS asks no permission for it.
        if self.action == "sts:GetCallerIdentity" {
            return Answer::Allowed;
        }
        let get = |place| documents.document(place);
        let policies = Policies {
            identity: self.identity.iter().map(|it| get(*it)).collect(),
            boundary: self.boundary.map(get),
            organization: self
                .service_control
                .map(|it| vec![vec![&documents.everything, get(it)]]),
            trust: self.trust.map(get),
        };
        let mut context = Context::default();
        for (key, value) in &self.context {
            context.insert(key, of_json(value));
        }
        let request = Request {
            principal: self.principal.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            context,
        };
        match policies.judge(&request).decision() {
            Decision::Allowed => Answer::Allowed,
            Decision::ExplicitDeny => Answer::Denied,
            Decision::ImplicitDeny => Answer::NotAllowed,
        }
    }

    /// The request as tests/policy/evaluate.mjs reads it.
    pub(super) fn json(&self) -> Value {
        json!({
            "principal": self.principal,
            "account": self.principal.split(':').nth(4),
            "action": self.action,
            "resource": self.resource,
            "context": self.context,
            "identity": self.identity,
            "scp": self.service_control,
            "boundary": self.boundary,
            "trust": self.trust,
        })
    }
}

fn of_json(value: &Value) -> policy::Value {
    match value {
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            policy::Value::Many(texts.map(str::to_owned).collect())
        }
        value => policy::Value::One(value.as_str().expect("a context value is text").to_owned()),
    }
}
