//! Reads a policy document, and finds the statements that concern a request. It never weighs one
//! statement against another.

use std::collections::BTreeSet;

use serde_json::Value;

use super::condition::Condition;
use super::context::Context;
use super::decision::Request;
use super::pattern::{ArnTemplate, Template};

/// A policy document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) effect: Effect,
    /// The principals it is about; none if that is whoever has the policy.
    principals: Option<Vec<Principal>>,
    actions: Choice<Template>,
    /// None in a trust policy, which is about the role that has it.
    resources: Option<Choice<Resource>>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// The contents of an element or of its `Not…` form.
#[derive(Clone, Debug)]
enum Choice<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

#[derive(Clone, Debug)]
enum Resource {
    Everything,
    Arn(ArnTemplate),
}

#[derive(Clone, Debug)]
enum Principal {
    Everybody,
    /// The account with this id, whose own policies decide which of its users are meant.
    Account(String),
    Arn(String),
    /// A service, or a federated user.
    Other,
}

/// How a statement of a trust policy names the principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Through the account: the principal's own policies have to allow the action too.
    Account,
    Directly,
}

impl Document {
    /// An administrator's policy: everything is allowed.
    pub(crate) fn everything() -> Self {
        let json = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        Self::read(json).expect("it is a policy")
    }

    /// Reads the JSON of a policy.
    pub(crate) fn read(json: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(json).map_err(|_| "Syntax errors in policy.".to_owned())?;
        Self::parse(&value)
    }

    /// Reads a policy.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        // Variables came with this version; in an older one, which is the default, they are plain text.
        let has_variables = value["Version"] == "2012-10-17";
        let statements = one_or_many(&value["Statement"]);
        let statements = statements
            .iter()
            .map(|it| Statement::parse(it, has_variables));
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        if statements.is_empty() {
            return Err("Missing required field Statement".to_owned());
        }
        Ok(Self { statements })
    }

    /// The condition keys that it uses and `context` does not have, as written; including those in a
    /// resource, such as `${aws:username}`.
    pub(crate) fn missing(&self, context: &Context) -> BTreeSet<String> {
        let keys = self.statements.iter().flat_map(Statement::keys);
        keys.filter(|key| context.get(key).is_none())
            .map(str::to_owned)
            .collect()
    }
}

impl Statement {
    fn parse(value: &Value, has_variables: bool) -> Result<Self, String> {
        let effect = match value["Effect"].as_str() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("Missing required field Effect".to_owned()),
        };
        let template = |text: &str| Ok(Template::parse(text, false));
        let actions =
            choice(value, "Action", template)?.ok_or("Policy statement must contain actions.")?;
        let resources = choice(value, "Resource", |text| {
            Resource::parse(text, has_variables)
        })?;
        let principals = value.get("Principal").map(principals);
        if resources.is_none() && principals.is_none() {
            return Err("Policy statement must contain resources.".to_owned());
        }
        let mut conditions = Vec::new();
        for (operator, keys) in value["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let values = one_or_many(values).iter().map(plain).collect();
                conditions.push(Condition::parse(operator, key, values, has_variables)?);
            }
        }
        Ok(Self {
            effect,
            principals,
            actions,
            resources,
            conditions,
        })
    }

    /// Whether it concerns this request.
    pub(crate) fn concerns(&self, request: &Request) -> bool {
        let context = &request.context;
        let action = |it: &Template| {
            let pattern = it.resolve(context)?;
            Some(pattern.fits_in_any_case(&request.action))
        };
        let resource = |it: &Resource| it.covers(&request.resource, context);
        self.actions.has(action)
            && self.resources.as_ref().is_none_or(|it| it.has(resource))
            && self.conditions.iter().all(|it| it.holds(context))
    }

    /// How it names the principal; none if it does not.
    pub(crate) fn names(&self, principal: &str) -> Option<Named> {
        let principals = self.principals.as_ref()?;
        let account = principal.split(':').nth(4).unwrap_or_default();
        let named = principals.iter().filter_map(|it| match it {
            Principal::Everybody => Some(Named::Directly),
            Principal::Account(id) => (id == account).then_some(Named::Account),
            Principal::Arn(arn) => (arn == principal).then_some(Named::Directly),
            Principal::Other => None,
        });
        let named: Vec<_> = named.collect();
        let directly = named.iter().find(|it| **it == Named::Directly);
        directly.or(named.first()).copied()
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(Choice::all);
        let of_resources = resources.flat_map(|it| match it {
            Resource::Everything => Vec::new(),
            Resource::Arn(template) => template.keys().collect(),
        });
        self.conditions
            .iter()
            .flat_map(Condition::keys)
            .chain(of_resources)
    }
}

impl<T> Choice<T> {
    /// Whether a value is included. If that can't be decided, the statement is invalid and concerns
    /// nothing, even with `Not…`.
    fn has(&self, fits: impl Fn(&T) -> Option<bool>) -> bool {
        match self {
            Self::These(all) => all.iter().any(|it| fits(it) == Some(true)),
            Self::AllBut(all) => all.iter().all(|it| fits(it) == Some(false)),
        }
    }

    fn all(&self) -> &[T] {
        let (Self::These(all) | Self::AllBut(all)) = self;
        all
    }
}

impl Resource {
    fn parse(text: &str, has_variables: bool) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Everything);
        }
        let arn = ArnTemplate::parse_short(text, has_variables);
        arn.map(Self::Arn)
            .ok_or_else(|| format!("Resource {text} must be in ARN format or \"*\"."))
    }

    /// Whether it covers the resource of a request; none if that depends on a variable without a value.
    /// A request for everything asks for more than any ARN covers.
    fn covers(&self, resource: &str, context: &Context) -> Option<bool> {
        match self {
            Self::Everything => Some(true),
            Self::Arn(_) if resource == "*" => Some(false),
            Self::Arn(template) if template.is_of_another_kind(resource) => Some(false),
            Self::Arn(template) => template.fits(resource, context),
        }
    }
}

fn choice<T>(
    statement: &Value,
    element: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<Choice<T>>, String> {
    let read = |value: &Value| {
        let texts = one_or_many(value).iter().filter_map(Value::as_str);
        texts.map(&parse).collect::<Result<Vec<T>, _>>()
    };
    let not = format!("Not{element}");
    Ok(match (statement.get(element), statement.get(&not)) {
        (Some(these), _) => Some(Choice::These(read(these)?)),
        (None, Some(others)) => Some(Choice::AllBut(read(others)?)),
        (None, None) => None,
    })
}

fn principals(value: &Value) -> Vec<Principal> {
    let of_kind = |kind: &str, text: &str| match (kind, text) {
        ("AWS", "*") => Principal::Everybody,
        ("AWS", text) => {
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            match parts.as_slice() {
                [id] => Principal::Account((*id).to_owned()),
                [.., id, "root"] => Principal::Account((*id).to_owned()),
                _ => Principal::Arn(text.to_owned()),
            }
        }
        _ => Principal::Other,
    };
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| {
                let texts = one_or_many(names).iter().filter_map(Value::as_str);
                texts.map(move |text| of_kind(kind, text))
            })
            .collect(),
        _ => vec![Principal::Everybody],
    }
}

/// Everywhere in a policy a single value may replace a list of one.
fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
