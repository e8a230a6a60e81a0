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
