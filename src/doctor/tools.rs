//! Tells which keys an AWS tool gets that is started here and told nothing. It gets none itself.

use super::finding::Finding;
use super::scene::Scene;
use crate::caller::way::{Direct, Way};
use crate::profile::{Kind, Profile, setting};
use crate::value::keys::shown_id;

const SUBJECT: &str = "AWS tools";

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut differs = |difference: String| findings.push(Finding::warning(SUBJECT, difference));
    let profiles = scene.profiles();
    let found = Way::find(None, profiles, scene.context.env, &mut differs);
    let found = match found {
        Ok(Way::Direct(way)) => of_way(scene, way),
        Ok(Way::Roles(chain)) => {
            let profile = &chain.last.profile;
            let text = format!(
                "those that are started here assume the role of profile {profile}, with the keys of profile {}",
                chain.base
            );
            let device = |it: &_| profiles.get(it, setting::MFA_SERIAL).is_some();
            match chain.roles().any(|role| device(&role.profile)) {
                true => Finding::warning(
                    SUBJECT,
                    format!("{text}; the AWS CLI asks for a code (mfa_serial), others fail"),
                )
                .hint(use_session(scene)),
                false => Finding::good(SUBJECT, text),
            }
        }
        Err(no_way) => Finding::warning(
            SUBJECT,
            format!(
                "those that are started here find no keys: {}",
                no_way.message(profiles)
            ),
        )
        .hint(use_session(scene)),
    };
    findings.insert(0, found);
    findings
}

fn of_way(scene: &Scene, way: Direct) -> Finding {
    let text = |what: &str| format!("those that are started here use {what}");
    match way {
        Direct::Environment(keys, _) => {
            let id = shown_id(&keys.access_key_id);
            match keys.is_temporary() {
                true => Finding::good(SUBJECT, text(&format!("the session in the environment ({id})"))),
                false => Finding::warning(
                    SUBJECT,
                    text(&format!("the access key in the environment ({id}), so without MFA")),
                )
                .hint("put a session in its place with `eval \"$(awsmfa export)\"`, or use `awsmfa exec`"),
            }
        }
        Direct::File(profile) => match Profile::read_base(scene.profiles(), &profile).kind {
            Kind::Session => {
                Finding::good(SUBJECT, text(&format!("the session in profile {profile}")))
            }
            Kind::LongTermKeys(_) => Finding::warning(
                SUBJECT,
                text(&format!(
                    "the access key of profile {profile}, so without MFA"
                )),
            )
            .hint(use_session(scene)),
            _ => Finding::warning(
                SUBJECT,
                text(&format!(
                    "what profile {profile} holds, which are no whole keys"
                )),
            )
            .hint(use_session(scene)),
        },
        Direct::Process(profile, _) => Finding::good(
            SUBJECT,
            text(&format!("the credential_process of profile {profile}")),
        ),
        Direct::Other(other) => Finding::good(SUBJECT, text(&format!("keys from {other}"))),
    }
}

/// What has tools use the session of the profile.
fn use_session(scene: &Scene) -> String {
    match scene.session() {
        Ok(session) if cfg!(windows) => {
            format!(
                "use a session with `$env:AWS_PROFILE = \"{}\"`",
                session.name
            )
        }
        Ok(session) => format!("use a session with `export AWS_PROFILE={}`", session.name),
        Err(_) => "name a profile with AWS_PROFILE".to_owned(),
    }
}
