//! Defines what is found out about one thing: how it stands, what it is, and what to do. It never
//! prints itself, and holds no secret: what looks like one is cut.

use crate::exit::Failure;
use crate::store::Trouble;
use crate::value::keys::may_hold_secret;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Good,
    /// It works, and something about it may not be meant so.
    Warning,
    /// It keeps awsmfa or AWS tools from their work.
    Bad,
    /// It could not be found out.
    Unknown,
}

impl Level {
    /// The word for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found out about one thing.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// How it stands.
    pub(crate) level: Level,
    /// What it is about, in a word or two.
    pub(crate) subject: &'static str,
    /// One line, lower case, no full stop.
    pub(crate) message: String,
    /// What to do, where there is something to do.
    pub(crate) hint: Option<String>,
}

impl Finding {
    fn new(level: Level, subject: &'static str, message: impl Into<String>) -> Self {
        Self {
            level,
            subject,
            message: without_secrets(&message.into()),
            hint: None,
        }
    }

    pub(super) fn good(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Good, subject, message)
    }

    pub(super) fn warning(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, subject, message)
    }

    pub(super) fn bad(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Bad, subject, message)
    }

    pub(super) fn unknown(subject: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Unknown, subject, message)
    }

    /// What a command would fail with.
    pub(super) fn failure(level: Level, subject: &'static str, failure: Failure) -> Self {
        Self {
            hint: failure.hint.as_deref().map(without_secrets),
            ..Self::new(level, subject, failure.message)
        }
    }

    /// What is the matter with a file.
    pub(super) fn trouble(subject: &'static str, trouble: &Trouble) -> Self {
        let level = match trouble.is_grave {
            true => Level::Bad,
            false => Level::Warning,
        };
        Self {
            hint: trouble.notice.remedy.as_deref().map(without_secrets),
            ..Self::new(level, subject, trouble.notice.what.as_str())
        }
    }

    /// Adds what to do.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(without_secrets(&hint.into()));
        Self { hint, ..self }
    }
}

/// `text` with every word cut that may be a secret, and without the user and the password in a URL.
pub(super) fn without_secrets(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| cut(&without_user(word))).collect()
}

/// What stands around a word.
const SIGNS: [char; 6] = ['(', '[', '`', '\'', '"', '<'];

fn is_arn(word: &str) -> bool {
    word.trim_start_matches(SIGNS).starts_with("arn:")
}

/// A word without what stands before its last `@`, where that has the form of a user and a password.
fn without_user(word: &str) -> String {
    let signs = word.len() - word.trim_start_matches(SIGNS).len();
    let (signs, rest) = word.split_at(signs);
    let scheme = rest.find("://").map_or(0, |at| at + "://".len());
    let is_path = scheme == 0 && rest.starts_with(['/', '~']);
    let Some(end) = rest.rfind('@').filter(|end| *end > scheme) else {
        return word.to_owned();
    };
    let user = &rest[scheme..end];
    // Hints show how such a URL is made.
    if is_arn(word) || is_path || user == "user:password" || scheme == 0 && !user.contains(':') {
        return word.to_owned();
    }
    format!("{signs}{}…{}", &rest[..scheme], &rest[end..])
}

/// A word with every part of it cut that may be a secret. The words of a path are no secret as long as
/// they look like words.
fn cut(word: &str) -> String {
    if is_arn(word) || !may_hold_secret(word) {
        return word.to_owned();
    }
    let bare = word.trim_start_matches(SIGNS);
    let is_path = bare.starts_with(['/', '~']) || bare.contains("://");
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    let mut shown = String::new();
    let mut rest = word;
    while let Some(begin) = rest.find(is_letter) {
        let (before, from) = rest.split_at(begin);
        let length = from.find(|c| !is_letter(c)).unwrap_or(from.len());
        let (run, after) = from.split_at(length);
        shown.push_str(before);
        if may_hold_secret(run) && (!is_path || is_random(run)) {
            shown.extend(run.chars().take(4));
            shown.push('…');
        } else {
            shown.push_str(run);
        }
        rest = after;
    }
    shown + rest
}

/// Whether letters and digits, small and capital ones, change as often as they do in no word.
fn is_random(run: &str) -> bool {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let kinds: Vec<u8> = run.as_bytes().iter().map(kind).collect();
    let is_change = |pair: &&[u8]| pair[0] != pair[1] && !pair.contains(&0);
    kinds.windows(2).filter(is_change).count() * 4 >= run.len()
}

#[cfg(test)]
mod tests {
    use super::{Finding, without_secrets};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn no_secret_and_no_password_is_in_a_finding() {
        for (text, shown) in [
            (format!("x is {SECRET}"), "x is wJal…"),
            (format!("`--profile={SECRET}`, so"), "`--profile=wJal…`, so"),
            (
                "not to a.test,us:QZpass@127.0.0.1:1 (X)".to_owned(),
                "not to …@127.0.0.1:1 (X)",
            ),
            (
                "at http://us:QZ@pass@127.0.0.1:1".to_owned(),
                "at http://…@127.0.0.1:1",
            ),
        ] {
            let finding = Finding::good("x", text.clone()).hint(text);
            assert_eq!(finding.message, shown);
            assert_eq!(finding.hint.as_deref(), Some(shown));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "(arn:aws:iam::123456789012:user/team:Long/jane@corp.test)",
            "/home/alice/Documents/Projects2024/acme/config is read",
            "put both in the proxy URL: http://user:password@host:port",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference",
            "the key of jane@corp.test  and\ta",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
