//! Finds out whether an AWS service answers, how long that takes, and what time its clock shows. It
//! sends no keys and needs none, and ignores the rest of the answer.

use super::call::{Call, date};
use super::client::Aws;
use super::settings::Settings;
use super::transport::{
    NO_ANSWER, cannot_reach, network_hint, never_sent, transport_words, unreachable,
};
use crate::exit::{Exit, Failure, Result};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// An AWS service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Iam,
}

impl Service {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts => "STS",
            Self::Iam => "IAM",
        }
    }
}

/// How a service answered.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    /// The address that was asked: `host:port`, and the proxy on the way.
    pub(crate) place: String,
    /// How long it took, including the connection.
    pub(crate) took: Duration,
    /// The time of its clock, to the second, if it told.
    pub(crate) at: Option<DateTime<Utc>>,
    /// The HTTP status.
    pub(crate) status: u16,
}

impl Aws {
    /// Asks `service` for its front page, which redirects to its product page. Afterwards the connection
    /// is ready for the next request.
    pub(crate) async fn probe(&self, service: Service) -> Result<Answered> {
        let settings = self.settings();
        let call = self.call("a plain GET");
        let url = url(settings, service).await;
        let request = url.as_ref().and_then(|url| {
            call.note_attempt(url);
            HttpRequest::get(url).ok()
        });
        let request = request.ok_or_else(|| no_place(service, settings))?;
        let begun = Instant::now();
        let asking = timeout(settings.timeouts.call, self.connector().call(request));
        let answer = match asking.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(cause)) if never_sent(&cause) => return Err(unreachable(&cause, &call)),
            Ok(Err(cause)) => return Err(silent(&transport_words(Some(&cause)), &call)),
            Err(_) => return Err(silent(NO_ANSWER, &call)),
        };
        let answered = Answered {
            place: call.place(),
            took: begun.elapsed(),
            at: answer.headers().get("date").and_then(date),
            status: answer.status().as_u16(),
        };
        // Read to the end, because otherwise the connection is not free.
        let _ = timeout(settings.timeouts.attempt, answer.into_body().collect()).await;
        Ok(answered)
    }
}

fn silent(what: &str, call: &Call<'_>) -> Failure {
    cannot_reach(what, network_hint(call), call)
}

/// The URL of a service with these settings.
pub(super) async fn url(settings: &Settings, service: Service) -> Option<String> {
    let configured = match service {
        Service::Sts => &settings.sts_endpoint,
        Service::Iam => &settings.iam_endpoint,
    };
    if let Some(url) = configured {
        return Some(url.clone());
    }
    // The generated crates have no common type for this.
    let endpoint = match service {
        Service::Sts => {
            use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
            let region = match settings.sts_global {
                true => "aws-global",
                false => &settings.region,
            };
            let params = Params::builder()
                .region(region)
                .use_fips(settings.fips)
                .use_dual_stack(settings.dualstack)
                .build()
                .ok()?;
            DefaultResolver::new().resolve_endpoint(&params).await
        }
        Service::Iam => {
            use aws_sdk_iam::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
            let params = Params::builder()
                .region(settings.region.clone())
                .use_fips(settings.fips)
                .use_dual_stack(settings.dualstack)
                .build()
                .ok()?;
            DefaultResolver::new().resolve_endpoint(&params).await
        }
    };
    Some(endpoint.ok()?.url().to_owned())
}

/// The failure that these settings give no endpoint.
fn no_place(service: Service, settings: &Settings) -> Failure {
    Failure::new(
        Exit::Failed,
        format!(
            "{} has no endpoint in the region {} with these settings",
            service.name(),
            settings.region
        ),
    )
    .hint("check the region and the endpoint settings of the profile")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::tests::settings;

    async fn url_of(service: Service, env: &[(&str, &str)]) -> Option<String> {
        url(&settings(env), service).await
    }

    #[tokio::test]
    async fn a_service_is_probed_at_the_address_that_its_client_would_use() {
        let region = ("AWS_REGION", "eu-west-1");
        let legacy = ("AWS_STS_REGIONAL_ENDPOINTS", "legacy");
        let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
        for (service, env, expected) in [
            (
                Service::Sts,
                &[region][..],
                "https://sts.eu-west-1.amazonaws.com",
            ),
            (Service::Sts, &[region, legacy], "https://sts.amazonaws.com"),
            (
                Service::Sts,
                &[("AWS_REGION", "us-gov-west-1")],
                "https://sts.us-gov-west-1.amazonaws.com",
            ),
            (
                Service::Sts,
                &[("AWS_REGION", "us-east-2"), fips],
                "https://sts-fips.us-east-2.amazonaws.com",
            ),
            (Service::Iam, &[region], "https://iam.amazonaws.com"),
            (
                Service::Sts,
                &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
                "http://127.0.0.1:1",
            ),
        ] {
            let found = url_of(service, env).await;
            assert_eq!(found.as_deref(), Some(expected), "{service:?} {env:?}");
        }
    }
}
