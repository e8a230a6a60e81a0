//! Gets the keys that sign a request: from the files, the environment or a command. It never tries them.

use super::credential_process;
use super::nested::InProgress;
use crate::exit::{Failure, Remedy, Result};
use crate::profile::choice::{default_is_free, how_to_name};
use crate::profile::source::NAME_LONG_TERM_KEYS;
use crate::profile::{KeySource, Profile, Profiles, Source};
use crate::value::keys::Part;
use crate::value::{Keys, ProfileName};
use crate::world::env::Env;

/// The keys in the environment. As in the AWS CLI and boto3, the old name of the session token counts
/// first, and keys with either token are a session's.
///
/// Fails, naming the variable, if half of a pair is missing or one can't be a key. White space alone
/// counts as unset, like an empty variable.
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

/// The variable with a session token, if the environment also holds keys: together they are a session,
/// which AWS tools use before any profile that no flag names.
pub(crate) fn session_in_environment(env: Env) -> Option<&'static str> {
    let is_there = |name: &&'static str| env.text(name).is_some_and(|it| !it.trim().is_empty());
    let mut keys = [Part::Id, Part::Secret].into_iter().map(variable);
    let token = [variable(Part::Token), OLD_TOKEN]
        .into_iter()
        .find(is_there)?;
    keys.any(|name| is_there(&name)).then_some(token)
}

/// The name of the session token in boto 2.
const OLD_TOKEN: &str = "AWS_SECURITY_TOKEN";

/// The variable for a part.
fn variable(part: Part) -> &'static str {
    match part {
        Part::Id => "AWS_ACCESS_KEY_ID",
        Part::Secret => "AWS_SECRET_ACCESS_KEY",
        Part::Token => "AWS_SESSION_TOKEN",
    }
}

fn half(env: Env, there: Part, missing: Part) -> Failure {
    let is = if env.is_set(variable(missing)) {
        "empty"
    } else {
        "not"
    };
    let (there, missing) = (variable(there), variable(missing));
    Failure::failed(format!("{there} is set, but {missing} is {is}")).hint(format!(
        "set {missing} too, or unset {there}, or choose a profile with --profile"
    ))
}

/// Where a sign-in begins: with the profile `named` by the user, else the keys in the environment, else
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
    let has_keys = environment.is_some();
    let holds_session = environment.as_ref().is_some_and(Keys::is_temporary);
    let is_empty =
        !has_keys && env.is_set(variable(Part::Id)) && env.is_set(variable(Part::Secret));
    Source::resolve(profiles, None, environment).map_err(|failure| {
        let what = if holds_session {
            Some("the environment holds a session, which can't be used to make another".to_owned())
        } else if is_empty {
            let (id, secret) = (variable(Part::Id), variable(Part::Secret));
            Some(format!("{id} and {secret} are empty"))
        } else {
            None
        };
        let is_unclear = !has_keys && default_is_free(profiles);
        let failure = match what {
            Some(what) => with_environment(profiles, &what, is_empty, failure),
            None if is_unclear => with_names(profiles, failure),
            None => failure,
        };
        match is_unclear {
            true => failure.remedy(Remedy::NameProfile),
            false => failure,
        }
    })
}

/// `failure` to find a source where no profile is named, with `what` the environment has to do with it.
fn with_environment(
    profiles: Profiles<'_>,
    what: &str,
    is_empty: bool,
    failure: Failure,
) -> Failure {
    if profiles.contains(&ProfileName::default()) {
        let message = format!("{what}, and {}", failure.message);
        return Failure { message, ..failure };
    }
    // Hints about a profile that nobody named, and that does not exist, are no help.
    let is_session = |name: &ProfileName| Profile::read(profiles, name).is_session_profile();
    let has_sources = !profiles.names().iter().all(is_session);
    let hint = match failure.hint {
        Some(hint) if has_sources => hint,
        _ if is_empty => {
            "CI systems leave them empty when a secret is missing or not available to this job"
                .to_owned()
        }
        // There is no other profile to name either.
        _ if !has_sources => {
            "in a shell without it, set up a profile with `awsmfa setup`".to_owned()
        }
        _ => NAME_LONG_TERM_KEYS.to_owned(),
    };
    Failure::failed(format!("{what}, and no profile is given")).hint(hint)
}

/// The same where nothing says which profile is meant, with those that can be named.
fn with_names(profiles: Profiles<'_>, failure: Failure) -> Failure {
    match how_to_name(profiles) {
        Some(hint) => Failure {
            message: format!("no profile is named, and {}", failure.message),
            ..failure
        }
        .hint(hint),
        None => failure,
    }
}

/// The keys of `profile`, which come from `source`. A command for them, and so an awsmfa inside it, is
/// told what is `in_progress`. Fails if the profile has none.
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

/// The same for keys that will make a session.
///
/// Also fails if a command prints a session's keys: AWS makes no session from those, and the user would
/// enter a code in vain.
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
