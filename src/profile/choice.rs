//! Finds the profiles that the user can choose from if they name none, and decides whether to offer that.
//! It chooses none.

use super::header;
use super::unknown::{SHORT, choose_one, choose_one_of};
use super::{KeySource, Kind, Profile, Profiles, Way, sessions, setting};
use crate::value::ProfileName;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::HashMap;

/// What a profile is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A session, from long-term keys or of a role.
    Session,
    /// The user whose long-term keys it has. A role stands for the profile that it is reached from.
    User,
    /// Its access key, which has to be in the files.
    AccessKey,
}

/// A profile that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its name.
    pub(crate) name: ProfileName,
    /// Whether it is a role.
    pub(crate) is_role: bool,
    /// When its latest session ends, or ended.
    pub(crate) expiration: Option<DateTime<Utc>>,
}

/// The profiles that serve `purpose`: first those with a session, the latest end first, then the others
/// in the order of the files.
pub(crate) fn candidates(profiles: Profiles<'_>, purpose: Purpose) -> Vec<Candidate> {
    let mut expirations: HashMap<ProfileName, DateTime<Utc>> = HashMap::new();
    for session in sessions::list(profiles) {
        if let (Some(source), Some(at)) = (&session.made().source, session.expiration()) {
            let known = expirations.entry(source.clone()).or_insert(at);
            *known = at.max(*known);
        }
    }
    let serves = |way: &Way| match purpose {
        Purpose::Session => true,
        Purpose::User => matches!(way, Way::Keys(_)),
        Purpose::AccessKey => matches!(way, Way::Keys(KeySource::Profile(_))),
    };
    let mut all: Vec<Candidate> = sessions::that_can_sign_in(profiles)
        .filter(|source| serves(&source.way))
        .map(|source| Candidate {
            is_role: matches!(source.way, Way::Role(_)),
            expiration: expirations.get(&source.profile).copied(),
            name: source.profile,
        })
        .collect();
    all.sort_by_key(|candidate| Reverse(candidate.expiration));
    all
}

/// The hint to name a profile that can sign in; `None` if there are none.
pub(crate) fn how_to_name(profiles: Profiles<'_>) -> Option<String> {
    let names = sessions::that_can_sign_in(profiles).map(|source| source.profile);
    let names: Vec<ProfileName> = names.collect();
    match names.len() {
        0 => None,
        1..=SHORT => Some(choose_one(&names)),
        many => Some(choose_one_of(many)),
    }
}

/// Whether nothing in the files applies without a named profile: `default` has neither keys nor a role,
/// and holds no session of another profile.
pub(crate) fn default_is_free(profiles: Profiles<'_>) -> bool {
    let default = Profile::read(profiles, &ProfileName::default());
    let holds_none = match default.kind {
        Kind::Unknown | Kind::NoKeys | Kind::Process { .. } | Kind::Elsewhere(_) => true,
        Kind::Role(_)
        | Kind::Session
        | Kind::LongTermKeys(_)
        | Kind::HalfKeys { .. }
        | Kind::UnfitKeys(_)
        | Kind::LostToken => false,
    };
    holds_none
        && default.stands_for().is_none()
        && profiles.get(&default.name, setting::ROLE_ARN).is_none()
        // Keys below a wrong header may be meant for it.
        && header::wrong(profiles, &default.name).is_none()
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::profiles;
    use super::*;

    const KEYS: &str = "aws_access_key_id = AKIAX\naws_secret_access_key = s\n";

    fn session(name: &str, source: &str, year: u32) -> String {
        format!(
            "[{name}]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = {year}-01-01T00:00:00Z\nawsmfa_source_profile = {source}\n"
        )
    }

    fn names(config: &str, credentials: &str, purpose: Purpose) -> Vec<String> {
        let all = candidates(profiles(config, credentials), purpose);
        all.iter().map(|it| it.name.to_string()).collect()
    }

    #[test]
    fn what_was_used_last_comes_first_and_then_what_stands_first() {
        let credentials = [
            format!("[zeta]\n{KEYS}[alpha]\n{KEYS}[old]\n{KEYS}[late]\n{KEYS}[two]\n{KEYS}"),
            session("old-mfa", "old", 2020),
            session("late-mfa", "late", 2026),
            session("two-mfa", "two", 2019),
            session("work", "two", 2024),
        ]
        .concat();
        let found = names("", &credentials, Purpose::Session);
        assert_eq!(found, ["late", "two", "old", "zeta", "alpha"]);
    }

    #[test]
    fn a_profile_is_offered_only_for_what_it_can_do() {
        let config = "\
[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = dev\n\
[profile vault]\ncredential_process = vault keys\n\
[profile loop]\ncredential_process = awsmfa credential-process -p dev\n\
[profile sso]\nsso_session = x\n\
[profile settings]\nregion = r\n\
[profile lost]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = nobody\n";
        let credentials = [
            format!("[dev]\n{KEYS}[half]\naws_access_key_id = AKIAX\n"),
            session("dev-mfa", "dev", 2026),
            "[mine]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n"
                .to_owned(),
        ]
        .concat();
        for (purpose, expected) in [
            (Purpose::Session, &["dev", "admin", "vault"][..]),
            (Purpose::User, &["dev", "vault"]),
            (Purpose::AccessKey, &["dev"]),
        ] {
            assert_eq!(
                names(config, &credentials, purpose),
                expected,
                "{purpose:?}"
            );
        }
    }

    #[test]
    fn what_stands_in_default_is_meant_where_none_is_named() {
        for (config, credentials, is_free) in [
            ("", "", true),
            ("[default]\nregion = r\n", "", true),
            ("[default]\nsso_session = x\n", "", true),
            ("[default]\nlogin_session = arn:x\n", "", true),
            (
                "[default]\ncredential_process = awsmfa credential-process -p dev\n",
                "",
                true,
            ),
            ("[default]\nrole_arn = r\nsource_profile = dev\n", "", false),
            (
                "[default]\nrole_arn = r\ncredential_source = Environment\n",
                "",
                false,
            ),
            ("[default]\nrole_arn = r\n", "", false),
            ("", "[default]\naws_access_key_id = AKIAX\n", false),
            (
                "",
                "[default]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n",
                false,
            ),
            ("", "[default]\naws_session_token = t\n", false),
            (
                "",
                "[default]\naws_access_key_id = ASIAX\naws_secret_access_key = s\n",
                false,
            ),
            ("", "[profile default]\naws_access_key_id = AKIAX\n", false),
            ("", "[default]\nawsmfa_source_profile = dev\n", false),
        ] {
            let files = profiles(config, credentials);
            assert_eq!(default_is_free(files), is_free, "{config}{credentials}");
        }
    }
}
