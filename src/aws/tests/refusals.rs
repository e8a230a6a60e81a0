//! Tests what a person reads when AWS refuses, refusal by refusal.

use super::*;
use crate::aws::Refusal;
use crate::exit::Exit;

fn error_for(reply: Reply) -> Fault {
    let server = Server::start([reply]);
    let error = get_session_token(&aws_at(&server.url())).unwrap_err();
    assert_eq!(server.requests(), 1);
    error
}

fn is_about_code(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::CodeRejected | Refusal::DeviceRejected | Refusal::MfaFailed
    )
}

fn fatal(code: &str, message: &str) -> Failure {
    match error_for(refused(403, code, message)) {
        Fault::Refused { refusal, failure } if !is_about_code(refusal) => failure,
        other => panic!("not fatal: {other:?}"),
    }
}

#[test]
fn a_wrong_code_is_told_apart_from_a_refused_device() {
    let error = error_for(refused(
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    ));
    let Fault::Refused {
        refusal: Refusal::CodeRejected,
        failure,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(failure.exit, Exit::CodeRefused);
    assert_eq!(
        failure.message,
        "AWS refused the code: MultiFactorAuthentication failed with invalid MFA one time pass code"
    );
    assert_eq!(
        failure.detail.as_deref(),
        Some("HTTP status 403, AccessDenied, request id req-1")
    );

    let error = error_for(refused(
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    ));
    let Fault::Refused {
        refusal: Refusal::DeviceRejected,
        failure,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(failure.exit, Exit::CodeRefused);
    assert!(
        failure
            .message
            .contains("unable to validate MFA code. Please")
    );
}

#[test]
fn every_other_denial_ends_in_refused_keys() {
    for (code, message, expected) in [
        (
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
            "the access key AKIAEXAMPLE belongs to a session, which can't be used to start another",
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            "AWS does not know the access key AKIAEXAMPLE",
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
            "the secret access key does not belong to the access key AKIAEXAMPLE",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20221103T080139Z is now earlier than 20221103T085247Z (20221103T090747Z - 15 min.)",
            "AWS refused the signature: this computer's clock is 66 min behind AWS's",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature not yet current: 20221103T152139Z is still later than 20221103T091247Z (20221103T090747Z + 5 min.)",
            "AWS refused the signature: this computer's clock is 6 h 13 min ahead of AWS's",
        ),
        (
            "AccessDenied",
            "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: sts:GetSessionToken with an explicit deny",
            "AWS refused sts:GetSessionToken: User: arn:aws:iam::123456789012:user/jane is not authorized to perform: sts:GetSessionToken with an explicit deny (AccessDenied)",
        ),
        (
            "RegionDisabledException",
            "STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.",
            "STS is not activated in the region us-east-1: STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console",
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            "the session of the access key AKIAEXAMPLE has expired",
        ),
        (
            "NewCode",
            "New words.",
            "AWS refused sts:GetSessionToken: New words (NewCode)",
        ),
        ("NewCode", "", "AWS refused sts:GetSessionToken: NewCode"),
    ] {
        let failure = fatal(code, message);
        assert_eq!(failure.exit, Exit::KeysRefused, "{code}");
        assert_eq!(failure.message, expected);
    }
}

#[test]
fn hints_say_what_to_do() {
    let unknown = fatal("InvalidClientTokenId", "invalid");
    assert!(
        unknown
            .hint
            .unwrap()
            .contains("the region us-east-1 is in another partition")
    );
    let region = fatal("RegionDisabledException", "off");
    assert!(region.hint.unwrap().contains("--region"));
}

#[test]
fn a_code_that_aws_repeats_is_never_shown() {
    for (code, message) in [
        (
            "ValidationError",
            "1 validation error detected: Value '987654' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\d]*",
        ),
        ("ValidationError", "Value '987654' is odd"),
        ("Surprise", "the code 987654 is odd"),
        ("Invalid987654", "it is odd"),
        ("AccessDenied:987654", ""),
        ("987654", "987654"),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed with 987654",
        ),
    ] {
        let failure = Failure::from(error_for(refused(400, code, message)));
        assert!(!all_words(&failure).contains(CODE), "{failure:?}");
    }
}

#[test]
fn a_number_that_only_holds_the_codes_digits_is_shown() {
    let failure = fatal(
        "AccessDenied",
        "User: arn:aws:iam::987654321098:user/jane is not authorized to perform: sts:GetSessionToken",
    );
    assert!(failure.message.contains("987654321098"), "{failure:?}");
    assert!(failure.hint.is_some());
}

#[test]
fn what_looks_like_no_access_key_id_is_not_shown_whole() {
    let server = Server::start([refused(403, "InvalidClientTokenId", "invalid")]);
    let url = server.url();
    let mut keys = keys();
    keys.access_key_id = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into();
    let aws = Aws::new(&settings(&[("AWS_ENDPOINT_URL", &url)]), &keys).unwrap();
    let failure = Failure::from(get_session_token(&aws).unwrap_err());
    assert_eq!(failure.message, "AWS does not know the access key wJal…");
}

#[test]
fn a_session_that_iam_refuses_is_told_apart_from_unknown_keys() {
    let server = Server::start([refused(403, "InvalidClientTokenId", "invalid")]);
    let url = server.url();
    let mut keys = keys();
    keys.access_key_id = "ASIAEXAMPLE".into();
    let aws = Aws::new(&settings(&[("AWS_ENDPOINT_URL", &url)]), &keys).unwrap();
    let error = block_on(aws.list_mfa_devices(Owner::User("jane")))
        .unwrap()
        .unwrap_err();
    assert_eq!(
        Failure::from(error).message,
        "AWS refused the session of the access key ASIAEXAMPLE"
    );
}

#[test]
fn settings_that_no_endpoint_fits_leave_the_code_good() {
    let mut settings = settings(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]);
    // Refused when settings are resolved, so that only the SDK's own rules are left to say no.
    settings.fips = true;
    let error = get_session_token(&Aws::new(&settings, &keys()).unwrap()).unwrap_err();
    let Fault::Fatal(failure) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failure.exit, Exit::Failed);
    assert_eq!(
        failure.message,
        "sts:GetSessionToken can't be sent: Invalid Configuration: FIPS and custom endpoint are not supported"
    );
}

#[test]
fn no_words_hold_a_secret_or_a_raw_answer() {
    let error = error_for(refused(403, "SignatureDoesNotMatch", "x"));
    let shown = format!("{error:?}");
    assert!(!shown.contains("the-secret-key"), "{shown}");
    assert!(!shown.contains("ErrorResponse"), "{shown}");
}

#[test]
fn control_characters_of_an_answer_are_escaped() {
    let failure = fatal("Odd", "one\u{9b}2J two\u{202e}three\nfour");
    assert_eq!(
        failure.message,
        "AWS refused sts:GetSessionToken: one\\u{9b}2J two\\u{202e}three four (Odd)"
    );
}

#[test]
fn a_very_long_answer_is_cut() {
    let failure = fatal("Odd", &"ä".repeat(5000));
    assert!(failure.message.len() < 500, "{}", failure.message.len());
}

#[test]
fn throttling_to_the_end_reads_as_a_limit() {
    let server = Server::start([refused(400, "Throttling", "Rate exceeded")]);
    let failure = Failure::from(get_session_token(&aws_at(&server.url())).unwrap_err());
    assert_eq!(failure.exit, Exit::Unreachable);
    assert!(
        failure
            .message
            .contains("limiting requests (Throttling; tried 3 times"),
        "{}",
        failure.message
    );
}

#[test]
fn a_page_of_something_between_is_not_taken_for_a_denial() {
    for status in [302, 403, 407] {
        let failure = Failure::from(error_for(Reply::Answer(
            status,
            "",
            "<html>sign in to the wifi".into(),
        )));
        assert_eq!(failure.exit, Exit::Unreachable, "{status}");
        assert!(
            failure.message.contains(&format!("HTTP status {status}")),
            "{}",
            failure.message
        );
    }
}

#[test]
fn iam_denials_are_told_in_aws_words() {
    let server = Server::start([refused(
        403,
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: iam:ListMFADevices",
    )]);
    let error = block_on(aws_at(&server.url()).list_mfa_devices(Owner::User("jane")))
        .unwrap()
        .unwrap_err();
    let failure = Failure::from(error);
    assert_eq!(failure.exit, Exit::KeysRefused);
    assert!(failure.message.contains("iam:ListMFADevices"));
}

#[test]
fn words_of_awss_that_repeat_a_part_of_the_keys_are_not_shown() {
    let token = "IQoJb3JpZ2luX2VjTOKENTOKENTOKENTOKEN";
    for part in [token, &token[..30], &token[7..], "the-secret-key"] {
        let words = format!("denied: {part} is not welcome");
        let server = Server::start([refused(403, "AccessDenied", &words)]);
        let url = server.url();
        let mut keys = keys();
        keys.session_token = Some(SecretString::from(token));
        let aws = Aws::new(&settings(&[("AWS_ENDPOINT_URL", &url)]), &keys).unwrap();
        let failure = Failure::from(get_session_token(&aws).unwrap_err());
        let said = format!("{failure:?} {failure:#}");
        assert!(!said.contains("welcome"), "{said}");
        assert!(!said.contains(part), "{said}");
    }
}
