//! Makes text from outside fit for one line of a message: escapes control characters, and rewords the
//! system's errors. It prints nothing.

use std::fmt::Write as _;
use std::io;

/// `text` with control characters, and characters that reorder text, as escapes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() || reorders(c) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// `text` in backticks on one line. Hides what may be a code.
pub(crate) fn quoted(text: &str) -> String {
    if may_hold_code(text) {
        "`…`".to_owned()
    } else {
        format!("`{}`", excerpt(text))
    }
}

/// Longer excerpts don't help the reader.
const EXCERPT: usize = 100;

/// The beginning of the first line of a value. Later lines may be something else, even a key in the
/// wrong place.
pub(crate) fn excerpt(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let begin: String = first.chars().take(EXCERPT).collect();
    let rest = if begin.len() < text.len() { "…" } else { "" };
    escape(&begin) + rest
}

/// Whether `text` may contain a code, or part of one, typed without its flag: nothing but digits, or six
/// digits in a row. Spaces, signs and invisible characters are ignored.
pub(crate) fn may_hold_code(text: &str) -> bool {
    let is_sign =
        |c: char| c.is_whitespace() || is_invisible(c) || is_hyphen(c) || "_.,/".contains(c);
    let close = text.chars().filter(|&c| !is_sign(c)).collect::<String>();
    let all_digits = !close.is_empty() && close.chars().all(char::is_numeric);
    let mut runs = close.split(|c: char| !c.is_numeric());
    all_digits || runs.any(|run| run.chars().count() == 6)
}

/// Whether `c` is invisible and may have slipped into copied text: a byte order mark, a zero-width
/// character, a direction mark.
pub(crate) fn is_invisible(c: char) -> bool {
    let is_zero_width = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    is_zero_width || is_direction_mark(c)
}

/// The marks that a terminal in bracketed-paste mode puts around pasted text.
pub(crate) const PASTE: [&str; 2] = ["\u{1b}[200~", "\u{1b}[201~"];

/// `text` without what pasting adds at its ends: white space, invisible characters, bracketed-paste
/// marks.
pub(crate) fn without_paste(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        for sign in PASTE {
            rest = rest.strip_prefix(sign).unwrap_or(rest);
            rest = rest.strip_suffix(sign).unwrap_or(rest);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// Whether `c` is any kind of hyphen. Web pages group digits with them.
pub(crate) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// `text` as one word that can be typed into a shell of this system, quoted if it needs quotes.
pub(crate) fn typed_word(text: &str) -> String {
    if cfg!(windows) {
        windows_word(text)
    } else {
        posix_word(text)
    }
}

/// `text` as one word of a POSIX shell, quoted if it needs quotes.
pub(crate) fn posix_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@+,=%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The same for cmd.exe and PowerShell. cmd.exe knows no single quotes. PowerShell replaces a name after
/// a dollar sign within double ones, so it gets single ones then, as it does for a double quote.
fn windows_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || r"_-./\:+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else if text.contains(['$', '`', '"']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// Whether `text` is printable ASCII without white space, as AWS's keys and ARNs are.
pub(crate) fn is_one_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `lines`, each escaped, as one text.
pub(crate) fn escape_lines(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| escape(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Messages of musl, which static builds use, and of macOS, with those of glibc: an error that somebody
/// searches for is the same everywhere.
const SAME_AS_GLIBC: [(&str, &str); 17] = [
    ("address in use", "address already in use"),
    ("address not available", "cannot assign requested address"),
    ("cross-device link", "invalid cross-device link"),
    ("filename too long", "file name too long"),
    ("host is unreachable", "no route to host"),
    ("i/O error", "input/output error"),
    ("network unreachable", "network is unreachable"),
    ("no child process", "no child processes"),
    ("no file descriptors available", "too many open files"),
    ("not a tty", "inappropriate ioctl for device"),
    ("not supported", "operation not supported"),
    ("operation timed out", "connection timed out"),
    ("out of memory", "cannot allocate memory"),
    ("quota exceeded", "disk quota exceeded"),
    ("resource busy", "device or resource busy"),
    ("symbolic link loop", "too many levels of symbolic links"),
    (
        "value too large for data type",
        "value too large for defined data type",
    ),
];

/// The system's message for `error` in our form: lower case, without its number, in glibc's words.
pub(crate) fn io_message(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut words = words.trim_end_matches('.').to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    match SAME_AS_GLIBC.iter().find(|(other, _)| *other == words) {
        Some((_, of_glibc)) => (*of_glibc).to_owned(),
        None => words,
    }
}

/// Direction controls and line separators: `is_control` misses them, and terminals obey them.
fn reorders(c: char) -> bool {
    is_direction_mark(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{escape, excerpt, io_message, posix_word, quoted, windows_word, without_paste};
    use std::io;

    #[test]
    fn paste_markers_and_white_space_are_removed_only_at_the_ends() {
        for text in [
            "a b",
            " a b\r\n",
            "\u{1b}[200~a b\u{1b}[201~",
            " \u{1b}[200~ \u{feff}a b\u{200b}\t\u{1b}[201~ \u{1b}[201~",
        ] {
            assert_eq!(without_paste(text), "a b", "{text:?}");
        }
        for text in ["", " \u{1b}[200~\u{1b}[201~"] {
            assert_eq!(without_paste(text), "", "{text:?}");
        }
        assert_eq!(without_paste("a\u{1b}[200~b"), "a\u{1b}[200~b");
    }

    #[test]
    fn a_word_is_quoted_as_the_shells_of_each_system_read_it() {
        for (text, posix, windows) in [
            ("dev", "dev", "dev"),
            ("", "''", "\"\""),
            ("my dev", "'my dev'", "\"my dev\""),
            ("a&b", "'a&b'", "\"a&b\""),
            ("it's", r"'it'\''s'", "\"it's\""),
            ("a$b", "'a$b'", "'a$b'"),
            ("it's $5", r"'it'\''s $5'", "'it''s $5'"),
            (r"C:\a b\c", r"'C:\a b\c'", "\"C:\\a b\\c\""),
            (r"C:\a\c", r"'C:\a\c'", r"C:\a\c"),
            ("@a", "@a", "\"@a\""),
            ("é", "é", "é"),
        ] {
            assert_eq!(posix_word(text), posix);
            assert_eq!(windows_word(text), windows);
        }
    }

    #[test]
    fn anything_that_may_be_a_code_is_not_quoted() {
        for text in [
            "492039",
            "492-039",
            "492\u{2011}039",
            "492\u{200b}039\u{200e}",
            "\u{1b}[200~492039\u{1b}[201~",
            "49 20 39",
            "code=492039",
            "--492039x",
            "4920",
            "4920391",
            "\u{664}\u{669}\u{662}\u{660}\u{663}\u{669}",
        ] {
            assert_eq!(quoted(text), "`…`", "{text}");
        }
        for text in [
            "",
            "dev",
            "12h",
            "2026-11-25x",
            "arn:aws:iam::123456789012:mfa/jane",
        ] {
            assert_eq!(quoted(text), format!("`{text}`"));
        }
    }

    #[test]
    fn only_the_beginning_of_a_value_is_shown() {
        for (text, shown) in [
            ("a\u{1b}b", "a\\u{1b}b"),
            ("eu-west-1\naws_session_token = t", "eu-west-1…"),
            ("\ntoken", "…"),
            (&"x".repeat(101), &("x".repeat(100) + "…")),
            (&"é".repeat(100), &"é".repeat(100)),
        ] {
            assert_eq!(excerpt(text), shown);
        }
    }

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(
            escape("a\u{1b}[2Jb\r\nc\u{202e}d\té"),
            "a\\u{1b}[2Jb\\u{d}\\nc\\u{202e}d\\té"
        );
    }

    #[test]
    fn the_systems_messages_are_in_lower_case_and_without_a_number() {
        let denied = io::Error::from_raw_os_error(if cfg!(windows) { 5 } else { 13 });
        let words = io_message(&denied);
        assert!(!words.contains("os error"), "{words}");
        assert!(words.starts_with(char::is_lowercase), "{words}");
        assert_eq!(
            io_message(&io::ErrorKind::NotFound.into()),
            "entity not found"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_systems_messages_are_the_same_with_every_c_library() {
        use rustix::io::Errno;
        for (error, words) in [
            (Errno::ADDRINUSE, "address already in use"),
            (Errno::ADDRNOTAVAIL, "cannot assign requested address"),
            (Errno::BUSY, "device or resource busy"),
            (Errno::CHILD, "no child processes"),
            (Errno::DQUOT, "disk quota exceeded"),
            (Errno::HOSTUNREACH, "no route to host"),
            (Errno::IO, "input/output error"),
            (Errno::LOOP, "too many levels of symbolic links"),
            (Errno::MFILE, "too many open files"),
            (Errno::NAMETOOLONG, "file name too long"),
            (Errno::NETUNREACH, "network is unreachable"),
            (Errno::NOMEM, "cannot allocate memory"),
            (Errno::NOSPC, "no space left on device"),
            (Errno::NOTSUP, "operation not supported"),
            (Errno::NOTTY, "inappropriate ioctl for device"),
            (Errno::OVERFLOW, "value too large for defined data type"),
            (Errno::ROFS, "read-only file system"),
            (Errno::TIMEDOUT, "connection timed out"),
            (Errno::XDEV, "invalid cross-device link"),
        ] {
            assert_eq!(io_message(&error.into()), words);
        }
    }
}
