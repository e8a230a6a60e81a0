//! Parses and prints a span of time, and checks what STS grants. It knows no clock.

use std::fmt;
use std::str::FromStr;

/// A span of time that a person names: `12h`, `1h30m`, `90m`, `3600`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lifetime(u64);

impl Lifetime {
    /// A lifetime of `seconds`.
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Its seconds.
    pub(crate) const fn as_seconds(self) -> u64 {
        self.0
    }

    /// The same to the nearest minute, for people; what is shorter than two minutes stays exact.
    pub(crate) const fn rounded(self) -> Self {
        if self.0 < 120 {
            self
        } else {
            Self(self.0.saturating_add(30) / 60 * 60)
        }
    }

    /// A fourth of it.
    pub(crate) const fn quarter(self) -> Self {
        Self(self.0 / 4)
    }

    /// This lifetime, when STS grants it to a role's session.
    ///
    /// The bounds are those of `DurationSeconds` in AssumeRole. Errors with the bounds in words.
    pub(crate) fn for_role(self) -> Result<Self, String> {
        if (900..=43_200).contains(&self.0) {
            Ok(self)
        } else {
            Err(format!(
                "a role's session lasts from 15m to 12h (900 to 43200 seconds), not {self}"
            ))
        }
    }

    /// This lifetime, when STS grants it to a session.
    ///
    /// The bounds are those of `DurationSeconds` in GetSessionToken. Errors with the bounds in
    /// words.
    pub(crate) fn for_session(self) -> Result<Self, String> {
        if (900..=LONGEST_LIFETIME.0).contains(&self.0) {
            Ok(self)
        } else {
            Err(format!(
                "a session lasts from 15m to 36h (900 to 129600 seconds), not {self}"
            ))
        }
    }
}

/// The longest that STS grants to anything.
pub(crate) const LONGEST_LIFETIME: Lifetime = Lifetime(129_600);

/// What STS grants when nothing is asked for, and what we ask for.
pub(crate) const DEFAULT_LIFETIME: Lifetime = Lifetime(43_200);

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{} is not a duration; examples: 12h, 1h30m, 90m, 3600",
                crate::text::quoted(text)
            )
        };
        let mut total: u64 = 0;
        let mut digits = String::new();
        // Where the digits behind a point begin.
        let mut point = None;
        for c in text.trim().chars() {
            let unit = match c {
                '0'..='9' => {
                    digits.push(c);
                    continue;
                }
                '.' if point.is_none() && !digits.is_empty() => {
                    point = Some(digits.len());
                    continue;
                }
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                's' => 1,
                _ => return Err(wrong()),
            };
            let seconds = seconds_of(&digits, point.take(), unit).ok_or_else(wrong)?;
            digits.clear();
            total = total.checked_add(seconds).ok_or_else(wrong)?;
        }
        if point.is_some() {
            return Err(wrong());
        }
        if digits.is_empty() {
            return if total == 0 && !text.trim_start().starts_with('0') {
                Err(wrong())
            } else {
                Ok(Self(total))
            };
        }
        // A bare number is seconds, as AWS counts them; after a unit it would be a guess.
        if total > 0 {
            return Err(wrong());
        }
        digits.parse().map(Self).map_err(|_| wrong())
    }
}

/// The seconds of `digits` of a `unit`, of which those from `point` on are behind a point.
fn seconds_of(digits: &str, point: Option<usize>, unit: u64) -> Option<u64> {
    let (whole, parts) = digits.split_at(point.unwrap_or(digits.len()));
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let parts = match (point, parts) {
        (None, _) => 0,
        (Some(_), parts) => {
            let tenths = 10_u64.checked_pow(u32::try_from(parts.len()).ok()?)?;
            parts.parse::<u64>().ok()?.checked_mul(unit)? / tenths
        }
    };
    whole.checked_add(parts)
}

impl fmt::Display for Lifetime {
    /// Hours, minutes and seconds, as far as there are any, spelled so that they parse again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (self.0 / 3600, 'h'),
            (self.0 / 60 % 60, 'm'),
            (self.0 % 60, 's'),
        ];
        for (count, unit) in units.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{count}{unit}")?;
        }
        match self.0 {
            0 => f.write_str("0s"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_as_people_write_it() {
        for (text, seconds) in [
            ("12h", 43_200),
            ("1h30m", 5_400),
            ("90m", 5_400),
            ("3600", 3_600),
            (" 900 ", 900),
            ("1d12h", 129_600),
            ("0", 0),
            ("0s", 0),
            ("45s", 45),
            ("1.5h", 5_400),
            ("0.25h30s", 930),
            ("1.5d", 129_600),
            ("1.333h", 4_798),
        ] {
            assert_eq!(text.parse(), Ok(Lifetime(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "h",
            "12x",
            "-1h",
            "1.5",
            ".5h",
            "1.h",
            "1.5.5h",
            "1h.5m",
            "1.99999999999999999999h",
            "1h30",
            "99999999999999999999",
            "99999999999999999h",
            "twelve",
            "٣h",
        ] {
            assert!(text.parse::<Lifetime>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_lifetime_prints_what_parses_again() {
        assert_eq!(Lifetime(129_601).to_string(), "36h1s");
        for seconds in [
            0, 45, 60, 90, 900, 3_600, 3_601, 5_400, 5_461, 43_200, 129_600, 129_601,
        ] {
            assert_eq!(Lifetime(seconds).to_string().parse(), Ok(Lifetime(seconds)));
        }
    }

    #[test]
    fn people_see_minutes() {
        assert_eq!(Lifetime(43_199).rounded().to_string(), "12h");
        assert_eq!(Lifetime(3_629).rounded().to_string(), "1h");
        assert_eq!(Lifetime(119).rounded().to_string(), "1m59s");
        assert_eq!(Lifetime(u64::MAX - 1).rounded().as_seconds() % 60, 0);
        assert_eq!(Lifetime(u64::MAX).rounded().as_seconds() % 60, 0);
    }

    #[test]
    fn sts_bounds_are_15_minutes_and_36_hours() {
        assert!(Lifetime(899).for_session().is_err());
        assert!(Lifetime(900).for_session().is_ok());
        assert!(Lifetime(129_600).for_session().is_ok());
        assert!(Lifetime(129_601).for_session().is_err());
    }
}
