//! Tells what can be written so that every reader gets it back: names, keys and values. It does not
//! know where they go.

use super::line;

/// Why an edit can't be written so that every reader gets it back. Shows no values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// No header line gives this name back.
    #[error("{0:?} can't be a section name")]
    Section(String),
    /// The SDKs would skip the key, or botocore would cut it.
    #[error("{0:?} can't be a key")]
    Key(String),
    /// The value of this key would be cut or trimmed, or would break out of its lines.
    #[error("the value of {0:?} can't be written: it holds a line break, a comment or outer space")]
    Value(String),
    /// This line, counted from 1, is a header to some readers and to others none.
    #[error(
        "line {0} is a header that some AWS SDKs skip, because of what is next to its brackets"
    )]
    Header(usize),
    /// The AWS CLI ends this line, counted from 1, at a carriage return within it.
    #[error("line {0} holds a carriage return, where the AWS CLI ends a line and the SDKs don't")]
    Divided(usize),
    /// Other tools would read the file than do now, and other values in it.
    #[error("with this change other tools would read it, and find other values in it")]
    Dialect,
    /// The tools that read the file would find other values in it than they must: where only botocore
    /// reads it, a line may go on with another one.
    #[error("with this change the AWS CLI would find other values in it")]
    Misread,
}

/// Whether [`super::Document::edited`] takes this key with this value; see [`super::Edit::changes`].
pub(crate) fn can_set(key: &str, value: &str) -> bool {
    is_key(key) && is_value(value)
}

/// What the SDKs take for an identifier, but for `:`, at which botocore cuts.
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-/.%@+".contains(&byte))
}

/// Whether a value reads back as it is. Control characters are refused because readers differ on
/// which of them end a line.
pub(super) fn is_value(value: &str) -> bool {
    let (first, below) = match value.split_once('\n') {
        Some((first, below)) => (first, Some(below)),
        None => (value, None),
    };
    let is_line = |line: &str| {
        line.trim_matches(line::is_space_to_some) == line
            && !line.contains(|c: char| c.is_control() && c != '\t')
    };
    let is_below = |line: &str| {
        // The SDKs refuse a file whose nested block holds anything but properties.
        let fits = match first {
            "" => line::pair(line.as_bytes()).is_some_and(|pair| !pair.colon),
            // Below a value it would be taken for somebody's comment.
            _ => !line.starts_with(['#', ';']),
        };
        // A line in brackets is a header to the JavaScript SDK, indented or not.
        !line.is_empty() && !line.starts_with('[') && is_line(line) && fits
    };
    is_line(first)
        && line::comment_start(first.as_bytes(), true).is_none()
        && below.is_none_or(|below| below.split('\n').all(is_below))
}

/// The header line of a section that is new.
pub(super) fn header(section: &str) -> Result<String, EditError> {
    let is_quoted = |first: &str| matches!(first, "profile" | "sso-session" | "services");
    let text = match section.split_once(' ') {
        Some((first, rest)) if is_quoted(first) && rest.contains(' ') => {
            format!("[{first} \"{rest}\"]")
        }
        _ => format!("[{section}]"),
    };
    let reads_back = match line::role(text.as_bytes()) {
        line::Role::Header(Some(inside)) => line::canonical(inside) == section,
        _ => false,
    };
    let is_plain = |c: char| !c.is_control() && !"[]#;".contains(c);
    if reads_back && !section.is_empty() && section.chars().all(is_plain) {
        Ok(text)
    } else {
        Err(EditError::Section(section.into()))
    }
}
