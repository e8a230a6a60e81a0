//! Builds the account that a stand-in starts with. Never changes one that runs.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Key, ROOT, Role, User};
use super::device::Device;
use super::service::Shared;
use super::{Aws, random, server, tls};

/// What an account holds before the stand-in starts.
pub(crate) struct Builder {
    account: Account,
    user: String,
    tls: bool,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            account: Account::new(),
            user: String::new(),
            tls: false,
        }
    }

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

    /// A user by their name, or path and name; what follows is theirs.
    pub(crate) fn user(mut self, name: &str) -> Self {
        let (path, name) = name.rsplit_once('/').unwrap_or(("", name));
        let path = match path {
            "" => "/".to_owned(),
            path => format!("/{path}/"),
        };
        name.clone_into(&mut self.user);
        self.account.users.push(User {
            name: name.to_owned(),
            path,
            id: random::identifier("AIDA"),
            policies: Vec::new(),
        });
        self
    }

    /// The account's root; what follows is theirs.
    pub(crate) fn root(self) -> Self {
        self.user(ROOT)
    }

    /// A policy of the last user, as JSON. A user without any may do everything.
    pub(crate) fn policy(mut self, json: &str) -> Self {
        let policy = serde_json::from_str(json).expect("a policy is JSON");
        let user = self.account.users.last_mut().expect("a user came first");
        user.policies.push(policy);
        self
    }

    /// A long-term access key.
    pub(crate) fn key(mut self, id: &str, secret: &str) -> Self {
        self.account.keys.push(Key {
            id: id.to_owned(),
            secret: secret.to_owned(),
            user: self.user.clone(),
            active: true,
            created: Utc::now(),
            ready: DateTime::<Utc>::MIN_UTC,
        });
        self
    }

    /// A device with codes, from its base32 secret: a virtual one by its name (or path and name),
    /// any by an ARN.
    pub(crate) fn device(self, name: &str, base32: &str) -> Self {
        let serial = self.virtual_serial(name);
        self.hardware(&serial, base32)
    }

    /// A virtual device that nobody has enabled, such as an earlier attempt leaves: by its name (or
    /// path and name), or by an ARN.
    pub(crate) fn unassigned(mut self, name: &str, base32: &str) -> Self {
        let serial = self.virtual_serial(name);
        let device = Device::totp(serial, base32, Utc::now());
        self.account.devices.push(device);
        self
    }

    fn virtual_serial(&self, name: &str) -> String {
        if name.contains(':') {
            name.to_owned()
        } else {
            self.account.arn(&format!("mfa/{name}"))
        }
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
        self.last_device().ready = Utc::now() + time;
        self
    }

    /// The last device was enabled at this time, such as `2024-01-02T03:04:05Z`.
    pub(crate) fn enabled_at(mut self, time: &str) -> Self {
        self.last_device().enabled = moment(time);
        self
    }

    /// The clock of the last device is ahead by so many steps of 30 s, which AWS does not know;
    /// negative for one that is behind.
    pub(crate) fn drift(mut self, steps: i64) -> Self {
        self.last_device().drift(steps);
        self
    }

    fn last_device(&mut self) -> &mut Device {
        let device = self.account.devices.last_mut();
        device.expect("a device came first")
    }

    /// A role that every user of the account may assume, with or without MFA.
    pub(crate) fn role(mut self, name: &str) -> Self {
        self.account.roles.push(Role {
            name: name.to_owned(),
            id: random::identifier("AROA"),
            needs_mfa: false,
            external_id: None,
            longest: 3600,
        });
        self
    }

    /// The last role's trust policy asks for MFA.
    pub(crate) fn needs_mfa(mut self) -> Self {
        self.last_role().needs_mfa = true;
        self
    }

    /// The last role's trust policy asks for this external id.
    pub(crate) fn external_id(mut self, id: &str) -> Self {
        self.last_role().external_id = Some(id.to_owned());
        self
    }

    /// The last role's sessions may last this long.
    pub(crate) fn longest(mut self, seconds: i64) -> Self {
        self.last_role().longest = seconds;
        self
    }

    fn last_role(&mut self) -> &mut Role {
        self.account.roles.last_mut().expect("a role came first")
    }

    /// How long AWS takes until a device that is enabled, and a key that is created, work.
    pub(crate) fn delays(mut self, device: TimeDelta, key: TimeDelta) -> Self {
        self.account.enable_delay = device;
        self.account.key_delay = key;
        self
    }

    /// Lists go on at a marker after this many items.
    pub(crate) fn page_size(mut self, items: usize) -> Self {
        self.account.page_size = items;
        self
    }

    /// Speaks TLS, with a certificate from a new authority.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts to listen.
    pub(crate) fn start(self) -> Aws {
        let (ca_pem, acceptor) = self.tls.then(tls::authority).unzip();
        let shared = Arc::new(Shared::new(self.account));
        let server = server::start(shared.clone(), acceptor);
        Aws {
            shared,
            server,
            ca_pem,
        }
    }
}

fn moment(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time as RFC 3339 writes it")
}
