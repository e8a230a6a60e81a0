//! Decides when a request may be sent again. It vetoes the SDK's resends if they can't help or would
//! make AWS do a thing twice, and never asks for a resend itself.
//!
//! A code works once, and creating something twice makes two of it. So a request that carries a code or
//! creates something is sent again only if it was certainly not processed: it was never sent, or AWS
//! says so (throttled, not available, a clock to correct). Any other 5xx, even a gateway's, is a lost
//! answer.

use super::call::Call;
use super::refusal::{Answer, Refusal};
use super::transport::{never_sent, refused_for_good};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use std::error::Error;
use std::marker::PhantomData;

/// Judges the failed attempts of one call, whose operation has errors of type `E`.
#[derive(Debug)]
pub(super) struct Resend<E> {
    is_once: bool,
    access_key_id: String,
    error: PhantomData<E>,
}

impl<E> Resend<E> {
    /// The judge of `call`.
    pub(super) fn of(call: &Call<'_>) -> Self {
        Self {
            is_once: call.is_once(),
            access_key_id: call.access_key_id.to_owned(),
            error: PhantomData,
        }
    }
}

impl<E> ClassifyRetry for Resend<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = ctx.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let status = ctx
            .response()
            .map_or(0, |response| response.status().as_u16());
        let refusal = error
            .as_operation_error()
            .and_then(|error| error.downcast_ref::<E>())
            .and_then(|error| Answer::of(error, status, &self.access_key_id))
            .map(|answer| Refusal::of(&answer));
        let connector = error.as_connector_error();
        let is_final = match refusal {
            Some(refusal) if self.is_once => !refusal.was_not_processed(),
            Some(refusal) => !refusal.may_be_sent_again(),
            None => {
                let answer_lost = error.is_timeout_error()
                    || error.is_response_error()
                    || status >= 500
                    || connector.is_some_and(|e| !never_sent(e));
                answer_lost && self.is_once
            }
        };
        if is_final || connector.is_some_and(refused_for_good) {
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
