//! Plays AWS on this machine: STS and IAM as far as awsmfa needs them, with verified signatures,
//! one-time codes and everything that can go wrong on the way. It never listens anywhere but on
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

/// The access key from AWS's own examples, which no scanner takes for a secret.
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

/// A device as its owner sees it.
pub(crate) struct Codes {
    shared: Arc<Shared>,
    serial: String,
}

impl Codes {
    /// A code that is not used yet; none if all codes that AWS would accept now are used.
    pub(crate) fn unused(&self) -> Option<String> {
        let now = self.shared.clock.now();
        let account = self.shared.account();
        account.device(&self.serial)?.unused_code(now)
    }
}

/// An authenticator app that holds every virtual device of the account.
pub(crate) struct App {
    shared: Arc<Shared>,
}

impl App {
    /// A code from the device that is not used yet, as in [`Codes::unused`]. Fails if the device does
    /// not exist.
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
    /// An account with one user, `alice`, with [`KEY_ID`] and the virtual device `mfa/alice`.
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

    /// The value of `AWS_ENDPOINT_URL` that leads here.
    pub(crate) fn endpoint(&self) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address())
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The certificate for `AWS_CA_BUNDLE`; none without TLS.
    pub(crate) fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The serial of a device: an ARN, or the serial number of a hardware device.
    pub(crate) fn serial(&self, device: &str) -> String {
        self.with_device(device, |device| device.serial.clone())
    }

    /// A code that the device's owner could type now: the current one, or the nearest unused one. (AWS
    /// accepts five steps, so a test can sign in five times without waiting.)
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

    /// An app that shows the codes of every device, including those created later.
    pub(crate) fn app(&self) -> App {
        App {
            shared: self.shared.clone(),
        }
    }

    /// The code `steps` steps of 30 s from now, used or not; a negative number gives an older one.
    pub(crate) fn code_at(&self, device: &str, steps: i64) -> String {
        let now = self.now();
        self.with_device(device, |device| device.code_at(now, steps))
    }

    /// The secret of a device in base32, as in its owner's app.
    pub(crate) fn seed(&self, device: &str) -> String {
        let seed = self.with_device(device, |device| device.secret().map(str::to_owned));
        seed.expect("the device has codes")
    }

    /// The serials of all devices of the account, each with the user it is enabled for: none for an
    /// unassigned virtual device.
    pub(crate) fn devices(&self) -> Vec<(String, Option<String>)> {
        let account = self.shared.account();
        let devices = account.devices.iter();
        devices
            .map(|it| (it.serial.clone(), it.user.clone()))
            .collect()
    }

    /// The code of a device that may not exist: then none.
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

    /// Moves the stand-in's clock; the client then finds its own clock off by as much.
    pub(crate) fn shift_clock(&self, by: TimeDelta) {
        self.shared.clock.shift(by);
    }

    /// Moves the clock to the next window, in which AWS grants nine more verifications.
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

    /// Removes every fault.
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

    /// Reactivates an access key.
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

    /// Makes every session issued so far expire now.
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

    /// The actions of every request so far, so that a test can demand exactly these.
    pub(crate) fn actions(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.call.action).collect()
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Every session issued so far.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.shared.account().sessions.clone()
    }

    /// The secrets that no output may show.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets(self.shared.clone())
    }
}
