//! Reads the session in a session profile, refuses profiles that must not be overwritten, and makes the
//! edits that store and remove a session. It touches no file.

use super::kind::is_session_of_keys;
use super::source::{profile_flag, session_profile_flag};
use super::{Kind, Profile, Profiles, Source, device, guard, maker, own_keys, setting};
use crate::exit::{Failure, Result};
use crate::ini::{Document, Edit};
use crate::value::maker::Verdict;
use crate::value::name::SUFFIX;
use crate::value::session::State;
use crate::value::{Arn, Lifetime, Made, Maker, ProfileName, Serial, Session, expiry};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

/// A profile that exists to hold a session, as the files show it.
#[derive(Clone, Debug)]
pub(crate) struct SessionProfile {
    /// The name of the profile.
    pub(crate) name: ProfileName,
    /// Its content.
    pub(crate) content: Content,
}

/// The content of a session profile.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// All three keys of a session.
    Session(Session),
    /// No session, or only part of one, with what the remaining settings tell about it.
    Absent(Made),
}

impl SessionProfile {
    /// Reads the profile `name`. A profile of another kind contains no session.
    pub(crate) fn read(profiles: Profiles<'_>, name: &ProfileName) -> Self {
        Self::of(profiles, &Profile::read(profiles, name))
    }

    /// Like [`Self::read`], for a profile that is already read.
    pub(crate) fn of(profiles: Profiles<'_>, profile: &Profile) -> Self {
        let name = &profile.name;
        let source = profile.session_of.clone();
        // Only for display, so an invalid serial counts as none.
        let device = device::named(profiles, name, setting::DEVICE)
            .ok()
            .flatten();
        let maker = maker::stored(profiles, name);
        let granted = profiles.get(name, setting::GRANTED);
        let made = Made {
            account: account(profiles, name, source.as_ref(), device.as_ref(), &maker),
            source,
            device,
            arn: None,
            by_awsmfa: profiles.get(name, setting::SOURCE).is_some(),
            maker,
            granted: granted.and_then(|text| text.parse().ok().map(Lifetime::seconds)),
        };
        // Invalid keys count as none, so they are renewed.
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

    /// How its session was made, as far as the settings tell.
    pub(crate) fn made(&self) -> &Made {
        match &self.content {
            Content::Session(session) => &session.made,
            Content::Absent(made) => made,
        }
    }

    /// The session, if there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.content {
            Content::Session(session) => Some(session),
            Content::Absent(_) => None,
        }
    }

    /// When the session ends, if there is one and the files tell.
    pub(crate) fn expiration(&self) -> Option<DateTime<Utc>> {
        self.session()?.expiration
    }

    /// The command that signs in to it again; `None` if the files don't tell its source.
    pub(crate) fn sign_in_command(&self) -> Option<String> {
        let source = self.made().source.as_ref()?;
        Some(sign_in_command(source, &self.name))
    }

    /// Says that it holds no session.
    pub(crate) fn not_signed_in(&self) -> String {
        format!("not signed in to {}", self.name)
    }

    /// Tells how to get a session into it.
    pub(crate) fn how_to_sign_in(&self) -> String {
        match self.sign_in_command() {
            Some(command) => format!("sign in with `{command}`"),
            None if self.name == ProfileName::default().session_profile() => {
                "sign in with `awsmfa login`".to_owned()
            }
            None => format!(
                "sign in with the profile that holds your long-term keys, and {}",
                session_profile_flag(&self.name)
            ),
        }
    }

    /// The state at `now`; a session with less than `margin` left counts as ending.
    pub(crate) fn state(&self, now: DateTime<Utc>, margin: Lifetime) -> State {
        self.session()
            .map_or(State::Absent, |session| session.state(now, margin))
    }
}

/// The command that makes a session of `source` in the session profile `target`.
pub(crate) fn sign_in_command(source: &ProfileName, target: &ProfileName) -> String {
    if *target == source.session_profile() {
        format!("awsmfa login {}", profile_flag(source))
    } else if *target == source.user_session_profile() {
        // The source may name a role too; the session profile of its keys means the keys.
        format!("awsmfa login {}", profile_flag(target))
    } else {
        let (from, to) = (profile_flag(source), session_profile_flag(target));
        format!("awsmfa login {from} {to}")
    }
}

/// The account of the session in `profile`: its own, whatever its source names now.
fn account(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: Option<&ProfileName>,
    device: Option<&Serial>,
    maker: &Maker,
) -> Option<String> {
    let stated = profiles.get(profile, setting::ACCOUNT_ID);
    let is_account = |text: &String| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(account) = stated.filter(is_account) {
        return Some(account);
    }
    if let Some(role) = &maker.role {
        return role.arn.parse::<Arn>().ok()?.account().map(str::to_owned);
    }
    // A device is in the user's account, but the role of such a session may be in any account.
    let is_role = |source| {
        matches!(Profile::read(profiles, source).kind, Kind::Role(_))
            && !is_session_of_keys(profiles, profile, source)
    };
    if maker.origin.is_none() && source.is_some_and(is_role) {
        return None;
    }
    device?.account().map(str::to_owned)
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

/// Why a sign-in can't keep the content of a session profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no complete session.
    Nothing,
    /// The session says that another source or another maker made it.
    Anothers,
    /// The session has no end in the form that awsmfa writes.
    WithoutEnd,
}

/// The session in `profile`, if a sign-in of `source` by `maker` may keep it while it lasts.
pub(crate) fn usable(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    source: &ProfileName,
    maker: &Maker,
) -> Result<Session, Unusable> {
    let Content::Session(session) = SessionProfile::read(profiles, profile).content else {
        return Err(Unusable::Nothing);
    };
    let is_its = !session.made.by_awsmfa || session.made.source.as_ref() == Some(source);
    if !is_its || session.made.maker.compare(maker) == Verdict::Another {
        return Err(Unusable::Anothers);
    }
    // Other tools' times without a zone have to be guessed, which is only good enough for display.
    let end = profiles.get(profile, setting::EXPIRES);
    match end.and_then(|end| expiry::parse(&end)) {
        None => Err(Unusable::WithoutEnd),
        Some(_) => Ok(session),
    }
}

/// The profile that a session of `source` goes to: `asked_for` (from `--session-profile` or its
/// variable), else the session profile that was named, else that of the keys of a role profile, else the
/// usual one.
///
/// Refuses the source itself, and a name that the AWS SDKs would not read.
pub(crate) fn target(
    profiles: Profiles<'_>,
    source: &Source,
    asked_for: Option<&ProfileName>,
) -> Result<ProfileName> {
    let chosen = asked_for
        .or(source.named.as_ref())
        .or(source.session_profile.as_ref());
    let name = match chosen {
        Some(name) => name.clone(),
        None => usual(profiles, &source.profile)?,
    };
    let source = &source.profile;
    if name == *source {
        return Err(Failure::failed(format!(
            "the session can't go to profile {name}: it holds the long-term keys the session is made with"
        ))
        .hint(format!(
            "leave out --session-profile to write to {}",
            source.session_profile()
        )));
    }
    if !name.is_read_by_all() {
        return Err(unreadable(name.as_str()));
    }
    Ok(name)
}

/// How to choose a name that all tools read.
const CHOOSE: &str = "choose one with --session-profile: letters, digits and _ - / . % @ : +";

/// The profile that a session of `source` goes to if no other is chosen. If some tools would not read
/// NAME-mfa, it is a similar name that all read, unless that belongs to another profile.
pub(crate) fn usual(profiles: Profiles<'_>, source: &ProfileName) -> Result<ProfileName> {
    let has_word = |name: &ProfileName| name.as_str().contains(|c: char| c.is_ascii_alphanumeric());
    match source.stand_in() {
        Some(other) if profiles.contains(&other) => Err(Failure::failed(format!(
            "the session of profile `{source}` has no name of its own: the AWS SDKs don't read a profile named `{source}{SUFFIX}`, and {} is for the session of profile {other}",
            source.session_profile()
        ))
        .hint(CHOOSE)),
        Some(other) if !has_word(&other) => Err(unreadable(&format!("{source}{SUFFIX}"))),
        _ => Ok(source.session_profile()),
    }
}

fn unreadable(name: &str) -> Failure {
    Failure::failed(format!(
        "the session can't go to profile `{name}`: the AWS SDKs don't read a profile of that name"
    ))
    .hint(CHOOSE)
}

/// Refuses to write to `profile` if that would destroy something of the user's: long-term keys, a
/// profile that gets credentials some other way, or (without `force`) another source's session.
///
/// Checked before a code is spent, and again under the lock for the edit.
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

/// Refuses if the session of the keys of `source` can't go to `target`, which is not the usual profile
/// because `source` also names a role.
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
            "profile {source} holds keys and names a role, so the session of its keys goes to {target}: move the keys to a profile of their own and set source_profile to that"
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
    let marks = maker::settings(&made.maker);
    let granted = made.granted.map(|granted| granted.as_seconds().to_string());
    // Settings that an earlier session or another tool left, which would be wrong for this session.
    let stale = setting::EXPIRIES
        .into_iter()
        .filter(|name| *name != setting::EXPIRES)
        .chain([setting::SECURITY_TOKEN, setting::CREDENTIAL_SCOPE]);
    Edit {
        section: profile.to_string(),
        changes: [
            change(setting::ACCESS_KEY_ID, Some(keys.access_key_id.clone())),
            change(
                setting::SECRET_ACCESS_KEY,
                Some(keys.secret_access_key.expose_secret().to_owned()),
            ),
            change(
                setting::SESSION_TOKEN,
                token.map(|token| token.expose_secret().to_owned()),
            ),
            change(setting::ACCOUNT_ID, made.account.clone()),
            change(setting::EXPIRES, expiration.map(expiry::format)),
            change(
                setting::SOURCE,
                made.source.as_ref().map(ToString::to_string),
            ),
            change(
                setting::DEVICE,
                made.device.as_ref().map(ToString::to_string),
            ),
        ]
        .into_iter()
        .chain(marks.map(|(setting, value)| change(setting, value)))
        .chain([change(setting::GRANTED, granted)])
        .chain(stale.map(|setting| change(setting, None)))
        .collect(),
    }
}

/// The edit that removes the session from a section of either file; `None` if there is nothing of a
/// session. Anything the user added to the section stays.
pub(crate) fn removal(document: &Document, section: String) -> Option<Edit> {
    let is_there = |setting: &&str| document.occurrences(&section, setting).next().is_some();
    let changes: Vec<_> = setting::of_a_session()
        .filter(is_there)
        .map(|setting| (setting.to_owned(), None))
        .collect();
    let is_part = |(setting, _): &(String, _)| setting::makes_a_session(setting);
    changes
        .iter()
        .any(is_part)
        .then_some(Edit { section, changes })
}

#[cfg(test)]
mod tests {
    use super::super::Source;
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

    fn target_of(files: &str, named: Option<&str>, asked_for: Option<&str>) -> Result<ProfileName> {
        let files = profiles("", files);
        let source = Source::resolve(files, named.map(profile).as_ref(), None)?;
        target(files, &source, asked_for.map(profile).as_ref())
    }

    #[test]
    fn the_source_is_never_the_target() {
        assert!(target_of(DEV, Some("dev"), Some("dev")).is_err());
        let usual = target_of(DEV, Some("dev"), None);
        assert_eq!(usual.expect("a name"), profile("dev-mfa"));
    }

    #[test]
    fn a_named_session_profile_is_the_target_again() {
        let session = |name: &str| format!("{DEV}[{name}]\n{SESSION}");
        for (files, named, asked_for, expected) in [
            (session("work"), Some("work"), None, "work"),
            (session("work"), Some("work"), Some("x"), "x"),
            (session("work"), Some("dev"), None, "dev-mfa"),
            (session("dev-mfa"), Some("dev-mfa"), None, "dev-mfa"),
            (session("default"), None, None, "default"),
            (session("default"), Some("default"), None, "default"),
            (session("default"), None, Some("x"), "x"),
            // A profile with credentials of its own can't take a session, and means itself.
            (
                format!("{DEV}awsmfa_source_profile = dev\n"),
                Some("dev"),
                None,
                "dev-mfa",
            ),
            (
                format!("{DEV}[x]\ncredential_process = vault\nawsmfa_source_profile = dev\n"),
                Some("x"),
                None,
                "x-mfa",
            ),
        ] {
            let target = target_of(&files, named, asked_for);
            assert_eq!(
                target.expect("a name"),
                profile(expected),
                "{files}{named:?}"
            );
        }
    }

    #[test]
    fn a_name_that_the_sdks_ignore_is_replaced_by_one_that_they_read() {
        let named = |name: &str, others: &str, asked_for| {
            let files = format!("{}{others}", DEV.replace("dev", name));
            target_of(&files, Some(name), asked_for).ok()
        };
        assert_eq!(named("my dev", "", None), Some(profile("my-dev-mfa")));
        assert_eq!(named("zo\u{eb}", "", None), Some(profile("zo--mfa")));
        assert_eq!(named("my dev", "[my-dev]\n", None), None);
        assert_eq!(named("my dev", "[my-dev]\n", Some("x")), Some(profile("x")));
        assert_eq!(named("\u{eb}", "", None), None);
        assert_eq!(named("my dev", "", Some("your dev")), None);
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
    fn half_a_session_is_not_a_session() {
        let whole = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T00:00:00Z\n";
        let read = |section: &str| {
            usable(
                profiles("", &format!("[dev-mfa]\n{section}")),
                &profile("dev-mfa"),
                &profile("dev"),
                &Maker::default(),
            )
        };
        assert!(read(whole).is_ok());
        for line in whole.lines() {
            let why = match line.starts_with("x_security") {
                true => Unusable::WithoutEnd,
                false => Unusable::Nothing,
            };
            let read = read(&whole.replace(line, ""));
            assert_eq!(read.err(), Some(why), "without {line}");
        }
        let others = read(&format!("{whole}awsmfa_source_profile = other\n"));
        assert_eq!(others.err(), Some(Unusable::Anothers));
    }

    const DEV: &str = "[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";
    const SESSION: &str = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2026-01-01T01:00:00Z\nawsmfa_source_profile = dev\n";

    #[test]
    fn an_expiry_in_a_form_that_no_tool_writes_is_unknown() {
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
    fn only_what_awsume_wrote_ends_by_the_clock_on_the_wall() {
        let ends = |mark: &str| {
            let text = format!("[a]\n{}{mark}", SESSION.replace("T01:00:00Z", " 01:00:00"));
            let credentials = Document::parse(&*text);
            let config = Document::parse("");
            let files = Profiles::new(&config, &credentials, |at| {
                Some(at.and_utc() - chrono::TimeDelta::hours(2))
            });
            let read = SessionProfile::read(files, &profile("a"));
            read.expiration().map(expiry::format)
        };
        for (mark, expected) in [
            ("manager = awsume\n", "2025-12-31T23:00:00Z"),
            ("autoawsume = true\n", "2025-12-31T23:00:00Z"),
            ("manager = another\n", "2026-01-01T01:00:00Z"),
            ("", "2026-01-01T01:00:00Z"),
        ] {
            assert_eq!(ends(mark).as_deref(), Some(expected), "{mark}");
        }
    }

    #[test]
    fn long_term_keys_with_a_leftover_token_are_not_a_session() {
        let text = format!("{DEV}aws_session_token = t\n");
        let read = SessionProfile::read(profiles("", &text), &profile("dev"));
        assert!(read.session().is_none());
    }

    #[test]
    fn a_session_that_lacks_a_key_is_absent_and_has_no_end() {
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
    fn the_account_is_that_of_the_session_whatever_its_source_names_now() {
        let config = "[profile admin]\nrole_arn = arn:aws:iam::210987654321:role/admin\nsource_profile = dev\n";
        let device = "awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice\n";
        let role = "awsmfa_role_arn = arn:aws:iam::333333333333:role/old\n";
        let key = "awsmfa_access_key_id = AKIAX\n";
        let own = "aws_account_id = 444444444444\n";
        for (source, lines, account) in [
            ("dev", [device, "", ""], Some("123456789012")),
            ("dev", [device, key, ""], Some("123456789012")),
            ("dev", [device, key, own], Some("444444444444")),
            ("dev", [device, role, ""], Some("333333333333")),
            ("admin", [device, role, key], Some("333333333333")),
            ("admin", [device, key, ""], Some("123456789012")),
            ("admin", [device, "", own], Some("444444444444")),
            ("admin", [device, "", "aws_account_id = all\n"], None),
            (
                "admin",
                [device, "", "aws_account_id = 44444444444\n"],
                None,
            ),
            (
                "admin",
                [device, "", "aws_account_id = to be found\n"],
                None,
            ),
            ("admin", [device, "", ""], None),
            ("dev", ["", key, ""], None),
        ] {
            let session = SESSION.replace("= dev", &format!("= {source}"));
            let text = format!("{DEV}[x]\n{session}{}", lines.concat());
            let read = SessionProfile::read(profiles(config, &text), &profile("x"));
            assert_eq!(
                read.made().account.as_deref(),
                account,
                "{source} {lines:?}"
            );
        }
    }

    #[test]
    fn a_session_of_another_maker_is_not_usable_but_one_of_an_unknown_maker_is() {
        let config = "[profile admin]\nrole_arn = arn:aws:iam::210987654321:role/admin\nsource_profile = dev\n";
        let usable_of = |source: &str, marks: &str| {
            let session = SESSION.replace("= dev", &format!("= {source}"));
            let files = profiles(config, &format!("{DEV}[x]\n{session}{marks}"));
            let source = Source::of(files, &Profile::read(files, &profile(source)));
            let source = source.expect("a source");
            let maker = maker::of(files, &source);
            usable(files, &profile("x"), &source.profile, &maker).is_ok()
        };
        let own = |source: &str| {
            let files = profiles(config, DEV);
            let source = Source::of(files, &Profile::read(files, &profile(source)));
            let maker = maker::of(files, &source.expect("a source"));
            let lines = maker::settings(&maker);
            let lines = lines
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)));
            lines
                .map(|(key, value)| format!("{key} = {value}\n"))
                .collect::<String>()
        };
        for source in ["dev", "admin"] {
            let own = own(source);
            assert!(usable_of(source, &own), "{own}");
            assert!(usable_of(source, ""));
            for (old, new) in [
                ("= AKIAX", "= AKIAY"),
                ("_id =", "_idea ="),
                ("hash = ", "hash = 0"),
            ] {
                let other = own.replace(old, new);
                let is_kept = other == own || (source, old) == ("dev", "_id =");
                // If the keys behind a role are unknown, the session is kept as long as the role is the
                // same.
                let is_kept = is_kept || (source, old) == ("admin", "_id =");
                assert_eq!(usable_of(source, &other), is_kept, "{other}");
            }
        }
        assert!(!usable_of("dev", &own("admin")) && !usable_of("admin", &own("dev")));
    }

    #[test]
    fn the_sign_in_command_depends_on_what_the_files_know() {
        let told = |credentials: &str, name: &str| {
            SessionProfile::read(profiles("", credentials), &profile(name)).how_to_sign_in()
        };
        let session = format!("{DEV}[work]\n{SESSION}");
        assert_eq!(
            told(&session, "work"),
            "sign in with `awsmfa login --profile dev --session-profile work`"
        );
        assert_eq!(told("", "default-mfa"), "sign in with `awsmfa login`");
        let unknown = told("", "work");
        assert!(unknown.ends_with("--session-profile work"), "{unknown}");
    }

    #[test]
    fn the_session_of_keys_next_to_a_role_never_replaces_another_one() {
        let check = |credentials: &str, target: &str| {
            let files = profiles("", credentials);
            check_user_session(files, &profile(target), &profile("dev"))
        };
        assert!(check("", "dev-user-mfa").is_ok());
        let other = "[dev-user]\nregion = r\n";
        assert!(check(other, "dev-mfa").is_ok() && check(other, "work").is_ok());
        let failure = check(other, "dev-user-mfa").expect_err("it is another's");
        let said =
            "profile dev-user-mfa is not overwritten: it is for the session of profile dev-user";
        assert_eq!(failure.message, said);
        let keys = "[dev-user-mfa]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n";
        let failure = check(keys, "dev-user-mfa").expect_err("it holds keys");
        let hint = failure.hint.unwrap_or_default();
        assert!(
            hint.starts_with("profile dev holds keys and names a role"),
            "{hint}"
        );
    }

    #[test]
    fn an_edit_sets_when_the_session_ends_and_removes_every_other_expiry() {
        let files = profiles("", &format!("{DEV}[dev-mfa]\n{SESSION}"));
        let stored = SessionProfile::read(files, &profile("dev-mfa"));
        let session = stored.session().expect("a session");
        let edit = edit(&profile("dev-mfa"), session);
        let last = |setting: &str| {
            let mut changes = edit.changes.iter().rev();
            let (_, value) = changes.find(|(name, _)| name == setting).expect(setting);
            value.clone()
        };
        let end = session.expiration.map(expiry::format);
        assert!(end.is_some());
        for setting in setting::EXPIRIES {
            let expected = end.clone().filter(|_| setting == setting::EXPIRES);
            assert_eq!(last(setting), expected, "{setting}");
        }
        assert_eq!(last(setting::SECURITY_TOKEN), None);
    }

    #[test]
    fn a_removal_takes_all_of_a_session_and_nothing_if_there_is_none() {
        let text = format!("[dev-mfa]\n{SESSION}region = r\naws_account_id = 1\n");
        let document = Document::parse(text);
        let edit = removal(&document, "dev-mfa".to_owned()).expect("there is one");
        let mut keys: Vec<&str> = edit.changes.iter().map(|it| &*it.0).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "aws_access_key_id",
                "aws_account_id",
                "aws_secret_access_key",
                "aws_session_token",
                "awsmfa_source_profile",
                "x_security_token_expires"
            ]
        );
        assert!(edit.changes.iter().all(|it| it.1.is_none()));
        // Settings that only describe a session don't make one.
        for text in [
            "",
            "[dev-mfa]\naws_account_id = 1\nexpiration = x\nregion = r\n",
        ] {
            let document = Document::parse(text);
            assert!(removal(&document, "dev-mfa".to_owned()).is_none(), "{text}");
        }
    }
}
