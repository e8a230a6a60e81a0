//! Owns keys that a profile's `credential_process` hands out. Its output and error output never
//! reach a person: either may hold keys.

use std::time::Duration;

use anyhow::Result;
use aws_config::credential_process::CredentialProcessProvider;
use aws_credential_types::provider::ProvideCredentials;
use secrecy::SecretString;

use crate::exit::{Exit, Failure};
use crate::value::Keys;

/// How long the command may take, which leaves a person time to unlock a vault.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs `command`, the `credential_process` of `profile`, and returns the keys that it prints.
/// The error names the profile.
pub(crate) async fn keys(profile: &str, command: &str) -> Result<Keys> {
    let failure = |what: &str| {
        Failure::new(
            Exit::Failed,
            format!("the credential_process of profile {profile} {what}"),
        )
        .hint("run the command by itself to see what it says")
    };
    let provider = CredentialProcessProvider::new(command.to_owned());
    let answer = tokio::time::timeout(TIMEOUT, provider.provide_credentials())
        .await
        .map_err(|_| failure(&format!("did not end within {} s", TIMEOUT.as_secs())))?;
    // The provider's error quotes what the command wrote to its error output.
    let credentials = answer.map_err(|_| failure("failed, or did not print keys"))?;
    if credentials.access_key_id().is_empty() || credentials.secret_access_key().is_empty() {
        return Err(failure("printed keys with an empty field").into());
    }
    Ok(Keys {
        access_key_id: credentials.access_key_id().to_owned(),
        secret_access_key: SecretString::from(credentials.secret_access_key()),
        session_token: credentials.session_token().map(SecretString::from),
    })
}
