//! Owns how AWS is to be reached: from flags, environment values and profile settings to one
//! checked [`Settings`]. Pure: the caller hands in the values, and no file or variable is read.
//!
//! Everything that the SDK would panic on or silently ignore is refused here, by name.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use http::Uri;

use crate::exit::{Exit, Failure};

/// Where [`Settings::resolve`] finds its values.
pub(crate) struct Sources<'a> {
    /// A variable of the environment; an empty one counts as absent.
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    /// A key of the profile, both files merged.
    pub(crate) profile: &'a dyn Fn(&str) -> Option<String>,
    /// A key of a service (`sts`, `iam`) in the `[services]` section that the profile names.
    pub(crate) service: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The profile's name, for messages.
    pub(crate) profile_name: &'a str,
    /// The value of `--region`.
    pub(crate) region_flag: Option<&'a str>,
    /// The partition of the MFA serial's ARN, such as `aws-cn`, when one is known.
    pub(crate) partition: Option<&'a str>,
}

/// How AWS is reached, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The region of the endpoints and of the signatures.
    pub(crate) region: String,
    /// True when STS is asked at its global endpoint (`sts_regional_endpoints = legacy`).
    pub(crate) sts_global: bool,
    /// The STS endpoint when it is not AWS's own.
    pub(crate) sts_endpoint: Option<String>,
    /// The IAM endpoint when it is not AWS's own.
    pub(crate) iam_endpoint: Option<String>,
    /// FIPS endpoints.
    pub(crate) fips: bool,
    /// Dual-stack endpoints.
    pub(crate) dualstack: bool,
    /// The file of the authorities to trust in place of the system's.
    pub(crate) ca_bundle: Option<CaBundle>,
    /// How often a request is sent at most; at least 1.
    pub(crate) max_attempts: u32,
    /// The proxies of the environment.
    pub(crate) proxies: Proxies,
    /// How long to wait for what.
    pub(crate) timeouts: Timeouts,
}

/// How long to wait for what; no setting changes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// From the first packet to a usable connection: name, TCP, proxy and TLS handshake.
    pub(crate) connect: Duration,
    /// One attempt of a call that may be sent again at will: short of the call's own limit, so
    /// that a connection that died unnoticed is left for a new one.
    pub(crate) attempt: Duration,
    /// One call with all its attempts.
    pub(crate) call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            call: Duration::from_secs(30),
        }
    }
}

/// A file of certificates, and the setting that names it.
#[derive(Clone, Debug)]
pub(crate) struct CaBundle {
    /// The file.
    pub(crate) path: PathBuf,
    /// The variable or the profile's key, for messages.
    pub(crate) named_by: String,
}

/// The proxies of the environment: URLs with a scheme, checked.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    /// For `http://` endpoints.
    pub(crate) http: Option<String>,
    /// For `https://` endpoints.
    pub(crate) https: Option<String>,
    /// The hosts that are reached without one.
    pub(crate) except: Option<String>,
}

impl fmt::Debug for Proxies {
    // A proxy's URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("except", &self.except)
            .finish()
    }
}

/// A value with the name of the setting that gave it.
struct Named {
    value: String,
    from: String,
}

const DEFAULT_ATTEMPTS: u32 = 3;

/// The regions that `sts_regional_endpoints = legacy` sends to the global endpoint
/// (AWS SDKs and Tools Reference Guide, "AWS STS Regional endpoints").
const LEGACY_STS_REGIONS: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "aws-global",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl Settings {
    /// Resolves and checks every setting. The error is a [`Failure`] that names the variable or
    /// the profile's key that can't be used.
    pub(crate) fn resolve(sources: &Sources<'_>) -> Result<Self> {
        let region = region(sources)?;
        let fips = switch(sources, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
        let dualstack = switch(
            sources,
            "AWS_USE_DUALSTACK_ENDPOINT",
            "use_dualstack_endpoint",
        )?;
        let sts = endpoint(sources, "sts", "AWS_ENDPOINT_URL_STS")?;
        let iam = endpoint(sources, "iam", "AWS_ENDPOINT_URL_IAM")?;
        if let Some(endpoint) = sts.as_ref().or(iam.as_ref())
            && (fips || dualstack)
        {
            let kind = if fips { "FIPS" } else { "dual-stack" };
            return Err(Failure::new(
                Exit::Failed,
                format!(
                    "{} sets an endpoint, and {kind} endpoints are asked for as well",
                    endpoint.from
                ),
            )
            .hint("remove one of the two settings")
            .into());
        }
        let sts_global = legacy_sts(sources)?
            && !fips
            && !dualstack
            && LEGACY_STS_REGIONS.contains(&region.as_str());
        Ok(Self {
            region,
            sts_global,
            sts_endpoint: sts.map(|e| e.value),
            iam_endpoint: iam.map(|e| e.value),
            fips,
            dualstack,
            ca_bundle: setting(sources, "AWS_CA_BUNDLE", "ca_bundle").map(|s| CaBundle {
                path: s.value.into(),
                named_by: s.from,
            }),
            max_attempts: max_attempts(sources)?,
            proxies: proxies(sources)?,
            timeouts: Timeouts::default(),
        })
    }
}

/// The region that a partition's global services live in; `None` for an unknown partition.
pub(crate) fn home_region(partition: &str) -> Option<&'static str> {
    Some(match partition {
        "aws" => "us-east-1",
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        _ => return None,
    })
}

/// The variable, else the profile's key.
fn setting(sources: &Sources<'_>, variable: &str, key: &str) -> Option<Named> {
    from_env(sources, variable).or_else(|| from_profile(sources, key))
}

fn from_env(sources: &Sources<'_>, variable: &str) -> Option<Named> {
    let value = (sources.env)(variable)?;
    Some(Named {
        value: present(value)?,
        from: variable.to_owned(),
    })
}

fn from_profile(sources: &Sources<'_>, key: &str) -> Option<Named> {
    let value = (sources.profile)(key)?;
    Some(Named {
        value: present(value)?,
        from: format!("{key} of profile {}", sources.profile_name),
    })
}

fn present(value: String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn region(sources: &Sources<'_>) -> Result<String> {
    let chosen = sources
        .region_flag
        .map(|value| Named {
            value: value.trim().to_owned(),
            from: "--region".to_owned(),
        })
        .or_else(|| from_env(sources, "AWS_REGION"))
        .or_else(|| from_env(sources, "AWS_DEFAULT_REGION"))
        .or_else(|| from_profile(sources, "region"));
    let Some(Named { value, from }) = chosen else {
        let partition = sources.partition.unwrap_or("aws");
        return home_region(partition).map(str::to_owned).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!(
                    "no region is set, and none is known for the partition {}",
                    partition.escape_default()
                ),
            )
            .hint("name one with --region")
            .into()
        });
    };
    // The region becomes part of a host name, so anything else could name another host.
    let sane = !value.is_empty()
        && value.len() <= 63
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !value.starts_with('-')
        && !value.ends_with('-');
    if sane {
        Ok(value)
    } else {
        Err(unusable(
            &from,
            &value,
            "is not a region",
            "a region looks like eu-west-1",
        )
        .into())
    }
}

fn endpoint(sources: &Sources<'_>, service: &str, variable: &str) -> Result<Option<Named>> {
    if switch(
        sources,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls",
    )? {
        return Ok(None);
    }
    let chosen = from_env(sources, variable)
        .or_else(|| from_env(sources, "AWS_ENDPOINT_URL"))
        .or_else(|| {
            let value = present((sources.service)(service, "endpoint_url")?)?;
            Some(Named {
                value,
                from: format!(
                    "endpoint_url of {service} in the services section of profile {}",
                    sources.profile_name
                ),
            })
        })
        .or_else(|| from_profile(sources, "endpoint_url"));
    let Some(named) = chosen else {
        return Ok(None);
    };
    if is_web_url(&named.value) {
        Ok(Some(named))
    } else {
        Err(Failure::new(
            Exit::Failed,
            format!(
                "{} is not an endpoint's URL: {}",
                named.from,
                without_userinfo(&named.value).escape_default()
            ),
        )
        .hint("an endpoint looks like https://sts.eu-west-1.amazonaws.com")
        .into())
    }
}

/// True for `http://` or `https://` with a host, no user name and no query, which is what a
/// request's path can be joined to.
fn is_web_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && port_is_usable(&uri)
        && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
        && uri.query().is_none()
}

/// False for `host:` and `host:99999`, which parse but can't be connected to.
fn port_is_usable(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else {
        return false;
    };
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    uri.port_u16().is_some_and(|port| port != 0) || uri.host() == Some(host_and_port)
}

fn max_attempts(sources: &Sources<'_>) -> Result<u32> {
    let Some(Named { value, from }) = setting(sources, "AWS_MAX_ATTEMPTS", "max_attempts") else {
        return Ok(DEFAULT_ATTEMPTS);
    };
    match value.parse() {
        Ok(attempts) if attempts > 0 => Ok(attempts),
        _ => Err(unusable(
            &from,
            &value,
            "is not a number of attempts",
            "give a whole number, 1 or more",
        )
        .into()),
    }
}

fn switch(sources: &Sources<'_>, variable: &str, key: &str) -> Result<bool> {
    let Some(Named { value, from }) = setting(sources, variable, key) else {
        return Ok(false);
    };
    if value.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if value.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(unusable(
            &from,
            &value,
            "is neither true nor false",
            "give true or false",
        )
        .into())
    }
}

fn legacy_sts(sources: &Sources<'_>) -> Result<bool> {
    let Some(Named { value, from }) = setting(
        sources,
        "AWS_STS_REGIONAL_ENDPOINTS",
        "sts_regional_endpoints",
    ) else {
        return Ok(false);
    };
    if value.eq_ignore_ascii_case("legacy") {
        Ok(true)
    } else if value.eq_ignore_ascii_case("regional") {
        Ok(false)
    } else {
        Err(unusable(
            &from,
            &value,
            "is neither legacy nor regional",
            "give legacy or regional",
        )
        .into())
    }
}

fn proxies(sources: &Sources<'_>) -> Result<Proxies> {
    // A web server hands a request's `Proxy:` header to CGI programs as HTTP_PROXY.
    let in_cgi = (sources.env)("REQUEST_METHOD").is_some();
    let either =
        |upper: &str, lower: &str| from_env(sources, upper).or_else(|| from_env(sources, lower));
    let all = || either("ALL_PROXY", "all_proxy");
    let http = if in_cgi {
        from_env(sources, "http_proxy")
    } else {
        either("HTTP_PROXY", "http_proxy")
    };
    Ok(Proxies {
        http: http.or_else(all).map(proxy).transpose()?,
        https: either("HTTPS_PROXY", "https_proxy")
            .or_else(all)
            .map(proxy)
            .transpose()?,
        except: either("NO_PROXY", "no_proxy").map(|named| named.value),
    })
}

/// Checks a proxy's URL and adds the scheme that may be left out.
fn proxy(Named { value, from }: Named) -> Result<String> {
    let url = if value.contains("://") {
        value
    } else {
        format!("http://{value}")
    };
    let scheme = url.split("://").next().unwrap_or_default();
    if scheme.to_ascii_lowercase().starts_with("socks") {
        return Err(Failure::new(
            Exit::Failed,
            format!("{from} names a SOCKS proxy, which awsmfa can't use"),
        )
        .hint("name an HTTP proxy, or list AWS's hosts in NO_PROXY")
        .into());
    }
    let usable = url.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && port_is_usable(&uri)
    });
    if usable {
        Ok(url)
    } else {
        // The URL may hold a password: it is named, not shown.
        Err(
            Failure::new(Exit::Failed, format!("{from} is not a proxy's URL"))
                .hint("a proxy looks like http://proxy.example.com:8080")
                .into(),
        )
    }
}

fn unusable(from: &str, value: &str, what: &str, hint: &str) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("{from} {what}: {}", value.escape_default()),
    )
    .hint(hint)
}

/// `url` with a user name and password cut out, for messages.
fn without_userinfo(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| start + at);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}{}", &url[..start], &url[start + at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
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
        Settings::resolve(&Sources {
            env: &|name| find(env, name),
            profile: &|key| find(profile, key),
            service: &|id, key| find(service, &format!("{id}.{key}")),
            profile_name: "dev",
            region_flag,
            partition,
        })
    }

    fn with(env: &[(&str, &str)], profile: &[(&str, &str)]) -> Settings {
        resolve(env, profile, &[], None, None).unwrap()
    }

    fn refusal(env: &[(&str, &str)], profile: &[(&str, &str)]) -> String {
        let error = resolve(env, profile, &[], None, None).unwrap_err();
        let failure = error.downcast_ref::<Failure>().unwrap();
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.hint.is_some());
        failure.message.clone()
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
    fn endpoints_come_from_the_most_particular_setting() {
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
    fn a_bad_endpoint_is_refused_by_name() {
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
                message.starts_with("AWS_ENDPOINT_URL_STS is not an endpoint's URL"),
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
    fn attempts_are_three_unless_set_and_never_none() {
        assert_eq!(with(&[], &[]).max_attempts, 3);
        assert_eq!(with(&[], &[("max_attempts", "5")]).max_attempts, 5);
        let both = with(&[("AWS_MAX_ATTEMPTS", "1")], &[("max_attempts", "5")]);
        assert_eq!(both.max_attempts, 1);
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
    fn fips_and_an_endpoint_of_ones_own_exclude_each_other() {
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
    fn legacy_sts_means_the_global_endpoint_only_where_it_exists() {
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
    fn the_ca_bundle_knows_the_setting_that_names_it() {
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
                message.contains("ALL_PROXY names a SOCKS proxy"),
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
            assert_eq!(message, "HTTPS_PROXY is not a proxy's URL", "{url}");
        }
    }

    #[test]
    fn debug_output_hides_a_proxys_password() {
        let settings = with(&[("HTTPS_PROXY", "http://jane:hush@p.test")], &[]);
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
