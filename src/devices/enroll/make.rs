//! Makes a device and assigns it to the user: CreateVirtualMFADevice, handing over the seed, two codes,
//! EnableMFADevice. It undoes nothing.

use super::attempt::{Origin, Stage};
use super::leftover::{Fate, Known};
use super::name::{self, DeviceName};
use super::{Enabled, Enrolling};
use crate::aws::{Aws, CreatedDevice, Fault, Refusal};
use crate::devices::codes::{self, Pair};
use crate::devices::which;
use crate::exit::{Exit, Failure, Result};
use crate::value::Serial;
use crate::value::otpauth::Seed;
use tokio::time::Instant;

/// How often the user may give two codes: AWS counts those it refuses, and blocks the device after nine
/// in three minutes.
const TRIES: usize = 3;

/// What is wrong with two codes.
const OUT_OF_STEP: &str =
    "they must be two that the device shows in a row; check that its clock is right";

/// The result of asking for a device with some name.
enum Made {
    /// It exists, and belongs to nobody.
    Device(CreatedDevice),
    /// There is a device of that name already.
    Leftover(Serial, Known),
}

/// What became of two codes.
enum Sent {
    /// The device belongs to the user.
    Enabled,
    /// It does not, for this reason; another two codes may help.
    Again(Failure),
    /// It belongs to somebody else.
    Anothers,
}

impl Enrolling<'_> {
    /// Makes a device and assigns it to the user, under the first name that is free.
    pub(super) async fn make_one(&self) -> Result<Enabled> {
        let mut names = self.names()?;
        let mut name = names.take()?;
        loop {
            match self.create(&name).await? {
                Made::Device(device) => {
                    self.hand_to_program(&device.seed, &device.serial).await?;
                    let seed = Some(&device.seed);
                    match self.enable(&device.serial, Origin::Made, seed).await? {
                        Some(enabled) => return Ok(enabled),
                        None => name = names.take()?,
                    }
                }
                Made::Leftover(serial, known) => {
                    let following = names.upcoming();
                    match self.settle_leftover(&serial, known, following).await? {
                        Fate::Finish => match self.enable(&serial, Origin::Found, None).await? {
                            Some(enabled) => return Ok(enabled),
                            None => name = names.take()?,
                        },
                        Fate::Deleted => {}
                        Fate::Pass => name = names.take()?,
                    }
                }
            }
        }
    }

    async fn create(&self, name: &DeviceName) -> Result<Made> {
        let serial = name::serial(&self.access.user.identity, name)?;
        self.context.ui.step(&format!(
            "asking AWS to create the device {serial} (iam:CreateVirtualMFADevice)"
        ));
        let made = self
            .ask(async |aws| self.ask_for(&aws, &serial, name).await)
            .await;
        let failure = match made {
            Ok(device) => return Ok(Made::Device(device)),
            Err(Fault::Lost(failure)) => failure,
            Err(Fault::Refused {
                refusal: Refusal::AlreadyExists,
                ..
            }) => return Ok(Made::Leftover(serial, Known::There)),
            Err(fault) => return Err(self.not_created(fault, name)),
        };
        // It may exist or be about to: that AWS does not list it yet proves nothing. So this run does
        // not ask for it again.
        match self.is_unassigned(&serial).await {
            Ok(true) => {
                self.attempt.reach(Stage::Nothing);
                return Ok(Made::Leftover(serial, Known::AfterLostAnswer));
            }
            Ok(false) => {}
            Err(why) => self.say_not_listed(&why),
        }
        self.attempt.reach(Stage::Unclear(serial));
        Err(failure)
    }

    /// Asks AWS once for the device `serial`, of this name. The stage is recorded as soon as the answer
    /// arrives, because a question may follow, as when a session has to be renewed.
    async fn ask_for(
        &self,
        aws: &Aws,
        serial: &Serial,
        name: &DeviceName,
    ) -> Result<CreatedDevice, Fault> {
        self.attempt.reach(Stage::CreateSent(serial.clone()));
        let made = aws.create_virtual_mfa_device(name.as_str()).await;
        if let Ok(device) = &made
            && device.serial != *serial
        {
            // Nobody knows whose it is, so it is neither used nor deleted.
            self.attempt.reach(Stage::Unclear(serial.clone()));
            let text = format!(
                "AWS answered with the device {} instead of {serial}",
                device.serial
            );
            return Err(Fault::Fatal(Failure::new(Exit::Unreachable, text)));
        }
        match &made {
            Ok(device) => self.attempt.reach(Stage::Made(device.serial.clone())),
            Err(Fault::Lost(_)) => {}
            Err(_) => self.attempt.reach(Stage::Nothing),
        }
        made
    }

    /// Whether AWS lists `serial` among the unassigned devices.
    pub(super) async fn is_unassigned(&self, serial: &Serial) -> Result<bool> {
        self.context
            .ui
            .step("asking AWS for unassigned devices (iam:ListVirtualMFADevices)");
        let listed = self
            .ask(async |aws| aws.list_unassigned_devices().await)
            .await?;
        Ok(listed.contains(serial))
    }

    /// What it means that AWS refused to make a device.
    fn not_created(&self, fault: Fault, name: &DeviceName) -> Failure {
        let user = &self.access.user.name;
        match fault {
            Fault::Refused {
                refusal: Refusal::Denied,
                failure,
            } if self.wishes.name.is_some() => failure.hint(format!(
                "leave out --name: policies often allow only {user}, or names that begin with {user}-"
            )),
            Fault::Refused {
                refusal: Refusal::Denied,
                failure,
            } if name.as_str() != user => failure.hint(format!(
                "a policy may allow only a device named {user}, as AWS's older samples do: ask for one that allows the resource mfa/*"
            )),
            Fault::Refused {
                refusal: Refusal::LimitReached,
                failure,
            } => failure.hint(
                "the account has as many virtual devices as AWS allows: ask your AWS administrator to delete unassigned ones",
            ),
            fault => fault.into(),
        }
    }

    /// Assigns `serial` to the user, with two codes from the user or a command. `None` if it belongs to
    /// somebody else.
    async fn enable(
        &self,
        serial: &Serial,
        origin: Origin,
        seed: Option<&Seed>,
    ) -> Result<Option<Enabled>> {
        let tries = if self.codes.is_some() { 1 } else { TRIES };
        let mut before: Option<String> = None;
        for number in 1..=tries {
            let pair = self.codes(serial, seed, before.as_deref()).await?;
            match self.send(serial, origin, &pair).await? {
                Sent::Enabled => {
                    self.attempt.reach(Stage::Assigned(serial.clone()));
                    let at = Instant::now();
                    self.context
                        .ui
                        .say(&format!("enrolled the MFA device {serial}"));
                    return Ok(Some(Enabled {
                        serial: serial.clone(),
                        pair,
                        at,
                    }));
                }
                Sent::Again(failure) if number == tries => return Err(failure),
                Sent::Again(failure) => {
                    before = Some(format!("{failure}; enter two new ones in a row"));
                }
                Sent::Anothers => {
                    self.say_anothers(serial);
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    async fn send(&self, serial: &Serial, origin: Origin, pair: &Pair) -> Result<Sent> {
        self.context.ui.step(&format!(
            "asking AWS to assign {serial} to {} (iam:EnableMFADevice)",
            self.access.user.name
        ));
        let user = &self.access.user.name;
        let sent = self
            .ask(async |aws| {
                let stage = Stage::EnableSent(serial.clone(), origin);
                self.attempt.reach(stage);
                self.budget.take();
                aws.enable_mfa_device(user, serial, pair.each()).await
            })
            .await;
        match sent {
            Ok(()) => Ok(Sent::Enabled),
            Err(Fault::Refused {
                refusal: Refusal::PairRejected,
                failure,
            }) => Ok(Sent::Again(
                codes::both_refused(serial, failure).hint(OUT_OF_STEP),
            )),
            // It may have been done all the same, even by an earlier try.
            Err(Fault::Lost(failure)) => Ok(if self.is_owned_now(serial).await? {
                Sent::Enabled
            } else {
                self.attempt.reach(Stage::before_enabling(serial, origin));
                Sent::Again(failure)
            }),
            Err(Fault::Refused {
                refusal: Refusal::AlreadyExists,
                ..
            }) => Ok(if self.is_owned_now(serial).await? {
                Sent::Enabled
            } else {
                self.attempt.reach(Stage::Nothing);
                Sent::Anothers
            }),
            Err(Fault::Refused {
                refusal: Refusal::LimitReached,
                ..
            }) => Err(which::too_many(&self.access.user)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Whether `serial` is among the user's devices.
    pub(super) async fn is_owned_now(&self, serial: &Serial) -> Result<bool> {
        let devices = self.access.devices().await?;
        Ok(devices.iter().any(|it| it.serial == *serial))
    }
}
