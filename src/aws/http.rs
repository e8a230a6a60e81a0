//! Builds the connector that AWS clients share: trust, proxies, timeouts, kept-alive connections. It
//! never looks at what is sent.

use super::authorities;
use super::settings::{CaBundle, Proxies, Settings, Timeouts};
use crate::exit::Result;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use http_body_util::Limited;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// How long an unused connection is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The connections of AWS clients that trust the same authorities and use the same proxies.
#[derive(Clone)]
pub(super) struct Connections {
    way: Way,
    connector: SharedHttpConnector,
}

/// What a connection depends on besides its host.
#[derive(Clone, PartialEq, Eq)]
struct Way {
    /// The CA bundle, if some endpoint is reached by TLS.
    bundle: Option<PathBuf>,
    proxies: Proxies,
    timeouts: Timeouts,
}

impl Connections {
    /// Connections for `settings`. It does not connect or read the system's roots until the first
    /// request needs them. Authorities that a setting or a variable names are read and checked here.
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let way = Way::of(settings);
        let trusted = match bundle_for_tls(settings) {
            Some(bundle) => Some(authorities::of_bundle(bundle)?),
            None => None,
        };
        if trusted.is_none() && uses_tls(settings) {
            authorities::check_named(&settings.authorities)?;
        }
        let connector = SharedHttpConnector::new(OnDemand {
            trusted,
            proxies: way.proxies.clone(),
            timeouts: way.timeouts,
            http: Ways::default(),
            https: Ways::default(),
        });
        Ok(Self { way, connector })
    }

    /// These connections if they fit `settings`, else new ones.
    pub(super) fn for_settings(&self, settings: &Settings) -> Result<Self> {
        if self.way == Way::of(settings) {
            Ok(self.clone())
        } else {
            Self::new(settings)
        }
    }

    /// The HTTP client for the AWS clients.
    pub(super) fn client(&self) -> SharedHttpClient {
        let connector = self.connector();
        http_client_fn(move |_, _| connector.clone())
    }

    /// The connector for requests that don't come from an SDK client.
    pub(super) fn connector(&self) -> SharedHttpConnector {
        self.connector.clone()
    }
}

impl Way {
    fn of(settings: &Settings) -> Self {
        Self {
            bundle: bundle_for_tls(settings).map(|bundle| bundle.path.clone()),
            proxies: settings.proxies.clone(),
            timeouts: settings.timeouts,
        }
    }
}

/// The CA bundle, if it is needed: as long as every endpoint is plain HTTP, a faulty one does no harm.
fn bundle_for_tls(settings: &Settings) -> Option<&CaBundle> {
    settings.ca_bundle.as_ref().filter(|_| uses_tls(settings))
}

/// Whether some endpoint or proxy is reached by TLS.
fn uses_tls(settings: &Settings) -> bool {
    let plain = |url: &Option<String>| url.as_deref().is_some_and(|url| is_scheme(url, "http"));
    !(plain(&settings.sts_endpoint) && plain(&settings.iam_endpoint))
        || settings
            .proxies
            .http
            .as_deref()
            .is_some_and(|url| is_scheme(url, "https"))
}

fn is_scheme(url: &str, scheme: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(found, _)| found.eq_ignore_ascii_case(scheme))
}

/// The longest answer that is read, in bytes; AWS's longest page of devices has a third of it. Anything
/// that sends more is not AWS, and could fill the memory.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Builds a connector for each scheme, with and without its proxy, when it is first needed: reading the
/// system's roots takes 2.5 ms.
struct OnDemand {
    trusted: Option<Vec<u8>>,
    proxies: Proxies,
    timeouts: Timeouts,
    http: Ways,
    https: Ways,
}

/// The connectors for the endpoints of one scheme.
#[derive(Default)]
struct Ways {
    direct: OnceLock<Connector>,
    proxied: OnceLock<Connector>,
}

impl std::fmt::Debug for OnDemand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnDemand").finish_non_exhaustive()
    }
}

impl HttpConnector for OnDemand {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_tls = is_scheme(request.uri(), "https");
        let ways = if is_tls { &self.https } else { &self.http };
        let url: Option<Uri> = request.uri().parse().ok();
        let proxy = url.as_ref().and_then(|url| self.proxies.for_url(url));
        let connector = match proxy {
            None => &ways.direct,
            Some(_) => &ways.proxied,
        };
        let answering = connector
            .get_or_init(|| self.connector(proxy, is_tls))
            .call(request);
        HttpConnectorFuture::new(async move {
            let answer = answering.await?;
            Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, LONGEST_ANSWER))))
        })
    }
}

impl OnDemand {
    /// A connector for the endpoints of one scheme, reached through `proxy`.
    fn connector(&self, proxy: Option<&str>, is_tls: bool) -> Connector {
        let config = match proxy {
            Some(url) if is_tls => ProxyConfig::https(url),
            Some(url) => ProxyConfig::http(url),
            None => Ok(ProxyConfig::disabled()),
        };
        let builder = Connector::builder()
            .proxy_config(config.expect("the settings hold checked URLs only"))
            .pool_idle_timeout(IDLE_TIMEOUT)
            .connector_settings(
                HttpConnectorSettings::builder()
                    .connect_timeout(self.timeouts.connect)
                    .read_timeout(self.timeouts.call)
                    .build(),
            );
        if is_tls || proxy.is_some_and(|url| is_scheme(url, "https")) {
            self.with_tls(builder)
        } else {
            builder.build_http()
        }
    }

    fn with_tls(&self, builder: ConnectorBuilder) -> Connector {
        let store = match &self.trusted {
            Some(pem) => TrustStore::empty().with_pem_certificate(pem.as_slice()),
            None => TrustStore::default(),
        };
        let context = TlsContext::builder()
            .with_trust_store(store)
            .build()
            .expect("building a TLS context only stores what it is given");
        builder
            .tls_provider(Provider::rustls(CryptoMode::Ring))
            .tls_context(context)
            .build()
    }
}
