//! Gives `doctor` settings with which AWS can't be reached, or not as it should be.

use std::fs;

use indoc::indoc;

use super::{OFFLINE, doctor, finds, finds_offline, with_session};
use crate::scene::{CONFIG, CREDENTIALS};
use crate::support::home::Home;

/// Checks that these variables lead to these findings, offline.
fn finds_with(variables: &[(&str, &str)], status: i32, blocks: &[&str]) -> String {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let run = doctor(&home, &["dev", "--offline"]);
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    finds(&home, run, status, blocks)
}

#[test]
fn a_region_is_shown_with_its_source() {
    for (config, told) in [
        (
            "[profile dev]\nregion = eu-west-3\n",
            "good    region: eu-west-3 (region of profile dev)\n",
        ),
        (
            "[profile dev]\n",
            "good    region: us-east-1 (none is set, so the partition's own)\n",
        ),
        (
            "[profile dev]\nmfa_serial = arn:aws-cn:iam::123456789012:mfa/alice\n",
            "good    region: cn-north-1 (none is set, so the partition's own)\n",
        ),
        (
            "[profile dev]\nregion = euwest1\n",
            "warning region: euwest1 (region of profile dev) does not look like an AWS region\n        hint: a region looks like eu-west-1\n",
        ),
        (
            "[profile dev]\nregion = eu-west-3\nsts_regional_endpoints = legacy\n",
            "good    region: eu-west-3 (region of profile dev)\n",
        ),
    ] {
        finds_offline(config, CREDENTIALS, 0, &[told]);
    }
    let variable = [("AWS_DEFAULT_REGION", "eu-north-1")];
    finds_with(
        &variable,
        0,
        &["good    region: eu-north-1 (AWS_DEFAULT_REGION)\n"],
    );
    let home = Home::new().config(CONFIG).credentials(with_session());
    let run = doctor(&home, &["dev", "--offline", "--region", "ap-south-1"]);
    finds(&home, run, 0, &["good    region: ap-south-1 (--region)\n"]);
    let run = doctor(&home, &["dev", "--offline"])
        .env_remove("AWS_ENDPOINT_URL")
        .env("AWS_USE_FIPS_ENDPOINT", "true");
    let told = "good    region: eu-central-1 (region of profile dev); FIPS endpoints\n";
    finds(&home, run, 0, &[told]);
}

#[test]
fn an_unencrypted_endpoint_is_reported() {
    let of_all = indoc! {"
        warning endpoint: requests to AWS go to http://sts.example.com (AWS_ENDPOINT_URL), where others can read the requests in transit
                hint: use https://, or unset it
    "};
    finds_with(
        &[("AWS_ENDPOINT_URL", "http://sts.example.com")],
        0,
        &[of_all],
    );
    let of_one = [
        "good    endpoint: requests to STS go to https://sts.example.com (AWS_ENDPOINT_URL_STS)\n",
        "warning endpoint: requests to IAM go to http://192.0.2.1:8080 (AWS_ENDPOINT_URL_IAM), {*}\n",
    ];
    let variables = [
        ("AWS_ENDPOINT_URL_STS", "https://sts.example.com"),
        ("AWS_ENDPOINT_URL_IAM", "http://192.0.2.1:8080"),
    ];
    finds_with(&variables, 0, &of_one);
    for url in [
        "http://localhost:4566",
        "http://[::1]:1",
        "https://sts.example.com",
    ] {
        let told = format!("good    endpoint: requests to AWS go to {url} (AWS_ENDPOINT_URL)\n");
        finds_with(&[("AWS_ENDPOINT_URL", url)], 0, &[&told]);
    }
}

#[test]
fn every_unusable_setting_is_reported() {
    let variables = [
        ("AWS_ENDPOINT_URL", "sts.example.com"),
        ("AWS_REGION", "e u"),
        ("AWS_USE_FIPS_ENDPOINT", "perhaps"),
        ("AWS_MAX_ATTEMPTS", "none"),
        ("HTTPS_PROXY", "socks5://127.0.0.1:1"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "x"),
        ("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", "/x"),
    ];
    let block = indoc! {"
        bad     network: SMITHY_CLIENT_SDK_CUSTOM_PARTITION is set, but awsmfa works only in AWS's own partitions
                hint: unset SMITHY_CLIENT_SDK_CUSTOM_PARTITION; to use another host, set AWS_ENDPOINT_URL
        bad     network: AWS_REGION is not a region: e u
                hint: a region looks like eu-west-1
        bad     network: AWS_USE_FIPS_ENDPOINT is neither true nor false: perhaps
                hint: use true or false
        bad     network: AWS_ENDPOINT_URL is not an endpoint URL: sts.example.com
                hint: an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query
        bad     network: AWS_MAX_ATTEMPTS is not a number of attempts: none
                hint: give a whole number, 1 or more
        bad     network: HTTPS_PROXY points to a SOCKS proxy, which awsmfa can't use
                hint: use an HTTP proxy, or list AWS's hosts in NO_PROXY
        unknown AWS: not asked (--offline): {*}
    "};
    finds_with(&variables, 1, &[block]);
    let both = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ];
    let told = "bad     network: AWS_ENDPOINT_URL sets an endpoint, but dual-stack endpoints are turned on as well\n";
    finds_with(&both, 1, &[told, OFFLINE]);
    let told = "bad     network: AWS_STS_REGIONAL_ENDPOINTS is neither legacy nor regional: x\n";
    finds_with(&[("AWS_STS_REGIONAL_ENDPOINTS", "x")], 1, &[told]);
}

#[test]
fn a_proxy_is_shown_without_its_password() {
    let variables = [
        ("HTTPS_PROXY", "http://me:hush9@proxy.example.com:8080"),
        ("NO_PROXY", "127.0.0.1,.corp.example.com"),
    ];
    let told = "good    network: https:// goes through the proxy proxy.example.com:8080, but not to 127.0.0.1,.corp.example.com (NO_PROXY); the system's certificate authorities are trusted\n";
    let shown = finds_with(&variables, 0, &[told]);
    assert!(!shown.contains("hush9"), "{shown}");
    let told = "bad     network: http_proxy is not a proxy URL\n";
    finds_with(&[("http_proxy", "http://")], 1, &[told]);
}

#[test]
fn unusable_certificate_authorities_are_reported() {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let file = home.path().join("bundle.pem");
    let run = |variable: &str| doctor(&home, &["dev", "--offline"]).env(variable, &file);
    let told = |what: &str| {
        format!(
            "good    network: no proxy\nbad     network: the CA bundle {{home}}/bundle.pem {what}\n        hint: AWS_CA_BUNDLE points to this file; {{*}}\n"
        )
    };
    let bundle = "AWS_CA_BUNDLE";
    finds(
        &home,
        run(bundle),
        1,
        &[&told("can't be read: no such file or directory")],
    );
    fs::write(&file, "").expect("there is room");
    finds(&home, run(bundle), 1, &[&told("holds no certificates")]);
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    fs::write(&file, cut).expect("there is room");
    finds(&home, run(bundle), 1, &[&told("{*}")]);
    let told =
        "bad     network: {home}/bundle.pem (from SSL_CERT_FILE) holds no usable certificates\n";
    finds(&home, run("SSL_CERT_FILE"), 1, &[told]);
    let told =
        "bad     network: {home}/bundle.pem (from SSL_CERT_DIR) holds no usable certificates\n";
    finds(&home, run("SSL_CERT_DIR"), 1, &[told]);
}

#[test]
fn no_secret_is_shown_wherever_it_was_put() {
    const SECRET: &str = "QZJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE";
    let home = Home::new().config(CONFIG).credentials(with_session());
    let hides = |run: crate::support::run::Run<'_>| {
        let shown = run.any_status().check_stdout(|_| {}).run().stdout;
        assert!(!shown.contains("QZJal"), "{shown}");
        assert!(!shown.contains("QZpass"), "{shown}");
        assert!(shown.contains("awsmfa"), "{shown}");
        shown
    };
    for name in [
        "AWSMFA_SERIAL",
        "AWS_REGION",
        "AWS_CA_BUNDLE",
        "AWS_MAX_ATTEMPTS",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_ENDPOINT_URL",
        "HTTPS_PROXY",
        "AWSMFA_SESSION_PROFILE",
        "AWSMFA_DURATION",
    ] {
        hides(doctor(&home, &["--offline"]).env(name, SECRET));
        hides(doctor(&home, &["dev", "--offline", "--json"]).env(name, SECRET));
    }
    for setting in [
        "mfa_serial",
        "region",
        "sso_session",
        "ca_bundle",
        "max_attempts",
        "source_profile",
        "role_arn",
    ] {
        let config =
            format!("[profile dev]\n{setting} = {SECRET}\n[profile {SECRET}]\nregion = x\n");
        let home = Home::new().config(config).credentials(with_session());
        for name in ["dev", SECRET] {
            let run = doctor(&home, &[name, "--offline"]);
            let shown = run.any_status().check_stdout(|_| {}).run().stdout;
            assert!(!shown.contains("QZJal"), "{setting}: {shown}");
        }
    }
    hides(
        doctor(&home, &["dev", "--offline"])
            .env("HTTPS_PROXY", "http://us:QZpass@127.0.0.1:1")
            .env("NO_PROXY", "http://us:QZpass@127.0.0.1:1,a.test"),
    );
    for url in [
        "us:QZpass",
        "http://us:QZpass",
        "http://us:QZpass@127.0.0.1:1",
    ] {
        hides(doctor(&home, &["dev", "--offline"]).env("AWS_ENDPOINT_URL", url));
    }
}
