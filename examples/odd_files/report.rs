//! Counts the results of the cases, writes the violations down, and prints the table. It never judges.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::case::{Outcome, Ran};
use super::files::Files;

/// This many violations of a kind are written down; all are counted.
const KEPT: usize = 25;

/// The results of all cases so far.
pub(crate) struct Report {
    folder: PathBuf,
    cases: usize,
    runs: usize,
    accepted: usize,
    refused: BTreeMap<String, usize>,
    violations: BTreeMap<String, usize>,
}

impl Report {
    /// An empty report, whose findings go to `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            cases: 0,
            runs: 0,
            accepted: 0,
            refused: BTreeMap::new(),
            violations: BTreeMap::new(),
        }
    }

    /// Whether no promise was broken.
    pub(crate) fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Adds a case; `name` says how to reproduce it.
    pub(crate) fn add(
        &mut self,
        name: &str,
        files: &Files,
        outcome: &Outcome,
    ) -> anyhow::Result<()> {
        self.cases += 1;
        self.runs += outcome.runs.len();
        match &outcome.refused {
            None => self.accepted += 1,
            Some(reason) => *self.refused.entry(reason.clone()).or_default() += 1,
        }
        for ran in &outcome.runs {
            // A case counts once per kind, however many lines are affected.
            let mut kinds: Vec<&str> = ran.violations.iter().map(|it| &*it.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            for kind in kinds {
                let count = self.violations.entry(kind.to_owned()).or_default();
                *count += 1;
                if *count <= KEPT {
                    let place = self.folder.join(slug(kind)).join(format!("{count:02}"));
                    write(&place, name, files, ran)
                        .with_context(|| format!("can't write {}", place.display()))?;
                }
            }
        }
        Ok(())
    }

    /// The table.
    pub(crate) fn table(&self, took: Duration) -> String {
        let mut out = String::new();
        let per_second = self.runs as f64 / took.as_secs_f64().max(0.001);
        let _ = writeln!(
            out,
            "{} cases, {} runs of awsmfa in {:.0} s ({per_second:.0}/s)\n{} logins accepted, {} refused",
            self.cases,
            self.runs,
            took.as_secs_f64(),
            self.accepted,
            self.cases - self.accepted,
        );
        rows(&mut out, "refused", &self.refused);
        rows(&mut out, "violations", &self.violations);
        if self.is_clean() {
            let _ = writeln!(out, "\nno violation");
        } else {
            let _ = writeln!(out, "\nthey are in {}", self.folder.display());
        }
        out
    }
}

fn rows(out: &mut String, title: &str, counts: &BTreeMap<String, usize>) {
    if counts.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    for (name, count) in rows {
        let _ = writeln!(out, "{count:8}  {name}");
    }
}

fn slug(kind: &str) -> String {
    let letters = kind.chars();
    letters
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
        .collect::<String>()
        .to_lowercase()
}

/// Writes one finding: the original files, those before and after the run that broke a promise, and a
/// page about it.
fn write(place: &Path, name: &str, files: &Files, ran: &Ran) -> std::io::Result<()> {
    fs::create_dir_all(place)?;
    for (end, files) in [
        ("", files),
        (".before", &ran.before),
        (".after", &ran.after),
    ] {
        for (file, bytes) in [
            ("config", &files.config),
            ("credentials", &files.credentials),
        ] {
            if let Some(bytes) = bytes {
                fs::write(place.join(format!("{file}{end}")), bytes)?;
            }
        }
    }
    let mut page = format!(
        "{name}\nawsmfa {}\nexit code {:?}\n\n",
        ran.args.join(" "),
        ran.code
    );
    for violation in &ran.violations {
        let _ = writeln!(page, "{}\n    {}", violation.kind, violation.what);
    }
    let _ = write!(
        page,
        "\n--- standard output\n{}--- standard error\n{}",
        ran.stdout, ran.stderr
    );
    fs::write(place.join("report.txt"), page)
}
