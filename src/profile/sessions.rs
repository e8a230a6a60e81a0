//! Finds the sessions in the files, whichever tool wrote them. It does not judge how long they last.

use super::kind::is_session_of_keys;
use super::session_profile::{Content, usual};
use super::unknown::unknown;
use super::{Kind, Profile, Profiles, SessionProfile, Source, setting};
use crate::exit::{Exit, Failure, Result};
use crate::value::ProfileName;
use crate::value::name::SUFFIX;
use std::collections::HashSet;

/// A session profile has one of these settings, unless its name shows what it is. In a large file they
/// quickly rule out most profiles.
pub(crate) const MARKS: [&str; 4] = [
    setting::SESSION_TOKEN,
    setting::SECURITY_TOKEN,
    setting::SOURCE,
    setting::COPIED,
];

/// All session profiles, in the order of the files.
pub(crate) fn list(profiles: Profiles<'_>) -> Vec<SessionProfile> {
    among(
        profiles,
        &profiles.names_with(&MARKS, |name| name.ends_with(SUFFIX)),
    )
}

/// Those of `names` that are session profiles.
pub(crate) fn among(profiles: Profiles<'_>, names: &[ProfileName]) -> Vec<SessionProfile> {
    names
        .iter()
        .map(|name| Profile::read(profiles, name))
        .filter(Profile::is_session_profile)
        .map(|profile| SessionProfile::of(profiles, &profile))
        .collect()
}

/// All sessions, followed by the session profiles that a sign-in would write to, for the other profiles
/// that can sign in.
pub(crate) fn list_all(profiles: Profiles<'_>) -> Vec<SessionProfile> {
    let mut all = list(profiles);
    all.retain(|session| session.session().is_some());
    let signed_in: HashSet<ProfileName> = all.iter().filter_map(source_of).cloned().collect();
    let others = that_can_sign_in(profiles).map(|source| source.profile);
    for source in others.filter(|name| !signed_in.contains(name)) {
        let target = for_session_of(profiles, &source, &source.session_profile());
        if target.session().is_none() {
            all.push(target);
        }
    }
    all
}

/// The session profile `target`, which is for the session of `source`. If it holds none, its name need
/// not tell whose it will be.
fn for_session_of(
    profiles: Profiles<'_>,
    source: &ProfileName,
    target: &ProfileName,
) -> SessionProfile {
    let mut target = SessionProfile::read(profiles, target);
    if let Content::Absent(made) = &mut target.content
        && profiles.contains(source)
    {
        made.source = Some(source.clone());
    }
    target
}

/// The sources of the profiles that can sign in, in the order of the files. Session profiles, which stand
/// for their source, are left out.
pub(crate) fn that_can_sign_in(profiles: Profiles<'_>) -> impl Iterator<Item = Source> {
    let source = move |name: ProfileName| {
        let profile = Profile::read(profiles, &name);
        if profile.stands_for().is_some() {
            return None;
        }
        let source = Source::as_written(profiles, &profile).ok()?;
        source.clone().base(profiles).is_ok().then_some(source)
    };
    profiles.names().into_iter().filter_map(source)
}

fn source_of(session: &SessionProfile) -> Option<&ProfileName> {
    session.made().source.as_ref()
}

/// The profile that holds the session of `named`: `named` itself if it is a session profile, else the
/// one that a sign-in writes to, which is `chosen` or the usual one. If that holds no session, the one
/// with the session of `named` that lasts longest.
///
/// Fails if the files don't contain such a profile, and, with [`Exit::NoSession`], if the usual one holds
/// the session of another.
pub(crate) fn of(
    profiles: Profiles<'_>,
    named: &ProfileName,
    chosen: Option<ProfileName>,
) -> Result<SessionProfile> {
    let found = Profile::read(profiles, named);
    // A profile with long-term keys, or one that claims to be its own session, is a source with a line
    // left from an old session.
    let is_source =
        matches!(found.kind, Kind::LongTermKeys(_)) || found.session_of.as_ref() == Some(named);
    if found.is_session_profile() && !is_source {
        return Ok(SessionProfile::of(profiles, &found));
    }
    let usual = chosen.map_or_else(|| usual(profiles, named), Ok);
    let usual = usual.map(|usual| for_session_of(profiles, named, &usual));
    let is_its = |session: &SessionProfile| source_of(session) == Some(named);
    let is_there = |usual: &SessionProfile| is_its(usual) && usual.session().is_some();
    if usual.as_ref().is_ok_and(is_there) {
        return usual;
    }
    // The user may have chosen another name for it with --session-profile.
    let is_of_keys = |other: &ProfileName| is_session_of_keys(profiles, other, named);
    let others = list(profiles)
        .into_iter()
        .filter(|other| is_its(other) && !is_of_keys(&other.name));
    if let Some(other) = others
        .filter(|other| other.session().is_some())
        .max_by_key(SessionProfile::expiration)
    {
        return Ok(other);
    }
    if !profiles.contains(named) && !usual.as_ref().is_ok_and(is_its) {
        return Err(unknown(profiles, named));
    }
    let usual = usual.map_err(|failure| Failure {
        exit: Exit::NoSession,
        message: format!("{named} has no session: {}", failure.message),
        ..failure
    })?;
    match source_of(&usual) {
        Some(other) if other != named && usual.session().is_some() => {
            Err(of_another(named, &usual, other))
        }
        _ => Ok(usual),
    }
}

fn of_another(named: &ProfileName, usual: &SessionProfile, other: &ProfileName) -> Failure {
    Failure::new(
        Exit::NoSession,
        format!(
            "{named} has no session: {} holds that of profile {other}",
            usual.name
        ),
    )
    .hint(format!(
        "name {other} if you mean that one; a sign-in to {named} needs --session-profile and another name"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;
    use crate::profile::Kind;
    use crate::value::Lifetime;
    use crate::value::expiry;
    use crate::value::session::State;
    use chrono::{DateTime, Utc};

    fn at(text: &str) -> DateTime<Utc> {
        expiry::parse(text).expect("a time of the test")
    }

    #[test]
    fn every_session_is_listed_whichever_tool_wrote_it() {
        let credentials = "\
[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n\
[dev-mfa]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\nawsmfa_source_profile = dev\n\
[old]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_security_token = t\nexpiration = 2026-01-01 00:00:00\n\
[else]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
        let listed = list(profiles("", credentials));
        let names: Vec<&str> = listed.iter().map(|session| session.name.as_str()).collect();
        assert_eq!(names, ["dev-mfa", "old", "else"]);
        assert_eq!(listed[0].made().source, Some(name("dev")));
        assert!(listed[0].made().by_awsmfa && !listed[1].made().by_awsmfa);
        assert_eq!(listed[1].expiration(), Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(listed[2].expiration(), None);
    }

    #[test]
    fn a_session_in_a_roles_own_profile_is_listed_and_the_role_stays_a_role() {
        let config = "[profile admin]\nrole_arn = r\nsource_profile = dev\n";
        let text = "[admin]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";
        let profiles = profiles(config, text);
        let listed = list(profiles);
        assert_eq!(listed.len(), 1);
        assert!(listed[0].session().is_some());
        let kind = Profile::read(profiles, &name("admin")).kind;
        assert!(matches!(kind, Kind::Role(_)), "{kind:?}");
    }

    #[test]
    fn a_session_profile_without_keys_is_absent() {
        let text = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n[dev-mfa]\n";
        let listed = list(profiles("", text));
        assert_eq!(listed.len(), 1);
        assert_eq!(
            listed[0].state(at("2026-01-01T00:00:00Z"), Lifetime::seconds(0)),
            State::Absent
        );
    }

    const DEV: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";

    fn session(profile: &str, hour: u32) -> String {
        format!(
            "[{profile}]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T{hour:02}:00:00Z\nawsmfa_source_profile = dev\n"
        )
    }

    #[test]
    fn the_session_of_a_source_is_where_a_sign_in_writes_it() {
        let found = |sessions: &[(&str, u32)], named: &str, chosen: Option<&str>| {
            let sessions = sessions
                .iter()
                .map(|(profile, hour)| session(profile, *hour));
            let text = format!("{DEV}{}", sessions.collect::<String>());
            of(profiles("", &text), &name(named), chosen.map(name))
                .expect("a profile")
                .name
        };
        for (sessions, named, chosen, expected) in [
            (&[][..], "dev", None, "dev-mfa"),
            (&[], "dev-mfa", None, "dev-mfa"),
            (&[], "dev", Some("ci"), "ci"),
            (&[("work", 1)], "dev", None, "work"),
            (&[("work", 1)], "work", None, "work"),
            (&[("work", 9), ("dev-mfa", 1)], "dev", None, "dev-mfa"),
            (&[("ci", 1), ("dev-mfa", 9)], "dev", Some("ci"), "ci"),
            (&[("a", 1), ("b", 3), ("c", 2)], "dev", None, "b"),
        ] {
            assert_eq!(
                found(sessions, named, chosen),
                name(expected),
                "{sessions:?}"
            );
        }
        assert!(of(profiles("", DEV), &name("other"), None).is_err());
    }

    #[test]
    fn a_profile_left_by_a_logout_is_a_session_profile_unless_it_has_a_role() {
        let is_one =
            |config: &str| Profile::read(profiles(config, DEV), &name("work")).is_session_profile();
        let left = "[profile work]\nregion = r\nawsmfa_copied = region\n";
        assert!(is_one(left));
        assert_eq!(list(profiles(left, DEV)).len(), 1);
        assert!(!is_one(&left.replace("awsmfa_copied", "note")));
        assert!(!is_one(&format!(
            "{left}role_arn = r\nsource_profile = dev\n"
        )));
    }

    #[test]
    fn after_the_sessions_come_the_profiles_that_can_have_one() {
        let role = "role_arn = arn:aws:iam::123456789012:role/admin\nsource_profile";
        let config = format!("[profile admin]\n{role} = dev\n[profile lost]\n{role} = nobody\n");
        let half = "[half]\naws_access_key_id = AKIAX\n";
        let text = format!("{DEV}{half}{}", session("work", 1));
        let files = profiles(&config, &text);
        let can: Vec<ProfileName> = that_can_sign_in(files).map(|it| it.profile).collect();
        assert_eq!(can, [name("dev"), name("admin")]);
        let all = list_all(files);
        let all = all.iter().map(|it| (it.name.as_str(), source_of(it)));
        let (dev, admin) = (name("dev"), name("admin"));
        assert_eq!(
            all.collect::<Vec<_>>(),
            [("work", Some(&dev)), ("admin-mfa", Some(&admin))]
        );
    }

    #[test]
    fn a_session_of_another_source_is_not_found_under_the_usual_name() {
        let others = session("dev-mfa", 9).replace("= dev\n", "= other\n");
        let found = |sessions: &str| {
            let text = format!("{DEV}{sessions}");
            of(profiles("", &text), &name("dev"), None).expect("a profile")
        };
        assert_eq!(
            found(&format!("{others}{}", session("work", 1))).name,
            name("work")
        );
        // What a logout left of dev's own session there is not a session either.
        let left = "[dev-mfa]\nawsmfa_source_profile = dev\n";
        assert_eq!(
            found(&format!("{left}{}", session("work", 1))).name,
            name("work")
        );
        let text = format!("{DEV}{others}");
        let failure = of(profiles("", &text), &name("dev"), None).err();
        let failure = failure.expect("it is another's");
        assert_eq!(failure.exit, Exit::NoSession);
        assert_eq!(
            failure.message,
            "dev has no session: dev-mfa holds that of profile other"
        );
    }
}
