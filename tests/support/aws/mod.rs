//! A local AWS: STS and IAM as far as awsmfa needs them, with checked signatures, one-time codes
//! and everything that can go wrong on the way. Must never be reachable from elsewhere.

pub(crate) mod account;
mod clock;
mod device;
pub(crate) mod fault;
mod iam;
pub(crate) mod query;
mod random;
mod server;
pub(crate) mod service;
mod signature;
mod sts;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use account::{Account, Key, ROOT, Session, User};
use device::Device;
pub(crate) use fault::Fault;
use server::Server;
use service::{Request, Shared};

/// The access key of AWS's own examples, which no scanner takes for a secret.
pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its secret.
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The user it belongs to, and the name of that user's virtual device.
pub(crate) const USER: &str = "alice";

/// A running stand-in. It stops, and closes its connections, when it is dropped.
pub(crate) struct Aws {
    shared: Arc<Shared>,
    server: Server,
    ca_pem: Option<String>,
}

/// What an account holds before the stand-in starts.
pub(crate) struct Builder {
    account: Account,
    user: String,
    tls: bool,
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
        Builder {
            account: Account::new(),
            user: String::new(),
            tls: false,
        }
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
        let now = self.now();
        self.with_device(device, |device| device.unused_code(now))
            .expect("the device has codes, and five were not used within two minutes")
    }

    /// The code of `steps` steps of 30 s after now, used or not; negative for older ones.
    pub(crate) fn code_at(&self, device: &str, steps: i64) -> String {
        let now = self.now();
        self.with_device(device, |device| device.code_at(now, steps))
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
        for key in &mut self.shared.account().keys {
            key.active &= key.id != id;
        }
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
}

impl Builder {
    /// Another account number.
    pub(crate) fn account(mut self, id: &str) -> Self {
        self.account.id = id.to_owned();
        self
    }

    /// Another partition, such as `aws-cn`. Say it before the devices.
    pub(crate) fn partition(mut self, partition: &str) -> Self {
        self.account.partition = partition.to_owned();
        self
    }

    /// A user; what follows is theirs.
    pub(crate) fn user(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user);
        self.account.users.push(User {
            name: name.to_owned(),
            id: random::identifier("AIDA"),
        });
        self
    }

    /// The account's root; what follows is theirs.
    pub(crate) fn root(self) -> Self {
        self.user(ROOT)
    }

    /// A long-term access key.
    pub(crate) fn key(mut self, id: &str, secret: &str) -> Self {
        self.account.keys.push(Key {
            id: id.to_owned(),
            secret: secret.to_owned(),
            user: self.user.clone(),
            active: true,
            created: Utc::now(),
        });
        self
    }

    /// A device with codes, from its base32 secret: a virtual one by its name (or path and name),
    /// any by an ARN.
    pub(crate) fn device(self, name: &str, base32: &str) -> Self {
        let serial = if name.contains(':') {
            name.to_owned()
        } else {
            self.account.arn(&format!("mfa/{name}"))
        };
        self.hardware(&serial, base32)
    }

    /// A device with codes and exactly this serial, such as `GAHT12345678`.
    pub(crate) fn hardware(mut self, serial: &str, base32: &str) -> Self {
        let mut device = Device::totp(serial.to_owned(), base32, Utc::now());
        device.user = Some(self.user.clone());
        self.account.devices.push(device);
        self
    }

    /// A passkey or FIDO key.
    pub(crate) fn fido(mut self, name: &str) -> Self {
        let resource = format!("u2f/user/{}/{name}", self.user);
        let mut device = Device::fido(self.account.arn(&resource), Utc::now());
        device.user = Some(self.user.clone());
        self.account.devices.push(device);
        self
    }

    /// The last device was enabled just now: STS knows it only after this time.
    pub(crate) fn ready_in(mut self, time: TimeDelta) -> Self {
        let device = self
            .account
            .devices
            .last_mut()
            .expect("a device came first");
        device.ready += time;
        self
    }

    /// Lists go on at a marker after this many items.
    pub(crate) fn page_size(mut self, items: usize) -> Self {
        self.account.page_size = items;
        self
    }

    /// Speaks TLS, with a certificate of an authority of its own.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts to listen.
    pub(crate) fn start(self) -> Aws {
        let (ca_pem, acceptor) = self.tls.then(tls::authority).unzip();
        let shared = Arc::new(Shared::new(self.account));
        let server = Server::start(shared.clone(), acceptor);
        Aws {
            shared,
            server,
            ca_pem,
        }
    }
}
