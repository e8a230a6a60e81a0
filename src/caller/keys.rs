//! Gets the keys that sign a request: from the files, the environment or a command. It never tries
//! them.

use super::credential_process;
use super::nested::InProgress;
use crate::exit::{Failure, Result};
use crate::profile::source::NAME_LONG_TERM_KEYS;
use crate::profile::{KeySource, Profiles, Source};
use crate::value::keys::Part;
use crate::value::{Keys, ProfileName};
use crate::world::env::Env;

/// The keys that the environment holds. The session token's old name counts first, as in the AWS CLI
/// and boto3: keys with either are a session's.
///
/// Fails, naming the variable, where half of a pair is missing or one can't be a key. What holds nothing but white space counts as unset, as an empty variable does.
pub(crate) fn of_environment(env: Env) -> Result<Option<Keys>> {
    let of = |name| env.text(name).filter(|it| !it.trim().is_empty());
    let text = |part| of(variable(part));
    let (id, secret) = match (text(Part::Id), text(Part::Secret)) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(half(env, Part::Id, Part::Secret)),
        (None, Some(_)) => return Err(half(env, Part::Secret, Part::Id)),
        (Some(id), Some(secret)) => (id, secret),
    };
    let (old_token, token_name) = (of(OLD_TOKEN), variable(Part::Token));
    let (token, token_name) = match old_token {
        Some(token) => (Some(token), OLD_TOKEN),
        None => (of(token_name), token_name),
    };
    let name = |part| match part {
        Part::Token => token_name,
        Part::Id | Part::Secret => variable(part),
    };
    match Keys::parse(&id, &secret, token.as_deref()) {
        Ok(keys) => Ok(Some(keys)),
        Err(unfit) => Err(
            Failure::failed(unfit.describe(|part| name(part).to_owned()))
                .hint("set it again, or choose a profile with --profile"),
        ),
    }
}

/// The variable with a session token, where the environment holds keys beside it: they are a session's,
/// and AWS tools use them before any profile that no flag names.
pub(crate) fn session_in_environment(env: Env) -> Option<&'static str> {
    let is_there = |name: &&'static str| env.text(name).is_some_and(|it| !it.trim().is_empty());
    let mut keys = [Part::Id, Part::Secret].into_iter().map(variable);
    let token = [variable(Part::Token), OLD_TOKEN]
        .into_iter()
        .find(is_there)?;
    keys.any(|name| is_there(&name)).then_some(token)
}

/// The session token's name in boto 2.
const OLD_TOKEN: &str = "AWS_SECURITY_TOKEN";

/// The variable of a part.
fn variable(part: Part) -> &'static str {
    match part {
        Part::Id => "AWS_ACCESS_KEY_ID",
        Part::Secret => "AWS_SECRET_ACCESS_KEY",
        Part::Token => "AWS_SESSION_TOKEN",
    }
}

fn half(env: Env, there: Part, missing: Part) -> Failure {
    let is = if env.is_there(variable(missing)) {
        "empty"
    } else {
        "not"
    };
    let (there, missing) = (variable(there), variable(missing));
    Failure::failed(format!("{there} is set, but {missing} is {is}")).hint(format!(
        "set {missing} too, or unset {there}, or choose a profile with --profile"
    ))
}

/// What a sign-in begins with: the profile `named` by the person, else the keys of the environment, else
/// the profile `default`.
pub(crate) fn source(
    profiles: Profiles<'_>,
    named: Option<&ProfileName>,
    env: Env,
) -> Result<Source> {
    if named.is_some() {
        return Source::resolve(profiles, named, None);
    }
    let environment = of_environment(env)?;
    let holds_session = environment.as_ref().is_some_and(Keys::is_temporary);
    let is_empty = environment.is_none()
        && env.is_there(variable(Part::Id))
        && env.is_there(variable(Part::Secret));
    let found = Source::resolve(profiles, None, environment);
    let what = match &found {
        Err(_) if holds_session => {
            "the environment holds a session, which can't be used to make another".to_owned()
        }
        Err(_) if is_empty => format!(
            "{} and {} are empty",
            variable(Part::Id),
            variable(Part::Secret)
        ),
        _ => return found,
    };
    found.map_err(|failure| {
        if profiles.contains(&ProfileName::default()) {
            let message = format!("{what}, and {}", failure.message);
            return Failure { message, ..failure };
        }
        // A profile that nobody named and that is not there is no help.
        let hint = match failure.hint {
            Some(hint) if !profiles.names().is_empty() => hint,
            _ if is_empty => {
                "CI systems leave them empty when a secret is missing or not available to this job"
                    .to_owned()
            }
            // Nor is there any to name.
            _ if profiles.names().is_empty() => {
                "in a shell without it, set up a profile with `awsmfa setup`".to_owned()
            }
            _ => NAME_LONG_TERM_KEYS.to_owned(),
        };
        Failure::failed(format!("{what}, and no profile is given")).hint(hint)
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
            "the credential_process of profile {profile} provides a session, and a session can't be made from a session"
        ))
        .hint(NAME_LONG_TERM_KEYS));
    }
    Ok(keys)
}
