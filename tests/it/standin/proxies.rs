//! Tests the slow way to the stand-in.

use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::{http, https, long_term, sts};
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::proxy::Proxy;

const LATENCY: Duration = Duration::from_millis(20);

/// A client that goes through `proxy`. The caller chooses its patience.
fn through(
    aws: &Aws,
    proxy: &Proxy,
    keys: Credentials,
    http: SharedHttpClient,
) -> aws_sdk_sts::Client {
    let scheme = if aws.ca_pem().is_some() {
        "https"
    } else {
        "http"
    };
    let endpoint = format!("{scheme}://{}", proxy.address());
    let config = sts(aws, keys, http).config().to_builder();
    aws_sdk_sts::Client::from_conf(config.endpoint_url(endpoint).build())
}

#[tokio::test]
async fn a_request_costs_one_round_trip_and_its_connection_another() {
    let aws = Aws::start();
    let proxy = Proxy::start(aws.address(), LATENCY);
    let client = through(&aws, &proxy, long_term(), http());
    let begin = Instant::now();
    client.get_caller_identity().send().await.unwrap();
    assert!(begin.elapsed() >= LATENCY * 4);
    assert_eq!((proxy.connections(), proxy.round_trips()), (1, 1));
    client.get_caller_identity().send().await.unwrap();
    assert_eq!((proxy.connections(), proxy.round_trips()), (1, 2));
}

#[tokio::test]
async fn a_tls_handshake_costs_one_more_round_trip() {
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .tls()
        .start();
    let proxy = Proxy::start(aws.address(), LATENCY);
    let client = through(&aws, &proxy, long_term(), https(aws.ca_pem().unwrap()));
    client.get_caller_identity().send().await.unwrap();
    assert_eq!((proxy.connections(), proxy.round_trips()), (1, 2));
}

#[tokio::test]
async fn a_cut_closes_open_connections_and_lets_the_next_one_through() {
    let aws = Aws::start();
    let proxy = Proxy::start(aws.address(), Duration::ZERO);
    let client = through(&aws, &proxy, long_term(), http());
    client.get_caller_identity().send().await.unwrap();
    proxy.cut();
    // The client notices the closed connection when it looks at its socket, so give it time to.
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.get_caller_identity().send().await.unwrap();
    assert_eq!(proxy.connections(), 2);
}
