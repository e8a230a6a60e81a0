//! Runs a profile's `credential_process` for its keys. What the command prints never reaches a
//! person: its output and its error output may hold keys.

use super::nested;
use crate::exit::{Failure, Result};
use crate::value::{Keys, ProfileName};
use crate::world::Context;
use aws_config::credential_process::CredentialProcessProvider;
use aws_credential_types::provider::ProvideCredentials as _;
use secrecy::SecretString;
use std::time::Duration;
use tokio::time::timeout;

/// How long the command may take, which leaves a person time to unlock a vault.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs `command`, the `credential_process` of `profile`, and returns the keys that it prints. An
/// awsmfa that it runs finds `profile` in its environment. The failure names the profile.
pub(crate) async fn run(profile: &ProfileName, command: &str, context: Context) -> Result<Keys> {
    run_marked(profile, nested::mark(command, profile, context)).await
}

async fn run_marked(profile: &ProfileName, command: String) -> Result<Keys> {
    let failure = |what: &str| {
        Failure::failed(format!(
            "the credential_process of profile {profile} {what}"
        ))
        .hint("run the command by itself to see what it says")
    };
    let provider = CredentialProcessProvider::new(command);
    let answer = timeout(TIMEOUT, provider.provide_credentials())
        .await
        .map_err(|_| failure(&format!("did not end within {} s", TIMEOUT.as_secs())))?;
    // The provider's error quotes what the command wrote to its error output.
    let credentials = answer.map_err(|_| failure("failed, or did not print keys"))?;
    if credentials.access_key_id().is_empty() || credentials.secret_access_key().is_empty() {
        return Err(failure("printed keys with an empty field"));
    }
    Ok(Keys {
        access_key_id: credentials.access_key_id().to_owned(),
        secret_access_key: SecretString::from(credentials.secret_access_key()),
        session_token: credentials.session_token().map(SecretString::from),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    async fn keys_of(command: &str) -> Result<Keys> {
        run_marked(&"dev".parse().expect("a name"), command.to_owned()).await
    }

    #[tokio::test]
    async fn a_command_hands_out_its_keys() {
        let keys = keys_of(
            r#"echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"shh","SessionToken":"tok"}'"#,
        )
        .await
        .expect("keys");
        assert_eq!(keys.access_key_id, "AKIAP");
        assert_eq!(keys.secret_access_key.expose_secret(), "shh");
        let token = keys.session_token.expect("a token");
        assert_eq!(token.expose_secret(), "tok");
    }

    #[tokio::test]
    async fn a_failing_command_is_named_by_its_profile_and_never_quoted() {
        for command in [
            "echo hush-out; echo hush-err >&2; exit 3",
            "echo hush-out",
            r#"echo '{"Version":2,"AccessKeyId":"hush-id","SecretAccessKey":"hush"}'"#,
            r#"echo '{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}'"#,
            r#"echo '{"Version":1,"AccessKeyId":"hush"#,
        ] {
            let failure = keys_of(command).await.expect_err("no keys");
            let shown = format!("{failure:?} {failure:#}");
            assert!(
                shown.contains("credential_process of profile dev"),
                "{shown}"
            );
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}
