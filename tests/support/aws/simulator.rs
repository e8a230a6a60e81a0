//! Tells what policies would allow, as IAM's policy simulator does. Never does what it is asked
//! about.

use serde_json::Value;

use super::account::Account;
use super::policy::{Context, Decision, decide, missing};
use super::query::{ApiError, Call, element, list};

/// SimulatePrincipalPolicy: the policies of a user, and those of the call.
pub(crate) fn principal(account: &Account, call: &Call) -> Result<String, ApiError> {
    let arn = call.required("PolicySourceArn")?;
    let user = account
        .users
        .iter()
        .find(|it| account.user_arn(&it.name) == arn)
        .ok_or_else(|| {
            let message = format!("The principal {arn} cannot be found.");
            ApiError::new(404, "NoSuchEntity", message)
        })?;
    let mut policies = user.policies.clone();
    policies.extend(input(call)?);
    results(call, &policies)
}

/// SimulateCustomPolicy: the policies of the call.
pub(crate) fn custom(call: &Call) -> Result<String, ApiError> {
    results(call, &input(call)?)
}

fn input(call: &Call) -> Result<Vec<Value>, ApiError> {
    let policies = call.members("PolicyInputList");
    let parsed = policies.map(|text| {
        serde_json::from_str(text).map_err(|_| {
            ApiError::new(400, "InvalidInput", "The policy document is not valid JSON")
        })
    });
    parsed.collect()
}

fn results(call: &Call, policies: &[Value]) -> Result<String, ApiError> {
    call.required("ActionNames.member.1")?;
    let context = context(call);
    let resource = call.param("ResourceArns.member.1").unwrap_or("*");
    let items = call.members("ActionNames").map(|action| {
        let decision = match decide(policies, action, resource, &context) {
            Decision::Allowed => "allowed",
            Decision::ExplicitDeny => "explicitDeny",
            Decision::ImplicitDeny => "implicitDeny",
        };
        [
            element("EvalActionName", action),
            element("EvalResourceName", resource),
            element("EvalDecision", decision),
            list("MissingContextValues", missing(policies, &context)),
        ]
        .concat()
    });
    let results = list("EvaluationResults", items);
    Ok(results + &element("IsTruncated", "false"))
}

fn context(call: &Call) -> Context {
    let entry = |number: usize| {
        let entry = format!("ContextEntries.member.{number}");
        let name = call.param(&format!("{entry}.ContextKeyName"))?;
        let value = call.param(&format!("{entry}.ContextKeyValues.member.1"))?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    (1..).map_while(entry).collect()
}
