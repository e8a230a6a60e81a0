//! Finds what of the user's an edit of a session or of keys would take with it, in whichever file and
//! section it stands: one guard for those who store a session or keys and those who remove a session. It
//! makes no edit.

use super::place::Place;
use super::{Profiles, setting};
use crate::ini::{Document, FileKind, is_space_to_some};
use crate::value::keys::{KeyKind, can_be_id};
use crate::value::{Keys, ProfileName};
use secrecy::ExposeSecret as _;
use std::fmt;

/// What must not be lost. As text it goes on with `profile dev-mfa is left unchanged: `.
pub(crate) enum Obstacle {
    /// A pair of keys, or half of one, that is no session's, hidden by a later line or not.
    LongTermKeys(Place),
    /// An access key of which nobody can tell whose it is: AWS's begin with `AKIA` or `ASIA`.
    UnknownKey(Place),
    /// A line that is a session's key to some readers, which drop more around it than others.
    OddKey(&'static str, Place),
    /// A line that starts with white space, and may be a key or a header to one reader and a part of a
    /// value to another.
    LooseLine(Place),
    /// A line that the SDKs read as part of a session's key, and people as a setting of its own.
    LineBelow(&'static str, Place),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongTermKeys(place) => write!(out, "it holds long-term keys ({place})"),
            Self::UnknownKey(place) => write!(
                out,
                "it holds an access key that is not a session's (those begin with ASIA; {place})"
            ),
            Self::OddKey(key, place) => write!(
                out,
                "{place} has an unusual character next to {key}, so only some tools recognize it"
            ),
            Self::LooseLine(place) => write!(
                out,
                "{place} starts with a space, and tools disagree on what the line means"
            ),
            Self::LineBelow(key, place) => write!(
                out,
                "{place} is indented, so it belongs to {key} above it and would be lost"
            ),
        }
    }
}

impl Obstacle {
    /// Whether it is a pair of keys, or half of one.
    pub(crate) fn is_keys(&self) -> bool {
        matches!(self, Self::LongTermKeys(_) | Self::UnknownKey(_))
    }

    /// What a person can do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::LongTermKeys(_) | Self::UnknownKey(_) => {
                "move those keys to a profile of their own, or remove that line"
            }
            Self::OddKey(..) => "retype that line",
            Self::LooseLine(_) | Self::LineBelow(..) => {
                "remove the spaces in front of it, or remove the line"
            }
        }
    }
}

/// The first thing that is in the way of replacing or removing the session in `profile`.
pub(crate) fn obstacle(profiles: Profiles<'_>, profile: &ProfileName) -> Option<Obstacle> {
    let places = || profiles.places(profile);
    let keys = places().find_map(|(file, document, section)| key(file, document, &section));
    keys.or_else(|| lone_secret(profiles, profile))
        .or_else(|| places().find_map(|(file, document, section)| odd(file, document, &section)))
        .or_else(|| places().find_map(|(file, document, section)| below(file, document, &section)))
}

/// The first thing that is in the way of storing long-term keys in `profile` that holds `keys`, or parts of
/// them: others, hidden by a later line or not. Where no keys are given, lines alone that tools read in
/// different ways.
pub(crate) fn obstacle_to_keys(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    keys: &[&Keys],
) -> Option<Obstacle> {
    let places = || profiles.places(profile);
    let id = |keys: &Keys, value: &str| keys.access_key_id == value;
    let secret = |keys: &Keys, value: &str| keys.secret_access_key.expose_secret() == value;
    type IsIt = fn(&Keys, &str) -> bool;
    let parts: [(&str, IsIt); 2] = [
        (setting::ACCESS_KEY_ID, id),
        (setting::SECRET_ACCESS_KEY, secret),
    ];
    let others = (!keys.is_empty()).then(|| {
        places().find_map(|(file, document, section)| {
            parts.iter().find_map(|(part, is_it)| {
                let is_other =
                    |value: &str| !value.is_empty() && !keys.iter().any(|keys| is_it(keys, value));
                let mut occurrences = document.occurrences(&section, part);
                let other = occurrences.find(|it| is_other(it.value().trim()))?;
                let line = other.line();
                Some(Obstacle::LongTermKeys(Place { file, line }))
            })
        })
    });
    others
        .flatten()
        .or_else(|| places().find_map(|(file, document, section)| odd(file, document, &section)))
        .or_else(|| places().find_map(|(file, document, section)| below(file, document, &section)))
}

/// An access key in a section that is no session's.
fn key(file: FileKind, document: &Document, section: &str) -> Option<Obstacle> {
    let ids = || document.occurrences(section, setting::ACCESS_KEY_ID);
    let is_stated = |key| document.get(section, key).is_some_and(|it| !it.is_empty());
    // What stands in for AWS on a developer's machine has ids of its own; awsmfa has marked the
    // session that it got there.
    let is_ours = |id: &str| can_be_id(id) && is_stated(setting::SOURCE) && ids().count() == 1;
    ids().find_map(|id| {
        let place = || Place {
            file,
            line: id.line(),
        };
        let value = id.value();
        match KeyKind::of(value.trim_start()) {
            _ if value.is_empty() => None,
            KeyKind::Session => None,
            KeyKind::LongTerm => Some(Obstacle::LongTermKeys(place())),
            KeyKind::Unknown if is_stated(setting::SESSION_TOKEN) => {
                (!is_ours(&value)).then(|| Obstacle::UnknownKey(place()))
            }
            KeyKind::Unknown => Some(Obstacle::LongTermKeys(place())),
        }
    })
}

/// A secret that no access key in the profile's sections can belong to: there are more of them. A login
/// writes both to the credentials file, so one in the config file needs an access key there: else it would
/// be alone from then on, and the next login and the logout be refused.
fn lone_secret(profiles: Profiles<'_>, profile: &ProfileName) -> Option<Obstacle> {
    let lone = |only: Option<FileKind>| {
        let mut odd = None;
        let (mut ids, mut secrets) = (0, 0);
        let places = profiles.places(profile);
        for (file, document, section) in places.filter(|it| only.is_none_or(|only| it.0 == only)) {
            let stated = |key| {
                let occurrences = document.occurrences(&section, key);
                occurrences.filter(|it| !it.value().is_empty())
            };
            let ids_here = stated(setting::ACCESS_KEY_ID).count();
            let secrets_here = stated(setting::SECRET_ACCESS_KEY).count();
            if secrets_here > ids_here {
                odd = odd.or_else(|| {
                    let line = stated(setting::SECRET_ACCESS_KEY).next()?.line();
                    Some(Place { file, line })
                });
            }
            ids += ids_here;
            secrets += secrets_here;
        }
        odd.filter(|_| secrets > ids)
    };
    let place = lone(Some(FileKind::Config)).or_else(|| lone(None))?;
    Some(Obstacle::LongTermKeys(place))
}

/// A line that is a key to some readers only. Where it is one of a session's, that key would be there
/// twice when it is written beside it, and still be there when it has been removed.
fn odd(file: FileKind, document: &Document, section: &str) -> Option<Obstacle> {
    let is_ours = |found: &str| setting::of_a_session().any(|key| key == found);
    let loose = document.loose_line(section, is_ours);
    let loose = loose.map(|line| Obstacle::LooseLine(Place { file, line }));
    loose.or_else(|| {
        document.keys(section).find_map(|found| {
            // botocore ends a key at a colon.
            let bare = found.split(':').next()?.trim_matches(is_space_to_some);
            let key = setting::of_a_session().find(|key| *key == bare && *key != found)?;
            let line = document.occurrences(section, &found).next()?.line();
            Some(Obstacle::OddKey(key, Place { file, line }))
        })
    })
}

/// A line below one of the keys of a session.
fn below(file: FileKind, document: &Document, section: &str) -> Option<Obstacle> {
    let mut keys = setting::of_a_session().chain([setting::COPIED]);
    keys.find_map(|key| {
        let mut occurrences = document.occurrences(section, key);
        let line = occurrences.find_map(|occurrence| occurrence.line_below())?;
        Some(Obstacle::LineBelow(key, Place { file, line }))
    })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::obstacle;

    const SESSION: &str =
        "aws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n";

    /// What is in the way of `profile`, if anything.
    fn found_in(config: &str, credentials: &str, profile: &str) -> Option<String> {
        obstacle(profiles(config, credentials), &name(profile)).map(|it| it.to_string())
    }

    fn found(credentials: &str) -> Option<String> {
        found_in("", credentials, "a")
    }

    #[test]
    fn a_session_and_nothing_are_in_nobodys_way() {
        for credentials in [
            String::new(),
            "[a]\n".to_owned(),
            format!("[a]\n{SESSION}"),
            format!("[a]\n{SESSION}[a]\n{SESSION}"),
            format!("[a]\naws_access_key_id =\naws_secret_access_key =\n{SESSION}"),
            format!("[a]\n{SESSION}region = r\n  # c\n[b]\naws_access_key_id = AKIA1\n"),
            "[a]\naws_access_key_id = ASIA1 # c\n  ; c\n\n".to_owned(),
            "[a]\naws_access_key_id = LOCAL\naws_session_token = t\nawsmfa_source_profile = b\n"
                .to_owned(),
        ] {
            assert_eq!(found(&credentials), None, "{credentials:?}");
        }
        let config = "[profile a]\nregion = r\ns3 =\n  x = 1\nregion:x = 2\n[default]\naws_access_key_id = AKIA1\n";
        assert_eq!(found_in(config, "", "a"), None);
    }

    #[test]
    fn long_term_keys_are_found_wherever_they_stand() {
        let told = |line, file| {
            Some(format!(
                "it holds long-term keys (line {line} of the {file} file)"
            ))
        };
        for (credentials, line) in [
            ("[a]\naws_access_key_id = AKIA1\n", 2),
            ("[a]\naws_access_key_id =\n  AKIA1\n", 2),
            ("[a]\naws_access_key_id = other\n", 2),
            ("[a]\naws_secret_access_key = s\n", 2),
            (
                "[a]\naws_access_key_id = AKIA1\n[a]\naws_access_key_id = ASIA1\n",
                2,
            ),
            (
                "[a]\naws_access_key_id = ASIA1\nAWS_ACCESS_KEY_ID = AKIA1\n",
                3,
            ),
            (
                "[a]\naws_access_key_id = ASIA1\naws_secret_access_key = s\n[ a ]\naws_secret_access_key = s\n",
                3,
            ),
        ] {
            assert_eq!(
                found(credentials),
                told(line, "credentials"),
                "{credentials:?}"
            );
        }
        let session = format!("[a]\n{SESSION}");
        let config = "[profile a]\naws_secret_access_key = s\n";
        assert_eq!(found_in(config, &session, "a"), told(2, "config"));
        // A pair that is spread over both files is one.
        let (id, rest) = SESSION.split_once('\n').expect("three lines");
        let config = format!("[profile a]\n{id}\n");
        assert_eq!(found_in(&config, &format!("[a]\n{rest}"), "a"), None);
        // The other way round the secret would be alone after the next login.
        let config = "[profile a]\naws_secret_access_key = s\naws_session_token = t\n";
        let found = found_in(config, "[a]\naws_access_key_id = ASIA1\n", "a");
        assert_eq!(found, told(2, "config"));
        let config = "[default]\naws_access_key_id = AKIA1\n[profile default]\nregion = r\n";
        assert_eq!(found_in(config, "", "default"), told(2, "config"));
        assert_eq!(found_in(config, "", "a"), None);
    }

    #[test]
    fn an_access_key_of_nobody_knows_whom_is_found_unless_awsmfa_marked_it() {
        let pair =
            "[a]\naws_access_key_id = LOCAL\naws_secret_access_key = s\naws_session_token = t\n";
        let marked = format!("{pair}awsmfa_source_profile = b\n");
        assert_eq!(found(&marked), None);
        // Whatever a login takes for an id, a renewal and a logout take for one.
        assert_eq!(found(&marked.replace("LOCAL", "lo-c.a_l")), None);
        for credentials in [
            pair.to_owned(),
            format!("{pair}awsmfa_source_profile =\n"),
            format!("{marked}[a]\n{SESSION}"),
            marked.replace("LOCAL", "%(x)s ASIA1"),
            marked.replace("LOCAL", "LO*CAL"),
            marked.replace("LOCAL", "${LOCAL}"),
        ] {
            let told = found(&credentials).unwrap_or_default();
            assert!(told.contains("not a session's"), "{told}");
            assert!(told.contains("line 2 of the credentials file)"), "{told}");
        }
    }

    #[test]
    fn lines_that_readers_take_for_different_things_are_found() {
        for (credentials, told) in [
            (
                "[a]\naws_session_token = t\n  x = 1\n",
                "line 3 of the credentials file is indented, so it belongs to aws_session_token",
            ),
            (
                "[a]\naws_session_token = t\n  # c\n\n  x\n",
                "line 5 of the credentials file is indented, so it belongs to aws_session_token",
            ),
            (
                "[a]\nawsmfa_copied = x\n  x\n",
                "line 3 of the credentials file is indented, so it belongs to awsmfa_copied",
            ),
            (
                "[a]\nregion = r\n  [b] ; c\n",
                "line 3 of the credentials file starts with a space",
            ),
            (
                "[a]\n  region = r\n[a]\n",
                "line 2 of the credentials file starts with a space",
            ),
            (
                "[a]\n  x = 1\n    aws_session_token = t\n",
                "line 3 of the credentials file starts with a space",
            ),
            (
                "[a]\n  x = 1\n\u{a0}\u{a0}y = 1\n",
                "line 3 of the credentials file starts with a space",
            ),
            (
                "[a]\n  aws_session_token = t\n    x = 1\n",
                "line 3 of the credentials file is indented, so it belongs to aws_session_token",
            ),
            (
                "[a]\n\u{a0}aws_session_token = t\n",
                "line 2 of the credentials file starts with a space",
            ),
            (
                "[a]\nexpiration\u{1e}= t\n",
                "line 2 of the credentials file has an unusual character next to expiration",
            ),
            (
                "[a]\naws_security_token:x = t\n",
                "line 2 of the credentials file has an unusual character next to aws_security_token",
            ),
        ] {
            let found = found(credentials).unwrap_or_default();
            assert!(found.starts_with(told), "{credentials:?}: {found}");
        }
        for credentials in [
            "[a]\n  # c\n",
            "[a]\n  region = r\n",
            "  [a]\n\tregion = r\n  x = 1\n",
        ] {
            assert_eq!(found(credentials), None, "{credentials:?}");
        }
    }

    #[test]
    fn what_to_do_is_told_by_what_is_in_the_way() {
        let keys = "move those keys to a profile of their own, or remove that line";
        let spaces = "remove the spaces in front of it, or remove the line";
        for (credentials, is_keys, hint) in [
            ("[a]\naws_access_key_id = AKIA1\n", true, keys),
            (
                "[a]\naws_access_key_id = LOCAL\naws_secret_access_key = s\naws_session_token = t\n",
                true,
                keys,
            ),
            ("[a]\nexpiration\u{1e}= t\n", false, "retype that line"),
            ("[a]\nregion = r\n  [b] ; c\n", false, spaces),
            ("[a]\naws_session_token = t\n  x = 1\n", false, spaces),
        ] {
            let found = obstacle(profiles("", credentials), &name("a")).expect(credentials);
            assert_eq!(
                (found.is_keys(), found.hint()),
                (is_keys, hint),
                "{credentials}"
            );
        }
    }
}
