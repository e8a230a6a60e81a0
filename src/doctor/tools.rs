//! Tells which keys an AWS tool would use if it were started here without options. It gets none itself.

use super::environment;
use super::finding::Finding;
use super::scene::Scene;
use crate::caller::named::variable_before_aws_profile;
use crate::caller::way::{Direct, Way};
use crate::exit::Failure;
use crate::handover::shell::Shell;
use crate::profile::{Kind, Profile, SessionProfile, setting};
use crate::value::keys::shown_id;
use crate::value::session::State;
use crate::value::{Lifetime, ProfileName};
use crate::world::shell;

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
        // The user named the profile here, and may do so for other tools too.
        Err(_) if scene.wish.profile.is_some() && scene.session().is_ok() => {
            let text = "tools started here find no keys unless a profile is named";
            let how = use_held_session(scene).map(|how| format!(": {how}"));
            Finding::good(SUBJECT, format!("{text}{}", how.unwrap_or_default()))
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
                .hint(format!(
                    "replace it with a session: `{}`, or use `awsmfa exec`",
                    Shell::of_program(&shell::program(scene.context.env)).evaluated("export")
                )),
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

/// How to make tools use the profile's session, or how to get one.
fn use_session(scene: &Scene) -> String {
    if let Some(use_it) = use_held_session(scene) {
        return use_it;
    }
    match (scene.session(), scene.source()) {
        (Ok(session), Ok(_)) => session.how_to_sign_in(),
        (
            Ok(_),
            Err(Failure {
                hint: Some(hint), ..
            }),
        ) => hint,
        _ => "name a profile with AWS_PROFILE".to_owned(),
    }
}

/// How to make tools use the profile's session, if there is one.
fn use_held_session(scene: &Scene) -> Option<String> {
    let session = scene.session().ok()?;
    let state = session.state(scene.context.now(), Lifetime::seconds(0));
    if matches!(state, State::Absent | State::Expired) {
        return None;
    }
    let env = scene.context.env;
    let other = variable_before_aws_profile(&session.name, env);
    let shell = Shell::of_program(&shell::program(env));
    let line = shell.typed("AWS_PROFILE", session.name.as_str(), other);
    Some(format!("use a session with `{line}`"))
}
