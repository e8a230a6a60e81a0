//! Runs a profile's `credential_process` to get its keys. It never shows the command's output or error
//! output, which may contain keys.

use super::nested::InProgress;
use crate::exit::{Failure, Result};
use crate::value::{Keys, ProfileName};
use crate::world::command::{CommandLine, Ended};
use serde_json::{Map, Value};
use std::time::Duration;

/// Time enough for the user to unlock a vault.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `command`, the `credential_process` of `profile`, and returns the keys that it prints. An awsmfa
/// that it runs finds `in_progress` and `profile` in its environment, and fails if it would end up here
/// again. Failures name the profile.
pub(crate) async fn run(
    profile: &ProfileName,
    command: &str,
    in_progress: &InProgress,
) -> Result<Keys> {
    in_progress.check_keys(profile)?;
    let command = CommandLine {
        line: command,
        in_progress: &in_progress.and_keys(profile).text(),
        variables: &[],
        limit: LIMIT,
    };
    command
        .output()
        .await
        .map_err(|why| format!("gave no keys: {why}"))
        .and_then(|ended| read(&ended))
        .map_err(|what| {
            Failure::failed(format!(
                "the credential_process of profile {profile} {what}"
            ))
            .hint("run the command yourself to see what it says")
        })
}

const NO_KEYS: &str = "failed, or did not print keys";

/// The keys in a command's output, in version 1 of the format that AWS tools share. As in the AWS SDK,
/// names are not case-sensitive.
fn read(ended: &Ended) -> Result<Keys, String> {
    let (id, secret, token) = fields(ended).ok_or(NO_KEYS)?;
    Keys::parse(&id, &secret, token.as_deref()).map_err(|unfit| {
        let what = unfit.describe(|part| format!("the {}", part.words()));
        format!("printed unusable keys: {what}")
    })
}

/// The id, secret and token in a command's output.
fn fields(ended: &Ended) -> Option<(String, String, Option<String>)> {
    if !ended.status.success() {
        return None;
    }
    let mut fields: Map<String, Value> = serde_json::from_slice(&ended.printed).ok()?;
    let mut take = |name: &str| {
        let (_, value) = fields
            .iter_mut()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        Some(value.take())
    };
    if take("Version").and_then(|it| it.as_f64()) != Some(1.0) {
        return None;
    }
    let mut text = |name| match take(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    Some((
        text("AccessKeyId")?,
        text("SecretAccessKey")?,
        text("SessionToken"),
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    async fn keys_of(command: &str) -> Result<Keys> {
        let profile = "dev".parse().expect("a name");
        run(&profile, command, &InProgress::default()).await
    }

    #[tokio::test]
    async fn a_command_hands_out_its_keys() {
        for (printed, token) in [
            (
                r#"{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"shh","SessionToken":"tok"}"#,
                Some("tok"),
            ),
            (
                r#"{"version":1.0,"ACCESSKEYID":"AKIAP","secretAccessKey":"shh","Expiration":"?"}"#,
                None,
            ),
            (
                r#" {"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"shh","SessionToken":""} "#,
                None,
            ),
            (
                r#"{"Version":1,"SessionToken":null,"AccessKeyId":"AKIAP","SecretAccessKey":"s\u0068h"}"#,
                None,
            ),
        ] {
            let command = format!("echo hush >&2; printf '%s' '{printed}'");
            let keys = keys_of(&command).await.expect("keys");
            assert_eq!(keys.access_key_id, "AKIAP");
            assert_eq!(keys.secret_access_key.expose_secret(), "shh");
            let found = keys.session_token.as_ref().map(|it| it.expose_secret());
            assert_eq!(found, token, "{printed}");
        }
    }

    #[tokio::test]
    async fn a_failing_command_is_named_by_its_profile_and_never_quoted() {
        for (command, what) in [
            ("echo hush-out; echo hush-err >&2; exit 3", NO_KEYS),
            ("echo hush-out", NO_KEYS),
            ("echo hush-err >&2", NO_KEYS),
            ("echo '[\"hush\"]'", NO_KEYS),
            (
                r#"echo '{"Version":2,"AccessKeyId":"hush-id","SecretAccessKey":"hush"}'"#,
                NO_KEYS,
            ),
            (
                r#"echo '{"AccessKeyId":"hush-id","SecretAccessKey":"hush"}'"#,
                NO_KEYS,
            ),
            (r#"echo '{"Version":1,"SecretAccessKey":"hush"}'"#, NO_KEYS),
            (
                r#"echo '{"Version":1,"AccessKeyId":"hush-id","SecretAccessKey":7}'"#,
                NO_KEYS,
            ),
            (
                r#"echo '{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}'"#,
                "printed unusable keys: the access key id is empty",
            ),
            (
                r#"echo '{"Version":1,"AccessKeyId":"hush-id","SecretAccessKey":""}'"#,
                "printed unusable keys: the secret access key is empty",
            ),
            (r#"echo '{"Version":1,"AccessKeyId":"hush"#, NO_KEYS),
            ("yes hush", "gave no keys: it printed more than 1 MiB"),
        ] {
            let failure = keys_of(command).await.expect_err("no keys");
            assert_eq!(
                failure.message,
                format!("the credential_process of profile dev {what}"),
                "{command}"
            );
            let shown = format!("{failure:?} {failure:#}");
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}
