//! Gets the keys that sign a request: from the files, the environment or a command. It never tries
//! them.

use super::credential_process;
use super::nested::InProgress;
use crate::exit::{Failure, Result};
use crate::profile::KeySource;
use crate::profile::source::NAME_LONG_TERM_KEYS;
use crate::value::{Keys, ProfileName};
use crate::world::env::Env;

/// The keys that the environment holds. The session token's old name counts first, as in the AWS CLI
/// and boto3: keys with either are a session's.
pub(crate) fn of_environment(env: Env) -> Option<Keys> {
    Some(Keys {
        access_key_id: env.text("AWS_ACCESS_KEY_ID")?,
        secret_access_key: env.text("AWS_SECRET_ACCESS_KEY")?.into(),
        session_token: env
            .text("AWS_SECURITY_TOKEN")
            .or_else(|| env.text("AWS_SESSION_TOKEN"))
            .map(Into::into),
    })
}

/// The keys of `profile`, which come from `source`. A command for them, and so an awsmfa that it runs,
/// is told what is `in_progress`. Fails when it has none.
pub(crate) async fn obtain(
    source: &KeySource,
    profile: &ProfileName,
    in_progress: &InProgress,
) -> Result<Keys> {
    match source {
        KeySource::Profile(keys) | KeySource::Environment(keys) => Ok(keys.clone()),
        KeySource::Process(command) => credential_process::run(profile, command, in_progress).await,
    }
}

/// The same where a session is to be made with them.
///
/// Fails also when a command prints a session's: AWS would make no session from those, and the code
/// would be asked for in vain.
pub(crate) async fn long_term(
    source: &KeySource,
    profile: &ProfileName,
    in_progress: &InProgress,
) -> Result<Keys> {
    let keys = obtain(source, profile, in_progress).await?;
    if keys.is_temporary() {
        return Err(Failure::failed(format!(
            "the credential_process of profile {profile} hands out a session, and a session can't be made from a session"
        ))
        .hint(NAME_LONG_TERM_KEYS));
    }
    Ok(keys)
}
