//! Checks how AWS would be reached: region, endpoints, proxies and trusted authorities. It connects to
//! nothing.

use super::devices;
use super::finding::{Finding, Level};
use super::names::Names;
use super::scene::Scene;
use crate::aws::check_authorities;
use crate::aws::settings::{Settings, is_like_region};
use crate::caller::Reach;

const REGION: &str = "region";
const ENDPOINT: &str = "endpoint";
const NETWORK: &str = "network";

/// Checks the settings, and returns them if they are usable.
pub(super) fn check(
    scene: &Scene,
    reach: &Reach,
    names: &mut Names,
) -> (Vec<Finding>, Option<Settings>) {
    let profiles = scene.profiles();
    let base = scene.source().and_then(|source| source.base(profiles));
    let profile = base.map_or_else(|_| scene.name(), |(base, _)| base);
    let device = devices::named(scene).ok().flatten();
    let partition = device.as_ref().and_then(|it| it.serial.partition());
    let settings = match reach.settings_or_tell_all(profiles, &profile, &[], partition) {
        Ok(settings) => settings,
        Err(failures) => {
            let failures = failures.into_iter();
            let findings = failures.map(|it| Finding::failure(Level::Bad, NETWORK, it));
            return (findings.collect(), None);
        }
    };
    let mut findings = vec![region(&settings)];
    findings.extend(endpoints(&settings, names));
    findings.extend(authorities_and_proxies(&settings, names));
    (findings, Some(settings))
}

fn region(settings: &Settings) -> Finding {
    let region = &settings.region;
    let from = match &settings.origins.region {
        Some(from) => format!("({from})"),
        None => "(none is set, so the partition's own)".to_owned(),
    };
    let kinds = [
        (settings.fips, "; FIPS endpoints"),
        (settings.dualstack, "; dual-stack endpoints"),
        (settings.sts_global, "; STS at its global endpoint"),
    ];
    let kinds: String = kinds
        .into_iter()
        .filter_map(|(is_set, words)| is_set.then_some(words))
        .collect();
    let text = format!("{region} {from}{kinds}");
    match is_like_region(region) {
        true => Finding::good(REGION, text),
        false => Finding::warning(REGION, format!("{text} does not look like an AWS region"))
            .hint("a region looks like eu-west-1"),
    }
}

fn endpoints(settings: &Settings, names: &mut Names) -> Vec<Finding> {
    let [sts, iam] = settings.endpoints();
    let is_one = sts.as_ref().map(|it| &it.url) == iam.as_ref().map(|it| &it.url);
    let of = match is_one {
        true => [("requests to AWS go", sts), ("", None)],
        false => [("requests to STS go", sts), ("requests to IAM go", iam)],
    };
    of.into_iter()
        .filter_map(|(what, endpoint)| {
            let endpoint = endpoint?;
            names.host(&endpoint.host);
            let text = format!("{what} to {} ({})", endpoint.url, endpoint.named_by);
            Some(match endpoint.is_open {
                true => Finding::warning(
                    ENDPOINT,
                    format!("{text}, where others can read the requests in transit"),
                )
                .hint("use https://, or unset it"),
                false => Finding::good(ENDPOINT, text),
            })
        })
        .collect()
}

fn authorities_and_proxies(settings: &Settings, names: &mut Names) -> Vec<Finding> {
    let mut proxies = Vec::new();
    for (scheme, place) in settings.proxies.shown() {
        names.host(place.rsplit_once(':').map_or(&*place, |(host, _)| host));
        proxies.push(format!("{scheme}:// goes through the proxy {place}"));
    }
    if let (false, Some(except)) = (proxies.is_empty(), &settings.proxies.except) {
        for host in except.split(',') {
            names.host(host.trim().trim_start_matches('.'));
        }
        proxies.push(format!("but not to {except} (NO_PROXY)"));
    }
    let proxies = match proxies.is_empty() {
        true => "no proxy".to_owned(),
        false => proxies.join(", "),
    };
    let trusted = match (&settings.ca_bundle, check_authorities(settings)) {
        (_, Err(failure)) => {
            return vec![
                Finding::good(NETWORK, proxies),
                Finding::failure(Level::Bad, NETWORK, failure),
            ];
        }
        (Some(bundle), Ok(())) => format!(
            "the certificate authorities in {} ({}) are trusted",
            bundle.path.display(),
            bundle.named_by
        ),
        (None, Ok(())) => match settings.authorities.are_named() {
            true => "the certificate authorities in SSL_CERT_FILE and SSL_CERT_DIR are trusted",
            false => "the system's certificate authorities are trusted",
        }
        .to_owned(),
    };
    vec![Finding::good(NETWORK, format!("{proxies}; {trusted}"))]
}
