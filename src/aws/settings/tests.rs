//! Tests the rules of the settings, each with the values that it is about.

use super::*;

/// Settings of `(env, profile, service)` values, with `region_flag` and `partition`.
fn resolve(
    env: &[(&str, &str)],
    profile: &[(&str, &str)],
    service: &[(&str, &str)],
    region_flag: Option<&str>,
    partition: Option<&str>,
) -> Result<Settings> {
    let find = |list: &[(&str, &str)], key: &str| {
        list.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| (*value).to_owned())
    };
    let in_dev = |value| InProfile {
        value,
        profile: "dev".to_owned(),
    };
    Settings::resolve(&Sources {
        env: &|name| find(env, name),
        is_set: &|name| find(env, name).is_some(),
        profile: &|key| find(profile, key).map(in_dev),
        service: &|id, key| find(service, &format!("{id}.{key}")).map(in_dev),
        region_flag,
        partition,
    })
}

fn with(env: &[(&str, &str)], profile: &[(&str, &str)]) -> Settings {
    resolve(env, profile, &[], None, None).unwrap()
}

fn refusal(env: &[(&str, &str)], profile: &[(&str, &str)]) -> String {
    let failure = resolve(env, profile, &[], None, None).unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    assert!(failure.hint.is_some());
    failure.message
}

#[test]
fn the_region_comes_from_flag_then_environment_then_profile() {
    let env = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-2"),
    ];
    let profile = [("region", "eu-west-3")];
    let region = |env: &[_], profile: &[_], flag| {
        resolve(env, profile, &[], flag, Some("aws-cn"))
            .unwrap()
            .region
    };
    assert_eq!(region(&env, &profile, Some("eu-north-1")), "eu-north-1");
    assert_eq!(region(&env, &profile, None), "eu-west-1");
    assert_eq!(region(&env[1..], &profile, None), "eu-west-2");
    assert_eq!(region(&[], &profile, None), "eu-west-3");
    assert_eq!(region(&[("AWS_REGION", " ")], &profile, None), "eu-west-3");
    assert_eq!(region(&[], &[], None), "cn-north-1");
}

#[test]
fn a_region_as_people_type_it_is_recognised() {
    for region in [
        "us-east-1",
        "eu-central-1",
        "ap-southeast-12",
        "us-gov-west-1",
        "cn-north-1",
        "us-isob-east-1",
        "eusc-de-east-1",
        "eu-isoe-west-1",
    ] {
        assert!(is_like_region(region), "{region}");
    }
    for text in [
        "",
        "us",
        "us-east",
        "us-east-",
        "us-1",
        "us--1",
        "US-EAST-1",
        "us-east-1a",
        "us_east_1",
        "us-east-1.evil.example",
        "AKIAIOSFODNN7EXAMPLE",
        "1-east-1",
        "Frankfurt",
    ] {
        assert!(!is_like_region(text), "{text}");
    }
}

#[test]
fn without_a_region_the_partitions_own_is_used() {
    for (partition, region) in [
        (None, "us-east-1"),
        (Some("aws"), "us-east-1"),
        (Some("aws-cn"), "cn-north-1"),
        (Some("aws-us-gov"), "us-gov-west-1"),
        (Some("aws-eusc"), "eusc-de-east-1"),
        (Some("aws-iso"), "us-iso-east-1"),
        (Some("aws-iso-b"), "us-isob-east-1"),
        (Some("aws-iso-e"), "eu-isoe-west-1"),
        (Some("aws-iso-f"), "us-isof-south-1"),
    ] {
        let settings = resolve(&[], &[], &[], None, partition).unwrap();
        assert_eq!(settings.region, region);
    }
    let error = resolve(&[], &[], &[], None, Some("aws-new")).unwrap_err();
    assert!(error.to_string().contains("aws-new"), "{error}");
}

#[test]
fn a_region_that_could_name_another_host_is_refused() {
    for region in ["evil.example/", "eu west", "-x", "é", "a@b", "eu-west-1."] {
        let message = refusal(&[("AWS_REGION", region)], &[]);
        assert!(
            message.starts_with("AWS_REGION is not a region"),
            "{message}"
        );
    }
    let message = refusal(&[], &[("region", "a/b")]);
    assert_eq!(message, "region of profile dev is not a region: a/b");
    let flag = resolve(&[], &[], &[], Some(""), None).unwrap_err();
    assert!(flag.to_string().starts_with("--region is not"), "{flag}");
}

#[test]
fn endpoints_come_from_the_most_specific_setting() {
    let env = [
        ("AWS_ENDPOINT_URL_STS", "http://a.test"),
        ("AWS_ENDPOINT_URL", "http://b.test:4566/path"),
    ];
    let profile = [("endpoint_url", "http://d.test")];
    let service = [("sts.endpoint_url", "http://c.test")];
    let both = |env: &[_], service: &[_]| {
        let s = resolve(env, &profile, service, None, None).unwrap();
        (s.sts_endpoint.unwrap(), s.iam_endpoint.unwrap())
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        both(&env, &service),
        pair("http://a.test", "http://b.test:4566/path")
    );
    assert_eq!(both(&[], &service), pair("http://c.test", "http://d.test"));
    assert_eq!(both(&[], &[]), pair("http://d.test", "http://d.test"));
    assert!(with(&[], &[]).sts_endpoint.is_none());
}

#[test]
fn configured_endpoints_can_be_ignored() {
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    let settings = with(&[ignore, ("AWS_ENDPOINT_URL_STS", "not even a url")], &[]);
    assert!(settings.sts_endpoint.is_none());
    let settings = with(
        &[("AWS_ENDPOINT_URL", "http://a.test")],
        &[("ignore_configured_endpoint_urls", "true")],
    );
    assert!(settings.sts_endpoint.is_none());
}

#[test]
fn a_bad_endpoint_is_refused_and_its_setting_named() {
    for url in [
        "localhost:4566",
        "ftp://a.test",
        "http://",
        "https://a b",
        "http://a.test:99999",
        "http://a.test:",
        "http://a.test?x=1",
        "http://user@a.test",
    ] {
        let message = refusal(&[("AWS_ENDPOINT_URL_STS", url)], &[]);
        assert!(
            message.starts_with("AWS_ENDPOINT_URL_STS is not an endpoint URL"),
            "{url}: {message}"
        );
    }
    let message = refusal(&[], &[("endpoint_url", "x")]);
    assert!(
        message.starts_with("endpoint_url of profile dev"),
        "{message}"
    );
    let message = refusal(&[("AWS_ENDPOINT_URL", "https://jane:hush@a.test")], &[]);
    assert!(!message.contains("hush"), "{message}");
    assert!(
        with(&[("AWS_ENDPOINT_URL", "http://[::1]:4566")], &[])
            .sts_endpoint
            .is_some()
    );
}

#[test]
fn there_are_three_attempts_unless_set_and_at_least_one() {
    assert_eq!(with(&[], &[]).max_attempts, 3);
    assert_eq!(with(&[], &[("max_attempts", "5")]).max_attempts, 5);
    let both = with(&[("AWS_MAX_ATTEMPTS", "1")], &[("max_attempts", "5")]);
    assert_eq!(both.max_attempts, 1);
    // The most that the SDK ever makes: it spins if the number is larger.
    for value in ["102", "1000000000", "4294967295"] {
        assert_eq!(with(&[("AWS_MAX_ATTEMPTS", value)], &[]).max_attempts, 101);
    }
    for value in ["0", "many", "-1", "1.5", "99999999999"] {
        let message = refusal(&[("AWS_MAX_ATTEMPTS", value)], &[]);
        assert!(message.starts_with("AWS_MAX_ATTEMPTS is not"), "{message}");
    }
    let message = refusal(&[], &[("max_attempts", "0")]);
    assert!(
        message.starts_with("max_attempts of profile dev"),
        "{message}"
    );
}

#[test]
fn switches_are_read_from_the_environment_before_the_profile() {
    let profile = [
        ("use_fips_endpoint", "true"),
        ("use_dualstack_endpoint", "True"),
    ];
    let settings = with(&[("AWS_USE_FIPS_ENDPOINT", "false")], &profile);
    assert_eq!((settings.fips, settings.dualstack), (false, true));
    let message = refusal(&[("AWS_USE_FIPS_ENDPOINT", "yes")], &[]);
    assert_eq!(
        message,
        "AWS_USE_FIPS_ENDPOINT is neither true nor false: yes"
    );
}

#[test]
fn fips_and_a_custom_endpoint_exclude_each_other() {
    let message = refusal(
        &[
            ("AWS_ENDPOINT_URL", "http://a.test"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
        ],
        &[],
    );
    assert!(
        message.starts_with("AWS_ENDPOINT_URL sets an endpoint"),
        "{message}"
    );
}

#[test]
fn legacy_sts_means_the_global_endpoint_only_if_it_exists() {
    let legacy = ("sts_regional_endpoints", "legacy");
    for (region, global) in [
        ("eu-west-1", true),
        ("eu-south-1", false),
        ("cn-north-1", false),
    ] {
        assert_eq!(
            with(&[], &[legacy, ("region", region)]).sts_global,
            global,
            "{region}"
        );
    }
    assert!(!with(&[("AWS_STS_REGIONAL_ENDPOINTS", "regional")], &[legacy]).sts_global);
    assert!(!with(&[("AWS_USE_FIPS_ENDPOINT", "true")], &[legacy]).sts_global);
    assert!(!with(&[], &[]).sts_global);
    let message = refusal(&[], &[("sts_regional_endpoints", "global")]);
    assert!(message.contains("neither legacy nor regional"), "{message}");
}

#[test]
fn the_ca_bundle_remembers_the_setting_that_names_it() {
    let env = [("AWS_CA_BUNDLE", "/a.pem")];
    let profile = [("ca_bundle", "/b.pem")];
    let bundle = with(&env, &profile).ca_bundle.unwrap();
    assert_eq!(
        (bundle.path.to_str(), bundle.named_by.as_str()),
        (Some("/a.pem"), "AWS_CA_BUNDLE")
    );
    let bundle = with(&[], &profile).ca_bundle.unwrap();
    assert_eq!(bundle.named_by, "ca_bundle of profile dev");
}

#[test]
fn proxies_come_from_the_environment_in_either_case() {
    let proxies = with(
        &[
            ("https_proxy", "proxy.test:8080"),
            ("ALL_PROXY", "http://all.test"),
            ("no_proxy", "a.test,b.test"),
        ],
        &[],
    )
    .proxies;
    assert_eq!(proxies.https.as_deref(), Some("http://proxy.test:8080"));
    assert_eq!(proxies.http.as_deref(), Some("http://all.test"));
    assert_eq!(proxies.except.as_deref(), Some("a.test,b.test"));
}

// Windows has one variable for both.
#[cfg(unix)]
#[test]
fn lower_case_variables_win_as_in_the_aws_cli() {
    let proxies = with(
        &[
            ("HTTPS_PROXY", "http://upper.test"),
            ("https_proxy", "http://lower.test"),
            ("NO_PROXY", "a.test"),
            ("no_proxy", "b.test"),
        ],
        &[],
    )
    .proxies;
    assert_eq!(proxies.https.as_deref(), Some("http://lower.test"));
    assert_eq!(proxies.except.as_deref(), Some("b.test"));
}

// Windows has one variable for both.
#[cfg(unix)]
#[test]
fn an_empty_variable_in_lower_case_turns_the_proxy_off() {
    let proxies = with(
        &[
            ("HTTPS_PROXY", "http://upper.test"),
            ("https_proxy", ""),
            ("ALL_PROXY", "http://all.test"),
            ("NO_PROXY", "*"),
            ("no_proxy", ""),
        ],
        &[],
    )
    .proxies;
    assert_eq!(proxies.https, None);
    assert_eq!(proxies.http.as_deref(), Some("http://all.test"));
    assert_eq!(proxies.except, None);
}

/// Each row was compared with `botocore.utils.should_bypass_proxies`.
#[test]
fn no_proxy_works_as_in_the_aws_cli() {
    for (list, url, is_direct) in [
        ("*", "https://sts.eu-west-1.amazonaws.com", true),
        ("*", "http://127.0.0.1:4566", true),
        ("*", "http://[::1]:4566", true),
        ("a.test,*", "https://b.test", false),
        ("*.amazonaws.com", "https://sts.amazonaws.com", false),
        ("127.0.0.1", "http://127.0.0.1:4566", true),
        ("127.0.0.1:4566", "http://127.0.0.1:4566", true),
        ("127.0.0.1:4567", "http://127.0.0.1:4566", false),
        ("127.0.0.1:4566", "http://127.0.0.1", false),
        ("0.0.1", "http://127.0.0.1:4566", true),
        ("27.0.0.1", "http://127.0.0.1:4566", false),
        ("127.0.0.0/8", "http://127.0.0.1:4566", false),
        ("[::1]", "http://[::1]:4566", true),
        ("[::1]:4566", "http://[::1]:4566", true),
        ("::1", "http://[::1]:4566", false),
        ("localhost:4566", "http://localhost:4566", true),
        ("localhost:4566", "http://localhost:4567", false),
        ("LocalHost", "http://LOCALHOST:1", true),
        ("amazonaws.com", "https://sts.eu-west-1.amazonaws.com", true),
        ("..amazonaws.com", "https://sts.amazonaws.com", true),
        (".sts.amazonaws.com", "https://sts.amazonaws.com", true),
        ("naws.com", "https://sts.amazonaws.com", false),
        ("amazonaws.com:443", "https://sts.amazonaws.com", false),
        ("amazonaws.com:443", "https://sts.amazonaws.com:443", true),
        (
            " a.test , , sts.amazonaws.com ",
            "https://sts.amazonaws.com",
            true,
        ),
        (
            "a.test sts.amazonaws.com",
            "https://sts.amazonaws.com",
            false,
        ),
        (",", "https://sts.amazonaws.com", false),
    ] {
        let env = [("ALL_PROXY", "http://p.test:3128"), ("NO_PROXY", list)];
        let proxies = with(&env, &[]).proxies;
        let url = url.parse().unwrap();
        let proxy = (!is_direct).then_some("http://p.test:3128");
        assert_eq!(proxies.for_url(&url), proxy, "{list} {url}");
    }
}

#[test]
fn an_unused_proxy_may_be_unusable() {
    let socks = ("ALL_PROXY", "socks5://p.test");
    assert!(with(&[socks, ("NO_PROXY", "*")], &[]).proxies == Proxies::default());
    assert!(refusal(&[socks, ("NO_PROXY", "a.test")], &[]).contains("SOCKS"));
}

#[test]
fn a_cgi_programs_upper_case_http_proxy_is_ignored() {
    let env = [
        ("HTTP_PROXY", "http://evil.test"),
        ("REQUEST_METHOD", "GET"),
    ];
    assert!(with(&env, &[]).proxies.http.is_none());
    assert!(with(&env[..1], &[]).proxies.http.is_some());
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_without_showing_it() {
    for url in ["socks5://jane:hush@p.test", "SOCKS5H://p.test"] {
        let message = refusal(&[("ALL_PROXY", url)], &[]);
        assert!(
            message.contains("ALL_PROXY points to a SOCKS proxy"),
            "{message}"
        );
        assert!(!message.contains("hush"));
    }
    for url in [
        "http://jane:hush@",
        "ftp://p.test",
        "http://p.test:port",
        "http://p:99999",
        "::",
    ] {
        let message = refusal(&[("HTTPS_PROXY", url)], &[]);
        assert_eq!(message, "HTTPS_PROXY is not a proxy URL", "{url}");
    }
}

#[test]
fn debug_output_hides_a_proxys_password() {
    let settings = with(&[("HTTPS_PROXY", "http://jane:hush@p.test")], &[]);
    assert!(!format!("{settings:?}").contains("hush"));
}
