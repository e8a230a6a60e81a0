//! Recognises text in a form that AWS tools can't read: another encoding, or lines that end in carriage
//! returns alone. It converts nothing.

use memchr::memchr;

/// A form of text that AWS tools can't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As written by PowerShell's `>` and Notepad's "Unicode".
    Utf16,
    Utf32,
    /// As written by Macs before OS X.
    CarriageReturns,
}

/// The form of `bytes`, if AWS tools can't read it.
pub(crate) fn foreign_form(bytes: &[u8]) -> Option<Form> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some(Form::Utf32),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Form::Utf16),
        // Without a byte order mark: these files begin with ASCII, each letter next to zeros.
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some(Form::Utf32),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => Some(Form::Utf16),
        _ if ends_lines_in_carriage_returns(bytes) => Some(Form::CarriageReturns),
        _ => None,
    }
}

/// Whether there are several lines and none, except perhaps the last, ends in a newline.
fn ends_lines_in_carriage_returns(bytes: &[u8]) -> bool {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    memchr(b'\n', text).is_none() && memchr(b'\r', text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_recognised_with_and_without_a_byte_order_mark() {
        let text = "[dev]\nk = v\n";
        let utf16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(to_bytes).collect()
        };
        let utf32 = |to_bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            text.chars().flat_map(|c| to_bytes(c.into())).collect()
        };
        for (marks, bytes, form) in [
            (
                [0xFF, 0xFE].as_slice(),
                utf16(u16::to_le_bytes),
                Form::Utf16,
            ),
            (&[0xFE, 0xFF], utf16(u16::to_be_bytes), Form::Utf16),
            (&[0xFF, 0xFE, 0, 0], utf32(u32::to_le_bytes), Form::Utf32),
            (&[0, 0, 0xFE, 0xFF], utf32(u32::to_be_bytes), Form::Utf32),
        ] {
            assert_eq!(foreign_form(&bytes), Some(form));
            assert_eq!(foreign_form(&[marks, &bytes].concat()), Some(form));
        }
    }

    #[test]
    fn lines_that_end_in_carriage_returns_alone_are_recognised() {
        for text in ["[a]\rk = v\r", "[a]\rk = v", "# c\r[a]\r\n", "[a]\r\r\n"] {
            let form = foreign_form(text.as_bytes());
            assert_eq!(form, Some(Form::CarriageReturns), "{text:?}");
        }
        for text in [
            "",
            "\r",
            "\r\n",
            "[a]",
            "[a]\r\n",
            "[a]\r\nk = v\r\n",
            "[a]\nk = v\rw\n",
            "\u{feff}[a]\n",
        ] {
            assert_eq!(foreign_form(text.as_bytes()), None, "{text:?}");
        }
    }
}
