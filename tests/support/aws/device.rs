//! Verifies the codes of an MFA device: which are right, which are used up, and how many tries AWS
//! grants.

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

/// What AWS finds when it verifies a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// Wrong, stale or already used: AWS does not tell them apart.
    Rejected,
    /// Not ready yet, its verifications used up, or not a device with codes.
    NotVerified,
}

/// An MFA device that is assigned to a user, or a virtual one that is not yet.
pub(crate) struct Device {
    pub(crate) serial: String,
    /// The user it is enabled for; none for a virtual device that is not assigned.
    pub(crate) user: Option<String>,
    /// When it was enabled.
    pub(crate) enabled: DateTime<Utc>,
    /// From when on STS knows it.
    pub(crate) ready: DateTime<Utc>,
    /// None for a passkey or a FIDO key: those have no codes.
    codes: Option<Codes>,
}

struct Codes {
    totp: Totp,
    base32: String,
    used: HashSet<u64>,
    /// The newer step of the last pair that enabled or resynchronised the device.
    paired: Option<u64>,
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

    /// The base32 secret, when the device has codes.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.codes.as_ref().map(|codes| codes.base32.as_str())
    }

    /// The code that the device shows `steps` steps after `now` (before it, when negative).
    pub(crate) fn code_at(&self, now: DateTime<Utc>, steps: i64) -> String {
        let codes = self.codes.as_ref().expect("the device has codes");
        codes.code(step_of(now).saturating_add_signed(steps))
    }

    /// A code that AWS would accept now: the current one, or the nearest that is not used yet.
    pub(crate) fn unused_code(&self, now: DateTime<Utc>) -> Option<String> {
        let codes = self.codes.as_ref()?;
        [0, 1, -1, 2, -2]
            .map(|steps| step_of(now).saturating_add_signed(steps))
            .into_iter()
            .find(|step| !codes.used.contains(step))
            .map(|step| codes.code(step))
    }

    /// Verifies a code as STS does: counts the try, and uses the code up when it is right.
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
        // The same six digits may belong to two steps of the window: an unused one is enough.
        let fresh = codes
            .steps_of(code, now)
            .into_iter()
            .find(|step| !codes.used.contains(step));
        match fresh {
            Some(step) => {
                codes.used.insert(step);
                Verdict::Accepted
            }
            None => Verdict::Rejected,
        }
    }

    /// Checks two consecutive codes, as enabling and resynchronising do. They are not used up,
    /// and have to be newer than the last accepted pair.
    pub(crate) fn pair(&mut self, first: &str, second: &str, now: DateTime<Utc>) -> bool {
        let Some(codes) = &mut self.codes else {
            return false;
        };
        let newer = codes.steps_of(first, now).into_iter().find(|step| {
            codes.code(step + 1) == second && codes.paired.is_none_or(|last| *step > last)
        });
        if let Some(step) = newer {
            codes.paired = Some(step + 1);
        }
        newer.is_some()
    }
}

impl Codes {
    fn code(&self, step: u64) -> String {
        self.totp.generate(step * STEP).to_string()
    }

    fn steps_of(&self, code: &str, now: DateTime<Utc>) -> Vec<u64> {
        let (step, skew) = (step_of(now), u64::from(SKEW));
        (step.saturating_sub(skew)..=step + skew)
            .filter(|step| self.code(*step) == code)
            .collect()
    }
}

fn step_of(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).expect("the clock shows a time after 1970") / STEP
}
