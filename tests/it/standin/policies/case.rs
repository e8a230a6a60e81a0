//! Holds a request with the policies that apply to it, for the stand-in and for iam-simulate. It never
//! knows the right answer.

use serde_json::{Map, Value, json};

use crate::support::aws::policy::{self, Context, Decision, Document, Policies, Request};

/// A request, with its policies as indices into a list of documents.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Map<String, Value>,
    pub(crate) identity: Vec<usize>,
    pub(crate) service_control: Option<usize>,
    pub(crate) boundary: Option<usize>,
    pub(crate) trust: Option<usize>,
}

/// The answer of an evaluator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    Denied,
    NotAllowed,
    /// It can't tell, for this reason.
    Unable(String),
}

/// Policy documents, each as JSON and as the stand-in reads it.
pub(crate) struct Documents {
    all: Vec<(Value, Document)>,
    /// The policy that AWS puts beside a service control policy.
    everything: Document,
}

impl Documents {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            everything: Document::everything(),
        }
    }

    /// Adds a document, and returns its index.
    pub(crate) fn add(&mut self, json: Value) -> usize {
        let document = Document::parse(&json).unwrap_or_else(|why| panic!("{why}: {json}"));
        self.all.push((json, document));
        self.all.len() - 1
    }

    /// The JSON of the document with this index.
    pub(crate) fn json_of(&self, place: usize) -> &Value {
        &self.all[place].0
    }

    /// Replaces the document with this index.
    pub(crate) fn replace(&mut self, place: usize, json: Value) {
        let document = Document::parse(&json).unwrap_or_else(|why| panic!("{why}: {json}"));
        self.all[place] = (json, document);
    }

    /// The index of a document in the list.
    pub(crate) fn place(&self, json: &Value) -> Option<usize> {
        self.all.iter().position(|(it, _)| it == json)
    }

    /// The JSON of all of them.
    pub(super) fn json(&self) -> Value {
        self.all.iter().map(|(json, _)| json.clone()).collect()
    }

    /// The JSON of those that apply to a request, for debugging.
    pub(super) fn of(&self, case: &Case) -> Value {
        let text = |place: usize| self.all[place].0.clone();
        json!({
            "identity": case.identity.iter().map(|it| text(*it)).collect::<Value>(),
            "service control": case.service_control.map(text),
            "boundary": case.boundary.map(text),
            "trust": case.trust.map(text),
        })
    }

    /// The document with this index as the stand-in reads it.
    pub(crate) fn document(&self, place: usize) -> &Document {
        &self.all[place].1
    }
}

impl Case {
    /// Whether the document with this index applies to it.
    pub(crate) fn has(&self, place: usize) -> bool {
        let others = [self.service_control, self.boundary, self.trust];
        self.identity.contains(&place) || others.contains(&Some(place))
    }

    /// The stand-in's answer.
    pub(crate) fn stand_in(&self, documents: &Documents) -> Answer {
        self.judge(&self.request(), documents)
    }

    /// The same for a request that was made from it before.
    pub(crate) fn judge(&self, request: &Request, documents: &Documents) -> Answer {
        // AWS requires no permission for it.
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
        match policies.judge(request).decision() {
            Decision::Allowed => Answer::Allowed,
            Decision::ExplicitDeny => Answer::Denied,
            Decision::ImplicitDeny => Answer::NotAllowed,
        }
    }

    /// The request as the stand-in evaluates it.
    pub(crate) fn request(&self) -> Request {
        let mut context = Context::default();
        for (key, value) in &self.context {
            context.insert(key, of_json(value));
        }
        Request {
            principal: self.principal.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            context,
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
