//! Tests the stand-in's devices: their kinds, whose they are, the codes that enable and resynchronize
//! them, and what is left if a call is lost.

use aws_sdk_iam::operation::enable_mfa_device::EnableMfaDeviceOutput;
use aws_sdk_iam::types::AssignmentStatusType;
use chrono::TimeDelta;

use super::{
    Refusal, http, iam, login, long_term, not_verified, refusal, refused, session_keys, sts,
    wrong_code,
};
use crate::scene::{DEVICE_SECRET, alice, alice_without_device};
use crate::support::aws::{Aws, Builder, Fault, USER};

const BOBS: &str = "arn:aws:iam::123456789012:mfa/bob";
const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
const HARDWARE: &str = "GAHT12345678";
const CODES: &str = "Authentication code for device is not valid.";

fn serial_of(name: &str) -> String {
    format!("arn:aws:iam::123456789012:mfa/{name}")
}

/// An unfinished enrollment of alice's.
fn half_made() -> Builder {
    alice_without_device().unassigned("phone", DEVICE_SECRET)
}

fn unknown(serial: &str) -> Refusal {
    let message = format!("VirtualMFADevice with serial number {serial} does not exist.");
    refused("NoSuchEntity", 404, &message)
}

/// Enables `phone` for alice with the codes of this step and the next.
async fn enable(aws: &Aws, step: i64) -> Result<EnableMfaDeviceOutput, Refusal> {
    enable_device(aws, "phone", step).await
}

async fn enable_device(aws: &Aws, name: &str, step: i64) -> Result<EnableMfaDeviceOutput, Refusal> {
    let call = iam(aws, long_term()).enable_mfa_device().user_name(USER);
    call.serial_number(aws.serial(name))
        .authentication_code1(aws.code_at(name, step))
        .authentication_code2(aws.code_at(name, step + 1))
        .send()
        .await
        .map_err(refusal)
}

async fn resync(aws: &Aws, name: &str, step: i64) -> Result<(), Refusal> {
    let call = iam(aws, long_term()).resync_mfa_device().user_name(USER);
    call.serial_number(aws.serial(name))
        .authentication_code1(aws.code_at(name, step))
        .authentication_code2(aws.code_at(name, step + 1))
        .send()
        .await
        .map(|_| ())
        .map_err(refusal)
}

async fn deactivate(
    aws: &Aws,
    keys: aws_credential_types::Credentials,
    serial: &str,
) -> Option<Refusal> {
    let call = iam(aws, keys).deactivate_mfa_device().user_name(USER);
    call.serial_number(serial).send().await.err().map(refusal)
}

async fn delete(aws: &Aws, serial: &str) -> Option<Refusal> {
    let call = iam(aws, long_term()).delete_virtual_mfa_device();
    call.serial_number(serial).send().await.err().map(refusal)
}

async fn create(aws: &Aws, name: &str) -> Result<String, Refusal> {
    let call = iam(aws, long_term()).create_virtual_mfa_device();
    let made = call.virtual_mfa_device_name(name).send().await;
    made.map(|it| {
        let device = it.virtual_mfa_device().expect("the answer has a device");
        let seed = device.base32_string_seed().expect("AWS tells it once");
        String::from_utf8(seed.as_ref().to_vec()).expect("base32 is text")
    })
    .map_err(refusal)
}

#[tokio::test]
async fn virtual_devices_of_the_whole_account_are_listed_by_whether_they_are_assigned() {
    let aws = alice()
        .hardware(HARDWARE, DEVICE_SECRET)
        .fido("key-7")
        .unassigned("sec/phone", DEVICE_SECRET)
        .user("bob")
        .device("bob", DEVICE_SECRET)
        .enabled_at("2024-01-02T03:04:05Z")
        .start();
    let [alices, bobs, spare] = [serial_of(USER), serial_of("bob"), serial_of("sec/phone")];
    for (status, expected) in [
        (None, vec![&alices, &spare, &bobs]),
        (
            Some(AssignmentStatusType::Any),
            vec![&alices, &spare, &bobs],
        ),
        (Some(AssignmentStatusType::Assigned), vec![&alices, &bobs]),
        (Some(AssignmentStatusType::Unassigned), vec![&spare]),
    ] {
        let call = iam(&aws, long_term()).list_virtual_mfa_devices();
        let answer = call.set_assignment_status(status).send().await.unwrap();
        let devices = answer.virtual_mfa_devices().iter();
        let serials: Vec<_> = devices.map(|it| it.serial_number()).collect();
        assert_eq!(serials, expected);
        assert!(answer.virtual_mfa_devices().iter().all(|it| {
            it.base32_string_seed().is_none()
                && it.user().is_some() == (it.serial_number() != spare)
        }));
        let bob = answer.virtual_mfa_devices().last().unwrap();
        if let Some(enabled) = bob.enable_date() {
            assert_eq!(enabled.to_string(), "2024-01-02T03:04:05Z");
        }
    }
}

#[tokio::test]
async fn a_list_of_virtual_devices_is_authorised_against_everything() {
    let own = r#"{"Statement": {"Effect": "Allow", "Action": "iam:ListVirtualMFADevices",
                  "Resource": "arn:aws:iam::123456789012:mfa/*"}}"#;
    let aws = alice().policy(own).start();
    let call = iam(&aws, long_term()).list_virtual_mfa_devices();
    let (code, _, message) = refusal(call.send().await.unwrap_err());
    assert_eq!(code, "AccessDenied");
    assert!(message.contains("on resource: *"), "{message}");
}

#[tokio::test]
async fn an_unfinished_enrolment_is_found_by_its_name_and_finished_with_its_seed() {
    let aws = half_made().start();
    aws.freeze_clock();
    assert_eq!(aws.seed("phone"), DEVICE_SECRET);
    let message = "MFADevice entity at the same path and name already exists.";
    assert_eq!(
        create(&aws, "phone").await,
        Err(refused("EntityAlreadyExists", 409, message))
    );
    assert_eq!(aws.devices(), [(serial_of("phone"), None)]);
    enable(&aws, -1).await.unwrap();
    assert_eq!(aws.devices(), [(serial_of("phone"), Some(USER.to_owned()))]);
    let again = enable_device(&aws, "phone", 0).await.unwrap_err();
    assert_eq!(again.0, "AccessDenied", "a user with a device needs MFA");
}

#[tokio::test]
async fn an_unfinished_enrolment_is_deleted_and_created_again_with_another_seed() {
    let aws = half_made().start();
    assert_eq!(delete(&aws, &serial_of("phone")).await, None);
    assert_eq!(aws.devices(), []);
    let seed = create(&aws, "phone").await.unwrap();
    assert_eq!(aws.seed("phone"), seed);
    assert_ne!(seed, DEVICE_SECRET);
}

#[tokio::test]
async fn a_name_with_a_slash_or_a_space_is_not_a_devices_name() {
    let aws = alice_without_device().start();
    for name in ["a/b", "my phone", "é"] {
        let (code, status, _) = create(&aws, name).await.unwrap_err();
        assert_eq!((code.as_str(), status), ("ValidationError", 400), "{name}");
    }
    assert_eq!(aws.devices(), []);
}

#[tokio::test]
async fn codes_that_are_wrong_or_not_newer_do_not_enable() {
    let aws = half_made().start();
    aws.freeze_clock();
    let client = iam(&aws, long_term());
    let enable = |first, second| {
        let call = client.enable_mfa_device().user_name(USER);
        call.serial_number(serial_of("phone"))
            .authentication_code1(aws.code_at("phone", first))
            .authentication_code2(aws.code_at("phone", second))
            .send()
    };
    for (first, second) in [(0, 0), (0, -1), (-2, 0), (4000, 4001)] {
        assert_eq!(
            refusal(enable(first, second).await.unwrap_err()),
            refused("InvalidAuthenticationCode", 403, CODES),
            "{first} {second}"
        );
    }
    enable(-2, -1).await.unwrap();
    assert_eq!(
        resync(&aws, "phone", -2).await,
        Err(refused("InvalidAuthenticationCode", 403, CODES))
    );
    assert_eq!(resync(&aws, "phone", 0).await, Ok(()));
}

#[tokio::test]
async fn a_user_can_have_at_most_eight_devices() {
    let mut builder = alice().unassigned("ninth", DEVICE_SECRET);
    for number in 2..=8 {
        builder = builder.device(&format!("alice-{number}"), DEVICE_SECRET);
    }
    let aws = builder.start();
    aws.freeze_clock();
    let session = login(&aws, &serial_of(USER), &aws.code(USER))
        .await
        .unwrap();
    let call = iam(&aws, session_keys(&session)).enable_mfa_device();
    let call = call.user_name(USER).serial_number(serial_of("ninth"));
    let answer = call
        .authentication_code1(aws.code_at("ninth", -1))
        .authentication_code2(aws.code_at("ninth", 0));
    assert_eq!(refusal(answer.send().await.unwrap_err()).0, "LimitExceeded");
}

#[tokio::test]
async fn another_users_device_is_neither_taken_nor_changed() {
    let aws = alice_without_device()
        .user("bob")
        .device("bob", DEVICE_SECRET)
        .start();
    aws.freeze_clock();
    let taken = enable_device(&aws, "bob", -1).await.unwrap_err();
    let message = "MFA Device is already in use.";
    assert_eq!(taken, refused("EntityAlreadyExists", 409, message));
    assert_eq!(resync(&aws, "bob", -1).await, Err(unknown(BOBS)));
    let mfa = iam(&aws, long_term()).deactivate_mfa_device();
    let (code, ..) = refusal(
        mfa.user_name(USER)
            .serial_number(BOBS)
            .send()
            .await
            .unwrap_err(),
    );
    assert_eq!(code, "AccessDenied", "without MFA it is not even looked at");
    let message = "MFA VirtualDevice in use. Must deactivate first.";
    assert_eq!(
        delete(&aws, BOBS).await,
        Some(refused("DeleteConflict", 409, message))
    );
    assert_eq!(aws.devices(), [(BOBS.to_owned(), Some("bob".to_owned()))]);
}

#[tokio::test]
async fn only_a_virtual_device_is_deleted_and_only_one_with_codes_is_resynchronised() {
    let aws = alice()
        .hardware(HARDWARE, DEVICE_SECRET)
        .fido("key-7")
        .start();
    aws.freeze_clock();
    for serial in [HARDWARE, FIDO] {
        assert_eq!(delete(&aws, serial).await, Some(unknown(serial)));
    }
    assert_eq!(resync(&aws, HARDWARE, -1).await, Ok(()));
    let call = iam(&aws, long_term()).resync_mfa_device().user_name(USER);
    let call = call.serial_number(FIDO).authentication_code1("123456");
    let answer = call.authentication_code2("234567").send().await;
    assert_eq!(refusal(answer.unwrap_err()), unknown(FIDO));

    let session = login(&aws, HARDWARE, &aws.code(HARDWARE)).await.unwrap();
    for serial in [HARDWARE, FIDO, &serial_of(USER)] {
        assert_eq!(deactivate(&aws, session_keys(&session), serial).await, None);
    }
    assert_eq!(aws.devices(), [(serial_of(USER), None)], "it goes on alone");
}

#[tokio::test]
async fn get_mfa_device_accepts_only_the_serial_of_a_passkey() {
    let aws = alice().fido("key-7").start();
    let get = |serial: String| {
        let call = iam(&aws, long_term()).get_mfa_device().user_name(USER);
        call.serial_number(serial).send()
    };
    let answer = get(FIDO.to_owned()).await.unwrap();
    assert_eq!(answer.user_name(), Some(USER));
    assert_eq!(answer.serial_number(), FIDO);
    let own = serial_of(USER);
    assert_eq!(refusal(get(own.clone()).await.unwrap_err()), unknown(&own));
}

#[tokio::test]
async fn a_role_changes_the_devices_of_a_user_without_mfa() {
    let aws = alice().role("admin").start();
    let call = sts(&aws, long_term(), http()).assume_role();
    let call = call.role_arn("arn:aws:iam::123456789012:role/admin");
    let answer = call.role_session_name("admin").send().await.unwrap();
    let it = answer.credentials().unwrap();
    let keys = aws_credential_types::Credentials::new(
        it.access_key_id(),
        it.secret_access_key(),
        Some(it.session_token().to_owned()),
        None,
        "test",
    );
    assert_eq!(deactivate(&aws, keys, &serial_of(USER)).await, None);
}

#[tokio::test]
async fn tries_before_sts_knows_the_device_do_not_count_and_use_up_no_code() {
    let aws = half_made()
        .delays(TimeDelta::seconds(14), TimeDelta::zero())
        .start();
    aws.freeze_clock();
    aws.to_next_window();
    enable(&aws, -1).await.unwrap();
    let (serial, code) = (serial_of("phone"), aws.code_at("phone", 0));
    for _ in 0..13 {
        aws.shift_clock(TimeDelta::seconds(1));
        let early = login(&aws, &serial, &code).await;
        assert_eq!(early.unwrap_err(), not_verified());
    }
    aws.shift_clock(TimeDelta::seconds(1));
    assert!(login(&aws, &serial, &code).await.is_ok());
}

#[tokio::test]
async fn late_codes_enable_a_device_that_is_out_of_sync_until_it_is_resynchronised() {
    let aws = half_made().start();
    aws.freeze_clock();
    enable(&aws, -12).await.unwrap();
    let serial = serial_of("phone");
    let code = aws.code("phone");
    assert_eq!(login(&aws, &serial, &code).await.unwrap_err(), wrong_code());
    resync(&aws, "phone", -1).await.unwrap();
    assert!(login(&aws, &serial, &code).await.is_ok());
}

#[tokio::test]
async fn a_device_out_of_sync_by_a_fault_or_by_its_clock_is_resynchronised() {
    let by_fault = half_made().start();
    by_fault.fault("EnableMFADevice", Fault::OutOfSync);
    by_fault.freeze_clock();
    enable(&by_fault, -1).await.unwrap();
    let ahead = alice_without_device()
        .device("phone", DEVICE_SECRET)
        .drift(20);
    let behind = alice_without_device()
        .device("phone", DEVICE_SECRET)
        .drift(-20);
    for aws in [by_fault, ahead.start(), behind.start()] {
        aws.freeze_clock();
        let (serial, code) = (serial_of("phone"), aws.code("phone"));
        assert_eq!(login(&aws, &serial, &code).await.unwrap_err(), wrong_code());
        aws.shift_clock(TimeDelta::seconds(60));
        resync(&aws, "phone", -1).await.unwrap();
        for steps in -2..=2 {
            let code = aws.code_at("phone", steps);
            assert!(login(&aws, &serial, &code).await.is_ok(), "{steps}");
        }
    }
}

#[tokio::test]
async fn each_call_about_a_device_can_be_lost_before_or_after_it_is_done() {
    for (fault, done) in [
        (Fault::CloseBefore, false),
        (Fault::LoseAnswer, true),
        (Fault::Gateway(504), true),
        (Fault::Status(500), false),
    ] {
        let aws = alice_without_device().start();
        aws.freeze_clock();
        aws.fault("CreateVirtualMFADevice", fault);
        create(&aws, "phone").await.unwrap_err();
        assert_eq!(aws.devices().len(), usize::from(done), "{fault:?}");

        let aws = half_made().start();
        aws.freeze_clock();
        aws.fault("EnableMFADevice", fault);
        enable(&aws, -1).await.unwrap_err();
        assert_eq!(aws.devices()[0].1.is_some(), done, "{fault:?}");

        let aws = half_made().start();
        aws.fault("DeleteVirtualMFADevice", fault);
        delete(&aws, &serial_of("phone")).await.unwrap();
        assert_eq!(aws.devices().is_empty(), done, "{fault:?}");
    }
}

#[tokio::test]
async fn a_call_can_be_done_and_never_answered() {
    let aws = alice_without_device().start();
    aws.fault("CreateVirtualMFADevice", Fault::SilentAfter);
    let waits = tokio::time::timeout(super::PATIENCE, create(&aws, "phone"));
    assert!(waits.await.is_err());
    assert_eq!(aws.devices().len(), 1);
}

#[tokio::test]
async fn a_fault_can_be_planned_for_a_numbered_request_whatever_it_asks_for() {
    let aws = half_made().start();
    aws.freeze_clock();
    enable(&aws, -1).await.unwrap();
    aws.fault_at(2, Fault::Unmodifiable);
    assert_eq!(resync(&aws, "phone", 1).await, Ok(()));
    let (code, status, _) = create(&aws, "other").await.unwrap_err();
    assert_eq!(
        (code.as_str(), status),
        ("EntityTemporarilyUnmodifiable", 409)
    );
    create(&aws, "other").await.unwrap();
}
