//! Tests which calls share a connection: those of a chain of roles do, but never those that trust or
//! reach AWS differently.

use super::tls::Authority;
use super::*;
use crate::profile::role::Role;
use crate::value::Made;
use std::path::Path;

const ROLES: [&str; 2] = [
    "arn:aws:iam::111122223333:role/first",
    "arn:aws:iam::444455556666:role/second",
];

/// The answer to AssumeRole, with keys whose id ends with `key`.
fn assumed(key: &str) -> Reply {
    let credentials = format!(
        "<Credentials><AccessKeyId>ASIA{key}</AccessKeyId><SecretAccessKey>new-secret</SecretAccessKey><SessionToken>token-of-{key}</SessionToken><Expiration>2031-01-02T03:04:05Z</Expiration></Credentials>"
    );
    let user = format!(
        "<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:me</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/{key}/me</Arn></AssumedRoleUser>"
    );
    Reply::Answer(
        200,
        "",
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>{user}{credentials}</AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

fn role(arn: &str) -> Role {
    Role {
        profile: "admin".parse().unwrap(),
        arn: arn.parse().unwrap(),
        external_id: None,
        session_name: "me".into(),
        lifetime: Lifetime::seconds(900),
        cut_from: None,
    }
}

/// Assumes both roles in turn, the second with the keys of the first and the settings `then`.
fn assume_both(first: &Settings, then: &Settings) -> [Result<Session, Fault>; 2] {
    block_on(async {
        let aws = Aws::new(first, &keys()).unwrap();
        let one = aws.assume_role(&role(ROLES[0])).await;
        let keys = one.as_ref().map_or_else(|_| keys(), |one| one.keys.clone());
        let aws = aws.with(then, &keys).unwrap();
        let two = aws.assume_role(&role(ROLES[1])).await;
        [one, two]
    })
    .unwrap()
}

#[test]
fn roles_assumed_in_turn_use_one_connection() {
    let server = Server::start([assumed("FIRST"), assumed("SECOND")]);
    let url = server.url();
    let first = settings(&[("AWS_ENDPOINT_URL", &url), ("AWS_REGION", "eu-west-1")]);
    let then = settings(&[("AWS_ENDPOINT_URL", &url), ("AWS_REGION", "eu-west-2")]);
    let [one, two] = assume_both(&first, &then).map(Result::unwrap);
    assert_eq!((server.connections(), server.requests()), (1, 2));
    assert_eq!(one.keys.access_key_id, "ASIAFIRST");
    assert_eq!(
        two.made,
        Made {
            source: None,
            device: None,
            account: Some("444455556666".into()),
            arn: Some(
                "arn:aws:sts::111122223333:assumed-role/SECOND/me"
                    .parse()
                    .unwrap()
            ),
            by_awsmfa: true,
            granted: Some(Lifetime::seconds(900)),
            ..Made::default()
        }
    );
    let [first, then] = [0, 1].map(|index| server.request(index));
    assert!(first.contains("AKIAEXAMPLE/"), "{first}");
    assert!(first.contains("/eu-west-1/sts/"), "{first}");
    assert!(then.contains("ASIAFIRST/"), "{then}");
    assert!(then.contains("token-of-FIRST"), "{then}");
    assert!(then.contains("/eu-west-2/sts/"), "{then}");
}

/// A server with TLS, whose certificate comes from `authority`.
fn tls_server(authority: &Authority) -> Server {
    Server::start_with(
        Some(authority.server("127.0.0.1", false)),
        [assumed("FIRST"), assumed("SECOND")],
    )
}

fn trusting(server: &Server, bundle: &Path) -> Settings {
    settings(&[
        (
            "AWS_ENDPOINT_URL",
            &format!("https://127.0.0.1:{}", server.port),
        ),
        ("AWS_CA_BUNDLE", bundle.to_str().unwrap()),
    ])
}

#[test]
fn roles_assumed_in_turn_use_one_connection_with_tls() {
    let authority = Authority::new("one");
    let server = tls_server(&authority);
    let settings = trusting(&server, &authority.bundle());
    let both = assume_both(&settings, &settings);
    assert!(both.iter().all(Result::is_ok), "{both:?}");
    assert_eq!((server.connections(), server.requests()), (1, 2));
}

#[test]
fn connections_with_different_trust_are_not_shared() {
    let authority = Authority::new("one");
    let stranger = Authority::new("two");
    let server = tls_server(&authority);
    let first = trusting(&server, &authority.bundle());
    let then = trusting(&server, &stranger.bundle());
    let [one, two] = assume_both(&first, &then);
    assert!(one.is_ok(), "{one:?}");
    assert!(matches!(two, Err(Fault::NotSent(_))), "{two:?}");
    assert_eq!((server.connections(), server.requests()), (2, 1));
}

/// Otherwise TLS would trust whatever plain HTTP has no need to choose.
#[test]
fn the_trust_of_plain_connections_is_not_that_of_tls() {
    let authority = Authority::new("one");
    let plain = Server::start([assumed("FIRST")]);
    let server = tls_server(&authority);
    let url = format!("https://127.0.0.1:{}", server.port);
    let bundle = authority.bundle();
    let first = settings(&[("AWS_ENDPOINT_URL", &plain.url())]);
    let then = [
        ("AWS_ENDPOINT_URL", &*url),
        ("SSL_CERT_FILE", bundle.to_str().unwrap()),
    ];
    let both = assume_both(&first, &settings(&then));
    assert!(both.iter().all(Result::is_ok), "{both:?}");
}

#[test]
fn connections_with_different_proxies_are_not_shared() {
    let server = Server::start([assumed("FIRST")]);
    let proxy = Server::start([assumed("SECOND")]);
    let (url, proxy_url) = (server.url(), proxy.url());
    let direct = settings(&[("AWS_ENDPOINT_URL", &url)]);
    let through = settings(&[("AWS_ENDPOINT_URL", &url), ("HTTP_PROXY", &proxy_url)]);
    let both = assume_both(&direct, &through);
    assert!(both.iter().all(Result::is_ok), "{both:?}");
    assert_eq!((server.requests(), proxy.requests()), (1, 1));
    let both = assume_both(&through, &direct);
    assert!(both.iter().all(Result::is_ok), "{both:?}");
    assert_eq!((server.requests(), proxy.requests()), (2, 2));
}

#[test]
fn connections_with_different_timeouts_are_not_shared() {
    let server = Server::start([assumed("FIRST"), assumed("SECOND")]);
    let first = settings(&[("AWS_ENDPOINT_URL", &server.url())]);
    let mut then = first.clone();
    then.timeouts.call *= 2;
    let both = assume_both(&first, &then);
    assert!(both.iter().all(Result::is_ok), "{both:?}");
    assert_eq!((server.connections(), server.requests()), (2, 2));
}
