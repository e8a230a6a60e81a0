//! Holds a set of AWS keys in memory: hidden from debug output, zeroed when dropped. It never reads
//! or writes them.

use std::fmt;

use crate::text::{escape, is_one_word};
use secrecy::{ExposeSecret as _, SecretString};

/// An access key, and the session token when the keys are temporary.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The id of the access key; not a secret.
    pub(crate) access_key_id: String,
    /// The secret access key.
    pub(crate) secret_access_key: SecretString,
    /// Present on temporary keys only.
    pub(crate) session_token: Option<SecretString>,
}

/// What the id of an access key tells of it.
///
/// Source: IAM User Guide, "IAM identifiers", unique ID prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// An IAM user's or the root user's: `AKIA…`.
    LongTerm,
    /// A session's: `ASIA…`.
    Session,
    /// Not AWS's, as a local stand-in may hand out.
    Unknown,
}

impl KeyKind {
    /// The kind of the access key with this `id`.
    pub(crate) fn of(id: &str) -> Self {
        match id.get(..4) {
            Some("AKIA") => Self::LongTerm,
            Some("ASIA") => Self::Session,
            _ => Self::Unknown,
        }
    }
}

impl Keys {
    /// The first part that holds a character which none of AWS's keys has, and which a request can't
    /// carry: a line end, a space, anything but printable ASCII.
    pub(crate) fn unfit_part(&self) -> Option<&'static str> {
        let secret = self.secret_access_key.expose_secret();
        let token = self
            .session_token
            .as_ref()
            .map_or("", |it| it.expose_secret());
        [
            ("access key id", self.access_key_id.as_str()),
            ("secret access key", secret),
            ("session token", token),
        ]
        .into_iter()
        .find_map(|(name, part)| (!is_one_word(part)).then_some(name))
    }

    /// Whether they are a session's.
    pub(crate) fn is_temporary(&self) -> bool {
        self.session_token.is_some()
    }
}

/// An access key's id as a message shows it: only its first letters when it looks like something
/// else, because people paste the secret into the wrong line.
pub(crate) fn shown_id(id: &str) -> String {
    if id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        id.to_owned()
    } else {
        let start: String = id.chars().take(4).collect();
        format!("{}…", escape(&start))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .field("temporary", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_place_of_the_id_is_not_shown() {
        assert_eq!(shown_id("AKIAEXAMPLE"), "AKIAEXAMPLE");
        assert_eq!(shown_id("wJalrXUtnFEMI/K7MDENG"), "wJal…");
        assert_eq!(shown_id("a\nbcdefgh"), "a\\nbc…");
    }

    #[test]
    fn what_no_request_can_carry_is_found_in_each_part() {
        let unfit = |id: &str, secret: &str, token: &str| {
            let keys = Keys {
                access_key_id: id.into(),
                secret_access_key: secret.into(),
                session_token: Some(token.into()),
            };
            keys.unfit_part()
        };
        assert_eq!(unfit("AKIA", "s/+=", "t==~!"), None);
        for odd in ["a b", "a\n", "\t", "\u{e9}", "\u{0}", "\u{7f}"] {
            assert_eq!(unfit(odd, "s", "t"), Some("access key id"));
            assert_eq!(unfit("A", odd, "t"), Some("secret access key"));
            assert_eq!(unfit("A", "s", odd), Some("session token"));
        }
    }

    #[test]
    fn debug_output_shows_neither_secret_nor_token() {
        let keys = Keys {
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: SecretString::from("hush-secret"),
            session_token: Some(SecretString::from("hush-token")),
        };
        let shown = format!("{keys:?} {keys:#?}");
        assert!(shown.contains("AKIAEXAMPLE"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}
