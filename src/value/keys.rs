//! Holds a set of AWS keys in memory: hidden from debug output, zeroed when dropped. It never reads or
//! writes files.

use std::fmt;

use crate::text::escape;
use secrecy::{ExposeSecret as _, SecretString};

/// An access key, with the session token if it is temporary.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The id of the access key; not a secret.
    pub(crate) access_key_id: String,
    /// The secret access key.
    pub(crate) secret_access_key: SecretString,
    /// Present on temporary keys only.
    pub(crate) session_token: Option<SecretString>,
}

/// The kind of an access key, as its id reveals it.
///
/// Source: IAM User Guide, "IAM identifiers", unique ID prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// An IAM user's or the root user's: `AKIA…`.
    LongTerm,
    /// A session's: `ASIA…`.
    Session,
    /// Not issued by AWS: a local stand-in's.
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

/// A part of a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Id,
    Secret,
    Token,
}

impl Part {
    /// Its name in messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Id => "access key id",
            Self::Secret => "secret access key",
            Self::Token => "session token",
        }
    }
}

/// Why a text can't be part of a key. Holds none of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Empty, or only white space.
    Empty,
    /// A quotation mark at one end: a shell would have removed it, a file keeps it.
    Quoted,
    /// `$NAME`, `${NAME}`, `%NAME%`, `<NAME>` or asterisks: a placeholder was never filled in.
    Placeholder,
    LineEnd,
    WhiteSpace,
    /// A character that AWS's keys never contain, and that a request may not be able to carry.
    Character,
    /// The id is where the secret belongs.
    Id,
    /// The secret is where the id belongs.
    Secret,
}

/// Why texts can't be a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    Part(Part, Why),
    /// The id and the secret are swapped.
    Swapped,
}

impl Unfit {
    /// What is wrong, as the end of a sentence; `name` gives the words for a part.
    pub(crate) fn describe(self, name: impl Fn(Part) -> String) -> String {
        let (part, why) = match self {
            Self::Part(part, why) => (part, why),
            Self::Swapped => {
                return format!("{} and {} are swapped", name(Part::Id), name(Part::Secret));
            }
        };
        let what = match why {
            Why::Empty => "is empty".to_owned(),
            Why::Quoted => "is in quotes".to_owned(),
            Why::Placeholder => "holds a placeholder instead of a key".to_owned(),
            Why::LineEnd => "holds a line break".to_owned(),
            Why::WhiteSpace => "holds white space".to_owned(),
            Why::Character => format!("holds a character that no {} has", part.words()),
            Why::Id => "holds an access key id instead of the secret".to_owned(),
            Why::Secret => "holds a secret access key instead of the id".to_owned(),
        };
        format!("{} {what}", name(part))
    }

    /// The part to check first.
    pub(crate) fn part(self) -> Part {
        match self {
            Self::Part(part, _) => part,
            Self::Swapped => Part::Id,
        }
    }
}

impl Keys {
    /// The keys in these texts, without white space at their ends.
    ///
    /// # Errors
    ///
    /// If one of them can't be what it should be. A session token may be empty: some programs write an
    /// empty one for keys without a token.
    pub(crate) fn parse(id: &str, secret: &str, token: Option<&str>) -> Result<Self, Unfit> {
        let token = token.map(trimmed).filter(|token| !token.is_empty());
        Self::exactly(trimmed(id), trimmed(secret), token)
    }

    /// The keys in these exact texts, as AWS sends them.
    pub(crate) fn exactly(id: &str, secret: &str, token: Option<&str>) -> Result<Self, Unfit> {
        if is_like_secret(id) && is_like_id(secret) {
            return Err(Unfit::Swapped);
        }
        let parts = [
            (Part::Id, Some(id)),
            (Part::Secret, Some(secret)),
            (Part::Token, token),
        ];
        for (part, text) in parts {
            if let Some(why) = text.and_then(|text| unfit(part, text)) {
                return Err(Unfit::Part(part, why));
            }
        }
        Ok(Self {
            access_key_id: id.to_owned(),
            secret_access_key: SecretString::from(secret),
            session_token: token.map(SecretString::from),
        })
    }

    /// One part of a key as a user gave it, without white space at its ends, or why it can't be that
    /// part. A text given as the id may be most of a secret.
    pub(crate) fn check(part: Part, text: &str) -> Result<&str, Unfit> {
        let is_secret = part == Part::Id && may_hold_secret(text);
        let text = trimmed(text);
        match unfit(part, text).or(is_secret.then_some(Why::Secret)) {
            Some(why) => Err(Unfit::Part(part, why)),
            None => Ok(text),
        }
    }

    /// No keys, for requests that need none.
    pub(crate) fn none() -> Self {
        Self {
            access_key_id: String::new(),
            secret_access_key: String::new().into(),
            session_token: None,
        }
    }

    /// Fake long-term keys for a rehearsal, as long as real ones: a disk that is too full for the keys
    /// must be too full for the rehearsal.
    pub(crate) fn placeholder() -> Self {
        Self {
            access_key_id: "AKIAPLACEHOLDEREXACT".into(),
            secret_access_key: "placeholder+of/forty+letters/as+in+AWS+x".into(),
            session_token: None,
        }
    }

    /// Whether both are the same keys. The same id with another secret is a different set.
    pub(crate) fn are(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id
            && self.secret_access_key.expose_secret() == other.secret_access_key.expose_secret()
    }

    /// Whether these are the keys of a session.
    pub(crate) fn is_temporary(&self) -> bool {
        self.session_token.is_some()
    }
}

/// `text` without a byte order mark and anything at its ends that some tool takes for white space.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f' | '\u{feff}'))
}

/// Whether `text` can be the id of an access key, issued by AWS or a stand-in.
pub(crate) fn can_be_id(text: &str) -> bool {
    unfit(Part::Id, text).is_none()
}

/// Why `text` can't be this part of a key.
fn unfit(part: Part, text: &str) -> Option<Why> {
    let is_quote = |c: char| "\"'`\u{201c}\u{201d}\u{2018}\u{2019}".contains(c);
    // STS API reference: an id matches `[\w]*`; the other parts have no pattern. Stand-ins for AWS use
    // ids of their own.
    let is_fit = |c: char| match part {
        Part::Id => c.is_ascii_alphanumeric() || "_-.".contains(c),
        Part::Secret | Part::Token => c.is_ascii_graphic(),
    };
    if text.is_empty() {
        Some(Why::Empty)
    } else if text.starts_with(is_quote) || text.ends_with(is_quote) {
        Some(Why::Quoted)
    } else if is_placeholder(text) {
        Some(Why::Placeholder)
    } else if text.contains(['\n', '\r']) {
        Some(Why::LineEnd)
    } else if text.contains(char::is_whitespace) {
        Some(Why::WhiteSpace)
    } else if part == Part::Id && is_like_secret(text) {
        // Checked first: most secrets contain a character that ids don't have.
        Some(Why::Secret)
    } else if !text.chars().all(is_fit) {
        Some(Why::Character)
    } else if part == Part::Secret && is_like_id(text) {
        Some(Why::Id)
    } else {
        None
    }
}

/// Whether nobody filled in the key: the name of a variable, or the asterisks with which CI masks a
/// secret.
fn is_placeholder(text: &str) -> bool {
    let within = |start, end| text.starts_with(start) && text.ends_with(end);
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_uppercase() || it == b'_')
    };
    let between_signs = text.strip_prefix('%').and_then(|it| it.strip_suffix('%'));
    within("${", "}")
        || within("$(", ")")
        || within("{{", "}}")
        || within("<", ">")
        || between_signs.is_some_and(is_name)
        || text.strip_prefix('$').is_some_and(is_name)
        || text.bytes().all(|byte| byte == b'*')
}

/// Whether `text` can only be an access key id of AWS's form.
fn is_like_id(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    KeyKind::of(text) != KeyKind::Unknown
        && (16..=32).contains(&text.len())
        && text.bytes().all(is_letter)
}

/// Whether `text` can only be a secret of AWS's form: forty letters of Base64.
fn is_like_secret(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.len() == 40
        && text.bytes().all(is_letter)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether `text` may contain a secret of AWS's form, or most of one: alone, in a line of a file, or in
/// quotes. ARNs don't count, however long their names.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let mut words = text.split(|c| !is_letter(c));
    !text.trim_start().starts_with("arn:")
        && words.any(|word| {
            word.len() >= 30
                && word.bytes().any(|byte| byte.is_ascii_lowercase())
                && word.bytes().any(|byte| byte.is_ascii_uppercase())
        })
}

/// The real id, if `text` is one in lower case.
pub(crate) fn in_small_letters(text: &str) -> Option<String> {
    let id = text.to_ascii_uppercase();
    (id != text && is_like_id(&id)).then_some(id)
}

/// An access key id for a message. Only its first letters if it doesn't look like one: people paste the
/// secret into the wrong line.
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
    fn a_secret_in_place_of_the_id_is_not_shown() {
        assert_eq!(shown_id("AKIAEXAMPLE"), "AKIAEXAMPLE");
        assert_eq!(shown_id("wJalrXUtnFEMI/K7MDENG"), "wJal…");
        assert_eq!(shown_id("a\nbcdefgh"), "a\\nbc…");
    }

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn unfit(id: &str, secret: &str, token: Option<&str>) -> Option<Unfit> {
        Keys::parse(id, secret, token).err()
    }

    #[test]
    fn white_space_around_a_key_is_ignored() {
        let keys = Keys::parse(" AKIA\r\n", "\u{feff}s/+=\t", Some("\u{a0}t==~!\n")).expect("keys");
        assert_eq!(keys.access_key_id, "AKIA");
        assert_eq!(keys.secret_access_key.expose_secret(), "s/+=");
        let token = keys.session_token.expect("a token");
        assert_eq!(token.expose_secret(), "t==~!");
        for empty in ["", " ", "\n"] {
            let keys = Keys::parse("AKIA", "s", Some(empty)).expect("keys");
            assert!(!keys.is_temporary());
        }
    }

    #[test]
    fn invalid_characters_are_named_in_each_part() {
        for (odd, why) in [
            ("", Why::Empty),
            ("\n", Why::Empty),
            ("a b", Why::WhiteSpace),
            ("a\u{a0}b", Why::WhiteSpace),
            ("a\nb", Why::LineEnd),
            ("a\rb", Why::LineEnd),
            ("\"a\"", Why::Quoted),
            ("'a", Why::Quoted),
            ("\u{201c}a\u{201d}", Why::Quoted),
            ("$AWS_KEY", Why::Placeholder),
            ("${KEY}", Why::Placeholder),
            ("${{ secrets.KEY }}", Why::Placeholder),
            ("%AWS_KEY%", Why::Placeholder),
            ("<key>", Why::Placeholder),
            ("***", Why::Placeholder),
            ("a\u{e9}", Why::Character),
            ("a\u{200b}", Why::Character),
            ("a\u{0}b", Why::Character),
            ("\u{7f}", Why::Character),
        ] {
            assert_eq!(
                unfit(odd, "s", Some("t")),
                Some(Unfit::Part(Part::Id, why)),
                "{odd:?}"
            );
            assert_eq!(
                unfit("A", odd, Some("t")),
                Some(Unfit::Part(Part::Secret, why)),
                "{odd:?}"
            );
            if why != Why::Empty {
                let found = unfit("A", "s", Some(odd));
                assert_eq!(found, Some(Unfit::Part(Part::Token, why)), "{odd:?}");
            }
        }
        for id in ["AKIA/", "AKIA=", "AKIA,", "AKIA;x", "%(x)s"] {
            let found = unfit(id, "s", None);
            assert_eq!(found, Some(Unfit::Part(Part::Id, Why::Character)), "{id}");
        }
    }

    #[test]
    fn the_same_id_with_another_secret_makes_other_keys() {
        let keys = |id: &str, secret: &str| Keys::parse(id, secret, None).expect("keys");
        let alices = keys(ID, SECRET);
        assert!(alices.are(&keys(ID, SECRET)));
        assert!(!alices.are(&keys(ID, &SECRET.to_lowercase())));
        assert!(!alices.are(&keys("AKIAI44QH8DHBEXAMPLE", SECRET)));
    }

    #[test]
    fn a_swapped_id_and_secret_are_recognised() {
        assert_eq!(unfit(ID, SECRET, None), None);
        assert_eq!(unfit(SECRET, ID, None), Some(Unfit::Swapped));
        assert_eq!(
            unfit(ID, ID, None),
            Some(Unfit::Part(Part::Secret, Why::Id))
        );
        let plain = SECRET.replace('/', "a");
        assert_eq!(
            unfit(&plain, SECRET, None),
            Some(Unfit::Part(Part::Id, Why::Secret))
        );
        assert_eq!(unfit("test", "test", None), None, "what stands in for AWS");
        assert_eq!(unfit("minio-admin", "p@ss\"w'rd$X", None), None);
    }

    #[test]
    fn a_secret_is_recognised_wherever_it_is_pasted() {
        let without_last = &SECRET[..39];
        for text in [
            SECRET,
            without_last,
            &format!("{ID},{SECRET}"),
            &format!("aws_secret_access_key={SECRET}"),
            &format!("\"{SECRET}\""),
            &format!("{ID} {SECRET}"),
        ] {
            assert!(may_hold_secret(text), "{text}");
        }
        for text in [
            ID,
            "",
            "minio-admin",
            "arn:aws:iam::123456789012:role/OrganizationAccountAccessRoleOfEverybody",
            "Access key ID,Secret access key",
        ] {
            assert!(!may_hold_secret(text), "{text}");
        }
    }

    #[test]
    fn an_id_in_lower_case_is_recognised() {
        let small = ID.to_lowercase();
        assert_eq!(in_small_letters(&small).as_deref(), Some(ID));
        assert_eq!(
            in_small_letters("Asiaiosfodnn7example").as_deref(),
            Some("ASIAIOSFODNN7EXAMPLE")
        );
        for text in [ID, "akia", "minio-admin", ""] {
            assert_eq!(in_small_letters(text), None, "{text}");
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
