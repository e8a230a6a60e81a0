//! Chooses the connections for AWS clients: those that trust and reach AWS alike share theirs. It opens
//! none.

use super::authorities::Trusted;
use super::connector::Connector;
use super::settings::{CaBundle, Proxies, Settings, Timeouts};
use crate::exit::Result;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use std::path::PathBuf;

/// The connections of AWS clients that trust the same authorities and use the same proxies.
#[derive(Clone)]
pub(super) struct Connections {
    way: Way,
    connector: SharedHttpConnector,
}

/// What a connection depends on besides its host.
#[derive(Clone, PartialEq, Eq)]
struct Way {
    /// Whether some endpoint or proxy is reached by TLS. Where none is, nobody is trusted.
    uses_tls: bool,
    /// The CA bundle, if it is needed.
    bundle: Option<PathBuf>,
    proxies: Proxies,
    timeouts: Timeouts,
}

impl Connections {
    /// Connections for `settings`. It does not connect or read the system's roots until the first
    /// request needs them. Authorities that a setting or a variable names are read and checked here.
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let way = Way::of(settings);
        let trusted = match way.uses_tls {
            true => Trusted::read(settings)?,
            false => Trusted::Named(Vec::new()),
        };
        let connector =
            SharedHttpConnector::new(Connector::new(trusted, way.proxies.clone(), way.timeouts));
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
            uses_tls: uses_tls(settings),
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
