//! Decides what a user's policies allow, in as much of IAM's language as policies about MFA need:
//! actions, resources and conditions. Never looks at the policies of anything but a user.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::account::{Account, Caller, ROOT};
use super::query::ApiError;

/// The context of a request: condition keys in lower case, and their values.
pub(crate) type Context = BTreeMap<String, String>;

/// What policies come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
}

/// Fails when the caller's policies do not allow `action` on `resource`. A user without policies
/// may do everything.
pub(crate) fn authorize(
    account: &Account,
    caller: &Caller,
    action: &str,
    resource: &str,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let policies = account.policies(&caller.user);
    let as_role = caller.session.as_ref().is_some_and(|it| it.role.is_some());
    if policies.is_empty() || as_role {
        return Ok(());
    }
    let mut context = Context::new();
    context.insert("aws:viaawsservice".to_owned(), "false".to_owned());
    if caller.user != ROOT {
        context.insert("aws:username".to_owned(), caller.user.clone());
    }
    if let Some(session) = &caller.session {
        let present = session.mfa.is_some().to_string();
        context.insert("aws:multifactorauthpresent".to_owned(), present);
        if let Some(given) = session.mfa {
            let age = (now - given).num_seconds().to_string();
            context.insert("aws:multifactorauthage".to_owned(), age);
        }
    }
    let decision = decide(policies, action, resource, &context);
    if decision == Decision::Allowed {
        return Ok(());
    }
    let explicit = decision == Decision::ExplicitDeny;
    let arn = account.caller_arn(caller);
    Err(ApiError::unauthorized(&arn, action, resource, explicit))
}

/// Weighs `action` on `resource` in `context`: a deny wins, and what is not allowed is denied.
pub(crate) fn decide(
    policies: &[Value],
    action: &str,
    resource: &str,
    context: &Context,
) -> Decision {
    let effects: Vec<&Value> = statements(policies)
        .filter(|it| concerns(it, action) && covers(it, resource, context))
        .filter(|it| holds(&it["Condition"], context))
        .map(|it| &it["Effect"])
        .collect();
    if effects.iter().any(|it| *it == "Deny") {
        Decision::ExplicitDeny
    } else if effects.iter().any(|it| *it == "Allow") {
        Decision::Allowed
    } else {
        Decision::ImplicitDeny
    }
}

/// The condition keys that the policies name and `context` does not hold, as they are written; also
/// those that stand in a resource, as `${aws:username}` does.
pub(crate) fn missing(policies: &[Value], context: &Context) -> BTreeSet<String> {
    let conditions = statements(policies)
        .filter_map(|it| it["Condition"].as_object())
        .flat_map(|it| it.values().filter_map(Value::as_object))
        .flat_map(|it| it.keys().cloned());
    let variables = statements(policies)
        .flat_map(|it| texts(&it["Resource"]).chain(texts(&it["NotResource"])))
        .flat_map(|it| it.split("${").skip(1))
        .filter_map(|it| Some(it.split_once('}')?.0.to_owned()));
    conditions
        .chain(variables)
        .filter(|key| !context.contains_key(&key.to_ascii_lowercase()))
        .collect()
}

fn statements(policies: &[Value]) -> impl Iterator<Item = &Value> {
    policies.iter().flat_map(|it| one_or_many(&it["Statement"]))
}

/// A single value may stand for a list of one everywhere in a policy.
fn one_or_many(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or_else(|| std::slice::from_ref(value), Vec::as_slice)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    one_or_many(value).iter().filter_map(Value::as_str)
}

fn concerns(statement: &Value, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let named = |list: &Value| texts(list).any(|it| like(&it.to_ascii_lowercase(), &action));
    match statement.get("Action") {
        Some(actions) => named(actions),
        None => !named(&statement["NotAction"]),
    }
}

fn covers(statement: &Value, resource: &str, context: &Context) -> bool {
    let named = |list: &Value| {
        let mut patterns = texts(list).filter_map(|it| fill_in(it, context));
        patterns.any(|it| like(&it, resource))
    };
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), _) => named(resources),
        (None, Some(resources)) => !named(resources),
        (None, None) => panic!("IAM takes no policy with a statement that names no resource"),
    }
}

/// A pattern with its variables, such as `${aws:username}`, replaced; none where the request lacks
/// one, because the pattern then fits nothing.
fn fill_in(pattern: &str, context: &Context) -> Option<String> {
    let Some((begin, rest)) = pattern.split_once("${") else {
        return Some(pattern.to_owned());
    };
    let (key, rest) = rest.split_once('}')?;
    let value = context.get(&key.to_ascii_lowercase())?;
    Some(format!("{begin}{value}{}", fill_in(rest, context)?))
}

/// Whether `text` fits `pattern`, where `*` stands for anything and `?` for one character.
fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| like(rest.as_str(), &text[at..]))
        }
        Some(wanted) => {
            let mut after = text.chars();
            let fits = after.next().is_some_and(|it| wanted == '?' || wanted == it);
            fits && like(rest.as_str(), after.as_str())
        }
    }
}

fn holds(condition: &Value, context: &Context) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    operators.into_iter().all(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.into_iter().all(|(key, wanted)| {
            let have = context.get(&key.to_ascii_lowercase());
            compares(operator, have.map(String::as_str), wanted)
        })
    })
}

fn compares(operator: &str, have: Option<&str>, wanted: &Value) -> bool {
    let mut wanted = one_or_many(wanted).iter().map(|it| match it {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    if operator == "Null" {
        return wanted.any(|it| (it == "true") == have.is_none());
    }
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let Some(have) = have else {
        return if_exists;
    };
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    wanted.any(|it| match operator {
        "Bool" => it.eq_ignore_ascii_case(have),
        "NumericLessThan" => number(have) < number(&it),
        "NumericLessThanEquals" => number(have) <= number(&it),
        "NumericGreaterThan" => number(have) > number(&it),
        "NumericGreaterThanEquals" => number(have) >= number(&it),
        other => panic!("the stand-in does not know the condition operator {other}"),
    })
}
