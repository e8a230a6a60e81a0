//! Listens on a free port of 127.0.0.1 and serves it on a thread, until it is dropped.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

/// A thread with its own runtime. Dropping it ends every task, and so every connection.
pub(crate) struct Loopback {
    /// Where it listens: a free port of 127.0.0.1.
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Hands a listener to `serve` and runs what it returns.
    pub(crate) fn start<Serving: Future<Output = ()>>(
        serve: impl FnOnce(tokio::net::TcpListener) -> Serving + Send + 'static,
    ) -> Self {
        // Binds with the standard library, because the caller may be inside a runtime of its own.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        listener
            .set_nonblocking(true)
            .expect("a socket can be non-blocking");
        let address = listener.local_addr().expect("the socket is bound");
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("the system has room for a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener);
                tokio::select! {
                    () = serve(listener.expect("the runtime has sockets")) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
