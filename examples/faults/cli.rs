//! Makes the real AWS CLI write to the file with `configure set` while awsmfa keeps signing in. strace
//! shows what it read, and whether it wrote to the file that is at the path.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::dice::Dice;
use crate::neighbour::SECTION;
use crate::parts::{contains, part};
use crate::process::{self, spawn, works, wrap};
use crate::report::{Broken, Report, Table};
use crate::scene::{Bench, Name, Scene, TARGET, Trial};
use crate::support::calls::{deed_of, expression};
use crate::way::Way;

/// A key that `configure set` writes to the credentials file.
const KEY: &str = "aws_session_token";

/// Makes `races` runs of the AWS CLI, each alongside as many logins as fit.
pub(crate) fn run(bench: &Bench, report: &Report, races: usize) -> anyhow::Result<()> {
    let cli = find()?;
    ensure!(
        works("strace", &["-f", "-o", "/dev/null", "true"]),
        "strace tells what the AWS CLI reads and writes: install it, or leave out --races"
    );
    for number in 0..races.max(2) {
        let scene = Scene::new(bench);
        let way = [Way::Rename, Way::Links][number % 2];
        let mut dice = Dice::new(bench.seed, 9, number);
        let trial = Trial::new(&scene, way, &mut dice, SECTION);
        race(report, &cli, &trial, way, &dice.word(16))?;
    }
    Ok(())
}

/// The AWS CLI that tests/clients/install has installed, or the one on the path.
fn find() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/python/bin/aws");
    if own.exists() {
        return Ok(own);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|it| it.join("aws"));
    found
        .into_iter()
        .find(|it| it.exists())
        .context("no AWS CLI: run tests/clients/install, or leave out --races")
}

/// The findings of strace about a run of the AWS CLI.
struct Traced {
    /// Its last read of the file, as strace shows it.
    read: String,
    /// Whether the file that it wrote to was still at the path when it was done.
    landed: bool,
}

fn race(report: &Report, cli: &Path, trial: &Trial, way: Way, value: &str) -> anyhow::Result<()> {
    let row = ["`aws configure set`", way.name()];
    let count = |column: &str, times| report.count(Table::Races, row, column, times);
    let log = trial.home().path().join("trace");
    let set = configure_set(trial, cli, &log, value);
    let mut child = spawn(&mut { set });
    let mut sessions = Vec::new();
    let mut refused = 0;
    // One login after another, until the AWS CLI is done and one more login has ended.
    let mut last = false;
    while !last && trial.scene.has_devices(1) {
        last = child.try_wait()?.is_some();
        let device = trial.scene.device();
        let issued = trial.scene.aws.sessions().len();
        let begun_after = last;
        let ended = process::finish(trial.command(Name::First, &device.login(TARGET)));
        if ended.succeeded() {
            let session = trial.scene.aws.sessions().get(issued).cloned();
            let Some(session) = session else {
                let what = "it said ready and asked for no session";
                report.broken(Table::Races, row, &trial.tell_of(what, &ended));
                continue;
            };
            let seen = contains(&trial.bytes(), &session.access_key_id);
            sessions.push((session.access_key_id, device.serial, seen, begun_after));
        } else {
            refused += 1;
        }
    }
    let ended = process::end(child);
    ensure!(ended.succeeded(), "aws configure set: {}", ended.text);
    let trace = fs::read_to_string(&log)?;
    fs::remove_file(&log)?;
    let traced = read_trace(&trace, &trial.path());
    if traced.read.is_empty() {
        // The file was replaced between being opened and being read, and strace, which selects by path,
        // did not see what was read: this run proves nothing.
        return Ok(());
    }
    count("races", 1);
    count("their writes", 1);
    count("ready", sessions.len());
    count("refused", refused);

    let tell = |what: &str| -> Broken { trial.tell(what).with("trace", trace.clone()) };
    let now = trial.bytes();
    let rest = |bytes: &[u8]| part(bytes, |it| it == TARGET || it == "neighbour").rest;
    let lines_lost =
        !contains(&now, &format!("{KEY} = {value}\n")) || rest(&now) != rest(&trial.bytes_before);
    if lines_lost {
        if way.is_in_place() {
            count("lost without a lock in place", 1);
        } else if !traced.landed {
            count("written to the replaced file", 1);
        } else {
            report.broken(Table::Races, row, &tell("what the AWS CLI wrote is lost"));
        }
    }
    for (number, (id, serial, seen, begun_after)) in sessions.iter().enumerate() {
        let is_last = number + 1 == sessions.len();
        let now = trial.parts();
        let whole = || {
            let section = now.section(TARGET);
            section.is_some_and(|it| trial.session_in(it, std::slice::from_ref(serial)).is_some())
        };
        // If the AWS CLI read the session, it was there, even if our own look met a file that it had
        // just emptied.
        let was_there = *seen || traced.read.contains(id.as_str());
        let held = if is_last { whole() } else { was_there };
        if held {
            continue;
        }
        // The AWS CLI read the file before the session was in it, and wrote it afterwards.
        if !begun_after && traced.landed && !traced.read.contains(id.as_str()) {
            count("session overwritten by a stale read", 1);
        } else if way.is_in_place() {
            count("lost without a lock in place", 1);
        } else {
            report.broken(
                Table::Races,
                row,
                &tell(&format!("the session {id} is lost")),
            );
        }
    }
    Ok(())
}

/// `aws configure set` for a value in the neighbour's section, under strace.
fn configure_set(trial: &Trial, cli: &Path, log: &Path, value: &str) -> Command {
    let home = trial.home();
    let mut set = Command::new(cli);
    set.args(["configure", "set", KEY, value, "--profile", "neighbour"]);
    home.enter(&mut set);
    for name in ["PATH", "PYENV_ROOT"] {
        if let Some(value) = std::env::var_os(name) {
            set.env(name, value);
        }
    }
    set.env("AWS_SHARED_CREDENTIALS_FILE", trial.path());
    let words = [log, &trial.path()].map(|it| it.to_str().expect("UTF-8").to_owned());
    let deeds = expression(&["open", "read", "write", "ftruncate", "close"]);
    let calls = format!("trace={deeds}");
    let args = ["-f", "-qq", "-y", "-s", "1000000", "-e", &calls];
    let args = [&args[..], &["-o", &words[0], "-P", &words[1]]].concat();
    wrap("strace", &args, &set)
}

fn read_trace(trace: &str, path: &Path) -> Traced {
    let mut traced = Traced {
        read: String::new(),
        landed: false,
    };
    let path = format!("<{}>", path.display());
    let (mut writing, mut wrote) = (false, false);
    for line in trace.lines() {
        let call = line.trim_start_matches(|it: char| it.is_ascii_digit() || it == ' ');
        let name = call.split_once('(').map_or(call, |(name, _)| name);
        if deed_of(name) == "open" {
            writing = line.contains("O_TRUNC");
            // The write is based on the last read before it.
            if !writing {
                traced.read.clear();
            }
        } else if line.contains("read(") && !writing {
            traced.read += line;
        } else if line.contains("write(") && writing {
            wrote = line.contains(&path);
        } else if line.contains("close(") && writing {
            traced.landed = wrote && line.contains(&path);
        }
    }
    traced
}
