//! Serves HTTP/1.1 on loopback, over TLS if asked, and closes connections as a fault demands. It never
//! knows what a request means.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;

use super::super::loopback::Loopback;
use super::fault::Fault;
use super::query::Service;
use super::service::{Answer, Shared};

/// Listens on a free port of 127.0.0.1, with TLS if an acceptor is given.
pub(crate) fn start(shared: Arc<Shared>, tls: Option<TlsAcceptor>) -> Loopback {
    Loopback::start(move |listener| accept(listener, shared, tls))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let number = shared.connected();
        let (shared, tls) = (shared.clone(), tls.clone());
        // Otherwise each answer of two writes waits 40 ms for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            match tls {
                None => serve(stream, shared, number).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, shared, number).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>, number: usize) {
    let close = Arc::new(Notify::new());
    let service = service_fn(|request| respond(request, shared.clone(), number, close.clone()));
    let mut connection =
        pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = close.notified() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A fault wants the connection closed.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
struct Closed;

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    number: usize,
    close: Arc<Notify>,
) -> Result<Response<AnswerBody>, Closed> {
    let (head, body) = request.into_parts();
    // A GET that only checks whether anybody answers is redirected to the product's page.
    if head.method == Method::GET {
        let answer = Answer::new(302, "");
        let page = HeaderValue::from_static("https://aws.amazon.com/iam");
        let mut response = response(&shared, answer);
        response.headers_mut().insert("location", page);
        return Ok(response);
    }
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let (call, fault) = match shared.receive(&head, &body, number) {
        Ok(received) => received,
        Err(error) => return Ok(response(&shared, Answer::error(&error, Service::Sts))),
    };
    match fault {
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::CloseBefore) => return Err(Closed),
        Some(Fault::Delay(time)) => sleep(time).await,
        _ => {}
    }
    let answer = shared.answer(&head, &body, &call, fault);
    match fault {
        Some(Fault::LoseAnswer) => return Err(Closed),
        Some(Fault::SilentAfter) => std::future::pending().await,
        _ => {}
    }
    let mut response = response(&shared, answer);
    let body = response.body_mut();
    match fault {
        Some(Fault::CutAnswer) => body.cut(),
        Some(Fault::CloseAfter) => body.close = Some(Close(close)),
        _ => {}
    }
    Ok(response)
}

fn response(shared: &Shared, answer: Answer) -> Response<AnswerBody> {
    // Clients correct their own clock by this header, so it must be the stand-in's time.
    let date = shared.clock.now().format("%a, %d %b %Y %H:%M:%S GMT");
    Response::builder()
        .status(answer.status)
        .header("content-type", "text/xml")
        .header("date", date.to_string())
        .body(AnswerBody::new(answer.body))
        .expect("status and headers are legal")
}

/// The body of an answer, which may break off or close the connection.
struct AnswerBody {
    promised: u64,
    text: Option<Bytes>,
    /// Runs before the body breaks off, so that the first half has been sent by then.
    cut: Option<Pin<Box<Sleep>>>,
    close: Option<Close>,
}

/// Closes the connection once the body has been sent and is dropped.
struct Close(Arc<Notify>);

impl Drop for Close {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl AnswerBody {
    fn new(text: String) -> Self {
        Self {
            promised: text.len() as u64,
            text: Some(Bytes::from(text)),
            cut: None,
            close: None,
        }
    }

    fn cut(&mut self) {
        if let Some(text) = &mut self.text {
            text.truncate(text.len() / 2);
        }
        self.cut = Some(Box::pin(sleep(Duration::from_millis(10))));
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(text) = self.text.take() {
            return Poll::Ready(Some(Ok(Frame::data(text))));
        }
        match &mut self.cut {
            Some(cut) => cut.as_mut().poll(context).map(|()| Some(Err(Closed))),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
