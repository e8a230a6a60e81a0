//! Owns the calls to STS: what goes out, and that an answer is whole before anyone sees it.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::client::{Aws, Watched};
use super::failure::{Fault, cut_short, fault, incomplete};
use super::refusal::Refusal;
use crate::exit::Failure;
use crate::value::Keys;

/// Temporary keys as STS handed them out.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The keys, with a session token.
    pub(crate) keys: Keys,
    /// When they end.
    pub(crate) expiration: DateTime<Utc>,
}

/// Whose keys they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The account's twelve digits.
    pub(crate) account: String,
    /// The user's or session's ARN.
    pub(crate) arn: String,
    /// The unique id.
    pub(crate) user_id: String,
}

/// Why no session was issued, told apart by what may be done with the code.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// The code is wrong, too old, or was used before.
    CodeRejected(Failure),
    /// The device is unknown, just enabled, or has its attempts used up.
    DeviceRejected(Failure),
    /// The answer never came or can't be used: the code may be used up.
    Lost(Failure),
    /// The request was never sent: the code is as good as before.
    NotSent(Failure),
    /// Nothing that another code would mend.
    Fatal(Failure),
}

/// Why AWS did not say whose the keys are, told apart by what that says of the keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// Unknown, wrong or expired keys, or a region without STS: no call to STS can go better.
    #[error("{0}")]
    BadKeys(Failure),
    /// A policy denies this one call, or no answer came: the keys may be good.
    #[error("{0}")]
    Unknown(Failure),
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::BadKeys(failure) | IdentityError::Unknown(failure) => failure,
        }
    }
}

impl From<Fault> for IdentityError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused { refusal, failure } if refusal.is_about_keys() => {
                Self::BadKeys(failure)
            }
            fault => Self::Unknown(fault.into_failure()),
        }
    }
}

impl From<Fault> for TokenError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NeverSent(failure) => Self::NotSent(failure),
            Fault::Lost(failure) => Self::Lost(failure),
            Fault::Fatal(failure) => Self::Fatal(failure),
            Fault::Refused { refusal, failure } => match refusal {
                Refusal::CodeRejected => Self::CodeRejected(failure),
                Refusal::DeviceRejected | Refusal::MfaFailed => Self::DeviceRejected(failure),
                _ => Self::Fatal(failure),
            },
        }
    }
}

impl Aws {
    /// Asks for a session with the device `serial`'s `code`. `duration_seconds` is 900 to 129600.
    ///
    /// It is sent again only when it surely was not processed, so a code is never spent twice.
    pub(crate) async fn get_session_token(
        &self,
        serial: &str,
        code: &str,
        duration_seconds: i32,
    ) -> Result<Issued, TokenError> {
        let call = self.call("sts:GetSessionToken").with_code(code);
        let answer = self
            .sts()
            .get_session_token()
            .serial_number(serial)
            .token_code(code)
            .duration_seconds(duration_seconds)
            .customize()
            .watched_by(&call)
            .send()
            .await
            .map_err(|error| fault(&error, &call))?;
        if let Some(failure) = cut_short(&call) {
            return Err(TokenError::Lost(failure));
        }
        issued(answer.credentials()).ok_or_else(|| TokenError::Lost(incomplete(&call)))
    }

    /// Asks whose keys these are. Needs no permission.
    pub(crate) async fn get_caller_identity(&self) -> Result<Identity, IdentityError> {
        let call = self.call("sts:GetCallerIdentity");
        let answer = self
            .sts()
            .get_caller_identity()
            .customize()
            .watched_by(&call)
            .send()
            .await
            .map_err(|error| fault(&error, &call))?;
        if let Some(failure) = cut_short(&call) {
            return Err(IdentityError::Unknown(failure));
        }
        let whole = |field: Option<&str>| field.filter(|f| !f.is_empty()).map(str::to_owned);
        match (
            whole(answer.account()),
            whole(answer.arn()),
            whole(answer.user_id()),
        ) {
            (Some(account), Some(arn), Some(user_id)) => Ok(Identity {
                account,
                arn,
                user_id,
            }),
            _ => Err(IdentityError::Unknown(incomplete(&call))),
        }
    }
}

/// The keys of an answer that is whole. One that is cut short reaches us as a success with empty
/// fields and an end in 1970.
pub(super) fn issued(credentials: Option<&aws_sdk_sts::types::Credentials>) -> Option<Issued> {
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
    Some(Issued {
        keys: Keys {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: SecretString::from(credentials.secret_access_key()),
            session_token: Some(SecretString::from(credentials.session_token())),
        },
        expiration,
    })
}
