//! Tests the stand-in's roles, and its enrollment of devices.

use aws_credential_types::Credentials;
use aws_sdk_iam::types::AssignmentStatusType;
use chrono::TimeDelta;

use super::{
    http, iam, login, login_alice, long_term, not_verified, refusal, refused, session_keys, sts,
};
use crate::scene::{alice, alice_without_device};
use crate::support::aws::{Aws, KEY_ID, USER};

const ROLE: &str = "arn:aws:iam::123456789012:role/team/admin";

async fn mfa_session(aws: &Aws) -> Credentials {
    session_keys(&login_alice(aws, &aws.code(USER)).await.unwrap())
}

#[tokio::test]
async fn a_role_that_needs_mfa_is_assumed_through_a_session_with_it() {
    let aws = alice().role("team/admin").needs_mfa().start();
    let assume = |keys| {
        let call = sts(&aws, keys, http()).assume_role();
        call.role_arn(ROLE).role_session_name("alice").send()
    };
    let message = format!(
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole \
         on resource: {ROLE}"
    );
    assert_eq!(
        refusal(assume(long_term()).await.unwrap_err()),
        refused("AccessDenied", 403, &message)
    );

    let answer = assume(mfa_session(&aws).await).await.unwrap();
    let it = answer.credentials().unwrap();
    let token = Some(it.session_token().to_owned());
    let keys = Credentials::new(it.access_key_id(), it.secret_access_key(), token, None, "t");
    let identity = sts(&aws, keys, http()).get_caller_identity().send().await;
    let arn = "arn:aws:sts::123456789012:assumed-role/admin/alice";
    assert_eq!(identity.unwrap().arn(), Some(arn));
    assert_eq!(answer.assumed_role_user().unwrap().arn(), arn);
}

#[tokio::test]
async fn a_role_enforces_its_external_id_and_its_maximum_duration() {
    let aws = alice_without_device()
        .role("team/admin")
        .external_id("ticket-7")
        .longest(7200)
        .start();
    let client = sts(&aws, long_term(), http());
    let assume = |id, seconds| {
        let call = client.assume_role().role_session_name("alice");
        let call = call.role_arn(ROLE).external_id(id);
        call.duration_seconds(seconds).send()
    };
    assert!(assume("ticket-7", 7200).await.is_ok());
    let (code, ..) = refusal(assume("ticket-8", 7200).await.unwrap_err());
    assert_eq!(code, "AccessDenied");
    let (code, _, message) = refusal(assume("ticket-7", 7201).await.unwrap_err());
    assert_eq!(code, "ValidationError");
    assert!(message.contains("MaxSessionDuration"), "{message}");
}

#[tokio::test]
async fn a_role_assumed_from_a_role_lasts_an_hour_at_most() {
    let aws = alice_without_device()
        .role("team/admin")
        .longest(7200)
        .start();
    let assume = |keys, seconds| {
        let call = sts(&aws, keys, http()).assume_role().role_arn(ROLE);
        call.role_session_name("a").duration_seconds(seconds).send()
    };
    let first = assume(long_term(), 7200).await.unwrap();
    let it = first.credentials().unwrap();
    let token = Some(it.session_token().to_owned());
    let keys = Credentials::new(it.access_key_id(), it.secret_access_key(), token, None, "t");
    assert!(assume(keys.clone(), 3600).await.is_ok());
    let (code, _, message) = refusal(assume(keys, 3601).await.unwrap_err());
    assert_eq!(code, "ValidationError");
    assert!(message.contains("role chaining"), "{message}");
}

#[tokio::test]
async fn only_long_term_keys_may_ask_for_the_account_of_a_key() {
    let aws = alice().start();
    let info = |keys| {
        let call = sts(&aws, keys, http()).get_access_key_info();
        call.access_key_id(KEY_ID).send()
    };
    let answer = info(long_term()).await.unwrap();
    assert_eq!(answer.account(), Some("123456789012"));
    let message = "Cannot call GetAccessKeyInfo with session credentials";
    assert_eq!(
        refusal(info(mfa_session(&aws).await).await.unwrap_err()),
        refused("AccessDenied", 403, message)
    );
}

#[tokio::test]
async fn a_device_is_created_then_enabled_and_known_to_sts_a_moment_later() {
    let aws = alice_without_device()
        .delays(TimeDelta::seconds(10), TimeDelta::zero())
        .start();
    aws.freeze_clock();
    let client = iam(&aws, long_term());
    let made = client.create_virtual_mfa_device();
    let made = made.virtual_mfa_device_name("phone").send().await.unwrap();
    let serial = made.virtual_mfa_device().unwrap().serial_number();
    assert_eq!(serial, "arn:aws:iam::123456789012:mfa/phone");
    let unassigned = client
        .list_virtual_mfa_devices()
        .assignment_status(AssignmentStatusType::Unassigned)
        .send()
        .await;
    assert_eq!(unassigned.unwrap().virtual_mfa_devices().len(), 1);

    let enable = |first: i64, second: i64| {
        let call = client.enable_mfa_device().user_name(USER);
        call.serial_number(serial)
            .authentication_code1(aws.code_at("phone", first))
            .authentication_code2(aws.code_at("phone", second))
            .send()
    };
    let message = "Authentication code for device is not valid.";
    assert_eq!(
        refusal(enable(0, 2).await.unwrap_err()),
        refused("InvalidAuthenticationCode", 403, message)
    );
    enable(-1, 0).await.unwrap();

    let code = aws.code_at("phone", 0);
    let early = login(&aws, serial, &code).await;
    assert_eq!(early.unwrap_err(), not_verified());
    aws.shift_clock(TimeDelta::seconds(10));
    assert!(login(&aws, serial, &code).await.is_ok());
}

#[tokio::test]
async fn a_user_with_a_device_needs_mfa_to_add_or_remove_one_but_not_to_resync() {
    let aws = alice().start();
    let serial = aws.serial(USER);
    let (plain, mfa) = (iam(&aws, long_term()), iam(&aws, mfa_session(&aws).await));
    let message = "To complete this action, please ensure that you are authenticated with an MFA \
                   device that is enabled for this user.";
    let deactivate = |client: &aws_sdk_iam::Client| {
        let call = client.deactivate_mfa_device().user_name(USER);
        call.serial_number(&serial).send()
    };
    assert_eq!(
        refusal(deactivate(&plain).await.unwrap_err()),
        refused("AccessDenied", 403, message)
    );

    let resync = || {
        let call = plain.resync_mfa_device().user_name(USER);
        call.serial_number(&serial)
            .authentication_code1(aws.code_at(USER, -1))
            .authentication_code2(aws.code_at(USER, 0))
            .send()
    };
    aws.freeze_clock();
    resync().await.unwrap();
    let (code, ..) = refusal(resync().await.unwrap_err());
    assert_eq!(code, "InvalidAuthenticationCode", "the pair is no newer");

    let delete = || plain.delete_virtual_mfa_device().serial_number(&serial);
    let message = "MFA VirtualDevice in use. Must deactivate first.";
    assert_eq!(
        refusal(delete().send().await.unwrap_err()),
        refused("DeleteConflict", 409, message)
    );
    deactivate(&mfa).await.unwrap();
    delete().send().await.unwrap();
    let (code, status, _) = refusal(delete().send().await.unwrap_err());
    assert_eq!((code.as_str(), status), ("NoSuchEntity", 404));
}
