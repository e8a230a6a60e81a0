//! Reports what other tools have put into the files and the environment, and which of that can't work. It
//! does not judge their sessions.

use super::finding::Finding;
use super::scene::Scene;
use crate::handover::variables::{GRANTED_PREFIX, OF_OTHER_TOOLS};
use crate::profile::source::calls_back;
use crate::profile::{SessionProfile, sessions, setting};
use crate::value::name::SUFFIX;
use crate::value::{Lifetime, ProfileName, expiry};

const SUBJECT: &str = "other tools";
/// No more findings of one kind are reported.
const MOST: usize = 5;

/// The settings that mark a profile as a tool's own.
///
/// Sources: the AWS SDKs and Tools Reference Guide; the documentation of Granted, aws-vault, saml2aws,
/// aws-azure-login, awsume.
const MARKS: [(&str, &[&str]); 8] = [
    (
        "IAM Identity Center",
        &[SSO_SESSION, "sso_start_url", "sso_account_id"],
    ),
    ("`aws login`", &["login_session"]),
    ("credential_process", &[setting::CREDENTIAL_PROCESS]),
    ("mfa_process", &[setting::MFA_PROCESS]),
    (
        "Granted",
        &[
            "granted_sso_start_url",
            "granted_sso_account_id",
            "granted_sso_role_name",
            "granted_sso_region",
        ],
    ),
    ("aws-vault", &["include_profile", "parent_profile"]),
    ("saml2aws", &["x_principal_arn"]),
    ("awsume", &["autoawsume", "manager"]),
];
const SSO_SESSION: &str = "sso_session";
/// The ending of the names that aws-mfa gives to profiles with long-term keys.
const AWS_MFA: &str = "-long-term";

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let marked = marked(scene);
    let mut findings = Vec::new();
    findings.extend(circles(scene, &marked));
    findings.extend(missing_sso_sessions(scene, &marked));
    findings.extend(settings(scene, &marked));
    findings.extend(stored_sessions(scene, &marked));
    findings.extend(variables(scene));
    findings
}

/// The profiles with a setting of [`MARKS`] or of a session, or with a session profile's or aws-mfa's
/// name: a quick way to pick the few that matter.
fn marked(scene: &Scene) -> Vec<ProfileName> {
    let of_tools = MARKS.iter().flat_map(|(_, keys)| *keys);
    let all: Vec<&str> = of_tools.chain(&sessions::MARKS).copied().collect();
    let is_named = |name: &str| name.ends_with(AWS_MFA) || name.ends_with(SUFFIX);
    scene.profiles().names_with(&all, is_named)
}

fn settings(scene: &Scene, marked: &[ProfileName]) -> Option<Finding> {
    let profiles = scene.profiles();
    let counts = MARKS.iter().map(|(tool, keys)| {
        let has = |name: &&ProfileName| keys.iter().any(|key| profiles.get(name, key).is_some());
        (*tool, marked.iter().filter(has).count())
    });
    let is_aws_mfa = |name: &&ProfileName| name.as_str().ends_with(AWS_MFA);
    let of_aws_mfa = ("aws-mfa", marked.iter().filter(is_aws_mfa).count());
    let told: Vec<String> = counts
        .chain([of_aws_mfa])
        .filter(|(_, count)| *count > 0)
        .map(|(tool, count)| match count {
            1 => format!("{tool} (1 profile)"),
            many => format!("{tool} ({many} profiles)"),
        })
        .collect();
    (!told.is_empty()).then(|| {
        Finding::good(
            SUBJECT,
            format!("their settings in the files: {}", told.join(", ")),
        )
    })
}

/// Profiles whose `credential_process` runs awsmfa for themselves.
fn circles(scene: &Scene, marked: &[ProfileName]) -> Vec<Finding> {
    let circles = marked.iter().filter(|it| calls_back(scene.profiles(), it));
    let told = circles.take(MOST).map(|profile| {
        Finding::bad(
            SUBJECT,
            format!("the credential_process of profile {profile} runs awsmfa for {profile} itself"),
        )
        .hint("let it use --profile with the profile that holds your long-term keys")
    });
    told.collect()
}

fn missing_sso_sessions(scene: &Scene, marked: &[ProfileName]) -> Vec<Finding> {
    let missing = marked.iter().filter_map(|profile| {
        let session = scene.profiles().get(profile, SSO_SESSION)?;
        let section = format!("sso-session {session}");
        (!scene.contents.config.contains(&section)).then_some((profile, section))
    });
    let told = missing.take(MOST).map(|(profile, section)| {
        Finding::warning(
            SUBJECT,
            format!("profile {profile} names [{section}], which is not in the config file"),
        )
        .hint("create it with `aws configure sso-session`, or remove sso_session from the profile")
    });
    told.collect()
}

fn stored_sessions(scene: &Scene, marked: &[ProfileName]) -> Option<Finding> {
    let context = scene.context;
    let now = context.now();
    let all = sessions::among(scene.profiles(), marked);
    let all: Vec<&SessionProfile> = all
        .iter()
        .filter(|it| it.session().is_some() && !it.made().by_awsmfa)
        .collect();
    let told = all.iter().take(MOST).map(|session| {
        let state = session.state(now, Lifetime::seconds(0)).name();
        match session.expiration().filter(|at| *at > now) {
            Some(at) => {
                let left = expiry::remaining(at, now).rounded();
                format!("{} ({state}, {left} left)", session.name)
            }
            None => format!("{} ({state})", session.name),
        }
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let more = match all.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!all.is_empty()).then(|| Finding::good(SUBJECT, format!("their sessions: {told}{more}")))
}

fn variables(scene: &Scene) -> Option<Finding> {
    let env = scene.context.env;
    let set = OF_OTHER_TOOLS.into_iter();
    let set = set.filter(|name| env.text(name).is_some());
    let mut set: Vec<String> = set.map(str::to_owned).collect();
    for name in env.names_with_prefix(GRANTED_PREFIX) {
        if !set.contains(&name) {
            set.push(name);
        }
    }
    (!set.is_empty()).then(|| {
        Finding::warning(
            SUBJECT,
            format!("this shell has variables that another tool set: {}", set.join(", ")),
        )
        .hint("a prompt or that tool may show its own session while awsmfa's is in use; `awsmfa exec` clears them")
    })
}
