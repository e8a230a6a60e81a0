//! Builds the SDK's clients by hand, for one set of keys and on shared connections. Unlike the SDK's own
//! loader, it never reads a file or a variable.

use super::call::Call;
use super::http::Connections;
use super::resend::Resend;
use super::settings::Settings;
use crate::exit::Result;
use crate::value::Keys;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use secrecy::ExposeSecret as _;
use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The longest pause before the first resend; a tenth of the SDK's default.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// AWS, reached with one set of keys. Clones share their connections and the measured clock skew.
///
/// Requests don't wait for one another: two calls at the same moment open two connections.
#[derive(Clone)]
pub(crate) struct Aws {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    keys: Keys,
    connections: Connections,
    /// The configuration that the clients of all services share.
    shared: SdkConfig,
    sts: OnceLock<aws_sdk_sts::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
}

impl Aws {
    /// Prepares the clients. Reads and checks the CA bundle, if there is one; does not connect.
    pub(crate) fn new(settings: &Settings, keys: &Keys) -> Result<Self> {
        Ok(Self::on(Connections::new(settings)?, settings, keys))
    }

    /// The same AWS with other keys and settings. An open connection to the same host is used again if
    /// these settings trust and reach it in the same way.
    pub(crate) fn with(&self, settings: &Settings, keys: &Keys) -> Result<Self> {
        let connections = self.inner.connections.for_settings(settings)?;
        Ok(Self::on(connections, settings, keys))
    }

    fn on(connections: Connections, settings: &Settings, keys: &Keys) -> Self {
        let token = keys.session_token.as_ref();
        let credentials = Credentials::new(
            &keys.access_key_id,
            keys.secret_access_key.expose_secret(),
            token.map(|token| token.expose_secret().to_owned()),
            None,
            "awsmfa",
        );
        let retries = RetryConfig::standard()
            .with_max_attempts(settings.max_attempts)
            .with_initial_backoff(FIRST_BACKOFF);
        let shared = SdkConfig::builder()
            .behavior_version(behavior())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(connections.client())
            .app_name(app_name())
            .retry_config(retries)
            .use_fips(settings.fips)
            .use_dual_stack(settings.dualstack)
            .build();
        Self {
            inner: Arc::new(Inner {
                settings: settings.clone(),
                keys: keys.clone(),
                connections,
                shared,
                sts: OnceLock::new(),
                iam: OnceLock::new(),
            }),
        }
    }

    /// The STS client.
    pub(super) fn sts(&self) -> &aws_sdk_sts::Client {
        let Inner {
            settings, shared, ..
        } = &*self.inner;
        self.inner.sts.get_or_init(|| {
            let mut config = aws_sdk_sts::config::Builder::from(shared);
            if settings.sts_global {
                config = config.region(Region::from_static("aws-global"));
            }
            config.set_endpoint_url(settings.sts_endpoint.clone());
            aws_sdk_sts::Client::from_conf(config.build())
        })
    }

    /// The IAM client.
    pub(super) fn iam(&self) -> &aws_sdk_iam::Client {
        let Inner {
            settings, shared, ..
        } = &*self.inner;
        self.inner.iam.get_or_init(|| {
            let mut config = aws_sdk_iam::config::Builder::from(shared);
            config.set_endpoint_url(settings.iam_endpoint.clone());
            aws_sdk_iam::Client::from_conf(config.build())
        })
    }

    /// How AWS is reached.
    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The connector that all requests use.
    pub(super) fn connector(&self) -> SharedHttpConnector {
        self.inner.connections.connector()
    }

    /// Starts the record of a call.
    pub(super) fn call(&self, operation: &'static str) -> Call<'_> {
        Call::new(operation, &self.inner.settings, &self.inner.keys)
    }
}

/// The SDK's defaults of a fixed date, so that an update of the SDK does not change them.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Names awsmfa in the user agent, and thus in CloudTrail.
fn app_name() -> AppName {
    AppName::new(concat!("awsmfa-", env!("CARGO_PKG_VERSION")))
        .expect("letters, digits, `-` and `.`")
}

/// The timeouts of a call; the connector has a separate one for connecting. If a request must not be
/// processed twice, its single attempt gets the call's whole time: giving up early would waste a code.
fn timeouts(call: &Call<'_>) -> TimeoutConfig {
    let limits = &call.settings.timeouts;
    let attempt = if call.is_once() {
        limits.call
    } else {
        limits.attempt
    };
    TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .operation_timeout(limits.call)
        .build()
}

/// A request that is observed by the record of its call.
pub(super) trait Watched {
    /// Counts the attempts for `call`, and allows a resend only if [`Resend`] does.
    fn watched_by(self, call: &Call<'_>) -> Self;
}

/// The generated clients have no common type for this.
macro_rules! watched {
    ($sdk:ident) => {
        impl<T, E, B> Watched for $sdk::client::customize::CustomizableOperation<T, E, B>
        where
            E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        {
            fn watched_by(self, call: &Call<'_>) -> Self {
                let config = $sdk::Config::builder()
                    .retry_classifier(Resend::<E>::of(call))
                    .timeout_config(timeouts(call));
                self.config_override(config).interceptor(call.recorder())
            }
        }
    };
}

watched!(aws_sdk_sts);
watched!(aws_sdk_iam);
