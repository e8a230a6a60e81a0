//! Plays AWS on this machine: STS and IAM as far as awsmfa needs them, with checked signatures,
//! one-time codes and everything that can go wrong on the way. Never listens anywhere but on
//! loopback.

mod access_keys;
pub(crate) mod account;
mod attachments;
mod builder;
mod clock;
mod device;
mod enrollment;
pub(crate) mod fault;
mod iam;
pub(crate) mod policy;
pub(crate) mod query;
mod random;
mod role;
pub(crate) mod secrets;
mod server;
pub(crate) mod service;
mod signature;
mod simulator;
mod sts;
mod tls;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use account::{KeyStatus, Session};
pub(crate) use builder::Builder;
use device::Device;
pub(crate) use fault::Fault;
use secrets::{Kind, Secrets};
use service::{Request, Shared};

use super::loopback::Loopback;

/// The access key of AWS's own examples, which no scanner takes for a secret.
pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its secret.
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The user it belongs to, and the name of that user's virtual device.
pub(crate) const USER: &str = "alice";

/// A running stand-in. It stops, and closes its connections, when it is dropped.
pub(crate) struct Aws {
    shared: Arc<Shared>,
    server: Loopback,
    ca_pem: Option<String>,
}

/// What a device shows to its owner.
pub(crate) struct Codes {
    shared: Arc<Shared>,
    serial: String,
}

impl Codes {
    /// A code that is not used yet; none when all that AWS would accept now are used.
    pub(crate) fn unused(&self) -> Option<String> {
        let now = self.shared.clock.now();
        let account = self.shared.account();
        account.device(&self.serial)?.unused_code(now)
    }
}

/// The authenticator app that has every virtual device of the account.
pub(crate) struct App {
    shared: Arc<Shared>,
}

impl App {
    /// What the device shows: a code that is not used yet, as of [`Codes::unused`]. Fails where there
    /// is no such device.
    pub(crate) fn code(&self, device: &str) -> Result<Option<String>, String> {
        let now = self.shared.clock.now();
        let account = self.shared.account();
        let known = account.device(device);
        known
            .map(|device| device.unused_code(now))
            .ok_or_else(|| format!("there is no device {device}"))
    }
}

/// The time that passes for sessions.
pub(crate) struct Sessions {
    shared: Arc<Shared>,
}

impl Sessions {
    /// Makes every session older, and the MFA that it was made with.
    pub(crate) fn age(&self, by: TimeDelta) {
        for session in &mut self.shared.account().sessions {
            session.expiration -= by;
            session.mfa = session.mfa.map(|given| given - by);
        }
    }
}

impl Aws {
    /// One user, `alice`, with [`KEY_ID`] and the virtual device `mfa/alice`.
    pub(crate) fn start() -> Self {
        Self::builder()
            .user(USER)
            .key(KEY_ID, SECRET_KEY)
            .device(USER, &random::device_secret())
            .start()
    }

    /// An empty account.
    pub(crate) fn builder() -> Builder {
        Builder::new()
    }

    /// The value for `AWS_ENDPOINT_URL`.
    pub(crate) fn endpoint(&self) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The certificate for `AWS_CA_BUNDLE`; none without TLS.
    pub(crate) fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The serial of a device: an ARN, or what a hardware device has.
    pub(crate) fn serial(&self, device: &str) -> String {
        self.with_device(device, |device| device.serial.clone())
    }

    /// A code that the device's owner could type now: the current one, or when it is used up the
    /// nearest that is not. (AWS accepts five steps, so a test logs in five times without waiting.)
    pub(crate) fn code(&self, device: &str) -> String {
        self.codes(device)
            .unused()
            .expect("the device has codes, and five were not used within two minutes")
    }

    /// The codes of a device, for a task that outlives the borrow of the stand-in.
    pub(crate) fn codes(&self, device: &str) -> Codes {
        Codes {
            shared: self.shared.clone(),
            serial: self.serial(device),
        }
    }

    /// The app that shows the codes of every device, also of one that is made later.
    pub(crate) fn app(&self) -> App {
        App {
            shared: self.shared.clone(),
        }
    }

    /// The code of `steps` steps of 30 s after now, used or not; negative for older ones.
    pub(crate) fn code_at(&self, device: &str, steps: i64) -> String {
        let now = self.now();
        self.with_device(device, |device| device.code_at(now, steps))
    }

    /// The secret of a device in base32, as its owner's app holds it.
    pub(crate) fn seed(&self, device: &str) -> String {
        let seed = self.with_device(device, |device| device.secret().map(str::to_owned));
        seed.expect("the device has codes")
    }

    /// The serials of all devices of the account, with the user that each is enabled for: none for
    /// a virtual device that is not assigned.
    pub(crate) fn devices(&self) -> Vec<(String, Option<String>)> {
        let account = self.shared.account();
        let devices = account.devices.iter();
        devices
            .map(|it| (it.serial.clone(), it.user.clone()))
            .collect()
    }

    /// The same where the device may not be there: none then.
    pub(crate) fn code_if_there(&self, device: &str, steps: i64) -> Option<String> {
        let now = self.now();
        let account = self.shared.account();
        Some(account.device(device)?.code_at(now, steps))
    }

    /// A hold on the time that passes for sessions.
    pub(crate) fn time_of_sessions(&self) -> Sessions {
        Sessions {
            shared: self.shared.clone(),
        }
    }

    fn with_device<T>(&self, name: &str, look: impl FnOnce(&Device) -> T) -> T {
        let account = self.shared.account();
        look(account.device(name).expect("the account has the device"))
    }

    /// The stand-in's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// Stops the stand-in's clock.
    pub(crate) fn freeze_clock(&self) {
        self.shared.clock.freeze();
    }

    /// Moves the stand-in's clock; the client then finds its own to be off by as much.
    pub(crate) fn shift_clock(&self, by: TimeDelta) {
        self.shared.clock.shift(by);
    }

    /// Moves the clock to where the next nine verifications are granted.
    pub(crate) fn to_next_window(&self) {
        let past = self.now().timestamp().rem_euclid(device::WINDOW);
        self.shift_clock(TimeDelta::seconds(device::WINDOW - past));
    }

    /// Makes `fault` happen to the next call of `action`.
    pub(crate) fn fault(&self, action: &str, fault: Fault) {
        self.fault_times(action, 1, fault);
    }

    /// Makes `fault` happen to the next `times` calls of `action`.
    pub(crate) fn fault_times(&self, action: &str, times: usize, fault: Fault) {
        self.shared.faults().plan(action, fault, Some(times));
    }

    /// Makes `fault` happen to every call of `action`.
    pub(crate) fn fault_always(&self, action: &str, fault: Fault) {
        self.shared.faults().plan(action, fault, None);
    }

    /// Makes `fault` happen to one request, whatever it asks for; the next one is number 1.
    pub(crate) fn fault_at(&self, number: usize, fault: Fault) {
        self.shared.faults().plan_at(number, fault);
    }

    /// Takes every fault back.
    pub(crate) fn heal(&self) {
        self.shared.faults().clear();
    }

    /// Deactivates STS in the region.
    pub(crate) fn deactivate_sts(&self) {
        self.shared.account().sts_active = false;
    }

    /// Deactivates an access key.
    pub(crate) fn deactivate_key(&self, id: &str) {
        let mut account = self.shared.account();
        for key in account.keys.iter_mut().filter(|it| it.id == id) {
            key.status = KeyStatus::Inactive;
        }
    }

    /// The access keys of the account: id, secret, and whether each is active.
    pub(crate) fn keys(&self) -> Vec<(String, String, bool)> {
        let account = self.shared.account();
        let keys = account.keys.iter();
        keys.map(|it| {
            let is_active = it.status == KeyStatus::Active;
            (it.id.clone(), it.secret.clone(), is_active)
        })
        .collect()
    }

    /// Activates an access key again.
    pub(crate) fn activate_key(&self, id: &str) {
        let mut account = self.shared.account();
        for key in account.keys.iter_mut().filter(|it| it.id == id) {
            key.status = KeyStatus::Active;
        }
    }

    /// Makes every access key older.
    pub(crate) fn age_keys(&self, by: TimeDelta) {
        for key in &mut self.shared.account().keys {
            key.created -= by;
        }
    }

    /// Deletes an access key.
    pub(crate) fn delete_key(&self, id: &str) {
        let mut account = self.shared.account();
        let gone = account.keys.extract_if(.., |it| it.id == id);
        let gone: Vec<_> = gone.map(|it| (Kind::LongTerm, it.secret)).collect();
        account.gone.extend(gone);
    }

    /// Lets every session that was issued so far expire now.
    pub(crate) fn expire_sessions(&self) {
        let now = self.now();
        for session in &mut self.shared.account().sessions {
            session.expiration = now;
        }
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests()
    }

    /// The actions of every request so far, so that a test says: these, and no other.
    pub(crate) fn actions(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.call.action).collect()
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Every session that was issued.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.shared.account().sessions.clone()
    }

    /// What must not be seen in any output.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets(self.shared.clone())
    }
}
