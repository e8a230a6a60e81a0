//! Writes the JSON of a `credential_process`. It does not print it.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use crate::value::{Session, expiry};
use secrecy::ExposeSecret as _;
use serde_json::json;

/// The session in version 1 of the format, on one line.
pub(crate) fn json(session: &Session) -> String {
    let keys = &session.keys;
    let mut json = json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key.expose_secret(),
        "SessionToken": keys.session_token.as_ref().map(|token| token.expose_secret()),
        "Expiration": session.expiration.map(expiry::format),
    });
    if let Some(account) = &session.made.account {
        json["AccountId"] = account.as_str().into();
    }
    json.to_string()
}
