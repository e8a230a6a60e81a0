//! Makes other programs write to the file while awsmfa signs in and, if something is lost, decides from
//! their ledgers whose fault it is: ours, theirs, or that of writing without a lock.
//!
//! Only one neighbour writes its section, so anything that it wrote and does not find again was lost by
//! awsmfa, unless it was written to a file that had been replaced. A missing session was overwritten by
//! the neighbour if its ledger says that the session was in what it overwrote and not in what it had
//! read.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::kills::{self, Pace};
use crate::neighbour::{self, Manner, SECTION, Write};
use crate::parts::{Parts, contains, part};
use crate::process::{self, Ended, spawn};
use crate::report::{Broken, Report, Table};
use crate::scene::{Bench, Name, Scene, TARGET, Trial};
use crate::way::Way;
use crate::{cli, crowds};

/// How many of a hundred races are of each kind; the others are between runs of awsmfa.
const SHARES: [(Manner, Way, usize); 7] = [
    (Manner::Rename, Way::Rename, 33),
    (Manner::Rename, Way::Links, 3),
    (Manner::Truncate, Way::Rename, 18),
    (Manner::Truncate, Way::Links, 4),
    (Manner::Truncate, Way::Mounts, 3),
    (Manner::Locked, Way::Links, 7),
    (Manner::Locked, Way::Mounts, 5),
];
const OF_CROWDS: usize = 26;
/// Only one, because the AWS CLI takes half a second for what the others do in a millisecond.
const OF_CLI: usize = 1;

/// Makes `races` races.
pub(crate) fn run(
    bench: &Bench,
    report: &Report,
    ways: &[Way],
    races: usize,
) -> anyhow::Result<()> {
    if races == 0 {
        return Ok(());
    }
    let share = |of_hundred: usize| (races * of_hundred).div_ceil(100);
    let mut kinds: Vec<(Manner, Way)> = Vec::new();
    for (manner, way, of_hundred) in SHARES {
        if ways.contains(&way) {
            report.count(Table::Races, [manner.name(), way.name()], "races", 0);
            kinds.extend(vec![(manner, way); share(of_hundred)]);
        }
    }
    let pace = kills::pace(bench, Way::Rename);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..Bench::workers() {
            scope.spawn(|| {
                let mut scene = Scene::new(bench);
                let mut number = next.fetch_add(1, Ordering::Relaxed);
                while let Some((manner, way)) = kinds.get(number) {
                    if !scene.has_devices(1) {
                        scene = Scene::new(bench);
                    }
                    let mut dice = Dice::new(bench.seed, 4, number);
                    let trial = Trial::new(&scene, *way, &mut dice, SECTION);
                    let dice = (dice, Dice::new(bench.seed, 5, number));
                    race(report, &trial, (*manner, *way), pace, dice);
                    number = next.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    cli::run(bench, report, share(OF_CLI))?;
    crowds::race(bench, report, ways, share(OF_CROWDS));
    Ok(())
}

/// Makes one login beside a neighbour, usually suspended somewhere in its save, and counts the result.
fn race(
    report: &Report,
    trial: &Trial,
    (manner, way): (Manner, Way),
    pace: Pace,
    (mut dice, theirs): (Dice, Dice),
) {
    let row = [manner.name(), way.name()];
    let count = |column: &str, times| report.count(Table::Races, row, column, times);
    let (stop, writes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let device = trial.scene.device();
    let issued = trial.scene.aws.sessions().len();
    let path = trial.path();
    let (ended, ledger) = thread::scope(|scope| {
        let neighbour =
            scope.spawn(|| neighbour::write_on(manner, &path, pace.whole, theirs, &stop, &writes));
        let begin = Instant::now();
        while writes.load(Ordering::Relaxed) == 0 && begin.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_micros(100));
        }
        let connections = trial.scene.aws.connections();
        let mut child = spawn(&mut trial.command(Name::First, &device.login(TARGET)));
        if !dice.one_in(3) {
            kills::wait_for_request(trial.scene, connections, &mut child);
            let moment = Instant::now() + dice.up_to(pace.save);
            process::hold(&child, moment, dice.up_to(pace.whole));
        }
        let ended = process::end(child);
        // A write that was under way when the login ended is also completed.
        stop.store(true, Ordering::Relaxed);
        (
            ended,
            neighbour.join().expect("the neighbour does not panic"),
        )
    });
    let ledger = match ledger {
        Ok(ledger) => ledger,
        Err(error) => {
            let broken = trial.tell_of(&format!("the neighbour can't write: {error}"), &ended);
            return report.broken(Table::Races, row, &broken);
        }
    };
    count("races", 1);
    count("their writes", ledger.len());
    count(
        if ended.succeeded() {
            "ready"
        } else {
            "refused"
        },
        1,
    );
    let seen = Seen {
        trial,
        ledger: &ledger,
        ended: &ended,
        session: trial.scene.aws.sessions().get(issued).cloned(),
        serials: [device.serial],
        is_free: way.is_in_place() && manner != Manner::Locked,
        is_locked: manner == Manner::Locked,
    };
    count("missing for a moment", seen.missing_for_a_moment());
    let mut verdicts = vec![seen.of_lines()];
    verdicts.extend(ended.succeeded().then(|| seen.of_session()));
    for column in [STALE, REPLACED, FREE] {
        let is = |it: &Verdict| matches!(it, Verdict::Theirs(found) if *found == column);
        count(column, usize::from(verdicts.iter().any(is)));
    }
    let ours = verdicts.into_iter().find_map(|it| match it {
        Verdict::Ours(what) => Some(what),
        _ => None,
    });
    if let Some(what) = ours {
        report.broken(Table::Races, row, &seen.tell(&what));
    }
}

const STALE: &str = "session overwritten by a stale read";
const REPLACED: &str = "written to the replaced file";
const FREE: &str = "lost without a lock in place";

/// Whose fault a loss is.
enum Verdict {
    Nothing,
    /// The neighbour's, or that of its way of writing: counted in a column of its own.
    Theirs(&'static str),
    Ours(String),
}

/// Everything known after a race.
struct Seen<'a> {
    trial: &'a Trial<'a>,
    ledger: &'a [Write],
    ended: &'a Ended,
    session: Option<crate::support::aws::account::Session>,
    serials: [String; 1],
    /// Whether both programs write in place and one of them takes no lock.
    is_free: bool,
    /// Whether the neighbour holds the file's lock from its read to its write, so that no read becomes
    /// outdated.
    is_locked: bool,
}

impl Seen<'_> {
    /// How often the neighbour did not find a line of its own that was there in the end.
    fn missing_for_a_moment(&self) -> usize {
        let now = self.trial.bytes();
        let missing = |(number, it): (usize, &Write)| {
            let before = &self.ledger[..number];
            let mut lines = before.iter().filter(|it| it.landed).map(|it| &it.line);
            lines.any(|line| !contains(&it.read, line) && contains(&now, line))
        };
        self.ledger
            .iter()
            .enumerate()
            .filter(|it| missing(*it))
            .count()
    }

    /// The verdict on the lines of everyone else: the neighbour, the source, other profiles.
    fn of_lines(&self) -> Verdict {
        let own = |bytes: &[u8]| part(bytes, |it| it == TARGET || it == "neighbour");
        let (now, before) = (self.trial.bytes(), &self.trial.bytes_before);
        let lost = self.ledger.iter().filter(|it| !contains(&now, &it.line));
        let lost: Vec<&str> = lost.map(|it| it.line.trim()).collect();
        let rest = |parts: Parts| parts.rest;
        // The comment of an old session stays where its section was.
        if lost.is_empty() && rest(own(&now)) == rest(own(before)) {
            return Verdict::Nothing;
        }
        if self.is_free {
            return Verdict::Theirs(FREE);
        }
        // Everything that the neighbour wrote after that was based on the remains.
        if self.ledger.iter().any(|it| !it.landed) {
            return Verdict::Theirs(REPLACED);
        }
        if lost.is_empty() {
            return Verdict::Ours("another's line is not what it was".to_owned());
        }
        let (lost, all) = (lost.join(", "), self.ledger.len());
        Verdict::Ours(format!("of {all} writes of a neighbour's are lost: {lost}"))
    }

    /// The verdict on the session that the login reported.
    fn of_session(&self) -> Verdict {
        let Some(session) = &self.session else {
            return Verdict::Ours("it said ready and asked for no session".to_owned());
        };
        let now = self.trial.parts();
        let section = now.section(TARGET);
        if section.is_some_and(|it| self.trial.session_in(it, &self.serials).is_some()) {
            return Verdict::Nothing;
        }
        if !self.is_locked && self.is_overwritten(&session.access_key_id) {
            return Verdict::Theirs(STALE);
        }
        if self.is_free {
            return Verdict::Theirs(FREE);
        }
        Verdict::Ours("it said ready, and no neighbour may have overwritten its session".to_owned())
    }

    /// Whether the session was last seen when the neighbour overwrote it, after a read that did not
    /// contain it.
    fn is_overwritten(&self, id: &str) -> bool {
        let has = |bytes: &[u8]| contains(bytes, id);
        let last = self.ledger.iter().rposition(|it| has(&it.overwritten));
        last.is_some_and(|at| self.ledger[at..].iter().all(|it| !has(&it.read)))
    }

    fn tell(&self, what: &str) -> Broken {
        let mut broken = self.trial.tell_of(what, self.ended);
        for (number, it) in self.ledger.iter().enumerate() {
            let name = |what: &str| format!("{number:03}-{what}");
            broken = broken
                .with(&name("read"), it.read.clone())
                .with(&name("overwritten"), it.overwritten.clone())
                .with(&name("written"), it.written.clone());
        }
        broken
    }
}
