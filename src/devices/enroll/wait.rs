//! Waits until AWS takes a new device: the wait is the sign-in with it. It never undoes anything: the
//! device is the user's, whatever comes of this.

use super::undo::without_claim;
use super::{Enabled, Enrolling};
use crate::aws::{Fault, Refusal};
use crate::devices::codes::{self, Pair};
use crate::exit::{Failure, Remedy, Result};
use crate::signin::{self, NewDevice, Ready, Request, TRIES, Tries};
use crate::value::Serial;
use tokio::time::Instant;

impl Enrolling<'_> {
    /// Signs in with the device that was enabled.
    pub(super) async fn sign_in(&self, enabled: Enabled) -> Result<Ready> {
        let Enabled { serial, pair, at } = enabled;
        self.context
            .ui
            .say("waiting about 15 s for AWS to accept the new device, then signing in");
        let failure = match self.sign_in_by(&serial, pair, at, Tries::All).await {
            Ok(ready) => return Ok(ready),
            Err(failure) => failure,
        };
        let signed_in = match failure.remedy {
            // One for the two codes, and one to sign in.
            Some(Remedy::Resync) if self.budget.left() > 1 => {
                self.context.ui.say(&format!(
                    "{failure}: two new codes tell AWS how far off its clock is"
                ));
                let again = async {
                    let pair = self.resync(&serial).await?;
                    self.sign_in_by(&serial, pair, at, Tries::Rest).await
                };
                return again
                    .await
                    .map_err(|failure| self.out_of_sync(&serial, failure));
            }
            Some(Remedy::Resync) => return Err(self.out_of_sync(&serial, failure)),
            Some(Remedy::NextCode) if self.codes.is_none() && self.budget.left() > 0 => {
                self.context.ui.say(&failure.to_string());
                self.sign_in_by_question(&serial).await
            }
            _ => Err(failure),
        };
        signed_in.map_err(|failure| self.enrolled_all_the_same(&serial, failure))
    }

    async fn sign_in_by(
        &self,
        serial: &Serial,
        pair: Pair,
        enabled: Instant,
        tries: Tries,
    ) -> Result<Ready> {
        let Pair {
            codes: [_, code],
            given,
        } = pair;
        let request = Request {
            new_device: Some(NewDevice {
                serial: serial.clone(),
                identity: self.access.user.identity.clone(),
                enabled,
                code,
                given,
                tries,
                budget: self.budget.clone(),
            }),
            ..self.access.request().clone()
        };
        signin::sign_in(self.context, request).await
    }

    /// Signs in as usual, with a question for the next code.
    async fn sign_in_by_question(&self, serial: &Serial) -> Result<Ready> {
        let request = Request {
            serial: Some(serial.clone()),
            force: true,
            tries: TRIES.min(self.budget.left()),
            ..self.access.request().clone()
        };
        signin::sign_in(self.context, request).await
    }

    /// Has AWS learn where the device stands, by two codes, of which the second can be used to sign in.
    async fn resync(&self, serial: &Serial) -> Result<Pair> {
        let pair = self.codes(serial, None, None).await?;
        self.context
            .ui
            .step(&format!("resynchronizing {serial} (iam:ResyncMFADevice)"));
        let user = &self.access.user.name;
        let aws = self.access.with_keys();
        self.budget.take();
        match aws.resync_mfa_device(user, serial, pair.each()).await {
            Ok(()) => Ok(pair),
            Err(Fault::Refused {
                refusal: Refusal::PairRejected,
                failure,
            }) => Err(codes::both_refused(serial, failure)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The failure of one after AWS has refused codes that fit the device.
    fn out_of_sync(&self, serial: &Serial, failure: Failure) -> Failure {
        let name = serial.device_name();
        let resync = self.access.user.command(&format!("device resync {serial}"));
        failure.hint(format!(
            "{name} is enrolled anyway: {resync} tells AWS how far off its clock is"
        ))
    }

    /// The failure of a sign-in after the device was enrolled.
    pub(super) fn enrolled_all_the_same(&self, serial: &Serial, failure: Failure) -> Failure {
        let failure = without_claim(failure);
        let sign_in = self.access.user.command("login");
        let name = serial.device_name();
        let hint = format!("{name} is enrolled anyway: sign in with {sign_in} in a minute");
        failure.hint(hint)
    }
}
