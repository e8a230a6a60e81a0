//! Tests how often a request reaches the server, fault by fault.

use super::*;
use crate::aws::Refusal;
use crate::exit::Exit;
use std::time::Instant;

fn unavailable() -> Reply {
    refused(503, "ServiceUnavailable", "The service is unavailable.")
}

/// The failure of a lost answer.
fn lost(error: Fault) -> Failure {
    match error {
        Fault::Lost(failure) => failure,
        other => panic!("not lost: {other:?}"),
    }
}

#[test]
fn a_code_is_sent_once_when_the_answer_is_lost() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n<GetSessionTok";
    for (fault, reply) in [
        ("closed", Reply::Close),
        ("silent", Reply::Silence),
        ("half an answer", Reply::Raw(half.into())),
        ("half a head", Reply::Raw("HTTP/1.1 20".into())),
        ("not HTTP", Reply::Raw("\0\x01\x02 what\r\n\r\n".into())),
        (
            "not XML",
            Reply::Answer(200, "", "<!doctype html><p>hello".into()),
        ),
        ("empty", Reply::Answer(200, "", String::new())),
        (
            "a gateway's page",
            Reply::Answer(503, "", "<html>busy</html>".into()),
        ),
        ("bad gateway", Reply::Answer(502, "", String::new())),
        ("a failure", refused(500, "InternalFailure", "odd")),
        (
            "500 cut short",
            Reply::Raw("HTTP/1.1 500 X\r\ncontent-length: 900\r\n\r\n<Err".into()),
        ),
    ] {
        let server = Server::start([reply, issue()]);
        let failure = lost(get_session_token(&aws_at(&server.url())).unwrap_err());
        assert_eq!(server.requests(), 1, "{fault}");
        assert_eq!(failure.exit, Exit::Unreachable, "{fault}");
        assert!(
            failure
                .message
                .contains(&format!("127.0.0.1:{}", server.port))
                && failure.message.contains("tried once"),
            "{fault}: {}",
            failure.message
        );
        assert!(!all_words(&failure).contains(CODE), "{fault}");
        assert!(
            failure
                .hint
                .as_deref()
                .unwrap_or_default()
                .contains("may be used up"),
            "{fault}: {failure:?}"
        );
    }
}

#[test]
fn a_code_is_sent_again_when_the_answer_says_it_was_not_processed() {
    let skewed = Reply::Answer(
        403,
        "date: Sun, 06 Nov 2044 08:49:37 GMT\r\n",
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: 20221103T080139Z is now earlier than 20221103T085247Z (20221103T090747Z - 15 min.)</Message></Error></ErrorResponse>".into(),
    );
    for (fault, reply) in [
        ("throttled", refused(400, "Throttling", "Rate exceeded")),
        ("503", unavailable()),
        ("clock", skewed),
    ] {
        let server = Server::start([reply, issue()]);
        let issued = get_session_token(&aws_at(&server.url()));
        assert!(issued.is_ok(), "{fault}: {issued:?}");
        assert_eq!(server.requests(), 2, "{fault}");
    }
}

#[test]
fn a_corrected_clock_signs_the_second_request_with_the_servers_time() {
    let skewed = Reply::Answer(
        403,
        "date: Sun, 06 Nov 2044 08:49:37 GMT\r\n",
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error></ErrorResponse>".into(),
    );
    let server = Server::start([skewed, issue()]);
    assert!(get_session_token(&aws_at(&server.url())).is_ok());
    assert!(server.request(1).contains("x-amz-date: 20441106T0849"));
}

#[test]
fn a_lost_answer_after_a_resend_ends_the_attempts() {
    let server = Server::start([unavailable(), Reply::Close, issue()]);
    let failure = lost(get_session_token(&aws_at(&server.url())).unwrap_err());
    assert_eq!(server.requests(), 2);
    assert!(
        failure.message.contains("tried twice"),
        "{}",
        failure.message
    );
}

#[test]
fn a_failing_service_is_asked_three_times() {
    let server = Server::start([unavailable()]);
    let error = get_session_token(&aws_at(&server.url())).unwrap_err();
    assert_eq!(server.requests(), 3);
    let Fault::Refused {
        refusal: Refusal::Unavailable,
        failure,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(failure.exit, Exit::Unreachable);
    assert!(
        failure.message.contains("HTTP status 503"),
        "{}",
        failure.message
    );
    assert!(
        failure.message.contains("tried 3 times"),
        "{}",
        failure.message
    );
}

#[test]
fn max_attempts_limits_the_attempts() {
    let server = Server::start([unavailable()]);
    let url = server.url();
    let aws = Aws::new(
        &settings(&[("AWS_ENDPOINT_URL", &url), ("AWS_MAX_ATTEMPTS", "1")]),
        &keys(),
    )
    .unwrap();
    get_session_token(&aws).unwrap_err();
    assert_eq!(server.requests(), 1);
}

#[test]
fn a_refused_code_is_sent_once() {
    let server = Server::start([refused(
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    )]);
    get_session_token(&aws_at(&server.url())).unwrap_err();
    assert_eq!(server.requests(), 1);
}

#[test]
fn a_code_refused_at_the_second_attempt_may_have_been_used_by_the_first() {
    let server = Server::start([
        unavailable(),
        refused(
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        ),
    ]);
    let error = get_session_token(&aws_at(&server.url())).unwrap_err();
    let Fault::Refused {
        refusal: Refusal::CodeRejected,
        failure,
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(failure.hint.unwrap().contains("may have used up the code"));
}

#[test]
fn a_refused_connection_is_tried_three_times_and_leaves_the_code_good() {
    let port = closed_port();
    let error = get_session_token(&aws_at(&format!("http://127.0.0.1:{port}"))).unwrap_err();
    let Fault::NotSent(failure) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failure.exit, Exit::Unreachable);
    assert!(
        failure.message.starts_with(&format!(
            "can't reach 127.0.0.1:{port}: connection refused (tried 3 times"
        )),
        "{}",
        failure.message
    );
}

#[test]
fn an_unknown_host_leaves_the_code_good() {
    // A label of more than 63 letters is refused by the resolver itself: nobody is asked.
    let host = "a".repeat(64);
    let error = get_session_token(&aws_at(&format!("http://{host}.invalid"))).unwrap_err();
    let Fault::NotSent(failure) = error else {
        panic!("{error:?}")
    };
    assert!(
        failure
            .message
            .starts_with(&format!("can't reach {host}.invalid:80: unknown host")),
        "{}",
        failure.message
    );
}

#[test]
fn a_call_without_a_code_is_sent_again_after_a_lost_answer() {
    for (fault, reply) in [
        ("closed", Reply::Close),
        ("silent", Reply::Silence),
        ("a failure", refused(500, "InternalFailure", "odd")),
        (
            "a gateway's page",
            Reply::Answer(502, "", "<html>bad</html>".into()),
        ),
    ] {
        let server = Server::start([reply, identity()]);
        let who = block_on(aws_at(&server.url()).get_caller_identity()).unwrap();
        assert!(who.is_ok(), "{fault}: {who:?}");
        assert_eq!(server.requests(), 2, "{fault}");
    }
}

#[test]
fn a_silent_server_is_given_up_within_the_calls_time() {
    let server = Server::start([Reply::Silence]);
    let start = Instant::now();
    block_on(aws_at(&server.url()).get_caller_identity())
        .unwrap()
        .unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(start.elapsed() > Duration::from_millis(1100));
}
