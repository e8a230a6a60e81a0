//! Verifies the codes of an MFA device: which are right, which are used up, how many tries AWS grants,
//! and how far off AWS believes the device's clock to be. It never decides whose device it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret, Totp};

/// How long a code lasts, in seconds.
pub(crate) const STEP: u64 = 30;
/// AWS accepts codes this many steps to either side of its time.
const SKEW: u16 = 2;
/// AWS grants this many verifications…
const BUDGET: u32 = 9;
/// …in each window of this many seconds, counted from midnight UTC.
pub(crate) const WINDOW: i64 = 180;
/// How many steps on either side AWS searches for the two codes that reveal a clock's offset: an hour.
/// AWS does not document this; a device may be further off than a sign-in tolerates.
const FAR: u64 = 120;
/// Where [`Device::lose_sync`] moves AWS's idea of the device's clock: too far for any sign-in.
const ASTRAY: i64 = 60;

/// The result when AWS verifies a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// Wrong, stale or already used: AWS does not distinguish them.
    Rejected,
    /// The device is not ready yet, has no verifications left, or has no codes.
    NotVerified,
}

/// The kind of a device. AWS reveals it only through the serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Created by CreateVirtualMFADevice; exists without a user too.
    Virtual,
    /// Made by a manufacturer; AWS lists it only while it is assigned to a user.
    Hardware,
    /// A passkey or FIDO key: enrolled only in the console, and without codes.
    Fido,
}

/// An MFA device that is assigned to a user, or a virtual one that is not assigned yet.
pub(crate) struct Device {
    pub(crate) serial: String,
    /// The user it is enabled for; none for an unassigned virtual device.
    pub(crate) user: Option<String>,
    /// When it was enabled.
    pub(crate) enabled: DateTime<Utc>,
    /// When STS knows it.
    pub(crate) ready: DateTime<Utc>,
    /// None for a passkey or FIDO key, because those have no codes.
    codes: Option<Codes>,
}

struct Codes {
    totp: Totp,
    base32: String,
    used: HashSet<u64>,
    /// The newer step of the last pair of codes that enabled or resynchronised the device.
    paired: Option<u64>,
    /// How many steps the device's clock is ahead of AWS's.
    drift: i64,
    /// How many steps AWS believes it to be ahead.
    known_drift: i64,
    window: i64,
    verifications: u32,
}

impl Device {
    /// A device with codes, from its base32 secret.
    pub(crate) fn totp(serial: String, base32: &str, now: DateTime<Utc>) -> Self {
        let secret = Secret::try_from_base32(base32).expect("a device's secret is base32");
        let totp = Builder::new()
            .with_secret(secret)
            .with_skew(SKEW)
            .build()
            .expect("a device's secret has 16 bytes or more");
        Self {
            serial,
            user: None,
            enabled: now,
            ready: DateTime::<Utc>::MIN_UTC,
            codes: Some(Codes {
                totp,
                base32: base32.to_owned(),
                used: HashSet::new(),
                paired: None,
                drift: 0,
                known_drift: 0,
                window: 0,
                verifications: 0,
            }),
        }
    }

    /// A passkey or FIDO key.
    pub(crate) fn fido(serial: String, now: DateTime<Utc>) -> Self {
        Self {
            serial,
            user: None,
            enabled: now,
            ready: DateTime::<Utc>::MIN_UTC,
            codes: None,
        }
    }

    /// The kind of the device.
    pub(crate) fn kind(&self) -> Kind {
        if self.codes.is_none() {
            Kind::Fido
        } else if self.serial.contains(":mfa/") {
            Kind::Virtual
        } else {
            Kind::Hardware
        }
    }

    /// The secret in base32; none for a device without codes.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.codes.as_ref().map(|it| it.base32.as_str())
    }

    /// Sets the device's clock ahead by this many steps, without AWS knowing.
    pub(crate) fn drift(&mut self, steps: i64) {
        if let Some(codes) = &mut self.codes {
            codes.drift = steps;
        }
    }

    /// Puts AWS's idea of the device's clock out of step, as codes that arrive late do: no code is right
    /// until the device is resynchronised.
    pub(crate) fn lose_sync(&mut self) {
        if let Some(codes) = &mut self.codes {
            codes.known_drift = codes.drift + ASTRAY;
        }
    }

    /// The code that the device shows `steps` steps from now.
    pub(crate) fn code_at(&self, now: DateTime<Utc>, steps: i64) -> String {
        let codes = self.codes.as_ref().expect("a device with codes");
        codes.code(codes.shown(now).saturating_add_signed(steps))
    }

    /// A code that the device's owner could type now: the current one, or the nearest unused one.
    pub(crate) fn unused_code(&self, now: DateTime<Utc>) -> Option<String> {
        let codes = self.codes.as_ref()?;
        [0, 1, -1, 2, -2]
            .map(|steps| codes.shown(now).saturating_add_signed(steps))
            .into_iter()
            .find(|step| !codes.used.contains(step))
            .map(|step| codes.code(step))
    }

    /// Verifies a code as STS does: counts the try, and uses up the code if it is right. A device that
    /// STS does not know yet has no tries to count, and none of its codes is used up.
    pub(crate) fn verify(&mut self, code: &str, now: DateTime<Utc>) -> Verdict {
        if now < self.ready {
            return Verdict::NotVerified;
        }
        let Some(codes) = &mut self.codes else {
            return Verdict::NotVerified;
        };
        let window = now.timestamp().div_euclid(WINDOW);
        if codes.window != window {
            codes.window = window;
            codes.verifications = 0;
        }
        codes.verifications += 1;
        if codes.verifications > BUDGET {
            return Verdict::NotVerified;
        }
        // The same six digits may belong to two steps of the window: it is enough if one of them is
        // unused.
        let fresh = codes
            .steps_of(code, now, SKEW.into())
            .find(|step| !codes.used.contains(step));
        match fresh {
            Some(step) => {
                codes.used.insert(step);
                Verdict::Accepted
            }
            None => Verdict::Rejected,
        }
    }

    /// Checks two consecutive codes, as enabling and resynchronising do. They are not used up, and have
    /// to be newer than the last accepted pair. From codes of another moment AWS concludes that the
    /// device's clock is off, even if they only arrived late.
    pub(crate) fn pair(&mut self, first: &str, second: &str, now: DateTime<Utc>) -> bool {
        let Some(codes) = &mut self.codes else {
            return false;
        };
        let newer = [SKEW.into(), FAR].into_iter().find_map(|range| {
            codes.steps_of(first, now, range).find(|step| {
                codes.code(step + 1) == second && codes.paired.is_none_or(|last| *step > last)
            })
        });
        let Some(step) = newer else {
            return false;
        };
        codes.paired = Some(step + 1);
        if step.abs_diff(codes.expected(now)) > u64::from(SKEW) {
            codes.known_drift = (step + 1).cast_signed() - step_of(now).cast_signed();
        }
        true
    }
}

impl Codes {
    fn code(&self, step: u64) -> String {
        self.totp.generate(step * STEP).to_string()
    }

    /// The device's current step.
    fn shown(&self, now: DateTime<Utc>) -> u64 {
        step_of(now).saturating_add_signed(self.drift)
    }

    /// The step that AWS believes the device to be at.
    fn expected(&self, now: DateTime<Utc>) -> u64 {
        step_of(now).saturating_add_signed(self.known_drift)
    }

    /// The steps with this code that are at most `range` away from where AWS expects it.
    fn steps_of(&self, code: &str, now: DateTime<Utc>, range: u64) -> impl Iterator<Item = u64> {
        let middle = self.expected(now);
        (middle.saturating_sub(range)..=middle + range).filter(move |step| self.code(*step) == code)
    }
}

fn step_of(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).expect("the clock shows a time after 1970") / STEP
}
