//! Chooses the endpoint of a service where it is not AWS's own, and takes URLs apart. It connects
//! to nothing.

use super::sources::{Named, Sources, from_env, from_profile, present, switch};
use crate::exit::{Exit, Failure, Result};
use http::Uri;

pub(super) fn endpoint(
    sources: &Sources<'_>,
    service: &str,
    variable: &str,
) -> Result<Option<Named>> {
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
        .hint("an endpoint looks like https://sts.eu-west-1.amazonaws.com"))
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
pub(super) fn port_is_usable(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else {
        return false;
    };
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    uri.port_u16().is_some_and(|port| port != 0) || uri.host() == Some(host_and_port)
}

/// `host:port` of a URL, with the port that its scheme implies.
pub(crate) fn host_and_port(url: &Uri) -> String {
    let implied = if url.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    format!(
        "{}:{}",
        url.host().unwrap_or_default(),
        url.port_u16().unwrap_or(implied)
    )
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
