//! Exchanges a code for a session: gets the code, sends it, and decides what a refused code or a lost
//! answer means for the next try. It stores nothing.

use super::device::{Device, Origin, Search};
use super::means::Means;
use super::patience::Patience;
use super::warm_up::WarmUp;
use crate::aws::{Aws, Fault, Identity, Refusal};
use crate::caller::nested::InProgress;
use crate::code::wanted::Wanted;
use crate::code::{Code, CodeSource, command, stdin};
use crate::exit::{Exit, Failure, Result};
use crate::profile::source::Holder;
use crate::value::{Lifetime, Session};
use crate::world::tty::Terminal;
use crate::world::{Context, prompt};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use zeroize::Zeroizing;

/// AWS checks nine codes of a device in three minutes; three tries leave room for another program.
pub(crate) const TRIES: usize = 3;

/// Everything needed to exchange a code.
pub(super) struct Exchange<'a> {
    /// AWS, asked with the long-term keys.
    pub(super) aws: &'a Aws,
    /// The owner of the keys.
    pub(super) holder: &'a Holder,
    /// The device that shows the code.
    pub(super) device: Device,
    /// The state of the connection, and what is known about the user.
    pub(super) warm_up: WarmUp,
    /// How many codes the user may try.
    pub(super) tries: usize,
    /// The lifetime to request.
    pub(super) lifetime: Lifetime,
    /// How long to wait for the user.
    pub(super) patience: &'a Patience<'a>,
    /// The sign-ins in progress, which a command for the code is told about.
    pub(super) in_progress: &'a InProgress,
    /// The world.
    pub(super) context: Context,
}

impl Exchange<'_> {
    /// Gets a code by `means` and exchanges it. Returns the session and, if AWS was asked, who the user
    /// is.
    pub(super) async fn run(mut self, means: Means) -> Result<(Session, Option<Identity>)> {
        let session = match means {
            Means::Prompt(terminal) => self.ask_and_send(&terminal).await?,
            Means::NewDevice(new) => self.wait_for(&new).await?,
            Means::Elsewhere(source, terminal) => {
                let code = self.read(source).await?;
                let sent = self.send(&code, terminal.as_ref()).await;
                sent.map_err(|fault| self.final_failure(fault, 1))?
            }
        };
        Ok((session, self.warm_up.identity))
    }

    async fn read(&self, source: CodeSource) -> Result<Code> {
        match source {
            CodeSource::Given(code) => Ok(code),
            CodeSource::Stdin => prompt::run_blocking(stdin::read).await?,
            CodeSource::Command { line, named_by } => {
                self.context
                    .ui
                    .step(&format!("running {named_by} for the code"));
                let limit = self.patience.limit(command::LIMIT);
                let in_progress = self.in_progress.text();
                command::run(&line, named_by, self.wanted(), &in_progress, limit).await
            }
        }
    }

    /// Sends a code. If the device was only remembered and is gone, sends the code once more for the
    /// device that the user has now: AWS has not accepted it for any device yet.
    async fn send(&mut self, code: &Code, terminal: Option<&Terminal>) -> Result<Session, Fault> {
        let fault = match self.send_once(code).await {
            Ok(session) => return Ok(session),
            Err(fault) => fault,
        };
        match &fault {
            Fault::Refused {
                refusal: Refusal::DeviceRejected,
                ..
            } if self.device.origin == Origin::LastSession => {}
            Fault::Refused {
                refusal: Refusal::CodeRejected,
                ..
            } => {
                // This answer shows that AWS knows the device.
                self.device.origin = Origin::Aws;
                return Err(fault);
            }
            _ => return Err(fault),
        }
        let search = Search {
            aws: self.aws,
            holder: self.holder,
            terminal,
            context: self.context,
        };
        let searching = search.replace(&self.device.serial, &mut self.warm_up);
        let found = self.patience.wait_for(searching).await;
        let Some(found) = found.map_err(Fault::Fatal)? else {
            return Err(fault);
        };
        let is_another = found.serial != self.device.serial;
        self.device = found;
        if is_another {
            self.send_once(code).await
        } else {
            Err(fault)
        }
    }

    pub(super) async fn send_once(&self, code: &Code) -> Result<Session, Fault> {
        let serial = &self.device.serial;
        self.context.ui.step(&format!(
            "asking AWS for a session of {} with {serial}",
            self.lifetime
        ));
        self.aws
            .get_session_token(serial, code, self.lifetime)
            .await
    }

    /// Asks at the terminal, as often as allowed. While the user types, the connection is opened and the
    /// keys are checked.
    async fn ask_and_send(&mut self, terminal: &Terminal) -> Result<Session> {
        let mut sent: Vec<Code> = Vec::new();
        if self.warm_up.identity.is_none() {
            self.context
                .ui
                .step("opening the connection and checking the keys (sts:GetCallerIdentity)");
        }
        loop {
            let typed = self.ask_while_warm(terminal).await?;
            let code = match Code::parse(&typed) {
                Ok(code) => code,
                Err(why) => {
                    prompt::show(terminal, why)?;
                    continue;
                }
            };
            // Sending it again would only use up one of the device's checks.
            if sent.iter().any(|sent| sent.expose() == code.expose()) {
                let text = format!("that is the same code again; {}", self.next_code());
                prompt::show(terminal, &text)?;
                continue;
            }
            let fault = match self.send(&code, Some(terminal)).await {
                Ok(session) => return Ok(session),
                Err(fault) => fault,
            };
            sent.push(code);
            self.warm_up.restart();
            let why = match &fault {
                Fault::Refused {
                    refusal: Refusal::CodeRejected,
                    ..
                } => "AWS refused the code: it is wrong, too old or already used".to_owned(),
                Fault::Lost(failure) => answer_lost(failure),
                _ => return Err(self.final_failure(fault, sent.len())),
            };
            if sent.len() >= self.tries {
                return Err(self.final_failure(fault, sent.len()));
            }
            prompt::show(terminal, &format!("{why}; {}", self.next_code()))?;
        }
    }

    /// Asks once, and meanwhile opens the connection, checks the keys, and keeps the connection alive.
    async fn ask_while_warm(&mut self, terminal: &Terminal) -> Result<Zeroizing<String>> {
        let question = format!("code for {}: ", self.wanted());
        let is_open = Cell::new(true);
        let answer = async {
            let answer = prompt::ask(terminal, &question).await;
            is_open.set(false);
            answer
        };
        let aws = self.aws;
        let typed = self
            .warm_up
            .keep_during(answer, || aws.get_caller_identity());
        let typed = self.patience.wait_for(typed).await;
        if is_open.get() {
            terminal.end_line();
        }
        if let Some(trouble) = self.warm_up.trouble.take() {
            self.context
                .ui
                .step(&format!("the keys could not be checked: {trouble}"));
        }
        typed
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            holder: self.holder,
            serial: &self.device.serial,
        }
    }

    /// The failure with which a sign-in ends after `tries` codes.
    fn final_failure(&self, fault: Fault, tries: usize) -> Failure {
        match fault {
            Fault::Refused {
                refusal: Refusal::CodeRejected,
                failure,
            } => self.code_failure(tries).detail_of(failure),
            Fault::Refused {
                refusal: Refusal::DeviceRejected | Refusal::MfaFailed,
                failure,
            } => self.device_failure(tries).detail_of(failure),
            Fault::Lost(failure) => Failure {
                message: answer_lost(&failure),
                hint: Some(format!("try again with a new code; {}", self.next_code())),
                ..failure
            },
            fault => fault.into(),
        }
    }

    fn code_failure(&self, tries: usize) -> Failure {
        let serial = &self.device.serial;
        let device = serial.device_name();
        if tries > 1 {
            return Failure::new(
                Exit::CodeRefused,
                format!(
                    "AWS refused {tries} codes of device {device} for {}",
                    self.holder
                ),
            )
            .hint(format!(
                "check that {serial} is the right device; {}",
                self.if_every_code_is_refused()
            ));
        }
        Failure::new(
            Exit::CodeRefused,
            format!(
                "AWS refused the code of device {device} for {}: it is wrong, too old or already used",
                self.holder
            ),
        )
        .hint(format!(
            "{}; {}",
            self.next_code(),
            self.if_every_code_is_refused()
        ))
    }

    fn if_every_code_is_refused(&self) -> String {
        let resync = self.holder.command("device resync");
        format!("if every code is refused, its clock is off: `{resync}`")
    }

    /// AWS gives the same answer for a wrong serial, a device that is not ready and one that is locked.
    fn device_failure(&self, tries: usize) -> Failure {
        let serial = &self.device.serial;
        let unlocked = self.context.local_time(unlock_time(self.context.now()));
        if tries > 1 {
            return Failure::new(
                Exit::CodeRefused,
                format!("AWS takes no more codes of {serial} for now: too many tries"),
            )
            .hint(format!("wait until {unlocked}, then use a new code"));
        }
        let doubt = match self.device.origin {
            Origin::LastSession => {
                "it is the device of the last session: if it no longer belongs to this user, choose another with --mfa-serial; one"
            }
            Origin::Given | Origin::Setting(_) => "is it this user's device? one",
            Origin::Aws => "a device",
        };
        Failure::new(Exit::CodeRefused, format!("AWS could not check the code with device {serial} for {}", self.holder))
            .hint(format!(
                "{doubt} that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {unlocked}"
            ))
    }

    fn next_code(&self) -> String {
        format!(
            "next code in {} s",
            30 - self.context.now().timestamp().rem_euclid(30)
        )
    }
}

/// What a lost answer means for the code.
fn answer_lost(failure: &Failure) -> String {
    format!("{}; the code may be used up", failure.message)
}

/// When a device with too many tries can be used again: at the next three-minute boundary (observed on
/// live AWS; nine checks in each such window).
fn unlock_time(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(180 - now.timestamp().rem_euclid(180))
}

#[cfg(test)]
mod tests {
    use super::unlock_time;
    use crate::value::expiry;

    #[test]
    fn a_locked_device_can_be_used_again_at_the_next_three_minute_boundary() {
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
