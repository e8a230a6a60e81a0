//! Resolves how AWS is reached: from flags, environment values and profile settings to one checked
//! [`Settings`]. The caller hands in the values; no file or variable is read here.
//!
//! Everything that the SDK would panic on or silently ignore is refused, by name.

mod endpoint;
mod proxy;
mod region;
mod sources;
#[cfg(test)]
mod tests;

use crate::exit::{Exit, Failure, Result};
use crate::profile::paired;
use endpoint::endpoint;
pub(super) use endpoint::host_and_port;
use http::Uri;
pub(crate) use proxy::Proxies;
use proxy::proxies;
pub(crate) use region::{is_like_region, named_region};
use region::{legacy_sts, region};
pub(crate) use sources::Sources;
use sources::{Named, setting, switch, unusable};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Names the file of the system's authorities.
pub(super) const CERT_FILE: &str = "SSL_CERT_FILE";
/// Names the folders of them.
pub(super) const CERT_FOLDERS: &str = "SSL_CERT_DIR";

/// How AWS is reached, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The region of the endpoints and of the signatures.
    pub(crate) region: String,
    /// Whether STS is asked at its global endpoint (`sts_regional_endpoints = legacy`).
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
    /// The variables that name the system's authorities.
    pub(crate) authorities: Authorities,
    /// How often a request is sent at most; at least 1.
    pub(crate) max_attempts: u32,
    /// The proxies of the environment.
    pub(crate) proxies: Proxies,
    /// How long to wait for what.
    pub(crate) timeouts: Timeouts,
    /// What named the region and the endpoints.
    pub(crate) origins: Origins,
}

/// An endpoint that is not AWS's own.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    /// Its URL, fit to be shown.
    pub(crate) url: String,
    /// Its host, without the port.
    pub(crate) host: String,
    /// The variable or the profile's key that names it.
    pub(crate) named_by: String,
    /// Whether what is sent there can be read on the way: neither TLS nor this computer.
    pub(crate) is_open: bool,
}

/// The flag, the variable or the profile's key that named a setting; none where nothing did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    /// Of the region.
    pub(crate) region: Option<String>,
    /// Of the endpoint of STS.
    pub(crate) sts: Option<String>,
    /// Of the endpoint of IAM.
    pub(crate) iam: Option<String>,
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

/// The variables by which OpenSSL, and all that goes by it, finds the system's authorities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authorities {
    /// `SSL_CERT_FILE`; the empty path where it is set to nothing.
    pub(crate) file: Option<PathBuf>,
    /// `SSL_CERT_DIR`, a list of folders as in `PATH`.
    pub(crate) folders: Option<String>,
}

const DEFAULT_ATTEMPTS: u32 = 3;

/// The SDK pays each resend from a quota of 500, with 5 or more, so it never tries more often. It
/// would reckon with a larger number before the first try, for seconds.
const MOST_ATTEMPTS: u32 = 101;

impl fmt::Display for Settings {
    /// Where AWS will be asked, for `-v`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AWS region {}", self.region)?;
        match &self.sts_endpoint {
            None => Ok(()),
            Some(url) => write!(f, ", STS at {}", endpoint::shown(url)),
        }
    }
}

impl Settings {
    /// Resolves and checks every setting. The error is a [`Failure`] that names the variable or
    /// the profile's key that can't be used.
    pub(crate) fn resolve(sources: &Sources<'_>) -> Result<Self> {
        Self::resolve_or_tell_all(sources).map_err(|mut failures| failures.swap_remove(0))
    }

    /// The same with every setting that can't be used, in the order in which they are looked at.
    pub(crate) fn resolve_or_tell_all(sources: &Sources<'_>) -> Result<Self, Vec<Failure>> {
        let mut wrong = Wrong::default();
        wrong.of(refuse_other_partitions(sources));
        let region = wrong.of(region(sources));
        let fips = wrong.of(switch(sources, &paired::FIPS));
        let dualstack = wrong.of(switch(sources, &paired::DUALSTACK));
        let sts = wrong.of(endpoint(sources, "sts"));
        let iam = wrong.of(endpoint(sources, "iam"));
        if let (Some(fips), Some(dualstack), Some(sts), Some(iam)) = (fips, dualstack, &sts, &iam) {
            wrong.of(check_alone(sts.as_ref().or(iam.as_ref()), fips, dualstack));
        }
        let legacy = region.as_ref();
        let legacy = legacy.and_then(|region| wrong.of(legacy_sts(sources, &region.value)));
        let max_attempts = wrong.of(max_attempts(sources));
        let proxies = wrong.of(proxies(sources));
        let (
            Some(region),
            Some(fips),
            Some(dualstack),
            Some(sts),
            Some(iam),
            Some(legacy),
            Some(max_attempts),
            Some(proxies),
            [],
        ) = (
            region,
            fips,
            dualstack,
            sts,
            iam,
            legacy,
            max_attempts,
            proxies,
            wrong.0.as_slice(),
        )
        else {
            return Err(wrong.0);
        };
        // At any other endpoint the signature needs the region itself.
        let sts_global = legacy && sts.is_none() && !fips && !dualstack;
        let of = |named: &Option<Named>| named.as_ref().map(|it| it.from.clone());
        Ok(Self {
            origins: Origins {
                region: region.from,
                sts: of(&sts),
                iam: of(&iam),
            },
            region: region.value,
            sts_global,
            sts_endpoint: sts.map(|e| e.value),
            iam_endpoint: iam.map(|e| e.value),
            fips,
            dualstack,
            ca_bundle: setting(sources, &paired::CA_BUNDLE).map(|s| CaBundle {
                path: s.value.into(),
                named_by: s.from,
            }),
            authorities: Authorities {
                file: (sources.is_set)(CERT_FILE)
                    .then(|| (sources.env)(CERT_FILE).unwrap_or_default().into()),
                folders: (sources.env)(CERT_FOLDERS),
            },
            max_attempts,
            proxies,
            timeouts: Timeouts::default(),
        })
    }
}

impl Authorities {
    /// Whether a variable names them.
    pub(crate) fn are_named(&self) -> bool {
        self.file.is_some() || self.folders.is_some()
    }
}

impl Settings {
    /// The endpoint of STS and that of IAM, where they are not AWS's own.
    pub(crate) fn endpoints(&self) -> [Option<Elsewhere>; 2] {
        let elsewhere = |url: &Option<String>, named_by: &Option<String>| {
            let url = url.as_deref()?;
            let uri = url.parse::<Uri>().ok();
            let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
            let is_plain = uri.as_ref().and_then(Uri::scheme_str) == Some("http");
            Some(Elsewhere {
                url: endpoint::shown(url),
                host: host.to_owned(),
                named_by: named_by.clone().unwrap_or_default(),
                is_open: is_plain && !is_this_computer(host),
            })
        };
        [
            elsewhere(&self.sts_endpoint, &self.origins.sts),
            elsewhere(&self.iam_endpoint, &self.origins.iam),
        ]
    }
}

/// Whether a host is the computer that this runs on.
pub(crate) fn is_this_computer(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback())
}

/// What is wrong with the settings, in the order in which it was found.
#[derive(Default)]
struct Wrong(Vec<Failure>);

impl Wrong {
    /// The setting that was found, where it can be used.
    fn of<T>(&mut self, found: Result<T>) -> Option<T> {
        found.map_err(|failure| self.0.push(failure)).ok()
    }
}

/// Refuses FIPS and dual-stack endpoints beside one that is set.
fn check_alone(endpoint: Option<&Named>, fips: bool, dualstack: bool) -> Result<()> {
    match endpoint {
        Some(endpoint) if fips || dualstack => {
            let kind = if fips { "FIPS" } else { "dual-stack" };
            Err(Failure::new(
                Exit::Failed,
                format!(
                    "{} sets an endpoint, but {kind} endpoints are turned on as well",
                    endpoint.from
                ),
            )
            .hint("remove one of the two settings"))
        }
        _ => Ok(()),
    }
}

/// The SDK reads the file that this variable names to its end, whatever it is, and panics on one that
/// it can't use; an empty name counts, too.
fn refuse_other_partitions(sources: &Sources<'_>) -> Result<()> {
    const PARTITIONS: &str = "SMITHY_CLIENT_SDK_CUSTOM_PARTITION";
    if (sources.is_set)(PARTITIONS) {
        return Err(Failure::failed(format!(
            "{PARTITIONS} is set, but awsmfa works only in AWS's own partitions"
        ))
        .hint(format!(
            "unset {PARTITIONS}; to use another host, set AWS_ENDPOINT_URL"
        )));
    }
    Ok(())
}

fn max_attempts(sources: &Sources<'_>) -> Result<u32> {
    let Some(Named { value, from }) = setting(sources, &paired::MAX_ATTEMPTS) else {
        return Ok(DEFAULT_ATTEMPTS);
    };
    match value.parse::<u32>() {
        Ok(attempts) if attempts > 0 => Ok(attempts.min(MOST_ATTEMPTS)),
        _ => Err(unusable(
            &from,
            &value,
            "is not a number of attempts",
            "give a whole number, 1 or more",
        )),
    }
}
