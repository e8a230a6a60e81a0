//! Reports what policies would allow, as IAM's policy simulator does. It never performs the simulated
//! actions.

use std::collections::BTreeSet;

use super::account::Account;
use super::iam::page;
use super::policy::{self, Context, Decision, Document, Judgement, Policies, Request, Value};
use super::query::{ApiError, Call, element, list, nest};

/// SimulatePrincipalPolicy: the policies that apply to a user or those of a group, plus those in the
/// call.
pub(crate) fn principal(account: &Account, call: &Call) -> Result<String, ApiError> {
    let arn = call.required("PolicySourceArn")?;
    let user = account.users.iter();
    let user = user
        .map(|it| &it.name)
        .find(|it| account.user_arn(it) == arn);
    let group = account.groups.iter();
    let mut group = group.filter(|it| account.arn(&format!("group/{}", it.name)) == arn);
    let mut policies = match (user, group.next()) {
        (Some(user), _) => policy::of_user(account, user),
        (None, Some(group)) => Policies {
            identity: account.policies_of(group).collect(),
            boundary: None,
            organization: None,
            trust: None,
        },
        (None, None) => {
            let message = format!("The principal {arn} cannot be found.");
            return Err(ApiError::new(404, "NoSuchEntity", message));
        }
    };
    if excludes_organization(account, call)? {
        policies.organization = None;
    }
    results(account, call, policies)
}

/// SimulateCustomPolicy: only the policies in the call.
pub(crate) fn custom(account: &Account, call: &Call) -> Result<String, ApiError> {
    let levels = levels(account, call)?;
    let levels = levels.iter().map(|it| it.iter().collect());
    let organization: Vec<Vec<&Document>> = levels.collect();
    let policies = Policies {
        identity: Vec::new(),
        boundary: None,
        organization: (!organization.is_empty()).then_some(organization),
        trust: None,
    };
    results(account, call, policies)
}

/// The service control policies in the call, level by level.
fn levels(account: &Account, call: &Call) -> Result<Vec<Vec<Document>>, ApiError> {
    let name = "OrderedOrganizationPolicyInputList";
    let numbers = 1..;
    let levels = numbers.map(|number| {
        documents(
            call,
            &format!("{name}.member.{number}.ServiceControlPolicyInputList"),
        )
    });
    let is_there = |level: &Result<Vec<_>, _>| level.as_ref().map_or(true, |it| !it.is_empty());
    let levels: Vec<_> = levels.take_while(is_there).collect::<Result<_, _>>()?;
    if !levels.is_empty() {
        since_2026(account, name)?;
    }
    Ok(levels)
}

/// Whether the call leaves out the organization's policies. An entry is one of three kinds and says
/// which one; the SDK for Rust 1.133 does not send the kind, so it can't ask for this.
fn excludes_organization(account: &Account, call: &Call) -> Result<bool, ApiError> {
    let name = "PolicyExclusionList";
    let entries = format!("{name}.member.");
    let entries = call
        .params
        .iter()
        .filter(|(key, _)| key.starts_with(&entries));
    let mut excludes = false;
    for (key, value) in entries {
        since_2026(account, name)?;
        match key.split('.').nth(3) {
            Some("PolicyType") => excludes |= value == "scp",
            Some("PolicyArn" | "InlinePolicyIdentifier") => {}
            _ => {
                let message = "A policy identifier must be of one kind";
                return Err(ApiError::new(400, "InvalidInput", message));
            }
        }
    }
    Ok(excludes)
}

fn since_2026(account: &Account, name: &str) -> Result<(), ApiError> {
    if account.old_simulator {
        let message = format!("Unknown parameter {name}");
        return Err(ApiError::new(400, "InvalidInput", message));
    }
    Ok(())
}

fn documents(call: &Call, name: &str) -> Result<Vec<Document>, ApiError> {
    let policies = call.members(name).map(|json| {
        Document::read(json).map_err(|why| {
            let message = format!("Invalid policy document for parameter {name}: {why}");
            ApiError::new(400, "InvalidInput", message)
        })
    });
    policies.collect()
}

fn results(account: &Account, call: &Call, policies: Policies) -> Result<String, ApiError> {
    call.required("ActionNames.member.1")?;
    let own = documents(call, "PolicyInputList")?;
    let boundary = documents(call, "PermissionsBoundaryPolicyInputList")?;
    let mut policies = policies;
    policies.identity.extend(&own);
    policies.boundary = boundary.first().or(policies.boundary);
    let context = context(call);
    let missing = missing(&policies, &context);
    let caller = call.param("CallerArn").or(call.param("PolicySourceArn"));
    let resources: Vec<&str> = match call.members("ResourceArns").collect::<Vec<_>>() {
        none if none.is_empty() => vec!["*"],
        some => some,
    };
    let items = call.members("ActionNames").flat_map(|action| {
        let judgements = resources.iter().map(|resource| {
            let request = Request {
                principal: caller.unwrap_or_default().to_owned(),
                action: action.to_owned(),
                resource: (*resource).to_owned(),
                context: context.clone(),
            };
            (*resource, policies.judge(&request))
        });
        let result = Simulated {
            action,
            judgements: judgements.collect(),
            missing: &missing,
        };
        if account.old_simulator {
            result.one_for_each_resource()
        } else {
            vec![result.one_for_all()]
        }
    });
    let items = items.collect();
    Ok(page(account, call, "EvaluationResults", items))
}

/// The condition keys that the user's policies use and the call does not provide.
fn missing(policies: &Policies, context: &Context) -> BTreeSet<String> {
    let own = policies.identity.iter().chain(&policies.boundary);
    own.flat_map(|it| it.missing(context)).collect()
}

fn context(call: &Call) -> Context {
    let mut context = Context::default();
    let numbers = 1..;
    let entries = numbers.map(|number| format!("ContextEntries.member.{number}"));
    for entry in entries {
        let Some(name) = call.param(&format!("{entry}.ContextKeyName")) else {
            break;
        };
        let kind = call.param(&format!("{entry}.ContextKeyType"));
        let values = format!("{entry}.ContextKeyValues");
        let mut values = call.members(&values).map(str::to_owned);
        let value = if kind.is_some_and(|it| it.ends_with("List")) {
            Some(Value::Many(values.collect()))
        } else {
            values.next().map(Value::One)
        };
        if let Some(value) = value {
            context.insert(name, value);
        }
    }
    context
}

/// The findings on one action.
struct Simulated<'a> {
    action: &'a str,
    judgements: Vec<(&'a str, Judgement)>,
    missing: &'a BTreeSet<String>,
}

impl Simulated<'_> {
    /// The result in the form since 2026: the strictest decision overall, with one result per resource
    /// inside.
    fn one_for_all(&self) -> String {
        let each = self.judgements.iter().filter(|(it, _)| *it != "*");
        let each = list("ResourceSpecificResults", each.map(|it| self.of_one(it)));
        self.result(template(self.judgements[0].0)) + &each
    }

    /// The results in the earlier form: one per resource, each with the strictest decision overall.
    fn one_for_each_resource(&self) -> Vec<String> {
        let judgements = self.judgements.iter();
        let results = judgements.map(|it| {
            let one = (it.0 != "*").then(|| self.of_one(it));
            self.result(it.0) + &list("ResourceSpecificResults", one)
        });
        results.collect()
    }

    fn result(&self, resource: &str) -> String {
        let judgements = || self.judgements.iter().map(|(_, it)| it);
        let all = |allows: fn(&Judgement) -> Option<bool>| {
            let mut each = judgements().filter_map(allows).peekable();
            each.peek().is_some().then(|| each.all(|it| it))
        };
        [
            element("EvalActionName", self.action),
            element("EvalResourceName", resource),
            element(
                "EvalDecision",
                word(policy::strictest(judgements().map(decision))),
            ),
            list("MissingContextValues", self.missing.iter().cloned()),
            detail(
                "OrganizationsDecisionDetail",
                "AllowedByOrganizations",
                all(by_organization),
            ),
            boundary_detail(all(by_boundary)),
        ]
        .concat()
    }

    fn of_one(&self, (resource, judgement): &(&str, Judgement)) -> String {
        [
            element("EvalResourceName", resource),
            element("EvalResourceDecision", word(decision(judgement))),
            list("MissingContextValues", self.missing.iter().cloned()),
            boundary_detail(by_boundary(judgement)),
        ]
        .concat()
    }
}

/// The simulator's word for it. If the organization does not allow the action, the simulation ends with
/// an implicit denial, whatever the other policies say.
fn decision(judgement: &Judgement) -> Decision {
    if by_organization(judgement) == Some(false) {
        Decision::ImplicitDeny
    } else {
        judgement.decision()
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

fn by_organization(judgement: &Judgement) -> Option<bool> {
    judgement.organization.map(|it| it == Decision::Allowed)
}

fn by_boundary(judgement: &Judgement) -> Option<bool> {
    judgement.boundary.map(|it| it == Decision::Allowed)
}

fn boundary_detail(allowed: Option<bool>) -> String {
    let name = "PermissionsBoundaryDecisionDetail";
    detail(name, "AllowedByPermissionsBoundary", allowed)
}

fn detail(name: &str, field: &str, allowed: Option<bool>) -> String {
    let field = allowed.map(|it| element(field, &it.to_string()));
    field.map_or_else(String::new, |it| nest(name, &it))
}

/// The form of such resources' ARNs, as in the Service Authorization Reference.
fn template(resource: &str) -> &'static str {
    let mut parts = resource.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let kind = parts.nth(2).and_then(|it| it.split('/').next());
    match (service, kind) {
        ("iam", Some("user")) => "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}",
        ("iam", Some("mfa")) => "arn:${Partition}:iam::${Account}:mfa/${MfaTokenIdWithPath}",
        ("iam", Some("role")) => "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
        ("iam", Some("group")) => "arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}",
        ("iam", Some("policy")) => "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}",
        ("s3", _) => "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        ("ec2", Some("instance")) => {
            "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
        }
        _ => "*",
    }
}
