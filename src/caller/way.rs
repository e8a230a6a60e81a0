//! Decides where AWS tools get keys from here, in the order of the AWS CLI, and tells where other tools
//! differ. It gets no keys.
//!
//! Sources: botocore's `credentials.py` (`create_credential_resolver`, `ProfileProviderBuilder`,
//! `EnvProvider`) in version 2 of the AWS CLI; the default chains of the SDKs for Rust, Go, Java and
//! JavaScript.

use super::{keys, named};
use crate::exit::{Exit, Failure, Result};
use crate::ini::FileKind;
use crate::profile::role::Chain;
use crate::profile::source::{elsewhere, profile_flag};
use crate::profile::{Kind, Profile, Profiles, SessionProfile, Source, setting};
use crate::profile::{unknown, unknown_message};
use crate::value::{Keys, ProfileName};
use crate::world::env::Env;
use std::fmt;

/// A way to get keys.
pub(crate) enum Way {
    /// By assuming the roles of a chain, in turn.
    Roles(Chain),
    /// Without a role.
    Direct(Direct),
}

/// A way to get keys without a role.
pub(crate) enum Direct {
    /// From the environment; the settings are this profile's.
    Environment(Keys, ProfileName),
    /// From the files.
    File(ProfileName),
    /// From a command.
    Process(ProfileName, String),
    /// Another way.
    Other(Other),
}

/// A way that awsmfa does not take.
pub(crate) struct Other {
    /// The provider of the keys.
    from: &'static str,
    /// The setting or variable that says so.
    named_by: &'static str,
    /// The profile with that setting; `None` if it is a variable.
    profile: Option<ProfileName>,
}

/// Why there is no way to get keys.
pub(crate) enum NoWay {
    /// This profile has no keys, or does not exist.
    NoKeys(Box<Profile>),
    /// The AWS CLI would refuse, or what is in the environment can't be keys.
    Refused(Failure),
}

impl NoWay {
    /// The failure to report.
    pub(crate) fn failure(self, profiles: Profiles<'_>) -> Failure {
        match self {
            Self::NoKeys(profile) => no_keys(profiles, &profile),
            Self::Refused(failure) => failure,
        }
    }

    /// The same in one line, without "did you mean", which takes time.
    pub(crate) fn message(self, profiles: Profiles<'_>) -> String {
        match self {
            Self::NoKeys(profile) if matches!(profile.kind, Kind::Unknown) => {
                unknown_message(&profile.name)
            }
            no_way => no_way.failure(profiles).message,
        }
    }
}

impl From<Failure> for NoWay {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

const WEB_IDENTITY: &str = "a web identity token";
const WEB_IDENTITY_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// The variables for a container's keys, in order of precedence.
const CONTAINER: [&str; 2] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

impl Way {
    /// The way that AWS tools take here, with the profile that `flag` names, if it names one.
    ///
    /// Calls `differs` where tools differ. Fails if there are no keys, or if the AWS CLI would refuse.
    pub(crate) fn find(
        flag: Option<ProfileName>,
        profiles: Profiles<'_>,
        env: Env,
        differs: &mut dyn FnMut(String),
    ) -> Result<Self, NoWay> {
        let is_flag = flag.is_some();
        let named = named::profile(flag, env)?;
        let name = named.clone().unwrap_or_default();
        if !is_flag && let Some(keys) = keys::of_environment(env)? {
            let named = named.as_ref();
            about_environment(named, profiles, env)
                .into_iter()
                .for_each(differs);
            return Ok(Self::Direct(Direct::Environment(keys, name)));
        }
        if !is_flag {
            named::only_by_second_variable(env)
                .into_iter()
                .for_each(&mut *differs);
        }
        let profile = Profile::read(profiles, &name);
        if named.is_some() && matches!(profile.kind, Kind::Unknown) {
            return Err(NoWay::NoKeys(profile.into()));
        }
        let web_identity = env.text(WEB_IDENTITY_FILE).filter(|_| !is_flag).is_some();
        if let Kind::Role(settings) = &profile.kind {
            if web_identity {
                differs(format!(
                    "some AWS SDKs use the web identity token ({WEB_IDENTITY_FILE}) rather than the role of profile {name}"
                ));
            }
            return Ok(Self::Roles(Chain::read_as_stated(
                profiles, &name, settings,
            )?));
        }
        if let Some(way) = role_of_machine(profiles, &name) {
            return Ok(Self::Direct(way));
        }
        if let Some(way) = profile.other_way
            && way.setting == setting::ROLE_ARN
        {
            return Err(elsewhere(&name, way).into());
        }
        let mut ways = ways_of(profiles, &name);
        if web_identity {
            if !ways.is_empty() {
                differs(format!(
                    "some AWS SDKs use profile {name} rather than the web identity token ({WEB_IDENTITY_FILE})"
                ));
            }
            return Ok(Self::elsewhere(WEB_IDENTITY, WEB_IDENTITY_FILE));
        }
        if !ways.is_empty() {
            about_profile(profiles, &name, &ways)
                .into_iter()
                .for_each(differs);
            return Ok(Self::Direct(ways.swap_remove(0)));
        }
        let container = CONTAINER.into_iter().find(|it| env.text(it).is_some());
        match container {
            Some(named_by) => Ok(Self::elsewhere("the container they run in", named_by)),
            None => Err(NoWay::NoKeys(profile.into())),
        }
    }

    /// A way that a variable in the environment selects.
    fn elsewhere(from: &'static str, named_by: &'static str) -> Self {
        Self::Direct(Direct::Other(Other {
            from,
            named_by,
            profile: None,
        }))
    }
}

impl Direct {
    /// The way to the keys of `base`, from which the roles of a chain are reached.
    pub(crate) fn of_base(
        profiles: Profiles<'_>,
        base: &ProfileName,
        differs: &mut dyn FnMut(String),
    ) -> Result<Self> {
        let profile = Profile::read_base(profiles, base);
        if !profile.holds_static_keys()
            && let Some(way) = role_of_machine(profiles, base)
        {
            return Ok(way);
        }
        let mut ways = ways_of(profiles, base);
        if ways.is_empty() {
            return Err(no_keys(profiles, &profile));
        }
        about_profile(profiles, base, &ways)
            .into_iter()
            .for_each(differs);
        Ok(ways.swap_remove(0))
    }

    /// What messages call it, if it belongs to a profile.
    fn words(&self) -> String {
        match self {
            Self::Environment(..) => "the environment".to_owned(),
            Self::File(_) => "an access key".to_owned(),
            Self::Process(..) => format!("a {}", setting::CREDENTIAL_PROCESS),
            Self::Other(other) => other.to_string(),
        }
    }
}

impl fmt::Display for Other {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.from, self.named_by)
    }
}

impl Other {
    /// The failure that says which way AWS tools take, and that awsmfa does not.
    pub(crate) fn not_followed(&self) -> Failure {
        let Self { from, named_by, .. } = self;
        let (whose, flag) = match &self.profile {
            Some(profile) => (
                format!("the keys of profile {profile}"),
                format!(" {}", profile_flag(profile)),
            ),
            None => ("their keys here".to_owned(), String::new()),
        };
        Failure::failed(format!(
            "AWS tools get {whose} from {from} ({named_by}), which awsmfa can't follow"
        ))
        .hint(format!(
            "ask the AWS CLI instead: `aws sts get-caller-identity{flag}`"
        ))
    }
}

/// The role of `profile`, if it is to be assumed with the machine's keys.
fn role_of_machine(profiles: Profiles<'_>, profile: &ProfileName) -> Option<Direct> {
    let is_set = |setting| profiles.get(profile, setting).is_some();
    let is_one = is_set(setting::ROLE_ARN)
        && is_set(setting::CREDENTIAL_SOURCE)
        && !is_set(setting::WEB_IDENTITY_TOKEN_FILE);
    is_one.then(|| {
        Direct::Other(Other {
            from: "the machine they run on",
            named_by: setting::CREDENTIAL_SOURCE,
            profile: Some(profile.clone()),
        })
    })
}

/// The ways to get keys that `profile` has itself, in the order of the AWS CLI.
fn ways_of(profiles: Profiles<'_>, profile: &ProfileName) -> Vec<Direct> {
    let get = |setting| profiles.get(profile, setting);
    let other = |settings: &[&'static str], from| {
        let named_by = settings.iter().copied().find(|it| get(it).is_some())?;
        Some(Direct::Other(Other {
            from,
            named_by,
            profile: Some(profile.clone()),
        }))
    };
    let stated = profiles.stated(profile, setting::ACCESS_KEY_ID);
    let key_in = stated.and_then(|(file, id)| (!id.is_empty()).then_some(file));
    let file = |kind| (key_in == Some(kind)).then(|| Direct::File(profile.clone()));
    let command = get(setting::CREDENTIAL_PROCESS);
    [
        other(&[setting::WEB_IDENTITY_TOKEN_FILE], WEB_IDENTITY),
        // An SSO session without an account and a role is for tokens, not for keys.
        other(&["sso_account_id", "sso_role_name"], "IAM Identity Center"),
        file(FileKind::Credentials),
        other(&["login_session"], "`aws login`"),
        command.map(|command| Direct::Process(profile.clone(), command)),
        file(FileKind::Config),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Why there are no keys.
fn no_keys(profiles: Profiles<'_>, profile: &Profile) -> Failure {
    if profile.is_session_profile() {
        return no_session(&SessionProfile::of(profiles, profile));
    }
    match Source::of(profiles, profile) {
        Err(failure) => failure,
        Ok(_) => unknown(profiles, &profile.name),
    }
}

/// The failure for a session profile without a session.
pub(crate) fn no_session(found: &SessionProfile) -> Failure {
    Failure::new(Exit::NoSession, found.not_signed_in()).hint(found.how_to_sign_in())
}

/// Where tools differ if the environment has keys, and perhaps names a profile.
fn about_environment(named: Option<&ProfileName>, profiles: Profiles<'_>, env: Env) -> Vec<String> {
    let mut differences = Vec::new();
    match named {
        Some(named) if !profiles.contains(named) => differences.push(format!(
            "the AWS CLI and boto3 refuse to run: there is no profile {named}"
        )),
        Some(named) if env.text("AWS_PROFILE").is_some() => differences.push(format!(
            "AWS_PROFILE is set too: the AWS SDK for JavaScript uses profile {named} rather than the keys in the environment"
        )),
        _ => {}
    }
    differences.extend(about_tokens(
        ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"],
        |name| env.text(name),
    ));
    differences
}

/// Where tools differ about `profile`, which has these ways of its own to get keys.
fn about_profile(profiles: Profiles<'_>, profile: &ProfileName, ways: &[Direct]) -> Vec<String> {
    let [first, others @ ..] = ways else {
        return Vec::new();
    };
    let others: Vec<String> = others.iter().map(Direct::words).collect();
    let mut differences = Vec::new();
    if !others.is_empty() {
        differences.push(format!(
            "profile {profile} also has {}: some AWS SDKs use that rather than {}",
            others.join(" and "),
            first.words()
        ));
    }
    if let Direct::File(profile) = first {
        differences.extend(about_tokens(
            [setting::SECURITY_TOKEN, setting::SESSION_TOKEN],
            |setting| profiles.get(profile, setting),
        ));
    }
    differences
}

/// Where tools differ about the session token: in the AWS CLI and boto3 its old name takes precedence,
/// and no other SDK reads that.
fn about_tokens(names: [&str; 2], get: impl Fn(&str) -> Option<String>) -> Option<String> {
    let [old, new] = names;
    match (get(old), get(new)) {
        (Some(first), Some(second)) if first != second => Some(format!(
            "{old} and {new} differ: the AWS CLI and boto3 use the first, the other SDKs the second"
        )),
        (Some(_), None) => Some(format!(
            "only the AWS CLI and boto3 read {old}: for other SDKs these keys have no session token"
        )),
        _ => None,
    }
}
