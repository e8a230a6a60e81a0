//! Finds the source of a sign-in: follows the profile that the user named to long-term keys or a chain
//! of roles, or says why there are none. It runs no command and tries no key.

use super::key_profile::setup_command;
use super::kind::{OtherWay, base_session_profile, is_session_of_keys};
use super::role::Chain;
use super::unknown::unknown;
use super::{Kind, Profile, Profiles, header, setting};
use crate::exit::{Failure, Result};
use crate::text::typed_word;
use crate::value::keys::KeyKind;
use crate::value::{Keys, ProfileName};
use std::fmt;

/// Where long-term keys come from.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    /// The profile itself, in either file.
    Profile(Keys),
    /// The profile's `credential_process`.
    Process(String),
    /// The environment, if no profile was named.
    Environment(Keys),
}

/// How a source leads to a session.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// With long-term keys and a code.
    Keys(KeySource),
    /// Through roles, from the session of another profile.
    Role(Chain),
}

/// The source of a sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The profile; its settings apply even if the keys come from the environment.
    pub(crate) profile: ProfileName,
    /// The session profile that was named instead.
    pub(crate) named: Option<ProfileName>,
    /// How its session is made.
    pub(crate) way: Way,
    /// The profile that its session goes to, if not the usual one.
    pub(crate) session_profile: Option<ProfileName>,
}

/// The owner of the keys, for messages. If the keys come from the environment, nobody has named the
/// profile, and it need not exist.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    Profile(ProfileName),
    Environment,
}

impl Holder {
    /// The name alone.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Profile(profile) => profile.as_str(),
            Self::Environment => "the access key in the environment",
        }
    }

    /// The awsmfa command line that does `what` with these keys.
    pub(crate) fn command(&self, what: &str) -> String {
        match self {
            Self::Profile(profile) => format!("awsmfa {what} {}", profile_flag(profile)),
            Self::Environment => format!("awsmfa {what}"),
        }
    }

    /// Where the user can name the device of the keys.
    pub(crate) fn place_of_device(&self) -> String {
        match self {
            Self::Profile(profile) => {
                format!("with --mfa-serial, or set mfa_serial in profile {profile}")
            }
            Self::Environment => "with --mfa-serial or AWSMFA_SERIAL".to_owned(),
        }
    }
}

/// The flag that names `profile`, as it can be typed into a shell.
pub(crate) fn profile_flag(profile: &ProfileName) -> String {
    flag_for("--profile", profile)
}

/// The same for the profile that a session goes to.
pub(crate) fn session_profile_flag(profile: &ProfileName) -> String {
    flag_for("--session-profile", profile)
}

fn flag_for(flag: &str, profile: &ProfileName) -> String {
    let word = typed_word(profile.as_str());
    // Otherwise the name would itself be taken for a flag.
    let between = if profile.as_str().starts_with('-') {
        "="
    } else {
        " "
    };
    format!("{flag}{between}{word}")
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(profile) => write!(out, "profile {profile}"),
            Self::Environment => out.write_str(self.name()),
        }
    }
}

/// The hint if the source that was named is a session, or leads to one.
pub(crate) const NAME_LONG_TERM_KEYS: &str =
    "use --profile with the profile that holds your long-term keys (they begin with AKIA)";

impl Source {
    /// Finds the source of a login. `named` is the profile that the user named, by flag or variable;
    /// only without one do the environment's keys count.
    ///
    /// Fails with the reason if there are no usable long-term keys.
    pub(crate) fn resolve(
        profiles: Profiles<'_>,
        named: Option<&ProfileName>,
        environment: Option<Keys>,
    ) -> Result<Self> {
        let environment = environment.filter(|keys| named.is_none() && !keys.is_temporary());
        if let Some(keys) = environment {
            if KeyKind::of(&keys.access_key_id) == KeyKind::Session {
                return Err(half_a_session());
            }
            return Ok(Self {
                profile: ProfileName::default(),
                named: None,
                way: Way::Keys(KeySource::Environment(keys)),
                session_profile: None,
            });
        }
        let profile = Profile::read(profiles, &named.cloned().unwrap_or_default());
        match profile.stands_for() {
            Some(source) => {
                let of = Profile::read(profiles, source);
                let found = match of.kind {
                    Kind::Unknown => return Err(gone(&profile.name, source)),
                    _ if is_session_of_keys(profiles, &profile.name, source) => {
                        Self::of_base(profiles, source)?
                    }
                    _ => Self::of(profiles, &of)?,
                };
                Ok(Self {
                    named: Some(profile.name),
                    ..found
                })
            }
            None => Self::of(profiles, &profile),
        }
    }

    /// The source of a sign-in with the base of a chain of roles: its keys, whatever role it names.
    pub(crate) fn of_base(profiles: Profiles<'_>, base: &ProfileName) -> Result<Self> {
        let source = Self::of(profiles, &Profile::read_base(profiles, base))?;
        Ok(Self {
            session_profile: Some(base_session_profile(profiles, base)),
            ..source
        })
    }

    /// The source of a sign-in with exactly this profile.
    pub(crate) fn of(profiles: Profiles<'_>, profile: &Profile) -> Result<Self> {
        let is_lacking = matches!(
            profile.kind,
            Kind::NoKeys | Kind::HalfKeys { .. } | Kind::Elsewhere(_)
        );
        Self::as_written(profiles, profile).map_err(|failure| {
            match header::wrong(profiles, &profile.name).filter(|_| is_lacking) {
                Some(header) => failure.hint(header.to_string()),
                None => failure,
            }
        })
    }

    /// The same, without a look at headers that may be wrong where it fails.
    pub(super) fn as_written(profiles: Profiles<'_>, profile: &Profile) -> Result<Self> {
        let name = &profile.name;
        let way = match &profile.kind {
            Kind::Role(settings) => Way::Role(Chain::read(profiles, name, settings)?),
            Kind::LongTermKeys(keys) => Way::Keys(KeySource::Profile(keys.clone())),
            Kind::Process { command } if !calls_awsmfa(command) => {
                Way::Keys(KeySource::Process(command.clone()))
            }
            Kind::Process { command } => {
                let failure = from_itself(name);
                return Err(match behind(profiles, command) {
                    Some(other) => failure.hint(format!("use `{}`", profile_flag(&other))),
                    None => failure,
                });
            }
            Kind::Session => return Err(holds_session(name)),
            Kind::HalfKeys { missing } => return Err(incomplete(name, missing)),
            Kind::UnfitKeys(unfit) => return Err(unfit.failure(name)),
            Kind::LostToken => return Err(lost_token(name)),
            Kind::Elsewhere(way) => return Err(elsewhere(name, *way)),
            Kind::NoKeys if profile.is_session_profile() => return Err(held_session(name)),
            Kind::NoKeys => return Err(no_keys(name)),
            Kind::Unknown => return Err(unknown(profiles, name)),
        };
        Ok(Self {
            profile: name.clone(),
            named: None,
            way,
            session_profile: None,
        })
    }

    /// The owner of the keys.
    pub(crate) fn holder(&self) -> Holder {
        match self.way {
            Way::Keys(KeySource::Environment(_)) => Holder::Environment,
            _ => Holder::Profile(self.profile.clone()),
        }
    }

    /// The profile whose long-term keys this sign-in begins with, and where they come from.
    pub(crate) fn base(self, profiles: Profiles<'_>) -> Result<(ProfileName, KeySource)> {
        match self.way {
            Way::Keys(keys) => Ok((self.profile, keys)),
            // The base of a chain is never a chain itself, so this recurses only once.
            Way::Role(chain) => Self::of_base(profiles, &chain.base)?.base(profiles),
        }
    }
}

fn holds_session(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} holds a session, and a session can't be made from a session"
    ))
    .hint(NAME_LONG_TERM_KEYS)
}

fn lost_token(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} holds a session's access key without its session token"
    ))
    .hint(NAME_LONG_TERM_KEYS)
}

/// For a session that was made with the environment's keys, which no profile has, for example.
fn gone(session: &ProfileName, source: &ProfileName) -> Failure {
    Failure::failed(format!(
        "{session} is for sessions of profile {source}, and there is no such profile in the AWS files"
    ))
    .hint("unset AWS_PROFILE to sign in with the environment's keys, or use --profile with the profile that holds your long-term keys")
}

/// A logout left traces of a session, but not of its source.
fn held_session(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} held a session, and the files no longer say whose"
    ))
    .hint(format!(
        "use --profile with the profile that holds your long-term keys, and {}",
        session_profile_flag(profile)
    ))
}

fn no_keys(profile: &ProfileName) -> Failure {
    Failure::failed(format!("profile {profile} holds no access key"))
        .hint(format!("add one with `{}`", setup_command(profile)))
}

/// The failure of a profile that gets its credentials some other way.
pub(crate) fn elsewhere(profile: &ProfileName, way: OtherWay) -> Failure {
    let OtherWay { setting, words } = way;
    if setting == setting::ROLE_ARN {
        return Failure::failed(format!(
            "profile {profile} names a role (role_arn) but no source_profile to reach it from"
        ))
        .hint("set its source_profile to the profile that holds your long-term keys");
    }
    Failure::failed(format!(
        "profile {profile} gets its credentials from {words} ({setting}), not from long-term keys"
    ))
    .hint(
        "awsmfa signs in with the long-term keys of an IAM user; this profile does not need awsmfa",
    )
}

fn half_a_session() -> Failure {
    Failure::failed(
        "the environment holds a session's access key (AWS_ACCESS_KEY_ID) without its session token",
    )
    .hint("unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with --profile")
}

/// The failure of a profile whose `credential_process` runs awsmfa.
pub(crate) fn from_itself(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} gets its keys from awsmfa itself (credential_process)"
    ))
    .hint("use --profile with the profile that holds your long-term keys")
}

/// The profile that a `credential_process` signs in to, if it runs awsmfa and names one that is there and
/// does not get its keys from awsmfa again.
pub(crate) fn behind(profiles: Profiles<'_>, command: &str) -> Option<ProfileName> {
    let named = calls_awsmfa(command).then(|| profile_in(command))?;
    let named: ProfileName = named?.parse().ok()?;
    match Profile::read(profiles, &named).kind {
        Kind::Unknown => None,
        Kind::Process { command } if calls_awsmfa(&command) => None,
        _ => Some(named),
    }
}

/// Whether the `credential_process` of `profile` runs awsmfa for that profile itself, or for the source
/// of its session, either by name or without naming one.
pub(crate) fn calls_back(profiles: Profiles<'_>, profile: &ProfileName) -> bool {
    let command = profiles.get(profile, setting::CREDENTIAL_PROCESS);
    command
        .filter(|command| calls_awsmfa(command))
        .is_some_and(|command| match profile_in(&command) {
            Some(named) => {
                let is_its = |named: &ProfileName| {
                    let named = Profile::read(profiles, named);
                    named.stands_for().unwrap_or(&named.name) == profile
                        || named.name.session_profile() == *profile
                };
                named.parse().is_ok_and(|named| is_its(&named))
            }
            // The tool that runs the command has named this profile.
            None => true,
        })
}

/// The profile that a command line of awsmfa names.
fn profile_in(command: &str) -> Option<&str> {
    let between = |c: char| c.is_whitespace() || "\"'`;&|(){}$".contains(c);
    let mut words = command.split(between).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--profile=") {
            return Some(name);
        }
        match word {
            "--profile" | "-p" => return words.next(),
            _ if word.starts_with("AWS_PROFILE=") => return word.strip_prefix("AWS_PROFILE="),
            _ => {
                let short = word.strip_prefix("-p").filter(|it| !it.is_empty());
                if let Some(name) = short {
                    return Some(name.trim_start_matches('='));
                }
            }
        }
    }
    None
}

/// Whether a `credential_process` runs awsmfa, directly or wrapped in a shell, `env` and the like. It
/// would wait for itself, or get a session as its keys. If a script hides this, the inner awsmfa detects
/// it by its environment.
fn calls_awsmfa(command: &str) -> bool {
    let is_awsmfa = |word: &str| {
        let file = word.rsplit(['/', '\\']).next().unwrap_or_default();
        file.eq_ignore_ascii_case("awsmfa") || file.eq_ignore_ascii_case("awsmfa.exe")
    };
    // A quoted path may contain spaces; only its end, the file name, counts.
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
    Failure::failed(format!(
        "profile {profile} holds only half a key: {missing} is missing"
    ))
    .hint(format!("give both parts with `{}`", setup_command(profile)))
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    const KEYS: &str = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n";

    fn resolve(config: &str, credentials: &str, named: Option<&str>) -> Result<Source> {
        let named = named.map(name);
        Source::resolve(profiles(config, credentials), named.as_ref(), None)
    }

    fn environment(token: bool) -> Option<Keys> {
        Some(Keys {
            access_key_id: "AKIAENVIRONMENT".into(),
            secret_access_key: "secret".into(),
            session_token: token.then(|| "token".into()),
        })
    }

    #[test]
    fn a_command_quotes_the_profile_for_a_shell() {
        for (profile, flag) in [
            ("dev", "--profile dev"),
            #[cfg(unix)]
            ("my work", "--profile 'my work'"),
            #[cfg(windows)]
            ("my work", "--profile \"my work\""),
            ("-d", "--profile=-d"),
        ] {
            let holder = Holder::Profile(name(profile));
            let expected = format!("awsmfa login {flag}");
            assert_eq!(holder.command("login"), expected);
        }
        assert_eq!(Holder::Environment.command("login"), "awsmfa login");
    }

    #[test]
    fn the_keys_may_be_in_either_file() {
        for (config, credentials) in [
            (format!("[profile dev]\n{KEYS}"), String::new()),
            (String::new(), format!("[dev]\n{KEYS}")),
        ] {
            let source = resolve(&config, &credentials, Some("dev")).expect("a source");
            assert!(
                matches!(source.way, Way::Keys(KeySource::Profile(keys)) if keys.access_key_id == "AKIAEXAMPLE")
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
    fn a_leftover_mark_does_not_hide_other_credentials() {
        const MARK: &str = "awsmfa_source_profile = dev\n";
        let role =
            "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = dev\n";
        let process = "[profile default]\ncredential_process = vault\n";
        for (config, credentials, named) in [
            ("", format!("[default]\n{KEYS}{MARK}"), None),
            ("", format!("[dev]\n{KEYS}{MARK}"), Some("dev")),
            (
                role,
                format!("[dev]\n{KEYS}[admin]\n{MARK}"),
                Some("admin-mfa"),
            ),
            (process, format!("[default]\n{MARK}"), None),
        ] {
            let source = resolve(config, &credentials, named);
            assert!(source.is_ok(), "{config}{credentials}: {source:?}");
        }
    }

    #[test]
    fn a_profile_that_ends_in_mfa_and_holds_long_term_keys_means_itself() {
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
        let unnamed = Source::resolve(files, None, environment(false)).expect("a source");
        assert!(matches!(unnamed.way, Way::Keys(KeySource::Environment(_))));
        let named =
            Source::resolve(files, Some(&name("dev")), environment(false)).expect("a source");
        assert!(matches!(named.way, Way::Keys(KeySource::Profile(_))));
        let session = Source::resolve(files, None, environment(true)).expect("a source");
        assert!(
            matches!(session.way, Way::Keys(KeySource::Profile(_))),
            "a session in the environment is no source"
        );
    }

    #[test]
    fn a_profile_that_can_not_be_a_source_is_refused_with_the_reason() {
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
    fn a_credential_process_that_runs_awsmfa_is_recognised_in_every_form() {
        for command in [
            "awsmfa credential-process --profile dev",
            "  awsmfa -p dev credential-process",
            "/usr/bin/awsmfa credential-process",
            "\"/opt/my tools/awsmfa\" credential-process",
            "'/opt/my tools/awsmfa' credential-process",
            "'/opt/my tools/awsmfa' -p dev",
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
    fn the_profile_of_a_command_line_is_found_however_it_is_named() {
        for (command, named) in [
            ("awsmfa credential-process --profile dev", Some("dev")),
            ("awsmfa --profile=dev credential-process", Some("dev")),
            ("awsmfa -p dev credential-process", Some("dev")),
            ("awsmfa -pdev credential-process", Some("dev")),
            ("awsmfa -p=dev credential-process", Some("dev")),
            ("sh -c 'awsmfa credential-process -p \"dev\"'", Some("dev")),
            ("AWS_PROFILE=dev awsmfa credential-process", Some("dev")),
            (
                "env A=b AWS_PROFILE=dev awsmfa credential-process",
                Some("dev"),
            ),
            ("awsmfa credential-process", None),
            ("awsmfa credential-process --profile", None),
        ] {
            assert_eq!(profile_in(command), named, "{command}");
        }
    }

    #[test]
    fn another_programs_credential_process_is_a_source() {
        let source = resolve(
            "[profile dev]\ncredential_process = vault read awsmfa\n",
            "",
            Some("dev"),
        )
        .expect("a source");
        assert!(
            matches!(source.way, Way::Keys(KeySource::Process(command)) if command == "vault read awsmfa")
        );
    }

    #[test]
    fn the_place_to_name_a_device_depends_on_where_the_keys_are() {
        let told = |holder: Holder| holder.place_of_device();
        assert_eq!(
            told(Holder::Profile(name("dev"))),
            "with --mfa-serial, or set mfa_serial in profile dev"
        );
        assert_eq!(
            told(Holder::Environment),
            "with --mfa-serial or AWSMFA_SERIAL"
        );
    }

    #[test]
    fn the_remains_of_a_session_tell_its_source_or_that_it_is_unknown() {
        let refused = |credentials: &str| {
            resolve("", credentials, Some("work"))
                .expect_err("no source")
                .message
        };
        assert_eq!(
            refused("[work]\nawsmfa_source_profile = gone\n"),
            "work is for sessions of profile gone, and there is no such profile in the AWS files"
        );
        assert_eq!(
            refused("[work]\nawsmfa_copied = region\n"),
            "profile work held a session, and the files no longer say whose"
        );
        assert_eq!(refused("[work]\n"), "profile work holds no access key");
    }

    #[test]
    fn the_session_profile_of_keys_next_to_a_role_means_the_keys() {
        let role =
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = dev\n";
        let way = |session: &str| {
            let credentials = format!("[dev]\n{KEYS}[{session}]\nawsmfa_source_profile = dev\n");
            let source = resolve(role, &credentials, Some(session)).expect("a source");
            matches!(source.way, Way::Keys(_))
        };
        assert!(way("dev-user-mfa") && !way("dev-mfa"));
    }
}
