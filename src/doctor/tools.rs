//! Tells which keys an AWS tool gets that is started here and told nothing. It gets none itself.

use super::environment;
use super::finding::Finding;
use super::scene::Scene;
use crate::caller::way::{Direct, Way};
use crate::profile::{Kind, Profile, SessionProfile, setting};
use crate::value::keys::shown_id;
use crate::value::session::State;
use crate::value::{Lifetime, ProfileName};

const SUBJECT: &str = "AWS tools";

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    if scene.is_misread() {
        let text = "can't tell which keys tools started here get: not all of them read both files";
        return vec![Finding::unknown(SUBJECT, text)];
    }
    let mut findings = Vec::new();
    let mut differs = |difference: String| findings.push(Finding::warning(SUBJECT, difference));
    let profiles = scene.profiles();
    let found = Way::find(None, profiles, scene.context.env, &mut differs);
    let found = match found {
        Ok(Way::Direct(way)) => of_way(scene, way),
        Ok(Way::Roles(chain)) => {
            let profile = &chain.last.profile;
            let text = format!(
                "tools started here assume the role of profile {profile}, with the keys of profile {}",
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
        // Whoever names the profile here may do so there, too.
        Err(_) if scene.wish.profile.is_some() && scene.session().is_ok() => {
            let text = "tools started here find no keys unless a profile is named: ";
            Finding::good(SUBJECT, format!("{text}{}", use_session(scene)))
        }
        Err(no_way) => Finding::warning(
            SUBJECT,
            format!(
                "tools started here find no keys: {}",
                no_way.message(profiles)
            ),
        )
        .hint(use_session(scene)),
    };
    findings.insert(0, found);
    findings
}

fn of_way(scene: &Scene, way: Direct) -> Finding {
    let text = |what: &str| format!("tools started here use {what}");
    match way {
        Direct::Environment(keys, _) => {
            let id = shown_id(&keys.access_key_id);
            match keys.is_temporary() {
                true if environment::is_over(scene, &keys) => Finding::bad(
                    SUBJECT,
                    text(&format!(
                        "the session in the environment ({id}), which has expired"
                    )),
                ),
                true => Finding::good(
                    SUBJECT,
                    text(&format!("the session in the environment ({id})")),
                ),
                false => Finding::warning(
                    SUBJECT,
                    text(&format!(
                        "the access key in the environment ({id}), without MFA"
                    )),
                )
                .hint(
                    "replace it with a session: `eval \"$(awsmfa export)\"`, or use `awsmfa exec`",
                ),
            }
        }
        Direct::File(profile) => match Profile::read_base(scene.profiles(), &profile).kind {
            Kind::Session => of_session(scene, &profile),
            Kind::LongTermKeys(_) => Finding::warning(
                SUBJECT,
                text(&format!("the access key of profile {profile}, without MFA")),
            )
            .hint(use_session(scene)),
            _ => Finding::warning(
                SUBJECT,
                text(&format!("profile {profile}, whose keys are incomplete")),
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

fn of_session(scene: &Scene, profile: &ProfileName) -> Finding {
    let session = SessionProfile::read(scene.profiles(), profile);
    let text = format!("tools started here use the session in profile {profile}");
    match session.state(scene.context.now(), Lifetime::seconds(0)) {
        State::Expired => Finding::bad(SUBJECT, format!("{text}, which has expired"))
            .hint(session.how_to_sign_in()),
        _ => Finding::good(SUBJECT, text),
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
        Err(_) => "choose a profile with AWS_PROFILE".to_owned(),
    }
}
