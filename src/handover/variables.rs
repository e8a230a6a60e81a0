//! Lists the environment variables that carry a session to a program, and those that would take
//! precedence over it. It reads and sets none.

use crate::exit::{Failure, Result};
use crate::value::{Session, expiry};
use crate::world::env;
use secrecy::ExposeSecret as _;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Everything through which an AWS SDK or the AWS CLI finds credentials other than those in
/// `AWS_ACCESS_KEY_ID`, or combines ours with a stale part of others.
pub(crate) const OTHERS: [&str; 14] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    ACCOUNT_ID,
    "AWS_CREDENTIAL_SCOPE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
    env::CODE,
];

/// Variables that other tools leave in a shell, from which prompts and those tools would show the name
/// or the end of a session that is not ours.
///
/// Sources: aws-vault, awsume, Granted, aws-sso-cli, awsu; the prompts of Starship and Powerlevel10k.
pub(crate) const OF_OTHER_TOOLS: [&str; 12] = [
    "AWS_VAULT",
    "AWSUME_PROFILE",
    "AWSUME_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_SSO_PROFILE",
    "AWS_SSO_SESSION_EXPIRATION",
    "AWSU_PROFILE",
    "GRANTED_SSO",
    "GRANTED_SSO_START_URL",
    "GRANTED_SSO_ROLE_NAME",
    "GRANTED_SSO_REGION",
    "GRANTED_SSO_ACCOUNT_ID",
];

/// The prefix of more variables that belong to [`OF_OTHER_TOOLS`].
pub(crate) const GRANTED_PREFIX: &str = "GRANTED_SSO_";

/// The account of the session. Without one of ours, a stale one of another session must go.
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

/// The variables that we set, in the order they are printed.
pub(crate) const OURS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    ACCOUNT_ID,
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// A variable's name and value.
pub(crate) type Variable = (Cow<'static, str>, Zeroizing<String>);

/// The variables of a session with their values; an account and a region only if they are known.
///
/// Refuses a value with a control character: no AWS key has one, and a line break would add a variable
/// to a job's file.
pub(crate) fn for_session(session: &Session, region: Option<&str>) -> Result<Vec<Variable>> {
    let Session {
        keys,
        expiration,
        made,
    } = session;
    let token = keys.session_token.as_ref();
    let values = [
        Some(keys.access_key_id.clone()),
        Some(keys.secret_access_key.expose_secret().to_owned()),
        token.map(|token| token.expose_secret().to_owned()),
        expiration.map(expiry::format),
        made.account.clone(),
        region.map(str::to_owned),
        region.map(str::to_owned),
    ];
    let all = OURS.into_iter().zip(values);
    all.filter_map(|(name, value)| Some((name, Zeroizing::new(value?))))
        .map(|(name, value)| {
            if value.contains(char::is_control) {
                return Err(unfit(name));
            }
            Ok((name.into(), value))
        })
        .collect()
}

fn unfit(name: &str) -> Failure {
    Failure::failed(format!(
        "the session holds a line break or another control character, which no value of {name} has"
    ))
    .hint("make a new one with --force")
}

/// Whether the variable `name` holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    matches!(name, "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN")
}
