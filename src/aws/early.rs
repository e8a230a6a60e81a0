//! Opens the connection to IAM before there is a question for it, while STS is asked. It sends no
//! keys, and what comes of it is never looked at.

use super::client::Aws;
use super::probe::{Service, url};
use super::settings::Settings;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::Uri;
use http_body_util::BodyExt as _;

impl Aws {
    /// Opens the connection, where IAM is another host than STS. It lies ready for the next request
    /// then; one that comes while it still opens uses whichever is there first, this or its own. Where
    /// it can't be opened, that request says why.
    ///
    /// Only a whole exchange leaves a connection ready, and every call of IAM's would need a
    /// permission. To a plain GET it answers with the address of its product's page.
    pub(crate) async fn open_iam(&self) {
        let Some(url) = iam_apart(self.settings()).await else {
            return;
        };
        let Ok(request) = HttpRequest::get(url) else {
            return;
        };
        if let Ok(answer) = self.connector().call(request).await {
            // To its end, or the connection is not free.
            let _ = answer.into_body().collect().await;
        }
    }
}

/// IAM's URL, where it is not at the host of STS.
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
    async fn iam_is_reached_ahead_only_where_it_is_another_host() {
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
