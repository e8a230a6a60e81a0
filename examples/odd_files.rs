//! Signs in and out with thousands of generated AWS files, using the real program and a stand-in for
//! AWS, and judges the result: by a line diff, and by what the AWS SDK for Rust, botocore and the AWS
//! SDK for JavaScript read before and after. It never changes a user's own files, and never asks the
//! real AWS.
//!
//! `cargo run --example odd_files -- --minutes 15` needs the programs that `tests/clients/install`
//! installs. It stores its findings in a folder and prints a table of them; the exit code is 1 if there
//! are any.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers, with files and a clock of its own; the rule is for the product"
)]

#[path = "../tests/support/mod.rs"]
mod support;

#[path = "odd_files/case.rs"]
mod case;
#[path = "odd_files/dice.rs"]
mod dice;
#[path = "odd_files/files.rs"]
mod files;
#[path = "odd_files/helper.rs"]
mod helper;
#[path = "odd_files/judge.rs"]
mod judge;
#[path = "odd_files/lines.rs"]
mod lines;
#[path = "odd_files/oddities.rs"]
mod oddities;
#[path = "odd_files/readers.rs"]
mod readers;
#[path = "odd_files/report.rs"]
mod report;
#[path = "odd_files/text.rs"]
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, ensure};
use clap::Parser;

use dice::Dice;
use files::Files;
use readers::Readers;
use report::Report;

/// Sign in and out with generated AWS files, and judge what awsmfa did to them
#[derive(Parser)]
struct Options {
    /// How long to run, in minutes
    #[arg(long, default_value_t = 1.0, conflicts_with = "cases")]
    minutes: f64,

    /// How many files to try, however long it takes
    #[arg(long)]
    cases: Option<u64>,

    /// The seed that determines the files [default: the current time]
    #[arg(long)]
    seed: Option<u64>,

    /// Begin with this case of the seed
    #[arg(long, default_value_t = 0)]
    first: u64,

    /// How many to run at once [default: the number of cores]
    #[arg(long)]
    jobs: Option<usize>,

    /// The folder for the findings
    #[arg(long, default_value = "target/odd_files")]
    folder: PathBuf,

    /// Use this awsmfa instead of building one
    #[arg(long)]
    program: Option<PathBuf>,

    /// Generate no files: judge the `config` and `credentials` of this folder, such as a finding's
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["seed", "cases", "minutes"])]
    again: Option<PathBuf>,
}

fn main() -> ExitCode {
    match drive(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("odd_files: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether every promise was kept.
fn drive(options: &Options) -> anyhow::Result<bool> {
    let program = match &options.program {
        Some(program) => fs::canonicalize(program).context("the program of --program")?,
        None => build()?,
    };
    let readers = Readers::start()?;
    let begin = Instant::now();
    let report = match &options.again {
        Some(folder) => again(&readers, &program, folder, options)?,
        None => generate(&readers, &program, options)?,
    };
    print!("{}", report.table(begin.elapsed()));
    Ok(report.is_clean())
}

/// Builds awsmfa next to this program; otherwise an older build might be judged.
fn build() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own
        .ancestors()
        .nth(2)
        .context("it is in a folder of Cargo's")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "--bin", "awsmfa"]);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    let status = command.current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    ensure!(status.success(), "awsmfa can't be built");
    let program = folder.join(format!("awsmfa{}", std::env::consts::EXE_SUFFIX));
    ensure!(program.exists(), "{} was not built", program.display());
    Ok(program)
}

/// Judges one pair of files, with both kinds of logout.
fn again(
    readers: &Readers,
    program: &Path,
    folder: &Path,
    options: &Options,
) -> anyhow::Result<Report> {
    let files = Files {
        config: fs::read(folder.join("config")).ok(),
        credentials: fs::read(folder.join("credentials")).ok(),
    };
    let mut report = Report::new(options.folder.clone());
    for purge in [false, true] {
        let outcome = case::run(readers, program, &files, purge)?;
        for ran in &outcome.runs {
            println!(
                "awsmfa {}: {:?}\n{}",
                ran.args.join(" "),
                ran.code,
                ran.stderr
            );
            for violation in &ran.violations {
                println!("  {}\n      {}", violation.kind, violation.what);
            }
        }
        report.add(&format!("{}", folder.display()), &files, &outcome)?;
    }
    Ok(report)
}

fn generate(readers: &Readers, program: &Path, options: &Options) -> anyhow::Result<Report> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let seed = options.seed.unwrap_or(now.as_secs());
    println!("seed {seed}");
    let jobs = options
        .jobs
        .or_else(|| thread::available_parallelism().ok().map(Into::into));
    let end = Instant::now() + Duration::from_secs_f64(options.minutes * 60.0);
    let next = AtomicU64::new(options.first);
    let report = Mutex::new(Report::new(options.folder.clone()));
    let work = || -> anyhow::Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let is_over = match options.cases {
                Some(cases) => number >= options.first + cases,
                None => Instant::now() >= end,
            };
            if is_over {
                return Ok(());
            }
            let mut dice = Dice::of(seed, number);
            let purge = dice.happens(50);
            let files = files::make(&mut dice);
            let outcome = case::run(readers, program, &files, purge)?;
            let name = format!("--seed {seed} --first {number} --cases 1");
            let mut report = report.lock().expect("no holder panics");
            report.add(&name, &files, &outcome)?;
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.unwrap_or(1)).map(|_| scope.spawn(work)).collect();
        let ended = workers
            .into_iter()
            .map(|it| it.join().expect("a worker panicked"));
        ended.collect::<anyhow::Result<()>>()
    })?;
    Ok(report.into_inner().expect("no holder panics"))
}
