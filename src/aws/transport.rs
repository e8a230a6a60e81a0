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
    for link in chain(cause) {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return tls_words(tls);
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
                // This is not the proxy's answer; the source of the error tells what went wrong.
                "failed to create underlying connection" | "io error establishing tunnel" => {
                    continue;
                }
                "proxy authorization required" => (
                    "the proxy requires a user name and password".to_owned(),
                    "put both in the proxy URL: http://user:password@host:port",
                ),
                "unsuccessful" => (
                    "the proxy refused to connect to it".to_owned(),
                    "check that the proxy allows connections to this host",
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

fn tls_words(error: &rustls::Error) -> (String, String) {
    use CertificateError as E;
    let authorities = "if a proxy inspects TLS, set AWS_CA_BUNDLE to its certificate file";
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(E::UnknownIssuer | E::BadSignature) => (
            "its certificate is not from a trusted authority",
            authorities,
        ),
        rustls::Error::InvalidCertificate(
            E::NotValidForName | E::NotValidForNameContext { .. },
        ) => (
            "its certificate is for another name",
            "check the endpoint's URL and the proxy settings",
        ),
        rustls::Error::InvalidCertificate(
            E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. },
        ) => (
            "its certificate has expired or is not valid yet",
            "check this computer's clock",
        ),
        rustls::Error::InvalidCertificate(_) => ("its certificate can't be used", authorities),
        _ => (
            "the TLS handshake failed",
            "check that the endpoint's URL and port use TLS",
        ),
    };
    (what.to_owned(), hint.to_owned())
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

/// Whether the server's certificate was refused, which would happen again.
pub(super) fn certificate_refused(error: &ConnectorError) -> bool {
    chain(error).any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        )
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
