//! Owns what a person reads when a call to AWS fails: cause, what was tried, what to do next.
//!
//! It decides too whether the request was never sent, or its answer lost. It must never show an
//! SDK error's debug form, which holds the raw answer, nor words of AWS that repeat a code.

use std::time::Duration;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::request_id::RequestId;
use http::Uri;

use super::http::{host_and_port, proxy_for};
use super::refusal::refusal;
use super::resend::{Sent, chain, never_sent};
use super::settings::Settings;
use super::transport::{cannot_reach, network_hint, transport_words, unreachable};
use crate::exit::{Exit, Failure};
use crate::text::escape;

/// How long was waited is shown with the attempts.
pub(super) const NO_ANSWER: &str = "no answer in time";

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
        // No endpoint for these settings, a value that can't be sent: it never came to an attempt.
        _ if call.sent.attempts() == 0 => Fault::Fatal(unprepared(error, call)),
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
        other => Fault::Fatal(unprepared(other, call)),
    }
}

fn unprepared(error: &(dyn std::error::Error + 'static), call: &Call<'_>) -> Failure {
    let words = chain(error)
        .last()
        .map_or_else(String::new, |cause| escaped(&cause.to_string()));
    Failure::new(
        Exit::Failed,
        format!("{} can't be sent: {words}", call.operation),
    )
    .hint("check the region and the endpoint settings of the profile")
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

/// Where the request went, as `host:port`, and through which proxy.
pub(super) fn place(call: &Call<'_>) -> String {
    let host = call.sent.url().and_then(|url| url.parse::<Uri>().ok());
    let host = host.map_or_else(|| "AWS".to_owned(), |uri| host_and_port(&uri));
    match proxy(call) {
        Some(proxy) => format!("{host} through the proxy {proxy}"),
        None => host,
    }
}

pub(super) fn proxy(call: &Call<'_>) -> Option<String> {
    let uri = call.sent.url()?.parse().ok()?;
    proxy_for(&call.settings.proxies, &uri)
}

pub(super) fn tries(call: &Call<'_>) -> String {
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

/// Text from outside: control and direction characters escaped, runs of spaces made one, cut when
/// very long.
pub(super) fn escaped(text: &str) -> String {
    const LONGEST: usize = 400;
    let mut out = String::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(&escape(word));
        if out.len() > LONGEST {
            let end = out.floor_char_boundary(LONGEST);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}
