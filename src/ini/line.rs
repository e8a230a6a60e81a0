//! Classifies one line of an AWS file: blank, comment, header, property, indented, or none of these. It
//! knows nothing of the lines around it.
//!
//! The rules are those of the AWS SDK for Rust. A line that makes it refuse the whole file is read as
//! another SDK or botocore would read it.

use super::botocore;
use memchr::{memchr, memchr3};
use std::borrow::Cow;

/// The only characters that the SDKs take for white space within a line; nothing else is trimmed.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

/// The mark that some editors put before UTF-8 text.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The offset just after a byte order mark, if there is one.
pub(super) fn start_of_text(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

/// One line and its position.
pub(super) struct Line<'a> {
    /// Offset of its first byte.
    pub(super) start: usize,
    /// Offset just after its line end.
    pub(super) end: usize,
    /// Its text without the line end.
    pub(super) text: &'a [u8],
}

/// The lines of `bytes[from..to]`, with offsets into `bytes`.
///
/// A line ends in `\n` or `\r\n`; a `\r` anywhere else is part of the text, as for the SDK.
pub(super) fn lines(bytes: &[u8], from: usize, to: usize) -> impl Iterator<Item = Line<'_>> {
    let mut start = from;
    std::iter::from_fn(move || {
        let rest = &bytes[start..to];
        if rest.is_empty() {
            return None;
        }
        let whole = &rest[..memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)];
        let text = match whole {
            [text @ .., b'\r', b'\n'] | [text @ .., b'\n'] => text,
            text => text,
        };
        let line = Line {
            start,
            end: start + whole.len(),
            text,
        };
        start = line.end;
        Some(line)
    })
}

/// Whether `line`, including its line end, is several lines to readers that also end a line at a
/// carriage return, as Python and Java do.
pub(super) fn is_divided(line: &[u8]) -> bool {
    let text = match line {
        [text @ .., b'\r', b'\n'] => text,
        text => text,
    };
    text.contains(&b'\r')
}

/// What a line is, taken by itself.
pub(super) enum Role<'a> {
    Blank,
    Comment,
    /// The text between the brackets; `None` if they never close.
    Header(Option<&'a [u8]>),
    /// A line that continues the property above it.
    Indented,
    Property(Pair<'a>),
    Stray,
}

/// A key and the rest of its line.
pub(super) struct Pair<'a> {
    /// As written.
    pub(super) key: &'a [u8],
    /// True for `k : v`, which the SDKs refuse and botocore reads.
    pub(super) colon: bool,
    /// The value as botocore reads it, if its rules apply.
    to_botocore: Option<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Pair<'a> {
    /// The pair by botocore's rules: a colon separates as well as an equals sign, and a comment after
    /// the value is part of it.
    pub(super) fn by_botocore(text: &'a [u8]) -> Option<Self> {
        let text = botocore::stripped(std::str::from_utf8(text).ok()?);
        let (key, rest) = botocore::parted(text)?;
        Some(Self {
            key: key.as_bytes(),
            colon: false,
            to_botocore: Some(botocore::stripped(rest).as_bytes()),
            rest: rest.as_bytes(),
        })
    }

    /// The value, without the comment after it, unless the comment is part of it.
    pub(super) fn value(&self) -> &'a [u8] {
        let end = || self.comment_start().unwrap_or(self.rest.len());
        self.to_botocore
            .unwrap_or_else(|| trim(&self.rest[..end()]))
    }

    /// What people take for the comment after the value, from its mark to the end of the line.
    pub(super) fn comment(&self) -> Option<&'a [u8]> {
        self.comment_start().map(|at| &self.rest[at..])
    }

    fn comment_start(&self) -> Option<usize> {
        comment_start(self.rest, false)
    }
}

/// Classifies the line `text`.
pub(super) fn role(text: &[u8]) -> Role<'_> {
    match text.first() {
        None => Role::Blank,
        Some(b'#' | b';') => Role::Comment,
        Some(b'[') => Role::Header(inside_brackets(text)),
        Some(b' ' | b'\t') if trim(text).is_empty() => Role::Blank,
        Some(b' ' | b'\t') => Role::Indented,
        Some(_) => pair(text).map_or(Role::Stray, Role::Property),
    }
}

/// Whether readers skip the line wherever it is.
pub(super) fn is_skipped(text: &[u8]) -> bool {
    matches!(role(text), Role::Blank | Role::Comment)
}

/// The comment on an indented line, from its mark to the end of the line. The SDKs read it as part of
/// the value above, the AWS CLI and people as a comment.
pub(super) fn indented_comment(text: &[u8]) -> Option<&[u8]> {
    let mark = text.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    (mark > 0 && matches!(text[mark], b'#' | b';')).then_some(&text[mark..])
}

/// The key and the rest of `key = value`, or of `key : value` if there is no `=`.
pub(super) fn pair(text: &[u8]) -> Option<Pair<'_>> {
    let mark = memchr3(b'=', b'#', b';', text);
    // The first separator is nearly always the right one.
    let commented = mark.is_some_and(|at| text[at] != b'=');
    let equals = if commented {
        text.iter().position(|&byte| byte == b'=')
    } else {
        mark
    };
    let head = &text[..equals.unwrap_or(text.len())];
    let comment = commented.then(|| comment_start(head, false)).flatten();
    let (at, colon) = match (comment, equals) {
        (None, Some(equals)) => (equals, false),
        (comment, _) => {
            let head = &head[..comment.unwrap_or(head.len())];
            (head.iter().position(|&byte| byte == b':')?, true)
        }
    };
    let key = trim(&text[..at]);
    (!key.is_empty()).then(|| Pair {
        key,
        colon,
        to_botocore: None,
        rest: &text[at + 1..],
    })
}

/// Whether any reader takes the character for white space. The SDKs trim only spaces and tabs; Python
/// also trims Unicode white space and U+001C to U+001F, and JavaScript a byte order mark.
pub(crate) fn is_space_to_some(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f' | '\u{feff}')
}

/// A key in lower case.
pub(super) fn folded(key: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(key) {
        Cow::Borrowed(key) if !key.bytes().any(|byte| byte.is_ascii_uppercase()) => key.into(),
        key => key.to_ascii_lowercase().into(),
    }
}

/// `text` without spaces and tabs at its ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().position(|byte| !blank(byte));
    let end = text.iter().rposition(|byte| !blank(byte));
    match (start, end) {
        (Some(start), Some(end)) => &text[start..=end],
        _ => &[],
    }
}

/// Where a comment begins in the text of a property: at a mark with white space before it. `after_blank`
/// tells whether `text` itself follows white space.
pub(super) fn comment_start(text: &[u8], after_blank: bool) -> Option<usize> {
    text.iter().enumerate().position(|(at, &byte)| {
        matches!(byte, b'#' | b';')
            && if at == 0 {
                after_blank
            } else {
                ends_in_space(&text[..at])
            }
    })
}

/// Whether the last character is white space. Here, unlike elsewhere, the SDK counts Unicode white
/// space.
fn ends_in_space(text: &[u8]) -> bool {
    let start = text.iter().rposition(|byte| byte & 0xC0 != 0x80);
    start
        .and_then(|start| std::str::from_utf8(&text[start..]).ok())
        .is_some_and(|last| last.ends_with(char::is_whitespace))
}

/// A header line without the comment after it, which needs no white space before it.
fn bare(text: &[u8]) -> &[u8] {
    let comment = text.iter().position(|byte| matches!(byte, b'#' | b';'));
    trim(&text[..comment.unwrap_or(text.len())])
}

/// The text between the brackets of a header line.
fn inside_brackets(text: &[u8]) -> Option<&[u8]> {
    let bare = bare(text);
    // The SDKs require the bracket to be the last character; botocore looks for the last bracket and
    // knows no comments in headers.
    let close = |text: &[u8]| text.iter().rposition(|&byte| byte == b']');
    match (close(bare), close(text)) {
        (Some(at), _) => Some(&bare[1..at]),
        (None, Some(at)) => Some(&text[1..at]),
        (None, None) => None,
    }
}

/// The name in a header: trimmed, runs of white space folded to one space, and the quotes of `profile "a
/// b"` dropped.
pub(super) fn canonical(inside: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(inside) {
        Cow::Borrowed(text) => canonical_text(text),
        Cow::Owned(text) => canonical_text(&text).into_owned().into(),
    }
}

fn canonical_text(text: &str) -> Cow<'_, str> {
    if is_canonical(text) {
        return text.into();
    }
    let text = text.trim_matches(BLANK);
    let Some((first, rest)) = text.split_once(BLANK) else {
        return text.trim().into();
    };
    let rest = unquoted(rest.trim());
    let words = rest.split(BLANK).filter(|word| !word.is_empty());
    words
        .fold(first.trim().to_owned(), |name, word| name + " " + word)
        .into()
}

/// Whether `text` consists of plain words with one space between them, as nearly every header does.
fn is_canonical(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
    let mut words = text.split(' ');
    words.all(|word| !word.is_empty() && word.bytes().all(is_plain))
}

fn unquoted(text: &str) -> &str {
    let inner = |mark| text.strip_prefix(mark)?.strip_suffix(mark);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Whether a header line ends in its bracket, not counting a comment; the SDKs insist on it.
pub(super) fn is_closed(text: &[u8]) -> bool {
    bare(text).ends_with(b"]")
}

/// Like [`is_closed`], for all readers: the JavaScript SDK recognises a comment only after white space.
pub(super) fn is_closed_to_all(text: &[u8]) -> bool {
    let comment = comment_start(text, false).unwrap_or(text.len());
    is_closed(text) && trim(&text[..comment]).ends_with(b"]")
}

/// Whether all readers take a line, indented or not, for a header: the JavaScript SDK does not recognise
/// other kinds of white space before it.
pub(super) fn is_header_to_all(text: &[u8]) -> bool {
    let text = trim(text);
    text.starts_with(b"[") && is_closed_to_all(text)
}

/// Whether a header line holds only its header: it ends in its bracket, and no comment follows.
pub(super) fn is_bare(text: &[u8]) -> bool {
    is_closed(text) && bare(text).len() == trim(text).len()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_name_is_trimmed_and_its_words_are_separated_by_one_space() {
        for (inside, name) in [
            ("", ""),
            (" ", ""),
            ("  ", ""),
            ("dev", "dev"),
            (" dev ", "dev"),
            ("profile dev", "profile dev"),
            ("profile  my\tdev", "profile my dev"),
            ("profile \"my dev\"", "profile my dev"),
            ("profile 'dev'", "profile dev"),
            ("\"dev\"", "\"dev\""),
            ("profile ", "profile"),
            // Empty quotes are not a word.
            ("\"\" \"\"", "\"\""),
            ("profile \"\"", "profile"),
        ] {
            assert_eq!(canonical(inside.as_bytes()), name, "{inside:?}");
        }
    }
}
