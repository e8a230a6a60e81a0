//! Tests what policies do to calls to the stand-in, and what its simulator says of them.

use aws_sdk_iam::types::PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};
use aws_smithy_types::retry::RetryConfig;
use chrono::TimeDelta;

use super::{iam, login_alice, long_term, refusal, session_keys};
use crate::scene::DEVICE_SECRET;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};

const ARN: &str = "arn:aws:iam::123456789012:user/alice";
const ENFORCED: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["iam:*", "s3:Get*"], "Resource": "*"},
        {
            "Effect": "Deny",
            "NotAction": ["iam:ListMFADevices", "iam:Simulate*"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
        },
        {
            "Effect": "Deny",
            "Action": "iam:CreateAccessKey",
            "Resource": "*",
            "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}
        }
    ]
}"#;

fn aws() -> Aws {
    Aws::builder()
        .user(USER)
        .policy(ENFORCED)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .start()
}

#[tokio::test]
async fn a_policy_that_enforces_mfa_is_enforced() {
    let aws = aws();
    aws.freeze_clock();
    let plain = iam(&aws, long_term());
    assert!(plain.list_mfa_devices().send().await.is_ok());
    let (code, _, message) = refusal(plain.get_user().send().await.unwrap_err());
    assert_eq!(code, "AccessDenied");
    assert!(message.contains("with an explicit deny"), "{message}");

    let session = login_alice(&aws, &aws.code(USER)).await.unwrap();
    let mfa = iam(&aws, session_keys(&session));
    assert!(mfa.get_user().send().await.is_ok());
    assert!(mfa.create_access_key().send().await.is_ok());

    // The clock of the client is an hour behind now; a second attempt lets it correct that.
    let retrying = mfa
        .config()
        .to_builder()
        .retry_config(RetryConfig::standard());
    let mfa = aws_sdk_iam::Client::from_conf(retrying.build());
    aws.shift_clock(TimeDelta::minutes(61));
    let (code, ..) = refusal(mfa.create_access_key().send().await.unwrap_err());
    assert_eq!(code, "AccessDenied");
    assert!(mfa.get_user().send().await.is_ok());
}

#[tokio::test]
async fn the_simulator_tells_without_mfa_with_it_and_with_an_old_one() {
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
async fn the_simulator_takes_policies_and_tells_which_context_it_misses() {
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
