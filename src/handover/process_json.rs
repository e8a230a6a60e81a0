//! Owns the JSON that a `credential_process` prints. Pure.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use crate::signin::Ready;
use crate::value::expiry;
use secrecy::ExposeSecret as _;
use serde_json::json;

/// The session as version 1 of the contract, in one line.
pub(crate) fn json(ready: &Ready) -> String {
    json!({
        "Version": 1,
        "AccessKeyId": ready.keys.access_key_id,
        "SecretAccessKey": ready.keys.secret_access_key.expose_secret(),
        "SessionToken": ready.keys.session_token.as_ref().map(|token| token.expose_secret()),
        "Expiration": expiry::format(ready.expiration),
    })
    .to_string()
}
