//! Spoils the answer: lost, cut, empty, not from AWS. The code may be used up, so it is never sent
//! again, and nothing of such an answer reaches a file.

use indoc::{formatdoc, indoc};

use crate::scene::{ISSUE, READY, Scene};
use crate::support::aws::Fault;

/// Shows what a login does when `fault` spoils every answer.
fn fails_with(fault: Fault, what: &str) {
    let scene = Scene::default();
    scene.aws.fault_always(ISSUE, fault);
    let stderr = formatdoc! {"
        error: no usable answer to sts:GetSessionToken from 127.0.0.1:{{*}}: {what} (tried once, {{*}} s); the code may be used up
        hint: try again with a new code; next code in {{*}} s
    "};
    scene.fails(scene.login(&["-p", "dev"]), 6, &stderr, &[ISSUE]);
}

#[test]
fn an_answer_that_never_comes_because_the_connection_is_closed() {
    fails_with(
        Fault::LoseAnswer,
        "connection closed before message completed",
    );
}

#[test]
fn a_connection_that_is_closed_before_anything_was_done() {
    fails_with(
        Fault::CloseBefore,
        "connection closed before message completed",
    );
}

#[test]
fn half_an_answer() {
    fails_with(Fault::CutAnswer, "the answer was cut short");
}

#[test]
fn a_whole_answer_with_half_of_the_text() {
    fails_with(Fault::CutXml, "the answer was cut short");
}

#[test]
fn an_answer_that_is_not_of_aws() {
    fails_with(Fault::NotXml, "the answer does not look like one from AWS");
}

#[test]
fn an_answer_without_credentials() {
    fails_with(Fault::NoCredentials, "the answer is incomplete");
}

#[test]
fn an_answer_with_empty_fields() {
    fails_with(
        Fault::EmptyFields,
        "the answer does not look like one from AWS",
    );
}

/// A line end within a key would end up as a line, or a profile, of the answer's own choice.
#[test]
fn an_answer_that_would_write_lines_of_its_own() {
    for (element, text, what) in [
        (
            "AccessKeyId",
            "ASIA&#10;[default]&#10;credential_process = touch owned&#10;",
            "its access key id holds a line break",
        ),
        (
            "SecretAccessKey",
            "&#13;&#10;aws_session_token = x",
            "its secret access key holds a line break",
        ),
        ("SessionToken", "a b", "its session token holds white space"),
    ] {
        fails_with(Fault::Before { element, text }, what);
    }
}

#[test]
fn an_answer_longer_than_aws_ever_gives() {
    fails_with(
        Fault::Padded(4 * 1024 * 1024),
        "the answer is longer than 1 MiB",
    );
}

#[test]
#[ignore = "takes the 30 s that a call may take"]
fn a_server_that_never_answers_is_left_after_30_seconds() {
    fails_with(Fault::Silent, "timed out waiting for an answer");
}

/// AWS says so where it has not looked at a request.
#[test]
fn a_service_that_is_not_available_once_is_asked_again() {
    for fault in [Fault::Status(503), Fault::Throttled] {
        let scene = Scene::default();
        scene.aws.fault(ISSUE, fault);
        scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE, ISSUE]);
    }
}

#[test]
fn a_service_that_is_not_available_is_asked_three_times() {
    let scene = Scene::default();
    scene.aws.fault_always(ISSUE, Fault::Status(503));
    let stderr = indoc! {"
        error: sts:GetSessionToken failed at 127.0.0.1:{*} with HTTP status 503 (tried 3 times, {*} s)
        hint: the service has a problem: try again in a moment
    "};
    scene.fails(scene.login(&["-p", "dev"]), 6, stderr, &[ISSUE; 3]);
}

#[test]
fn a_service_that_fails_may_have_used_the_code() {
    for status in [500, 502, 504] {
        fails_with(Fault::Status(status), &format!("HTTP status {status}"));
    }
    let error = |status, code| Fault::Error {
        status,
        code,
        message: "odd",
    };
    fails_with(error(503, "InternalFailure"), "HTTP status 503");
    fails_with(error(500, "ServiceUnavailable"), "HTTP status 500");
}

/// The request went on to AWS, and the answer came too late for the gateway.
#[test]
fn a_gateway_that_fails_may_have_used_the_code() {
    for status in [500, 502, 503, 504] {
        let scene = Scene::default();
        scene.aws.fault_always(ISSUE, Fault::Gateway(status));
        let stderr = formatdoc! {"
            error: no usable answer to sts:GetSessionToken from 127.0.0.1:{{*}}: HTTP status {status} (tried once, {{*}} s); the code may be used up
            hint: try again with a new code; next code in {{*}} s
        "};
        scene.fails(scene.login(&["-p", "dev"]), 6, &stderr, &[ISSUE]);
        assert_eq!(scene.aws.sessions().len(), 1, "it was processed");
    }
}

#[test]
fn the_number_of_attempts_is_the_users() {
    let scene = Scene::default();
    scene.aws.fault_always(ISSUE, Fault::Status(503));
    let run = scene.login(&["-p", "dev"]).env("AWS_MAX_ATTEMPTS", "2");
    let stderr = indoc! {"
        error: sts:GetSessionToken failed at 127.0.0.1:{*} with HTTP status 503 (tried twice, {*} s)
        hint: the service has a problem: try again in a moment
    "};
    scene.fails(run, 6, stderr, &[ISSUE; 2]);
}
