//! Decides when a request may be sent again.
//!
//! A code works once. So a request that carries one is sent again only when it surely was not
//! processed: it never left, or the answer says so (throttled, 5xx, a clock to correct).

use super::transport::{certificate_refused, never_sent};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

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
