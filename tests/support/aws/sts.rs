//! Answers STS's calls about user sessions and identities, and passes on those about roles.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::account::{Account, Caller, ROOT, Session};
use super::device::Verdict;
use super::query::{ApiError, Call, element, nest};
use super::{policy, role};

const NOT_VERIFIED: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  \
     Please verify your MFA serial number is valid and associated with this user.";

/// Does what `call` asks for, and returns the XML inside the result element.
pub(crate) fn answer(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    if !account.sts_active {
        let message = format!(
            "STS is not activated in this region for account:{}. Your account administrator can \
             activate STS in this region using the IAM Console.",
            account.id
        );
        return Err(ApiError::new(403, "RegionDisabledException", message));
    }
    match call.action.as_str() {
        "GetSessionToken" => get_session_token(account, caller, call, now),
        "GetCallerIdentity" => Ok(get_caller_identity(account, caller)),
        "GetAccessKeyInfo" => get_access_key_info(account, caller, call, now),
        "AssumeRole" => role::assume(account, caller, call, now),
        action => {
            let message = format!("Could not find operation {action} for version 2011-06-15");
            Err(ApiError::new(400, "InvalidAction", message))
        }
    }
}

fn get_session_token(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    long_term(caller, call)?;
    let seconds = Checked::default()
        .mfa(call)
        .duration(call, 43_200, 129_600)?;
    let mfa = verify(account, caller, call, now)?;
    let seconds = if caller.user == ROOT {
        seconds.min(3600)
    } else {
        seconds
    };
    let expiration = now + TimeDelta::seconds(seconds);
    let session = account.issue(&caller.user, mfa, None, expiration);
    Ok(credentials(&session))
}

/// Verifies the serial and the code in a call. Returns when MFA was given, or none if the call has
/// neither.
pub(crate) fn verify(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ApiError> {
    let (serial, code) = match (call.param("SerialNumber"), call.param("TokenCode")) {
        (None, None) => return Ok(None),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            return Err(ApiError::denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one \
                 time pass code.",
            ));
        }
    };
    let verdict = account
        .devices
        .iter_mut()
        .find(|it| it.serial == serial && it.user.as_ref() == Some(&caller.user))
        .map_or(Verdict::NotVerified, |device| device.verify(code, now));
    match verdict {
        Verdict::Accepted => Ok(Some(now)),
        Verdict::Rejected => Err(ApiError::denied(
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        )),
        Verdict::NotVerified => Err(ApiError::denied(NOT_VERIFIED)),
    }
}

fn get_caller_identity(account: &Account, caller: &Caller) -> String {
    let role = caller.session.as_ref().and_then(|it| it.role.as_ref());
    let id = role.map_or_else(
        || account.user_id(&caller.user).to_owned(),
        |(_, id)| id.clone(),
    );
    [
        element("Arn", &account.caller_arn(caller)),
        element("UserId", &id),
        element("Account", &account.id),
    ]
    .concat()
}

fn get_access_key_info(
    account: &Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    long_term(caller, call)?;
    policy::authorize(account, caller, "sts:GetAccessKeyInfo", "*", now)?;
    let id = call.required("AccessKeyId")?;
    let known = account.keys.iter().map(|it| &it.id);
    let mut known = known.chain(account.sessions.iter().map(|it| &it.access_key_id));
    if known.any(|it| it == id) {
        Ok(element("Account", &account.id))
    } else {
        let message = "The specified value for accessKeyId is invalid";
        Err(ApiError::new(400, "ValidationError", message))
    }
}

/// Fails if a session makes a call that only long-term keys may make.
fn long_term(caller: &Caller, call: &Call) -> Result<(), ApiError> {
    if caller.session.is_none() {
        return Ok(());
    }
    let action = &call.action;
    Err(ApiError::denied(format!(
        "Cannot call {action} with session credentials"
    )))
}

/// The `Credentials` element of an issued session.
pub(crate) fn credentials(session: &Session) -> String {
    let expiration = session
        .expiration
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let fields = [
        element("AccessKeyId", &session.access_key_id),
        element("SecretAccessKey", &session.secret),
        element("SessionToken", &session.token),
        element("Expiration", &expiration),
    ];
    nest("Credentials", &fields.concat())
}

/// The constraints of the service's model that a call does not meet.
#[derive(Default)]
pub(crate) struct Checked(Vec<String>);

impl Checked {
    /// Checks the form of `SerialNumber` and `TokenCode`, if given.
    pub(crate) fn mfa(mut self, call: &Call) -> Self {
        if let Some(serial) = call.param("SerialNumber") {
            let legal = |it: char| it.is_ascii_alphanumeric() || "_+=/:,.@-".contains(it);
            let constraints = [
                (serial.len() >= 9, "have length greater than or equal to 9"),
                (serial.len() <= 256, "have length less than or equal to 256"),
                (
                    serial.chars().all(legal),
                    r"satisfy regular expression pattern: [\w+=/:,.@-]*",
                ),
            ];
            self.unmet("serialNumber", serial, &constraints);
        }
        if let Some(code) = call.param("TokenCode") {
            let constraints = [
                (code.len() >= 6, "have length greater than or equal to 6"),
                (code.len() <= 6, "have length less than or equal to 6"),
                (
                    code.bytes().all(|it| it.is_ascii_digit()),
                    r"satisfy regular expression pattern: [\d]*",
                ),
            ];
            self.unmet("tokenCode", code, &constraints);
        }
        self
    }

    /// Checks `DurationSeconds` and returns it, or everything that is wrong with the call.
    pub(crate) fn duration(
        mut self,
        call: &Call,
        default: i64,
        longest: i64,
    ) -> Result<i64, ApiError> {
        let given = call.param("DurationSeconds");
        let seconds = given.map_or(Ok(default), str::parse).unwrap_or(0);
        let shown = given.unwrap_or_default();
        let most = format!("have value less than or equal to {longest}");
        let constraints = [
            (seconds >= 900, "have value greater than or equal to 900"),
            (seconds <= longest, most.as_str()),
        ];
        self.unmet("durationSeconds", shown, &constraints);
        if self.0.is_empty() {
            Ok(seconds)
        } else {
            Err(ApiError::validation(&self.0))
        }
    }

    fn unmet(&mut self, member: &str, value: &str, constraints: &[(bool, &str)]) {
        for (_, constraint) in constraints.iter().filter(|(met, _)| !met) {
            self.0.push(format!(
                "Value '{value}' at '{member}' failed to satisfy constraint: Member must \
                 {constraint}"
            ));
        }
    }
}
