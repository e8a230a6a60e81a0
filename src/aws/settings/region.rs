//! Chooses the region that AWS is asked in, and whether STS is asked at its global endpoint. It
//! does not check that AWS has such a region.

use super::super::partition::home_region;
use super::sources::{Chosen, Named, Sources, from_env, from_profile, setting, unusable};
use crate::exit::{Exit, Failure, Result};
use crate::profile::paired;

/// The region of the endpoints and signatures.
pub(super) fn region(sources: &Sources<'_>) -> Result<Chosen> {
    if let Some(Named { value, from }) = named(sources)? {
        let from = Some(from);
        return Ok(Chosen { value, from });
    }
    let partition = sources.partition.unwrap_or("aws");
    let of_partition = |region: &str| Chosen {
        value: region.to_owned(),
        from: None,
    };
    home_region(partition).map(of_partition).ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            format!(
                "no region is set, and no default is known for the partition {}",
                partition.escape_default()
            ),
        )
        .hint("set one with --region")
    })
}

/// The region that the flag, a variable or the profile names, without the white space around it.
/// Fails where that is not a region.
pub(crate) fn named_region(sources: &Sources<'_>) -> Result<Option<String>> {
    Ok(named(sources)?.map(|region| region.value))
}

/// The same with what named it.
fn named(sources: &Sources<'_>) -> Result<Option<Named>> {
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
        return Ok(None);
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
        return Ok(Some(Named { value, from }));
    }
    let failure = unusable(
        &from,
        &value,
        "is not a region",
        "a region looks like eu-west-1",
    );
    // A flag is of the command line, a variable or a profile's key is a setting.
    Err(match sources.region_flag {
        Some(_) => Failure {
            exit: Exit::Usage,
            ..failure
        },
        None => failure,
    })
}

/// Whether `text` looks like one of AWS's regions: `eu-west-1`, `us-gov-east-1`, `cn-north-1`.
pub(crate) fn is_like_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, within @ .., number] = parts.as_slice() else {
        return false;
    };
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |it: &str| {
        !it.is_empty()
            && it
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= 32
        && area.len() >= 2
        && area.bytes().all(|byte| byte.is_ascii_lowercase())
        && !within.is_empty()
        && within.iter().all(|it| is_word(it))
        && is_number(number)
}

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

/// Whether STS is to be asked at its global endpoint for `region`.
pub(super) fn legacy_sts(sources: &Sources<'_>, region: &str) -> Result<bool> {
    let Some(Named { value, from }) = setting(sources, &paired::STS_REGIONAL) else {
        return Ok(false);
    };
    if value.eq_ignore_ascii_case("legacy") {
        Ok(LEGACY_STS_REGIONS.contains(&region))
    } else if value.eq_ignore_ascii_case("regional") {
        Ok(false)
    } else {
        Err(unusable(
            &from,
            &value,
            "is neither legacy nor regional",
            "use legacy or regional",
        ))
    }
}
