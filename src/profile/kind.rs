//! Decides what kind of profile a name means, once for all commands. It does not choose a profile.

use super::own_keys::{self, UnfitKeys};
use super::{Profiles, setting};
use crate::value::keys::KeyKind;
use crate::value::{Keys, ProfileName};

/// A profile and its kind.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// The name, as it was asked for.
    pub(crate) name: ProfileName,
    /// Its own credentials.
    pub(crate) kind: Kind,
    /// The profile whose session it is for, according to its settings, or to its name if it contains
    /// nothing else. [`Self::stands_for`] tells whether naming this profile means that one.
    pub(crate) session_of: Option<ProfileName>,
    /// Whether it holds a session, or the remains of one after a logout.
    holds_session: bool,
    /// Whether it holds long-term keys, or half of a pair. If so, no session may replace them, whatever
    /// kind it is.
    pub(crate) holds_long_term_keys: bool,
    /// The way it gets credentials other than from keys of its own.
    pub(crate) other_way: Option<OtherWay>,
}

/// The credentials that a profile has of its own.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The files don't mention it.
    Unknown,
    /// A role that is assumed from another profile: `role_arn` with `source_profile`.
    Role(RoleSettings),
    /// It holds a session token; its keys can't be the source of another session.
    Session,
    /// Long-term keys, both parts.
    LongTermKeys(Keys),
    /// One half of a pair of keys; the setting of the other half is missing.
    HalfKeys { missing: &'static str },
    /// A pair of keys, one of which is invalid.
    UnfitKeys(UnfitKeys),
    /// A session's access key without its session token.
    LostToken,
    /// A command prints the keys.
    Process { command: String },
    /// The credentials come from somewhere else.
    Elsewhere(OtherWay),
    /// It holds nothing about credentials.
    NoKeys,
}

/// The two settings of a role profile.
#[derive(Clone, Debug)]
pub(crate) struct RoleSettings {
    /// `role_arn`.
    pub(crate) role_arn: String,
    /// `source_profile`.
    pub(crate) source_profile: String,
}

/// A way for a profile to get credentials other than from keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherWay {
    /// The setting that selects it.
    pub(crate) setting: &'static str,
    /// What messages call it.
    pub(crate) words: &'static str,
}

/// The settings that select another way. The first one that is set counts.
const OTHER_WAYS: [OtherWay; 8] = [
    OtherWay::new(setting::CREDENTIAL_SOURCE, "the machine it runs on"),
    OtherWay::new(setting::WEB_IDENTITY_TOKEN_FILE, "a web identity token"),
    OtherWay::new(setting::ROLE_ARN, "a role"),
    OtherWay::new(setting::SOURCE_PROFILE, "another profile"),
    OtherWay::new("sso_session", "IAM Identity Center"),
    OtherWay::new("sso_start_url", "IAM Identity Center"),
    OtherWay::new("login_session", "`aws login`"),
    OtherWay::new(setting::CREDENTIAL_PROCESS, "a credential_process"),
];

/// Whether `setting` makes a profile get credentials some other way.
pub(super) fn is_other_way(setting: &str) -> bool {
    OTHER_WAYS.iter().any(|way| way.setting == setting)
}

impl OtherWay {
    const fn new(setting: &'static str, words: &'static str) -> Self {
        Self { setting, words }
    }
}

impl Profile {
    /// Reads the profile `name`, which need not exist.
    pub(crate) fn read(profiles: Profiles<'_>, name: &ProfileName) -> Self {
        Self::from(Found::of(profiles, name), Found::kind)
    }

    /// Reads the profile as the base of a chain of roles: its own keys count, whatever role it names.
    pub(crate) fn read_base(profiles: Profiles<'_>, name: &ProfileName) -> Self {
        Self::from(Found::of(profiles, name), Found::own_kind)
    }

    fn from<'a>(found: Found<'a>, kind: impl FnOnce(Found<'a>) -> Kind) -> Self {
        Self {
            session_of: found.session_of(),
            holds_session: found.holds_session(),
            holds_long_term_keys: found.holds_long_term_keys,
            other_way: found.other_way,
            name: found.name.clone(),
            kind: kind(found),
        }
    }

    /// Whether it has an access key, or part of one. As the source of a role it then ends the chain, as
    /// in the AWS CLI and the SDKs. Asked of the base of a chain.
    pub(crate) fn holds_static_keys(&self) -> bool {
        matches!(
            self.kind,
            Kind::LongTermKeys(_)
                | Kind::Session
                | Kind::HalfKeys { .. }
                | Kind::UnfitKeys(_)
                | Kind::LostToken
        )
    }

    /// The profile that this one means if the user or a chain of roles names it: a session profile means
    /// its source. A profile that has since got credentials of its own means itself, as it does to AWS
    /// tools, even if a line of an old session is left in it.
    pub(crate) fn stands_for(&self) -> Option<&ProfileName> {
        let source = self.session_of.as_ref()?;
        (self.is_free_for_session() && *source != self.name).then_some(source)
    }

    /// Whether it has no credentials of its own that a session would hide.
    pub(crate) fn is_free_for_session(&self) -> bool {
        !self.holds_long_term_keys && self.other_way.is_none()
    }

    /// Whether its purpose is to hold a session.
    pub(crate) fn is_session_profile(&self) -> bool {
        self.session_of.is_some() || self.holds_session
    }
}

/// The profile that a session of the keys of `base` goes to: `NAME-mfa`, unless that is taken by the
/// session of a role that the profile names besides its keys.
pub(crate) fn base_session_profile(profiles: Profiles<'_>, base: &ProfileName) -> ProfileName {
    match Profile::read(profiles, base).kind {
        Kind::Role(_) => base.user_session_profile(),
        _ => base.session_profile(),
    }
}

/// Whether `session` is for the session of the keys of `source`, not for that of the role that `source`
/// names as well.
pub(crate) fn is_session_of_keys(
    profiles: Profiles<'_>,
    session: &ProfileName,
    source: &ProfileName,
) -> bool {
    *session == source.user_session_profile()
        && *session == base_session_profile(profiles, source)
        && Profile::read_base(profiles, source).holds_static_keys()
}

/// What the files say about a profile's credentials.
struct Found<'a> {
    profiles: Profiles<'a>,
    name: &'a ProfileName,
    id: Option<String>,
    secret: Option<String>,
    holds_token: bool,
    holds_long_term_keys: bool,
    other_way: Option<OtherWay>,
}

impl<'a> Found<'a> {
    fn of(profiles: Profiles<'a>, name: &'a ProfileName) -> Self {
        let get = |setting: &str| profiles.get(name, setting);
        let holds_token = [setting::SESSION_TOKEN, setting::SECURITY_TOKEN]
            .iter()
            .any(|token| get(token).is_some());
        let id = get(setting::ACCESS_KEY_ID);
        let secret = get(setting::SECRET_ACCESS_KEY);
        // An IAM user's access key is long-term even next to a token that some tool left behind.
        let holds_long_term_keys = match id.as_deref().map(|id| KeyKind::of(id.trim())) {
            Some(KeyKind::LongTerm) => true,
            Some(KeyKind::Session) => false,
            Some(KeyKind::Unknown) => !holds_token,
            None => secret.is_some() && !holds_token,
        };
        let other_way = OTHER_WAYS
            .into_iter()
            .find(|way| get(way.setting).is_some());
        Self {
            profiles,
            name,
            id,
            secret,
            holds_token,
            holds_long_term_keys,
            other_way,
        }
    }

    fn get(&self, setting: &str) -> Option<String> {
        self.profiles.get(self.name, setting)
    }

    /// The profile whose session this one is for, according to its settings, or to its name if it
    /// contains nothing else.
    fn session_of(&self) -> Option<ProfileName> {
        if let Some(source) = self.get(setting::SOURCE) {
            return source.parse().ok();
        }
        if self.holds_long_term_keys || self.other_way.is_some() {
            return None;
        }
        let source = self.name.without_suffix();
        source
            .filter(|source| self.profiles.contains(source))
            .or_else(|| {
                let source = self.name.without_user_suffix()?;
                is_session_of_keys(self.profiles, self.name, &source).then_some(source)
            })
    }

    /// Whether it contains a session token, or the remains of a session after a logout. A profile that
    /// gets its credentials some other way was copied from such a profile. Long-term keys with a token
    /// that some tool left behind are not a session.
    fn holds_session(&self) -> bool {
        let was_session = || self.other_way.is_none() && self.get(setting::COPIED).is_some();
        !self.holds_long_term_keys && (self.holds_token || was_session())
    }

    /// If a profile could be of several kinds, the order decides: a role, then keys of its own, then
    /// other ways, as in the AWS SDKs.
    fn kind(self) -> Kind {
        match self.role() {
            Some(settings) => Kind::Role(settings),
            None => self.own_kind(),
        }
    }

    /// The role that is assumed from another profile. If there is a web identity token, the role is
    /// assumed with that, and a source profile does not count.
    fn role(&self) -> Option<RoleSettings> {
        if self.get(setting::WEB_IDENTITY_TOKEN_FILE).is_some() {
            return None;
        }
        Some(RoleSettings {
            role_arn: self.get(setting::ROLE_ARN)?,
            source_profile: self.get(setting::SOURCE_PROFILE)?,
        })
    }

    /// The kind if roles don't count.
    fn own_kind(self) -> Kind {
        if !self.profiles.contains(self.name) {
            return Kind::Unknown;
        }
        if self.holds_token {
            return Kind::Session;
        }
        match (self.id, self.secret, self.other_way) {
            (Some(_), None, _) => Kind::HalfKeys {
                missing: setting::SECRET_ACCESS_KEY,
            },
            (None, Some(_), _) => Kind::HalfKeys {
                missing: setting::ACCESS_KEY_ID,
            },
            (Some(_), Some(_), _) => match own_keys::long_term(self.profiles, self.name) {
                Some(Ok(keys)) if KeyKind::of(&keys.access_key_id) == KeyKind::Session => {
                    Kind::LostToken
                }
                Some(Ok(keys)) => Kind::LongTermKeys(keys),
                Some(Err(unfit)) => Kind::UnfitKeys(unfit),
                None => Kind::NoKeys,
            },
            (None, None, Some(way)) if way.setting == setting::CREDENTIAL_PROCESS => {
                let command = self.profiles.get(self.name, way.setting);
                Kind::Process {
                    command: command.unwrap_or_default(),
                }
            }
            (None, None, Some(way)) => Kind::Elsewhere(way),
            (None, None, None) => Kind::NoKeys,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    const KEYS: &str = "aws_access_key_id = AKIAX\naws_secret_access_key = s\n";
    const SESSION: &str =
        "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
    const ROLE: &str = "[profile x-mfa]\nrole_arn = r\nsource_profile = x\n";

    /// The kind of profile `x-mfa` next to a profile `x` with long-term keys, and whether its purpose is
    /// to hold a session.
    fn kind_of(config: &str, lines: &str) -> (String, bool) {
        let section = if lines.is_empty() { "" } else { "[x-mfa]\n" };
        let credentials = format!("[x]\n{KEYS}{section}{lines}");
        let profile = Profile::read(profiles(config, &credentials), &name("x-mfa"));
        let debug = format!("{:?}", profile.kind);
        let end = debug.find([' ', '(']).unwrap_or(debug.len());
        (debug[..end].to_owned(), profile.is_session_profile())
    }

    #[test]
    fn each_profile_is_of_one_kind() {
        let token = format!("{KEYS}aws_session_token = t\n");
        let marked = format!("{KEYS}awsmfa_source_profile = y\n");
        for (config, lines, kind, is_session_profile) in [
            ("", "", "Unknown", true),
            ("", SESSION, "Session", true),
            ("", KEYS, "LongTermKeys", false),
            ("", &token, "Session", false),
            ("", &marked, "LongTermKeys", true),
            ("", "aws_secret_access_key = s\n", "HalfKeys", false),
            ("", "aws_access_key_id = AKIAX\n", "HalfKeys", false),
            ("[profile x-mfa]\nsso_session = s\n", "", "Elsewhere", false),
            (
                "[profile x-mfa]\nsso_session = s\n",
                SESSION,
                "Session",
                true,
            ),
            (
                "[profile x-mfa]\ncredential_process = c\n",
                "",
                "Process",
                false,
            ),
            (ROLE, "", "Role", false),
            (ROLE, SESSION, "Role", true),
            (ROLE, "awsmfa_source_profile = x\n", "Role", true),
            ("[profile x-mfa]\nrole_arn = r\n", "", "Elsewhere", false),
            (
                "[profile x-mfa]\nrole_arn = r\nsource_profile = x\nweb_identity_token_file = t\n",
                "",
                "Elsewhere",
                false,
            ),
            (
                "[profile x-mfa]\nawsmfa_copied = region\n",
                "",
                "NoKeys",
                true,
            ),
        ] {
            assert_eq!(
                kind_of(config, lines),
                (kind.to_owned(), is_session_profile),
                "{config}{lines}"
            );
        }
    }

    #[test]
    fn the_base_of_a_chain_has_the_kind_it_would_have_without_its_role() {
        let read = |credentials: &str| {
            let profile = Profile::read_base(profiles(ROLE, credentials), &name("x-mfa"));
            (profile.holds_static_keys(), format!("{:?}", profile.kind))
        };
        for (lines, kind, has_static) in [
            (KEYS, "LongTermKeys", true),
            (SESSION, "Session", true),
            ("aws_access_key_id = AKIAX\n", "HalfKeys", true),
            ("", "Elsewhere", false),
        ] {
            let (is_static, debug) = read(&format!("[x-mfa]\n{lines}"));
            assert!(debug.starts_with(kind), "{debug}");
            assert_eq!(is_static, has_static, "{lines}");
        }
    }

    #[test]
    fn without_a_source_the_name_alone_does_not_make_a_session_profile() {
        let read = |credentials: &str| {
            let profile = Profile::read(profiles("", credentials), &name("x-mfa"));
            (format!("{:?}", profile.kind), profile.is_session_profile())
        };
        assert_eq!(read(""), ("Unknown".to_owned(), false));
        assert_eq!(read("[x-mfa]\n"), ("NoKeys".to_owned(), false));
        let lost = "[x-mfa]\naws_access_key_id = ASIAX\naws_secret_access_key = s\n";
        assert_eq!(read(lost), ("LostToken".to_owned(), false));
        let other_name = format!("{lost}aws_security_token = t\n");
        assert_eq!(read(&other_name), ("Session".to_owned(), true));
    }

    #[test]
    fn next_to_a_role_the_session_of_the_keys_has_a_different_name() {
        let role = ROLE.replace("x-mfa", "x");
        let keys = format!("[x]\n{KEYS}");
        for (config, credentials, expected, is_of_keys) in [
            ("", &*keys, "x-mfa", false),
            (&*role, &keys, "x-user-mfa", true),
            // A role alone has no keys that could have a separate session.
            (&role, "", "x-user-mfa", false),
        ] {
            let profiles = profiles(config, credentials);
            let session = base_session_profile(profiles, &name("x"));
            assert_eq!(session, name(expected), "{config}");
            let is_one = |session| is_session_of_keys(profiles, &name(session), &name("x"));
            assert_eq!(is_one("x-user-mfa"), is_of_keys, "{config}{credentials}");
            assert!(!is_one("x-mfa") && !is_one("x"), "{config}{credentials}");
        }
    }

    #[test]
    fn keys_of_unknown_origin_are_long_term_unless_there_is_a_token() {
        let stands_for = |more: &str| {
            let credentials = format!(
                "[x]\n{KEYS}[local]\naws_access_key_id = LOCAL\naws_secret_access_key = s\nawsmfa_source_profile = x\n{more}"
            );
            let profile = Profile::read(profiles("", &credentials), &name("local"));
            profile.stands_for().cloned()
        };
        assert_eq!(stands_for(""), None);
        assert_eq!(stands_for("aws_session_token = t\n"), Some(name("x")));
    }
}
