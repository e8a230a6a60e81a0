//! Holds the account that the stand-in plays: users, keys, devices, roles, sessions. It never decides
//! what a call does to them: `sts` and `iam` do.

use chrono::{DateTime, TimeDelta, Utc};

use super::device::Device;
use super::policy::Document;
use super::query::ApiError;
use super::random;
use super::secrets::Kind;

/// The name of the root user in this model.
pub(crate) const ROOT: &str = "root";

/// An AWS account.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) partition: String,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    /// The managed policies that were created.
    pub(crate) managed: Vec<Managed>,
    /// The policies that the organization applies to the account; empty outside of an organization.
    pub(crate) service_control: Vec<Document>,
    pub(crate) keys: Vec<Key>,
    pub(crate) devices: Vec<Device>,
    /// The secrets of deleted keys and devices.
    pub(crate) gone: Vec<(Kind, String)>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) roles: Vec<Role>,
    /// Whether AWS knows the keys only in the regions of its own partition, as the real one does. Off by
    /// default, so that a test may use a region of another partition without caring.
    pub(crate) strict_partition: bool,
    /// Whether the policy simulator answers as it did before 2026.
    pub(crate) old_simulator: bool,
    /// Whether STS is activated in the region.
    pub(crate) sts_active: bool,
    /// The number of items in a list before it continues at a marker.
    pub(crate) page_size: usize,
    /// How long STS takes to know a device after EnableMFADevice.
    pub(crate) enable_delay: TimeDelta,
    /// How long a key takes to work after CreateAccessKey.
    pub(crate) key_delay: TimeDelta,
}

/// An IAM user, or the root user.
pub(crate) struct User {
    pub(crate) name: String,
    /// `/`, or the part before the name in the ARN: `/division/`.
    pub(crate) path: String,
    pub(crate) id: String,
    /// A user without policies, neither own nor a group's, may do everything.
    pub(crate) policies: Vec<Document>,
    /// The names of the user's groups.
    pub(crate) groups: Vec<String>,
    pub(crate) boundary: Option<Document>,
    /// Whether the user has a console password.
    pub(crate) has_password: bool,
}

/// A group of users.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) policies: Vec<Document>,
    /// The ARNs of the managed policies that are attached.
    pub(crate) attached: Vec<String>,
}

impl Group {
    /// A group without policies.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            policies: Vec::new(),
            attached: Vec::new(),
        }
    }
}

/// A managed policy of the account.
pub(crate) struct Managed {
    pub(crate) arn: String,
    pub(crate) document: Document,
}

/// A long-term access key.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) user: String,
    pub(crate) status: KeyStatus,
    pub(crate) created: DateTime<Utc>,
    /// When AWS knows it everywhere.
    pub(crate) ready: DateTime<Utc>,
    /// None if it was never used.
    pub(crate) last_use: Option<LastUse>,
}

/// Whether an access key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    Active,
    Inactive,
    Expired,
}

/// When an access key was last used, and for what.
pub(crate) struct LastUse {
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) at: DateTime<Utc>,
}

/// A role.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) id: String,
    /// The policy that says who may assume it.
    pub(crate) trust: Document,
    /// The maximum session duration, in seconds.
    pub(crate) longest: i64,
}

/// Temporary credentials that the stand-in issued.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) user: String,
    /// When the code was given; none for a session without MFA.
    pub(crate) mfa: Option<DateTime<Utc>>,
    /// The ARN and id of the assumed role, in a role's session.
    pub(crate) role: Option<(String, String)>,
    pub(crate) expiration: DateTime<Utc>,
}

/// The sender of a request whose signature was checked.
pub(crate) struct Caller {
    pub(crate) user: String,
    /// The session whose keys signed the request; none for long-term keys.
    pub(crate) session: Option<Session>,
}

impl Caller {
    /// Whether the request carries MFA.
    pub(crate) fn has_mfa(&self) -> bool {
        self.session.as_ref().is_some_and(|it| it.mfa.is_some())
    }

    /// Whether it is a role's session.
    pub(crate) fn is_role(&self) -> bool {
        self.session.as_ref().is_some_and(|it| it.role.is_some())
    }
}

impl Account {
    /// An account without users.
    pub(crate) fn new() -> Self {
        Self {
            id: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            users: Vec::new(),
            groups: Vec::new(),
            managed: Vec::new(),
            service_control: Vec::new(),
            keys: Vec::new(),
            devices: Vec::new(),
            gone: Vec::new(),
            sessions: Vec::new(),
            roles: Vec::new(),
            strict_partition: false,
            old_simulator: false,
            sts_active: true,
            page_size: 100,
            enable_delay: TimeDelta::zero(),
            key_delay: TimeDelta::zero(),
        }
    }

    /// The policies of a group, its own and those that are attached.
    pub(crate) fn policies_of<'a>(
        &'a self,
        group: &'a Group,
    ) -> impl Iterator<Item = &'a Document> {
        let managed = self.managed.iter();
        let attached = managed.filter(|it| group.attached.contains(&it.arn));
        group.policies.iter().chain(attached.map(|it| &it.document))
    }

    /// An ARN in this account's IAM: `resource` is for example `user/alice`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.id)
    }

    /// The ARN of a user, or of the root user.
    pub(crate) fn user_arn(&self, user: &str) -> String {
        if user == ROOT {
            self.arn(ROOT)
        } else {
            self.arn(&format!("user{}{user}", self.path(user)))
        }
    }

    /// The path of a user, usually `/`.
    pub(crate) fn path(&self, user: &str) -> &str {
        let user = self.users.iter().find(|it| it.name == user);
        user.map_or("/", |it| &it.path)
    }

    /// The unique id of a user; for the root user it is the account's.
    pub(crate) fn user_id(&self, user: &str) -> &str {
        self.users
            .iter()
            .find(|it| it.name == user && user != ROOT)
            .map_or(&self.id, |it| &it.id)
    }

    /// The ARN that GetCallerIdentity returns.
    pub(crate) fn caller_arn(&self, caller: &Caller) -> String {
        match caller.session.as_ref().and_then(|it| it.role.as_ref()) {
            Some((arn, _)) => arn.clone(),
            None => self.user_arn(&caller.user),
        }
    }

    /// The value of aws:PrincipalArn: the user's ARN, or the role's rather than its session's.
    pub(crate) fn principal_arn(&self, caller: &Caller) -> String {
        let session = caller.session.as_ref().and_then(|it| it.role.as_ref());
        let Some((arn, _)) = session else {
            return self.user_arn(&caller.user);
        };
        let name = arn.split('/').nth(1).unwrap_or_default();
        let mut roles = self.roles.iter();
        let role = roles.find(|it| it.name.rsplit('/').next() == Some(name));
        self.arn(&format!("role/{}", role.map_or(name, |it| &it.name)))
    }

    /// Records the use of a long-term key.
    pub(crate) fn note_use(&mut self, id: &str, service: &str, region: &str, at: DateTime<Utc>) {
        if let Some(key) = self.keys.iter_mut().find(|it| it.id == id) {
            key.last_use = Some(LastUse {
                service: service.to_owned(),
                region: region.to_owned(),
                at,
            });
        }
    }

    /// Fails in a region of another partition, where AWS does not know the account's keys.
    pub(crate) fn check_region(&self, region: &str) -> Result<(), ApiError> {
        let beginnings = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("eusc-", "aws-eusc"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
        ];
        let known = beginnings.iter().find(|(it, _)| region.starts_with(it));
        let partition = known.map_or("aws", |(_, partition)| partition);
        if self.strict_partition && partition != self.partition {
            return Err(ApiError::invalid_token());
        }
        Ok(())
    }

    /// Deletes the devices for which `keep` returns false.
    pub(crate) fn keep_devices(&mut self, keep: impl Fn(&Device) -> bool) {
        let gone = self.devices.extract_if(.., |it| !keep(it));
        let secrets = gone.filter_map(|it| Some((Kind::Device, it.secret()?.to_owned())));
        self.gone.extend(secrets);
    }

    /// The secret of an active key, or of a session if the token matches.
    pub(crate) fn secret(
        &self,
        id: &str,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<&str, ApiError> {
        let secret = match token {
            None => self
                .keys
                .iter()
                .find(|key| key.id == id && key.status == KeyStatus::Active && key.ready <= now)
                .map(|key| &key.secret),
            Some(token) => self
                .session(id)
                .filter(|it| it.token == token)
                .map(|it| &it.secret),
        };
        secret
            .map(String::as_str)
            .ok_or_else(ApiError::invalid_token)
    }

    /// The caller that an access key belongs to, once the signature is checked.
    pub(crate) fn caller(&self, id: &str, now: DateTime<Utc>) -> Result<Caller, ApiError> {
        if let Some(session) = self.session(id) {
            if session.expiration <= now {
                let message = "The security token included in the request is expired";
                return Err(ApiError::new(403, "ExpiredToken", message));
            }
            return Ok(Caller {
                user: session.user.clone(),
                session: Some(session.clone()),
            });
        }
        let key = self.keys.iter().find(|key| key.id == id);
        key.map(|key| Caller {
            user: key.user.clone(),
            session: None,
        })
        .ok_or_else(ApiError::invalid_token)
    }

    fn session(&self, access_key_id: &str) -> Option<&Session> {
        let mut sessions = self.sessions.iter();
        sessions.find(|it| it.access_key_id == access_key_id)
    }

    /// Issues temporary credentials.
    pub(crate) fn issue(
        &mut self,
        user: &str,
        mfa: Option<DateTime<Utc>>,
        role: Option<(String, String)>,
        expiration: DateTime<Utc>,
    ) -> Session {
        let session = Session {
            access_key_id: random::access_key_id("ASIA", &self.id),
            secret: random::secret_key(),
            token: random::session_token(),
            user: user.to_owned(),
            mfa,
            role,
            expiration,
        };
        self.sessions.push(session.clone());
        session
    }

    /// Puts AWS's idea of a device's clock out of step.
    pub(crate) fn lose_sync(&mut self, serial: &str) {
        let device = self.devices.iter_mut().find(|it| it.serial == serial);
        device.expect("the account has the device").lose_sync();
    }

    /// A device by its serial, or by the name at the end of its ARN.
    pub(crate) fn device(&self, name: &str) -> Option<&Device> {
        let mut devices = self.devices.iter();
        devices.find(|it| it.serial == name || it.serial.ends_with(&format!(":mfa/{name}")))
    }
}
