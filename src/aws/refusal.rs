//! Reads what AWS refuses from the error that it answers with, in this one place. The words, the
//! exit code and whether the request may be sent again follow from the [`Refusal`] alone, and none
//! of the words repeats a code.
//!
//! The words that AWS's messages begin with were observed on live AWS; the error codes are those of
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and of
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>.

use super::call::Call;
use crate::exit::{Exit, Failure};
use crate::value::keys::{KeyKind, shown_id};
use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_sdk_sts::error::ProvideErrorMetadata;
use chrono::{NaiveDateTime, TimeDelta};

/// An error that AWS answered with, as it came.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    /// The HTTP status.
    pub(super) status: u16,
    /// The error code, such as `AccessDenied`.
    pub(super) code: &'a str,
    message: &'a str,
    /// The id of the access key that signed the request.
    access_key_id: &'a str,
}

impl<'a> Answer<'a> {
    /// The answer that the SDK read as `error`; none where it holds no error code.
    pub(super) fn of(
        error: &'a impl ProvideErrorMetadata,
        status: u16,
        access_key_id: &'a str,
    ) -> Option<Self> {
        Some(Self {
            status,
            code: error.code()?,
            message: error.message().unwrap_or_default(),
            access_key_id,
        })
    }
}

/// What AWS refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The code is wrong, too old, or was used before.
    CodeRejected,
    /// The device is unknown or another user's, was just enabled, or has its attempts used up: AWS
    /// has one answer for all of them.
    DeviceRejected,
    /// The MFA check failed, in words that are not known here.
    MfaFailed,
    /// A session's keys asked for another session.
    SessionAsSource,
    /// A session's keys asked for something else that AWS does for long-term keys only.
    NotForSessions,
    /// AWS knows no such access key.
    UnknownKey,
    /// AWS knows no such session, or it has ended; IAM takes none without MFA either.
    UnknownSession,
    /// The keys are not known, under the error code that newer services use.
    UnrecognizedClient,
    /// The secret does not belong to the access key.
    WrongSecret,
    /// The request was signed for a region that is none, or is not that of the endpoint.
    WrongRegion,
    /// This computer's clock is off, by so much behind AWS's where AWS said it.
    ClockOff(Option<TimeDelta>),
    /// The session has expired.
    ExpiredSession,
    /// STS is not activated in the region.
    RegionDisabled,
    /// The session of a role may not last that long.
    RoleDuration,
    /// A field of the request does not have the form that AWS wants, one of these where AWS named
    /// it.
    Malformed(Option<Field>),
    /// Too many requests.
    Throttled,
    /// A policy denies it.
    Denied,
    /// The user has a device, so that others are added and removed only by those who have signed in
    /// with it.
    MfaNeeded,
    /// The two codes with which a device is enabled or resynchronised do not fit it.
    PairRejected,
    /// What is to be created is there, or is somebody's already.
    AlreadyExists,
    /// What is asked about is not there.
    NotFound,
    /// What is to be deleted is in use.
    InUse,
    /// There are as many of them as AWS allows.
    LimitReached,
    /// It can't be changed at this moment.
    Unmodifiable,
    /// The service is not available, and has not looked at the request.
    Unavailable,
    /// The service itself failed, and said so; it may have done what was asked.
    ServiceFailed,
    /// Anything else.
    Other,
}

/// A field of GetSessionToken's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// `TokenCode`.
    Code,
    /// `SerialNumber`.
    Serial,
    /// `DurationSeconds`.
    Duration,
}

impl Refusal {
    /// Reads an answer: its error code, then how the message begins where one code means several
    /// things.
    pub(super) fn of(answer: &Answer<'_>) -> Self {
        let message = answer.message;
        match answer.code {
            code if THROTTLING_ERRORS.contains(&code) => Self::Throttled,
            "ServiceUnavailable" if answer.status == 503 => Self::Unavailable,
            _ if answer.status >= 500 => Self::ServiceFailed,
            "AccessDenied" if message.starts_with("MultiFactorAuthentication failed") => {
                if message.contains("invalid MFA one time pass code") {
                    Self::CodeRejected
                } else if message.contains("unable to validate") {
                    Self::DeviceRejected
                } else {
                    Self::MfaFailed
                }
            }
            "AccessDenied" if message.starts_with("Cannot call GetSessionToken") => {
                Self::SessionAsSource
            }
            "AccessDenied" if message.starts_with("Cannot call ") => Self::NotForSessions,
            "InvalidClientTokenId" if KeyKind::of(answer.access_key_id) == KeyKind::Session => {
                Self::UnknownSession
            }
            "InvalidClientTokenId" => Self::UnknownKey,
            "UnrecognizedClientException" => Self::UnrecognizedClient,
            "SignatureDoesNotMatch" if is_about_time(message) => {
                Self::ClockOff(clock_difference(message))
            }
            "SignatureDoesNotMatch"
                if message.starts_with("Credential should be scoped to a valid region") =>
            {
                Self::WrongRegion
            }
            "SignatureDoesNotMatch" => Self::WrongSecret,
            "ExpiredToken" | "ExpiredTokenException" => Self::ExpiredSession,
            "RegionDisabledException" => Self::RegionDisabled,
            // MaxSessionDuration of the role, or the hour of a role that a role assumes.
            "ValidationError" if message.starts_with("The requested DurationSeconds exceeds") => {
                Self::RoleDuration
            }
            "ValidationError" => Self::Malformed(Field::named_in(message)),
            "AccessDenied" if message.starts_with("To complete this action, please ensure") => {
                Self::MfaNeeded
            }
            "InvalidAuthenticationCode" => Self::PairRejected,
            "EntityAlreadyExists" => Self::AlreadyExists,
            "NoSuchEntity" => Self::NotFound,
            "DeleteConflict" => Self::InUse,
            "LimitExceeded" => Self::LimitReached,
            "EntityTemporarilyUnmodifiable" | "ConcurrentModification" => Self::Unmodifiable,
            "AccessDenied" => Self::Denied,
            _ if message.contains("is not authorized") => Self::Denied,
            _ => Self::Other,
        }
    }

    /// Whether no call to STS can go better with the same keys in the same region.
    pub(crate) fn is_about_keys(self) -> bool {
        match self {
            Self::UnknownKey
            | Self::UnknownSession
            | Self::UnrecognizedClient
            | Self::WrongSecret
            | Self::WrongRegion
            | Self::ClockOff(_)
            | Self::ExpiredSession
            | Self::RegionDisabled => true,
            Self::CodeRejected
            | Self::DeviceRejected
            | Self::MfaFailed
            | Self::SessionAsSource
            | Self::NotForSessions
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Throttled
            | Self::Denied
            | Self::MfaNeeded
            | Self::PairRejected
            | Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached
            | Self::Unmodifiable
            | Self::Unavailable
            | Self::ServiceFailed
            | Self::Other => false,
        }
    }

    /// Whether AWS does not take the session that asked, not any more.
    pub(crate) fn ends_session(self) -> bool {
        match self {
            Self::UnknownKey | Self::UnknownSession | Self::ExpiredSession => true,
            Self::CodeRejected
            | Self::DeviceRejected
            | Self::MfaFailed
            | Self::SessionAsSource
            | Self::NotForSessions
            | Self::UnrecognizedClient
            | Self::WrongSecret
            | Self::WrongRegion
            | Self::ClockOff(_)
            | Self::RegionDisabled
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Throttled
            | Self::Denied
            | Self::MfaNeeded
            | Self::PairRejected
            | Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached
            | Self::Unmodifiable
            | Self::Unavailable
            | Self::ServiceFailed
            | Self::Other => false,
        }
    }

    /// Whether the same request could fare better: then the SDK decides, by its list of codes, the
    /// HTTP status, and how far the clock is off by the answer's date.
    pub(super) fn may_be_sent_again(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unavailable
            | Self::ServiceFailed
            | Self::ClockOff(_)
            | Self::WrongSecret
            | Self::Unmodifiable
            | Self::Other => true,
            Self::CodeRejected
            | Self::DeviceRejected
            | Self::MfaFailed
            | Self::SessionAsSource
            | Self::NotForSessions
            | Self::UnknownKey
            | Self::UnknownSession
            | Self::UnrecognizedClient
            | Self::WrongRegion
            | Self::ExpiredSession
            | Self::RegionDisabled
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Denied
            | Self::MfaNeeded
            | Self::PairRejected
            | Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached => false,
        }
    }

    /// Whether the request surely was not processed, so that a code that it carried is as good as
    /// before, and nothing was created.
    pub(super) fn was_not_processed(self) -> bool {
        match self {
            // A wrong signature is found before anything else, that of a clock to correct too.
            Self::Throttled
            | Self::Unavailable
            | Self::ClockOff(_)
            | Self::WrongSecret
            | Self::WrongRegion => true,
            Self::CodeRejected
            | Self::DeviceRejected
            | Self::MfaFailed
            | Self::SessionAsSource
            | Self::NotForSessions
            | Self::UnknownKey
            | Self::UnknownSession
            | Self::UnrecognizedClient
            | Self::ExpiredSession
            | Self::RegionDisabled
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Denied
            | Self::MfaNeeded
            | Self::PairRejected
            | Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached
            | Self::Unmodifiable
            | Self::ServiceFailed
            | Self::Other => false,
        }
    }

    /// What a person reads of it.
    pub(super) fn failure(self, answer: &Answer<'_>, call: &Call<'_>) -> Failure {
        let failure = Failure::new(self.exit(), self.message(answer, call));
        match self.hint(call) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::CodeRejected | Self::DeviceRejected | Self::MfaFailed | Self::PairRejected => {
                Exit::CodeRefused
            }
            Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached
            | Self::Unmodifiable => Exit::Failed,
            Self::Throttled | Self::Unavailable | Self::ServiceFailed => Exit::Unreachable,
            Self::SessionAsSource
            | Self::NotForSessions
            | Self::UnknownKey
            | Self::UnknownSession
            | Self::UnrecognizedClient
            | Self::WrongSecret
            | Self::WrongRegion
            | Self::ClockOff(_)
            | Self::ExpiredSession
            | Self::RegionDisabled
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Denied
            | Self::MfaNeeded
            | Self::Other => Exit::KeysRefused,
        }
    }

    fn message(self, answer: &Answer<'_>, call: &Call<'_>) -> String {
        let key = shown_id(call.access_key_id);
        let words = call.quote(answer.message);
        match self {
            Self::CodeRejected | Self::DeviceRejected | Self::MfaFailed if words.is_empty() => {
                "AWS refused the code".to_owned()
            }
            Self::CodeRejected | Self::DeviceRejected | Self::MfaFailed => {
                format!("AWS refused the code: {words}")
            }
            Self::SessionAsSource => {
                format!(
                    "the access key {key} belongs to a session, which can't be used to start another"
                )
            }
            Self::UnknownKey => format!("AWS does not know the access key {key}"),
            Self::UnknownSession => format!("AWS refused the session of the access key {key}"),
            Self::WrongSecret => {
                format!("the secret access key does not belong to the access key {key}")
            }
            Self::WrongRegion => format!(
                "AWS does not accept the region {}: {words}",
                call.settings.region
            ),
            Self::ClockOff(behind) => format!(
                "AWS refused the signature: this computer's clock is {}",
                behind.map_or_else(|| "off by several minutes".to_owned(), from_aws)
            ),
            Self::ExpiredSession => format!("the session of the access key {key} has expired"),
            Self::RegionDisabled => format!(
                "STS is not activated in the region {}: {words}",
                call.settings.region
            ),
            // AWS repeats the value that it finds malformed, and that may be the code.
            Self::Malformed(field) if call.carries_code() => match field {
                Some(Field::Code) => "AWS refused the code: it must be six digits".into(),
                Some(Field::Serial) => "AWS refused the MFA serial: it is malformed".into(),
                Some(Field::Duration) => "AWS refused the duration".into(),
                None => format!("AWS refused {} as malformed", call.operation),
            },
            Self::Throttled => format!(
                "AWS is limiting requests ({}; {})",
                answer.code,
                call.tries()
            ),
            Self::Unavailable | Self::ServiceFailed => service_failed(answer.status, call),
            Self::PairRejected => {
                "AWS refused the two codes: they are not two in a row from this device".to_owned()
            }
            Self::UnrecognizedClient
            | Self::NotForSessions
            | Self::RoleDuration
            | Self::Malformed(_)
            | Self::Denied
            | Self::MfaNeeded
            | Self::AlreadyExists
            | Self::NotFound
            | Self::InUse
            | Self::LimitReached
            | Self::Unmodifiable
            | Self::Other => {
                let code = call.quote_name(answer.code);
                if words.is_empty() {
                    format!("AWS refused {}: {code}", call.operation)
                } else {
                    format!("AWS refused {}: {words} ({code})", call.operation)
                }
            }
        }
    }

    fn hint(self, call: &Call<'_>) -> Option<String> {
        Some(match self {
            Self::CodeRejected | Self::DeviceRejected | Self::MfaFailed => {
                if call.attempts() <= 1 {
                    return None;
                }
                "an earlier attempt may have used up the code: try the next one".to_owned()
            }
            Self::SessionAsSource | Self::NotForSessions => {
                "use a profile that holds the long-term keys of an IAM user".to_owned()
            }
            Self::UnknownKey => format!(
                "it may have been deleted or deactivated, or the region {} is in another partition or not enabled",
                call.settings.region
            ),
            Self::UnknownSession => {
                "it may have ended; IAM also refuses sessions made without MFA".to_owned()
            }
            Self::WrongSecret => {
                "check aws_secret_access_key for a missing or extra character".to_owned()
            }
            Self::WrongRegion => {
                "set the right region with --region, in the profile or in AWS_REGION".to_owned()
            }
            Self::ClockOff(_) => "set the clock and try again".to_owned(),
            Self::ExpiredSession => "sign in again with `awsmfa login`".to_owned(),
            Self::RegionDisabled => "choose another region with --region".to_owned(),
            Self::Throttled => "wait a minute and try again".to_owned(),
            Self::Denied => "a policy denies it: ask your AWS administrator".to_owned(),
            Self::MfaNeeded => "sign in with the device you have, then try again".to_owned(),
            Self::PairRejected => {
                "give a code and the next one the device shows, within a minute".to_owned()
            }
            Self::Unmodifiable => "wait a few minutes and try again".to_owned(),
            // Whoever asked knows what it was about.
            Self::AlreadyExists | Self::NotFound | Self::InUse | Self::LimitReached => {
                return None;
            }
            Self::Unavailable | Self::ServiceFailed => SERVICE_HINT.to_owned(),
            // Whoever asked for the role knows which setting that was.
            Self::RoleDuration => return None,
            Self::UnrecognizedClient | Self::Malformed(_) | Self::Other => return None,
        })
    }
}

impl Field {
    fn named_in(message: &str) -> Option<Self> {
        [
            ("tokenCode", Self::Code),
            ("serialNumber", Self::Serial),
            ("durationSeconds", Self::Duration),
        ]
        .into_iter()
        .find_map(|(name, field)| message.contains(name).then_some(field))
    }
}

/// What to do when a service fails, whether it names an error code or not.
pub(super) const SERVICE_HINT: &str = "the service has a problem: try again in a moment";

/// The words for a service that fails, whether it names an error code or not.
pub(super) fn service_failed(status: u16, call: &Call<'_>) -> String {
    format!(
        "{} failed at {} with HTTP status {status} ({})",
        call.operation,
        call.place(),
        call.tries()
    )
}

fn is_about_time(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}

/// How far this computer's clock is behind, read from AWS's words: the first time is ours, the last
/// one AWS's. `Signature expired: OURS is now earlier than LIMIT (THEIRS - 15 min.)`
fn clock_difference(message: &str) -> Option<TimeDelta> {
    let times: Vec<NaiveDateTime> = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| NaiveDateTime::parse_from_str(word, "%Y%m%dT%H%M%SZ").ok())
        .collect();
    Some(*times.get(2)? - *times.first()?)
}

fn from_aws(behind: TimeDelta) -> String {
    let minutes = behind.abs().num_minutes();
    let span = match (minutes / 60 / 24, minutes / 60, minutes) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{minutes} min"),
    };
    if behind > TimeDelta::zero() {
        format!("{span} behind AWS's")
    } else {
        format!("{span} ahead of AWS's")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, code: &str, message: &str, access_key_id: &str) -> Refusal {
        Refusal::of(&Answer {
            status,
            code,
            message,
            access_key_id,
        })
    }

    /// Each refusal with an answer that means it, and what callers ask of it: is it about the keys,
    /// does it end the session, may the request be sent again.
    #[test]
    fn each_answer_is_read_as_one_refusal() {
        const DENIED: &str = "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: sts:AssumeRole";
        const CLOCK: &str = "Signature expired: 20221103T080139Z is now earlier than 20221103T085247Z (20221103T090747Z - 15 min.)";
        let behind = TimeDelta::seconds(66 * 60 + 8);
        for (code, message, refusal, asked) in [
            (
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
                Refusal::CodeRejected,
                (false, false, false),
            ),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
                Refusal::DeviceRejected,
                (false, false, false),
            ),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed for a new reason",
                Refusal::MfaFailed,
                (false, false, false),
            ),
            (
                "AccessDenied",
                "Cannot call GetSessionToken with session credentials",
                Refusal::SessionAsSource,
                (false, false, false),
            ),
            (
                "AccessDenied",
                "Cannot call GetAccessKeyInfo with session credentials",
                Refusal::NotForSessions,
                (false, false, false),
            ),
            (
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                Refusal::UnknownKey,
                (true, true, false),
            ),
            (
                "UnrecognizedClientException",
                "",
                Refusal::UnrecognizedClient,
                (true, false, false),
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
                Refusal::WrongSecret,
                (true, false, true),
            ),
            (
                "SignatureDoesNotMatch",
                "Credential should be scoped to a valid region, not 'eu-west-9'. ",
                Refusal::WrongRegion,
                (true, false, false),
            ),
            (
                "SignatureDoesNotMatch",
                CLOCK,
                Refusal::ClockOff(Some(behind)),
                (true, false, true),
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current",
                Refusal::ClockOff(None),
                (true, false, true),
            ),
            (
                "ExpiredToken",
                "",
                Refusal::ExpiredSession,
                (true, true, false),
            ),
            (
                "ExpiredTokenException",
                "",
                Refusal::ExpiredSession,
                (true, true, false),
            ),
            (
                "RegionDisabledException",
                "",
                Refusal::RegionDisabled,
                (true, false, false),
            ),
            (
                "ValidationError",
                "Value 'x' at 'serialNumber' failed",
                Refusal::Malformed(Some(Field::Serial)),
                (false, false, false),
            ),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                Refusal::RoleDuration,
                (false, false, false),
            ),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
                Refusal::RoleDuration,
                (false, false, false),
            ),
            (
                "ValidationError",
                "odd",
                Refusal::Malformed(None),
                (false, false, false),
            ),
            (
                "Throttling",
                "Rate exceeded",
                Refusal::Throttled,
                (false, false, true),
            ),
            (
                "AccessDenied",
                DENIED,
                Refusal::Denied,
                (false, false, false),
            ),
            (
                "AccessDenied",
                "in words that are not known here",
                Refusal::Denied,
                (false, false, false),
            ),
            (
                "AccessDeniedException",
                DENIED,
                Refusal::Denied,
                (false, false, false),
            ),
            ("Teapot", "short", Refusal::Other, (false, false, true)),
        ] {
            let read = read(403, code, message, "AKIAEXAMPLE");
            assert_eq!(read, refusal, "{code}: {message}");
            let answers = (
                read.is_about_keys(),
                read.ends_session(),
                read.may_be_sent_again(),
            );
            assert_eq!(answers, asked, "{read:?}");
        }
    }

    #[test]
    fn an_unknown_key_of_a_session_is_an_unknown_session() {
        let refusal = read(403, "InvalidClientTokenId", "", "ASIAEXAMPLE");
        assert_eq!(refusal, Refusal::UnknownSession);
        assert!(refusal.is_about_keys() && refusal.ends_session());
    }

    #[test]
    fn a_failing_service_says_nothing_about_the_keys_or_the_code() {
        for code in ["InternalFailure", "AccessDenied", "InvalidClientTokenId"] {
            let refusal = read(503, code, "MultiFactorAuthentication failed", "AKIAEXAMPLE");
            assert_eq!(refusal, Refusal::ServiceFailed);
            assert!(!refusal.is_about_keys() && !refusal.ends_session());
            assert!(refusal.may_be_sent_again());
        }
        assert_eq!(read(503, "SlowDown", "", "AKIAX"), Refusal::Throttled);
    }

    #[test]
    fn only_what_was_surely_not_processed_leaves_a_code_good() {
        for (status, code, is_good) in [
            (503, "ServiceUnavailable", true),
            (400, "Throttling", true),
            (403, "SignatureDoesNotMatch", true),
            (500, "ServiceUnavailable", false),
            (500, "InternalFailure", false),
            (503, "InternalFailure", false),
            (502, "BadGateway", false),
            (400, "RequestTimeout", false),
        ] {
            let refusal = read(status, code, "", "AKIAX");
            assert_eq!(refusal.was_not_processed(), is_good, "{status} {code}");
        }
    }
}
