//! Tests the stand-in's access keys: when they work, when they were used, and how they are replaced.

use aws_credential_types::Credentials;
use aws_sdk_iam::types::StatusType;
use aws_smithy_types::DateTime;
use chrono::TimeDelta;

use super::{Refusal, http, iam, login_alice, long_term, refusal, session_keys, sts};
use crate::scene::{DEVICE_SECRET, alice, alice_without_device};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};

const OTHER_ID: &str = "AKIAI44QH8DHBEXAMPLE";

async fn mfa_session(aws: &Aws) -> Credentials {
    session_keys(&login_alice(aws, &aws.code(USER)).await.unwrap())
}

#[tokio::test]
async fn a_key_is_replaced_through_the_session() {
    let aws = alice()
        .delays(TimeDelta::zero(), TimeDelta::seconds(5))
        .start();
    aws.freeze_clock();
    let client = iam(&aws, mfa_session(&aws).await);
    let unnamed = client.list_access_keys().send().await.unwrap_err();
    assert_eq!(refusal(unnamed).0, "ValidationError");

    let made = client.create_access_key().user_name(USER).send().await;
    let made = made.unwrap();
    let key = made.access_key().unwrap();
    let (id, secret) = (key.access_key_id(), key.secret_access_key());
    let (code, status, _) = refusal(client.create_access_key().send().await.unwrap_err());
    assert_eq!((code.as_str(), status), ("LimitExceeded", 409));

    let identity = |keys| sts(&aws, keys, http()).get_caller_identity().send();
    let fresh = Credentials::new(id, secret, None, None, "test");
    assert!(identity(fresh.clone()).await.is_err(), "not known yet");
    aws.shift_clock(TimeDelta::seconds(5));
    assert!(identity(fresh).await.is_ok());

    let off = client.update_access_key().user_name(USER);
    let off = off.access_key_id(KEY_ID).status(StatusType::Inactive);
    off.send().await.unwrap();
    assert!(identity(long_term()).await.is_err(), "inactive");
    let delete = client.delete_access_key().user_name(USER);
    delete.access_key_id(KEY_ID).send().await.unwrap();
    let left = client.list_access_keys().user_name(USER).send().await;
    let left = left.unwrap();
    let left = left.access_key_metadata().iter();
    let ids: Vec<_> = left.map(|it| it.access_key_id().unwrap()).collect();
    assert_eq!(ids, [id]);
}

/// When a key was last used, for which service and where.
async fn last_use(aws: &Aws, id: &str) -> Result<(Option<DateTime>, String, String), Refusal> {
    let call = iam(aws, long_term()).get_access_key_last_used();
    let answer = call.access_key_id(id).send().await.map_err(refusal)?;
    assert_eq!(answer.user_name(), Some(USER));
    let it = answer.access_key_last_used().expect("the answer tells it");
    Ok((
        it.last_used_date().copied(),
        it.service_name().to_owned(),
        it.region().to_owned(),
    ))
}

#[tokio::test]
async fn a_keys_last_use_is_reported_even_if_it_was_never_used() {
    let aws = alice_without_device()
        .key(OTHER_ID, SECRET_KEY)
        .last_used("s3", "eu-west-1", "2025-06-07T08:09:10Z")
        .start();
    let words = |service: &str, region: &str| (service.to_owned(), region.to_owned());
    let (at, service, region) = last_use(&aws, OTHER_ID).await.unwrap();
    assert_eq!(
        at.map(|it| it.to_string()).as_deref(),
        Some("2025-06-07T08:09:10Z")
    );
    assert_eq!((service, region), words("s3", "eu-west-1"));

    let identity = sts(&aws, long_term(), http()).get_caller_identity();
    identity.send().await.unwrap();
    let made = iam(&aws, long_term()).delete_access_key();
    made.access_key_id(OTHER_ID).send().await.unwrap();
    let made = iam(&aws, long_term()).create_access_key().send().await;
    let made = made.unwrap();
    let new = made.access_key().unwrap().access_key_id();
    let (at, service, region) = last_use(&aws, new).await.unwrap();
    assert_eq!(
        (at, service, region),
        (None, "N/A".to_owned(), "N/A".to_owned())
    );

    let (at, service, region) = last_use(&aws, KEY_ID).await.unwrap();
    assert!(at.is_some());
    assert_eq!(
        (service, region),
        words("iam", "us-east-1"),
        "this very call"
    );
    let (code, status, _) = last_use(&aws, OTHER_ID).await.unwrap_err();
    assert_eq!((code.as_str(), status), ("NoSuchEntity", 404));
}

#[tokio::test]
async fn keys_are_listed_with_their_age_and_whether_they_work() {
    for expired in [false, true] {
        let builder = alice_without_device()
            .key(OTHER_ID, "another/secret")
            .created_at("2024-01-02T03:04:05Z");
        let aws = if expired {
            builder.expired()
        } else {
            builder.inactive()
        }
        .start();
        let list = iam(&aws, long_term()).list_access_keys().user_name(USER);
        let list = list.send().await.unwrap();
        let other = list.access_key_metadata().last().unwrap();
        let status = if expired {
            StatusType::Expired
        } else {
            StatusType::Inactive
        };
        assert_eq!(other.status(), Some(&status));
        let created = other.create_date().map(|it| it.to_string());
        assert_eq!(created.as_deref(), Some("2024-01-02T03:04:05Z"));

        let other = Credentials::new(OTHER_ID, "another/secret", None, None, "test");
        let answer = sts(&aws, other, http()).get_caller_identity().send().await;
        assert_eq!(refusal(answer.unwrap_err()).0, "InvalidClientTokenId");
    }
}

#[tokio::test]
async fn a_key_can_be_made_active_and_inactive_and_nothing_else() {
    let aws = alice_without_device()
        .key(OTHER_ID, SECRET_KEY)
        .inactive()
        .start();
    let update = |status| {
        let call = iam(&aws, long_term()).update_access_key();
        call.access_key_id(OTHER_ID).status(status).send()
    };
    let other = || Credentials::new(OTHER_ID, SECRET_KEY, None, None, "test");
    let identity = || sts(&aws, other(), http()).get_caller_identity().send();
    assert!(identity().await.is_err());
    update(StatusType::Active).await.unwrap();
    assert!(identity().await.is_ok());
    let (code, ..) = refusal(update(StatusType::Expired).await.unwrap_err());
    assert_eq!(code, "ValidationError");
}

#[tokio::test]
async fn keys_are_unknown_in_regions_of_another_partition() {
    for (partition, region, works) in [
        ("aws", "us-east-1", true),
        ("aws", "cn-north-1", false),
        ("aws-cn", "us-east-1", false),
        ("aws-cn", "cn-northwest-1", true),
        ("aws-us-gov", "us-gov-west-1", true),
        ("aws-us-gov", "us-east-1", false),
    ] {
        let aws = alice_without_device()
            .partition(partition)
            .strict_partition()
            .start();
        let client = sts(&aws, long_term(), http());
        let name = region;
        let region = aws_sdk_sts::config::Region::new(name);
        let config = client.config().to_builder().region(region);
        let answer = aws_sdk_sts::Client::from_conf(config.build());
        let answer = answer.get_caller_identity().send().await.map_err(refusal);
        let code = answer.map(|_| ()).map_err(|(code, ..)| code);
        let expected = if works {
            Ok(())
        } else {
            Err("InvalidClientTokenId".to_owned())
        };
        assert_eq!(code, expected, "{partition} {name}");
    }
}

#[tokio::test]
async fn the_secrets_of_deleted_keys_and_devices_still_count() {
    let aws = alice_without_device()
        .key(OTHER_ID, "another/secret")
        .unassigned("phone", DEVICE_SECRET)
        .start();
    let client = iam(&aws, long_term());
    let delete = client.delete_virtual_mfa_device();
    let serial = aws.serial("phone");
    delete.serial_number(serial).send().await.unwrap();
    let delete = client.delete_access_key().access_key_id(OTHER_ID);
    delete.send().await.unwrap();
    let secrets = aws.secrets().all();
    for gone in [
        (Kind::Device, DEVICE_SECRET.to_owned()),
        (Kind::LongTerm, "another/secret".to_owned()),
    ] {
        assert!(secrets.contains(&gone), "{gone:?}");
    }
}
