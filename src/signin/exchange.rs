//! Owns the exchange of a code for a session: where the code comes from, what goes over the wire
//! meanwhile, and what a refused code or a lost answer means for the next try.

mod warm_up;

use super::patience;
use crate::aws::{Aws, Fault, Identity, Refusal};
use crate::code::{Code, Source, command, stdin};
use crate::exit::{Exit, Failure};
use crate::value::ProfileName;
use crate::value::Serial;
use crate::value::{Lifetime, Session, expiry};
use crate::world::Context;
use crate::world::tty::Terminal;
use anyhow::anyhow;
use chrono::{DateTime, Local, TimeDelta, Utc};
use std::cell::Cell;
use tokio::time::Instant;
use warm_up::WarmUp;
use zeroize::Zeroizing;

/// AWS takes nine verifications in three minutes for a device; three leave the person room for
/// another program's.
const TRIES: usize = 3;

/// What a code is exchanged with.
pub(super) struct Exchange<'a> {
    pub(super) aws: &'a Aws,
    pub(super) profile: &'a ProfileName,
    pub(super) serial: &'a Serial,
    pub(super) lifetime: Lifetime,
    /// When to stop asking: the caller of a `credential_process` gives up too.
    pub(super) ask_until: Option<Instant>,
    pub(super) context: Context,
}

impl Exchange<'_> {
    /// Takes the code from `source` and exchanges it. Returns the session, and who AWS said the
    /// user is, where it was asked.
    pub(super) async fn run(
        &self,
        source: Source,
        terminal: Option<Terminal>,
    ) -> anyhow::Result<(Session, Option<Identity>)> {
        let code = match source {
            Source::Given(code) => code,
            Source::Stdin => blocking(stdin::read).await??,
            Source::Command { line, named_by } => {
                self.context
                    .ui
                    .step(&format!("running the command of {named_by} for the code"));
                blocking(move || command::run(&line, named_by)).await??
            }
            Source::Prompt => {
                let terminal = terminal.ok_or_else(|| anyhow!("there is no terminal to ask at"))?;
                return self.at_prompt(terminal).await;
            }
        };
        match self.send(&code).await {
            Ok(issued) => Ok((issued, None)),
            Err(error) => Err(self.final_failure(error, 1).into()),
        }
    }

    async fn send(&self, code: &Code) -> Result<Session, Fault> {
        self.context.ui.step(&format!(
            "asking AWS for a session of {} with {}",
            self.lifetime, self.serial
        ));
        self.aws
            .get_session_token(self.serial, code, self.lifetime)
            .await
    }

    /// Asks at the terminal, up to three times. While the person types, the connection is opened
    /// and the keys are checked.
    async fn at_prompt(
        &self,
        mut terminal: Terminal,
    ) -> anyhow::Result<(Session, Option<Identity>)> {
        let mut warm_up = WarmUp::new();
        let mut sent: Vec<Code> = Vec::new();
        self.context
            .ui
            .step("opening the connection and checking the keys (sts:GetCallerIdentity)");
        loop {
            let (typed, again) = self.ask_while_warm(terminal, &mut warm_up).await?;
            terminal = again;
            let code = match Code::parse(&typed) {
                Ok(code) => code,
                Err(why) => {
                    terminal.show(why)?;
                    continue;
                }
            };
            // Sending it again would only use up one of the device's verifications.
            if sent.iter().any(|sent| sent.expose() == code.expose()) {
                terminal.show(&format!(
                    "that is the same code again; {}",
                    self.next_code()
                ))?;
                continue;
            }
            let error = match self.send(&code).await {
                Ok(issued) => return Ok((issued, warm_up.identity)),
                Err(error) => error,
            };
            sent.push(code);
            warm_up.used();
            let why = match &error {
                Fault::Refused {
                    refusal: Refusal::CodeRejected,
                    ..
                } => "AWS refused the code: it is wrong, too old or already used".to_owned(),
                Fault::Lost(failure) => {
                    format!("{}; the code may be used up", failure.message)
                }
                _ => return Err(self.final_failure(error, sent.len()).into()),
            };
            if sent.len() == TRIES {
                return Err(self.final_failure(error, sent.len()).into());
            }
            terminal.show(&format!("{why}; {}", self.next_code()))?;
        }
    }

    /// Asks once, and meanwhile opens the connection, checks the keys, and keeps the connection
    /// alive.
    async fn ask_while_warm(
        &self,
        terminal: Terminal,
        warm_up: &mut WarmUp,
    ) -> anyhow::Result<(Zeroizing<String>, Terminal)> {
        let mut after = terminal.again()?;
        let open = Cell::new(true);
        let answer = async {
            let answer = ask(terminal, self.question()).await;
            open.set(false);
            answer
        };
        let typed = warm_up.during(answer, || self.aws.get_caller_identity());
        let typed = patience::answer(self.ask_until, self.profile, typed).await;
        if open.get() {
            after.end_line();
        }
        if let Some(trouble) = warm_up.trouble.take() {
            self.context
                .ui
                .step(&format!("the keys could not be checked: {trouble}"));
        }
        typed
    }

    fn question(&self) -> String {
        let device = self.serial.device_name();
        match self.serial.account() {
            Some(account) => format!(
                "code for {} (device {device}, account {account}): ",
                self.profile
            ),
            None => format!("code for {} (device {device}): ", self.profile),
        }
    }

    /// The failure that a sign-in ends in after `tries` codes.
    fn final_failure(&self, error: Fault, tries: usize) -> Failure {
        let device = self.serial.device_name();
        match error {
            Fault::Refused { refusal, failure } => match refusal {
                Refusal::CodeRejected if tries > 1 => Failure::new(
                    Exit::CodeRefused,
                    format!("AWS refused {tries} codes of device {device} for profile {}", self.profile),
                )
                .hint(format!("check that {} is the right device and that its clock is right", self.serial))
                .detail_of(failure),
                Refusal::CodeRejected => Failure::new(
                    Exit::CodeRefused,
                    format!("AWS refused the code of device {device} for profile {}: it is wrong, too old or already used", self.profile),
                )
                .hint(format!("{}; if that is refused too, check the device's clock", self.next_code()))
                .detail_of(failure),
                Refusal::DeviceRejected | Refusal::MfaFailed => {
                    self.device_failure(tries).detail_of(failure)
                }
                _ => failure,
            },
            Fault::Lost(failure) => Failure {
                message: format!("{}; the code may be used up", failure.message),
                hint: Some(format!("try again with a new code; {}", self.next_code())),
                ..failure
            },
            Fault::NotSent(failure) | Fault::Fatal(failure) => failure,
        }
    }

    /// AWS gives one answer for a wrong serial, a device that is not ready and one that is locked.
    fn device_failure(&self, tries: usize) -> Failure {
        let serial = self.serial;
        let unlocked =
            expiry::local_time(unlock_time(self.context.now()), self.context.now(), &Local);
        if tries > 1 {
            return Failure::new(
                Exit::CodeRefused,
                format!("AWS takes no more codes of {serial} for now: too many tries"),
            )
            .hint(format!("wait until {unlocked}, then use a new code"));
        }
        Failure::new(Exit::CodeRefused, format!("AWS could not check the code with device {serial} for profile {}", self.profile))
            .hint(format!(
                "is it this user's device? one that was enabled seconds ago needs a moment; after too many tries it is locked until {unlocked}"
            ))
    }

    fn next_code(&self) -> String {
        format!(
            "next code in {} s",
            30 - self.context.now().timestamp().rem_euclid(30)
        )
    }
}

/// When a device that had too many tries is asked again: at the next three-minute boundary
/// (observed on live AWS; nine verifications in each such window).
fn unlock_time(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(180 - now.timestamp().rem_euclid(180))
}

/// Asks at the terminal without holding up the network. The input's end counts as a refusal.
pub(super) async fn ask(
    mut terminal: Terminal,
    question: String,
) -> anyhow::Result<(Zeroizing<String>, Terminal)> {
    // Shown here and not by the reading thread: what AWS says of the keys must not come first.
    terminal.question(&question)?;
    let (answer, mut terminal) = blocking(move || (terminal.answer(), terminal)).await?;
    match answer? {
        Some(answer) => Ok((answer, terminal)),
        None => {
            terminal.end_line();
            Err(Failure::new(Exit::Cancelled, "cancelled, nothing was changed").into())
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| anyhow!("a reading thread ended early"))
}

#[cfg(test)]
mod tests {
    use super::unlock_time;
    use crate::value::expiry;

    #[test]
    fn a_locked_device_is_asked_again_at_the_next_three_minutes() {
        for (now, expected) in [
            ("08:00:00", "08:03:00"),
            ("08:02:59", "08:03:00"),
            ("08:05:59", "08:06:00"),
        ] {
            let at = |time: &str| {
                expiry::parse(&format!("2026-01-01T{time}Z")).expect("a time of the test")
            };
            assert_eq!(
                expiry::format(unlock_time(at(now))),
                expiry::format(at(expected))
            );
        }
    }
}
