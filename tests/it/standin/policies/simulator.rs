//! Tests the stand-in's policy simulator: for principals and for policies, resource by resource, in the
//! form of 2026 and in the one before.

use aws_sdk_iam::operation::simulate_principal_policy::SimulatePrincipalPolicyOutput;
use aws_sdk_iam::types::PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, OrderedOrganizationPolicyType,
    PolicyIdentifier, PolicyIdentifierPolicyType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::super::{iam, long_term, refusal};
use super::{ENFORCED, LISTS, NO_LISTS, ONLY_S3, allow_list, aws, user};
use crate::support::aws::{Aws, Builder, KEY_ID, SECRET_KEY, USER};

const ARN: &str = "arn:aws:iam::123456789012:user/alice";
const BOB: &str = "arn:aws:iam::123456789012:user/bob";

#[tokio::test]
async fn the_simulator_decides_without_mfa_with_it_and_with_old_mfa() {
    let aws = aws();
    let client = iam(&aws, long_term());
    let entry = |name: &str, kind, value: &str| {
        let entry = ContextEntry::builder().context_key_name(name);
        let entry = entry.context_key_type(kind).context_key_values(value);
        entry.build()
    };
    let present = |it| {
        entry(
            "aws:MultiFactorAuthPresent",
            ContextKeyTypeEnum::Boolean,
            it,
        )
    };
    let age = |it| entry("aws:MultiFactorAuthAge", ContextKeyTypeEnum::Numeric, it);
    for (context, expected) in [
        (vec![], [ExplicitDeny, ExplicitDeny, ExplicitDeny]),
        (
            vec![present("false")],
            [ExplicitDeny, ExplicitDeny, ExplicitDeny],
        ),
        (
            vec![present("true"), age("60")],
            [Allowed, Allowed, ImplicitDeny],
        ),
        (
            vec![present("true"), age("3601")],
            [ExplicitDeny, Allowed, ImplicitDeny],
        ),
    ] {
        let answer = client
            .simulate_principal_policy()
            .policy_source_arn(ARN)
            .action_names("iam:CreateAccessKey")
            .action_names("s3:GetObject")
            .action_names("ec2:RunInstances")
            .set_context_entries(Some(context.clone()))
            .send()
            .await
            .unwrap();
        let results = answer.evaluation_results().iter();
        let decisions: Vec<_> = results.map(|it| it.eval_decision().clone()).collect();
        assert_eq!(decisions, expected, "{context:?}");
    }
}

#[tokio::test]
async fn the_simulator_accepts_policies_and_reports_missing_context() {
    let aws = aws();
    let answer = iam(&aws, long_term())
        .simulate_custom_policy()
        .policy_input_list(ENFORCED)
        .action_names("iam:ListMFADevices")
        .send()
        .await
        .unwrap();
    let result = &answer.evaluation_results()[0];
    assert_eq!(result.eval_decision(), &Allowed);
    assert_eq!(
        result.missing_context_values(),
        ["aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent"]
    );
}

#[tokio::test]
async fn the_simulator_judges_the_resource_and_reports_missing_keys_in_it() {
    let aws = aws();
    let own = allow_list(r#""Resource": "arn:aws:iam::123456789012:user/${aws:username}""#);
    let username = ContextEntry::builder()
        .context_key_name("aws:username")
        .context_key_type(ContextKeyTypeEnum::String)
        .context_key_values(USER)
        .build();
    for (resource, entry, decision) in [
        (Some(ARN), Some(username.clone()), Allowed),
        (None, Some(username), ImplicitDeny),
        (Some(ARN), None, ImplicitDeny),
    ] {
        let misses = entry.is_none();
        let answer = iam(&aws, long_term())
            .simulate_custom_policy()
            .policy_input_list(&own)
            .action_names("iam:ListMFADevices")
            .set_resource_arns(resource.map(|it| vec![it.to_owned()]))
            .set_context_entries(entry.map(|it| vec![it]))
            .send()
            .await
            .unwrap();
        let result = &answer.evaluation_results()[0];
        assert_eq!(result.eval_decision(), &decision, "{resource:?}");
        assert_eq!(!result.missing_context_values().is_empty(), misses);
    }
}

/// Alice, who does not ask herself.
fn alice() -> Builder {
    Aws::builder().user(USER)
}

/// Adds an administrator, who asks.
fn start(builder: Builder) -> Aws {
    builder.user("admin").key(KEY_ID, SECRET_KEY).start()
}

/// Asks about alice's actions on resources.
async fn simulate(
    aws: &Aws,
    actions: &[&str],
    resources: &[&str],
) -> SimulatePrincipalPolicyOutput {
    let call = iam(aws, long_term()).simulate_principal_policy();
    let texts = |all: &[&str]| Some(all.iter().map(|it| (*it).to_owned()).collect());
    call.policy_source_arn(ARN)
        .set_action_names(texts(actions))
        .set_resource_arns(texts(resources))
        .send()
        .await
        .unwrap()
}

/// According to the organization and the boundary.
fn details(result: &EvaluationResult) -> (Option<bool>, Option<bool>) {
    (
        result
            .organizations_decision_detail()
            .map(|it| it.allowed_by_organizations()),
        result
            .permissions_boundary_decision_detail()
            .map(|it| it.allowed_by_permissions_boundary()),
    )
}

#[tokio::test]
async fn each_action_has_one_result_with_the_strictest_decision_and_one_per_resource() {
    let aws = start(alice().policy(&allow_list(&format!(r#""Resource": "{ARN}""#))));
    let answer = simulate(&aws, &["iam:ListMFADevices", "iam:GetUser"], &[ARN, BOB]).await;
    let [lists, gets] = answer.evaluation_results() else {
        panic!("one for each action: {answer:?}");
    };
    assert_eq!(lists.eval_action_name(), "iam:ListMFADevices");
    assert_eq!(lists.eval_decision(), &ImplicitDeny);
    let template = "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}";
    assert_eq!(lists.eval_resource_name(), Some(template));
    let each = lists.resource_specific_results().iter();
    let each: Vec<_> = each
        .map(|it| (it.eval_resource_name(), it.eval_resource_decision().clone()))
        .collect();
    assert_eq!(each, [(ARN, Allowed), (BOB, ImplicitDeny)]);
    assert_eq!(gets.eval_decision(), &ImplicitDeny);
    assert_eq!(details(lists), (None, None));
}

#[tokio::test]
async fn before_2026_each_resource_had_a_result() {
    let policy = allow_list(&format!(r#""Resource": "{ARN}""#));
    let aws = start(alice().policy(&policy).old_simulator());
    let answer = simulate(&aws, &["iam:ListMFADevices"], &[ARN, BOB]).await;
    let results = answer.evaluation_results().iter();
    let results: Vec<_> = results
        .map(|it| (it.eval_resource_name(), it.eval_decision().clone()))
        .collect();
    assert_eq!(
        results,
        [(Some(ARN), ImplicitDeny), (Some(BOB), ImplicitDeny)]
    );

    let call = iam(&aws, long_term()).simulate_principal_policy();
    let call = call.policy_source_arn(ARN).action_names("iam:GetUser");
    let excluded = PolicyIdentifier::PolicyType(PolicyIdentifierPolicyType::Scp);
    let call = call.policy_exclusion_list(excluded).customize();
    let answer = call.mutate_request(with_kind).send().await;
    assert_eq!(refusal(answer.unwrap_err()).0, "InvalidInput");
}

#[tokio::test]
async fn it_distinguishes_a_boundary_and_an_organization_from_the_users_own_policies() {
    let lists = &["iam:ListUsers"];
    for (builder, decision, expected) in [
        (alice().policy(LISTS), Allowed, (None, None)),
        (alice().boundary(LISTS), Allowed, (None, Some(true))),
        (alice().boundary(ONLY_S3), ImplicitDeny, (None, Some(false))),
        (
            alice().boundary(NO_LISTS),
            ExplicitDeny,
            (None, Some(false)),
        ),
        (
            alice().service_control(ONLY_S3),
            Allowed,
            (Some(true), None),
        ),
        (
            alice().service_control(NO_LISTS),
            ImplicitDeny,
            (Some(false), None),
        ),
        (
            alice().policy(NO_LISTS).service_control(ONLY_S3),
            ExplicitDeny,
            (Some(true), None),
        ),
    ] {
        let aws = start(builder);
        let answer = simulate(&aws, lists, &["*"]).await;
        let [result] = answer.evaluation_results() else {
            panic!("one action: {answer:?}");
        };
        assert_eq!(result.eval_decision(), &decision);
        assert_eq!(details(result), expected);
        assert!(result.resource_specific_results().is_empty());
    }
}

/// Adds the type of an excluded policy, which the SDK omits.
fn with_kind(request: &mut HttpRequest) {
    let body = request.body().bytes().expect("the body is in memory");
    let body = String::from_utf8(body.to_vec()).expect("the body is text");
    let body = body.replace(".member.1.member=", ".member.1.PolicyType=");
    let length = body.len().to_string();
    request.headers_mut().insert("content-length", length);
    *request.body_mut() = SdkBody::from(body);
}

#[tokio::test]
async fn the_organizations_policies_can_be_left_out_and_a_boundary_replaced() {
    let aws = start(alice().boundary(ONLY_S3).service_control(NO_LISTS));
    let call = || {
        let call = iam(&aws, long_term()).simulate_principal_policy();
        let call = call.policy_source_arn(ARN).action_names("iam:ListUsers");
        let scp = PolicyIdentifierPolicyType::Scp;
        call.policy_exclusion_list(PolicyIdentifier::PolicyType(scp))
    };
    let without = call().customize().mutate_request(with_kind).send().await;
    let without = without.unwrap();
    let result = &without.evaluation_results()[0];
    assert_eq!(details(result), (None, Some(false)));
    let replaced = call().permissions_boundary_policy_input_list(LISTS);
    let replaced = replaced.customize().mutate_request(with_kind).send().await;
    let replaced = replaced.unwrap();
    assert_eq!(replaced.evaluation_results()[0].eval_decision(), &Allowed);

    let (code, status, _) = refusal(call().send().await.unwrap_err());
    assert_eq!((code.as_str(), status), ("InvalidInput", 400));
}

#[tokio::test]
async fn the_policies_of_groups_and_of_the_call_count() {
    let aws = start(
        alice()
            .policy(ONLY_S3)
            .group("people")
            .group_policy("people", LISTS),
    );
    let decision = |arn: &str, extra: Option<&str>| {
        let call = iam(&aws, long_term()).simulate_principal_policy();
        let call = call.policy_source_arn(arn).action_names("iam:ListUsers");
        let extra = extra.map(|it| vec![it.to_owned()]);
        let answer = call.set_policy_input_list(extra).send();
        async {
            answer.await.unwrap().evaluation_results()[0]
                .eval_decision()
                .clone()
        }
    };
    assert_eq!(decision(ARN, None).await, Allowed);
    assert_eq!(decision(ARN, Some(NO_LISTS)).await, ExplicitDeny);
    let group = "arn:aws:iam::123456789012:group/people";
    assert_eq!(decision(group, None).await, Allowed);
}

#[tokio::test]
async fn every_level_of_an_organization_has_to_allow() {
    let level = |policies: &[&str]| {
        let policies = policies.iter().map(|it| (*it).to_owned()).collect();
        let level = OrderedOrganizationPolicyType::builder();
        level
            .set_service_control_policy_input_list(Some(policies))
            .build()
    };
    let aws = user().start();
    for (levels, allowed) in [
        (vec![level(&[LISTS]), level(&[ONLY_S3, LISTS])], true),
        (vec![level(&[LISTS]), level(&[ONLY_S3])], false),
        (vec![level(&[LISTS, NO_LISTS]), level(&[LISTS])], false),
    ] {
        let answer = iam(&aws, long_term())
            .simulate_custom_policy()
            .policy_input_list(LISTS)
            .action_names("iam:ListUsers")
            .set_ordered_organization_policy_input_list(Some(levels))
            .send()
            .await
            .unwrap();
        let [result] = answer.evaluation_results() else {
            panic!("one action: {answer:?}");
        };
        assert_eq!(details(result), (Some(allowed), None));
        assert_eq!(result.eval_decision() == &Allowed, allowed);
    }
}

#[tokio::test]
async fn a_key_of_a_list_type_has_many_values_and_another_has_one() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "b.amazonaws.com"}}}}"#;
    let aws = user().start();
    for (kind, decision) in [
        (ContextKeyTypeEnum::StringList, Allowed),
        (ContextKeyTypeEnum::String, ImplicitDeny),
    ] {
        let entry = ContextEntry::builder()
            .context_key_name("aws:CalledVia")
            .context_key_type(kind)
            .context_key_values("a.amazonaws.com")
            .context_key_values("b.amazonaws.com")
            .build();
        let call = iam(&aws, long_term()).simulate_custom_policy();
        let call = call.policy_input_list(policy).action_names("s3:GetObject");
        let answer = call.context_entries(entry).send().await.unwrap();
        assert_eq!(answer.evaluation_results()[0].eval_decision(), &decision);
    }
}

#[tokio::test]
async fn results_continue_at_a_marker() {
    let aws = start(alice().policy(LISTS).page_size(2));
    let actions = ["iam:ListUsers", "iam:ListRoles", "iam:GetUser"];
    let mut pages = iam(&aws, long_term())
        .simulate_principal_policy()
        .policy_source_arn(ARN)
        .set_action_names(Some(actions.map(str::to_owned).to_vec()))
        .into_paginator()
        .send();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let results = page.evaluation_results().iter();
        seen.extend(results.map(|it| it.eval_action_name().to_owned()));
    }
    assert_eq!(seen, actions);
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test]
async fn an_invalid_policy_is_invalid_input() {
    let aws = user().start();
    for policy in ["{", r#"{"Statement": {"Effect": "Allow", "Action": "*"}}"#] {
        let call = iam(&aws, long_term()).simulate_custom_policy();
        let call = call.policy_input_list(policy).action_names("s3:GetObject");
        let (code, status, _) = refusal(call.send().await.unwrap_err());
        assert_eq!((code.as_str(), status), ("InvalidInput", 400));
    }
}
