//! Reads the code on a line that a program wrote, in UTF-8 or UTF-16. It never reveals what was on it.

use super::Code;
use crate::value::encoding::decoded;

/// Longer than any line with a code.
pub(super) const LONGEST: usize = 256;

/// The code on `line`, of which at most [`LONGEST`] bytes were read. The line end may be missing, or cut
/// within a UTF-16 line feed.
pub(super) fn code_on(line: &[u8]) -> Result<Code, &'static str> {
    if line.len() >= LONGEST {
        // The rest of the line is unread, so it can't be judged.
        return Code::parse("");
    }
    Code::parse(&decoded(line))
}

/// Whether `line` is blank.
pub(super) fn is_blank(line: &[u8]) -> bool {
    decoded(line)
        .trim_start_matches('\u{feff}')
        .trim()
        .is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_line_in_any_windows_encoding_is_read() {
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
    fn truncated_or_overlong_input_holds_no_code() {
        let mut odd = utf16("492039", u16::to_le_bytes);
        odd.push(b'4');
        let lone = [&[0xff, 0xfe][..], &[0x00, 0xd8], b"4\09\0"].concat();
        let long = format!("492039{}", " ".repeat(LONGEST));
        for line in [&odd[..], &lone, &long.as_bytes()[..LONGEST], b"4\0", b""] {
            assert!(code_on(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_white_space_count_as_nothing() {
        for text in ["", " \t\r", "\u{feff}", "\u{feff}\r\n"] {
            for line in [text.as_bytes().to_vec(), utf16(text, u16::to_le_bytes)] {
                assert!(is_blank(&line), "{line:?}");
            }
        }
        assert!(!is_blank(b"x"));
    }
}
