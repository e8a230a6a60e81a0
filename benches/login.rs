//! Measures what a login costs, and the use of its session, on the machine it runs on. It reports the
//! figures beside the project's own targets and asserts none of them: times depend on the machine.
//!
//! - `cargo bench` measures the current build.
//! - `AWSMFA_BENCH_BEFORE=path/to/awsmfa cargo bench` alternates it with an older build, and prints
//!   both with the ratios of their lowest and middle figures. Above 1 the current build is slower. On
//!   a busy machine the ratios of the lowest figures and of CPU are more reliable.
//! - `cargo bench -- path/to/awsmfa` measures that program as the current build. If it is a static one
//!   for Linux, so is the empty program beside it, which needs the target of rustup whose name ends with
//!   `-unknown-linux-musl`.
//! - `AWSMFA_BENCH_FIGURES=docs/pictures/cost.tsv cargo bench` also writes the middle figures to that
//!   file, of which `cargo run --example pictures` makes a picture.
//! - `AWSMFA_BENCH_RUNS=3` measures every row three times, for a quick look.
//!
//! Every run is awsmfa itself, built as for a release, against the tests' AWS stand-in. The stand-in's
//! own cost is in no figure except the wall time, as the time of its answers.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are rules for the product"
)]

#[path = "../tests/support/mod.rs"]
mod support;

#[path = "login/authorities.rs"]
mod authorities;
#[path = "login/builds.rs"]
mod builds;
#[path = "login/files.rs"]
mod files;
#[path = "login/network.rs"]
mod network;
#[cfg(unix)]
#[path = "login/prompt.rs"]
mod prompt;
#[path = "login/runner.rs"]
mod runner;
#[path = "login/scene.rs"]
mod scene;
#[path = "login/table.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use builds::PerBuild;
use files::{large, long_term, many_sessions, with_session};
use runner::{Figures, Runner};
use scene::Scene;
use support::home::Home;
use table::Table;

/// Runs of a row that takes milliseconds.
const RUNS: usize = 41;
/// Runs of a row on a large file.
const RUNS_LARGE: usize = 11;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(runner::ARGUMENT) {
        return runner::serve();
    }
    let mut bench = Bench::new();
    let mut table = Table::new(&PerBuild::find());
    bench.start_up(&mut table);
    for profiles in [0, 1_000] {
        bench.session_at_hand(&mut table, profiles);
        bench.doctor(&mut table, profiles);
    }
    bench.authorities(&mut table);
    for (name, folder) in disks() {
        bench.logins(&mut table, name, &folder);
        for profiles in [100, 1_000, 10_000, 20_000] {
            bench.large_file(&mut table, name, &folder, profiles);
        }
    }
    for sessions in [1_000, 4_000] {
        bench.all_sessions(&mut table, sessions);
    }
    bench.slow_network(&mut table);
    table.print();
}

/// Where the rows' AWS files are: on the disk of the build and, if there is such a folder, in memory, so
/// that the disk's share of the time can be told from the program's.
fn disks() -> Vec<(&'static str, PathBuf)> {
    let mut disks = vec![("disk", PathBuf::from(env!("CARGO_TARGET_TMPDIR")))];
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        disks.push(("memory", memory.to_owned()));
    }
    disks
}

struct Bench {
    runner: Runner,
    programs: PerBuild<PathBuf>,
    is_static: bool,
    /// Runs of every row, if the user asked for a number.
    asked_runs: Option<usize>,
    /// Holds the empty program.
    folder: tempfile::TempDir,
    empty: PathBuf,
    /// The empty program's median, which is subtracted.
    base: Figures,
    /// The median of `--version`, the shortest possible run.
    shortest: PerBuild<Figures>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let programs = PerBuild::find();
        let is_static = runner::is_static(programs.fresh());
        let empty = runner::build_empty_program(folder.path(), is_static);
        let asked_runs = std::env::var("AWSMFA_BENCH_RUNS").ok().map(|text| {
            let runs = text.parse().ok().filter(|runs| *runs > 0);
            runs.expect("AWSMFA_BENCH_RUNS is a number of runs")
        });
        Self {
            runner: Runner::start(),
            shortest: programs.map(|_| Figures::default()),
            programs: programs.alike(folder.path()),
            is_static,
            asked_runs,
            folder,
            empty,
            base: Figures::default(),
        }
    }

    /// How often to measure a row.
    fn runs(&self, usual: usize) -> usize {
        self.asked_runs.unwrap_or(usual)
    }

    /// Starts that touch no file and no network. They take turns, so that a busy moment of the machine
    /// affects all of them.
    fn start_up(&mut self, table: &mut Table) {
        let homes = self.programs.map(|it| Home::new().program(it));
        let mut version = homes.map(|home| home.command(["--version"]));
        let mut versions = self.programs.map(|_| Vec::new());
        let mut empty = Command::new(&self.empty);
        empty.env_clear().current_dir(self.folder.path());
        let mut empties = Vec::new();
        for _ in 0..self.runs(RUNS) {
            empties.push(self.runner.run(&mut empty));
            versions.run_each(&mut version, |command| self.runner.run(command));
        }
        self.base = Figures::median(&empties);
        self.shortest = versions.median();
        table.row("empty Rust program", &PerBuild::only(empties));
        table.row("awsmfa --version", &versions);
        let wall = self.shortest.map(|it| it.wall_ms - self.base.wall_ms);
        let limit = if self.is_static { 0.3 } else { 0.6 };
        table.target("wall above empty", &wall, limit, "ms");
        let binary = self.programs.map(|it| {
            let length = std::fs::metadata(it).map_or(0, |it| it.len());
            length as f64 / 1e6
        });
        table.target("binary", &binary, 6.0, "MB");
    }

    /// The commands that ask for a session all day: no network and no runtime, compared with the
    /// shortest possible run. They take turns, so that a busy moment of the machine affects all of them.
    fn session_at_hand(&mut self, table: &mut Table, profiles: usize) {
        let limit = if profiles == 0 { 0.5 } else { 1.2 };
        let homes = self.programs.map(|program| {
            let home = Home::new().program(program);
            home.credentials(large(profiles))
        });
        let mut rows = [
            vec!["--version"],
            vec!["status"],
            vec!["status", "--profile", "dev"],
            vec!["export", "--profile", "dev"],
            vec!["credential-process", "--profile", "dev"],
        ]
        .map(|args| {
            let commands = homes.map(|home| home.command(&args));
            (args.join(" "), commands, homes.map(|_| Vec::new()))
        });
        for _ in 0..self.runs(RUNS) {
            for (_, commands, runs) in &mut rows {
                runs.run_each(commands, |command| self.runner.run(command));
            }
        }
        let [(_, _, shortest), uses @ ..] = &rows;
        let shortest = shortest.median();
        for (name, _, runs) in uses {
            table.row(format!("{name}, {profiles} other profiles"), runs);
            let median = runs.median();
            let wall = median.zip(&shortest, |it, shortest| it.wall_ms - shortest.wall_ms);
            let cpu = median.zip(&shortest, |it, shortest| it.cpu_ms - shortest.cpu_ms);
            table.target("wall above --version", &wall, limit, "ms");
            table.target("CPU above --version", &cpu, limit, "ms");
        }
    }

    /// Everything that can be checked without AWS, compared with the list of sessions. An older build
    /// may not have the command, so it does not take part.
    fn doctor(&mut self, table: &mut Table, profiles: usize) {
        const RATIO: f64 = 1.5;
        let home = Home::new().program(self.programs.fresh());
        let home = home.credentials(large(profiles));
        let mut status = home.command(["status"]);
        let mut doctor = home.command(["doctor", "--profile", "dev", "--offline"]);
        let (mut of_status, mut of_doctor) = (Vec::new(), Vec::new());
        for _ in 0..self.runs(RUNS) {
            of_status.push(self.runner.run(&mut status));
            of_doctor.push(self.runner.run(&mut doctor));
        }
        let ratio = Figures::median(&of_doctor).wall_ms / Figures::median(&of_status).wall_ms;
        let name = format!("doctor --profile dev --offline, {profiles} other profiles");
        table.row(name, &PerBuild::only(of_doctor));
        table.target("wall to status", &PerBuild::only(ratio), RATIO, "times");
    }

    /// The first login of the day, and the next one, which finds its session still valid.
    fn logins(&mut self, table: &mut Table, disk: &str, folder: &Path) {
        let (base, count) = (self.base, self.runs(RUNS));
        let config = "[profile dev]\nregion = eu-central-1\n";
        let mut scenes = self.programs.map(|program| {
            let scene = Scene::new(program, folder, count, true);
            scene.credentials(&long_term()).config(config)
        });
        let fresh = scenes.measure(count, |it| self.runner.run(&mut it.login("dev")));
        table.row(format!("login over TLS, code in hand ({disk})"), &fresh);
        let median = fresh.median();
        let wall = median.map(|it| it.wall_ms - base.wall_ms);
        let cpu = median.map(|it| it.cpu_ms - base.cpu_ms);
        let peak = fresh.map(|runs| Figures::highest(runs));
        let connections = scenes.map(|it| it.aws.connections() as f64 / count as f64);
        table.target("wall above empty", &wall, 5.0, "ms");
        table.target("CPU above empty", &cpu, 4.0, "ms");
        table.target("peak memory", &peak, 9.0, "MiB");
        table.target("connections", &connections, 1.0, "");
        for scene in scenes.iter() {
            assert_eq!(scene.aws.actions().len(), count, "one request a login");
        }

        let homes = self.programs.map(|program| {
            let home = Home::new_in(folder).program(program);
            home.credentials(with_session())
        });
        let kept = self.keep_sessions(homes.map(plain_login), count);
        table.row(format!("login, session still good ({disk})"), &kept);
        let kept = kept.median();
        let wall = kept.zip(&self.shortest, |it, shortest| it.wall_ms - shortest.wall_ms);
        table.target("wall above --version", &wall, 0.5, "ms");
    }

    /// A credentials file with many profiles: one session is kept, and one replaced and verified.
    fn large_file(&mut self, table: &mut Table, disk: &str, folder: &Path, profiles: usize) {
        let binding = profiles == 10_000;
        let usual = if profiles < 10_000 { RUNS } else { RUNS_LARGE };
        let count = self.runs(usual);
        let mut scenes = self.programs.map(|program| {
            let scene = Scene::new(program, folder, count, false);
            scene.credentials(&large(profiles))
        });
        let kept = self.keep_sessions(scenes.map(|it| plain_login(&it.home)), count);
        table.row(
            format!("{profiles} profiles, session still good ({disk})"),
            &kept,
        );
        if binding {
            table.target("wall", &kept.median().map(|it| it.wall_ms), 40.0, "ms");
        }
        let edited = scenes.measure(count, |it| self.runner.run(&mut it.login("dev")));
        table.row(
            format!("{profiles} profiles, new session over HTTP ({disk})"),
            &edited,
        );
        if binding {
            table.target("wall", &edited.median().map(|it| it.wall_ms), 150.0, "ms");
        }
    }

    /// A logout of many sessions at once: four times as many should cost four times as much.
    fn all_sessions(&mut self, table: &mut Table, sessions: usize) {
        let count = self.runs(RUNS_LARGE);
        let text = many_sessions(sessions);
        let mut homes = self.programs.map(|it| Home::new().program(it));
        let runs = homes.measure(count, |home| {
            std::fs::write(home.credentials_path(), &text).expect("the home is writable");
            self.runner.run(&mut home.command(["logout", "--all"]))
        });
        table.row(format!("logout of {sessions} sessions"), &runs);
    }

    fn keep_sessions(
        &mut self,
        mut logins: PerBuild<Command>,
        runs: usize,
    ) -> PerBuild<Vec<Figures>> {
        logins.measure(runs, |login| self.runner.run(login))
    }
}

/// A login that finds its session still valid.
fn plain_login(home: &Home) -> Command {
    home.command(["login", "--profile", "dev"])
}
