//! Pairs each setting of a profile with the environment variables that AWS tools read for it, for every
//! room that reads or hands over either. It reads neither.
//!
//! Sources: AWS SDKs and Tools Reference Guide, "Settings reference"; `configprovider.py` of botocore,
//! and the additions of the AWS CLI.

/// A setting, and the variables that take precedence over it.
pub(crate) struct Paired {
    /// The key in a profile.
    pub(crate) key: &'static str,
    /// The variables; each tool reads one of them.
    pub(crate) variables: &'static [&'static str],
    /// The value that every tool treats like a missing setting; `None` if they differ.
    pub(crate) absent: Option<&'static str>,
}

const fn paired(key: &'static str, variables: &'static [&'static str]) -> Paired {
    Paired {
        key,
        variables,
        absent: None,
    }
}

/// A setting that is true or false, and false if it is missing.
const fn switch(key: &'static str, variables: &'static [&'static str]) -> Paired {
    Paired {
        key,
        variables,
        absent: Some("false"),
    }
}

/// A setting that means `absent` if it is missing.
const fn choice(
    key: &'static str,
    variables: &'static [&'static str],
    absent: &'static str,
) -> Paired {
    Paired {
        key,
        variables,
        absent: Some(absent),
    }
}

/// FIPS endpoints.
pub(crate) const FIPS: Paired = switch("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]);
/// Dual-stack endpoints.
pub(crate) const DUALSTACK: Paired =
    switch("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]);
/// Whether configured endpoints are ignored, including those of the environment.
pub(crate) const IGNORE_ENDPOINTS: Paired = switch(
    "ignore_configured_endpoint_urls",
    &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
);
/// The endpoint of all services. It is not in [`ALL`], because it goes together with the endpoints of
/// single services: see [`endpoint_variable`].
pub(crate) const ENDPOINT: Paired = paired("endpoint_url", &["AWS_ENDPOINT_URL"]);
/// The authorities to trust.
pub(crate) const CA_BUNDLE: Paired = paired("ca_bundle", &["AWS_CA_BUNDLE"]);
/// The maximum number of attempts at a request.
pub(crate) const MAX_ATTEMPTS: Paired = paired("max_attempts", &["AWS_MAX_ATTEMPTS"]);
/// Which STS endpoint is used.
pub(crate) const STS_REGIONAL: Paired =
    paired("sts_regional_endpoints", &["AWS_STS_REGIONAL_ENDPOINTS"]);

/// Every setting that has a variable, except the region and the endpoints.
pub(crate) const ALL: [Paired; 31] = [
    choice(
        "account_id_endpoint_mode",
        &["AWS_ACCOUNT_ID_ENDPOINT_MODE"],
        "preferred",
    ),
    paired("auth_scheme_preference", &["AWS_AUTH_SCHEME_PREFERENCE"]),
    CA_BUNDLE,
    paired("data_path", &["AWS_DATA_PATH"]),
    paired("defaults_mode", &["AWS_DEFAULTS_MODE"]),
    switch(
        "disable_host_prefix_injection",
        &["AWS_DISABLE_HOST_PREFIX_INJECTION"],
    ),
    switch(
        "disable_request_compression",
        &["AWS_DISABLE_REQUEST_COMPRESSION"],
    ),
    paired(
        "ec2_metadata_service_endpoint",
        &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
    ),
    paired(
        "ec2_metadata_service_endpoint_mode",
        &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
    ),
    switch(
        "ec2_metadata_v1_disabled",
        &["AWS_EC2_METADATA_V1_DISABLED"],
    ),
    // The reference has the first name; botocore and the SDK for Java 2.x read the second.
    paired(
        "endpoint_discovery_enabled",
        &[
            "AWS_ENABLE_ENDPOINT_DISCOVERY",
            "AWS_ENDPOINT_DISCOVERY_ENABLED",
        ],
    ),
    IGNORE_ENDPOINTS,
    switch("imds_use_ipv6", &["AWS_IMDS_USE_IPV6"]),
    MAX_ATTEMPTS,
    paired(
        "metadata_service_num_attempts",
        &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"],
    ),
    paired(
        "metadata_service_timeout",
        &["AWS_METADATA_SERVICE_TIMEOUT"],
    ),
    choice("output", &["AWS_DEFAULT_OUTPUT"], "json"),
    choice(
        "request_checksum_calculation",
        &["AWS_REQUEST_CHECKSUM_CALCULATION"],
        "when_supported",
    ),
    choice(
        "request_min_compression_size_bytes",
        &["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"],
        "10240",
    ),
    choice(
        "response_checksum_validation",
        &["AWS_RESPONSE_CHECKSUM_VALIDATION"],
        "when_supported",
    ),
    paired("retry_mode", &["AWS_RETRY_MODE"]),
    switch(
        "s3_disable_express_session_auth",
        &["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"],
    ),
    switch(
        "s3_disable_multiregion_access_points",
        &["AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"],
    ),
    paired(
        "s3_us_east_1_regional_endpoint",
        &["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"],
    ),
    // If it is missing, most SDKs assume false, and some true.
    paired("s3_use_arn_region", &["AWS_S3_USE_ARN_REGION"]),
    paired("sdk_ua_app_id", &["AWS_SDK_UA_APP_ID"]),
    paired(
        "sigv4a_signing_region_set",
        &["AWS_SIGV4A_SIGNING_REGION_SET"],
    ),
    STS_REGIONAL,
    switch("tcp_keepalive", &["BOTOCORE_TCP_KEEPALIVE"]),
    DUALSTACK,
    FIPS,
];

/// The value of the variable `name` that means the same as a missing one; `None` if there is no such
/// value.
pub(crate) fn absence_of(name: &str) -> Option<&'static str> {
    let setting = ALL.iter().find(|it| it.variables.contains(&name));
    setting?.absent
}

/// The variable for the endpoint of one service, by the service's name in a `[services …]` section;
/// `None` if that can't be a service name.
pub(crate) fn endpoint_variable(service: &str) -> Option<String> {
    let is_name = !service.is_empty()
        && service
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| format!("{}_{}", ENDPOINT.variables[0], service.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_setting_or_variable_is_listed_twice() {
        let all = || ALL.iter().chain([&ENDPOINT]);
        let keys: BTreeSet<&str> = all().map(|it| it.key).collect();
        assert_eq!(keys.len(), ALL.len() + 1);
        let variables = || all().flat_map(|it| it.variables);
        let distinct: BTreeSet<_> = variables().collect();
        assert_eq!(distinct.len(), variables().count());
    }

    #[test]
    fn the_variable_of_a_service_is_its_name_in_upper_case() {
        for (service, variable) in [
            ("s3", Some("AWS_ENDPOINT_URL_S3")),
            (
                "elastic_beanstalk",
                Some("AWS_ENDPOINT_URL_ELASTIC_BEANSTALK"),
            ),
            ("a;b", None),
            ("", None),
        ] {
            assert_eq!(endpoint_variable(service).as_deref(), variable, "{service}");
        }
    }
}
