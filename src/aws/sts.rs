//! Makes the calls to STS. It never returns an incomplete answer.

use super::call::Call;
use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use crate::code::Code;
use crate::profile::role::Role;
use crate::text::is_one_word;
use crate::value::{Arn, Keys, Lifetime, Made, Serial, Session, expiry};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_sdk_sts::types::Credentials;
use chrono::DateTime;
use std::borrow::Cow;

/// The owner of keys.
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
    /// Sent again only if it was certainly not processed, so a code is never spent twice.
    pub(crate) async fn get_session_token(
        &self,
        serial: &Serial,
        code: &Code,
        lifetime: Lifetime,
    ) -> Result<Session, Fault> {
        let call = self.call("sts:GetSessionToken").with_codes([code.expose()]);
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
            .map(|session| granted(session, lifetime, &call))
    }

    /// Asks who owns these keys. Needs no permission.
    pub(crate) async fn get_caller_identity(&self) -> Result<Identity, Fault> {
        let call = self.call("sts:GetCallerIdentity");
        let asking = self
            .sts()
            .get_caller_identity()
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| identity(&answer).ok_or(INCOMPLETE))
            .await
    }

    /// Assumes `role`, as its profile configures it. Carries no code, so it can be sent again freely.
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
        .map(|session| granted(session, role.lifetime, &call))
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
        call.answer(asking, |answer| present(answer.account()).ok_or(INCOMPLETE))
            .await
    }
}

fn seconds(lifetime: Lifetime) -> i32 {
    // Lifetimes for STS were checked against its limits, which are hours.
    i32::try_from(lifetime.as_seconds()).unwrap_or(i32::MAX)
}

/// `session` with its granted lifetime: the one `asked` for, unless the session ends sooner by AWS's own
/// clock, as a root user's does after an hour.
fn granted(session: Session, asked: Lifetime, call: &Call<'_>) -> Session {
    /// Both times are rounded to seconds, and the date is that of the answer.
    const SLACK: u64 = 5;
    let lasts = session.expiration.zip(call.answered_at());
    let lasts = lasts.map(|(end, answered)| expiry::remaining(end, answered));
    let is_cut = |lasts: &Lifetime| lasts.as_seconds() + SLACK < asked.as_seconds();
    let made = Made {
        granted: Some(lasts.filter(is_cut).unwrap_or(asked)),
        ..session.made
    };
    Session { made, ..session }
}

/// A field that exists and is fit for one line.
fn present(field: Option<&str>) -> Option<String> {
    field
        .filter(|text| !text.is_empty() && is_one_word(text))
        .map(str::to_owned)
}

fn identity(answer: &GetCallerIdentityOutput) -> Option<Identity> {
    Some(Identity {
        account: present(answer.account())?,
        arn: answer.arn()?.parse().ok()?,
        user_id: present(answer.user_id())?,
    })
}

/// The session in an answer, or what is wrong with it. An answer that was cut short reaches us as a
/// success with empty fields and an end in 1970.
///
/// A value that does not fit on a line is refused here, before anything is written: a line end within a
/// key would start another line, or even a section, in the file. No length is required.
fn session(credentials: Option<&Credentials>, made: Made) -> Result<Session, Cow<'static, str>> {
    let credentials = credentials.ok_or(INCOMPLETE)?;
    let (id, secret, token) = (
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token(),
    );
    if [id, secret, token].iter().any(|it| it.trim().is_empty()) {
        return Err(INCOMPLETE);
    }
    let keys = Keys::exactly(id, secret, Some(token))
        .map_err(|unfit| unfit.describe(|part| format!("its {}", part.words())))?;
    let end = credentials.expiration();
    let expiration = DateTime::from_timestamp(end.secs(), end.subsec_nanos())
        .and_then(expiry::within_years)
        .ok_or(INCOMPLETE)?;
    // Not compared with the local clock, which may be wrong: this only refuses 1970 and the like.
    if expiration.timestamp() < 1_000_000_000 {
        return Err(INCOMPLETE);
    }
    Ok(Session {
        keys,
        expiration: Some(expiration),
        made,
    })
}
