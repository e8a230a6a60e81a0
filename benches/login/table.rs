//! Prints what was measured: a line as soon as a row is done, the table in the end, and the middle
//! figures into a file that was asked for. It computes nothing but lowest, middle and highest
//! figures, and the ratios of two builds.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use crate::builds::PerBuild;
use crate::runner::Figures;

/// Names the file that gets the figures of the fresh build.
const FIGURES: &str = "AWSMFA_BENCH_FIGURES";

/// The rows so far, each with the targets that it is held against.
pub(crate) struct Table {
    lines: Vec<String>,
    figures: Option<File>,
}

impl Table {
    /// A table without rows, which says what is compared where there are two builds.
    pub(crate) fn new(programs: &PerBuild<PathBuf>) -> Self {
        let mut lines = Vec::new();
        if let Some(before) = programs.before() {
            lines.push(format!("measured: {}", programs.fresh().display()));
            lines.push(format!("before:   {}", before.display()));
        }
        let figures = std::env::var_os(FIGURES).map(|path| {
            let created = File::create(&path);
            created.unwrap_or_else(|why| panic!("{FIGURES}: {}: {why}", path.display()))
        });
        let table = Self { lines, figures };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        table.note(&format!(
            "# measured on {} on {} with {processors} processors\nrow\truns\twall, ms\tCPU, ms\tpeak, MiB",
            chrono::Utc::now().format("%F"),
            std::env::consts::OS
        ));
        table
    }

    /// Writes to the file of figures.
    fn note(&self, line: &str) {
        if let Some(mut figures) = self.figures.as_ref() {
            writeln!(figures, "{line}").expect("there is room for the figures");
        }
    }

    /// A row with the lowest, middle and highest figures of the runs.
    pub(crate) fn row(&mut self, name: impl Into<String>, runs: &PerBuild<Vec<Figures>>) {
        let name = name.into();
        self.lines.push(format_runs(&name, runs.fresh()));
        let middle = Figures::median(runs.fresh());
        let highest = pick_each(runs.fresh(), f64::max);
        let rest = if highest.cpu_ms > 0.0 {
            format!("{:.2}\t{:.1}", middle.cpu_ms, highest.peak_mib)
        } else {
            "\t".to_owned()
        };
        let count = runs.fresh().len();
        self.note(&format!("{name}\t{count}\t{:.2}\t{rest}", middle.wall_ms));
        // Shows a person who watches that it goes on.
        let Some(before) = runs.before() else {
            eprintln!("{name}: {:.2} ms", middle.wall_ms);
            return;
        };
        let earlier = Figures::median(before);
        eprintln!(
            "{name}: {:.2} ms, before {:.2} ms",
            middle.wall_ms, earlier.wall_ms
        );
        self.lines.push(format_runs("    before", before));
        let (lowest, lowest_before) = (
            pick_each(runs.fresh(), f64::min),
            pick_each(before, f64::min),
        );
        let cpu = if lowest_before.cpu_ms > 0.0 {
            format!(
                "{:>8.2}{:>8.2}",
                lowest.cpu_ms / lowest_before.cpu_ms,
                middle.cpu_ms / earlier.cpu_ms
            )
        } else {
            String::new()
        };
        let line = format!(
            "{:<52}{:>5}{:>9.2}{:>9.2}{:>9}  {cpu}",
            "    ratio to before",
            "",
            lowest.wall_ms / lowest_before.wall_ms,
            middle.wall_ms / earlier.wall_ms,
            ""
        );
        self.lines.push(line.trim_end().to_owned());
    }

    /// A target of the row before: `value` should be no more than `limit`.
    pub(crate) fn target(&mut self, what: &str, value: &PerBuild<f64>, limit: f64, unit: &str) {
        let fresh = *value.fresh();
        let verdict = if fresh <= limit { "met" } else { "MISSED" };
        let before = value.before();
        let before = before.map_or_else(String::new, |it| format!(" (before: {it:.2})"));
        self.lines.push(format!(
            "    target: {what} {fresh:.2} {unit}, at most {limit:.1}: {verdict}{before}"
        ));
    }

    pub(crate) fn print(&self) {
        println!(
            "\n{:<52}{:>5}{:>27}  {:>24}{:>9}",
            "", "", "wall, ms", "CPU, ms", "peak"
        );
        println!(
            "{:<52}{:>5}{:>9}{:>9}{:>9}  {:>8}{:>8}{:>8}{:>9}",
            "", "runs", "min", "median", "max", "min", "median", "max", "MiB"
        );
        for line in &self.lines {
            println!("{line}");
        }
    }
}

fn format_runs(name: &str, runs: &[Figures]) -> String {
    let (low, high) = (pick_each(runs, f64::min), pick_each(runs, f64::max));
    let middle = Figures::median(runs);
    let cpu = if high.cpu_ms > 0.0 {
        format!(
            "{:>8.2}{:>8.2}{:>8.2}{:>9.1}",
            low.cpu_ms, middle.cpu_ms, high.cpu_ms, high.peak_mib
        )
    } else {
        String::new()
    };
    format!(
        "{name:<52}{:>5}{:>9.2}{:>9.2}{:>9.2}  {cpu}",
        runs.len(),
        low.wall_ms,
        middle.wall_ms,
        high.wall_ms
    )
}

/// The figures that `pick` chooses among the runs, each by itself.
fn pick_each(runs: &[Figures], pick: fn(f64, f64) -> f64) -> Figures {
    runs.iter()
        .copied()
        .reduce(|one, other| Figures {
            wall_ms: pick(one.wall_ms, other.wall_ms),
            cpu_ms: pick(one.cpu_ms, other.cpu_ms),
            peak_mib: pick(one.peak_mib, other.peak_mib),
        })
        .unwrap_or_default()
}
