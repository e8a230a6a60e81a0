//! Tries many faults on the real program: kills in the middle of a save, other programs that keep
//! writing to the same file, crowds of logins at once, and everything that can go wrong while a device
//! is enrolled or replaced. It prints tables of what happened to the files, and exits with 1 if a
//! promise was broken. It never reaches the real AWS, and writes only to throw-away homes and to the
//! folder for the evidence of failures.
//!
//! `cargo run --release --example faults -- --kills 10000 --races 10000 --logins 1000 --devices 3000` is
//! the full run; docs/faults.md explains the columns. It needs Linux: for strace, for mounts that no
//! other process sees, and for a neighbour that learns what it has overwritten.
#![expect(
    clippy::print_stderr,
    reason = "the program speaks to a person; the rule is for the product"
)]
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "the program speaks to a person, and harms files on purpose; the rule is for the product"
    )
)]

#[cfg(target_os = "linux")]
#[path = "../tests/support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
#[path = "faults/arguments.rs"]
mod arguments;
#[cfg(target_os = "linux")]
#[path = "faults/calls.rs"]
mod calls;
#[cfg(target_os = "linux")]
#[path = "faults/cli.rs"]
mod cli;
#[cfg(target_os = "linux")]
#[path = "faults/crowds.rs"]
mod crowds;
#[cfg(target_os = "linux")]
#[path = "faults/devices.rs"]
mod devices;
#[cfg(target_os = "linux")]
#[path = "faults/dice.rs"]
mod dice;
#[cfg(target_os = "linux")]
#[path = "faults/kills.rs"]
mod kills;
#[cfg(target_os = "linux")]
#[path = "faults/neighbour.rs"]
mod neighbour;
#[cfg(target_os = "linux")]
#[path = "faults/parts.rs"]
mod parts;
#[cfg(target_os = "linux")]
#[path = "faults/process.rs"]
mod process;
#[cfg(target_os = "linux")]
#[path = "faults/races.rs"]
mod races;
#[cfg(target_os = "linux")]
#[path = "faults/report.rs"]
mod report;
#[cfg(target_os = "linux")]
#[path = "faults/scene.rs"]
mod scene;
#[cfg(target_os = "linux")]
#[path = "faults/way.rs"]
mod way;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    // The program under test is a link to this one, as in the sandbox, so it is never an older build.
    let name = std::env::args_os().next().unwrap_or_default();
    if std::path::Path::new(&name).file_stem() == Some("awsmfa".as_ref()) {
        return awsmfa::run(std::env::args_os());
    }
    // The program that shows the codes of new devices is a link to this one too.
    if std::path::Path::new(&name).file_stem() == Some("codes".as_ref()) {
        return match devices::show_code() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    run().unwrap_or_else(|error| {
        eprintln!("faults: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("faults: this program runs on Linux only");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
fn run() -> anyhow::Result<ExitCode> {
    let arguments = arguments::Arguments::parse(std::env::args().skip(1))?;
    let report = report::Report::new(&arguments)?;
    let bench = scene::Bench::new(&arguments)?;
    let ways = way::Way::possible(&report);
    let tried = kills::run(&bench, &report, &ways, arguments.kills)
        .and_then(|()| races::run(&bench, &report, &ways, arguments.races));
    crowds::run(&bench, &report, &ways, arguments.logins);
    let tried = tried.and_then(|()| devices::run(&bench, &report, arguments.devices));
    // The results before an error are worth seeing too.
    print!("{}", report.tables());
    tried.map(|()| report.end())
}
