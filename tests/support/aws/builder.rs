//! Builds the account that a stand-in starts with. It never changes a running one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use serde_json::{Value, json};

use super::account::{Account, Group, Key, KeyStatus, LastUse, ROOT, Role, User};
use super::device::Device;
use super::policy::Document;
use super::service::Shared;
use super::{Aws, random, server, tls};

/// The contents of an account before the stand-in starts.
pub(crate) struct Builder {
    account: Account,
    user: String,
    /// The trust policy of the last role.
    trust: Value,
    tls: bool,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            account: Account::new(),
            user: String::new(),
            trust: Value::Null,
            tls: false,
        }
    }

    /// Sets another account number.
    pub(crate) fn account(mut self, id: &str) -> Self {
        self.account.id = id.to_owned();
        self
    }

    /// Sets another partition, such as `aws-cn`. It must come before the devices.
    pub(crate) fn partition(mut self, partition: &str) -> Self {
        self.account.partition = partition.to_owned();
        self
    }

    /// Adds a user by name, or by path and name; what follows belongs to this user.
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
            groups: Vec::new(),
            boundary: None,
            has_password: false,
        });
        self
    }

    /// Gives the last user a console password.
    pub(crate) fn password(mut self) -> Self {
        self.last_user().has_password = true;
        self
    }

    /// Adds the root user; what follows belongs to it.
    pub(crate) fn root(self) -> Self {
        self.user(ROOT)
    }

    /// Gives the last user a policy, as JSON. A user without any may do everything.
    pub(crate) fn policy(mut self, json: &str) -> Self {
        self.last_user().policies.push(document(json));
        self
    }

    /// Puts the last user into this group.
    pub(crate) fn group(mut self, name: &str) -> Self {
        self.last_user().groups.push(name.to_owned());
        self
    }

    /// Gives a group a policy, as JSON.
    pub(crate) fn group_policy(mut self, group: &str, json: &str) -> Self {
        let policy = document(json);
        let mut groups = self.account.groups.iter_mut();
        match groups.find(|it| it.name == group) {
            Some(known) => known.policies.push(policy),
            None => self.account.groups.push(Group {
                policies: vec![policy],
                ..Group::new(group)
            }),
        }
        self
    }

    /// Gives the last user a permissions boundary, as JSON.
    pub(crate) fn boundary(mut self, json: &str) -> Self {
        self.last_user().boundary = Some(document(json));
        self
    }

    /// Adds a service control policy, as JSON, to the one that allows everything.
    pub(crate) fn service_control(mut self, json: &str) -> Self {
        self.account.service_control.push(document(json));
        self
    }

    fn last_user(&mut self) -> &mut User {
        self.account.users.last_mut().expect("a user came first")
    }

    /// Gives the last user a long-term access key.
    pub(crate) fn key(mut self, id: &str, secret: &str) -> Self {
        self.account.keys.push(Key {
            id: id.to_owned(),
            secret: secret.to_owned(),
            user: self.user.clone(),
            status: KeyStatus::Active,
            created: Utc::now(),
            ready: DateTime::<Utc>::MIN_UTC,
            last_use: None,
        });
        self
    }

    /// Sets when the last key was created, such as `2024-01-02T03:04:05Z`.
    pub(crate) fn created_at(mut self, time: &str) -> Self {
        self.last_key().created = moment(time);
        self
    }

    /// Records that the last key was last used for this service, in this region, at this time.
    pub(crate) fn last_used(mut self, service: &str, region: &str, time: &str) -> Self {
        self.last_key().last_use = Some(LastUse {
            service: service.to_owned(),
            region: region.to_owned(),
            at: moment(time),
        });
        self
    }

    /// Makes the last key inactive.
    pub(crate) fn inactive(mut self) -> Self {
        self.last_key().status = KeyStatus::Inactive;
        self
    }

    /// Makes the last key an expired one.
    pub(crate) fn expired(mut self) -> Self {
        self.last_key().status = KeyStatus::Expired;
        self
    }

    fn last_key(&mut self) -> &mut Key {
        self.account.keys.last_mut().expect("a key came first")
    }

    /// Gives the last user a device with codes, from its base32 secret: a virtual one by its name (or
    /// path and name), any kind by an ARN.
    pub(crate) fn device(self, name: &str, base32: &str) -> Self {
        let serial = self.virtual_serial(name);
        self.hardware(&serial, base32)
    }

    /// Adds a virtual device that is not enabled for anybody, such as an interrupted attempt leaves: by
    /// its name (or path and name), or by an ARN.
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

    /// Gives the last user a device with codes and exactly this serial, such as `GAHT12345678`.
    pub(crate) fn hardware(mut self, serial: &str, base32: &str) -> Self {
        let mut device = Device::totp(serial.to_owned(), base32, Utc::now());
        device.user = Some(self.user.clone());
        self.account.devices.push(device);
        self
    }

    /// Gives the last user a passkey or FIDO key.
    pub(crate) fn fido(mut self, name: &str) -> Self {
        let resource = format!("u2f/user/{}/{name}", self.user);
        let mut device = Device::fido(self.account.arn(&resource), Utc::now());
        device.user = Some(self.user.clone());
        self.account.devices.push(device);
        self
    }

    /// Makes the last device a newly enabled one: STS knows it only after this time.
    pub(crate) fn ready_in(mut self, time: TimeDelta) -> Self {
        self.last_device().ready = Utc::now() + time;
        self
    }

    /// Sets when the last device was enabled, such as `2024-01-02T03:04:05Z`.
    pub(crate) fn enabled_at(mut self, time: &str) -> Self {
        self.last_device().enabled = moment(time);
        self
    }

    /// Sets the clock of the last device ahead by this many steps of 30 s, without AWS knowing; a
    /// negative number sets it back.
    pub(crate) fn drift(mut self, steps: i64) -> Self {
        self.last_device().drift(steps);
        self
    }

    fn last_device(&mut self) -> &mut Device {
        let device = self.account.devices.last_mut();
        device.expect("a device came first")
    }

    /// Adds a role that every user of the account may assume, with or without MFA, as far as their own
    /// policies allow it.
    pub(crate) fn role(mut self, name: &str) -> Self {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"AWS": self.account.arn(ROOT)},
                "Action": "sts:AssumeRole",
            }],
        });
        self.account.roles.push(Role {
            name: name.to_owned(),
            id: random::identifier("AROA"),
            trust: parsed(&trust),
            longest: 3600,
        });
        self.trust = trust;
        self
    }

    /// Makes the last role's trust policy require MFA.
    pub(crate) fn needs_mfa(self) -> Self {
        self.trusts_only("Bool", "aws:MultiFactorAuthPresent", "true")
    }

    /// Makes the last role's trust policy require this external id.
    pub(crate) fn external_id(self, id: &str) -> Self {
        self.trusts_only("StringEquals", "sts:ExternalId", id)
    }

    /// Replaces the last role's whole trust policy, as JSON.
    pub(crate) fn trust(mut self, json: &str) -> Self {
        self.last_role().trust = document(json);
        self
    }

    fn trusts_only(mut self, operator: &str, key: &str, value: &str) -> Self {
        self.trust["Statement"][0]["Condition"][operator][key] = json!(value);
        let trust = parsed(&self.trust);
        self.last_role().trust = trust;
        self
    }

    /// Sets the maximum session duration of the last role.
    pub(crate) fn longest(mut self, seconds: i64) -> Self {
        self.last_role().longest = seconds;
        self
    }

    fn last_role(&mut self) -> &mut Role {
        self.account.roles.last_mut().expect("a role came first")
    }

    /// Sets how long AWS takes until a newly enabled device and a newly created key work.
    pub(crate) fn delays(mut self, device: TimeDelta, key: TimeDelta) -> Self {
        self.account.enable_delay = device;
        self.account.key_delay = key;
        self
    }

    /// Makes AWS know the account's keys only in the regions of its own partition.
    pub(crate) fn strict_partition(mut self) -> Self {
        self.account.strict_partition = true;
        self
    }

    /// Makes the policy simulator answer as it did before 2026: with one result per resource.
    pub(crate) fn old_simulator(mut self) -> Self {
        self.account.old_simulator = true;
        self
    }

    /// Makes lists continue at a marker after this many items.
    pub(crate) fn page_size(mut self, items: usize) -> Self {
        self.account.page_size = items;
        self
    }

    /// Uses TLS, with a certificate from a new authority.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts listening.
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

fn document(json: &str) -> Document {
    Document::read(json).expect("it is a policy")
}

fn parsed(json: &Value) -> Document {
    Document::parse(json).expect("it is a policy")
}

fn moment(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time as RFC 3339 writes it")
}
