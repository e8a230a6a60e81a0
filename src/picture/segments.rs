//! Splits a text into the QR segments that take the fewest bits: digits, digits and capitals, bytes. It
//! draws nothing.
//!
//! The seed is Base32 and an account is a number, so mixed segments make the code up to two sizes
//! smaller than bytes alone. Cost of a segment: ISO/IEC 18004, 7.4.

use qrcodegen_no_heap::{QrSegment, QrSegmentMode, Version};
use zeroize::Zeroizing;

/// Versions whose segment headers have the same length, so that they split a text alike.
pub(super) struct Kind {
    pub(super) first: Version,
    pub(super) last: Version,
    /// The bits of a segment's header, in the order of [`MODES`].
    head: [usize; 3],
}

pub(super) const KINDS: [Kind; 3] = [
    Kind::new(1, 9, [12, 13, 14]),
    Kind::new(10, 26, [20, 15, 16]),
    Kind::new(27, 40, [20, 17, 18]),
];

/// The encodings of a character and their cost in sixths of a bit: 8 bits for one byte; 11 bits for two
/// alphanumerics; 10 bits for three digits.
const MODES: [(QrSegmentMode, usize); 3] = [
    (QrSegmentMode::Byte, 48),
    (QrSegmentMode::Alphanumeric, 33),
    (QrSegmentMode::Numeric, 20),
];

impl Kind {
    const fn new(first: u8, last: u8, head: [usize; 3]) -> Self {
        Self {
            first: Version::new(first),
            last: Version::new(last),
            head,
        }
    }
}

/// A piece of a text that becomes a segment of its own.
pub(super) struct Piece<'a> {
    mode: QrSegmentMode,
    text: &'a str,
    /// Its encoded bits, if they are not simply its bytes.
    bits: Zeroizing<Vec<u8>>,
}

/// Splits `text` into the segments that take the fewest bits.
pub(super) fn split<'a>(text: &'a str, kind: &Kind) -> Vec<Piece<'a>> {
    // For each character and mode: the mode of the character before it on the cheapest path.
    let mut ways: Vec<[usize; 3]> = Vec::with_capacity(text.len());
    let mut costs = [0; 3];
    for byte in text.bytes() {
        let mut next = [usize::MAX; 3];
        let mut way = [0; 3];
        for (mode, (_, each)) in MODES.iter().enumerate() {
            if !fits(byte, mode) {
                continue;
            }
            for (before, cost) in costs.iter().enumerate() {
                let is_new = ways.is_empty() || before != mode;
                // A segment takes a whole number of bits.
                let begun = |cost: usize| cost.div_ceil(6) * 6 + kind.head[mode] * 6;
                let cost = match *cost {
                    usize::MAX => continue,
                    cost if is_new => begun(cost) + each,
                    cost => cost + each,
                };
                if cost < next[mode] {
                    (next[mode], way[mode]) = (cost, before);
                }
            }
        }
        costs = next;
        ways.push(way);
    }
    let mut mode = (0..3).min_by_key(|mode| costs[*mode]).unwrap_or(0);
    let (mut pieces, mut end) = (Vec::new(), text.len());
    for at in (0..text.len()).rev() {
        let before = ways[at][mode];
        if at == 0 || before != mode {
            pieces.push(Piece::new(MODES[mode].0, &text[at..end]));
            end = at;
        }
        mode = before;
    }
    pieces.reverse();
    pieces
}

impl<'a> Piece<'a> {
    fn new(mode: QrSegmentMode, text: &'a str) -> Self {
        let room = match mode {
            QrSegmentMode::Byte => None,
            _ => QrSegment::calc_buffer_size(mode, text.len()),
        };
        let bits = Zeroizing::new(vec![0; room.unwrap_or_default()]);
        Self { mode, text, bits }
    }

    /// The piece as a segment.
    pub(super) fn segment(&mut self) -> QrSegment<'_> {
        match self.mode {
            QrSegmentMode::Numeric => QrSegment::make_numeric(self.text, &mut self.bits),
            QrSegmentMode::Alphanumeric => QrSegment::make_alphanumeric(self.text, &mut self.bits),
            _ => QrSegment::make_bytes(self.text.as_bytes()),
        }
    }
}

fn fits(byte: u8, mode: usize) -> bool {
    match MODES[mode].0 {
        QrSegmentMode::Numeric => byte.is_ascii_digit(),
        QrSegmentMode::Alphanumeric => {
            byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cost(pieces: &[(usize, usize)], kind: &Kind) -> usize {
        let bits = |(mode, length): &(usize, usize)| {
            kind.head[*mode] + (length * MODES[*mode].1).div_ceil(6)
        };
        pieces.iter().map(bits).sum()
    }

    fn chosen(text: &str, kind: &Kind) -> Vec<(usize, usize)> {
        let pieces = split(text, kind);
        let whole: String = pieces.iter().map(|piece| piece.text).collect();
        assert_eq!(whole, text, "nothing is lost");
        let number = |mode| MODES.iter().position(|it| it.0 == mode);
        pieces
            .iter()
            .map(|piece| (number(piece.mode).expect("a mode"), piece.text.len()))
            .collect()
    }

    /// The lowest cost over all ways to assign modes to characters.
    fn cheapest(text: &str, kind: &Kind) -> usize {
        let bytes = text.as_bytes();
        let ways = (0..3_usize.pow(bytes.len() as u32)).filter_map(|mut way| {
            let mut pieces: Vec<(usize, usize)> = Vec::new();
            for byte in bytes {
                let mode = way % 3;
                way /= 3;
                if !fits(*byte, mode) {
                    return None;
                }
                match pieces.last_mut() {
                    Some((last, length)) if *last == mode => *length += 1,
                    _ => pieces.push((mode, 1)),
                }
            }
            Some(cost(&pieces, kind))
        });
        ways.min().expect("all are bytes")
    }

    #[test]
    fn seed_and_account_get_their_own_segments() {
        let text = "otpauth://totp/AWS:alice@123456789012?secret=JBSWY3DPEHPK3PXP&issuer=AWS";
        let modes = chosen(text, &KINDS[0]);
        assert_eq!(modes, [(0, 25), (2, 12), (0, 8), (1, 16), (0, 11)]);
    }

    proptest! {
        #[test]
        fn no_other_split_takes_fewer_bits(text in "[0-9A-Ca%]{1,9}", kind in 0..3_usize) {
            let kind = &KINDS[kind];
            prop_assert_eq!(cost(&chosen(&text, kind), kind), cheapest(&text, kind));
        }

        #[test]
        fn long_runs_are_split_optimally_too(digits in "[0-9]{0,40}", capitals in "[A-Z]{0,40}", rest in "[a-z]{0,9}") {
            let text = format!("{rest}{digits}{capitals}{digits}{rest}");
            for kind in &KINDS {
                let whole = [(0, text.len())];
                prop_assert!(text.is_empty() || cost(&chosen(&text, kind), kind) <= cost(&whole, kind));
            }
        }
    }
}
