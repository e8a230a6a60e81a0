//! Opens the connection to IAM before it is needed, while STS is being asked. It sends no keys, and
//! ignores the outcome.

use super::client::Aws;
use super::probe::{Service, url};
use super::settings::Settings;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::Uri;
use http_body_util::BodyExt as _;

impl Aws {
    /// Opens the connection if IAM is not on the same host as STS, ready for the next request. A request
    /// that comes while it is still opening uses whichever connection is ready first, this one or its
    /// own. If it can't be opened, that request reports the reason.
    ///
    /// Only a complete exchange leaves a connection ready, and every IAM call would need a permission.
    /// IAM answers a plain GET with a redirect to its product page.
    pub(crate) async fn open_iam(&self) {
        let Some(url) = iam_apart(self.settings()).await else {
            return;
        };
        let Ok(request) = HttpRequest::get(url) else {
            return;
        };
        if let Ok(answer) = self.connector().call(request).await {
            // Read to the end, because otherwise the connection is not free.
            let _ = answer.into_body().collect().await;
        }
    }
}

/// IAM's URL, if it is not on the host of STS.
async fn iam_apart(settings: &Settings) -> Option<String> {
    let authority = |url: &String| url.parse::<Uri>().ok()?.into_parts().authority;
    let (sts, iam) = (&settings.sts_endpoint, &settings.iam_endpoint);
    if let (Some(sts), Some(iam)) = (sts, iam)
        && authority(sts) == authority(iam)
    {
        return None;
    }
    url(settings, Service::Iam).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::tests::settings;

    async fn url_of(env: &[(&str, &str)]) -> Option<String> {
        iam_apart(&settings(env)).await
    }

    #[tokio::test]
    async fn the_connection_to_iam_is_opened_early_only_if_it_is_another_host() {
        let (sts, iam) = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM");
        let both = ("AWS_ENDPOINT_URL", "http://a.test:1");
        for (env, expected) in [
            (&[][..], Some("https://iam.amazonaws.com")),
            (
                &[("AWS_REGION", "cn-north-1")],
                Some("https://iam.cn-north-1.amazonaws.com.cn"),
            ),
            (
                &[("AWS_USE_FIPS_ENDPOINT", "true")],
                Some("https://iam-fips.amazonaws.com"),
            ),
            (&[both], None),
            (&[both, (iam, "http://a.test:1/iam")], None),
            (&[both, (iam, "http://a.test:2")], Some("http://a.test:2")),
            (
                &[(sts, "http://a.test:1")],
                Some("https://iam.amazonaws.com"),
            ),
        ] {
            assert_eq!(url_of(env).await.as_deref(), expected, "{env:?}");
        }
    }
}
