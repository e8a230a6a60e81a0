//! Hands out the codes of the sandbox's virtual device: `awsmfa-code` asks the running sandbox for
//! one. It never hands out a code that AWS has already seen.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;

use anyhow::Context;
use tokio::io::AsyncWriteExt;

use crate::support::aws::{Aws, USER};
use crate::support::loopback::Loopback;

/// Tells `awsmfa-code` where its sandbox listens.
const ADDRESS: &str = "AWSMFA_SANDBOX";

/// Listens on loopback, and sends a code to everyone who connects.
pub(crate) struct Desk(Loopback);

impl Desk {
    /// Opens the desk for the only device there is.
    pub(crate) fn open(aws: &Aws) -> Self {
        let device = aws.codes(USER);
        Self(Loopback::start(async move |listener| {
            while let Ok((mut person, _)) = listener.accept().await {
                let code = device.unused().unwrap_or_default();
                let _ = person.write_all(code.as_bytes()).await;
            }
        }))
    }

    /// The environment variable that leads to this desk.
    pub(crate) fn variable(&self) -> (&'static str, String) {
        (ADDRESS, self.0.address.to_string())
    }
}

/// Prints a code that AWS would accept now.
pub(crate) fn print() -> anyhow::Result<ExitCode> {
    let address = std::env::var(ADDRESS).context("awsmfa-code works only inside a sandbox")?;
    let address: SocketAddr = address.parse().context("the sandbox's address")?;
    let mut code = String::new();
    TcpStream::connect(address)
        .and_then(|mut desk| desk.read_to_string(&mut code))
        .context("the sandbox has ended")?;
    anyhow::ensure!(
        !code.is_empty(),
        "every code of these two minutes is used up: the next one comes within 30 s"
    );
    println!("{code}");
    Ok(ExitCode::SUCCESS)
}
