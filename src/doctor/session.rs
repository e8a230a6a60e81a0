//! Checks the kept session: whether there is one, how long it lasts, and whether a sign-in would use it.
//! It renews none.

use super::finding::{Finding, Level};
use super::scene::Scene;
use crate::caller::stored;
use crate::exit::Exit;
use crate::profile::SessionProfile;
use crate::signin;
use crate::value::session::State;
use crate::value::{Lifetime, Serial, expiry};

const SUBJECT: &str = "session";

/// The required remaining time if the variable for it is unset or invalid.
const MARGIN: Lifetime = Lifetime::seconds(900);

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let session = match scene.session() {
        Ok(session) => session,
        Err(failure) if failure.exit == Exit::NoSession => {
            return vec![Finding::failure(Level::Warning, SUBJECT, failure)];
        }
        // The finding about the profile says why there is none.
        Err(_) => return Vec::new(),
    };
    // The finding about the profile says why none can be made.
    if session.session().is_none() && scene.source().is_err() {
        return Vec::new();
    }
    let mut findings = vec![state(scene, &session)];
    let env = scene.context.env;
    if stored::is_anothers(&session, scene.profiles(), scene.named(), env) {
        findings.push(
            Finding::warning(SUBJECT, stored::not_its(&session))
                .hint("the next sign-in makes a new one"),
        );
    }
    let files = scene.files.as_ref();
    if files.is_ok_and(|files| signin::is_under_way(files, &session.name)) {
        findings.push(
            Finding::warning(
                SUBJECT,
                format!("another awsmfa is signing in to {} right now", session.name),
            )
            .hint("wait for it to finish, or stop it"),
        );
    }
    findings
}

fn state(scene: &Scene, session: &SessionProfile) -> Finding {
    let request = scene.request();
    let margin = request.map_or(MARGIN, |request| request.min_remaining);
    let (context, name) = (scene.context, &session.name);
    let now = context.now();
    let made = session.made();
    let until = session.expiration().map(|at| {
        let left = expiry::remaining(at, now).rounded();
        format!("until {} ({left} left)", context.local_time(at))
    });
    let until = until.unwrap_or_default();
    let device = made.device.as_ref().map(Serial::device_name);
    let with = match (made.by_awsmfa, device) {
        (true, Some(device)) => format!(", made with the MFA device {device}"),
        (true, None) => ", made with MFA".to_owned(),
        (false, _) => ", made by another tool, with or without MFA".to_owned(),
    };
    match session.state(now, margin) {
        State::Valid => Finding::good(SUBJECT, format!("{name} is valid {until}{with}")),
        State::Ending => {
            Finding::warning(SUBJECT, format!("{name} is valid {until}{with}")).hint(again(session))
        }
        State::Expired => Finding::warning(SUBJECT, format!("the session of {name} has expired"))
            .hint(again(session)),
        State::Unknown => Finding::unknown(
            SUBJECT,
            format!("it is not known when the session of {name} ends"),
        )
        .hint(again(session)),
        State::Absent => Finding::warning(SUBJECT, format!("not signed in to {name}"))
            .hint(session.how_to_sign_in()),
    }
}

/// How to make a new session.
fn again(session: &SessionProfile) -> String {
    match session.sign_in_command() {
        Some(_) => session.how_to_sign_in(),
        None => "renew it with the tool that made it".to_owned(),
    }
}
