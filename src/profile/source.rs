//! Owns what a source profile is: from what the person named to the long-term keys a session is
//! made with, or the reason why there are none.

use super::role::{self, Chain};
use super::{Profiles, key};
use crate::exit::{Exit, Failure};
use crate::text::escape;
use crate::value::Keys;
use crate::value::ProfileName;

/// Settings that say that a profile's credentials come from somewhere else than its own keys, and
/// what to call that. First match wins.
const OTHER_WAYS: [(&str, &str); 8] = [
    ("credential_source", "the machine it runs on"),
    ("web_identity_token_file", "a web identity token"),
    ("role_arn", "a role"),
    ("source_profile", "another profile"),
    ("sso_session", "IAM Identity Center"),
    ("sso_start_url", "IAM Identity Center"),
    ("login_session", "`aws login`"),
    ("credential_process", "a credential_process"),
];

/// Where the long-term keys come from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The profile's own, from either file.
    Profile(Keys),
    /// The profile's `credential_process`.
    Process(String),
    /// The environment: no profile was named.
    Environment(Keys),
    /// A role, reached with the session of another profile.
    Role(Chain),
}

/// What to sign in with.
#[derive(Debug)]
pub(crate) struct Source {
    /// The profile; its settings apply also when the keys are the environment's.
    pub(crate) profile: ProfileName,
    /// Its keys.
    pub(crate) origin: Origin,
}

/// The credentials that the environment holds, and whether they count.
#[derive(Default)]
pub(crate) struct Ambient {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, where the first two are
    /// set.
    pub(crate) keys: Option<Keys>,
}

/// The way other than keys of its own by which `profile` is configured to get credentials.
pub(crate) fn other_way(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<(&'static str, &'static str)> {
    OTHER_WAYS
        .into_iter()
        .find(|(key, _)| profiles.get(profile, key).is_some())
}

/// Whether `profile` holds long-term keys, or a half of one: no session token, and not the access
/// key of a session that lost its token. The access key of an IAM user (`AKIA`) is long-term also
/// beside a token that some tool left behind.
pub(crate) fn holds_long_term_keys(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
    let own = match profiles.get(profile, key::ACCESS_KEY_ID) {
        Some(id) if id.starts_with("AKIA") => return true,
        Some(id) => !id.starts_with("ASIA"),
        None => profiles.get(profile, key::SECRET_ACCESS_KEY).is_some(),
    };
    own && !holds_session(profiles, profile)
}

pub(crate) fn holds_session(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
    [key::SESSION_TOKEN, key::SECURITY_TOKEN]
        .iter()
        .any(|key| profiles.get(profile, key).is_some())
}

/// The profile whose session `profile` is, when it is a session profile: one that says so, or one
/// whose name ends in `-mfa`, that holds no long-term keys, and whose source exists.
pub(crate) fn source_of(profiles: Profiles<'_>, profile: &ProfileName) -> Option<ProfileName> {
    if let Some(source) = profiles.get(profile, key::SOURCE_PROFILE) {
        return source.parse().ok();
    }
    let source = profile.without_suffix()?;
    (!holds_long_term_keys(profiles, profile)
        && other_way(profiles, profile).is_none()
        && profiles.contains(&source))
    .then_some(source)
}

impl Source {
    /// Finds the source of a login. `named` is the profile that the person named, by flag or
    /// `AWS_PROFILE`; only when none is named do the environment's keys count.
    ///
    /// Fails with the reason when there are no long-term keys to be had.
    pub(crate) fn resolve(
        profiles: Profiles<'_>,
        named: Option<ProfileName>,
        ambient: Ambient,
    ) -> anyhow::Result<Self> {
        let profile = match named {
            Some(name) => source_of(profiles, &name).unwrap_or(name),
            None => {
                let profile: ProfileName = "default".parse().expect("`default` is a name");
                if let Some(keys) = ambient.keys.filter(|keys| keys.session_token.is_none()) {
                    if keys.access_key_id.starts_with("ASIA") {
                        return Err(half_a_session().into());
                    }
                    return Ok(Self {
                        profile,
                        origin: Origin::Environment(keys),
                    });
                }
                profile
            }
        };
        let origin = origin(profiles, &profile)?;
        Ok(Self { profile, origin })
    }
}

fn half_a_session() -> Failure {
    Failure::new(
        Exit::Failed,
        "the environment holds a session's access key (AWS_ACCESS_KEY_ID) without its session token",
    )
    .hint("unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile")
}

fn origin(profiles: Profiles<'_>, profile: &ProfileName) -> anyhow::Result<Origin> {
    let failed = |message: String| Failure::new(Exit::Failed, message);
    if !profiles.contains(profile) {
        return Err(unknown(profiles, profile).into());
    }
    if let Some(chain) = role::chain(profiles, profile)? {
        return Ok(Origin::Role(chain));
    }
    if holds_session(profiles, profile) {
        return Err(failed(format!(
            "profile {profile} holds a session, and a session can't be made from a session"
        ))
        .hint(
            "name the profile that holds your long-term keys (they begin with AKIA) with --profile",
        )
        .into());
    }
    match (
        one_line(profiles, profile, key::ACCESS_KEY_ID),
        one_line(profiles, profile, key::SECRET_ACCESS_KEY),
    ) {
        (Some(id), Some(_)) if id.starts_with("ASIA") => Err(failed(format!(
            "profile {profile} holds a session's access key without its session token"
        ))
        .hint(
            "name the profile that holds your long-term keys (they begin with AKIA) with --profile",
        )
        .into()),
        (Some(id), Some(secret)) => Ok(Origin::Profile(Keys {
            access_key_id: id,
            secret_access_key: secret.into(),
            session_token: None,
        })),
        (Some(_), None) => Err(incomplete(profile, key::SECRET_ACCESS_KEY).into()),
        (None, Some(_)) => Err(incomplete(profile, key::ACCESS_KEY_ID).into()),
        (None, None) => elsewhere(profiles, profile),
    }
}

/// A part of a key, which is never longer than a line. An indented comment below it belongs to the
/// value in the AWS SDKs, and not in the AWS CLI.
fn one_line(profiles: Profiles<'_>, profile: &ProfileName, key: &str) -> Option<String> {
    let value = profiles.get(profile, key)?;
    value.lines().next().map(|line| line.trim().to_owned())
}

/// The origin of a profile without keys of its own.
fn elsewhere(profiles: Profiles<'_>, profile: &ProfileName) -> anyhow::Result<Origin> {
    let Some((setting, way)) = other_way(profiles, profile) else {
        return Err(Failure::new(
            Exit::Failed,
            format!("profile {profile} holds no access key"),
        )
        .hint(format!("add one with `aws configure --profile {profile}`"))
        .into());
    };
    if setting == "credential_process" {
        let command = profiles.get(profile, setting).unwrap_or_default();
        if !calls_awsmfa(&command) {
            return Ok(Origin::Process(command));
        }
        return Err(from_itself(profile).into());
    }
    if setting == "role_arn" {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "profile {profile} names a role (role_arn) and no source_profile to reach it from"
            ),
        )
        .hint("set its source_profile to the profile that holds your long-term keys")
        .into());
    }
    Err(Failure::new(
        Exit::Failed,
        format!(
            "profile {profile} gets its credentials from {way} ({setting}), not from long-term keys"
        ),
    )
    .hint("awsmfa signs in with the long-term keys of an IAM user; this profile needs no awsmfa")
    .into())
}

/// The failure of a profile whose `credential_process` runs awsmfa.
pub(crate) fn from_itself(profile: &ProfileName) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("profile {profile} gets its keys from awsmfa itself (credential_process)"),
    )
    .hint("name the profile that holds your long-term keys with --profile")
}

/// Whether a `credential_process` runs awsmfa, which would wait for itself or be handed a session:
/// as its program, or wrapped in a shell, `env` and the like. What a script hides, the awsmfa
/// that it runs finds by its environment.
fn calls_awsmfa(command: &str) -> bool {
    let is_awsmfa = |word: &str| {
        let file = word.rsplit(['/', '\\']).next().unwrap_or_default();
        file.eq_ignore_ascii_case("awsmfa") || file.eq_ignore_ascii_case("awsmfa.exe")
    };
    // A quoted path may hold spaces; only its end, the name of the file, counts.
    let between = |c: char| c.is_whitespace() || "\"'`;&|(){}=$".contains(c);
    let mut words = command.split(between).filter(|word| !word.is_empty());
    let program = command.trim_start();
    let program = match program.chars().next() {
        Some(quote @ ('"' | '\'')) => program[1..].split(quote).next(),
        _ => program.split_whitespace().next(),
    };
    program.is_some_and(is_awsmfa)
        || (words.any(is_awsmfa)
            && words.any(|word| matches!(word, "credential-process" | "export")))
}

fn incomplete(profile: &ProfileName, missing: &str) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("profile {profile} holds half a key: {missing} is missing"),
    )
    // Not `aws configure set`: that takes the secret as an argument, for others to see.
    .hint(format!(
        "give both parts with `aws configure --profile {profile}`"
    ))
}

/// The failure that names a profile the files do not know, and those they do.
pub(super) fn unknown(profiles: Profiles<'_>, profile: &ProfileName) -> Failure {
    let failure = Failure::new(
        Exit::Failed,
        format!(
            "there is no profile {} in the AWS files",
            escape(profile.as_str())
        ),
    );
    let sources: Vec<String> = profiles
        .names()
        .iter()
        .filter(|name| source_of(profiles, name).is_none())
        .map(|name| name.to_string())
        .collect();
    match sources.len() {
        0 => failure.hint(format!("add one with `aws configure --profile {profile}`")),
        1..=12 => failure.hint(format!(
            "there are {}; name one with --profile",
            sources.join(", ")
        )),
        many => failure.hint(format!("there are {many} others; name one with --profile")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, profiles};
    use super::*;

    const KEYS: &str = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n";

    fn resolve(config: &str, credentials: &str, named: Option<&str>) -> anyhow::Result<Source> {
        Source::resolve(
            profiles(config, credentials),
            named.map(name),
            Ambient::default(),
        )
    }

    fn ambient(token: bool) -> Ambient {
        Ambient {
            keys: Some(Keys {
                access_key_id: "AKIAENVIRONMENT".into(),
                secret_access_key: "secret".into(),
                session_token: token.then(|| "token".into()),
            }),
        }
    }

    #[test]
    fn the_keys_may_be_in_either_file() {
        for (config, credentials) in [
            (format!("[profile dev]\n{KEYS}"), String::new()),
            (String::new(), format!("[dev]\n{KEYS}")),
        ] {
            let source = resolve(&config, &credentials, Some("dev")).expect("a source");
            assert!(
                matches!(source.origin, Origin::Profile(keys) if keys.access_key_id == "AKIAEXAMPLE")
            );
        }
    }

    #[test]
    fn a_session_profile_means_its_source() {
        let credentials = format!(
            "[dev]\n{KEYS}[dev-mfa]\naws_session_token = t\n[other]\nawsmfa_source_profile = dev\n"
        );
        for named in ["dev-mfa", "other"] {
            assert_eq!(
                resolve("", &credentials, Some(named))
                    .expect("a source")
                    .profile,
                name("dev")
            );
        }
    }

    #[test]
    fn a_profile_that_ends_in_mfa_and_holds_long_term_keys_is_itself() {
        let credentials = format!("[dev]\n{KEYS}[dev-mfa]\n{KEYS}");
        assert_eq!(
            resolve("", &credentials, Some("dev-mfa"))
                .expect("a source")
                .profile,
            name("dev-mfa")
        );
    }

    #[test]
    fn the_environments_keys_count_only_when_no_profile_is_named() {
        let files = profiles("", &format!("[default]\n{KEYS}[dev]\n{KEYS}"));
        let unnamed = Source::resolve(files, None, ambient(false)).expect("a source");
        assert!(matches!(unnamed.origin, Origin::Environment(_)));
        let named = Source::resolve(files, Some(name("dev")), ambient(false)).expect("a source");
        assert!(matches!(named.origin, Origin::Profile(_)));
        let session = Source::resolve(files, None, ambient(true)).expect("a source");
        assert!(
            matches!(session.origin, Origin::Profile(_)),
            "a session in the environment is no source"
        );
    }

    #[test]
    fn what_can_not_be_a_source_is_refused_with_the_reason() {
        for (config, credentials, expected) in [
            (
                "",
                "[dev]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n",
                "holds a session",
            ),
            (
                "",
                "[dev]\naws_access_key_id = ASIAX\naws_secret_access_key = s\n",
                "without its session token",
            ),
            (
                "",
                "[dev]\naws_access_key_id = AKIAX\n",
                "aws_secret_access_key is missing",
            ),
            (
                "",
                "[dev]\naws_secret_access_key = s\n",
                "aws_access_key_id is missing",
            ),
            ("[profile dev]\nregion = x\n", "", "holds no access key"),
            (
                "[profile dev]\nsso_session = x\n",
                "",
                "IAM Identity Center",
            ),
            (
                "[profile dev]\nrole_arn = x\ncredential_source = Environment\n",
                "",
                "the machine it runs on (credential_source)",
            ),
            (
                "[profile dev]\nrole_arn = x\nweb_identity_token_file = /t\n",
                "",
                "a web identity token (web_identity_token_file)",
            ),
            (
                "[profile dev]\nrole_arn = x\n",
                "",
                "no source_profile to reach it from",
            ),
            (
                "[profile dev]\ncredential_process = \"C:\\x\\awsmfa.exe\" credential-process\n",
                "",
                "awsmfa itself",
            ),
            (
                "[profile dev]\ncredential_process = /usr/bin/awsmfa credential-process\n",
                "",
                "awsmfa itself",
            ),
            ("", "[prod]\n", "no profile dev"),
        ] {
            let error = resolve(config, credentials, Some("dev"))
                .expect_err(expected)
                .to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_credential_process_that_runs_awsmfa_is_known_in_every_shape() {
        for command in [
            "awsmfa credential-process --profile dev",
            "  awsmfa -p dev credential-process",
            "/usr/bin/awsmfa credential-process",
            "\"/opt/my tools/awsmfa\" credential-process",
            "'/opt/my tools/awsmfa' credential-process",
            "\"C:\\Program Files\\awsmfa\\AWSMFA.EXE\" credential-process",
            "sh -c 'awsmfa credential-process'",
            "sh -c \"exec /usr/bin/awsmfa credential-process -p dev\"",
            "bash -lc 'cd /; awsmfa --profile=dev credential-process'",
            "env AWS_PROFILE=dev awsmfa credential-process",
            "AWS_PROFILE=dev awsmfa credential-process",
            "AWS_PROFILE=dev  /x/awsmfa  -v  credential-process",
            "cmd /c awsmfa.exe credential-process",
            "nice awsmfa export --format process",
            "echo $(awsmfa export --format process)",
        ] {
            assert!(calls_awsmfa(command), "{command}");
        }
        for command in [
            "vault read awsmfa",
            "vault read secret/awsmfa",
            "my-awsmfa credential-process",
            "awsmfa-wrapper credential-process",
            "op read op://awsmfa/key",
            "",
        ] {
            assert!(!calls_awsmfa(command), "{command}");
        }
    }

    #[test]
    fn another_programs_credential_process_is_an_origin() {
        let source = resolve(
            "[profile dev]\ncredential_process = vault read awsmfa\n",
            "",
            Some("dev"),
        )
        .expect("a source");
        assert!(
            matches!(source.origin, Origin::Process(command) if command == "vault read awsmfa")
        );
    }
}
