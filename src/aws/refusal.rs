//! Owns what a denial of AWS's means to a person, by its error code and how its message begins.
//! It must never repeat a code that AWS repeats.

use chrono::{NaiveDateTime, TimeDelta};

use super::call::{Call, one_line};
use crate::exit::{Exit, Failure};

/// A denial, in the words for its code; AWS's own where the code is not known.
pub(super) fn refusal(code: &str, message: &str, call: &Call<'_>) -> Failure {
    let key = key_id(call.access_key_id);
    let region = &call.settings.region;
    let refused = |what: String| Failure::new(Exit::KeysRefused, what);
    match code {
        "AccessDenied" if message.starts_with("MultiFactorAuthentication failed") => {
            let failure = Failure::new(
                Exit::CodeRefused,
                match call.quote(message) {
                    words if words.is_empty() => "AWS refused the code".to_owned(),
                    words => format!("AWS refused the code: {words}"),
                },
            );
            if call.attempts() > 1 {
                failure.hint("an attempt before it may have used the code up: try the next one")
            } else {
                failure
            }
        }
        "AccessDenied" if message.starts_with("Cannot call GetSessionToken") => refused(format!(
            "the access key {key} belongs to a session, which can't start another"
        ))
        .hint("use a profile that holds the long-term keys of an IAM user"),
        "InvalidClientTokenId" if call.access_key_id.starts_with("ASIA") => {
            refused(format!("AWS refused the session of the access key {key}"))
                .hint("it may have ended; and IAM takes no session but one with MFA")
        }
        "InvalidClientTokenId" => refused(format!("AWS does not know the access key {key}")).hint(
            format!(
                "it may be deleted or inactive; or the region {region} is of another partition, or not enabled"
            ),
        ),
        "SignatureDoesNotMatch" => match clock_difference(message) {
            Some(difference) => refused(format!(
                "AWS refused the signature: this computer's clock is {difference}"
            ))
            .hint("set the clock and try again"),
            None => refused(format!(
                "the secret access key does not belong to the access key {key}"
            ))
            .hint("check aws_secret_access_key for a missing or extra character"),
        },
        "ExpiredToken" | "ExpiredTokenException" => {
            refused(format!("the session of the access key {key} has expired"))
                .hint("sign in again with awsmfa login")
        }
        "RegionDisabledException" => refused(format!(
            "STS is not activated in the region {region}: {}",
            call.quote(message)
        ))
        .hint("name another region with --region"),
        // AWS repeats the value that it finds malformed, and that may be the code.
        "ValidationError" if call.carries_code() => {
            let field = ["tokenCode", "serialNumber", "durationSeconds"]
                .into_iter()
                .find(|field| message.contains(field));
            refused(match field {
                Some("tokenCode") => {
                    "AWS refused the code's form: six digits are needed".to_owned()
                }
                Some("serialNumber") => "AWS refused the form of the MFA serial".to_owned(),
                Some("durationSeconds") => "AWS refused the duration".to_owned(),
                _ => format!("AWS refused {} as malformed", call.operation),
            })
        }
        _ => {
            let words = call.quote(message);
            let failure = refused(if words.is_empty() {
                format!("AWS refused {}: {}", call.operation, one_line(code))
            } else {
                format!(
                    "AWS refused {}: {words} ({})",
                    call.operation,
                    one_line(code)
                )
            });
            // Without IAM's leave there are ways round, which the caller knows.
            if call.operation.starts_with("sts:") && message.contains("is not authorized") {
                failure.hint("a policy denies it: ask whoever manages the account")
            } else {
                failure
            }
        }
    }
}

/// An access key's id, or its first letters when it looks like something else: people paste the
/// secret into the wrong line.
fn key_id(id: &str) -> String {
    if id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        id.to_owned()
    } else {
        let start: String = id.chars().take(4).collect();
        format!("{}…", one_line(&start))
    }
}

/// How far the clock is off, read from AWS's words: the first time is ours, the last one AWS's.
/// `Signature expired: OURS is now earlier than LIMIT (THEIRS - 15 min.)`
fn clock_difference(message: &str) -> Option<String> {
    if !message.starts_with("Signature expired")
        && !message.starts_with("Signature not yet current")
    {
        return None;
    }
    let times: Vec<NaiveDateTime> = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| NaiveDateTime::parse_from_str(word, "%Y%m%dT%H%M%SZ").ok())
        .collect();
    let (Some(ours), Some(theirs)) = (times.first(), times.get(2)) else {
        return Some("off by several minutes".to_owned());
    };
    let behind = *theirs - *ours;
    Some(format!(
        "{} {} AWS's",
        span(behind.abs()),
        if behind > TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        }
    ))
}

fn span(difference: TimeDelta) -> String {
    let minutes = difference.num_minutes();
    match (minutes / 60 / 24, minutes / 60, minutes) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{minutes} min"),
    }
}
