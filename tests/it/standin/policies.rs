//! Tests what policies do to calls to the stand-in, and what its simulator says of them.

mod case;
mod generated;
mod peer;
mod table;

use aws_credential_types::Credentials;
use aws_sdk_iam::types::PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};
use aws_smithy_types::retry::RetryConfig;
use chrono::TimeDelta;

use super::{Refusal, http, iam, login_alice, long_term, refusal, refused, session_keys, sts};
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

/// Asks for the devices of `user`, or without a name.
async fn list(aws: &Aws, keys: Credentials, user: Option<&str>) -> Result<usize, Refusal> {
    let call = iam(aws, keys).list_mfa_devices();
    let answer = call.set_user_name(user.map(str::to_owned)).send().await;
    answer.map(|it| it.mfa_devices().len()).map_err(refusal)
}

fn denied(user: &str, resource: &str) -> Refusal {
    let message = format!(
        "User: arn:aws:iam::123456789012:{user} is not authorized to perform: iam:ListMFADevices \
         on resource: {resource} because no identity-based policy allows the iam:ListMFADevices \
         action"
    );
    refused("AccessDenied", 403, &message)
}

fn allow_list(resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "iam:ListMFADevices", {resource}}}}}"#
    )
}

/// An account whose users may list what `resource` names, and whose first one is `user`.
fn account(user: &str, resource: &str) -> Aws {
    Aws::builder()
        .user(user)
        .policy(&allow_list(resource))
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .user("bob")
        .start()
}

#[tokio::test]
async fn a_list_of_devices_is_judged_by_the_user_that_it_names() {
    let everybody = account(USER, r#""Resource": "*""#);
    assert_eq!(list(&everybody, long_term(), None).await, Ok(1));
    assert_eq!(list(&everybody, long_term(), Some("bob")).await, Ok(0));

    for resource in [
        r#""Resource": "arn:aws:iam::*:user/${aws:username}""#,
        r#""Resource": ["arn:aws:iam::1:user/x", "arn:aws:iam::123456789012:user/al?ce"]"#,
        r#""NotResource": "arn:aws:iam::*:user/bob""#,
    ] {
        let own = account(USER, resource);
        assert_eq!(
            list(&own, long_term(), Some(USER)).await,
            Ok(1),
            "{resource}"
        );
        let bob = "arn:aws:iam::123456789012:user/bob";
        assert_eq!(
            list(&own, long_term(), Some("bob")).await,
            Err(denied("user/alice", bob)),
            "{resource}"
        );
    }
    let own = account(USER, r#""Resource": "arn:aws:iam::*:user/${aws:username}""#);
    let nameless = list(&own, long_term(), None).await;
    assert_eq!(nameless, Err(denied("user/alice", "*")));
}

#[tokio::test]
async fn a_path_is_a_part_of_the_users_arn_and_not_of_the_name() {
    let user = "user/division/alice";
    let flat = account(
        "division/alice",
        r#""Resource": "arn:aws:iam::*:user/${aws:username}""#,
    );
    assert_eq!(
        list(&flat, long_term(), Some(USER)).await,
        Err(denied(
            user,
            "arn:aws:iam::123456789012:user/division/alice"
        ))
    );
    let deep = account(
        "division/alice",
        r#""Resource": "arn:aws:iam::*:user/*/${aws:username}""#,
    );
    assert_eq!(list(&deep, long_term(), Some(USER)).await, Ok(1));
}

#[tokio::test]
async fn the_root_has_no_name_and_a_role_has_to_give_one() {
    let root = Aws::builder()
        .root()
        .key(KEY_ID, SECRET_KEY)
        .device("root-account-mfa-device", DEVICE_SECRET)
        .start();
    assert_eq!(list(&root, long_term(), None).await, Ok(1));
    let message = "The user with name root cannot be found.";
    assert_eq!(
        list(&root, long_term(), Some("root")).await,
        Err(refused("NoSuchEntity", 404, message))
    );

    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .role("admin")
        .start();
    let assumed = sts(&aws, long_term(), http())
        .assume_role()
        .role_arn("arn:aws:iam::123456789012:role/admin")
        .role_session_name("test")
        .send()
        .await
        .unwrap();
    let it = assumed.credentials().unwrap();
    let token = Some(it.session_token().to_owned());
    let role = Credentials::new(it.access_key_id(), it.secret_access_key(), token, None, "t");
    let message = "Must specify userName when calling with non-User credentials";
    assert_eq!(
        list(&aws, role.clone(), None).await,
        Err(refused("ValidationError", 400, message))
    );
    assert_eq!(list(&aws, role, Some(USER)).await, Ok(1));
}

#[tokio::test]
async fn the_simulator_judges_the_resource_and_misses_what_it_names() {
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
