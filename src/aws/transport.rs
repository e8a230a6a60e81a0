//! Explains trouble on the way to AWS: the deepest cause, and what to do. It never reads an answer.

use super::call::{Call, one_line};
use super::name_services;
use crate::exit::{Exit, Failure};
use aws_smithy_runtime_api::client::result::ConnectorError;
use rustls::CertificateError;
use std::error::Error;
use std::io::ErrorKind;

/// The attempts in the message show how long it took.
pub(super) const NO_ANSWER: &str = "timed out waiting for an answer";

/// The failure that no connection was made, because of `cause`.
pub(super) fn unreachable(cause: &ConnectorError, call: &Call<'_>) -> Failure {
    let (what, hint) = connect_words(cause, call);
    cannot_reach(&what, &hint, call)
}

/// The failure that no connection was made, in these words.
pub(super) fn cannot_reach(what: &str, hint: &str, call: &Call<'_>) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!("can't reach {}: {what} ({})", call.place(), call.tries()),
    )
    .hint(hint)
}

/// What to check if AWS can't be reached, depending on what the settings put in between.
pub(super) fn network_hint(call: &Call<'_>) -> &'static str {
    let settings = call.settings;
    match (call.proxy(), &settings.sts_endpoint, &settings.iam_endpoint) {
        (Some(_), ..) => "check the network and the proxy's address in the environment",
        (None, None, None) => "check the network; behind a proxy, set HTTPS_PROXY",
        _ => "check the network and the endpoint's URL in the environment or the profile",
    }
}

/// Why no connection was made, and what to do.
fn connect_words(cause: &ConnectorError, call: &Call<'_>) -> (String, String) {
    if cause.is_timeout() {
        let limit = call.settings.timeouts.connect.as_secs();
        return (
            format!("no connection within {limit} s"),
            network_hint(call).to_owned(),
        );
    }
    let mut peer = match call.is_plain() {
        // Then only the proxy speaks TLS.
        true => Peer::Proxy,
        false => Peer::Endpoint,
    };
    for link in chain(cause) {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return tls_words(tls, peer, call);
        }
        let text = link.to_string();
        if text == "dns error" {
            let settings = call.settings;
            let ours = call.proxy().is_none()
                && settings.sts_endpoint.is_none()
                && settings.iam_endpoint.is_none();
            // Only in this case is the region part of the host name.
            let hint = if ours {
                format!("check the network and the region {}", settings.region)
            } else {
                // AWS's own hosts are in DNS, but others may be known to something else.
                network_hint(call).to_owned() + &name_services::hint()
            };
            return ("unknown host".to_owned(), hint);
        }
        if let Some(refusal) = text.strip_prefix("tunnel error: ") {
            let (what, hint) = match refusal {
                // These are not the proxy's answer; the source of the error tells what went wrong.
                "failed to create underlying connection" => {
                    peer = Peer::Proxy;
                    continue;
                }
                "io error establishing tunnel" => continue,
                NEEDS_PASSWORD if has_password(call) => (
                    "the proxy refused the user name and password".to_owned(),
                    "check both in the proxy URL, with special characters as %XX",
                ),
                NEEDS_PASSWORD => (
                    "the proxy requires a user name and password".to_owned(),
                    "put both in the proxy URL: http://user:password@host:port",
                ),
                "unsuccessful" => (
                    "the proxy refused to connect to it".to_owned(),
                    "check that it is an HTTP proxy, and that it allows connections to this host",
                ),
                other => (
                    format!("the proxy gave no usable answer: {}", one_line(other)),
                    "check the proxy's address in the environment",
                ),
            };
            return (what, hint.to_owned());
        }
    }
    (transport_words(Some(cause)), network_hint(call).to_owned())
}

/// What a proxy says that wants a password, or another one.
const NEEDS_PASSWORD: &str = "proxy authorization required";

/// Whether the URL of the proxy has a user name or password.
fn has_password(call: &Call<'_>) -> bool {
    let proxies = &call.settings.proxies;
    [&proxies.https, &proxies.http]
        .into_iter()
        .flatten()
        .any(|url| url.contains('@'))
}

/// Whose certificate and handshake it is.
#[derive(Clone, Copy)]
enum Peer {
    Endpoint,
    Proxy,
}

fn tls_words(error: &rustls::Error, peer: Peer, call: &Call<'_>) -> (String, String) {
    use CertificateError as E;
    use rustls::Error::{AlertReceived, InvalidCertificate, PeerIncompatible};
    let flaw = match error {
        InvalidCertificate(other) => flaw(other),
        _ => String::new(),
    };
    let (what, hint) = match error {
        InvalidCertificate(E::UnknownIssuer | E::BadSignature) => (
            "its certificate is not from a trusted authority",
            trust_hint(call),
        ),
        InvalidCertificate(E::NotValidForName | E::NotValidForNameContext { .. }) => (
            "its certificate is for another name",
            "check the endpoint's URL and the proxy settings".to_owned(),
        ),
        InvalidCertificate(
            E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. },
        ) => (
            "its certificate has expired or is not valid yet",
            "check this computer's clock".to_owned(),
        ),
        InvalidCertificate(_) => (
            &*format!("its certificate can't be used: {flaw}"),
            "whoever runs this server or proxy must give it another certificate".to_owned(),
        ),
        AlertReceived(alert) => (
            &*format!("it refused the TLS handshake ({alert:?})"),
            "it may want another version of TLS, or a client certificate, which awsmfa does not have".to_owned(),
        ),
        PeerIncompatible(_) => (
            "it has no version of TLS or cipher in common with awsmfa",
            "awsmfa needs TLS 1.2 or 1.3".to_owned(),
        ),
        _ => (
            "the TLS handshake failed",
            match peer {
                Peer::Endpoint => "check that the endpoint's URL and port use TLS",
                Peer::Proxy => "check that the proxy's URL and port use TLS",
            }
            .to_owned(),
        ),
    };
    let what = match (peer, what.split_once(' ')) {
        (Peer::Proxy, Some(("its", rest))) => format!("the proxy's {rest}"),
        (Peer::Proxy, Some(("it", rest))) => format!("the proxy {rest}"),
        _ => what.to_owned(),
    };
    (what, hint)
}

/// What to do about an authority that is not trusted, depending on what names the trusted ones.
fn trust_hint(call: &Call<'_>) -> String {
    let settings = call.settings;
    let named_by = match &settings.ca_bundle {
        Some(bundle) => Some((bundle.named_by.as_str(), bundle.path.display().to_string())),
        None => settings.authorities.named_by(),
    };
    match named_by {
        Some((variable, path)) => format!(
            "{variable} names the authorities that are trusted, {path}; add the one of this certificate"
        ),
        None => "if a proxy inspects TLS, set AWS_CA_BUNDLE to its certificate file".to_owned(),
    }
}

/// What is wrong with a certificate, in a few words.
fn flaw(error: &CertificateError) -> String {
    use CertificateError as E;
    let of_library = match error {
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            return "it is not for servers".to_owned();
        }
        E::Other(other) => other.0.downcast_ref::<webpki::Error>(),
        _ => None,
    };
    match of_library {
        Some(webpki::Error::CaUsedAsEndEntity) => {
            "it is the certificate of an authority, not of a server"
        }
        Some(webpki::Error::EndEntityUsedAsCa) => {
            "it was issued with a certificate that may not issue others"
        }
        Some(webpki::Error::NameConstraintViolation) => "its authority may not certify this name",
        Some(
            webpki::Error::PathLenConstraintViolated | webpki::Error::MaximumPathDepthExceeded,
        ) => "too many certificates lie between it and its authority",
        Some(webpki::Error::UnsupportedCriticalExtension) => {
            "it has a critical extension that awsmfa does not know"
        }
        _ => return one_line(&error.to_string()),
    }
    .to_owned()
}

/// The deepest cause, in our own words if we have any.
pub(super) fn transport_words(cause: Option<&ConnectorError>) -> String {
    let Some(cause) = cause else {
        return "the connection failed".to_owned();
    };
    if cause.is_timeout() {
        return NO_ANSWER.to_owned();
    }
    let io = chain(cause)
        .filter_map(|link| link.downcast_ref::<std::io::Error>())
        .last();
    match io.map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => {
            "the connection was reset".to_owned()
        }
        Some(ErrorKind::UnexpectedEof) => "the connection was closed".to_owned(),
        Some(ErrorKind::NetworkUnreachable) => "the network is unreachable".to_owned(),
        Some(ErrorKind::HostUnreachable) => "the host is unreachable".to_owned(),
        _ => chain(cause)
            .last()
            .map_or_else(String::new, |last| one_line(&last.to_string())),
    }
}

/// Whether not a byte of the request was sent, because the connection, including name look-up, proxy
/// tunnel and TLS handshake, was never ready.
pub(super) fn never_sent(error: &ConnectorError) -> bool {
    chain(error).any(|cause| {
        cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}

/// Whether a handshake was refused that would be refused again: by us because of the certificate, by the
/// server, or by the proxy, which may lock out a user whose password is wrong.
pub(super) fn refused_for_good(error: &ConnectorError) -> bool {
    use rustls::Error as E;
    chain(error).any(|cause| {
        let tls = cause.downcast_ref();
        matches!(
            tls,
            Some(E::InvalidCertificate(_) | E::AlertReceived(_) | E::PeerIncompatible(_))
        ) || cause.to_string() == format!("tunnel error: {NEEDS_PASSWORD}")
    })
}

/// An error and all its causes. Includes the error inside an `io::Error`, which `source` skips.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
