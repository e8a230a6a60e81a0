//! Tests requests through a proxy.

use super::*;

/// AWS behind `proxy`, which stands in for it on the loopback interface and is all that is connected to.
fn through(proxy: &str, more: &[(&str, &str)]) -> Aws {
    let mut env = vec![("HTTPS_PROXY", proxy), ("HTTP_PROXY", proxy)];
    env.extend_from_slice(more);
    Aws::new(&settings(&env), &keys()).unwrap()
}

fn not_sent(aws: &Aws) -> Failure {
    match get_session_token(aws).unwrap_err() {
        Fault::NotSent(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plain_endpoint_is_asked_through_the_proxy_with_its_password() {
    let proxy = Server::start([issue()]);
    let aws = through(
        &format!("http://user:pass@127.0.0.1:{}", proxy.port),
        &[("AWS_ENDPOINT_URL", "http://sts.awsmfa.invalid")],
    );
    assert!(get_session_token(&aws).is_ok());
    let request = proxy.request(0);
    assert!(
        request.starts_with("POST http://sts.awsmfa.invalid/ HTTP/1.1"),
        "{request}"
    );
    // base64 of user:pass
    assert!(
        request.contains("proxy-authorization: Basic dXNlcjpwYXNz"),
        "{request}"
    );
}

#[test]
fn a_proxy_that_wants_a_password_is_recognised_and_the_code_stays_good() {
    let proxy = Server::start([Reply::Raw(
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".into(),
    )]);
    let failure = not_sent(&through(&format!("http://127.0.0.1:{}", proxy.port), &[]));
    assert_eq!(
        failure.message.split(" (tried").next().unwrap(),
        format!(
            "can't reach sts.us-east-1.amazonaws.com:443 through the proxy 127.0.0.1:{}: the proxy requires a user name and password",
            proxy.port
        )
    );
    assert!(
        failure
            .hint
            .unwrap()
            .contains("http://user:password@host:port")
    );
    assert!(
        proxy
            .request(0)
            .starts_with("CONNECT sts.us-east-1.amazonaws.com:443")
    );
}

/// A user whose password is wrong several times may be locked out.
#[test]
fn a_refused_password_is_sent_once() {
    let proxy = Server::start([Reply::Raw(
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".into(),
    )]);
    let failure = not_sent(&through(
        &format!("http://jane:hu@sh@127.0.0.1:{}", proxy.port),
        &[],
    ));
    let told = "the proxy refused the user name and password";
    assert!(failure.message.contains(told), "{failure:?}");
    assert!(!format!("{failure:?}").contains("sh@"), "{failure:?}");
    assert_eq!(proxy.requests(), 1);
    // base64 of jane:hu@sh
    let request = proxy.request(0);
    assert!(request.contains("Basic amFuZTpodUBzaA=="), "{request}");
}

#[test]
fn a_proxys_refusal_never_shows_its_password() {
    let proxy = Server::start([Reply::Raw("HTTP/1.1 403 No\r\n\r\n".into())]);
    let failure = not_sent(&through(
        &format!("http://jane:hush@127.0.0.1:{}", proxy.port),
        &[],
    ));
    assert!(failure.message.contains("the proxy refused"), "{failure:?}");
    assert!(!format!("{failure:?}").contains("hush"), "{failure:?}");
    assert_eq!(proxy.requests(), 3);
}

#[test]
fn a_proxy_that_can_not_be_reached_is_named() {
    let port = closed_port();
    let failure = not_sent(&through(&format!("127.0.0.1:{port}"), &[]));
    let named = format!("through the proxy 127.0.0.1:{port}: ");
    let (_, why) = failure.message.split_once(&named).expect(&failure.message);
    // Windows tries a closed port again, for longer than this test waits.
    let is_late = cfg!(windows) && why.starts_with("the connection timed out");
    assert!(is_late || why.starts_with("connection refused"), "{why}");
    assert!(failure.hint.unwrap().contains("proxy"));
}

#[test]
fn hosts_of_no_proxy_are_reached_directly() {
    let proxy = Server::start([Reply::Close]);
    let server = Server::start([issue()]);
    let url = server.url();
    let aws = through(
        &proxy.url(),
        &[("AWS_ENDPOINT_URL", &url), ("NO_PROXY", "127.0.0.1")],
    );
    assert!(get_session_token(&aws).is_ok());
    assert_eq!((proxy.connections(), server.requests()), (0, 1));
}
