//! Turns a failed call into what a person reads: cause, what was tried, what to do next; and tells
//! whether the request was never sent, or its answer lost.
//!
//! An SDK error's debug form, which holds the raw answer, is never shown.

use super::call::{Call, one_line};
use super::refusal::{Answer, Refusal, SERVICE_HINT, service_failed};
use super::transport::{
    NO_ANSWER, cannot_reach, chain, network_hint, never_sent, transport_words, unreachable,
};
use crate::exit::{Exit, Failure};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::request_id::RequestId;
use http_body_util::LengthLimitError;
use std::borrow::Cow;
use std::error::Error;

/// A failed call, told apart by what became of the request.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No byte of it was sent.
    NotSent(Failure),
    /// It may have been processed; what came of it is not known.
    Lost(Failure),
    /// AWS answered with this refusal.
    Refused { refusal: Refusal, failure: Failure },
    /// It was not processed, and no second try will help.
    Fatal(Failure),
}

impl Fault {
    /// What AWS refused, where it answered with that.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            Self::NotSent(_) | Self::Lost(_) | Self::Fatal(_) => None,
        }
    }
}

impl From<Fault> for Failure {
    /// What the person reads.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotSent(failure)
            | Fault::Lost(failure)
            | Fault::Refused { failure, .. }
            | Fault::Fatal(failure) => failure,
        }
    }
}

/// What is wrong with an answer in which a field is missing.
pub(super) const INCOMPLETE: Cow<'static, str> = Cow::Borrowed("the answer is incomplete");

impl Call<'_> {
    /// Waits until the request is answered, and reads the answer. One that is cut short, or of which
    /// `read` says what is wrong with it, is lost.
    pub(super) async fn answer<T, R, E>(
        &self,
        asking: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        read: impl FnOnce(T) -> Result<R, Cow<'static, str>>,
    ) -> Result<R, Fault>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let answer = asking.await.map_err(|error| fault(&error, self))?;
        // Checked before any field is used.
        if !self.answered_in_full() {
            return Err(Fault::Lost(lost("the answer was cut short", self)));
        }
        read(answer).map_err(|wrong| Fault::Lost(lost(&wrong, self)))
    }
}

/// Reads an SDK error.
fn fault<E>(error: &SdkError<E, HttpResponse>, call: &Call<'_>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        // No endpoint for these settings, a value that can't be sent: it never came to an attempt.
        _ if call.attempts() == 0 => Fault::Fatal(unprepared(error, call)),
        SdkError::DispatchFailure(dispatch) => match dispatch.as_connector_error() {
            Some(cause) if never_sent(cause) => Fault::NotSent(unreachable(cause, call)),
            cause => Fault::Lost(lost(&transport_words(cause), call)),
        },
        SdkError::TimeoutError(_) if !call.had_connection() => Fault::NotSent(cannot_reach(
            "the connection timed out",
            network_hint(call),
            call,
        )),
        SdkError::TimeoutError(_) => Fault::Lost(lost(NO_ANSWER, call)),
        SdkError::ResponseError(answer) if answer.raw().status().is_server_error() => {
            failing(answer.raw().status().as_u16(), None, call)
        }
        SdkError::ResponseError(_) if is_too_long(error) => {
            Fault::Lost(lost("the answer is longer than 1 MiB", call))
        }
        SdkError::ResponseError(_) => Fault::Lost(lost("the answer was cut short", call)),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let request_id = error.request_id();
            match Answer::of(answer.err(), status, call.access_key_id) {
                Some(answer) => refused(&answer, request_id, call),
                None => no_code(status, request_id, call),
            }
        }
        other => Fault::Fatal(unprepared(other, call)),
    }
}

/// Whether the answer's body was given up at the bound of one.
fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| cause.is::<LengthLimitError>())
}

fn unprepared(error: &(dyn Error + 'static), call: &Call<'_>) -> Failure {
    let words = chain(error)
        .last()
        .map_or_else(String::new, |cause| one_line(&cause.to_string()));
    Failure::new(
        Exit::Failed,
        format!("{} can't be sent: {words}", call.operation),
    )
    .hint("check the region and the endpoint settings of the profile")
}

/// An answer with an HTTP status and no error code in it.
fn no_code(status: u16, request_id: Option<&str>, call: &Call<'_>) -> Fault {
    match status {
        500.. => failing(status, request_id, call),
        200..300 => Fault::Lost(lost("the answer does not look like one from AWS", call)),
        _ => Fault::Fatal(
            Failure::new(
                Exit::Unreachable,
                format!(
                    "{} answered {} with HTTP status {status} but no AWS error",
                    call.place(),
                    call.operation
                ),
            )
            .hint("something between you and AWS may have answered: check the endpoint and proxy settings")
            .detail(detail(status, None, request_id, call)),
        ),
    }
}

fn refused(answer: &Answer<'_>, request_id: Option<&str>, call: &Call<'_>) -> Fault {
    let refusal = Refusal::of(answer);
    let detail = detail(answer.status, Some(answer.code), request_id, call);
    if refusal == Refusal::ServiceFailed && call.is_once() {
        return Fault::Lost(lost_to(answer.status, call).detail(detail));
    }
    Fault::Refused {
        refusal,
        failure: refusal.failure(answer, call).detail(detail),
    }
}

/// A 5xx that names no error code, a service's or a gateway's before it. What became of a request
/// that must not be processed twice is not known then: behind a gateway it may have been.
fn failing(status: u16, request_id: Option<&str>, call: &Call<'_>) -> Fault {
    let detail = detail(status, None, request_id, call);
    if call.is_once() {
        return Fault::Lost(lost_to(status, call).detail(detail));
    }
    let failure = Failure::new(Exit::Unreachable, service_failed(status, call)).hint(SERVICE_HINT);
    Fault::Fatal(failure.detail(detail))
}

/// The failure of an answer that was lost to an error of this status.
fn lost_to(status: u16, call: &Call<'_>) -> Failure {
    lost(&format!("HTTP status {status}"), call)
}

/// The failure of an answer that never came or can't be used.
fn lost(what: &str, call: &Call<'_>) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!(
            "no usable answer to {} from {}: {what} ({})",
            call.operation,
            call.place(),
            call.tries()
        ),
    )
    .hint(if call.carries_code() {
        "the code may be used up: try again with the next one"
    } else if call.is_once() {
        "AWS may have done it anyway: check before you try again"
    } else {
        "check the network and try again"
    })
}

fn detail(status: u16, code: Option<&str>, request_id: Option<&str>, call: &Call<'_>) -> String {
    let code = code.map_or_else(|| "no error code".to_owned(), |code| call.quote_name(code));
    let id = request_id.map_or_else(|| "none".to_owned(), |id| call.quote_name(id));
    format!("HTTP status {status}, {code}, request id {id}")
}
