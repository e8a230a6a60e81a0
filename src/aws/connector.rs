//! Sends the requests of all AWS clients: opens connections, directly or through a proxy, and keeps them
//! for the next request. It never looks at what is sent, and never sends anything twice.

use super::authorities::Trusted;
use super::settings::{Proxies, Timeouts};
use super::transport::chain;
use super::trust::client_config;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http::{Request, Uri};
use http_body_util::Limited;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{
    Connected, Connection, HttpConnector as Tcp, capture_connection,
};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower_service::Service;

/// How long an unused connection is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes; AWS's longest page of devices has a third of it. Anything
/// that sends more is not AWS, and could fill the memory.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The open connections, and the way to new ones.
#[derive(Clone)]
pub(super) struct Connector {
    client: Client<Opener, SdkBody>,
    ways: Arc<Ways>,
}

impl Connector {
    /// A connector that trusts these authorities. It opens no connection, and reads none of the system's
    /// authorities, until a request needs them.
    pub(super) fn new(trusted: Trusted, proxies: Proxies, timeouts: Timeouts) -> Self {
        let mut tcp = Tcp::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let ways = Arc::new(Ways {
            tcp,
            tls: OnceLock::new(),
            trusted: Arc::new(trusted),
            proxies,
            timeouts,
        });
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(Opener(Arc::clone(&ways)));
        Self { client, ways }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request: Request<SdkBody> = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        if !is_tls(request.uri())
            && let Some(proxy) = self.ways.proxy(request.uri())
            && let Some(password) = proxy.basic_auth()
        {
            // A tunnel's password goes to the proxy only.
            let headers = request.headers_mut();
            headers.insert(PROXY_AUTHORIZATION, password.clone());
        }
        let_sdk_close_connection(&mut request);
        let answering = timeout(self.ways.timeouts.call, self.client.request(request));
        HttpConnectorFuture::new(async move {
            let answer = match answering.await {
                Ok(answer) => answer.map_err(explained)?,
                Err(elapsed) => return Err(ConnectorError::timeout(elapsed.into())),
            };
            HttpResponse::try_from(
                answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, LONGEST_ANSWER))),
            )
            .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK close the connection of this request, which it does before it repeats one that failed.
fn let_sdk_close_connection(request: &mut Request<SdkBody>) {
    let used = capture_connection(request);
    let Some(asked) = request.extensions().get::<CaptureSmithyConnection>() else {
        return;
    };
    asked.set_connection_retriever(move || {
        let proxied = used.connection_metadata().as_ref()?.is_proxied();
        let used = used.clone();
        let close = move || {
            if let Some(connection) = used.connection_metadata().as_ref() {
                connection.poison();
            }
        };
        let metadata = ConnectionMetadata::builder();
        Some(metadata.proxied(proxied).poison_fn(close).build())
    });
}

/// The error with the kind by which the SDK decides whether another attempt makes sense.
fn explained(error: Error) -> ConnectorError {
    let links = || chain(&error);
    let of_http = links().find_map(|it| it.downcast_ref::<hyper::Error>());
    let is = |kind: fn(&hyper::Error) -> bool| of_http.is_some_and(kind);
    if links().any(|it| it.is::<Elapsed>()) || is(hyper::Error::is_timeout) {
        ConnectorError::timeout(error.into())
    } else if is(hyper::Error::is_user) {
        ConnectorError::user(error.into())
    } else if error.is_connect()
        || is(hyper::Error::is_closed)
        || is(hyper::Error::is_canceled)
        || links().any(|it| it.is::<io::Error>())
    {
        ConnectorError::io(error.into())
    } else {
        let is_cut_short = is(hyper::Error::is_incomplete_message);
        let kind = is_cut_short.then_some(ErrorKind::TransientError);
        ConnectorError::other(error.into(), kind)
    }
}

fn is_tls(url: &Uri) -> bool {
    url.scheme() == Some(&Scheme::HTTPS)
}

/// The ways to AWS.
struct Ways {
    tcp: Tcp,
    /// Built for the first connection that needs it.
    tls: OnceLock<Arc<ClientConfig>>,
    trusted: Arc<Trusted>,
    proxies: Proxies,
    timeouts: Timeouts,
}

impl Ways {
    /// The proxy for `url`, with its user and password apart.
    fn proxy(&self, url: &Uri) -> Option<Intercept> {
        let proxy = self.proxies.for_url(url)?;
        Matcher::builder().all(proxy).build().intercept(url)
    }

    /// Adds TLS to the connections that `inner` opens, if the host wants it.
    fn tls_over<C>(&self, inner: C) -> HttpsConnector<C> {
        let config = self
            .tls
            .get_or_init(|| Arc::new(client_config(&self.trusted)));
        HttpsConnector::from((inner, Arc::clone(config)))
    }

    /// Opens a connection for requests to `url`.
    fn open(&self, url: Uri) -> Opening {
        let Some(proxy) = self.proxy(&url) else {
            return self.open_directly(url, false);
        };
        if !is_tls(&url) {
            return self.open_directly(proxy.uri().clone(), true);
        }
        let tunnel = Tunnel::new(proxy.uri().clone(), self.tls_over(self.tcp.clone()));
        let tunnel = match proxy.basic_auth() {
            Some(password) => tunnel.with_auth(password.clone()),
            None => tunnel,
        };
        let opening = self.tls_over(tunnel).call(url);
        Box::pin(async move { Ok(Stream::new(opening.await?, false)) })
    }

    fn open_directly(&self, url: Uri, forwards: bool) -> Opening {
        if is_tls(&url) {
            let opening = self.tls_over(self.tcp.clone()).call(url);
            Box::pin(async move { Ok(Stream::new(opening.await?, forwards)) })
        } else {
            let opening = self.tcp.clone().call(url);
            Box::pin(async move { Ok(Stream::new(opening.await?, forwards)) })
        }
    }
}

type Opening = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

/// Opens connections for the client, each within its time.
#[derive(Clone)]
struct Opener(Arc<Ways>);

impl Service<Uri> for Opener {
    type Response = Stream;
    type Error = BoxError;
    type Future = Opening;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Opening {
        let opening = timeout(self.0.timeouts.connect, self.0.open(url));
        Box::pin(async move { opening.await? })
    }
}

/// A connection, of whatever kind.
struct Stream {
    bytes: Box<dyn Bytes>,
    /// Whether a proxy at its other end forwards the requests, for which it needs the whole URL.
    forwards: bool,
}

trait Bytes: Read + Write + Connection + Send + Unpin {}

impl<T: Read + Write + Connection + Send + Unpin> Bytes for T {}

impl Stream {
    fn new(bytes: impl Bytes + 'static, forwards: bool) -> Self {
        let bytes = Box::new(bytes);
        Self { bytes, forwards }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.bytes.connected().proxy(self.forwards)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.bytes).poll_read(cx, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.bytes).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.bytes).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.bytes.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.bytes).poll_shutdown(cx)
    }
}
