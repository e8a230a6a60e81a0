//! Makes the calls to STS. It never hands on an answer that is not whole.

use super::client::{Aws, Watched};
use super::failure::Fault;
use crate::code::Code;
use crate::profile::role::Role;
use crate::value::{Arn, Keys, Lifetime, Made, Serial, Session};
use aws_sdk_sts::types::Credentials;
use chrono::DateTime;
use secrecy::SecretString;

/// Whose keys they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The account's twelve digits.
    pub(crate) account: String,
    /// The user's or session's ARN.
    pub(crate) arn: Arn,
    /// The unique id.
    pub(crate) user_id: String,
}

impl Aws {
    /// Asks for a session with the `code` of the device `serial`. `lifetime` is one that STS grants.
    ///
    /// It is sent again only when it surely was not processed, so a code is never spent twice.
    pub(crate) async fn get_session_token(
        &self,
        serial: &Serial,
        code: &Code,
        lifetime: Lifetime,
    ) -> Result<Session, Fault> {
        let call = self.call("sts:GetSessionToken").with_code(code.expose());
        let asking = self
            .sts()
            .get_session_token()
            .serial_number(serial.as_str())
            .token_code(code.expose())
            .duration_seconds(seconds(lifetime))
            .customize()
            .watched_by(&call)
            .send();
        let made = Made {
            device: Some(serial.clone()),
            account: serial.account().map(str::to_owned),
            by_awsmfa: true,
            ..Made::default()
        };
        call.answer(asking, |answer| session(answer.credentials(), made))
            .await
    }

    /// Asks whose keys these are. Needs no permission.
    pub(crate) async fn get_caller_identity(&self) -> Result<Identity, Fault> {
        let call = self.call("sts:GetCallerIdentity");
        let asking = self
            .sts()
            .get_caller_identity()
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            Some(Identity {
                account: present(answer.account())?,
                arn: answer.arn()?.parse().ok()?,
                user_id: present(answer.user_id())?,
            })
        })
        .await
    }

    /// Assumes `role`, as its profile wants it. Carries no code, so it is sent again freely.
    pub(crate) async fn assume_role(&self, role: &Role) -> Result<Session, Fault> {
        let call = self.call("sts:AssumeRole");
        let asking = self
            .sts()
            .assume_role()
            .role_arn(role.arn.as_str())
            .role_session_name(&role.session_name)
            .set_external_id(role.external_id.clone())
            .duration_seconds(seconds(role.lifetime))
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            let made = Made {
                account: role.arn.account().map(str::to_owned),
                arn: answer
                    .assumed_role_user()
                    .and_then(|user| user.arn().parse().ok()),
                by_awsmfa: true,
                ..Made::default()
            };
            session(answer.credentials(), made)
        })
        .await
    }

    /// Asks which account the access key `id` belongs to.
    pub(crate) async fn get_access_key_info(&self, id: &str) -> Result<String, Fault> {
        let call = self.call("sts:GetAccessKeyInfo");
        let asking = self
            .sts()
            .get_access_key_info()
            .access_key_id(id)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| present(answer.account()))
            .await
    }
}

fn seconds(lifetime: Lifetime) -> i32 {
    lifetime.as_seconds().cast_signed()
}

fn present(field: Option<&str>) -> Option<String> {
    field.filter(|f| !f.is_empty()).map(str::to_owned)
}

/// The session of an answer that is whole. One that is cut short reaches us as a success with empty
/// fields and an end in 1970.
fn session(credentials: Option<&Credentials>, made: Made) -> Option<Session> {
    let credentials = credentials?;
    let fields = [
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token(),
    ];
    if fields.iter().any(|field| field.trim().is_empty()) {
        return None;
    }
    let end = credentials.expiration();
    let expiration = DateTime::from_timestamp(end.secs(), end.subsec_nanos())?;
    // Not compared with the local clock, which may be wrong: only 1970 and its like are refused.
    if expiration.timestamp() < 1_000_000_000 {
        return None;
    }
    Some(Session {
        keys: Keys {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: SecretString::from(credentials.secret_access_key()),
            session_token: Some(SecretString::from(credentials.session_token())),
        },
        expiration: Some(expiration),
        made,
    })
}
