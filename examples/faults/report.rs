//! Counts the results of the trials, keeps the files of those that broke a promise, and prints the
//! tables. It never decides what a trial shows.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use anyhow::Context;

use crate::arguments::Arguments;

/// The number of failures kept per row: the first few say enough.
const KEPT: usize = 8;

/// One of the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Kills,
    Races,
    Logins,
    Devices,
}

/// The columns of each table. The last one is a promise: anything in it is a failure.
const COLUMNS: [(Table, [&str; 2], &[&str]); 4] = [
    (
        Table::Kills,
        ["killed", "way"],
        &[
            "kills",
            "old file",
            "new file",
            "cut short until the next run",
            BROKEN,
        ],
    ),
    (
        Table::Races,
        ["beside", "way"],
        &[
            "races",
            "their writes",
            "ready",
            "refused",
            "missing for a moment",
            "session overwritten by a stale read",
            "written to the replaced file",
            "lost without a lock in place",
            BROKEN,
        ],
    ),
    (
        Table::Logins,
        ["at once", "way"],
        &["logins", "ready", "refused", BROKEN],
    ),
    (
        Table::Devices,
        ["task", "harm"],
        &[
            "runs",
            "done",
            "settled by the next run",
            "named by the next run",
            BROKEN,
        ],
    ),
];

/// The column that must stay empty.
pub(crate) const BROKEN: &str = "lost by us";

/// A trial that broke a promise.
#[derive(Debug)]
pub(crate) struct Broken {
    /// An account of what happened, for a human reader.
    pub(crate) story: String,
    /// Further evidence, by name.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// How many losses it counts for.
    pub(crate) times: usize,
}

impl From<String> for Broken {
    fn from(story: String) -> Self {
        Self {
            story,
            files: Vec::new(),
            times: 1,
        }
    }
}

impl Broken {
    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((name.to_owned(), bytes.into()));
        self
    }
}

/// Everything that the trials have shown so far.
pub(crate) struct Report {
    inner: Mutex<Inner>,
    keep: PathBuf,
    seed: u64,
    begun: Instant,
}

#[derive(Default)]
struct Inner {
    rows: Vec<Row>,
    notes: Vec<String>,
    kept: usize,
    broken: usize,
}

struct Row {
    table: Table,
    name: [String; 2],
    /// How many failures have been kept.
    kept: usize,
    counts: Vec<usize>,
}

impl Report {
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let keep = match &arguments.keep {
            Some(folder) => folder.clone(),
            None => {
                // target/debug/examples/faults
                let own = std::env::current_exe().context("this program's own path")?;
                let target = own.ancestors().nth(3).context("the target folder")?;
                target.join("faults")
            }
        };
        Ok(Self {
            inner: Mutex::default(),
            keep: keep.join(format!("{:x}-{}", arguments.seed, std::process::id())),
            seed: arguments.seed,
            begun: Instant::now(),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder panics")
    }

    /// Adds `times` to a column of a row, which is created if it is new.
    pub(crate) fn count(&self, table: Table, row: [&str; 2], column: &str, times: usize) {
        let columns = columns(table).1;
        let column = columns.iter().position(|it| *it == column);
        let column = column.expect("the table has the column");
        let mut inner = self.inner();
        let found = inner
            .rows
            .iter_mut()
            .find(|it| it.table == table && it.name == row);
        if let Some(found) = found {
            found.counts[column] += times;
        } else {
            let mut counts = vec![0; columns.len()];
            counts[column] = times;
            let name = row.map(str::to_owned);
            inner.rows.push(Row {
                table,
                name,
                kept: 0,
                counts,
            });
        }
    }

    /// Counts a trial that broke a promise, and keeps the evidence.
    pub(crate) fn broken(&self, table: Table, row: [&str; 2], broken: &Broken) {
        self.count(table, row, BROKEN, broken.times);
        let mut inner = self.inner();
        inner.broken += 1;
        let rows = inner.rows.iter_mut();
        for found in rows.filter(|it| it.table == table && it.name == row) {
            found.kept += 1;
            if found.kept > KEPT {
                return;
            }
        }
        inner.kept += 1;
        let folder = self.keep.join(format!("{:03}", inner.kept));
        let story = format!("{} ({}): {}\n", row[0], row[1], broken.story);
        eprintln!("{story}  kept in {}", folder.display());
        let kept = fs::create_dir_all(&folder).and_then(|()| {
            fs::write(folder.join("story"), &story)?;
            broken
                .files
                .iter()
                .try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
        });
        if let Err(error) = kept {
            eprintln!("  (not kept: {error})");
        }
    }

    /// Adds a note below the tables, once.
    pub(crate) fn note(&self, note: &str) {
        let mut inner = self.inner();
        if !inner.notes.iter().any(|it| it == note) {
            inner.notes.push(note.to_owned());
        }
    }

    /// The tables as Markdown.
    pub(crate) fn tables(&self) -> String {
        let inner = self.inner();
        let mut text = String::new();
        for (table, head, columns) in COLUMNS {
            let rows: Vec<&Row> = inner.rows.iter().filter(|it| it.table == table).collect();
            if rows.is_empty() {
                continue;
            }
            let titles = head.iter().chain(columns).copied();
            let titles: Vec<&str> = titles.collect();
            let rules = format!("|---|---|{}", "--:|".repeat(columns.len()));
            let _ = writeln!(text, "| {} |\n{rules}", titles.join(" | "));
            for row in rows {
                let counts: Vec<String> = row.counts.iter().map(usize::to_string).collect();
                let name = row.name.join(" | ");
                let _ = writeln!(text, "| {name} | {} |", counts.join(" | "));
            }
            text.push('\n');
        }
        for note in &inner.notes {
            let _ = writeln!(text, "{note}");
        }
        let took = self.begun.elapsed().as_secs();
        let _ = writeln!(text, "seed {:#x}, {took} s", self.seed);
        text
    }

    /// The exit code: 1 if a promise was broken.
    pub(crate) fn end(&self) -> ExitCode {
        let inner = self.inner();
        if inner.broken == 0 {
            return ExitCode::SUCCESS;
        }
        let (broken, folder) = (inner.broken, self.keep.display());
        eprintln!("faults: {broken} trials broke a promise: see {folder}");
        ExitCode::FAILURE
    }
}

fn columns(table: Table) -> ([&'static str; 2], &'static [&'static str]) {
    let found = COLUMNS.iter().find(|(it, ..)| *it == table);
    let (_, head, columns) = found.expect("every table has columns");
    (*head, columns)
}
