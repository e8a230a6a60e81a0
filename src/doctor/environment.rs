//! Checks the variables that decide for awsmfa and AWS tools: keys, profiles, and awsmfa's own. It shows
//! no value of theirs but an access key's id and the names of profiles.

use super::finding::{Finding, Level};
use super::scene::Scene;
use crate::caller::{keys, named};
use crate::files::{CONFIG_FILE, CREDENTIALS_FILE};
use crate::profile::{SessionProfile, sessions};
use crate::value::keys::shown_id;
use crate::value::{Keys, expiry};
use crate::world::env;

const SUBJECT: &str = "environment";

/// The variables by which other tools say when the session in the environment ends, and awsmfa does.
const ENDS: [&str; 2] = ["AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION"];

/// What decides for awsmfa, beside keys, profiles and the code: its own variables, and the places of the
/// files.
const OWN: [&str; 6] = [
    CONFIG_FILE,
    CREDENTIALS_FILE,
    env::SERIAL,
    env::DURATION,
    env::SESSION_PROFILE,
    env::MIN_REMAINING,
];

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let env = scene.context.env;
    let mut findings = Vec::new();
    match keys::of_environment(env) {
        Ok(Some(keys)) => findings.push(of_keys(scene, &keys)),
        Ok(None) => findings.push(without_keys(scene)),
        Err(failure) => findings.push(Finding::failure(Level::Bad, SUBJECT, failure)),
    }
    let differs = named::two_profiles(scene.wish.profile.as_ref(), env);
    findings.extend(differs.map(|what| Finding::warning(SUBJECT, what)));
    let failures = [
        scene.named.as_ref().err(),
        scene.wish.request.as_ref().err(),
    ];
    let mut told: Vec<&str> = Vec::new();
    for failure in failures.into_iter().flatten() {
        // A name that is none is found by both.
        if !told.contains(&failure.message.as_str()) {
            told.push(&failure.message);
            findings.push(
                Finding::failure(Level::Bad, SUBJECT, failure.clone())
                    .hint("set that variable again, or unset it"),
            );
        }
    }
    if env.text(env::CODE).is_some() {
        findings.push(
            Finding::warning(
                SUBJECT,
                format!("{} is set, but a code works only once", env::CODE),
            )
            .hint(format!("unset {}", env::CODE)),
        );
    }
    let set: Vec<&str> = OWN
        .into_iter()
        .filter(|name| env.text(name).is_some())
        .collect();
    if !set.is_empty() {
        let verb = if set.len() == 1 {
            "is set and takes effect"
        } else {
            "are set and take effect"
        };
        findings.push(Finding::good(SUBJECT, format!("{} {verb}", set.join(", "))));
    }
    findings
}

/// What to do about keys in the environment that are not wanted.
fn unset(scene: &Scene) -> &'static str {
    match scene.context.env.is_exported() {
        true => "clear them with `eval \"$(awsmfa export --unset)\"`",
        false => "unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
    }
}

fn of_keys(scene: &Scene, keys: &Keys) -> Finding {
    let id = shown_id(&keys.access_key_id);
    let session = known(scene, keys);
    let whose = match &session {
        Some(session) => format!("the session of {} ({id})", session.name),
        None if keys.is_temporary() => format!("a session ({id})"),
        None => format!("the access key {id}"),
    };
    if has_ended(scene, session.as_ref()) {
        let again = session.and_then(|it| it.sign_in_command());
        let hint = match again {
            Some(command) => format!(
                "sign in with `{command}`, and put the new one in the environment, or {}",
                unset(scene)
            ),
            None => unset(scene).to_owned(),
        };
        return Finding::bad(
            SUBJECT,
            format!("the environment holds {whose}, which has expired"),
        )
        .hint(hint);
    }
    let its = scene.session().ok().map(|it| it.name);
    match scene.named() {
        Some(named) if session.is_none_or(|session| Some(session.name) != its) => Finding::warning(
            SUBJECT,
            format!(
                "the environment holds {whose}, and AWS tools use it rather than profile {named}"
            ),
        )
        .hint(unset(scene)),
        _ => Finding::good(SUBJECT, format!("it holds {whose}")),
    }
}

/// The session in the files that these keys are.
fn known(scene: &Scene, keys: &Keys) -> Option<SessionProfile> {
    let mut sessions = sessions::list(scene.profiles()).into_iter();
    sessions.find(|it| {
        let session = it.session();
        session.is_some_and(|it| it.keys.access_key_id == keys.access_key_id)
    })
}

/// Whether the session that these keys of the environment are has ended.
pub(super) fn is_over(scene: &Scene, keys: &Keys) -> bool {
    has_ended(scene, known(scene, keys).as_ref())
}

/// Whether the session in the environment has ended, by the files or by a variable that says so.
fn has_ended(scene: &Scene, session: Option<&SessionProfile>) -> bool {
    let env = scene.context.env;
    let stored = session.and_then(SessionProfile::expiration);
    let told = || {
        let mut texts = ENDS.into_iter().filter_map(|name| env.text(name));
        texts.find_map(|text| expiry::parse_any(&text, None))
    };
    let holds_session = keys::session_in_environment(env).is_some();
    let end = stored.or_else(|| told().filter(|_| holds_session));
    end.is_some_and(|end| end <= scene.context.now())
}

fn without_keys(scene: &Scene) -> Finding {
    let env = scene.context.env;
    let lone = ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];
    match lone.into_iter().find(|name| env.text(name).is_some()) {
        Some(token) => Finding::warning(SUBJECT, format!("{token} is set, without an access key"))
            .hint(format!("unset {token}")),
        None => Finding::good(SUBJECT, "it holds no AWS keys"),
    }
}
