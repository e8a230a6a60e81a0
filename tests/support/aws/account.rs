//! Holds the account that the stand-in plays: users, keys, devices, roles, sessions. Never decides
//! what a call does to them: `sts` and `iam` do.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::device::Device;
use super::query::ApiError;
use super::random;

/// The user name of the account's root in this model.
pub(crate) const ROOT: &str = "root";

/// An AWS account.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) partition: String,
    pub(crate) users: Vec<User>,
    pub(crate) keys: Vec<Key>,
    pub(crate) devices: Vec<Device>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) roles: Vec<Role>,
    /// Whether STS is activated in the region.
    pub(crate) sts_active: bool,
    /// How many items a list holds before it goes on at a marker.
    pub(crate) page_size: usize,
    /// How long after EnableMFADevice STS knows the device.
    pub(crate) enable_delay: TimeDelta,
    /// How long after CreateAccessKey the key works.
    pub(crate) key_delay: TimeDelta,
}

/// An IAM user, or the root.
pub(crate) struct User {
    pub(crate) name: String,
    /// `/`, or what stands before the name in the ARN: `/division/`.
    pub(crate) path: String,
    pub(crate) id: String,
    /// A user without policies may do everything.
    pub(crate) policies: Vec<Value>,
}

/// A long-term access key.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) user: String,
    pub(crate) active: bool,
    pub(crate) created: DateTime<Utc>,
    /// From when on AWS knows it everywhere.
    pub(crate) ready: DateTime<Utc>,
}

/// A role that every user of the account may assume.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) id: String,
    /// Whether its trust policy asks for MFA.
    pub(crate) needs_mfa: bool,
    /// The external id that its trust policy asks for.
    pub(crate) external_id: Option<String>,
    /// The longest session, in seconds.
    pub(crate) longest: i64,
}

/// Temporary credentials that were issued.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) user: String,
    /// When the code was given; none for a session without MFA.
    pub(crate) mfa: Option<DateTime<Utc>>,
    /// The ARN and id of the assumed role, for a role's session.
    pub(crate) role: Option<(String, String)>,
    pub(crate) expiration: DateTime<Utc>,
}

/// Who sent a request, once its signature was checked.
pub(crate) struct Caller {
    pub(crate) user: String,
    /// The session whose keys signed; none for long-term keys.
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
            keys: Vec::new(),
            devices: Vec::new(),
            sessions: Vec::new(),
            roles: Vec::new(),
            sts_active: true,
            page_size: 100,
            enable_delay: TimeDelta::zero(),
            key_delay: TimeDelta::zero(),
        }
    }

    /// An ARN of this account's IAM: `resource` is for example `user/alice`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.id)
    }

    /// The ARN of a user, or of the root.
    pub(crate) fn user_arn(&self, user: &str) -> String {
        if user == ROOT {
            self.arn(ROOT)
        } else {
            self.arn(&format!("user{}{user}", self.path(user)))
        }
    }

    /// The path of a user, `/` for most.
    pub(crate) fn path(&self, user: &str) -> &str {
        let user = self.users.iter().find(|it| it.name == user);
        user.map_or("/", |it| &it.path)
    }

    /// The unique id of a user; the root's is the account's.
    pub(crate) fn user_id(&self, user: &str) -> &str {
        self.users
            .iter()
            .find(|it| it.name == user && user != ROOT)
            .map_or(&self.id, |it| &it.id)
    }

    /// The policies of a user.
    pub(crate) fn policies(&self, user: &str) -> &[Value] {
        let user = self.users.iter().find(|it| it.name == user);
        user.map_or(&[], |it| &it.policies)
    }

    /// The ARN that GetCallerIdentity tells.
    pub(crate) fn caller_arn(&self, caller: &Caller) -> String {
        match caller.session.as_ref().and_then(|it| it.role.as_ref()) {
            Some((arn, _)) => arn.clone(),
            None => self.user_arn(&caller.user),
        }
    }

    /// The secret of an active key or of a session whose token fits.
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
                .find(|key| key.id == id && key.active && key.ready <= now)
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

    /// The caller behind an access key whose signature was checked.
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
            access_key_id: random::identifier("ASIA"),
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

    /// Makes AWS wrong about the clock of a device.
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
