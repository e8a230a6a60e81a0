//! Owns what a role profile is: `role_arn` with `source_profile`, and the chain of them down to
//! the profile whose long-term keys begin it.

use super::Profiles;
use super::source::source_of;
use crate::exit::{Exit, Failure};
use crate::value::Lifetime;
use crate::value::ProfileName;

/// What a role session lasts when its profile says nothing, and what AWS grants at most to a role
/// that is assumed with another role's session.
const DEFAULT_LIFETIME: Lifetime = Lifetime::seconds(3_600);

/// A role, and how its profile wants it assumed.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// The profile that names the role.
    pub(crate) profile: ProfileName,
    /// `role_arn`.
    pub(crate) arn: String,
    /// `external_id`.
    pub(crate) external_id: Option<String>,
    /// `role_session_name`, else one made of the profile's name.
    pub(crate) session_name: String,
    /// `duration_seconds`, within the bounds of AssumeRole.
    pub(crate) lifetime: Lifetime,
    /// What `duration_seconds` asked for where AWS grants less.
    pub(crate) cut_from: Option<Lifetime>,
}

/// The roles on the way from long-term keys to a role profile.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The profile with the long-term keys.
    pub(crate) base: ProfileName,
    /// The session profile that was named in its place.
    named: Option<ProfileName>,
    /// The roles in the order they are assumed; the last is the profile asked for.
    pub(crate) roles: Vec<Role>,
}

impl Role {
    /// The partition of the role's ARN.
    pub(crate) fn partition(&self) -> Option<&str> {
        self.arn.split(':').nth(1)
    }
}

impl Chain {
    /// The profile that holds, or gets, the MFA session that the chain begins with.
    pub(crate) fn session_profile(&self) -> ProfileName {
        let named = self.named.clone();
        named.unwrap_or_else(|| self.base.session_profile())
    }

    /// What the session of the last role lasts.
    pub(crate) fn lifetime(&self) -> Lifetime {
        self.roles
            .last()
            .map_or(DEFAULT_LIFETIME, |role| role.lifetime)
    }

    /// The account of the last role's ARN.
    pub(crate) fn account(&self) -> Option<&str> {
        self.roles.last()?.arn.split(':').nth(4)
    }
}

/// The chain that ends in `profile`; none when it is no role profile with a `source_profile`.
///
/// Fails on a loop, and on a role profile whose settings AssumeRole would refuse.
pub(crate) fn chain(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> anyhow::Result<Option<Chain>> {
    let mut roles = Vec::new();
    let mut at = profile.clone();
    let mut named = None;
    while let Some((arn, source)) = role_of(profiles, &at) {
        if roles.iter().any(|role: &Role| role.profile == at) {
            let path: Vec<&str> = roles.iter().map(|role| role.profile.as_str()).collect();
            return Err(failed(format!(
                "source_profile goes in a circle: {}, {at}",
                path.join(", ")
            ))
            .hint(format!(
                "let one of them name a profile with long-term keys, not {at}"
            ))
            .into());
        }
        let next: ProfileName = source
            .parse()
            .map_err(|why| failed(format!("source_profile of profile {at}: {why}")))?;
        if next == at {
            return Err(failed(format!("profile {at} is its own source_profile"))
                .hint("move its long-term keys to a profile of their own and name that as source_profile")
                .into());
        }
        roles.push(role(profiles, &at, arn)?);
        // `source_profile = dev-mfa`, the way to let every SDK do this by itself, means dev here.
        (at, named) = match source_of(profiles, &next) {
            Some(source) => (source, Some(next)),
            None if !profiles.contains(&next) => return Err(missing(&at, &next).into()),
            None => (next, None),
        };
    }
    if roles.is_empty() {
        return Ok(None);
    }
    roles.reverse();
    for role in roles
        .iter_mut()
        .skip(1)
        .filter(|role| role.lifetime > DEFAULT_LIFETIME)
    {
        role.cut_from = Some(role.lifetime);
        role.lifetime = DEFAULT_LIFETIME;
    }
    Ok(Some(Chain {
        base: at,
        named,
        roles,
    }))
}

/// `role_arn` and `source_profile`, when `profile` has both.
fn role_of(profiles: Profiles<'_>, profile: &ProfileName) -> Option<(String, String)> {
    Some((
        profiles.get(profile, "role_arn")?,
        profiles.get(profile, "source_profile")?,
    ))
}

fn missing(profile: &ProfileName, source: &ProfileName) -> Failure {
    failed(format!(
        "source_profile of profile {profile} names profile {source}, which is not in the AWS files"
    ))
    .hint(format!(
        "correct source_profile, or add that profile with `aws configure --profile {source}`"
    ))
}

fn role(profiles: Profiles<'_>, profile: &ProfileName, arn: String) -> anyhow::Result<Role> {
    let lifetime = match profiles.get(profile, "duration_seconds") {
        None => DEFAULT_LIFETIME,
        Some(text) => text
            .parse::<u32>()
            .ok()
            .filter(|seconds| (900..=43_200).contains(seconds))
            .map(Lifetime::seconds)
            .ok_or_else(|| {
                failed(format!("duration_seconds of profile {profile} is no number from 900 to 43200"))
                    .hint("a role session lasts from 15 minutes to 12 hours, and no longer than the role allows")
            })?,
    };
    let session_name = match profiles.get(profile, "role_session_name") {
        Some(name) => name,
        None => session_name(profile),
    };
    Ok(Role {
        profile: profile.clone(),
        arn,
        external_id: profiles.get(profile, "external_id"),
        session_name,
        lifetime,
        cut_from: None,
    })
}

/// A `RoleSessionName` (2 to 64 of `[\w+=,.@-]`) that shows in CloudTrail where it came from.
fn session_name(profile: &ProfileName) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name = profile
        .as_str()
        .chars()
        .map(|c| if allowed(c) { c } else { '-' });
    format!("awsmfa-{}", name.collect::<String>())
        .chars()
        .take(64)
        .collect()
}

fn failed(message: String) -> Failure {
    Failure::new(Exit::Failed, message)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, profiles};
    use super::*;

    fn chain_of(config: &str, credentials: &str, profile: &str) -> anyhow::Result<Option<Chain>> {
        chain(profiles(config, credentials), &name(profile))
    }

    const KEYS: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";

    #[test]
    fn a_chain_begins_at_the_long_term_keys() {
        let config = "[profile a]\nrole_arn = arn:a\nsource_profile = dev\n[profile b]\nrole_arn = arn:b\nsource_profile = a\nexternal_id = x\nrole_session_name = me\n";
        let chain = chain_of(config, KEYS, "b")
            .expect("a chain")
            .expect("a role");
        assert_eq!(chain.base, name("dev"));
        assert_eq!(
            chain
                .roles
                .iter()
                .map(|role| role.arn.as_str())
                .collect::<Vec<_>>(),
            ["arn:a", "arn:b"]
        );
        assert_eq!(chain.roles[1].external_id.as_deref(), Some("x"));
        assert_eq!(chain.roles[1].session_name, "me");
        assert_eq!(chain.roles[0].session_name, "awsmfa-a");
    }

    #[test]
    fn a_session_profile_as_source_means_its_source() {
        let config = "[profile a]\nrole_arn = arn:a\nsource_profile = dev-mfa\n";
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
    fn what_is_no_role_has_no_chain() {
        assert!(chain_of("", KEYS, "dev").expect("no failure").is_none());
        assert!(
            chain_of(
                "[profile a]\nrole_arn = x\ncredential_source = Environment\n",
                "",
                "a"
            )
            .expect("no failure")
            .is_none()
        );
    }

    #[test]
    fn circles_are_refused() {
        let two = "[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a\n";
        assert!(
            chain_of(two, "", "a")
                .expect_err("a circle")
                .to_string()
                .contains("circle: a, b, a")
        );
        assert!(chain_of("[profile a]\nrole_arn = x\nsource_profile = a\n", "", "a").is_err());
    }

    #[test]
    fn a_role_reached_from_a_role_lasts_an_hour_at_most() {
        let config = "[profile a]\nrole_arn = x\nsource_profile = dev\nduration_seconds = 7200\n[profile b]\nrole_arn = y\nsource_profile = a\nduration_seconds = 7200\n";
        let chain = chain_of(config, KEYS, "b")
            .expect("a chain")
            .expect("a role");
        assert_eq!(
            (
                chain.roles[0].lifetime.as_seconds(),
                chain.roles[0].cut_from
            ),
            (7_200, None)
        );
        assert_eq!(chain.roles[1].lifetime.as_seconds(), 3_600);
        assert_eq!(
            chain.roles[1].cut_from.map(Lifetime::as_seconds),
            Some(7_200)
        );
    }

    #[test]
    fn a_duration_that_assume_role_refuses_is_refused_here() {
        for text in ["899", "43201", "1h", ""] {
            let config = format!(
                "[profile a]\nrole_arn = x\nsource_profile = dev\nduration_seconds = {text}\n"
            );
            assert_eq!(
                chain_of(&config, KEYS, "a").is_err(),
                !text.is_empty(),
                "{text}"
            );
        }
    }
}
