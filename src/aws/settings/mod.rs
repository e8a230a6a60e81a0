//! Owns how AWS is to be reached: from flags, environment values and profile settings to one
//! checked [`Settings`]. Pure: the caller hands in the values, and no file or variable is read.
//!
//! Everything that the SDK would panic on or silently ignore is refused here, by name.

mod endpoint;
mod proxy;
mod region;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::exit::{Exit, Failure, Result};
use endpoint::endpoint;
pub(super) use endpoint::host_and_port;
pub(crate) use proxy::Proxies;
use proxy::proxies;
use region::{legacy_sts, region};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A value with the name of the setting that gave it.
struct Named {
    value: String,
    from: String,
}

const DEFAULT_ATTEMPTS: u32 = 3;

impl fmt::Display for Settings {
    /// Where AWS will be asked, for `-v`. An endpoint's user name and password stay out of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AWS region {}", self.region)?;
        match self.sts_endpoint.as_deref().map(|url| url.rsplit_once('@')) {
            None => Ok(()),
            Some(Some((_, host))) => write!(f, ", STS at {host}"),
            Some(None) => write!(f, ", STS at {}", self.sts_endpoint.as_deref().unwrap_or("")),
        }
    }
}

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
            .hint("remove one of the two settings"));
        }
        // The global endpoint's region is no region to sign for at any other.
        let sts_global = legacy_sts(sources, &region)? && sts.is_none() && !fips && !dualstack;

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
        )),
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
        ))
    }
}

fn unusable(from: &str, value: &str, what: &str, hint: &str) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("{from} {what}: {}", value.escape_default()),
    )
    .hint(hint)
}
