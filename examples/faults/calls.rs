//! Makes strace kill a run at one of its file calls. It never judges what is left after that.

use std::fs;

use anyhow::ensure;

use crate::dice::Dice;
use crate::process::{self, Ended, works};
use crate::report::Report;
use crate::scene::{Bench, Name, Scene, TARGET, Trial};
use crate::support::calls::{deed_of, expression};
use crate::way::Way;

/// The deeds that change files, or begin or end a change.
pub(crate) const DEEDS: [&str; 15] = [
    "open",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "ftruncate",
    "fallocate",
    "fchmod",
    "fchown",
    "fsetxattr",
    "unlink",
    "link",
    "flock",
    "close",
];

/// The deeds that change what a name refers to.
const CHANGES: [&str; 6] = [
    "write",
    "pwrite64",
    "rename",
    "ftruncate",
    "fallocate",
    "unlink",
];

/// A call of a run: its name as strace expects it, and its number among the calls of that name.
pub(crate) type Call = (String, usize);

/// The calls of a login at which it can be killed.
#[derive(Default)]
pub(crate) struct Calls {
    all: Vec<Call>,
    changes: Vec<Call>,
}

impl Calls {
    /// The call for the kill with this number; none if strace can't be used. Kills go through all calls,
    /// and every second time only through those that change something; in big steps, so that even a
    /// short run covers every stretch.
    pub(crate) fn nth(&self, number: usize) -> Option<&Call> {
        let calls = if number.is_multiple_of(2) {
            &self.all
        } else {
            &self.changes
        };
        calls.get(number / 2 * 37 % calls.len().max(1))
    }
}

/// Whether strace can be used here; notes it if not.
pub(crate) fn has_strace(report: &Report) -> bool {
    let has = works("strace", &["-f", "-o", "/dev/null", "true"]);
    if !has {
        report.note("strace is not installed or not allowed here: nothing was killed at a call");
    }
    has
}

/// Runs awsmfa under strace, killed at `call` if one is given.
pub(crate) fn run(trial: &Trial, args: &[&str], call: Option<&Call>) -> (Ended, String) {
    let log = trial.home().path().join("trace");
    let trace = format!("trace={}", expression(&DEEDS));
    let log_name = log.to_str().expect("UTF-8").to_owned();
    let mut outer = vec!["strace", "-f", "-q", "-o", &log_name, "-e", &trace];
    let inject = call.map(|(name, number)| format!("inject={name}:signal=KILL:when={number}"));
    outer.extend(inject.iter().flat_map(|it| ["-e", it]));
    let ended = process::finish(trial.command_in(Name::First, args, &outer));
    let text = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    (ended, text)
}

/// The calls of an undisturbed login, beginning with awsmfa's first file.
pub(crate) fn of_a_login(bench: &Bench, way: Way) -> anyhow::Result<Calls> {
    let scene = Scene::new(bench);
    let trial = Trial::new(&scene, way, &mut Dice::new(bench.seed, 1, 0), "");
    let device = scene.device();
    let (ended, trace) = run(&trial, &device.login(TARGET), None);
    ensure!(ended.succeeded(), "a login under strace: {}", ended.text);
    let calls = numbered(&trace, "O_CREAT");
    for deed in ["open", "write", "fsync", "flock", "close"] {
        ensure!(
            calls.iter().any(|it| deed_of(&it.0) == deed),
            "no {deed} in\n{trace}"
        );
    }
    Ok(Calls {
        changes: calls
            .iter()
            .filter(|it| CHANGES.contains(&deed_of(&it.0)))
            .cloned()
            .collect(),
        all: calls,
    })
}

/// The calls in a trace, beginning with the first line that contains `begin`.
pub(crate) fn numbered(trace: &str, begin: &str) -> Vec<Call> {
    let mut seen: Vec<Call> = Vec::new();
    let mut calls = Vec::new();
    let mut begun = false;
    for line in trace.lines() {
        let call = line.trim_start_matches(|it: char| it.is_ascii_digit() || it == ' ');
        let Some((name, _)) = call.split_once('(') else {
            continue;
        };
        if !name
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        {
            continue;
        }
        let number = match seen.iter_mut().find(|it| it.0 == name) {
            Some(seen) => {
                seen.1 += 1;
                seen.1
            }
            None => {
                seen.push((name.to_owned(), 1));
                1
            }
        };
        begun |= call.contains(begin);
        // Messages to the user don't change a file.
        if begun && !call.starts_with("write(2,") {
            calls.push((name.to_owned(), number));
        }
    }
    calls
}
