//! Splits a file into the sections that awsmfa may write and everything else. It knows only the simple
//! files that these trials begin with, and never repairs one.

/// A file in two parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts {
    /// Every line that awsmfa must leave alone, in order: those of other sections, and comments within
    /// its own. Blank lines are left out.
    pub(crate) rest: Vec<String>,
    /// awsmfa's sections, by their header as written, with their lines sorted.
    pub(crate) ours: Vec<(String, Vec<String>)>,
}

/// Splits `bytes`. A section is awsmfa's if `is_ours` says so for the name in its header.
pub(crate) fn part(bytes: &[u8], is_ours: impl Fn(&str) -> bool) -> Parts {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = Parts {
        rest: Vec::new(),
        ours: Vec::new(),
    };
    let mut inside = false;
    // A last line without a line end counts as different from the same line with one.
    for line in text.split_inclusive('\n') {
        let header = line.strip_prefix('[').and_then(|it| it.strip_suffix("]\n"));
        if let Some(header) = header {
            inside = is_ours(header.strip_prefix("profile ").unwrap_or(header));
            if inside {
                parts.ours.push((header.to_owned(), Vec::new()));
                continue;
            }
        }
        if line.trim().is_empty() {
            continue;
        }
        match parts.ours.last_mut() {
            Some((_, lines)) if inside && !line.starts_with('#') => lines.push(line.to_owned()),
            _ => parts.rest.push(line.to_owned()),
        }
    }
    for (_, lines) in &mut parts.ours {
        lines.sort();
    }
    parts
}

impl Parts {
    /// The lines of awsmfa's section for `profile`, if there is exactly one.
    pub(crate) fn section(&self, profile: &str) -> Option<&[String]> {
        let is = |header: &str| header.strip_prefix("profile ").unwrap_or(header) == profile;
        let mut found = self.ours.iter().filter(|(header, _)| is(header));
        let (_, lines) = found.next()?;
        found.next().is_none().then_some(lines)
    }
}

/// Whether `needle` is somewhere in `bytes`, which are ASCII in these trials.
pub(crate) fn contains(bytes: &[u8], needle: &str) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|it| it.contains(needle))
}
