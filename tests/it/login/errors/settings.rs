//! Gives unusable settings: they are refused by name before a code is read and before any connection is
//! made.

use std::fs;

use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, ISSUE, READY, Scene, alice_without_device};

/// Checks that a login with this variable is refused with this error.
fn refuses_variable(name: &str, value: &str, stderr: &str) {
    let scene = Scene::default();
    scene.refuses(
        scene.login_with_tripwire(&["-p", "dev"]).env(name, value),
        1,
        stderr,
    );
}

/// Checks that a login with this config file, and no endpoint in the environment, is refused.
fn refuses_config(config: &str, stderr: &str) {
    let scene = Scene::with_files(config, CREDENTIALS);
    // If it goes on after all, it must not leave this machine.
    let run = scene
        .login_with_tripwire(&["-p", "dev"])
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env_remove("AWS_ENDPOINT_URL");
    scene.refuses(run, 1, stderr);
}

#[test]
fn an_invalid_endpoint_in_a_variable_is_refused() {
    for name in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_IAM",
    ] {
        for value in [
            "sts.example.com",
            "ftp://127.0.0.1",
            "http://",
            "http://127.0.0.1:99999",
        ] {
            let stderr = formatdoc! {"
                error: {name} is not an endpoint URL: {value}
                hint: an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query
            "};
            refuses_variable(name, value, &stderr);
        }
    }
}

#[test]
fn a_password_or_a_query_in_an_endpoint_is_not_shown() {
    for (value, shown) in [
        ("http://someone:hush@127.0.0.1", "http://127.0.0.1"),
        ("http://someone:hu/sh@127.0.0.1/x", "http://127.0.0.1/x"),
        ("http://127.0.0.1:1/x?token=hush", "http://127.0.0.1:1/x"),
        ("http://127.0.0.1/x?token=hu@sh", "http://…"),
    ] {
        let stderr = formatdoc! {"
            error: AWS_ENDPOINT_URL is not an endpoint URL: {shown}
            hint: an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query
        "};
        refuses_variable("AWS_ENDPOINT_URL", value, &stderr);
        let stderr = stderr.replace("AWS_ENDPOINT_URL", "endpoint_url of profile dev");
        refuses_config(&format!("{CONFIG}endpoint_url = {value}\n"), &stderr);
    }
}

#[test]
fn an_invalid_endpoint_in_the_profile_is_refused() {
    let stderr = indoc! {"
        error: endpoint_url of profile dev is not an endpoint URL: nonsense
        hint: an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query
    "};
    refuses_config(&format!("{CONFIG}endpoint_url = nonsense\n"), stderr);
}

#[test]
fn an_invalid_endpoint_in_the_services_section_is_refused() {
    let config = formatdoc! {"
        {CONFIG}services = lab

        [services lab]
        sts =
          endpoint_url = nonsense
    "};
    let stderr = indoc! {"
        error: endpoint_url of sts in the services section of profile dev is not an endpoint URL: nonsense
        hint: an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query
    "};
    refuses_config(&config, stderr);
}

#[test]
fn endpoints_of_the_profile_and_of_its_services_are_used() {
    let services = indoc! {"
        services = lab
        [services lab]
        sts =
          endpoint_url = ENDPOINT
    "};
    for addition in ["endpoint_url = ENDPOINT\n", services] {
        let scene = Scene::default();
        let addition = addition.replace("ENDPOINT", &scene.aws.endpoint());
        let scene = scene.config(format!("{CONFIG}{addition}"));
        let run = scene.login(&["-p", "dev"]).env_remove("AWS_ENDPOINT_URL");
        scene.works(run, READY, &[ISSUE]);
    }
}

#[test]
fn an_empty_endpoint_counts_as_none() {
    let scene = Scene::default();
    let run = scene.login(&["-p", "dev"]).env("AWS_ENDPOINT_URL_STS", "");
    scene.works(run, READY, &[ISSUE]);
}

#[test]
fn an_invalid_number_of_attempts_is_refused() {
    for value in ["0", "-1", "three", "99999999999"] {
        let stderr = formatdoc! {"
            error: AWS_MAX_ATTEMPTS is not a number of attempts: {value}
            hint: give a whole number, 1 or more
        "};
        refuses_variable("AWS_MAX_ATTEMPTS", value, &stderr);
    }
}

#[test]
fn a_switch_that_is_neither_true_nor_false_is_refused() {
    let stderr = indoc! {"
        error: AWS_USE_FIPS_ENDPOINT is neither true nor false: maybe
        hint: use true or false
    "};
    refuses_variable("AWS_USE_FIPS_ENDPOINT", "maybe", stderr);
}

#[test]
fn a_region_that_would_lead_to_another_host_is_refused() {
    let stderr = indoc! {"
        error: AWS_REGION is not a region: evil.example.com/#
        hint: a region looks like eu-west-1
    "};
    refuses_variable("AWS_REGION", "evil.example.com/#", stderr);
}

#[test]
fn a_socks_proxy_is_refused() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"] {
        let stderr = formatdoc! {"
            error: {name} points to a SOCKS proxy, which awsmfa can't use
            hint: use an HTTP proxy, or list AWS's hosts in NO_PROXY
        "};
        refuses_variable(name, "socks5://127.0.0.1:1080", &stderr);
    }
}

#[test]
fn an_invalid_proxy_is_not_shown() {
    let stderr = indoc! {"
        error: HTTPS_PROXY is not a proxy URL
        hint: a proxy looks like http://proxy.example.com:8080; special characters in its password are written as %XX
    "};
    refuses_variable("HTTPS_PROXY", "http://someone:hush@:x", stderr);
}

#[test]
fn an_unusable_ca_bundle_is_refused() {
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    for (text, what) in [
        (None, "can't be read: {*}"),
        (Some(String::new()), "holds no certificates"),
        (Some("no certificate\n".to_owned()), "holds no certificates"),
        (
            Some(format!("{begin}\nMIIB\n")),
            "is cut off or damaged at certificate 1",
        ),
        (
            Some(format!("{begin}\nMIIB\n{end}\n")),
            "holds an unusable certificate (number 1)",
        ),
    ] {
        let scene = Scene::with(alice_without_device().tls().start());
        let bundle = scene.home.path().join("bundle.pem");
        if let Some(text) = text {
            fs::write(&bundle, text).expect("there is room");
        }
        let stderr = formatdoc! {"
            error: the CA bundle {{home}}/bundle.pem {what}
            hint: AWS_CA_BUNDLE points to this file; it must hold PEM certificates, each from BEGIN to END
        "};
        let run = scene
            .login_with_tripwire(&["-p", "dev"])
            .env("AWS_CA_BUNDLE", &bundle);
        scene.refuses(run, 1, &stderr);
    }
}

/// A variable that another library reads, to the end of whatever it points to.
#[cfg(unix)]
#[test]
fn unusable_certificate_authorities_in_variables_are_refused() {
    for (name, value, what) in [
        (
            "SSL_CERT_FILE",
            "/dev/zero",
            "/dev/zero (from SSL_CERT_FILE) can't be read: not a regular file",
        ),
        (
            "SSL_CERT_FILE",
            "none.pem",
            "none.pem (from SSL_CERT_FILE) can't be read: {*}",
        ),
        ("SSL_CERT_FILE", "", "SSL_CERT_FILE is set but empty"),
        (
            "SSL_CERT_DIR",
            "tmp",
            "tmp (from SSL_CERT_DIR) holds no usable certificates",
        ),
    ] {
        let scene = Scene::with(alice_without_device().tls().start());
        let stderr = formatdoc! {"
            error: {what}
            hint: unset {name} to trust the system's certificate authorities, or point it to PEM certificates
        "};
        let run = scene
            .login_with_tripwire(&["-p", "dev"])
            .env_remove("AWS_CA_BUNDLE")
            .env(name, value);
        scene.refuses(run, 1, &stderr);
    }
}

#[cfg(unix)]
#[test]
fn authorities_named_by_the_systems_variables_are_trusted() {
    for (name, file) in [("SSL_CERT_FILE", "ca.pem"), ("SSL_CERT_DIR", ".")] {
        let scene = Scene::with(crate::scene::alice().tls().start());
        scene
            .login(&["-p", "dev"])
            .env_remove("AWS_CA_BUNDLE")
            .env(name, file)
            .stderr(READY)
            .run();
    }
}

#[test]
fn a_custom_partition_file_is_refused() {
    for value in ["", "none.json", "/dev/zero"] {
        let stderr = indoc! {"
            error: SMITHY_CLIENT_SDK_CUSTOM_PARTITION is set, but awsmfa works only in AWS's own partitions
            hint: unset SMITHY_CLIENT_SDK_CUSTOM_PARTITION; to use another host, set AWS_ENDPOINT_URL
        "};
        refuses_variable("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", value, stderr);
    }
}
