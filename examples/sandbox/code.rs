//! Hands out the codes of the sandbox's virtual devices, as a phone's app does: `awsmfa-code NAME` asks
//! the running sandbox for one. It never hands out a code that AWS has already seen.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::aws::{Aws, USER};
use crate::support::loopback::Loopback;

/// The variable that tells `awsmfa-code` where its sandbox listens.
const ADDRESS: &str = "AWSMFA_SANDBOX";

/// Listens on loopback, and sends the code of the requested device.
pub(crate) struct Desk(Loopback);

impl Desk {
    /// Opens the desk for all devices of the account, including those created later.
    pub(crate) fn open(aws: &Aws) -> Self {
        let app = aws.app();
        Self(Loopback::start(async move |listener| {
            while let Ok((mut person, _)) = listener.accept().await {
                let mut name = String::new();
                let _ = person.read_to_string(&mut name).await;
                let answer = match app.code(&name) {
                    Ok(Some(code)) => code,
                    Ok(None) => {
                        "every code of these two minutes is used up: the next one comes within 30 s"
                            .to_owned()
                    }
                    Err(why) => why,
                };
                let _ = person.write_all(answer.as_bytes()).await;
            }
        }))
    }

    /// The environment variable that leads to this desk.
    pub(crate) fn variable(&self) -> (&'static str, String) {
        (ADDRESS, self.0.address.to_string())
    }
}

/// Prints a code that AWS would accept now, of the named device or else of alice's.
pub(crate) fn print() -> anyhow::Result<ExitCode> {
    let address = std::env::var(ADDRESS).context("awsmfa-code works only inside a sandbox")?;
    let address: SocketAddr = address.parse().context("the sandbox's address")?;
    let name = std::env::args().nth(1).unwrap_or_else(|| USER.to_owned());
    let mut answer = String::new();
    TcpStream::connect(address)
        .and_then(|mut desk| {
            desk.write_all(name.as_bytes())?;
            desk.shutdown(Shutdown::Write)?;
            desk.read_to_string(&mut answer)
        })
        .context("the sandbox has ended")?;
    anyhow::ensure!(answer.bytes().all(|it| it.is_ascii_digit()), "{answer}");
    println!("{answer}");
    Ok(ExitCode::SUCCESS)
}
