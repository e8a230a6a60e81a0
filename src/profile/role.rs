//! Follows `role_arn` and `source_profile` down to the profile whose long-term keys a chain of roles
//! begins with. It never asks AWS.

use super::key_profile::setup_command;
use super::kind::{RoleSettings, base_session_profile, is_session_of_keys};
use super::{Kind, Profile, Profiles, header, setting};
use crate::exit::{Failure, Result};
use crate::value::{Arn, Lifetime, ProfileName};

/// The duration of a role session if its profile does not set one. Also the longest that AWS grants if a
/// role is assumed with another role's session.
const DEFAULT_LIFETIME: Lifetime = Lifetime::seconds(3_600);

/// A role, and how its profile wants it assumed.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// The profile that names the role.
    pub(crate) profile: ProfileName,
    /// `role_arn`.
    pub(crate) arn: Arn,
    /// `external_id`.
    pub(crate) external_id: Option<String>,
    /// `role_session_name`, else one made of the profile's name.
    pub(crate) session_name: String,
    /// `duration_seconds`, within the bounds of AssumeRole.
    pub(crate) lifetime: Lifetime,
    /// The `duration_seconds` of the profile, if AWS grants less.
    pub(crate) cut_from: Option<Lifetime>,
}

/// The roles from long-term keys to a role profile.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The profile with the long-term keys.
    pub(crate) base: ProfileName,
    /// The profile that holds, or will get, the MFA session that the chain begins with.
    pub(crate) session_profile: ProfileName,
    /// The roles that are assumed before the last one, in that order.
    pub(crate) before: Vec<Role>,
    /// The role of the requested profile.
    pub(crate) last: Role,
}

impl Chain {
    /// The chain that ends in the role profile `profile`, which has these `settings`.
    ///
    /// Fails if there is a loop, or if AssumeRole would refuse the settings of a role profile.
    pub(crate) fn read(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        settings: &RoleSettings,
    ) -> Result<Self> {
        Self::follow(profiles, profile, settings, source_of_session)
    }

    /// The chain as AWS tools read it: a session profile in it means the session that it holds, not its
    /// source.
    pub(crate) fn read_as_stated(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        settings: &RoleSettings,
    ) -> Result<Self> {
        Self::follow(profiles, profile, settings, |_| None)
    }

    /// `means` returns the profile that a source profile stands for, if that is a different one.
    fn follow(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        settings: &RoleSettings,
        means: impl Fn(&Profile) -> Option<ProfileName>,
    ) -> Result<Self> {
        // From the last role to the first.
        let mut path = vec![profile.clone()];
        let mut before = Vec::new();
        let mut step = Step::from(profiles, profile, settings, &means)?;
        let last = Role::read(profiles, profile, settings)?;
        loop {
            if step.leads_back(&path) {
                return Err(circle(&path, &step.to.name));
            }
            let Kind::Role(settings) = &step.to.kind else {
                break;
            };
            let name = &step.to.name;
            path.push(name.clone());
            before.push(Role::read(profiles, name, settings)?);
            step = Step::from(profiles, name, settings, &means)?;
        }
        before.reverse();
        let base = step.to.name;
        let mut chain = Self {
            session_profile: step
                .named
                .unwrap_or_else(|| base_session_profile(profiles, &base)),
            base,
            before,
            last,
        };
        chain.cut();
        Ok(chain)
    }

    /// The roles in the order in which they are assumed; the last is that of the requested profile.
    pub(crate) fn roles(&self) -> impl DoubleEndedIterator<Item = &Role> {
        self.before.iter().chain([&self.last])
    }

    /// The same chain, but the session of the last role lasts this long, or as long as AWS grants.
    pub(crate) fn lasting(mut self, lifetime: Lifetime) -> Self {
        self.last.lifetime = lifetime;
        self.last.cut_from = None;
        self.cut();
        self
    }

    /// Shortens durations that AWS would not grant: a role that is assumed from a role lasts an hour at
    /// most.
    fn cut(&mut self) {
        let later = self.before.iter_mut().chain([&mut self.last]).skip(1);
        for role in later.filter(|role| role.lifetime > DEFAULT_LIFETIME) {
            role.cut_from = Some(role.lifetime);
            role.lifetime = DEFAULT_LIFETIME;
        }
    }
}

/// One step down a chain.
struct Step {
    /// Where it leads: to a role, or to the base of the chain.
    to: Profile,
    /// The session profile that was named instead.
    named: Option<ProfileName>,
    /// Whether it leads from a profile to that profile's own keys.
    stays: bool,
}

impl Step {
    /// The step from `profile`, a role with these `settings`, to its source.
    fn from(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        settings: &RoleSettings,
        means: impl Fn(&Profile) -> Option<ProfileName>,
    ) -> Result<Self> {
        if profiles.get(profile, setting::CREDENTIAL_SOURCE).is_some() {
            return Err(two_sources(profile));
        }
        let source: ProfileName = settings.source_profile.parse().map_err(|why| {
            Failure::failed(format!("source_profile of profile {profile}: {why}"))
        })?;
        let found = Profile::read(profiles, &source);
        let (found, named) = match means(&found) {
            Some(of) => (Profile::read(profiles, &of), Some(source)),
            None if matches!(found.kind, Kind::Unknown) && found.session_of.is_none() => {
                let failure = missing(profile, &source);
                return Err(match header::wrong(profiles, &source) {
                    Some(header) => failure.hint(header.to_string()),
                    None => failure,
                });
            }
            None => (found, None),
        };
        let stays = found.name == *profile;
        // If a profile has keys and a role, the session of the role means the role, not the keys.
        let is_of_keys = |session| is_session_of_keys(profiles, session, &found.name);
        let keys_count = stays || named.as_ref().is_none_or(is_of_keys);
        let base = Profile::read_base(profiles, &found.name);
        let to = match keys_count && base.holds_static_keys() {
            true => base,
            false if stays && named.is_none() => return Err(own_source(profile)),
            false => found,
        };
        Ok(Self { to, named, stays })
    }

    /// Whether it leads back to a profile on the `path`, so that the chain would never end. A session,
    /// or a profile's own keys, end the chain.
    fn leads_back(&self, path: &[ProfileName]) -> bool {
        let ends = !matches!(self.to.kind, Kind::Role(_)) && (self.stays || self.named.is_some());
        !ends && path.contains(&self.to.name)
    }
}

/// The source of a session profile. `source_profile = dev-mfa`, which lets every SDK assume the role by
/// itself, means dev at a sign-in.
fn source_of_session(profile: &Profile) -> Option<ProfileName> {
    profile.stands_for().cloned()
}

impl Role {
    fn read(
        profiles: Profiles<'_>,
        profile: &ProfileName,
        settings: &RoleSettings,
    ) -> Result<Self> {
        let arn = settings.role_arn.parse().map_err(|why| {
            Failure::failed(format!("role_arn of profile {profile}: {why}"))
                .hint("a role's ARN looks like arn:aws:iam::123456789012:role/NAME")
        })?;
        let lifetime = match profiles.get(profile, "duration_seconds") {
            None => DEFAULT_LIFETIME,
            Some(text) => text
                .parse::<u64>()
                .ok()
                .filter(|seconds| (900..=43_200).contains(seconds))
                .map(Lifetime::seconds)
                .ok_or_else(|| {
                    Failure::failed(format!("duration_seconds of profile {profile} is not a number from 900 to 43200"))
                        .hint("a role session lasts from 15 minutes to 12 hours, and no longer than the role allows")
                })?,
        };
        let chosen = accepted(profiles, profile, &SESSION_NAME)?;
        Ok(Self {
            profile: profile.clone(),
            arn,
            external_id: accepted(profiles, profile, &EXTERNAL_ID)?,
            session_name: chosen.unwrap_or_else(|| session_name(profile)),
            lifetime,
            cut_from: None,
        })
    }
}

fn own_source(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} is its own source_profile and holds no access key"
    ))
    .hint("give it long-term keys, or set source_profile to the profile that holds them")
}

/// Refused, as in the AWS CLI and the SDKs: nothing says which of the two was meant.
fn two_sources(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} sets both source_profile and credential_source"
    ))
    .hint("AWS tools refuse that too: remove one of the two")
}

fn circle(path: &[ProfileName], again: &ProfileName) -> Failure {
    let path: Vec<&str> = path.iter().map(ProfileName::as_str).collect();
    Failure::failed(format!(
        "source_profile goes in a circle: {}, {again}",
        path.join(", ")
    ))
    .hint(format!(
        "point one of them to a profile with long-term keys, not {again}"
    ))
}

fn missing(profile: &ProfileName, source: &ProfileName) -> Failure {
    Failure::failed(format!(
        "source_profile of profile {profile} names profile {source}, which is not in the AWS files"
    ))
    .hint(format!(
        "fix source_profile, or add that profile with `{}`",
        setup_command(source)
    ))
}

/// A text that AssumeRole takes: at least two characters, letters, digits and a few marks.
struct Text {
    /// The setting with it.
    setting: &'static str,
    most: usize,
    marks: &'static str,
}

/// `RoleSessionName` (AWS STS API Reference, AssumeRole).
const SESSION_NAME: Text = Text {
    setting: "role_session_name",
    most: 64,
    marks: "_+=,.@-",
};

/// `ExternalId` (AWS STS API Reference, AssumeRole).
const EXTERNAL_ID: Text = Text {
    setting: "external_id",
    most: 1224,
    marks: "_+=,.@:/-",
};

impl Text {
    fn allows(&self, c: char) -> bool {
        c.is_ascii_alphanumeric() || self.marks.contains(c)
    }
}

/// The text in `profile`, if there is one. Fails, without showing it, if AssumeRole would refuse it.
fn accepted(profiles: Profiles<'_>, profile: &ProfileName, text: &Text) -> Result<Option<String>> {
    let Some(value) = profiles.get(profile, text.setting) else {
        return Ok(None);
    };
    let is_long_enough = (2..=text.most).contains(&value.chars().count());
    if is_long_enough && value.chars().all(|c| text.allows(c)) {
        return Ok(Some(value));
    }
    let marks: Vec<String> = text.marks.chars().map(String::from).collect();
    Err(Failure::failed(format!(
        "{} of profile {profile} is not one that AssumeRole accepts",
        text.setting
    ))
    .hint(format!(
        "it has 2 to {} characters: letters, digits and {}",
        text.most,
        marks.join(" ")
    )))
}

/// A `RoleSessionName` that shows its origin in CloudTrail.
fn session_name(profile: &ProfileName) -> String {
    let name = profile.as_str().chars();
    let name = name.map(|c| if SESSION_NAME.allows(c) { c } else { '-' });
    format!("awsmfa-{}", name.collect::<String>())
        .chars()
        .take(SESSION_NAME.most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    fn chain_of(config: &str, credentials: &str, profile: &str) -> Result<Option<Chain>> {
        let config = config
            .replace(
                "role_arn = a",
                "role_arn = arn:aws:iam::123456789012:role/a",
            )
            .replace(
                "role_arn = b",
                "role_arn = arn:aws:iam::123456789012:role/b",
            );
        let profiles = profiles(&config, credentials);
        match Profile::read(profiles, &name(profile)).kind {
            Kind::Role(settings) => Chain::read(profiles, &name(profile), &settings).map(Some),
            _ => Ok(None),
        }
    }

    const KEYS: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";

    #[test]
    fn a_chain_begins_at_the_long_term_keys() {
        let config = "[profile a]\nrole_arn = a\nsource_profile = dev\n[profile b]\nrole_arn = b\nsource_profile = a\nexternal_id = xy\nrole_session_name = me\n";
        let chain = chain_of(config, KEYS, "b")
            .expect("a chain")
            .expect("a role");
        assert_eq!(chain.base, name("dev"));
        assert_eq!(
            chain
                .roles()
                .map(|role| role.arn.resource())
                .collect::<Vec<_>>(),
            ["role/a", "role/b"]
        );
        assert_eq!(chain.last.external_id.as_deref(), Some("xy"));
        assert_eq!(chain.last.session_name, "me");
        assert_eq!(chain.before[0].session_name, "awsmfa-a");
    }

    #[test]
    fn a_session_profile_as_source_means_its_source() {
        let config = "[profile a]\nrole_arn = a\nsource_profile = dev-mfa\n";
        let credentials =
            format!("{KEYS}[dev-mfa]\naws_session_token = t\nawsmfa_source_profile = dev\n");
        assert_eq!(
            chain_of(config, &credentials, "a")
                .expect("a chain")
                .expect("a role")
                .base,
            name("dev")
        );
    }

    #[test]
    fn a_profile_that_is_not_a_role_has_no_chain() {
        assert!(chain_of("", KEYS, "dev").expect("no failure").is_none());
        assert!(
            chain_of(
                "[profile a]\nrole_arn = a\ncredential_source = Environment\n",
                "",
                "a"
            )
            .expect("no failure")
            .is_none()
        );
    }

    #[test]
    fn loops_are_refused() {
        let two = "[profile a]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = a\n";
        assert!(
            chain_of(two, "", "a")
                .expect_err("a circle")
                .to_string()
                .contains("circle: a, b, a")
        );
        assert!(chain_of("[profile a]\nrole_arn = a\nsource_profile = a\n", "", "a").is_err());
    }

    #[test]
    fn a_role_reached_from_a_role_lasts_an_hour_at_most() {
        let config = "[profile a]\nrole_arn = a\nsource_profile = dev\nduration_seconds = 7200\n[profile b]\nrole_arn = b\nsource_profile = a\nduration_seconds = 7200\n";
        let chain = chain_of(config, KEYS, "b")
            .expect("a chain")
            .expect("a role");
        assert_eq!(
            (
                chain.before[0].lifetime.as_seconds(),
                chain.before[0].cut_from
            ),
            (7_200, None)
        );
        assert_eq!(chain.last.lifetime.as_seconds(), 3_600);
        assert_eq!(chain.last.cut_from.map(Lifetime::as_seconds), Some(7_200));
        let chain = chain_of(&config.replace("7200", "3600"), KEYS, "b")
            .expect("a chain")
            .expect("a role");
        assert_eq!(chain.last.cut_from, None);
    }

    #[test]
    fn a_duration_that_assume_role_refuses_is_refused_here() {
        for text in ["899", "43201", "1h", ""] {
            let config = format!(
                "[profile a]\nrole_arn = a\nsource_profile = dev\nduration_seconds = {text}\n"
            );
            assert_eq!(
                chain_of(&config, KEYS, "a").is_err(),
                !text.is_empty(),
                "{text}"
            );
        }
    }

    /// The roles in the chain of `profile`, and where it begins.
    fn roles_of(config: &str, credentials: &str, profile: &str) -> (Vec<String>, ProfileName) {
        let chain = chain_of(config, credentials, profile);
        let chain = chain.expect("a chain").expect("a role");
        let roles = chain.roles().map(|role| role.arn.resource().to_owned());
        (roles.collect(), chain.base)
    }

    #[test]
    fn keys_end_a_chain_even_next_to_a_role() {
        let config = "[profile a]\nrole_arn = a\nsource_profile = dev\n[profile dev]\nrole_arn = b\nsource_profile = dev\n";
        for (profile, role) in [("a", "role/a"), ("dev", "role/b")] {
            let expected = (vec![role.to_owned()], name("dev"));
            assert_eq!(roles_of(config, KEYS, profile), expected, "{profile}");
        }
        // The chain continues with the session of that role.
        let config = config.replace("source_profile = dev\n[", "source_profile = dev-mfa\n[");
        let session = format!("{KEYS}[dev-mfa]\nawsmfa_source_profile = dev\n");
        let both = vec!["role/b".to_owned(), "role/a".to_owned()];
        assert_eq!(roles_of(&config, &session, "a"), (both, name("dev")));
    }

    #[test]
    fn a_loop_through_a_session_profile_is_refused_too() {
        let config = "[profile a]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = a-mfa\n";
        let session = "[a-mfa]\nawsmfa_source_profile = a\n";
        let failure = chain_of(config, session, "a").expect_err("a circle");
        assert!(
            failure.to_string().ends_with("circle: a, b, a"),
            "{failure}"
        );
    }
}
