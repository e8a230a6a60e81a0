//! Chooses the endpoint of a service if it is not AWS's own, and takes URLs apart. It does not connect.

use super::sources::{InProfile, Named, Sources, from_env, from_profile, present, switch};
use crate::exit::{Exit, Failure, Result};
use crate::profile::paired::{self, endpoint_variable};
use crate::text::excerpt;
use http::Uri;

/// The endpoint of `service`, as named in a `[services …]` section.
pub(super) fn endpoint(sources: &Sources<'_>, service: &str) -> Result<Option<Named>> {
    if switch(sources, &paired::IGNORE_ENDPOINTS)? {
        return Ok(None);
    }
    let of_all = paired::ENDPOINT.variables.iter();
    let chosen = endpoint_variable(service)
        .and_then(|variable| from_env(sources, &variable))
        .or_else(|| of_all.copied().find_map(|name| from_env(sources, name)))
        .or_else(|| {
            let InProfile { value, profile } = (sources.service)(service, paired::ENDPOINT.key)?;
            Some(Named {
                value: present(value)?,
                from: format!(
                    "endpoint_url of {service} in the services section of profile {profile}"
                ),
            })
        })
        .or_else(|| from_profile(sources, paired::ENDPOINT.key));
    let Some(named) = chosen else {
        return Ok(None);
    };
    if is_web_url(&named.value) {
        Ok(Some(named))
    } else {
        Err(Failure::new(
            Exit::Failed,
            format!(
                "{} is not an endpoint URL: {}",
                named.from,
                shown(&named.value)
            ),
        )
        .hint("an endpoint looks like https://sts.eu-west-1.amazonaws.com, without a user name or a query"))
    }
}

/// Whether it is `http://` or `https://` with a host, no user name and no query, so that a request's
/// path can be appended.
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

/// `url` for messages: scheme, host, port and path. It leaves out a user name and password, and a query,
/// which may contain a token. If it is unclear which of these an `@` belongs to, only the scheme is
/// shown.
pub(super) fn shown(url: &str) -> String {
    let is_scheme = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric());
    let (scheme, rest) = match url.find("://") {
        Some(at) if is_scheme(&url[..at]) => url.split_at(at + 3),
        _ => ("", url),
    };
    let (place, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    if query.contains('@') {
        return excerpt(scheme) + "…";
    }
    // A password may contain a slash.
    let place = place.rsplit('@').next().unwrap_or_default();
    let authority = place.split('/').next().unwrap_or_default();
    // There may be a user and a password without a host.
    match authority.split_once(':') {
        Some((user, port))
            if !user.starts_with('[') && !port.bytes().all(|it| it.is_ascii_digit()) =>
        {
            excerpt(scheme) + &excerpt(user) + ":…"
        }
        _ => excerpt(scheme) + &excerpt(place),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn neither_the_user_nor_the_query_of_a_url_is_shown() {
        for (url, expected) in [
            ("https://sts.test:8443/path", "https://sts.test:8443/path"),
            ("https://me:hush@sts.test/path", "https://sts.test/path"),
            ("https://me:hu/sh@sts.test/path", "https://sts.test/path"),
            ("https://me:hu@sh@sts.test", "https://sts.test"),
            ("https://sts.test/path?token=hush", "https://sts.test/path"),
            ("https://sts.test#hush", "https://sts.test"),
            ("https://sts.test?token=hu@sh", "https://…"),
            ("me:hush", "me:…"),
            ("https://me:hu/sh", "https://me:…"),
            ("localhost:4566", "localhost:4566"),
            ("http://[::1]:x", "http://[::1]:x"),
            ("https://me:hu?sh@sts.test", "https://…"),
            ("https://me:hu#sh@sts.test", "https://…"),
            ("me:hush@sts.test", "sts.test"),
            ("me:hush@https://sts.test", "https://sts.test"),
            ("https:/me:hush@sts.test", "sts.test"),
            ("sts.test?token=hush", "sts.test"),
            ("nonsense", "nonsense"),
            ("https://sts.test/\nhush", "https://sts.test/…"),
            ("", ""),
        ] {
            assert_eq!(shown(url), expected, "{url}");
            assert!(!shown(url).contains("sh@"), "{url}");
        }
    }
}
