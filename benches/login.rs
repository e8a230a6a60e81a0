//! What a login costs, and the use of its session, measured in one run on the machine it runs on: `cargo bench`. Another
//! build of awsmfa is measured by `cargo bench -- path/to/awsmfa`.
//!
//! It reports, beside the targets that the project has set itself, and asserts nothing: wall times
//! depend on the machine. Everything is awsmfa itself, built as for a release, against the AWS
//! stand-in of the tests; what the stand-in costs is in no figure but the wall time of its answers.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are rules for the product"
)]

#[path = "../tests/support/mod.rs"]
mod support;

#[path = "login/files.rs"]
mod files;
#[cfg(unix)]
#[path = "login/prompt.rs"]
mod prompt;
#[path = "login/runner.rs"]
mod runner;
#[path = "login/table.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use files::{DEVICE_SECRET, large, long_term, with_session};
use runner::{Figures, Runner};
use support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use support::home::Home;
use support::proxy::Proxy;
use table::Table;

/// Runs of a row that takes milliseconds.
const RUNS: usize = 41;
/// Runs of a row on a large file.
const RUNS_LARGE: usize = 11;
/// Runs through the slow network.
const RUNS_SLOW: usize = 5;
/// The slow network, one way.
const LATENCY: Duration = Duration::from_millis(100);

fn main() {
    if std::env::args().nth(1).as_deref() == Some(runner::ARGUMENT) {
        return runner::serve();
    }
    let mut bench = Bench::new();
    let mut table = Table::default();
    bench.start_up(&mut table);
    for profiles in [0, 1_000] {
        bench.session_at_hand(&mut table, profiles);
    }
    for (name, folder) in disks() {
        bench.logins(&mut table, name, &folder);
        for profiles in [1_000, 10_000, 20_000] {
            bench.large_file(&mut table, name, &folder, profiles);
        }
    }
    bench.network(&mut table);
    table.print();
}

/// Where the AWS files of the rows lie: on the disk of the build, and in memory where there is
/// such a folder, so that the disk's share can be told from the program's.
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
    /// The awsmfa that is measured.
    awsmfa: PathBuf,
    /// Holds the empty program.
    folder: tempfile::TempDir,
    empty: PathBuf,
    /// The empty program's median, to be taken off.
    base: Figures,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let empty = runner::empty_program(folder.path());
        // Cargo adds flags of its own.
        let other = std::env::args_os().skip(1).map(PathBuf::from);
        let other = other.filter_map(|it| it.canonicalize().ok()).next();
        Self {
            runner: Runner::start(),
            awsmfa: other.unwrap_or_else(|| env!("CARGO_BIN_EXE_awsmfa").into()),
            folder,
            empty,
            base: Figures::default(),
        }
    }

    /// Starts that reach no file and no network. They take turns, so that a busy moment of the
    /// machine meets both.
    fn start_up(&mut self, table: &mut Table) {
        let home = Home::new().program(&self.awsmfa);
        let mut version = home.command(["--version"]);
        let mut empty = std::process::Command::new(&self.empty);
        empty.env_clear().current_dir(self.folder.path());
        let (mut empties, mut versions) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            empties.push(self.runner.run(&mut empty));
            versions.push(self.runner.run(&mut version));
        }
        self.base = Figures::median(&empties);
        table.row("empty Rust program", &empties);
        table.row("awsmfa --version", &versions);
        let version = Figures::median(&versions);
        table.target(
            "wall above empty",
            version.wall_ms - self.base.wall_ms,
            0.6,
            "ms",
        );
        let binary = std::fs::metadata(&self.awsmfa).map_or(0, |it| it.len());
        table.target("binary", binary as f64 / 1e6, 6.0, "MB");
    }

    /// What asks for a session all day: no network, no runtime, beside the shortest run there is. They
    /// take turns with it, for the same reason as above.
    fn session_at_hand(&mut self, table: &mut Table, profiles: usize) {
        const RATIO: f64 = 1.5;
        let home = Home::new()
            .program(&self.awsmfa)
            .credentials(large(profiles));
        let mut commands = [
            vec!["--version"],
            vec!["status"],
            vec!["status", "--profile", "dev"],
            vec!["export", "--profile", "dev"],
            vec!["credential-process", "--profile", "dev"],
        ]
        .map(|args| (args.join(" "), home.command(args), Vec::new()));
        for _ in 0..RUNS {
            for (_, command, runs) in &mut commands {
                runs.push(self.runner.run(command));
            }
        }
        let [(_, _, shortest), uses @ ..] = &commands;
        let shortest = Figures::median(shortest);
        for (name, _, runs) in uses {
            table.row(format!("{name}, {profiles} other profiles"), runs);
            let middle = Figures::median(runs);
            let (wall, cpu) = (middle.wall_ms, middle.cpu_ms);
            table.target("wall to --version", wall / shortest.wall_ms, RATIO, "times");
            table.target("CPU to --version", cpu / shortest.cpu_ms, RATIO, "times");
        }
    }

    /// The morning's login, and the next one that finds its session still good.
    fn logins(&mut self, table: &mut Table, disk: &str, folder: &Path) {
        let devices: Vec<String> = (0..RUNS).map(|number| format!("device-{number}")).collect();
        let aws = aws(&devices, true);
        let home = Home::new_in(folder)
            .program(&self.awsmfa)
            .connected(&aws)
            .credentials(long_term())
            .config("[profile dev]\nregion = eu-central-1\n");
        let mut fresh = Vec::new();
        let before = aws.connections();
        for device in &devices {
            fresh.push(self.runner.run(&mut login(&home, &aws, device)));
        }
        table.row(format!("login over TLS, code in hand ({disk})"), &fresh);
        let median = Figures::median(&fresh);
        let base = self.base;
        table.target("wall above empty", median.wall_ms - base.wall_ms, 5.0, "ms");
        table.target("CPU above empty", median.cpu_ms - base.cpu_ms, 4.0, "ms");
        table.target("peak memory", Figures::highest(&fresh), 9.0, "MiB");
        let connections = (aws.connections() - before) as f64 / RUNS as f64;
        table.target("connections", connections, 1.0, "");
        assert_eq!(aws.actions().len(), RUNS, "one request a login");

        let home = Home::new_in(folder)
            .program(&self.awsmfa)
            .credentials(with_session());
        let kept = self.repeat(RUNS, &mut home.command(["login", "--profile", "dev"]));
        table.row(format!("login, session still good ({disk})"), &kept);
        let median = Figures::median(&kept);
        table.target("wall above empty", median.wall_ms - base.wall_ms, 1.5, "ms");
    }

    /// A credentials file of many profiles: a session kept, and one replaced and verified.
    fn large_file(&mut self, table: &mut Table, disk: &str, folder: &Path, profiles: usize) {
        let binding = profiles == 10_000;
        let home = Home::new_in(folder)
            .program(&self.awsmfa)
            .credentials(large(profiles));
        let kept = self.repeat(RUNS_LARGE, &mut home.command(["login", "--profile", "dev"]));
        table.row(
            format!("{profiles} profiles, session still good ({disk})"),
            &kept,
        );
        if binding {
            table.target("wall", Figures::median(&kept).wall_ms, 40.0, "ms");
        }
        let devices: Vec<String> = (0..RUNS_LARGE)
            .map(|number| format!("device-{number}"))
            .collect();
        let aws = aws(&devices, false);
        let home = home.connected(&aws);
        let mut edited = Vec::new();
        for device in &devices {
            edited.push(self.runner.run(&mut login(&home, &aws, device)));
        }
        table.row(
            format!("{profiles} profiles, new session over HTTP ({disk})"),
            &edited,
        );
        if binding {
            table.target("wall", Figures::median(&edited).wall_ms, 150.0, "ms");
        }
    }

    /// The slow network: with the code in hand, and from Enter at the prompt to the answer.
    fn network(&mut self, table: &mut Table) {
        let devices: Vec<String> = (0..2 * RUNS_SLOW)
            .map(|number| format!("device-{number}"))
            .collect();
        let aws = aws(&devices, true);
        let (given, typed) = devices.split_at(RUNS_SLOW);
        let proxy = Proxy::start(aws.address(), LATENCY);
        let home = Home::new()
            .program(&self.awsmfa)
            .connected(&aws)
            .endpoint(format!("https://{}", proxy.address()))
            .credentials(long_term());
        let mut runs = Vec::new();
        for device in given {
            runs.push(self.runner.run(&mut login(&home, &aws, device)));
        }
        table.row("login over TLS, code in hand, 200 ms a round trip", &runs);
        // The proxy does not count the round trip of the TCP handshake.
        let connections = proxy.connections() as f64 / RUNS_SLOW as f64;
        let round_trips = proxy.round_trips() as f64 / RUNS_SLOW as f64 + connections;
        table.target("round trips", round_trips, 3.0, "");
        table.target("connections", connections, 1.0, "");
        #[cfg(unix)]
        {
            let answers: Vec<Figures> = typed
                .iter()
                .map(|device| prompt::answer(&home, &aws, device))
                .collect();
            table.row("prompt: Enter to answer, 200 ms a round trip", &answers);
            let round_trip = 2.0 * LATENCY.as_secs_f64() * 1e3;
            let slowest = answers.iter().map(|it| it.wall_ms).fold(0.0, f64::max);
            table.target("slowest", slowest, 1.1 * round_trip, "ms");
        }
        #[cfg(not(unix))]
        let _ = typed;
    }

    fn repeat(&mut self, runs: usize, command: &mut std::process::Command) -> Vec<Figures> {
        (0..runs).map(|_| self.runner.run(command)).collect()
    }
}

/// One user with many devices: a code works once, and AWS counts the codes of a device.
fn aws(devices: &[String], tls: bool) -> Aws {
    let user = Aws::builder().user(USER).key(KEY_ID, SECRET_KEY);
    let builder = devices.iter().fold(user, |builder, device| {
        builder.device(device, DEVICE_SECRET)
    });
    if tls { builder.tls() } else { builder }.start()
}

/// A login with a code in hand that makes a session in any case.
fn login(home: &Home, aws: &Aws, device: &str) -> std::process::Command {
    let mut command = home.command(["login", "--profile", "dev", "--force", "--mfa-serial"]);
    command
        .arg(aws.serial(device))
        .env("AWSMFA_CODE", aws.code(device));
    command
}
