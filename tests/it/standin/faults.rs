//! Tests what can go wrong on the way to the stand-in: lost, cut and empty answers, silence, TLS.

use std::time::Duration;
use std::time::Instant;

use super::{http, https, login_alice, long_term, sts, wrong_code};
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY, USER};

const ACTION: &str = "GetSessionToken";

#[tokio::test]
async fn a_lost_answer_uses_up_the_code() {
    for fault in [Fault::LoseAnswer, Fault::CutAnswer] {
        let aws = Aws::start();
        aws.fault(ACTION, fault);
        let code = aws.code(USER);
        let (error, ..) = login_alice(&aws, &code).await.unwrap_err();
        assert_eq!(error, "", "no answer of AWS: {fault:?}");
        assert_eq!(aws.sessions().len(), 1);
        assert_eq!(login_alice(&aws, &code).await.unwrap_err(), wrong_code());
    }
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_leaves_the_code_unused() {
    let aws = Aws::start();
    aws.fault(ACTION, Fault::CloseBefore);
    let code = aws.code(USER);
    assert!(login_alice(&aws, &code).await.is_err());
    assert!(login_alice(&aws, &code).await.is_ok());
}

#[tokio::test]
async fn a_silent_server_lasts_until_the_clients_patience_ends() {
    let aws = Aws::start();
    aws.fault(ACTION, Fault::Silent);
    let call = sts(&aws, long_term(), http()).get_session_token();
    let error = call.send().await.unwrap_err();
    assert!(
        matches!(error, aws_sdk_sts::error::SdkError::TimeoutError(_)),
        "{error}"
    );
    assert_eq!(aws.actions(), [ACTION]);
    assert!(aws.sessions().is_empty());
}

#[tokio::test]
async fn half_of_the_xml_and_empty_fields_look_like_success_to_the_sdk() {
    for fault in [Fault::CutXml, Fault::EmptyFields, Fault::NoCredentials] {
        let aws = Aws::start();
        aws.fault(ACTION, fault);
        let answer = login_alice(&aws, &aws.code(USER)).await;
        let whole = answer.is_ok_and(|it| {
            it.credentials()
                .is_some_and(|it| !it.session_token().is_empty() && it.expiration().secs() > 0)
        });
        assert!(!whole, "{fault:?}");
        assert_eq!(aws.sessions().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_html_page_is_not_a_session() {
    let aws = Aws::start();
    aws.fault(ACTION, Fault::NotXml);
    let answer = login_alice(&aws, &aws.code(USER)).await;
    assert!(answer.map_or(true, |it| it.credentials().is_none()));
    assert!(aws.sessions().is_empty());
}

#[tokio::test]
async fn a_temporary_fault_happens_as_often_as_planned() {
    let aws = Aws::start();
    aws.fault_times(ACTION, 2, Fault::Status(503));
    aws.fault(ACTION, Fault::Status(500));
    aws.fault(ACTION, Fault::Throttled);
    let code = aws.code(USER);
    let mut seen = Vec::new();
    while let Err((error, status, _)) = login_alice(&aws, &code).await {
        seen.push((error, status));
    }
    let expected = [
        ("ServiceUnavailable", 503),
        ("ServiceUnavailable", 503),
        ("InternalFailure", 500),
        ("Throttling", 400),
    ];
    assert_eq!(seen, expected.map(|(error, at)| (error.to_owned(), at)));
}

#[tokio::test]
async fn a_fault_for_every_call_ends_when_it_is_removed() {
    let aws = Aws::start();
    aws.fault_always(ACTION, Fault::Throttled);
    for _ in 0..3 {
        assert!(login_alice(&aws, &aws.code(USER)).await.is_err());
    }
    aws.heal();
    assert!(login_alice(&aws, &aws.code(USER)).await.is_ok());
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let aws = Aws::start();
    aws.fault(ACTION, Fault::Delay(Duration::from_millis(60)));
    let begin = Instant::now();
    assert!(login_alice(&aws, &aws.code(USER)).await.is_ok());
    assert!(begin.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_client_keeps_its_connection_until_the_server_closes_it() {
    let aws = Aws::start();
    let client = sts(&aws, long_term(), http());
    for _ in 0..2 {
        client.get_caller_identity().send().await.unwrap();
    }
    assert_eq!(aws.connections(), 1);
    aws.fault("GetCallerIdentity", Fault::CloseAfter);
    client.get_caller_identity().send().await.unwrap();
    // The client notices the closed connection when it looks at its socket, so give it time to.
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.get_caller_identity().send().await.unwrap();
    assert_eq!(aws.connections(), 2);
}

#[tokio::test]
async fn tls_works_with_the_authoritys_certificate_and_with_no_other() {
    let start = || {
        Aws::builder()
            .user(USER)
            .key(KEY_ID, SECRET_KEY)
            .tls()
            .start()
    };
    let (aws, other) = (start(), start());
    assert!(aws.endpoint().starts_with("https://127.0.0.1:"));
    let identity = |pem| {
        let client = sts(&aws, long_term(), https(pem));
        async move { client.get_caller_identity().send().await }
    };
    assert!(identity(aws.ca_pem().unwrap()).await.is_ok());
    assert!(identity(other.ca_pem().unwrap()).await.is_err());
    assert_eq!(aws.actions(), ["GetCallerIdentity"]);
}

#[tokio::test]
async fn it_is_gone_after_being_dropped() {
    let aws = Aws::start();
    let address = aws.address();
    drop(aws);
    assert!(std::net::TcpStream::connect(address).is_err());
}
