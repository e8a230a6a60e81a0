//! Draws the QR code from which an authenticator app takes a seed, as the lines of a terminal. It never
//! shows it, and leaves no copy of the seed in freed memory.
//!
//! Standard: ISO/IEC 18004. Level L, because a screen has no dirt on it and a small picture fits more
//! easily.

mod segments;

use crate::value::otpauth::{Seed, Uri};
use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};
use segments::Piece;
use std::fmt;
use zeroize::Zeroizing;

/// The light modules around a code: what the standard wants, and what readers can do with.
const QUIET_ZONES: [usize; 2] = [4, 2];

/// Black on white and the reverse, whatever the terminal's colours: the two corners of the colour cube,
/// which themes leave alone. Both reset every other attribute first.
const BLACK_ON_WHITE: &str = "\x1b[0;38;5;16;48;5;231m";
const WHITE_ON_BLACK: &str = "\x1b[0;38;5;231;48;5;16m";
const USUAL: &str = "\x1b[0m";

/// Begins a new line in any mode of the terminal.
const LINE_END: &str = "\r\n";

/// The columns and lines of a terminal, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) lines: usize,
}

/// Which modules of a picture are dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    BlackOnWhite,
    /// For terminals that show colours inverted.
    WhiteOnBlack,
}

/// A QR code as the lines of a terminal. Anyone who sees it can read the seed.
#[derive(Clone)]
pub(crate) struct Picture {
    text: Zeroizing<String>,
    size: Size,
}

impl Picture {
    /// The seed as text, in groups of four letters, for a terminal that has no room for a code.
    pub(crate) fn spelled(seed: &Seed, room: Size) -> Self {
        const GROUP: usize = 4;
        let groups = seed.expose().as_bytes().chunks(GROUP);
        let in_line = (room.columns / (GROUP + 1)).max(1);
        let lines = groups.len().div_ceil(in_line);
        // Allocated once: text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(groups.len() * (GROUP + 3)));
        for (number, group) in groups.enumerate() {
            text.extend(group.iter().copied().map(char::from));
            let is_last = (number + 1) % in_line == 0;
            text.push_str(if is_last { "\r\n" } else { " " });
        }
        text.push_str("\r\n");
        let columns = in_line * (GROUP + 1);
        Self {
            text,
            size: Size {
                columns,
                lines: lines + 1,
            },
        }
    }

    /// The lines with their colours, each with its line end.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// The columns and lines that it takes.
    pub(crate) fn size(&self) -> Size {
        self.size
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Draws the first of `uris` whose code fits into `room`, with `below` lines left for text. A longer
/// label is worth more than a wide quiet zone, so each URI is tried with both zones before the next.
///
/// # Errors
///
/// If none fits: the size that the smallest needs, including the lines below.
pub(crate) fn fit(uris: &[Uri], room: Size, below: usize, ink: Ink) -> Result<Picture, Size> {
    let mut smallest = Size {
        columns: usize::MAX,
        lines: usize::MAX,
    };
    for uri in uris {
        let Some(code) = Code::of(uri) else { continue };
        for quiet in QUIET_ZONES {
            let size = code.size(quiet);
            let needed = Size {
                columns: size.columns,
                lines: size.lines + below,
            };
            if needed.columns <= room.columns && needed.lines <= room.lines {
                return Ok(code.draw(quiet, ink));
            }
            // Codes are square, so fewer columns mean fewer lines. The smallest code need not be the
            // last one: the device's name may be longer than the user's.
            if needed.columns < smallest.columns {
                smallest = needed;
            }
        }
    }
    Err(smallest)
}

/// The modules of a code, without its quiet zone.
struct Code {
    /// Row by row; 1 is dark.
    modules: Zeroizing<Vec<u8>>,
    side: usize,
}

impl Code {
    /// The smallest code of `uri`, or `None` if it is too long for any code (about 2,900 letters).
    fn of(uri: &Uri) -> Option<Self> {
        let text = uri.expose();
        let buffer = || Zeroizing::new([0; Version::MAX.buffer_len()]);
        let (mut data, mut other) = (buffer(), buffer());
        let (length, level, version) = segments::KINDS.iter().find_map(|kind| {
            let mut pieces = segments::split(text, kind);
            let segments: Vec<_> = pieces.iter_mut().map(Piece::segment).collect();
            // Segments are chosen for a range of versions, and the capacity has to be from the same
            // range.
            QrCode::encode_segments_to_codewords(
                &segments,
                &mut *data,
                QrCodeEcc::Low,
                kind.first,
                kind.last,
                false,
            )
            .ok()
        })?;
        let code = QrCode::encode_codewords(&mut *data, length, &mut *other, level, version, None);
        let side = code.size();
        let rows = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let mut modules = Zeroizing::new(Vec::with_capacity((side * side) as usize));
        modules.extend(rows.map(|(x, y)| u8::from(code.get_module(x, y))));
        Some(Self {
            modules,
            side: side as usize,
        })
    }

    /// The size with a quiet zone of that many modules. One character shows two modules, one above the
    /// other.
    fn size(&self, quiet: usize) -> Size {
        let side = self.side + 2 * quiet;
        Size {
            columns: side,
            lines: side.div_ceil(2),
        }
    }

    fn draw(&self, quiet: usize, ink: Ink) -> Picture {
        let size = self.size(quiet);
        // Not every font fills the cell with a block glyph, but the background always does: so it draws
        // the upper half, and whole characters whose halves are alike. zbar read this in all of 15 fonts
        // and terminals, and in 9 of them when a glyph drew the upper half.
        let (light, dark) = match ink {
            Ink::BlackOnWhite => (BLACK_ON_WHITE, WHITE_ON_BLACK),
            Ink::WhiteOnBlack => (WHITE_ON_BLACK, BLACK_ON_WHITE),
        };
        let character = BLACK_ON_WHITE.len() + '▄'.len_utf8();
        let line = size.columns * character + USUAL.len() + LINE_END.len();
        // Allocated once: text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(size.lines * line));
        let is_dark = |x: usize, y: usize| {
            let within = |at: usize| at.checked_sub(quiet).filter(|at| *at < self.side);
            let module = within(x).zip(within(y));
            module.is_some_and(|(x, y)| self.modules[y * self.side + x] == 1)
        };
        for line in 0..size.lines {
            let mut before = None;
            for x in 0..size.columns {
                let (upper, lower) = (is_dark(x, 2 * line), is_dark(x, 2 * line + 1));
                if before.replace(upper) != Some(upper) {
                    text.push_str(if upper { dark } else { light });
                }
                text.push(if upper == lower { ' ' } else { '▄' });
            }
            text.push_str(USUAL);
            text.push_str(LINE_END);
        }
        Picture { text, size }
    }
}

#[cfg(test)]
mod tests;
