//! Tests the effect of policies on calls to the stand-in.

pub(crate) mod case;
mod generated;
pub(crate) mod peer;
mod simulator;
pub(crate) mod table;

use aws_credential_types::Credentials;
use aws_smithy_types::retry::RetryConfig;
use chrono::TimeDelta;

use super::{Refusal, http, iam, login_alice, long_term, refusal, refused, session_keys, sts};
use crate::scene::DEVICE_SECRET;
use crate::support::aws::{Aws, Builder, KEY_ID, SECRET_KEY, USER};
use crate::support::policies;

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

    // The client's clock is now an hour slow; a second attempt lets it correct that.
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

/// An account whose users may list what `resource` names; the first of them is `user`.
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
async fn a_list_of_devices_is_authorised_by_the_user_that_it_names() {
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
async fn a_path_is_part_of_the_users_arn_and_not_of_the_name() {
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
async fn the_root_user_has_no_name_and_a_role_has_to_give_one() {
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

const LISTS: &str = r#"{"Statement": {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}}"#;
const NO_LISTS: &str =
    r#"{"Statement": {"Effect": "Deny", "Action": "iam:List*", "Resource": "*"}}"#;
const ONLY_S3: &str = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;

fn user() -> Builder {
    Aws::builder().user(USER).key(KEY_ID, SECRET_KEY)
}

#[tokio::test]
async fn a_denial_names_the_kind_of_policy_that_caused_it() {
    for (aws, why) in [
        (
            user().policy(ONLY_S3),
            "because no identity-based policy allows the iam:ListMFADevices action",
        ),
        (
            user().policy(LISTS).policy(NO_LISTS),
            "with an explicit deny in an identity-based policy",
        ),
        (
            user().boundary(ONLY_S3),
            "because no permissions boundary allows the iam:ListMFADevices action",
        ),
        (
            user().boundary(LISTS).service_control(NO_LISTS),
            "with an explicit deny in a service control policy",
        ),
        (
            user().group("people").group_policy("people", NO_LISTS),
            "with an explicit deny in an identity-based policy",
        ),
        (
            user()
                .policy(LISTS)
                .group("people")
                .group_policy("people", NO_LISTS),
            "with an explicit deny in an identity-based policy",
        ),
    ] {
        let aws = aws.start();
        let (code, _, message) = list(&aws, long_term(), Some(USER)).await.unwrap_err();
        assert_eq!(code, "AccessDenied");
        assert!(message.ends_with(why), "{message}");
    }
}

#[tokio::test]
async fn a_group_grants_permissions_to_its_members_and_an_organization_grants_none() {
    let aws = user()
        .policy(ONLY_S3)
        .group("people")
        .group_policy("people", LISTS)
        .group_policy("others", NO_LISTS)
        .service_control(ONLY_S3)
        .start();
    assert_eq!(list(&aws, long_term(), Some(USER)).await, Ok(0));
    let aws = user().policy(ONLY_S3).service_control(LISTS).start();
    assert!(list(&aws, long_term(), Some(USER)).await.is_err());
}

#[tokio::test]
async fn a_variable_is_plain_text_in_a_policy_of_an_old_version() {
    let statement = r#"{"Effect": "Allow", "Action": "iam:*",
        "Resource": "arn:aws:iam::*:user/${aws:username}"}"#;
    for (version, works) in [
        (r#""Version": "2012-10-17", "#, true),
        (r#""Version": "2008-10-17", "#, false),
        ("", false),
    ] {
        let policy = format!(r#"{{{version}"Statement": {statement}}}"#);
        let aws = user().policy(&policy).start();
        let answer = list(&aws, long_term(), Some(USER)).await;
        assert_eq!(answer.is_ok(), works, "{version}");
    }
}

#[tokio::test]
async fn an_ip_address_of_one_version_is_in_no_block_of_the_other() {
    for (operator, block, works) in [
        ("IpAddress", "127.0.0.0/8", true),
        ("IpAddress", "127.0.0.2/32", false),
        ("IpAddress", "::/0", false),
        ("NotIpAddress", "::/0", true),
        ("NotIpAddress", "0.0.0.0/0", false),
    ] {
        let policy = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "iam:*", "Resource": "*",
                "Condition": {{"{operator}": {{"aws:SourceIp": "{block}"}}}}}}}}"#
        );
        let aws = user().policy(&policy).start();
        let answer = list(&aws, long_term(), Some(USER)).await;
        assert_eq!(answer.is_ok(), works, "{operator} {block}");
    }
}

#[tokio::test]
async fn a_role_is_assumed_only_as_its_trust_policy_says() {
    let arn = "arn:aws:iam::123456789012:role/admin";
    let trust = |principal: &str, condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
                "Principal": {{"AWS": "{principal}"}}, "Action": "sts:AssumeRole"{condition}}}]}}"#
        )
    };
    let alice = "arn:aws:iam::123456789012:user/alice";
    let session = r#", "Condition": {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}"#;
    for (principal, condition, own, works) in [
        ("123456789012", "", LISTS, false),
        (alice, "", LISTS, true),
        (alice, session, LISTS, true),
        (alice, session, NO_ROLES, false),
        ("arn:aws:iam::123456789012:user/bob", "", EVERY_ROLE, false),
        ("123456789012", "", EVERY_ROLE, true),
        ("999999999999", "", EVERY_ROLE, false),
    ] {
        let aws = user()
            .policy(own)
            .role("admin")
            .trust(&trust(principal, condition));
        let aws = aws.start();
        let call = sts(&aws, long_term(), http()).assume_role().role_arn(arn);
        let answer = call.role_session_name(USER).send().await;
        assert_eq!(answer.is_ok(), works, "{principal} {condition} {own}");
    }
}

const NO_ROLES: &str = r#"{"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}"#;
const EVERY_ROLE: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#;

#[tokio::test]
async fn a_code_in_the_call_for_a_role_counts_under_force_mfa() {
    let force = policies::for_partition("force-mfa", "aws");
    let aws = user()
        .policy(&force)
        .policy(EVERY_ROLE)
        .device(USER, DEVICE_SECRET)
        .role("admin")
        .needs_mfa()
        .start();
    let assume = |code: Option<String>| {
        let serial = code.as_ref().map(|_| aws.serial(USER));
        let call = sts(&aws, long_term(), http()).assume_role();
        let call = call.role_arn("arn:aws:iam::123456789012:role/admin");
        let call = call.set_serial_number(serial).set_token_code(code);
        call.role_session_name(USER).send()
    };
    assert!(assume(None).await.is_err());
    assert!(assume(Some(aws.code(USER))).await.is_ok());
}

#[tokio::test]
async fn a_user_enrols_under_force_mfa_and_manage_mfa_even_with_a_path_and_in_china() {
    for (partition, user) in [
        ("aws", "alice"),
        ("aws", "division/ops/alice"),
        ("aws-cn", "alice"),
    ] {
        let aws = Aws::builder()
            .partition(partition)
            .user(user)
            .policy(&policies::for_partition("force-mfa", partition))
            .policy(&policies::for_partition("manage-mfa", partition))
            .key(KEY_ID, SECRET_KEY)
            .start();
        aws.freeze_clock();
        let plain = iam(&aws, long_term());
        let create = |name: &str| {
            plain
                .create_virtual_mfa_device()
                .virtual_mfa_device_name(name)
        };
        assert!(create("phone").send().await.is_err(), "not a name of hers");
        create("alice-2").send().await.unwrap();
        let serial = aws.serial("alice-2");
        let enable = plain
            .enable_mfa_device()
            .user_name(USER)
            .serial_number(&serial);
        let enable = enable.authentication_code1(aws.code_at("alice-2", -1));
        let enable = enable.authentication_code2(aws.code_at("alice-2", 0));
        enable.send().await.unwrap();
        assert_eq!(list(&aws, long_term(), Some(USER)).await, Ok(1));
        assert!(list(&aws, long_term(), None).await.is_err());

        let deactivate = |client: &aws_sdk_iam::Client| {
            let call = client.deactivate_mfa_device().user_name(USER);
            call.serial_number(&serial).send()
        };
        assert!(deactivate(&plain).await.is_err());
        let call = sts(&aws, long_term(), http()).get_session_token();
        let call = call.serial_number(&serial).token_code(aws.code("alice-2"));
        let mfa = iam(&aws, session_keys(&call.send().await.unwrap()));
        deactivate(&mfa).await.unwrap();
    }
}

#[tokio::test]
async fn a_users_boundary_does_not_bind_a_role_and_the_organization_does() {
    for (builder, works) in [
        (user().boundary(EVERY_ROLE), true),
        (user().service_control(NO_LISTS), false),
    ] {
        let aws = builder.role("admin").start();
        let call = sts(&aws, long_term(), http()).assume_role();
        let call = call.role_arn("arn:aws:iam::123456789012:role/admin");
        let answer = call.role_session_name(USER).send().await.unwrap();
        let it = answer.credentials().unwrap();
        let token = Some(it.session_token().to_owned());
        let role = Credentials::new(it.access_key_id(), it.secret_access_key(), token, None, "t");
        assert_eq!(list(&aws, role, Some(USER)).await.is_ok(), works);
        assert!(list(&aws, long_term(), Some(USER)).await.is_err());
    }
}

#[tokio::test]
async fn a_managed_policy_binds_the_members_of_a_group_while_it_is_attached() {
    let admin = (
        "AKIAI44QH8DHBEXAMPLE",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    );
    let aws = user()
        .policy(LISTS)
        .group("people")
        .user("admin")
        .key(admin.0, admin.1)
        .start();
    let admin = iam(&aws, Credentials::new(admin.0, admin.1, None, None, "t"));
    let arn = "arn:aws:iam::123456789012:policy/no-lists";
    let create = || {
        let call = admin.create_policy().policy_name("no-lists");
        call.policy_document(NO_LISTS).send()
    };
    let attach = |group: &str| {
        let call = admin.attach_group_policy().group_name(group);
        call.policy_arn(arn).send()
    };
    assert!(attach("people").await.is_err(), "there is none yet");
    let created = create().await.unwrap();
    assert_eq!(created.policy().and_then(|it| it.arn()), Some(arn));
    assert!(create().await.is_err(), "there is one");
    assert!(attach("nobody").await.is_err(), "there is no such group");
    assert_eq!(list(&aws, long_term(), Some(USER)).await, Ok(0));
    attach("people").await.unwrap();
    attach("people").await.unwrap();
    assert!(list(&aws, long_term(), Some(USER)).await.is_err());
    let delete = || admin.delete_policy().policy_arn(arn).send();
    assert!(delete().await.is_err(), "it is attached");
    let detach = || {
        let call = admin.detach_group_policy().group_name("people");
        call.policy_arn(arn).send()
    };
    detach().await.unwrap();
    assert!(detach().await.is_err(), "it was taken off");
    assert_eq!(list(&aws, long_term(), Some(USER)).await, Ok(0));
    delete().await.unwrap();
    create().await.unwrap();
    let nonsense = admin.create_policy().policy_name("x").policy_document("{}");
    assert!(nonsense.send().await.is_err());
    let long = format!("{{\"Statement\": \"{}\"}}", "x".repeat(6_200));
    let long = admin.create_policy().policy_name("y").policy_document(long);
    assert!(long.send().await.is_err());
}
