//! Delays connections: a TCP proxy on loopback that adds latency, counts round trips and can cut what it
//! carries. It never looks at the bytes that pass through.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, sleep_until};

use super::loopback::Loopback;

/// A running proxy.
pub(crate) struct Proxy {
    counters: Arc<Counters>,
    loopback: Loopback,
}

#[derive(Default)]
struct Counters {
    connections: AtomicUsize,
    round_trips: AtomicUsize,
    cut: Notify,
}

impl Proxy {
    /// Forwards connections to `target`. Every byte takes `latency` longer in each direction, and the
    /// first byte of a connection twice that, because of the TCP handshake. Bandwidth is not limited.
    pub(crate) fn start(target: SocketAddr, latency: Duration) -> Self {
        let counters = Arc::new(Counters::default());
        let shared = counters.clone();
        let loopback = Loopback::start(move |listener| accept(listener, target, latency, shared));
        Self { counters, loopback }
    }

    /// Where clients connect; only the port differs from the target's.
    pub(crate) fn address(&self) -> SocketAddr {
        self.loopback.address
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.counters.connections.load(Ordering::Relaxed)
    }

    /// How often a client sent something after connecting or after the server had sent something. The
    /// TCP handshake is not counted; a TLS 1.3 handshake counts as one.
    pub(crate) fn round_trips(&self) -> usize {
        self.counters.round_trips.load(Ordering::Relaxed)
    }

    /// Closes every open connection.
    pub(crate) fn cut(&self) {
        self.counters.cut.notify_waiters();
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    latency: Duration,
    counters: Arc<Counters>,
) {
    while let Ok((client, _)) = listener.accept().await {
        counters.connections.fetch_add(1, Ordering::Relaxed);
        let counters = counters.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = counters.cut.notified() => {}
                () = carry(client, target, latency, &counters) => {}
            }
        });
    }
}

async fn carry(client: TcpStream, target: SocketAddr, latency: Duration, counters: &Counters) {
    sleep(latency * 2).await;
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    // Small writes must not wait for acknowledgements, because that would add to the latency.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whether the client was the last to send.
    let spoke = AtomicBool::new(false);
    let asked = || {
        if !spoke.swap(true, Ordering::Relaxed) {
            counters.round_trips.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(
        delay(from_client, to_server, latency, asked),
        delay(from_server, to_client, latency, || spoke
            .store(false, Ordering::Relaxed)),
    );
}

/// Copies until the end, each piece `latency` after it arrived.
async fn delay(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    latency: Duration,
    came: impl Fn(),
) {
    let (queue, mut queued) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            came();
            let piece = buffer[..length].to_vec();
            if queue.send((Instant::now() + latency, piece)).is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = queued.recv().await {
            sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}
