//! Opens tunnels (CONNECT) as a company's HTTP proxy does, or refuses them. It connects to one address
//! whatever host it is asked for, so it never looks up a name.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::loopback::Loopback;

/// A running proxy.
pub(crate) struct Tunnel {
    loopback: Loopback,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    /// A proxy that connects to `target`.
    pub(crate) fn to(target: SocketAddr) -> Self {
        Self::start(Ok(target))
    }

    /// A proxy that answers every request with this status line, such as `403 Forbidden`.
    pub(crate) fn refusing(status: &'static str) -> Self {
        Self::start(Err(status))
    }

    fn start(answer: Result<SocketAddr, &'static str>) -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = asked.clone();
        let loopback = Loopback::start(move |listener| accept(listener, answer, log));
        Self { loopback, asked }
    }

    /// The value of `HTTPS_PROXY` that leads here.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.loopback.address)
    }

    /// The hosts and ports that clients asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no holder panics").clone()
    }
}

async fn accept(
    listener: TcpListener,
    answer: Result<SocketAddr, &'static str>,
    log: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let log = log.clone();
        tokio::spawn(async move {
            // A client that goes away ends only its own tunnel.
            let _ = serve(client, answer, &log).await;
        });
    }
}

async fn serve(
    mut client: TcpStream,
    answer: Result<SocketAddr, &'static str>,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next());
    log.lock()
        .expect("no holder panics")
        .push(target.unwrap_or("no tunnel").to_owned());
    match answer {
        Ok(address) if target.is_some() => {
            let mut server = TcpStream::connect(address).await?;
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        refusal => {
            let status = refusal.err().unwrap_or("405 Method Not Allowed");
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            client.write_all(answer.as_bytes()).await?;
        }
    }
    Ok(())
}
