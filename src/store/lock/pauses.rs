//! Counts out the pauses while waiting for a lock. It neither sleeps nor locks.

use std::time::{Duration, Instant};

/// The first pause: an edit takes milliseconds.
const SHORTEST: Duration = Duration::from_millis(1);
/// The longest pause: the user waits for what comes after it.
const LONGEST: Duration = Duration::from_millis(50);

/// The pauses between attempts, each longer than the one before, until a limit is reached.
pub(crate) struct Pauses {
    begun: Instant,
    limit: Duration,
    next: Duration,
}

impl Pauses {
    /// The pauses of a wait that begins now and lasts at most `limit`.
    pub(crate) fn up_to(limit: Duration) -> Self {
        Self {
            begun: Instant::now(),
            limit,
            next: SHORTEST,
        }
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let left = self.limit.saturating_sub(self.begun.elapsed());
        if left.is_zero() {
            return None;
        }
        let pause = self.next.min(left);
        self.next = (self.next * 2).min(LONGEST);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_end_with_the_limit() {
        let long: Vec<u128> = Pauses::up_to(Duration::from_secs(600))
            .take(9)
            .map(|pause| pause.as_millis())
            .collect();
        assert_eq!(long, [1, 2, 4, 8, 16, 32, 50, 50, 50]);
        assert_eq!(Pauses::up_to(Duration::ZERO).next(), None);
        let limit = Duration::from_micros(200);
        assert!(Pauses::up_to(limit).all(|pause| pause <= limit));
    }
}
