//! Reads the proxies of the environment and checks them: the SDK would ignore one that it can't use, and
//! connect to AWS directly. A proxy's URL may contain a password and is never shown.

use super::endpoint::{host_and_port, port_is_usable};
use super::sources::{Named, Sources, from_env};
use crate::exit::{Exit, Failure, Result};
use crate::value::keys::may_hold_secret;
use http::Uri;
use http::uri::Authority;
use std::fmt;

/// The proxies of the environment: URLs with a scheme, checked.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    /// For `http://` endpoints.
    pub(crate) http: Option<String>,
    /// For `https://` endpoints.
    pub(crate) https: Option<String>,
    /// The hosts that are reached without a proxy, as in `NO_PROXY`.
    pub(crate) except: Option<String>,
}

impl Proxies {
    /// The URL of the proxy for `url`.
    pub(crate) fn for_url(&self, url: &Uri) -> Option<&str> {
        let proxy = match url.scheme_str() {
            Some("https") => self.https.as_deref(),
            _ => self.http.as_deref(),
        };
        let is_excepted = |list: &str| url.authority().is_some_and(|it| excepts(list, it));
        proxy.filter(|_| !self.except.as_deref().is_some_and(is_excepted))
    }

    /// Each proxy as `host:port`, with the scheme of the endpoints that it is for.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&'static str, String)> {
        let all = [("https", &self.https), ("http", &self.http)];
        let shown = |url: &String| Some(host_and_port(&url.parse().ok()?));
        all.into_iter()
            .filter_map(move |(scheme, url)| Some((scheme, url.as_ref().and_then(shown)?)))
    }

    /// The proxy for `url` as `host:port`, for messages.
    pub(crate) fn shown_for_url(&self, url: &Uri) -> Option<String> {
        // It was parsed when the settings were resolved.
        let proxy = self.for_url(url)?.parse().ok()?;
        Some(host_and_port(&proxy))
    }
}

/// Whether `list`, a value of `NO_PROXY`, covers `authority`, by the rules of Python's urllib, which the
/// AWS CLI follows: `*` alone means everything; a name means that host and those below it; a name with a
/// port counts for URLs with that port. An address is a name like any other, in brackets if the URL has
/// them, and entries can't be ranges of addresses.
fn excepts(list: &str, authority: &Authority) -> bool {
    if list == EVERYTHING {
        return true;
    }
    let host = authority.host().to_ascii_lowercase();
    let host_and_port = authority.as_str().to_ascii_lowercase();
    list.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            let name = entry.trim_start_matches('.').to_ascii_lowercase();
            let is_below = |whole: &str| {
                let above = whole.strip_suffix(&name);
                above.is_some_and(|it| it.is_empty() || it.ends_with('.'))
            };
            is_below(&host) || is_below(&host_and_port)
        })
}

/// The `NO_PROXY` that covers every host.
const EVERYTHING: &str = "*";

impl fmt::Debug for Proxies {
    // A proxy's URL may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("except", &self.except)
            .finish()
    }
}

pub(super) fn proxies(sources: &Sources<'_>) -> Result<Proxies> {
    // A web server passes a request's `Proxy:` header to CGI programs as HTTP_PROXY.
    let in_cgi = (sources.env)("REQUEST_METHOD").is_some();
    // Lower case takes precedence, as in the AWS CLI, even if it is empty. On Windows both are one
    // variable, which is usually written in upper case.
    let is_off = |lower: &str| !cfg!(windows) && (sources.is_set)(lower);
    let either = |upper: &str, lower: &str| {
        let [first, second] = match cfg!(windows) {
            true => [upper, lower],
            false => [lower, upper],
        };
        let other = || from_env(sources, second).filter(|_| !is_off(first));
        from_env(sources, first).or_else(other)
    };
    let except = either("NO_PROXY", "no_proxy").map(|named| named.value);
    if except.as_deref() == Some(EVERYTHING) {
        // In this case an unusable proxy does no harm.
        return Ok(Proxies::default());
    }
    let all = |lower: &str| either("ALL_PROXY", "all_proxy").filter(|_| !is_off(lower));
    let http = if in_cgi {
        // Only its case tells it from what a request named.
        from_env(sources, "http_proxy").filter(|_| !cfg!(windows))
    } else {
        either("HTTP_PROXY", "http_proxy")
    };
    Ok(Proxies {
        http: http.or_else(|| all("http_proxy")).map(proxy).transpose()?,
        https: either("HTTPS_PROXY", "https_proxy")
            .or_else(|| all("https_proxy"))
            .map(proxy)
            .transpose()?,
        except,
    })
}

/// `url` with an `@` in its user name or password encoded: what reads it later takes the first one for the
/// end of both.
fn with_clear_password(url: String) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        Some((user, _)) if user.contains('@') => {
            let encoded = user.replace('@', "%40");
            format!("{scheme}://{encoded}{}", &rest[user.len()..])
        }
        _ => url,
    }
}

/// Checks a proxy's URL and adds the scheme if it is missing.
fn proxy(Named { value, from }: Named) -> Result<String> {
    let url = if value.contains("://") {
        value
    } else {
        format!("http://{value}")
    };
    let url = with_clear_password(url);
    let scheme = url.split("://").next().unwrap_or_default();
    if scheme.to_ascii_lowercase().starts_with("socks") {
        return Err(Failure::new(
            Exit::Failed,
            format!("{from} points to a SOCKS proxy, which awsmfa can't use"),
        )
        .hint("use an HTTP proxy, or list AWS's hosts in NO_PROXY"));
    }
    // If it were a secret key by mistake, the part before its first slash would look like a host.
    let place = url.rsplit('@').next().unwrap_or_default();
    let place = place.rsplit("://").next().unwrap_or_default();
    let usable = !may_hold_secret(place)
        && url.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && port_is_usable(&uri)
        });
    if usable {
        Ok(url)
    } else {
        // The URL may contain a password, so only its source is named.
        Err(
            Failure::new(Exit::Failed, format!("{from} is not a proxy URL"))
                .hint("a proxy looks like http://proxy.example.com:8080; special characters in its password are written as %XX"),
        )
    }
}
