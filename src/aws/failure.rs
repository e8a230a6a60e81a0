//! Owns what a person reads when a call to AWS fails: cause, what was tried, what to do next.
//!
//! It decides too whether the request was never sent, or its answer lost. It must never show an
//! SDK error's debug form, which holds the raw answer, nor words of AWS that repeat a code.

use std::io::ErrorKind;
use std::time::Duration;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::request_id::RequestId;
use chrono::{NaiveDateTime, TimeDelta};
use http::Uri;
use rustls::CertificateError;

use super::http::{host_and_port, proxy_for};
use super::resend::{Sent, chain, never_sent};
use super::settings::Settings;
use crate::exit::{Exit, Failure};

/// How long was waited is shown with the attempts.
const NO_ANSWER: &str = "no answer in time";

/// The call that failed.
pub(super) struct Call<'a> {
    /// The operation as policies write it, such as `sts:GetSessionToken`.
    pub(super) operation: &'static str,
    /// What was sent.
    pub(super) sent: &'a Sent,
    /// From the first attempt to the failure.
    pub(super) took: Duration,
    /// How AWS was reached.
    pub(super) settings: &'a Settings,
    /// The id of the access key that signed.
    pub(super) access_key_id: &'a str,
    /// The code that the request carried, never to be shown.
    pub(super) mfa_code: Option<&'a str>,
}

/// A failed call, told apart by what became of the request.
#[derive(Debug)]
pub(super) enum Fault {
    /// No byte of it was sent.
    NeverSent(Failure),
    /// It may have been processed; what came of it is not known.
    Lost(Failure),
    /// AWS answered with an error of this code and message.
    Refused {
        code: String,
        message: String,
        failure: Failure,
    },
    /// It was not processed, and no second try will help.
    Fatal(Failure),
}

impl Fault {
    /// What the person reads.
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::NeverSent(failure)
            | Self::Lost(failure)
            | Self::Refused { failure, .. }
            | Self::Fatal(failure) => failure,
        }
    }
}

/// Reads an SDK error.
pub(super) fn fault<E>(error: &SdkError<E, HttpResponse>, call: &Call<'_>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::DispatchFailure(dispatch) => match dispatch.as_connector_error() {
            Some(cause) if never_sent(cause) => Fault::NeverSent(unreachable(cause, call)),
            cause => Fault::Lost(lost(&transport_words(cause), call)),
        },
        SdkError::TimeoutError(_) if !call.sent.had_connection() => Fault::NeverSent(cannot_reach(
            "no connection in time",
            network_hint(call),
            call,
        )),
        SdkError::TimeoutError(_) => Fault::Lost(lost(NO_ANSWER, call)),
        SdkError::ResponseError(answer) if answer.raw().status().is_server_error() => {
            Fault::Fatal(unavailable(answer.raw().status().as_u16(), None, call))
        }
        SdkError::ResponseError(_) => Fault::Lost(lost("the answer was cut short", call)),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let request_id = error.request_id();
            match answer.err().code() {
                Some(code) => answered(status, code, answer.err().message(), request_id, call),
                None => no_code(status, request_id, call),
            }
        }
        // Construction: an endpoint that can't be built, a value that can't be sent.
        other => {
            let words = chain(other)
                .last()
                .map_or_else(String::new, |cause| escaped(&cause.to_string()));
            Fault::Fatal(Failure::new(
                Exit::Failed,
                format!("{} could not be prepared: {words}", call.operation),
            ))
        }
    }
}

/// An answer with an HTTP status and no error code in it.
fn no_code(status: u16, request_id: Option<&str>, call: &Call<'_>) -> Fault {
    match status {
        500.. => Fault::Fatal(unavailable(status, request_id, call)),
        200..300 => Fault::Lost(lost("the answer is not one of AWS's", call)),
        _ => Fault::Fatal(
            Failure::new(
                Exit::Unreachable,
                format!(
                    "{} answered {} with HTTP status {status} and no error of AWS's",
                    place(call),
                    call.operation
                ),
            )
            .hint("something between here and AWS may have answered: check the endpoint and proxy settings")
            .detail(detail(status, None, request_id)),
        ),
    }
}

fn answered(
    status: u16,
    code: &str,
    message: Option<&str>,
    request_id: Option<&str>,
    call: &Call<'_>,
) -> Fault {
    let message = message.unwrap_or_default();
    let failure = if is_throttling(code) {
        Failure::new(
            Exit::Unreachable,
            format!("AWS is limiting requests ({code}; {})", tries(call)),
        )
        .hint("wait a minute and try again")
    } else if status >= 500 {
        return Fault::Fatal(unavailable(status, request_id, call));
    } else {
        refusal(code, message, call)
    };
    Fault::Refused {
        failure: failure.detail(detail(status, Some(code), request_id)),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

fn is_throttling(code: &str) -> bool {
    aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code)
}

/// A denial, in the words for its code; AWS's own where the code is not known.
fn refusal(code: &str, message: &str, call: &Call<'_>) -> Failure {
    let key = escaped(call.access_key_id);
    let region = &call.settings.region;
    let refused = |what: String| Failure::new(Exit::KeysRefused, what);
    match code {
        "AccessDenied" if message.starts_with("MultiFactorAuthentication failed") => Failure::new(
            Exit::CodeRefused,
            format!("AWS refused the code: {}", words(message, call)),
        ),
        "AccessDenied" if message.starts_with("Cannot call GetSessionToken") => refused(format!(
            "the access key {key} belongs to a session, which can't start another"
        ))
        .hint("use a profile that holds the long-term keys of an IAM user"),
        "InvalidClientTokenId" => {
            refused(format!("AWS does not know the access key {key}")).hint(format!(
                "it may be deleted, inactive, or of another partition than the region {region}"
            ))
        }
        "SignatureDoesNotMatch" => match clock_difference(message) {
            Some(difference) => refused(format!(
                "AWS refused the signature: this computer's clock is {difference}"
            ))
            .hint("set the clock and try again"),
            None => refused(format!(
                "the secret access key does not belong to the access key {key}"
            ))
            .hint("check aws_secret_access_key for a missing or extra character"),
        },
        "ExpiredToken" | "ExpiredTokenException" => {
            refused(format!("the session of the access key {key} has expired"))
                .hint("sign in again with awsmfa login")
        }
        "RegionDisabledException" => refused(format!(
            "STS is not activated in the region {region}: {}",
            words(message, call)
        ))
        .hint("name another region with --region"),
        // AWS repeats the value that it finds malformed, and that may be the code.
        "ValidationError" if call.mfa_code.is_some() => {
            let field = ["tokenCode", "serialNumber", "durationSeconds"]
                .into_iter()
                .find(|field| message.contains(field));
            refused(match field {
                Some("tokenCode") => {
                    "AWS refused the code's form: six digits are needed".to_owned()
                }
                Some("serialNumber") => "AWS refused the form of the MFA serial".to_owned(),
                Some("durationSeconds") => "AWS refused the duration".to_owned(),
                _ => format!("AWS refused {} as malformed", call.operation),
            })
        }
        _ => {
            let words = words(message, call);
            let failure = refused(if words.is_empty() {
                format!("AWS refused {}: {}", call.operation, escaped(code))
            } else {
                format!(
                    "AWS refused {}: {words} ({})",
                    call.operation,
                    escaped(code)
                )
            });
            if message.contains("is not authorized to perform") {
                failure.hint("ask whoever manages the account's policies")
            } else {
                failure
            }
        }
    }
}

fn unavailable(status: u16, request_id: Option<&str>, call: &Call<'_>) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!(
            "{} failed at {} with HTTP status {status} ({})",
            call.operation,
            place(call),
            tries(call)
        ),
    )
    .hint("the service has a problem: try again in a moment")
    .detail(detail(status, None, request_id))
}

/// The failure of an answer that never came or can't be used.
pub(super) fn lost(what: &str, call: &Call<'_>) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!(
            "no usable answer to {} from {}: {what} ({})",
            call.operation,
            place(call),
            tries(call)
        ),
    )
    .hint(if call.mfa_code.is_some() {
        "the code may be used up: try again with the next one"
    } else {
        "check the network and try again"
    })
}

fn unreachable(cause: &ConnectorError, call: &Call<'_>) -> Failure {
    let (what, hint) = connect_words(cause, call);
    cannot_reach(&what, &hint, call)
}

fn cannot_reach(what: &str, hint: &str, call: &Call<'_>) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!("cannot reach {}: {what} ({})", place(call), tries(call)),
    )
    .hint(hint)
}

fn network_hint(call: &Call<'_>) -> &'static str {
    let settings = call.settings;
    match (proxy(call), &settings.sts_endpoint, &settings.iam_endpoint) {
        (Some(_), ..) => "check the network and the proxy's address in the environment",
        (None, None, None) => "check the network; behind a proxy set HTTPS_PROXY",
        _ => "check the network and the endpoint's URL in the environment or the profile",
    }
}

/// Why no connection came about, and what to do.
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
            let region = &call.settings.region;
            return (
                "unknown host".to_owned(),
                format!("check the network and the region {region}"),
            );
        }
        if let Some(refusal) = text.strip_prefix("tunnel error: ") {
            let hint = match refusal {
                // Not the proxy's answer: the link's source says what went wrong.
                "failed to create underlying connection" | "io error establishing tunnel" => {
                    continue;
                }
                "proxy authorization required" => {
                    "put user name and password into the proxy's URL: http://user:password@host:port"
                }
                _ => "check that the proxy may connect to this host",
            };
            return (
                format!("the proxy refused: {}", escaped(refusal)),
                hint.to_owned(),
            );
        }
    }
    (transport_words(Some(cause)), network_hint(call).to_owned())
}

fn tls_words(error: &rustls::Error) -> (String, String) {
    use CertificateError as E;
    let authorities =
        "behind a proxy that opens TLS set AWS_CA_BUNDLE to the file of its certificates";
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(E::UnknownIssuer | E::BadSignature) => (
            "its certificate comes from no trusted authority",
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
            "its certificate is not valid today",
            "check this computer's clock",
        ),
        rustls::Error::InvalidCertificate(_) => ("its certificate can't be used", authorities),
        _ => (
            "the TLS handshake failed",
            "check that the endpoint's URL and port speak TLS",
        ),
    };
    (what.to_owned(), hint.to_owned())
}

/// The cause that lies deepest, in words of our own where there are any.
fn transport_words(cause: Option<&ConnectorError>) -> String {
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
            .map_or_else(String::new, |last| escaped(&last.to_string())),
    }
}

/// Where the request went, as `host:port`, and through which proxy.
fn place(call: &Call<'_>) -> String {
    let host = call.sent.url().and_then(|url| url.parse::<Uri>().ok());
    let host = host.map_or_else(|| "AWS".to_owned(), |uri| host_and_port(&uri));
    match proxy(call) {
        Some(proxy) => format!("{host} through the proxy {proxy}"),
        None => host,
    }
}

fn proxy(call: &Call<'_>) -> Option<String> {
    let uri = call.sent.url()?.parse().ok()?;
    proxy_for(&call.settings.proxies, &uri)
}

fn tries(call: &Call<'_>) -> String {
    let times = match call.sent.attempts() {
        0 | 1 => "tried once".to_owned(),
        2 => "tried twice".to_owned(),
        n => format!("tried {n} times"),
    };
    format!("{times}, {:.1} s", call.took.as_secs_f64())
}

fn detail(status: u16, code: Option<&str>, request_id: Option<&str>) -> String {
    let code = code.map_or_else(|| "no error code".to_owned(), escaped);
    let id = request_id.map_or_else(|| "none".to_owned(), escaped);
    format!("HTTP status {status}, {code}, request id {id}")
}

/// AWS's words, fit for one line; none when they repeat the code.
fn words(message: &str, call: &Call<'_>) -> String {
    match call.mfa_code {
        Some(code) if message.contains(code) => String::new(),
        _ => escaped(message.trim().trim_end_matches('.')),
    }
}

/// Text from outside: control and direction characters escaped, runs of spaces made one, cut when
/// very long.
fn escaped(text: &str) -> String {
    const LONGEST: usize = 400;
    let mut out = String::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            if c.is_control() || hidden {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
        if out.len() > LONGEST {
            let end = out.floor_char_boundary(LONGEST);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

/// How far the clock is off, read from AWS's words: the first time is ours, the last one AWS's.
/// `Signature expired: OURS is now earlier than LIMIT (THEIRS - 15 min.)`
fn clock_difference(message: &str) -> Option<String> {
    if !message.starts_with("Signature expired")
        && !message.starts_with("Signature not yet current")
    {
        return None;
    }
    let times: Vec<NaiveDateTime> = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| NaiveDateTime::parse_from_str(word, "%Y%m%dT%H%M%SZ").ok())
        .collect();
    let (Some(ours), Some(theirs)) = (times.first(), times.get(2)) else {
        return Some("off by several minutes".to_owned());
    };
    let behind = *theirs - *ours;
    Some(format!(
        "{} {} AWS's",
        span(behind.abs()),
        if behind > TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        }
    ))
}

fn span(difference: TimeDelta) -> String {
    let minutes = difference.num_minutes();
    match (minutes / 60 / 24, minutes / 60, minutes) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{minutes} min"),
    }
}
