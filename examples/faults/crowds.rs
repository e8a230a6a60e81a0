//! Runs many logins and logouts at once on one file, each with its own target, and checks that every
//! session that a run reported is there, and that nothing else has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::dice::Dice;
use crate::kills::{self, Pace};
use crate::process::{self, Ended, spawn};
use crate::report::{Broken, Report, Table};
use crate::scene::{Bench, Name, Scene, TARGET, Trial};
use crate::way::Way;

/// Members of a racing crowd, and how many runs each makes, one after another.
const MEMBERS: usize = 6;
const DEEDS: usize = 4;

const RUNS: &str = "other logins and logouts";

/// The last thing that happened to a member's target.
enum Last {
    /// Unknown, because a run failed.
    Unknown,
    SignedIn(String),
    SignedOut,
}

struct Member {
    target: String,
    last: Last,
}

/// Makes `races` races between runs of awsmfa.
pub(crate) fn race(bench: &Bench, report: &Report, ways: &[Way], races: usize) {
    let pace = kills::pace(bench, Way::Rename);
    for way in ways {
        report.count(Table::Races, [RUNS, way.name()], "races", 0);
    }
    let next = AtomicUsize::new(0);
    let rounds = races.div_ceil(MEMBERS * DEEDS).max(ways.len());
    thread::scope(|scope| {
        for _ in 0..Bench::workers() / 2 {
            scope.spawn(|| {
                let mut scene = Scene::new(bench);
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= rounds {
                        break;
                    }
                    if !scene.has_devices(MEMBERS * DEEDS) {
                        scene = Scene::new(bench);
                    }
                    let way = ways[round % ways.len()];
                    let mut dice = Dice::new(bench.seed, 6, round);
                    let trial = Trial::new(&scene, way, &mut dice, "");
                    race_once(report, &trial, way, pace, round);
                }
            });
        }
    });
}

fn race_once(report: &Report, trial: &Trial, way: Way, pace: Pace, round: usize) {
    let row = [RUNS, way.name()];
    let count = |column: &str| report.count(Table::Races, row, column, 1);
    let members: Vec<Member> = thread::scope(|scope| {
        let start = |number: usize| {
            let name = trial.names()[number % trial.names().len()];
            scope.spawn(move || {
                let mut dice = Dice::new(trial.scene.bench.seed, 7, round * MEMBERS + number);
                let target = format!("crowd-{number}");
                let mut last = Last::Unknown;
                for deed in 0..DEEDS {
                    let device = trial.scene.device();
                    let logs_in = deed == 0 || !dice.one_in(3);
                    let args = if logs_in {
                        device.login(&target)
                    } else {
                        vec!["logout", "--profile", &target]
                    };
                    let child = spawn(&mut trial.command(name, &args));
                    if dice.one_in(2) {
                        let moment = Instant::now() + dice.up_to(pace.whole);
                        process::hold(&child, moment, dice.up_to(pace.whole * 2));
                    }
                    let ended = process::end(child);
                    let would = if logs_in {
                        Last::SignedIn(device.serial)
                    } else {
                        Last::SignedOut
                    };
                    count("races");
                    count("their writes");
                    count(if ended.succeeded() {
                        "ready"
                    } else {
                        "refused"
                    });
                    last = if ended.succeeded() {
                        would
                    } else {
                        Last::Unknown
                    };
                }
                Member { target, last }
            })
        };
        let members: Vec<_> = (0..MEMBERS).map(start).collect();
        let join = members.into_iter().map(thread::ScopedJoinHandle::join);
        join.map(|it| it.expect("no member panics")).collect()
    });
    if let Err(broken) = check(trial, &members) {
        report.broken(Table::Races, row, &broken);
    }
}

/// Checks that the file holds the last result of every member, and every line of everyone else.
fn check(trial: &Trial, members: &[Member]) -> Result<(), Broken> {
    let now = trial.parts();
    let is_lost = |Member { target, last }: &&Member| {
        let section = now.section(target);
        match last {
            Last::Unknown => false,
            Last::SignedIn(serial) => {
                let serials = std::slice::from_ref(serial);
                section.is_none_or(|it| trial.session_in(it, serials).is_none())
            }
            Last::SignedOut => {
                section.is_some_and(|it| it.iter().any(|line| line.starts_with("aws_")))
            }
        }
    };
    let lost: Vec<&str> = members
        .iter()
        .filter(is_lost)
        .map(|it| &*it.target)
        .collect();
    if !lost.is_empty() {
        let what = format!("what was done to {} is not in the file", lost.join(", "));
        let times = lost.len();
        return Err(Broken {
            times,
            ..trial.tell(&what)
        });
    }
    trial.check_rest()?;
    trial.check_surroundings()?;
    trial.check_cleared()
}

/// Makes crowds of 20 to 50, with `logins` logins in total.
pub(crate) fn run(bench: &Bench, report: &Report, ways: &[Way], logins: usize) {
    let (mut done, mut round) = (0, 0);
    while done < logins {
        // A new stand-in each time, so that a crowd's requests are quick to count.
        let scene = Scene::new(bench);
        let mut dice = Dice::new(bench.seed, 8, round);
        let way = ways[round % ways.len()];
        let size = 20 + dice.below(31);
        let trial = Trial::new(&scene, way, &mut dice, "");
        if round / ways.len() % 2 == 1 {
            one_target(report, &trial, way, size);
        } else {
            many_targets(report, &trial, way, size);
        }
        done += size;
        round += 1;
    }
}

fn many_targets(report: &Report, trial: &Trial, way: Way, size: usize) {
    let row = ["targets of their own", way.name()];
    let names = trial.names();
    let started: Vec<_> = (0..size)
        .map(|number| {
            let device = trial.scene.device();
            let target = format!("crowd-{number}");
            let name = names[number % names.len()];
            let child = spawn(&mut trial.command(name, &device.login(&target)));
            (target, device.serial, child)
        })
        .collect();
    let mut members = Vec::new();
    for (target, serial, child) in started {
        let ended = process::end(child);
        count(report, row, &ended);
        let last = if ended.succeeded() {
            Last::SignedIn(serial)
        } else {
            Last::Unknown
        };
        members.push(Member { target, last });
    }
    if let Err(broken) = check(trial, &members) {
        report.broken(Table::Logins, row, &broken);
    }
}

/// All have the same code: one of them spends it, and the others use its session.
fn one_target(report: &Report, trial: &Trial, way: Way, size: usize) {
    let row = ["one target, one code", way.name()];
    let device = trial.scene.device();
    let mut login = device.login(TARGET);
    login.retain(|it| *it != "--force");
    let started: Vec<_> = (0..size)
        .map(|_| spawn(&mut trial.command(Name::First, &login)))
        .collect();
    let mut all = true;
    for child in started {
        let ended = process::end(child);
        count(report, row, &ended);
        all &= ended.succeeded();
    }
    let issued = trial.scene.aws.sessions().len();
    let checked = match trial.is_new(TARGET, &[device.serial]) {
        Ok(true) if all && issued == 1 => trial
            .check_surroundings()
            .and_then(|()| trial.check_cleared()),
        Ok(_) => Err(trial.tell(&format!("{issued} sessions were issued for one code"))),
        Err(broken) => Err(broken),
    };
    if let Err(broken) = checked {
        report.broken(Table::Logins, row, &broken);
    }
}

fn count(report: &Report, row: [&str; 2], ended: &Ended) {
    report.count(Table::Logins, row, "logins", 1);
    let column = if ended.succeeded() {
        "ready"
    } else {
        "refused"
    };
    report.count(Table::Logins, row, column, 1);
}
