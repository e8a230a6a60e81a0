//! Resolves how AWS is reached: turns flags, environment values and profile settings into one checked
//! [`Settings`]. The caller passes the values in; no file or variable is read here.
//!
//! Everything that the SDK would panic on or silently ignore is refused by name.

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
pub(crate) use sources::{InProfile, Sources};
use sources::{Named, setting, switch, unusable};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The variable that names the file of the system's authorities.
pub(super) const CERT_FILE: &str = "SSL_CERT_FILE";
/// The variable that names the folders of the system's authorities.
pub(super) const CERT_FOLDERS: &str = "SSL_CERT_DIR";

/// How AWS is reached, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The region of the endpoints and the signatures.
    pub(crate) region: String,
    /// Whether STS is reached at its global endpoint (`sts_regional_endpoints = legacy`).
    pub(crate) sts_global: bool,
    /// The STS endpoint, if it is not AWS's own.
    pub(crate) sts_endpoint: Option<String>,
    /// The IAM endpoint, if it is not AWS's own.
    pub(crate) iam_endpoint: Option<String>,
    /// FIPS endpoints.
    pub(crate) fips: bool,
    /// Dual-stack endpoints.
    pub(crate) dualstack: bool,
    /// The file of the authorities to trust instead of the system's.
    pub(crate) ca_bundle: Option<CaBundle>,
    /// The system's authorities, if variables name them.
    pub(crate) authorities: Authorities,
    /// The maximum number of attempts at a request; at least 1.
    pub(crate) max_attempts: u32,
    /// The proxies of the environment.
    pub(crate) proxies: Proxies,
    /// The timeouts.
    pub(crate) timeouts: Timeouts,
    /// The sources of the region and the endpoints.
    pub(crate) origins: Origins,
}

/// An endpoint that is not AWS's own.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    /// Its URL, in a form that can be shown.
    pub(crate) url: String,
    /// Its host, without the port.
    pub(crate) host: String,
    /// The variable or the profile's key that sets it.
    pub(crate) named_by: String,
    /// Whether others can read what is sent: it is neither TLS nor on this computer.
    pub(crate) is_open: bool,
}

/// The flag, variable or profile key that set each value; `None` if nothing did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    /// Of the region.
    pub(crate) region: Option<String>,
    /// Of the endpoint of STS.
    pub(crate) sts: Option<String>,
    /// Of the endpoint of IAM.
    pub(crate) iam: Option<String>,
}

/// The timeouts; no setting changes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// From the first packet to a usable connection: name, TCP, proxy and TLS handshake.
    pub(crate) connect: Duration,
    /// One attempt of a call that may be sent again freely. Shorter than the call's own limit, so that a
    /// connection that died unnoticed is replaced by a new one.
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

/// The variables in which OpenSSL, and programs that follow it, look for the system's authorities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authorities {
    /// `SSL_CERT_FILE`; an empty path if the variable is set but empty.
    pub(crate) file: Option<PathBuf>,
    /// `SSL_CERT_DIR`, a list of folders as in `PATH`.
    pub(crate) folders: Option<String>,
}

const DEFAULT_ATTEMPTS: u32 = 3;

/// The SDK pays each resend from a quota of 500, with 5 or more, so it never tries more often. With a
/// larger number it would spin for seconds before the first try.
const MOST_ATTEMPTS: u32 = 101;

impl fmt::Display for Settings {
    /// The address of AWS, for `-v`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AWS region {}", self.region)?;
        match &self.sts_endpoint {
            None => Ok(()),
            Some(url) => write!(f, ", STS at {}", endpoint::shown(url)),
        }
    }
}

impl Settings {
    /// Resolves and checks every setting. The [`Failure`] names the first variable or profile key that
    /// can't be used.
    pub(crate) fn resolve(sources: &Sources<'_>) -> Result<Self> {
        Self::resolve_or_tell_all(sources).map_err(|mut failures| failures.swap_remove(0))
    }

    /// Like [`Self::resolve`], but returns every setting that can't be used, in the order in which they
    /// are checked.
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
    /// Whether a variable names any.
    pub(crate) fn are_named(&self) -> bool {
        self.file.is_some() || self.folders.is_some()
    }

    /// The variable that counts, and its value, for messages.
    pub(crate) fn named_by(&self) -> Option<(&'static str, String)> {
        let file = self.file.as_ref();
        let file = file.map(|path| (CERT_FILE, path.display().to_string()));
        file.or_else(|| Some((CERT_FOLDERS, self.folders.clone()?)))
    }
}

impl Settings {
    /// The endpoints of STS and IAM, if they are not AWS's own.
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

/// The failures of the settings, in the order in which they were found.
#[derive(Default)]
struct Wrong(Vec<Failure>);

impl Wrong {
    /// The value, if it can be used; otherwise records the failure.
    fn of<T>(&mut self, found: Result<T>) -> Option<T> {
        found.map_err(|failure| self.0.push(failure)).ok()
    }
}

/// Refuses FIPS and dual-stack endpoints if an endpoint is set.
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

/// Refuses this variable, even an empty one: the SDK reads the file that it names to its end, whatever
/// it is, and panics if it can't use it.
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
