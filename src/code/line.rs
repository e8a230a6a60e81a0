//! Reads the code on a line that a program wrote, in UTF-8 or UTF-16. It never says what was on it.

use super::Code;
use zeroize::Zeroizing;

/// More than any line with a code on it; a longer line holds none.
pub(super) const LONGEST: usize = 256;

/// How the bytes of a line stand for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// As PowerShell and `cmd /U` write to a pipe, with or without a byte order mark.
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The encoding of what begins with these bytes. Where no byte order mark tells, the half of a
    /// character that is zero in everything a code is written with does.
    pub(super) fn of(begin: &[u8]) -> Self {
        match begin {
            [0xff, 0xfe, ..] | [1..=u8::MAX, 0, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] | [0, 1..=u8::MAX, ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }
}

/// The code on `line`, of which at most [`LONGEST`] bytes were read. Its end may be missing, or be
/// cut after the byte that is a line feed.
pub(super) fn code_on(line: &[u8]) -> Result<Code, &'static str> {
    if line.len() >= LONGEST {
        // What was not read may be anything.
        return Code::parse("");
    }
    Code::parse(&text(line))
}

/// Whether there is nothing on `line`.
pub(super) fn is_blank(line: &[u8]) -> bool {
    text(line).trim_start_matches('\u{feff}').trim().is_empty()
}

fn text(line: &[u8]) -> Zeroizing<String> {
    let unit = match Encoding::of(line) {
        Encoding::Utf8 => return Zeroizing::new(String::from_utf8_lossy(line).into_owned()),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let (pairs, rest) = line.as_chunks::<2>();
    let end = match rest {
        [] | [b'\n'] => None,
        _ => Some(char::REPLACEMENT_CHARACTER),
    };
    let characters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    // Room for all of it at once: text that grows leaves copies of a code behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * line.len()));
    text.extend(characters.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.extend(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_line_in_any_encoding_of_windows_is_read() {
        for text in ["492039", "\u{feff}492039\r\n", "492 039\n", " 492-039"] {
            let mut cut = utf16(text, u16::to_le_bytes);
            if text.ends_with('\n') {
                cut.pop();
            }
            for line in [
                text.as_bytes().to_vec(),
                utf16(text, u16::to_le_bytes),
                utf16(text, u16::to_be_bytes),
                cut,
            ] {
                let code = code_on(&line).expect("a code");
                assert_eq!(code.expose(), "492039", "{line:?}");
            }
        }
    }

    #[test]
    fn what_is_cut_or_too_long_holds_no_code() {
        let mut odd = utf16("492039", u16::to_le_bytes);
        odd.push(b'4');
        let lone = [&[0xff, 0xfe][..], &[0x00, 0xd8], b"4\09\0"].concat();
        let long = format!("492039{}", " ".repeat(LONGEST));
        for line in [&odd[..], &lone, &long.as_bytes()[..LONGEST], b"4\0", b""] {
            assert!(code_on(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_mark_and_white_space_are_nothing() {
        for text in ["", " \t\r", "\u{feff}", "\u{feff}\r\n"] {
            for line in [text.as_bytes().to_vec(), utf16(text, u16::to_le_bytes)] {
                assert!(is_blank(&line), "{line:?}");
            }
        }
        assert!(!is_blank(b"x"));
    }
}
