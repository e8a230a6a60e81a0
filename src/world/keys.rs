//! Works out which keys were pressed from the bytes that a terminal sends. It reads no bytes itself, and
//! never decides what a key does: `list` does.

use anstyle_parse::{Params, Parser, Perform};

/// The keys that matter to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A printable character.
    Char(char),
    Enter,
    /// Deletes the last character.
    Backspace,
    /// Deletes the last word.
    BackWord,
    /// Deletes everything.
    BackAll,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// Escape, end of input, or Ctrl-C where it sends no signal.
    Cancel,
}

/// The part of a key that has arrived so far.
#[derive(Default)]
pub(super) struct Keys {
    parser: Parser,
    sequence: Sequence,
    /// Whether a multi-byte character has begun.
    is_within_character: bool,
}

/// How much of a key's escape sequence has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sequence {
    /// There is none.
    #[default]
    None,
    /// Escape, which may also be a key itself.
    Escape,
    /// More than that.
    Begun,
    /// Escape and O: the next character names the key.
    Application,
}

impl Keys {
    /// The key that `byte` completes, if it is one we know.
    pub(super) fn press(&mut self, byte: u8) -> Option<Key> {
        if self.is_within_character && byte.is_ascii() {
            // The sequence never ended, and this is another key.
            *self = Self::default();
        }
        let before = self.sequence;
        self.sequence = match (byte, before) {
            (ESCAPE, _) => Sequence::Escape,
            (_, Sequence::Escape) => Sequence::Begun,
            _ => before,
        };
        let mut reader = Reader {
            sequence: &mut self.sequence,
            key: None,
        };
        self.parser.advance(&mut reader, byte);
        let key = reader.key;
        self.is_within_character = !byte.is_ascii() && key.is_none() && !self.is_within();
        key
    }

    /// Whether more may follow what began with Escape, if that was not the Escape key.
    pub(super) fn is_within(&self) -> bool {
        self.sequence != Sequence::None
    }

    /// The key if nothing more arrives: an unfinished sequence is dropped.
    pub(super) fn give_up(&mut self) -> Option<Key> {
        let Self { sequence, .. } = std::mem::take(self);
        (sequence == Sequence::Escape).then_some(Key::Cancel)
    }
}

const ESCAPE: u8 = 0x1b;
const DELETE: char = '\u{7f}';

/// Receives what the parser makes of the bytes.
struct Reader<'a> {
    sequence: &'a mut Sequence,
    key: Option<Key>,
}

impl Reader<'_> {
    /// Ends the sequence with `key`, if it is known.
    fn end(&mut self, key: Option<Key>) {
        *self.sequence = Sequence::None;
        self.key = key;
    }
}

/// The cursor or function key that `name` stands for at the end of a sequence.
fn named(name: u8) -> Option<Key> {
    match name {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'H' => Some(Key::First),
        b'F' => Some(Key::Last),
        // Shift-Tab.
        b'Z' => Some(Key::Up),
        _ => None,
    }
}

impl Perform for Reader<'_> {
    fn print(&mut self, c: char) {
        let is_named = *self.sequence == Sequence::Application;
        let key = match u8::try_from(c) {
            Ok(name) if is_named => named(name),
            _ if c == DELETE => Some(Key::Backspace),
            _ if c.is_control() => None,
            _ => Some(Key::Char(c)),
        };
        self.end(key);
    }

    fn execute(&mut self, byte: u8) {
        self.end(match byte {
            b'\r' | b'\n' => Some(Key::Enter),
            // Ctrl-C and Ctrl-D.
            0x03 | 0x04 => Some(Key::Cancel),
            0x08 | 0x7f => Some(Key::Backspace),
            // Tab and Ctrl-N.
            b'\t' | 0x0e => Some(Key::Down),
            // Ctrl-P.
            0x10 => Some(Key::Up),
            // Ctrl-U.
            0x15 => Some(Key::BackAll),
            // Ctrl-W.
            0x17 => Some(Key::BackWord),
            _ => None,
        });
    }

    fn csi_dispatch(&mut self, params: &Params, _: &[u8], _: bool, name: u8) {
        let first = params.iter().next().and_then(|it| it.first().copied());
        self.end(match (name, first) {
            (b'~', Some(1 | 7)) => Some(Key::First),
            (b'~', Some(4 | 8)) => Some(Key::Last),
            (b'~', Some(5)) => Some(Key::PageUp),
            (b'~', Some(6)) => Some(Key::PageDown),
            (b'~', _) => None,
            (name, _) => named(name),
        });
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        if byte == b'O' {
            *self.sequence = Sequence::Application;
        } else {
            self.end(None);
        }
    }

    fn unhook(&mut self) {
        self.end(None);
    }

    fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
        self.end(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pressed(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        let mut found: Vec<Key> = bytes.iter().filter_map(|it| keys.press(*it)).collect();
        found.extend(keys.is_within().then(|| keys.give_up()).flatten());
        found
    }

    #[test]
    fn every_key_is_told_by_what_terminals_send_for_it() {
        for (bytes, key) in [
            (&b"a"[..], Key::Char('a')),
            ("é".as_bytes(), Key::Char('é')),
            ("日".as_bytes(), Key::Char('日')),
            (b" ", Key::Char(' ')),
            (b"\r", Key::Enter),
            (b"\n", Key::Enter),
            (b"\x7f", Key::Backspace),
            (b"\x08", Key::Backspace),
            (b"\x15", Key::BackAll),
            (b"\x17", Key::BackWord),
            (b"\x1b[A", Key::Up),
            (b"\x1bOA", Key::Up),
            (b"\x1b[1;5A", Key::Up),
            (b"\x1b[B", Key::Down),
            (b"\x1bOB", Key::Down),
            (b"\x1b[Z", Key::Up),
            (b"\t", Key::Down),
            (b"\x1b[5~", Key::PageUp),
            (b"\x1b[6~", Key::PageDown),
            (b"\x1b[H", Key::First),
            (b"\x1bOH", Key::First),
            (b"\x1b[1~", Key::First),
            (b"\x1b[4~", Key::Last),
            (b"\x1bOF", Key::Last),
            (b"\x1b", Key::Cancel),
            (b"\x1b\x1b", Key::Cancel),
            (b"\x03", Key::Cancel),
            (b"\x04", Key::Cancel),
        ] {
            assert_eq!(pressed(bytes), [key], "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_key_of_a_list_is_passed_over_and_what_follows_it_is_not() {
        for bytes in [
            &b"\x1b[200~"[..],
            b"\x1b[3~",
            b"\x1b[24~",
            b"\x1bOP",
            b"\x1bb",
            b"\x1b[I",
            b"\x1b[?1;2c",
            b"\x1b]11;rgb:0000/0000/0000\x1b\\",
            b"\x1bP1$r0m\x1b\\",
            b"\x00",
            b"\x1a",
        ] {
            assert_eq!(pressed(bytes), [], "{bytes:?}");
            let more = [bytes, b"x"].concat();
            assert_eq!(pressed(&more), [Key::Char('x')], "{more:?}");
        }
        for begun in [&b"\xc3"[..], b"\xe6\x97", b"\xf0\x9f\x98"] {
            assert_eq!(pressed(&[begun, b"\x04"].concat()), [Key::Cancel]);
            assert_eq!(pressed(&[begun, b"\x1b[A"].concat()), [Key::Up]);
        }
        // An unfinished sequence is dropped if nothing more arrives.
        let mut keys = Keys::default();
        for byte in *b"\x1b]dev" {
            assert_eq!(keys.press(byte), None);
        }
        assert!(keys.is_within());
        assert_eq!(keys.give_up(), None);
        assert_eq!(keys.press(b'x'), Some(Key::Char('x')));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_deaf(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut keys = Keys::default();
            for byte in bytes {
                keys.press(byte);
            }
            // After the remains of a multi-byte character, one more byte is needed to notice.
            keys.give_up();
            prop_assert_eq!(keys.press(b'x'), Some(Key::Char('x')));
        }
    }
}
