//! Keeps a login from reaching AWS: a closed port, an unknown host, an untrusted certificate, a proxy.
//! The code was never sent, so it is still good.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use std::time::Instant;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG_WITHOUT_DEVICE, ISSUE, READY, Scene, alice};
use crate::support::run::Run;
use crate::support::tunnel::Tunnel;

/// A host that only a proxy is asked for; no name server hears of it.
const BEHIND_PROXY: &str = "https://sts.example.invalid";

/// The ways through a proxy: its variable, an endpoint that is reached through it, and that endpoint's host.
const PROXIED: [(&str, &str, &str); 2] = [
    ("HTTPS_PROXY", BEHIND_PROXY, "sts.example.invalid:443"),
    (
        "HTTP_PROXY",
        "http://sts.example.invalid",
        "sts.example.invalid:80",
    ),
];

fn over_tls() -> Scene {
    Scene::with(alice().tls().start())
}

fn login<'a>(scene: &'a Scene, endpoint: &str) -> Run<'a> {
    scene
        .login(&["-p", "dev"])
        .env("AWS_ENDPOINT_URL", endpoint)
}

#[test]
fn a_refused_connection_is_tried_three_times() {
    let scene = Scene::default();
    let stderr = indoc! {"
        error: can't reach 127.0.0.1:1: connection refused (tried 3 times, {*} s)
        hint: check the network and the endpoint's URL in the environment or the profile
    "};
    scene.fails(login(&scene, "http://127.0.0.1:1"), 6, stderr, &[]);
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    // The resolver refuses a label of more than 63 letters without asking a server.
    let host = format!("{}.invalid", "x".repeat(64));
    let scene = Scene::default();
    let stderr = formatdoc! {"
        error: can't reach {host}:80: unknown host (tried 3 times, {{*}} s)
        hint: check the network and the endpoint's URL in the environment or the profile{{*}}
    "};
    scene.fails(login(&scene, &format!("http://{host}")), 6, &stderr, &[]);
}

#[test]
fn a_certificate_from_an_unknown_authority_is_refused_once() {
    let (scene, other) = (over_tls(), over_tls());
    let bundle = scene.home.path().join("other.pem");
    fs::write(&bundle, other.aws.ca_pem().expect("it speaks TLS")).expect("there is room");
    let run = scene.login(&["-p", "dev"]).env("AWS_CA_BUNDLE", &bundle);
    let stderr = indoc! {"
        error: can't reach 127.0.0.1:{*}: its certificate is not from a trusted authority (tried once, {*} s)
        hint: AWS_CA_BUNDLE names the authorities that are trusted, {*}other.pem; add the one of this certificate
    "};
    scene.fails(run, 6, stderr, &[]);
    assert_eq!(scene.aws.connections(), 1);
}

#[test]
fn an_unknown_certificate_is_refused_if_only_the_systems_authorities_count() {
    let scene = over_tls();
    let run = scene.login(&["-p", "dev"]).env_remove("AWS_CA_BUNDLE");
    let stderr = indoc! {"
        error: can't reach 127.0.0.1:{*}: its certificate is not from a trusted authority (tried once, {*} s)
        hint: if a proxy inspects TLS, set AWS_CA_BUNDLE to its certificate file
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let scene = over_tls();
    let proxy = Tunnel::to(scene.aws.address());
    let run = login(&scene, BEHIND_PROXY).env("HTTPS_PROXY", proxy.url());
    let stderr = indoc! {"
        error: can't reach sts.example.invalid:443 through the proxy 127.0.0.1:{*}: its certificate is for another name (tried once, {*} s)
        hint: check the endpoint's URL and the proxy settings
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn a_port_that_does_not_speak_tls_is_reported() {
    let scene = Scene::default();
    let endpoint = scene.aws.endpoint().replace("http:", "https:");
    let run = login(&scene, &endpoint).env("AWS_MAX_ATTEMPTS", "1");
    let stderr = indoc! {"
        error: can't reach 127.0.0.1:{*}: the TLS handshake failed (tried once, {*} s)
        hint: check that the endpoint's URL and port use TLS
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn a_server_that_does_not_even_complete_the_handshake_is_given_up_after_5_seconds() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
    let address = silent.local_addr().expect("the socket is bound");
    let scene = Scene::default();
    let run = login(&scene, &format!("https://{address}")).env("AWS_MAX_ATTEMPTS", "1");
    let begin = Instant::now();
    let stderr = indoc! {"
        error: can't reach 127.0.0.1:{*}: no connection within 5 s (tried once, {*} s)
        hint: check the network and the endpoint's URL in the environment or the profile
    "};
    scene.fails(run, 6, stderr, &[]);
    assert!(begin.elapsed() < Duration::from_secs(15));
}

#[test]
fn an_unreachable_proxy_is_named() {
    let scene = Scene::default();
    let run = login(&scene, BEHIND_PROXY).env("HTTPS_PROXY", "http://someone:hush@127.0.0.1:1");
    let stderr = indoc! {"
        error: can't reach sts.example.invalid:443 through the proxy 127.0.0.1:1: connection refused (tried 3 times, {*} s)
        hint: check the network and the proxy's address in the environment
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn the_certificate_of_a_proxy_is_called_the_proxys() {
    for (variable, endpoint, host) in PROXIED {
        let scene = over_tls();
        // The stand-in plays a proxy that speaks TLS.
        let run = login(&scene, endpoint).env(variable, scene.aws.endpoint());
        let stderr = format!(
            "\
error: can't reach {host} through the proxy 127.0.0.1:{{*}}: the proxy's certificate is not from a trusted authority (tried once, {{*}} s)
hint: if a proxy inspects TLS, set AWS_CA_BUNDLE to its certificate file
"
        );
        scene.fails(run.env_remove("AWS_CA_BUNDLE"), 6, &stderr, &[]);
    }
}

#[test]
fn a_proxy_that_does_not_speak_tls_is_told_from_the_endpoint() {
    for (variable, endpoint, host) in PROXIED {
        let scene = Scene::default();
        let proxy = scene.aws.endpoint().replace("http:", "https:");
        let run = login(&scene, endpoint).env(variable, proxy);
        let stderr = format!(
            "\
error: can't reach {host} through the proxy 127.0.0.1:{{*}}: the TLS handshake failed (tried once, {{*}} s)
hint: check that the proxy's URL and port use TLS
"
        );
        scene.fails(run.env("AWS_MAX_ATTEMPTS", "1"), 6, &stderr, &[]);
    }
}

#[test]
fn a_proxy_that_wants_a_password_says_so() {
    let scene = Scene::default();
    let proxy = Tunnel::refusing("407 Proxy Authentication Required");
    let run = login(&scene, BEHIND_PROXY).env("HTTPS_PROXY", proxy.url());
    let stderr = indoc! {"
        error: can't reach sts.example.invalid:443 through the proxy 127.0.0.1:{*}: the proxy requires a user name and password (tried once, {*} s)
        hint: put both in the proxy URL: http://user:password@host:port
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn a_proxy_that_refuses_the_host_says_so() {
    let scene = Scene::default();
    let proxy = Tunnel::refusing("403 Forbidden");
    let run = login(&scene, BEHIND_PROXY).env("HTTPS_PROXY", proxy.url());
    let stderr = indoc! {"
        error: can't reach sts.example.invalid:443 through the proxy 127.0.0.1:{*}: the proxy refused to connect to it (tried 3 times, {*} s)
        hint: check that it is an HTTP proxy, and that it allows connections to this host
    "};
    scene.fails(run, 6, stderr, &[]);
}

#[test]
fn a_login_through_a_proxy_works() {
    let scene = over_tls();
    let proxy = Tunnel::to(scene.aws.address());
    let endpoint = scene.aws.endpoint();
    let run = login(&scene, &endpoint).env("https_proxy", proxy.url());
    scene.works(run, READY, &[ISSUE]);
    assert_eq!(proxy.asked(), [scene.aws.address().to_string()]);
}

#[test]
fn a_proxy_for_plain_http_works_too() {
    // The stand-in plays the proxy, which gets the whole URL.
    let scene = Scene::default();
    let run = login(&scene, "http://sts.example.invalid").env("HTTP_PROXY", scene.aws.endpoint());
    scene.works(run, READY, &[ISSUE]);
}

#[test]
fn a_host_in_no_proxy_is_reached_directly() {
    let scene = Scene::default();
    let run = scene
        .login(&["-p", "dev"])
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("NO_PROXY", "localhost,127.0.0.1");
    scene.works(run, READY, &[ISSUE]);
}

#[test]
fn no_proxy_is_read_as_the_aws_cli_reads_it() {
    let scene = Scene::default();
    let port = scene.aws.address().port();
    let list = |list: &str| {
        scene
            .login(&["-p", "dev", "--force"])
            .env("ALL_PROXY", "http://127.0.0.1:1")
            .env("NO_PROXY", list.replace("PORT", &port.to_string()))
    };
    for direct in ["*", "127.0.0.1:PORT", " a.test , 127.0.0.1"] {
        scene.works(list(direct), READY, &[ISSUE]);
    }
    let stderr = "error: can't reach 127.0.0.1:{*} through the proxy 127.0.0.1:1: {*}\nhint: {*}\n";
    for proxied in ["127.0.0.1:1", "127.0.0.0/8", "*,a.test", "7.0.0.1"] {
        scene.fails(list(proxied), 6, stderr, &[]);
    }
}

#[test]
fn each_host_uses_its_own_route() {
    // The stand-in is STS, and also the proxy that leads to IAM.
    let scene = Scene::default().config(CONFIG_WITHOUT_DEVICE);
    let port = scene.aws.address().port();
    let run = scene
        .login(&["-p", "dev"])
        .env("AWS_ENDPOINT_URL_IAM", "http://iam.example.invalid")
        .env("HTTP_PROXY", scene.aws.endpoint())
        .env("NO_PROXY", format!("127.0.0.1:{port}"));
    let actions = ["GetCallerIdentity", "ListMFADevices", ISSUE];
    scene.works(run, READY, &actions);
}

#[test]
fn an_unsupported_proxy_that_is_not_used_does_no_harm() {
    let scene = Scene::default();
    let run = scene
        .login(&["-p", "dev"])
        .env("ALL_PROXY", "socks5://127.0.0.1:1")
        .env("no_proxy", "*");
    scene.works(run, READY, &[ISSUE]);
}
