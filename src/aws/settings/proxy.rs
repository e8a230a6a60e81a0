//! Reads the proxies of the environment and checks them: the SDK would pass over one that it can't
//! use, and ask AWS directly. A proxy's URL may hold a password and is never shown.

use super::endpoint::{host_and_port, port_is_usable};
use super::sources::{Named, Sources, from_env};
use crate::exit::{Exit, Failure, Result};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use std::fmt;

/// The proxies of the environment: URLs with a scheme, checked.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    /// For `http://` endpoints.
    pub(crate) http: Option<String>,
    /// For `https://` endpoints.
    pub(crate) https: Option<String>,
    /// The hosts that are reached without one.
    pub(crate) except: Option<String>,
}

impl Proxies {
    /// The proxy that `url` is reached through, as `host:port`.
    pub(crate) fn for_url(&self, url: &Uri) -> Option<String> {
        let matcher = Matcher::builder()
            .http(self.http.clone().unwrap_or_default())
            .https(self.https.clone().unwrap_or_default())
            .no(self.except.clone().unwrap_or_default())
            .build();
        matcher
            .intercept(url)
            .map(|intercept| host_and_port(intercept.uri()))
    }
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

pub(super) fn proxies(sources: &Sources<'_>) -> Result<Proxies> {
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
        .hint("name an HTTP proxy, or list AWS's hosts in NO_PROXY"));
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
                .hint("a proxy looks like http://proxy.example.com:8080"),
        )
    }
}
