//! Asks AWS's policy simulator what policies would allow. It reads both forms of its answers, and never
//! does what it asks about.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use super::iam::Pages;
use super::refusal::Refusal;
use crate::value::Arn;
use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PermissionsBoundaryDecisionDetail,
    PolicyEvaluationDecisionType, PolicyIdentifier, PolicyIdentifierPolicyType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use std::collections::BTreeSet;

/// Requests to simulate: several actions on one resource, in one context. With a single resource per
/// call, both forms of the answer say the same.
pub(crate) struct Simulation<'a> {
    /// The user or group whose policies count; `None` if only the documents do.
    pub(crate) principal: Option<&'a Arn>,
    /// Documents that count in addition.
    pub(crate) documents: &'a [String],
    /// The actions, such as `iam:GetUser`.
    pub(crate) actions: &'a [&'static str],
    /// The resource, or `*`.
    pub(crate) resource: &'a str,
    /// The context of the requests.
    pub(crate) context: &'a [Entry],
}

/// A key of a request's context, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its name, such as `aws:username`.
    pub(crate) key: String,
    /// The type of its value.
    pub(crate) kind: Kind,
    /// The value, or its values where it is a list.
    pub(crate) values: Vec<String>,
}

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Numeric,
    /// An address, or a block of them.
    Address,
    /// A moment.
    Date,
    /// Text.
    Text,
    /// Texts.
    Texts,
}

/// The simulator's answer for one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Simulated {
    /// The action.
    pub(crate) action: String,
    /// The decision.
    pub(crate) decision: Decision,
    /// Whether the organization allows it; `None` outside an organization.
    pub(crate) by_organization: Option<bool>,
    /// Whether the permissions boundary allows it; `None` if there is none.
    pub(crate) by_boundary: Option<bool>,
    /// The keys that the policies refer to and the context lacks.
    pub(crate) missing: BTreeSet<String>,
}

/// The decision on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

impl Aws {
    /// The simulator's answer for each action, all pages.
    pub(crate) async fn simulate(
        &self,
        simulation: &Simulation<'_>,
    ) -> Result<Vec<Simulated>, Fault> {
        self.simulate_where(simulation, false).await
    }

    /// The answers without the organization's policies; `None` if the simulator does not support this,
    /// or if only the documents count anyway.
    pub(crate) async fn simulate_without_organization(
        &self,
        simulation: &Simulation<'_>,
    ) -> Result<Option<Vec<Simulated>>, Fault> {
        if simulation.principal.is_none() {
            return Ok(None);
        }
        match self.simulate_where(simulation, true).await {
            // InvalidInput: the same call was accepted a moment ago, without the new parameter.
            Err(Fault::Refused {
                refusal: Refusal::Other,
                ..
            }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn simulate_where(
        &self,
        simulation: &Simulation<'_>,
        without_organization: bool,
    ) -> Result<Vec<Simulated>, Fault> {
        let actions = simulation.actions.iter();
        let actions: Vec<String> = actions.map(|it| (*it).to_owned()).collect();
        let documents = Some(simulation.documents.to_vec()).filter(|it| !it.is_empty());
        let resource = Some(simulation.resource).filter(|it| *it != "*");
        let resource = resource.map(|it| vec![it.to_owned()]);
        let context: Vec<ContextEntry> = simulation.context.iter().map(entry).collect();
        let read = |results: &[EvaluationResult]| {
            let results = results.iter().map(|it| read(it, simulation.resource));
            results.collect::<Option<Vec<_>>>().ok_or(INCOMPLETE)
        };
        Pages::all(Simulated::eq, async |pages| match simulation.principal {
            Some(principal) => {
                let call = self.call("iam:SimulatePrincipalPolicy");
                let excluded = PolicyIdentifier::PolicyType(PolicyIdentifierPolicyType::Scp);
                let asking = self
                    .iam()
                    .simulate_principal_policy()
                    .policy_source_arn(principal.as_str())
                    .set_policy_input_list(documents.clone())
                    .set_action_names(Some(actions.clone()))
                    .set_resource_arns(resource.clone())
                    .set_context_entries(Some(context.clone()))
                    .set_policy_exclusion_list(without_organization.then(|| vec![excluded]))
                    .set_marker(pages.marker())
                    .customize()
                    .watched_by(&call)
                    .mutate_request(name_kind_of_exclusion)
                    .send();
                call.answer(asking, |page| {
                    let results = read(page.evaluation_results())?;
                    pages.add(results.into_iter(), page.is_truncated(), page.marker())
                })
                .await
            }
            None => {
                let call = self.call("iam:SimulateCustomPolicy");
                let asking = self
                    .iam()
                    .simulate_custom_policy()
                    .set_policy_input_list(documents.clone())
                    .set_action_names(Some(actions.clone()))
                    .set_resource_arns(resource.clone())
                    .set_context_entries(Some(context.clone()))
                    .set_marker(pages.marker())
                    .customize()
                    .watched_by(&call)
                    .send();
                call.answer(asking, |page| {
                    let results = read(page.evaluation_results())?;
                    pages.add(results.into_iter(), page.is_truncated(), page.marker())
                })
                .await
            }
        })
        .await
    }
}

fn entry(entry: &Entry) -> ContextEntry {
    ContextEntry::builder()
        .context_key_name(&entry.key)
        .context_key_type(match entry.kind {
            Kind::Boolean => ContextKeyTypeEnum::Boolean,
            Kind::Numeric => ContextKeyTypeEnum::Numeric,
            Kind::Address => ContextKeyTypeEnum::Ip,
            Kind::Date => ContextKeyTypeEnum::Date,
            Kind::Text => ContextKeyTypeEnum::String,
            Kind::Texts => ContextKeyTypeEnum::StringList,
        })
        .set_context_key_values(Some(entry.values.clone()))
        .build()
}

/// Reads a result. Since 2026 there is one per action, with one per resource inside; before, there was
/// one per resource. `None` if a field is missing or contradictory.
fn read(result: &EvaluationResult, resource: &str) -> Option<Simulated> {
    let each = result.resource_specific_results();
    let own = each.iter().find(|it| it.eval_resource_name() == resource);
    // Those that are not told apart from ours have to say the same as what is taken for ours.
    let is_ours = |name: &str| own.is_none() || name == resource;
    let mut of_ours = each.iter().filter(|it| is_ours(it.eval_resource_name()));
    let taken = own.map_or_else(
        || result.eval_decision(),
        |own| own.eval_resource_decision(),
    );
    if of_ours.any(|it| it.eval_resource_decision() != taken) {
        return None;
    }
    let boundary = own
        .and_then(|it| it.permissions_boundary_decision_detail())
        .or_else(|| result.permissions_boundary_decision_detail());
    let organization = result.organizations_decision_detail();
    Some(Simulated {
        action: Some(result.eval_action_name())
            .filter(|it| !it.is_empty())?
            .to_owned(),
        decision: decision(taken)?,
        by_organization: organization.map(|it| it.allowed_by_organizations()),
        by_boundary: boundary
            .map(PermissionsBoundaryDecisionDetail::allowed_by_permissions_boundary),
        missing: each
            .iter()
            .flat_map(|it| it.missing_context_values())
            .chain(result.missing_context_values())
            .cloned()
            .collect(),
    })
}

fn decision(decision: &PolicyEvaluationDecisionType) -> Option<Decision> {
    match decision {
        PolicyEvaluationDecisionType::Allowed => Some(Decision::Allowed),
        PolicyEvaluationDecisionType::ExplicitDeny => Some(Decision::ExplicitDeny),
        PolicyEvaluationDecisionType::ImplicitDeny => Some(Decision::ImplicitDeny),
        _ => None,
    }
}

/// Adds the type of an excluded policy, which IAM requires and the SDK (1.133) leaves out.
fn name_kind_of_exclusion(request: &mut HttpRequest) {
    const UNNAMED: &str = "PolicyExclusionList.member.1.member=";
    let body = request.body().bytes();
    let Some(body) = body.and_then(|it| std::str::from_utf8(it).ok()) else {
        return;
    };
    if !body.contains(UNNAMED) {
        return;
    }
    let body = body.replace(UNNAMED, "PolicyExclusionList.member.1.PolicyType=");
    let length = body.len().to_string();
    request.headers_mut().insert("content-length", length);
    *request.body_mut() = SdkBody::from(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::ResourceSpecificResult;
    use aws_sdk_iam::types::builders::EvaluationResultBuilder;

    const OWN: &str = "arn:aws:iam::123456789012:user/alice";

    fn boundary(allows: bool) -> PermissionsBoundaryDecisionDetail {
        PermissionsBoundaryDecisionDetail::builder()
            .allowed_by_permissions_boundary(allows)
            .build()
    }

    /// The strictest result of several resources, with a template in place of their names.
    fn strictest() -> EvaluationResultBuilder {
        EvaluationResult::builder()
            .eval_action_name("iam:GetUser")
            .eval_resource_name("arn:${Partition}:iam::${Account}:user/${UserNameWithPath}")
            .eval_decision(PolicyEvaluationDecisionType::ExplicitDeny)
            .permissions_boundary_decision_detail(boundary(false))
    }

    fn of(resource: &str, decision: PolicyEvaluationDecisionType) -> ResourceSpecificResult {
        ResourceSpecificResult::builder()
            .eval_resource_name(resource)
            .eval_resource_decision(decision)
            .permissions_boundary_decision_detail(boundary(true))
            .build()
            .expect("it is complete")
    }

    #[test]
    fn the_result_for_the_resource_takes_precedence_over_the_strictest() {
        let other = "arn:aws:iam::123456789012:user/bob";
        let result = strictest()
            .resource_specific_results(of(other, PolicyEvaluationDecisionType::ImplicitDeny))
            .resource_specific_results(of(OWN, PolicyEvaluationDecisionType::Allowed))
            .build()
            .expect("it is complete");
        let simulated = read(&result, OWN).expect("it is complete");
        assert_eq!(simulated.decision, Decision::Allowed);
        assert_eq!(simulated.by_boundary, Some(true));
    }

    #[test]
    fn what_is_of_another_resource_must_not_say_otherwise() {
        let other = "arn:aws:iam::123456789012:user/bob";
        for (decision, is_read) in [
            (PolicyEvaluationDecisionType::ExplicitDeny, true),
            (PolicyEvaluationDecisionType::Allowed, false),
        ] {
            let result = strictest()
                .resource_specific_results(of(other, decision))
                .build()
                .expect("it is complete");
            for resource in [OWN, "*"] {
                let simulated = read(&result, resource);
                let decision = simulated.map(|it| it.decision);
                assert_eq!(
                    decision,
                    is_read.then_some(Decision::ExplicitDeny),
                    "{resource}"
                );
            }
        }
        let result = strictest()
            .resource_specific_results(of(OWN, PolicyEvaluationDecisionType::ExplicitDeny))
            .resource_specific_results(of(OWN, PolicyEvaluationDecisionType::Allowed));
        assert_eq!(read(&result.build().expect("it is complete"), OWN), None);
    }

    #[test]
    fn a_key_that_is_missing_for_a_resource_is_missing() {
        let own = ResourceSpecificResult::builder()
            .eval_resource_name(OWN)
            .eval_resource_decision(PolicyEvaluationDecisionType::ExplicitDeny)
            .missing_context_values("aws:SourceIp");
        let result = strictest()
            .missing_context_values("aws:SourceVpc")
            .resource_specific_results(own.build().expect("it is complete"));
        let simulated = read(&result.build().expect("it is complete"), OWN);
        let missing = simulated.expect("it is complete").missing;
        assert_eq!(
            missing.iter().collect::<Vec<_>>(),
            ["aws:SourceIp", "aws:SourceVpc"]
        );
    }

    #[test]
    fn an_unknown_decision_is_none() {
        let result = strictest().eval_decision("perhaps".into());
        assert_eq!(read(&result.build().expect("it is complete"), "*"), None);
    }
}
