//! Owns the table that is printed in the end.

use crate::runner::Figures;

/// The rows so far, each with the targets that it is held against.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<String>,
}

impl Table {
    /// A row with the lowest, middle and highest figures of `runs`.
    pub(crate) fn row(&mut self, name: impl Into<String>, runs: &[Figures]) {
        let (low, high) = (extreme(runs, f64::min), extreme(runs, f64::max));
        let middle = Figures::median(runs);
        let cpu = if high.cpu_ms > 0.0 {
            format!(
                "{:>8.2}{:>8.2}{:>8.2}{:>9.1}",
                low.cpu_ms, middle.cpu_ms, high.cpu_ms, high.peak_mib
            )
        } else {
            String::new()
        };
        let name = name.into();
        // Whoever watches wants to see that it goes on.
        eprintln!("{name}: {:.2} ms", middle.wall_ms);
        self.lines.push(format!(
            "{name:<52}{:>5}{:>9.2}{:>9.2}{:>9.2}  {cpu}",
            runs.len(),
            low.wall_ms,
            middle.wall_ms,
            high.wall_ms
        ));
    }

    /// A target of the row before: `value` should be no more than `limit`.
    pub(crate) fn target(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        let verdict = if value <= limit { "met" } else { "MISSED" };
        self.lines.push(format!(
            "    target: {what} {value:.2} {unit}, at most {limit:.1}: {verdict}"
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

fn extreme(runs: &[Figures], pick: fn(f64, f64) -> f64) -> Figures {
    runs.iter()
        .copied()
        .reduce(|one, other| Figures {
            wall_ms: pick(one.wall_ms, other.wall_ms),
            cpu_ms: pick(one.cpu_ms, other.cpu_ms),
            peak_mib: pick(one.peak_mib, other.peak_mib),
        })
        .unwrap_or_default()
}
