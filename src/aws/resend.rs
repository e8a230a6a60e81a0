//! Owns when a request may be sent again, and the record of what was sent and came back.
//!
//! A code works once. So a request that carries one is sent again only when it surely was not
//! processed: it never left, or the answer says so (throttled, 5xx, a clock to correct).

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Takes back the SDK's wish to send again where that can't help or would use up a code.
#[derive(Debug)]
pub(super) enum Resend {
    /// Any failure but a certificate that will be refused again.
    Freely,
    /// Only a request that surely was not processed.
    IfUnprocessed,
}

impl ClassifyRetry for Resend {
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = ctx.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let connector = error.as_connector_error();
        if connector.is_some_and(certificate_refused) {
            return RetryAction::RetryForbidden;
        }
        if matches!(self, Self::Freely) {
            return RetryAction::NoActionIndicated;
        }
        let failed_by_server = ctx
            .response()
            .is_some_and(|response| response.status().is_server_error());
        let answer_lost = error.is_timeout_error()
            || (error.is_response_error() && !failed_by_server)
            || connector.is_some_and(|e| !never_sent(e));
        if answer_lost {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "Resend"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// True when no byte of the request was sent: the connection, with its name look-up, proxy tunnel
/// and TLS handshake, was never ready.
pub(super) fn never_sent(error: &ConnectorError) -> bool {
    chain(error).any(|cause| {
        cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}

fn certificate_refused(error: &ConnectorError) -> bool {
    chain(error).any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        )
    })
}

/// An error and all that caused it. What an `io::Error` wraps is stepped into, which its `source`
/// passes over.
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

/// What was sent for one call: how often, and where to; and whether the answer came to its end.
/// Shared with the SDK while the call runs.
#[derive(Debug, Default)]
pub(super) struct Sent {
    attempts: AtomicU32,
    url: OnceLock<String>,
    answered_in_full: AtomicBool,
    connection: Mutex<Option<CaptureSmithyConnection>>,
}

impl Sent {
    /// How often the request was sent, or was tried to be sent.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// True when the last attempt got a connection, over which it may have been sent.
    pub(super) fn had_connection(&self) -> bool {
        // Poisoned or not, the last value is whole: it is replaced in one step.
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connection.as_ref().is_some_and(|c| c.get().is_some())
    }

    /// False when the last answer's text stopped before its end.
    pub(super) fn answered_in_full(&self) -> bool {
        self.answered_in_full.load(Ordering::Relaxed)
    }

    /// The URL it was sent to, once it was.
    pub(super) fn url(&self) -> Option<&str> {
        self.url.get().map(String::as_str)
    }
}

/// True when `body` ends with the end of its outermost element. The SDK's reader is content with
/// the part that came: a key may then be half a key.
fn is_whole(body: &[u8]) -> bool {
    let end = body.trim_ascii_end();
    end.ends_with(b"Response>")
        && end
            .iter()
            .rposition(|&byte| byte == b'<')
            .is_some_and(|at| end[at..].starts_with(b"</"))
}

/// Hands a call's attempts to its [`Sent`].
#[derive(Debug)]
pub(super) struct Recorder(pub(super) std::sync::Arc<Sent>);

#[dyn_dispatch_hint]
impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
        *self
            .0
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = context.request().extension().cloned();
        self.0
            .url
            .get_or_init(|| context.request().uri().to_owned());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let whole = context.response().body().bytes().is_some_and(is_whole);
        self.0.answered_in_full.store(whole, Ordering::Relaxed);
        Ok(())
    }
}
