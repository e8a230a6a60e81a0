//! Undoes an enrolment that ends early, as far as it may, and says what is left. It deletes only a device
//! that this enrolment has made and that is nobody's.

use super::attempt::{Origin, Stage, Undo};
use super::leftover::by_administrator;
use super::{Enrolling, Handing};
use crate::aws::{Fault, Refusal};
use crate::exit::{Exit, Failure};
use crate::value::Serial;
use crate::world::runtime::until_cancelled;

impl Enrolling<'_> {
    /// The failure to report in place of `failure`, once what was made is gone or named.
    pub(super) async fn undo(&self, failure: Failure) -> Failure {
        let undo = self.attempt.undo();
        let Some(serial) = undo.serial().cloned() else {
            return failure;
        };
        let failure = without_claim(failure);
        // Who presses Ctrl-C once more is not kept waiting, but told.
        let undoing = async { Ok(self.undone(undo, failure).await) };
        until_cancelled(undoing).await.unwrap_or_else(|cancelled| {
            cancelled.hint(format!(
                "the device {serial} may still be there: enroll again to find out"
            ))
        })
    }

    async fn undone(&self, undo: Undo, failure: Failure) -> Failure {
        match undo {
            Undo::Nothing => failure,
            Undo::FindOut(serial) => self.find_out(&serial, failure).await,
            Undo::Unclear(serial) => unclear(&serial, failure),
            Undo::Keep(serial) => self.keep(&serial, failure),
            Undo::Delete(serial) => self.delete(&serial, failure).await,
            Undo::Settle(serial, origin) => self.settle(&serial, origin, failure).await,
        }
    }

    /// Whether this enrolment made it is not known: it is not deleted.
    async fn find_out(&self, serial: &Serial, failure: Failure) -> Failure {
        match self.is_unassigned(serial).await {
            // AWS may be about to make it.
            Ok(false) => unclear(serial, failure),
            Ok(true) => failure.hint(format!(
                "there is a device {serial} now: enroll again to finish it or start over"
            )),
            Err(why) => {
                self.say_not_listed(&why);
                unclear(serial, failure)
            }
        }
    }

    /// Says why AWS's lists tell nothing; what that means is said by the failure.
    pub(super) fn say_not_listed(&self, why: &Failure) {
        self.context
            .ui
            .step(&format!("the devices could not be listed: {why}"));
    }

    async fn settle(&self, serial: &Serial, origin: Origin, failure: Failure) -> Failure {
        match self.is_owned_now(serial).await {
            Ok(true) => {
                self.attempt.reach(Stage::Assigned(serial.clone()));
                self.save_serial(serial);
                self.keep(serial, failure)
            }
            Ok(false) if origin == Origin::Made => self.delete(serial, failure).await,
            Ok(false) => failure.hint(format!(
                "the device {serial} is unchanged: enroll again to finish it"
            )),
            Err(why) => {
                self.say_not_listed(&why);
                failure.hint(format!(
                    "{serial} may be your device now, so it was not deleted: check with {}",
                    self.access.user.command("device list")
                ))
            }
        }
    }

    fn keep(&self, serial: &Serial, failure: Failure) -> Failure {
        let sign_in = self.access.user.command("login");
        failure.hint(format!(
            "{serial} is your device anyway: sign in with {sign_in}"
        ))
    }

    /// The device is gone; an app may have its secret still.
    fn deleted(&self, serial: &Serial, failure: Failure) -> Failure {
        if !matches!(self.wishes.handing, Handing::Picture(_)) {
            return failure;
        }
        let name = serial.device_name();
        failure.further_hint(format!(
            "if {name} is in your app, delete it there: the next run shows a new QR code"
        ))
    }

    async fn delete(&self, serial: &Serial, failure: Failure) -> Failure {
        let ui = self.context.ui;
        ui.say(&format!(
            "deleting the unfinished device {} again",
            serial.device_name()
        ));
        let deleted = self
            .ask(async |aws| aws.delete_virtual_mfa_device(serial).await)
            .await;
        match deleted {
            Ok(())
            | Err(Fault::Refused {
                refusal: Refusal::NotFound,
                ..
            }) => self.deleted(serial, failure),
            Err(Fault::Refused {
                refusal: Refusal::InUse,
                ..
            }) => failure.hint(format!(
                "{serial} is a device in use, so it was not deleted: check with {}",
                self.access.user.command("device list")
            )),
            Err(Fault::Refused {
                refusal: Refusal::Denied | Refusal::MfaNeeded,
                ..
            }) => failure.hint(format!(
                "{serial} is left unfinished, and you are not allowed to delete it: enroll again if it is in your app; otherwise {}",
                by_administrator(serial)
            )),
            Err(fault) => {
                let why = Failure::from(fault);
                failure.hint(format!(
                    "{serial} is left unfinished ({why}): enroll again to finish it or start over"
                ))
            }
        }
    }
}

/// A question that is not answered says that nothing was changed, which it can't know.
pub(super) fn without_claim(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Cancelled => Failure::new(Exit::Cancelled, "cancelled"),
        _ => failure,
    }
}

/// A device may be there, and nobody says so.
fn unclear(serial: &Serial, failure: Failure) -> Failure {
    failure.hint(format!(
        "AWS may have created the device {serial}: enroll again to find out"
    ))
}
