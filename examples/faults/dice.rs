//! Throws dice that a seed makes repeatable. It never asks the system for a number.

use std::time::Duration;

/// A source of numbers (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// Separate dice for each `part` and each `number` within it.
    pub(crate) fn new(seed: u64, part: u64, number: usize) -> Self {
        let mut dice = Self(seed ^ part.wrapping_mul(0x9e6c_63d0_876a_46bd));
        dice.0 = dice.next().wrapping_add(number as u64);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// True one time in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `all`.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A duration of up to `end`.
    pub(crate) fn up_to(&mut self, end: Duration) -> Duration {
        end.mul_f64((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// A word of `length` letters.
    pub(crate) fn word(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }
}
