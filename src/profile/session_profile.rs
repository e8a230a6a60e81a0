//! Reads the session in a session profile, refuses profiles that must not be overwritten, and makes
//! the edits that store and remove one. It touches no file.

use super::role::{Chain, is_session_of_keys};
use super::{Kind, Profile, Profiles, device, guard, own_keys, setting};
use crate::exit::{Failure, Result};
use crate::ini::{Document, Edit};
use crate::value::session::State;
use crate::value::{Lifetime, Made, ProfileName, Serial, Session, expiry};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

/// A profile that is there to hold a session, as the files show it.
#[derive(Clone, Debug)]
pub(crate) struct SessionProfile {
    /// The profile.
    pub(crate) name: ProfileName,
    /// What is in it.
    pub(crate) content: Content,
}

/// What a session profile holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// All three keys of a session.
    Session(Session),
    /// No session, or not all of one; what is left tells this of it.
    Absent(Made),
}

impl SessionProfile {
    /// Reads the profile `name`. In one of another kind no session is found.
    pub(crate) fn read(profiles: Profiles<'_>, name: &ProfileName) -> Self {
        Self::of(profiles, &Profile::read(profiles, name))
    }

    /// The same of a profile that is read already.
    pub(crate) fn of(profiles: Profiles<'_>, profile: &Profile) -> Self {
        let name = &profile.name;
        let source = profile.session_of.clone();
        // Only for show: one that is not a serial is as good as none.
        let device = device::named(profiles, name, setting::DEVICE)
            .ok()
            .flatten();
        let made = Made {
            account: account(profiles, name, source.as_ref(), device.as_ref()),
            source,
            device,
            arn: None,
            by_awsmfa: profiles.get(name, setting::SOURCE).is_some(),
        };
        // Keys that can't be are as good as none: they are renewed.
        let keys = own_keys::of_session(profiles, name)
            .and_then(Result::ok)
            .filter(|_| !profile.holds_long_term_keys);
        Self {
            name: name.clone(),
            content: match keys {
                Some(keys) => Content::Session(Session {
                    keys,
                    expiration: expiration(profiles, name),
                    made,
                }),
                None => Content::Absent(made),
            },
        }
    }

    /// How its session was made, or what is left of that.
    pub(crate) fn made(&self) -> &Made {
        match &self.content {
            Content::Session(session) => &session.made,
            Content::Absent(made) => made,
        }
    }

    /// The session, where there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.content {
            Content::Session(session) => Some(session),
            Content::Absent(_) => None,
        }
    }

    /// When the session ends, where there is one and the files tell.
    pub(crate) fn expiration(&self) -> Option<DateTime<Utc>> {
        self.session()?.expiration
    }

    /// The command that signs in to it again; none where the files do not tell its source.
    pub(crate) fn sign_in_command(&self) -> Option<String> {
        let source = self.made().source.as_ref()?;
        Some(sign_in_command(source, &self.name))
    }

    /// The state at `now`; `margin` is what must be left for a session to be more than ending.
    pub(crate) fn state(&self, now: DateTime<Utc>, margin: Lifetime) -> State {
        self.session()
            .map_or(State::Absent, |session| session.state(now, margin))
    }
}

/// The command that makes a session of `source` in the session profile `target`.
pub(crate) fn sign_in_command(source: &ProfileName, target: &ProfileName) -> String {
    if *target == source.session_profile() {
        format!("awsmfa login --profile {source}")
    } else if *target == source.user_session_profile() {
        // The source may name a role too; its own session profile stands for its keys.
        format!("awsmfa login --profile {target}")
    } else {
        format!("awsmfa login --profile {source} --session-profile {target}")
    }
}

/// The role's account, which need not be the device's.
fn account(
    profiles: Profiles<'_>,
    session: &ProfileName,
    source: Option<&ProfileName>,
    device: Option<&Serial>,
) -> Option<String> {
    let is_roles = |source: &&ProfileName| !is_session_of_keys(profiles, session, source);
    let role_account = source.filter(is_roles).and_then(|source| {
        let Kind::Role(settings) = Profile::read(profiles, source).kind else {
            return None;
        };
        let chain = Chain::read(profiles, source, &settings).ok()?;
        chain.last.arn.account().map(str::to_owned)
    });
    role_account.or_else(|| device?.account().map(str::to_owned))
}

fn expiration(profiles: Profiles<'_>, profile: &ProfileName) -> Option<DateTime<Utc>> {
    // awsume leaves the zone out and means the computer's; the others mean UTC.
    let is_awsume = profiles.get(profile, "manager").as_deref() == Some("awsume")
        || profiles.get(profile, "autoawsume").is_some();
    let local = is_awsume.then(|| profiles.wall_clock());
    setting::EXPIRIES
        .iter()
        .find_map(|key| expiry::parse_any(&profiles.get(profile, key)?, local))
}

/// The session in `profile` that a sign-in of `source` may keep: it is complete, says when it ends
/// as awsmfa writes that, and does not say that another source made it.
pub(crate) fn usable(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: &ProfileName,
) -> Option<Session> {
    // What another tool means by a time without a zone is a guess, good enough to be shown.
    expiry::parse(&profiles.get(profile, setting::EXPIRES)?)?;
    let Content::Session(session) = SessionProfile::read(profiles, profile).content else {
        return None;
    };
    let is_its = !session.made.by_awsmfa || session.made.source.as_ref() == Some(source);
    is_its.then_some(session)
}

/// The profile that a session of `source` goes to; `asked_for` is `--session-profile` or its
/// variable.
///
/// Refuses the source itself, and a name that the AWS SDKs would not read.
pub(crate) fn target(source: &ProfileName, asked_for: Option<&ProfileName>) -> Result<ProfileName> {
    let name = asked_for
        .cloned()
        .unwrap_or_else(|| source.session_profile());
    if name == *source {
        return Err(Failure::failed(format!(
            "the session can't go to profile {name}: it holds the long-term keys that make the session"
        ))
        .hint(format!(
            "leave --session-profile out to write to {}",
            source.session_profile()
        )));
    }
    if !name.is_read_by_all() {
        return Err(Failure::failed(format!(
            "the session can't go to profile `{name}`: the AWS SDKs don't read a profile of that name"
        ))
        .hint("choose one with --session-profile: letters, digits and _ - / . % @ : +"));
    }
    Ok(name)
}

/// Refuses to write to `profile` when that would take something from the user: long-term keys, or
/// a profile that gets credentials some other way, or (without `force`) another source's session.
///
/// Asked before a code is spent, and again under the lock that guards the edit.
pub(crate) fn check_writable(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: &ProfileName,
    force: bool,
) -> Result<()> {
    let refused = |why: String| {
        Err(
            Failure::failed(format!("profile {profile} is not overwritten: {why}"))
                .hint("choose another profile for the session with --session-profile"),
        )
    };
    if let Some(obstacle) = guard::obstacle(profiles, profile) {
        let refusal = refused(obstacle.to_string());
        return match obstacle.is_keys() {
            true => refusal,
            false => refusal.map_err(|failure| failure.hint(obstacle.hint())),
        };
    }
    if let Some(way) = Profile::read(profiles, profile).other_way {
        return refused(format!(
            "it gets its credentials from {} ({})",
            way.words, way.setting
        ));
    }
    match profiles.get(profile, setting::SOURCE) {
        Some(other) if other != source.as_str() && !force => refused(format!(
            "it holds the session of profile {other}; --force overwrites it"
        )),
        _ => Ok(()),
    }
}

/// Refuses where the session of the keys of `source` can't go to `target`, which is not the usual
/// one because `source` names a role too.
pub(crate) fn check_user_session(
    profiles: Profiles<'_>,
    target: &ProfileName,
    source: &ProfileName,
) -> Result<()> {
    if *target != source.user_session_profile() {
        return Ok(());
    }
    let of_that_name = target.without_suffix();
    let other = of_that_name.filter(|other| profiles.contains(other));
    match other {
        Some(other) => Err(Failure::failed(format!(
            "profile {target} is not overwritten: it is for the session of profile {other}"
        ))),
        None => check_writable(profiles, target, source, false),
    }
    .map_err(|failure| {
        failure.hint(format!(
            "profile {source} holds keys and names a role, so the session of its keys goes to {target}: move the keys to a profile of their own and name that as source_profile"
        ))
    })
}

/// The edit of the credentials file that stores `session` in `profile`.
pub(crate) fn edit(profile: &ProfileName, session: &Session) -> Edit {
    let Session {
        keys,
        expiration,
        made,
    } = session;
    let token = keys.session_token.as_ref();
    let change = |setting: &str, value: Option<String>| (setting.to_owned(), value);
    Edit {
        section: profile.to_string(),
        changes: vec![
            change(setting::ACCESS_KEY_ID, Some(keys.access_key_id.clone())),
            change(
                setting::SECRET_ACCESS_KEY,
                Some(keys.secret_access_key.expose_secret().to_owned()),
            ),
            change(
                setting::SESSION_TOKEN,
                token.map(|token| token.expose_secret().to_owned()),
            ),
            // A token under the old name would be another session's; some tools prefer it.
            change(setting::SECURITY_TOKEN, None),
            change(setting::EXPIRES, expiration.map(expiry::format)),
            change(
                setting::SOURCE,
                made.source.as_ref().map(ToString::to_string),
            ),
            change(
                setting::DEVICE,
                made.device.as_ref().map(ToString::to_string),
            ),
        ],
    }
}

/// The edit that removes the session from a section, of either file; none when nothing of one is
/// there. What the user added to the section stays.
pub(crate) fn removal(document: &Document, section: String) -> Option<Edit> {
    let is_there = |setting: &&str| document.occurrences(&section, setting).next().is_some();
    let changes: Vec<_> = setting::of_a_session()
        .filter(is_there)
        .map(|setting| (setting.to_owned(), None))
        .collect();
    // An expiry alone does not make a session: another setting may have that name.
    let is_part = |(setting, _): &(String, _)| !setting::EXPIRIES.contains(&setting.as_str());
    changes
        .iter()
        .any(is_part)
        .then_some(Edit { section, changes })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name as profile, profiles};
    use super::*;

    fn refusal(config: &str, credentials: &str, force: bool) -> Option<String> {
        check_writable(
            profiles(config, credentials),
            &profile("dev-mfa"),
            &profile("dev"),
            force,
        )
        .err()
        .map(|error| error.to_string())
    }

    #[test]
    fn the_source_is_never_the_target() {
        assert!(target(&profile("dev"), Some(&profile("dev"))).is_err());
        assert_eq!(
            target(&profile("dev"), None).expect("a name"),
            profile("dev-mfa")
        );
    }

    #[test]
    fn a_name_that_the_sdks_ignore_is_refused() {
        assert!(target(&profile("my dev"), None).is_err());
        assert_eq!(
            target(&profile("my dev"), Some(&profile("x"))).expect("a name"),
            profile("x")
        );
    }

    #[test]
    fn long_term_keys_and_other_ways_are_refused_even_with_force() {
        let keys = "[dev-mfa]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";
        assert!(refusal("", keys, true).is_some_and(|why| why.contains("long-term keys")));
        for setting in [
            "role_arn",
            "sso_session",
            "credential_process",
            "web_identity_token_file",
            "source_profile",
        ] {
            assert!(
                refusal(&format!("[profile dev-mfa]\n{setting} = x\n"), "", true).is_some(),
                "{setting}"
            );
        }
    }

    #[test]
    fn the_session_of_another_source_needs_force() {
        let session = "[dev-mfa]\naws_access_key_id = ASIAX\naws_session_token = t\nawsmfa_source_profile = prod\n";
        assert!(
            refusal("", session, false)
                .is_some_and(|why| why.contains("the session of profile prod"))
        );
        assert_eq!(refusal("", session, true), None);
    }

    #[test]
    fn a_session_of_any_tool_may_be_replaced() {
        assert_eq!(
            refusal(
                "[profile dev-mfa]\nregion = x\n",
                "[dev-mfa]\naws_access_key_id = ASIAX\naws_session_token = t\n",
                false
            ),
            None
        );
    }

    #[test]
    fn half_a_session_is_none() {
        let whole = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\n";
        let read = |section: &str| {
            usable(
                profiles("", &format!("[dev-mfa]\n{section}")),
                &profile("dev-mfa"),
                &profile("dev"),
            )
        };
        assert!(read(whole).is_some());
        for line in whole.lines() {
            assert!(read(&whole.replace(line, "")).is_none(), "without {line}");
        }
        assert!(read(&format!("{whole}awsmfa_source_profile = other\n")).is_none());
    }

    const DEV: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";
    const SESSION: &str = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T01:00:00Z\nawsmfa_source_profile = dev\n";

    #[test]
    fn an_expiry_that_no_tool_writes_is_not_known() {
        let expiration = |expiry: &str| {
            let text = format!(
                "[a]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nexpiration = {expiry}\n"
            );
            let read = SessionProfile::read(profiles("", &text), &profile("a"));
            read.expiration().map(expiry::format)
        };
        assert_eq!(
            expiration("2026-01-01 01:00:00+02:00").as_deref(),
            Some("2025-12-31T23:00:00Z")
        );
        assert_eq!(expiration("soon"), None);
    }

    #[test]
    fn long_term_keys_with_a_token_left_behind_are_no_session() {
        let text = format!("{DEV}aws_session_token = t\n");
        let read = SessionProfile::read(profiles("", &text), &profile("dev"));
        assert!(read.session().is_none());
    }

    #[test]
    fn a_session_that_lacks_a_key_is_absent_and_ends_never() {
        for gone in [
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
        ] {
            let text = format!("{DEV}[dev-mfa]\n{}", SESSION.replace(gone, "note"));
            let read = SessionProfile::read(profiles("", &text), &profile("dev-mfa"));
            assert!(read.session().is_none(), "{gone}");
            assert_eq!(read.expiration(), None, "{gone}");
        }
    }

    #[test]
    fn the_account_is_the_roles_before_the_devices() {
        let config = "[profile admin]\nrole_arn = arn:aws:iam::210987654321:role/admin\nsource_profile = dev\n";
        let text =
            format!("{DEV}[x]\n{SESSION}awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice\n");
        let account = |text: &str| {
            let read = SessionProfile::read(profiles(config, text), &profile("x"));
            read.made().account.clone()
        };
        assert_eq!(account(&text).as_deref(), Some("123456789012"));
        let role = text.replace(
            "awsmfa_source_profile = dev",
            "awsmfa_source_profile = admin",
        );
        assert_eq!(account(&role).as_deref(), Some("210987654321"));
    }
}
