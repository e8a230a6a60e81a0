//! Signs in with a device that was just enabled: asks AWS until it accepts the code, and suggests what
//! to do if it does not. It never asks the user.

use super::exchange::Exchange;
use super::new_device::NewDevice;
use crate::aws::{Fault, Refusal};
use crate::exit::{Exit, Failure, Remedy, Result};
use crate::value::Session;
use chrono::TimeDelta;
use tokio::time::{Instant, sleep_until};

impl Exchange<'_> {
    /// The session that AWS issues once it accepts the new device.
    pub(super) async fn wait_for(&self, new: &NewDevice) -> Result<Session> {
        let mut last = None;
        for at in new.moments() {
            if !new.may_be_good(self.context.now() + time_until(at)) {
                break;
            }
            sleep_until(at).await;
            if !new.budget.take() {
                break;
            }
            match self.send_once(&new.code).await {
                Ok(session) => return Ok(session),
                Err(fault) if may_pass(&fault) => last = Some(fault),
                Err(fault) => return Err(self.refused(new, fault)),
            }
        }
        Err(self.not_taken(new, last))
    }

    /// The failure if AWS knows the device but did not accept the code.
    fn refused(&self, new: &NewDevice, fault: Fault) -> Failure {
        let device = new.serial.device_name();
        match fault {
            Fault::Refused {
                refusal: Refusal::CodeRejected,
                failure,
            } => {
                let text = format!("AWS refused the code of the new device {device}");
                let remedy = if new.may_be_good(self.context.now()) {
                    Remedy::Resync
                } else {
                    Remedy::NextCode
                };
                Failure::new(Exit::CodeRefused, text)
                    .hint("its clock may be off, or the code came late")
                    .remedy(remedy)
                    .detail_of(failure)
            }
            Fault::Lost(failure) => failure.remedy(Remedy::NextCode),
            fault => fault.into(),
        }
    }

    /// The failure if AWS does not know the device yet, or at all.
    fn not_taken(&self, new: &NewDevice, last: Option<Fault>) -> Failure {
        let device = new.serial.device_name();
        let failure = match last {
            Some(Fault::Refused {
                refusal: Refusal::DeviceRejected,
                failure,
            }) => {
                let text = format!("AWS does not take codes of the new device {device} yet");
                Failure::new(Exit::CodeRefused, text).detail_of(failure)
            }
            Some(fault) => return fault.into(),
            None => {
                let text = format!("the code of the new device {device} is too old by now");
                Failure::new(Exit::CodeRefused, text)
            }
        };
        failure.remedy(Remedy::NextCode)
    }
}

/// Whether another try may succeed, because AWS has not looked at the code.
fn may_pass(fault: &Fault) -> bool {
    match fault {
        Fault::NotSent(_) => true,
        Fault::Refused { refusal, .. } => matches!(
            refusal,
            Refusal::DeviceRejected | Refusal::Throttled | Refusal::Unavailable
        ),
        Fault::Lost(_) | Fault::Fatal(_) => false,
    }
}

fn time_until(at: Instant) -> TimeDelta {
    let left = at.saturating_duration_since(Instant::now());
    TimeDelta::from_std(left).unwrap_or(TimeDelta::MAX)
}
