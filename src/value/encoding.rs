//! Decodes text that a program wrote, in UTF-8 or Windows' UTF-16. It never skips what can't be decoded:
//! a replacement character takes its place.

use zeroize::Zeroizing;

/// How bytes encode text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// As PowerShell and `cmd /U` write to a pipe, with or without a byte order mark.
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The encoding of text that begins with these bytes. Without a byte order mark, a zero in half of a
    /// character gives UTF-16 away: codes consist of ASCII.
    pub(crate) fn of(begin: &[u8]) -> Self {
        match begin {
            [0xff, 0xfe, ..] | [1..=u8::MAX, 0, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] | [0, 1..=u8::MAX, ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }
}

/// The text of `bytes`. The last line end may be missing, or cut within a UTF-16 line feed. A byte order
/// mark stays.
pub(crate) fn decoded(bytes: &[u8]) -> Zeroizing<String> {
    let (unit, half): (fn([u8; 2]) -> u16, u8) = match Encoding::of(bytes) {
        Encoding::Utf8 => return Zeroizing::new(String::from_utf8_lossy(bytes).into_owned()),
        Encoding::Utf16Le => (u16::from_le_bytes, b'\n'),
        Encoding::Utf16Be => (u16::from_be_bytes, 0),
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let is_whole = rest.iter().all(|byte| *byte == half);
    let end = (!is_whole).then_some(char::REPLACEMENT_CHARACTER);
    let characters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    // Allocated once: text that grows leaves copies of a secret behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(characters.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.extend(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_even_if_its_last_line_feed_is_cut_in_half() {
        for text in [
            "ab",
            "\u{feff}ab",
            "ab\r\ncd\r\n",
            "\u{feff}a\u{e9}\u{1f600}\n",
        ] {
            let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
                text.encode_utf16().flat_map(bytes).collect()
            };
            let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
            for bytes in [text.as_bytes(), &little, &big] {
                assert_eq!(*decoded(bytes), text, "{bytes:?}");
            }
            if let Some(cut) = text.strip_suffix('\n') {
                for bytes in [&little, &big] {
                    assert_eq!(*decoded(&bytes[..bytes.len() - 1]), cut);
                }
            }
        }
    }

    #[test]
    fn invalid_text_is_marked() {
        for bytes in [&b"a\0b"[..], b"\0a\xd8", b"\xff\xfe\0\xd8", b"a\xff"] {
            assert!(
                decoded(bytes).contains(char::REPLACEMENT_CHARACTER),
                "{bytes:?}"
            );
        }
    }
}
