//! Checks the profile: what it is, where a sign-in would get its keys, and what would prevent one. It
//! runs no command for keys.

use super::finding::{Finding, Level};
use super::scene::Scene;
use crate::ini::FileKind;
use crate::profile::rotation::{Previous, Record};
use crate::profile::source::{self, profile_flag};
use crate::profile::{KeySource, Kind, Profile, Source, Way, own_keys, setting};
use crate::value::ProfileName;
use crate::value::keys::shown_id;

const SUBJECT: &str = "profile";
/// The subject of the finding whether a sign-in can begin.
pub(super) const SIGN_IN: &str = "sign-in";

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    let source = scene.source();
    if source.is_err() && scene.is_within_session() {
        let text = "none is given, and the environment holds a session, which AWS tools use";
        return vec![Finding::good(SUBJECT, text)];
    }
    if source.is_err() && scene.is_unread() {
        let text = format!(
            "can't tell what profile {} holds until both files can be read",
            scene.name()
        );
        return vec![Finding::unknown(SUBJECT, text)];
    }
    if let (true, Some(other)) = (source.is_err(), behind(scene)) {
        let text = format!(
            "profile {} gets its credentials from awsmfa (credential_process), which signs in to profile {other}",
            scene.name()
        );
        let command = format!("awsmfa doctor {}", profile_flag(&other));
        return vec![Finding::good(SUBJECT, text).hint(format!("`{command}` checks that"))];
    }
    if let (true, Some(way)) = (source.is_err(), scene.other_way()) {
        let text = format!(
            "profile {} gets its credentials from {} ({}), without awsmfa",
            scene.name(),
            way.words,
            way.setting
        );
        return vec![Finding::good(SUBJECT, text)];
    }
    match &source {
        Ok(source) => findings.extend(of_source(scene, source)),
        Err(failure) => {
            let finding = Finding::failure(Level::Bad, SUBJECT, failure.clone());
            findings.push(match aws_mfa(scene) {
                Some(other) => finding.hint(format!(
                    "its long-term keys are in {other}, where aws-mfa keeps them: use {other}"
                )),
                None => finding,
            });
        }
    }
    findings.push(sign_in(scene));
    findings
}

fn of_source(scene: &Scene, source: &Source) -> Vec<Finding> {
    let profiles = scene.profiles();
    let name = &source.profile;
    let stands = match &source.named {
        Some(named) => format!("{named} stands for {name}: "),
        None => String::new(),
    };
    let mut findings = Vec::new();
    let text = match &source.way {
        Way::Keys(keys) => of_keys(scene, keys, name),
        Way::Role(chain) => {
            let steps = match chain.before.len() {
                0 => String::new(),
                1 => " by way of another role".to_owned(),
                many => format!(" by way of {many} other roles"),
            };
            format!(
                "profile {name} is the role {}, reached from profile {}{steps}",
                chain.last.arn, chain.base
            )
        }
    };
    findings.push(Finding::good(SUBJECT, stands + &text));
    if !name.is_read_by_all() {
        findings.push(
            Finding::warning(
                SUBJECT,
                format!(
                    "the AWS SDKs don't read a profile named `{name}`; awsmfa and the AWS CLI do"
                ),
            )
            .hint("choose another name: letters, digits and _ - / . % @ : +"),
        );
    }
    let (base, keys) = match source.clone().base(profiles) {
        Ok(base) => base,
        Err(failure) => {
            findings.push(Finding::failure(Level::Bad, SUBJECT, failure));
            return findings;
        }
    };
    if let Way::Role(_) = source.way {
        let text = of_keys(scene, &keys, &base);
        findings.push(Finding::good(SUBJECT, text));
    }
    let disputed = own_keys::disputed_comment(profiles, &base);
    findings.extend(disputed.map(|what| Finding::warning(SUBJECT, what)));
    findings.extend(rotation(scene, &base, &keys));
    findings
}

fn of_keys(scene: &Scene, keys: &KeySource, profile: &ProfileName) -> String {
    match keys {
        KeySource::Profile(keys) => {
            let id = shown_id(&keys.access_key_id);
            let stated = scene.profiles().stated(profile, setting::ACCESS_KEY_ID);
            let file = match stated {
                Some((FileKind::Config, _)) => "config",
                _ => "credentials",
            };
            format!("profile {profile} holds the access key {id}, in the {file} file")
        }
        KeySource::Process(_) => {
            format!("profile {profile} gets its access key from its credential_process")
        }
        KeySource::Environment(keys) => format!(
            "no profile is given, so the access key {} from the environment is used",
            shown_id(&keys.access_key_id)
        ),
    }
}

/// The remains of an unfinished rotation.
fn rotation(scene: &Scene, base: &ProfileName, keys: &KeySource) -> Option<Finding> {
    let profiles = scene.profiles();
    let KeySource::Profile(keys) = keys else {
        return None;
    };
    if !Record::is_in(profiles, base) {
        return None;
    }
    let record = match Record::read(profiles, base, keys) {
        Ok(record) => record,
        Err(failure) => return Some(Finding::failure(Level::Warning, SUBJECT, failure)),
    };
    let is_active = |previous: &&Previous| previous.deactivated.is_none();
    let what = if let Some(next) = &record.next {
        format!(
            "a new access key, {}, is waiting in profile {base}",
            shown_id(&next.access_key_id)
        )
    } else if record.begun.is_some() {
        format!("an access key was to be created for profile {base}, but none was saved")
    } else if let Some(previous) = record.previous.as_ref().filter(is_active) {
        format!(
            "the access key that profile {base} had before, {}, may still be active",
            shown_id(&previous.keys.access_key_id)
        )
    } else {
        return None;
    };
    Some(
        Finding::warning(SUBJECT, format!("{what}: a rotation was interrupted"))
            .hint(format!("{} continues it", scene.command("rotate"))),
    )
}

/// The profile that the `credential_process` of this one has awsmfa sign in to, if that is another one.
fn behind(scene: &Scene) -> Option<ProfileName> {
    let (profiles, name) = (scene.profiles(), scene.name());
    let Kind::Process { command } = Profile::read(profiles, &name).kind else {
        return None;
    };
    source::behind(profiles, &command)
}

/// The profile that holds this one's long-term keys for the tool aws-mfa.
fn aws_mfa(scene: &Scene) -> Option<ProfileName> {
    let profiles = scene.profiles();
    let name = scene.name();
    let is_session = matches!(Profile::read(profiles, &name).kind, Kind::Session);
    let other: ProfileName = format!("{name}-long-term").parse().ok()?;
    (is_session && profiles.contains(&other)).then_some(other)
}

/// Whether a sign-in would be refused before a code is asked for.
fn sign_in(scene: &Scene) -> Finding {
    let Ok(request) = scene.request() else {
        return Finding::unknown(SIGN_IN, "it can't be tried out with this environment");
    };
    match scene.kept(request) {
        None => Finding::unknown(
            SIGN_IN,
            "both files must be readable before it can be tried out",
        ),
        Some(Ok(Some(ready))) => Finding::good(
            SIGN_IN,
            format!(
                "the session of {} is still valid, so no code is needed",
                ready.profile
            ),
        ),
        Some(Ok(None)) if scene.is_misread() => Finding::unknown(
            SIGN_IN,
            "it can't be told before AWS tools can read both files",
        ),
        Some(Ok(None)) => Finding::good(
            SIGN_IN,
            "nothing in the files is in the way; it needs a code",
        ),
        Some(Err(failure)) => Finding::failure(Level::Bad, SIGN_IN, failure),
    }
}
