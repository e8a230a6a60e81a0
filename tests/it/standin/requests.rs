//! Sends the stand-in requests that AWS grants and those that it refuses: each row of its table of
//! answers.

use aws_credential_types::Credentials;
use aws_smithy_types::DateTime;
use chrono::TimeDelta;

use super::{
    Refusal, http, iam, login, login_alice, long_term, refusal, refused, session_keys, sts,
};
use crate::scene::SERIAL;
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY, USER};

const ARN: &str = "arn:aws:iam::123456789012:user/alice";

async fn identity(aws: &Aws, keys: Credentials) -> Result<String, Refusal> {
    let answer = sts(aws, keys, http()).get_caller_identity().send().await;
    answer
        .map(|it| it.arn().unwrap_or_default().to_owned())
        .map_err(refusal)
}

async fn serials(aws: &Aws, keys: Credentials) -> Result<Vec<String>, Refusal> {
    let answer = iam(aws, keys).list_mfa_devices().send().await;
    answer
        .map(|it| {
            let devices = it.mfa_devices().iter();
            devices.map(|it| it.serial_number().to_owned()).collect()
        })
        .map_err(refusal)
}

#[tokio::test]
async fn a_session_says_who_its_user_is_until_it_expires() {
    let aws = Aws::start();
    let session = login_alice(&aws, &aws.code(USER)).await.unwrap();
    let keys = session_keys(&session);
    assert_eq!(identity(&aws, keys.clone()).await.unwrap(), ARN);
    assert_eq!(identity(&aws, long_term()).await.unwrap(), ARN);

    aws.expire_sessions();
    let expired = "The security token included in the request is expired";
    assert_eq!(
        identity(&aws, keys).await.unwrap_err(),
        refused("ExpiredToken", 403, expired)
    );
}

#[tokio::test]
async fn a_session_lasts_twelve_hours_or_as_requested_and_one_hour_for_the_root_user() {
    let aws = Aws::start();
    let root = Aws::builder().root().key(KEY_ID, SECRET_KEY).start();
    for (aws, asked, lasts) in [
        (&aws, None, 43_200),
        (&aws, Some(900), 900),
        (&aws, Some(129_600), 129_600),
        (&root, None, 3600),
        (&root, Some(900), 900),
    ] {
        aws.freeze_clock();
        let call = sts(aws, long_term(), http()).get_session_token();
        let answer = call.set_duration_seconds(asked).send().await.unwrap();
        let expiration = answer.credentials().unwrap().expiration();
        let expected = DateTime::from_secs(aws.now().timestamp() + lasts);
        assert_eq!(*expiration, expected);
    }
}

#[tokio::test]
async fn a_duration_out_of_range_is_a_validation_error() {
    let aws = Aws::start();
    for (asked, constraint) in [
        (899, "greater than or equal to 900"),
        (129_601, "less than or equal to 129600"),
    ] {
        let call = sts(&aws, long_term(), http()).get_session_token();
        let answer = call.duration_seconds(asked).send().await;
        let message = format!(
            "1 validation error detected: Value '{asked}' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value {constraint}"
        );
        let expected = refused("ValidationError", 400, &message);
        assert_eq!(refusal(answer.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_malformed_code_is_echoed_in_a_validation_error() {
    let aws = Aws::start();
    for (code, constraint) in [
        ("12345", "have length greater than or equal to 6"),
        ("1234567", "have length less than or equal to 6"),
        ("12345x", r"satisfy regular expression pattern: [\d]*"),
    ] {
        let message = format!(
            "1 validation error detected: Value '{code}' at 'tokenCode' failed to satisfy \
             constraint: Member must {constraint}"
        );
        let expected = refused("ValidationError", 400, &message);
        assert_eq!(login_alice(&aws, code).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn a_session_can_not_be_a_source() {
    let aws = Aws::start();
    let session = login_alice(&aws, &aws.code(USER)).await.unwrap();
    let call = sts(&aws, session_keys(&session), http()).get_session_token();
    let message = "Cannot call GetSessionToken with session credentials";
    assert_eq!(
        refusal(call.send().await.unwrap_err()),
        refused("AccessDenied", 403, message)
    );
}

#[tokio::test]
async fn unknown_keys_and_foreign_tokens_are_invalid() {
    let aws = Aws::start();
    let session = session_keys(&login_alice(&aws, &aws.code(USER)).await.unwrap());
    let (id, secret) = (session.access_key_id(), session.secret_access_key());
    let message = "The security token included in the request is invalid.";
    let invalid = refused("InvalidClientTokenId", 403, message);
    for keys in [
        Credentials::new("AKIAUNKNOWN", SECRET_KEY, None, None, "test"),
        Credentials::new(id, secret, Some("foreign".to_owned()), None, "test"),
        Credentials::new(id, secret, None, None, "test"),
    ] {
        assert_eq!(identity(&aws, keys).await.unwrap_err(), invalid);
    }
}

#[tokio::test]
async fn iam_answers_only_sessions_with_mfa() {
    let aws = Aws::start();
    let call = sts(&aws, long_term(), http()).get_session_token();
    let without = session_keys(&call.send().await.unwrap());
    let with = session_keys(&login_alice(&aws, &aws.code(USER)).await.unwrap());
    let message = "The security token included in the request is invalid.";
    assert_eq!(
        serials(&aws, without).await.unwrap_err(),
        refused("InvalidClientTokenId", 403, message)
    );
    let serial = SERIAL;
    assert_eq!(serials(&aws, with).await.unwrap(), [serial]);
    assert_eq!(serials(&aws, long_term()).await.unwrap(), [serial]);
}

#[tokio::test]
async fn a_list_of_devices_continues_at_a_marker() {
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device("a", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        .fido("b")
        .device("c", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        .page_size(2)
        .start();
    let client = iam(&aws, long_term());
    let first = client.list_mfa_devices().send().await.unwrap();
    assert_eq!((first.mfa_devices().len(), first.is_truncated()), (2, true));
    let rest = client
        .list_mfa_devices()
        .marker(first.marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((rest.mfa_devices().len(), rest.is_truncated()), (1, false));
}

#[tokio::test]
async fn a_wrong_secret_key_makes_a_different_signature() {
    let aws = Aws::start();
    let keys = Credentials::new(KEY_ID, "wrong", None, None, "test");
    let (code, status, message) = identity(&aws, keys).await.unwrap_err();
    assert_eq!((code.as_str(), status), ("SignatureDoesNotMatch", 403));
    let begin = "The request signature we calculated does not match the signature you provided. ";
    assert!(message.starts_with(begin), "{message}");
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_a_quarter_of_an_hour_is_refused() {
    for (minutes, begin, end) in [
        (16, "Signature expired: 20", " - 15 min.)"),
        (-16, "Signature not yet current: 20", " + 15 min.)"),
    ] {
        let aws = Aws::start();
        aws.shift_clock(TimeDelta::minutes(minutes));
        let (code, status, message) = identity(&aws, long_term()).await.unwrap_err();
        assert_eq!((code.as_str(), status), ("SignatureDoesNotMatch", 403));
        assert!(
            message.starts_with(begin) && message.ends_with(end),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_policy_denies_explicitly_or_implicitly() {
    let aws = Aws::start();
    for (explicit, end) in [
        (true, "with an explicit deny in an identity-based policy"),
        (
            false,
            "because no identity-based policy allows the iam:ListMFADevices action",
        ),
    ] {
        aws.fault("ListMFADevices", Fault::Denied { explicit });
        let message = format!(
            "User: {ARN} is not authorized to perform: iam:ListMFADevices on resource: * {end}"
        );
        assert_eq!(
            serials(&aws, long_term()).await.unwrap_err(),
            refused("AccessDenied", 403, &message)
        );
    }
}

#[tokio::test]
async fn sts_can_be_off_in_the_region() {
    let aws = Aws::start();
    aws.deactivate_sts();
    let (code, status, message) = login_alice(&aws, &aws.code(USER)).await.unwrap_err();
    assert_eq!((code.as_str(), status), ("RegionDisabledException", 403));
    let begin = "STS is not activated in this region for account:123456789012. ";
    assert!(message.starts_with(begin), "{message}");
}

#[tokio::test]
async fn the_partition_is_in_every_arn() {
    let aws = Aws::builder()
        .partition("aws-cn")
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device("team/alice", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        .start();
    let serial = "arn:aws-cn:iam::123456789012:mfa/team/alice";
    assert!(login(&aws, serial, &aws.code("team/alice")).await.is_ok());
    assert_eq!(
        identity(&aws, long_term()).await.unwrap(),
        "arn:aws-cn:iam::123456789012:user/alice"
    );
}

#[tokio::test]
async fn every_request_is_logged() {
    let aws = Aws::start();
    let code = aws.code(USER);
    login_alice(&aws, &code).await.unwrap();
    serials(&aws, long_term()).await.unwrap();
    assert_eq!(aws.actions(), ["GetSessionToken", "ListMFADevices"]);
    let requests = aws.requests();
    assert_eq!(requests[0].access_key_id, KEY_ID);
    assert_eq!(requests[0].call.param("TokenCode"), Some(code.as_str()));
    assert_eq!((requests[0].connection, requests[1].connection), (1, 2));
    assert!(requests[0].user_agent.starts_with("aws-sdk-rust/"));
    assert_eq!(aws.connections(), 2);
}
