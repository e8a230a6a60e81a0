//! Shows the codes of the sandbox's virtual devices, as an app on a phone does, and lets time pass:
//! `awsmfa-code NAME` and `awsmfa-later TIME` ask the running sandbox for that. It never shows a code that
//! AWS has already seen.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;

use anyhow::Context;
use chrono::TimeDelta;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::aws::{Aws, USER};
use crate::support::loopback::Loopback;

/// The variable that tells `awsmfa-code` where its sandbox listens.
const ADDRESS: &str = "AWSMFA_SANDBOX";

/// The beginning of a request to let time pass: no device's name contains a space.
const LATER: &str = "later ";

/// Listens on loopback, sends the code of the requested device, and lets time pass.
pub(crate) struct Desk(Loopback);

impl Desk {
    /// Opens the desk for all devices of the account, including those created later.
    pub(crate) fn open(aws: &Aws) -> Self {
        let (app, sessions) = (aws.app(), aws.time_of_sessions());
        Self(Loopback::start(async move |listener| {
            while let Ok((mut person, _)) = listener.accept().await {
                let mut name = String::new();
                let _ = person.read_to_string(&mut name).await;
                if let Some(seconds) = name.strip_prefix(LATER).and_then(|it| it.parse().ok()) {
                    sessions.age(TimeDelta::seconds(seconds));
                    continue;
                }
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
    let name = std::env::args().nth(1).unwrap_or_else(|| USER.to_owned());
    let answer = ask(&name)?;
    let is_code = !answer.is_empty() && answer.bytes().all(|it| it.is_ascii_digit());
    anyhow::ensure!(is_code, "{answer}");
    println!("{answer}");
    Ok(ExitCode::SUCCESS)
}

/// Makes every session this much older: `2h`, `90m`.
pub(crate) fn let_time_pass() -> anyhow::Result<ExitCode> {
    let time = std::env::args().nth(1).unwrap_or_default();
    let seconds = match time.split_at_checked(time.len().saturating_sub(1)) {
        Some((hours, "h")) => hours.parse().ok().and_then(|it: u32| it.checked_mul(3600)),
        Some((minutes, "m")) => minutes.parse().ok().and_then(|it: u32| it.checked_mul(60)),
        _ => None,
    };
    let seconds = seconds.context("say how much later: awsmfa-later 2h, or 90m")?;
    ask(&format!("{LATER}{seconds}"))?;
    println!("every session, and the MFA that it was made with, is {time} older now");
    Ok(ExitCode::SUCCESS)
}

/// The answer of the running sandbox.
fn ask(question: &str) -> anyhow::Result<String> {
    let address = std::env::var(ADDRESS).context("it works only inside a sandbox")?;
    let address: SocketAddr = address.parse().context("the sandbox's address")?;
    let mut answer = String::new();
    TcpStream::connect(address)
        .and_then(|mut desk| {
            desk.write_all(question.as_bytes())?;
            desk.shutdown(Shutdown::Write)?;
            desk.read_to_string(&mut answer)
        })
        .context("the sandbox has ended")?;
    Ok(answer)
}
