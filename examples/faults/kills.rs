//! Kills logins in the middle of a save, and the runs that recover from that, and checks that each file
//! is the old or the new one, complete, and that the next login works and cleans up.

use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::calls::{self, Call, Calls};
use crate::dice::Dice;
use crate::process::{self, spawn, wait_until};
use crate::report::{Broken, Report, Table};
use crate::scene::{Bench, Name, Scene, TARGET, Trial};
use crate::support::calls::expression;
use crate::way::Way;

/// When a login is killed.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Random,
    Call,
}

const RECOVERY: &str = "the run that recovers";

impl Moment {
    fn name(self) -> &'static str {
        match self {
            Self::Random => "at a random moment",
            Self::Call => "at a file call",
        }
    }
}

/// How long a login takes on this machine when nothing harms it.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) whole: Duration,
    /// From the request to the end.
    pub(crate) save: Duration,
    /// A run that only reads.
    status: Duration,
}

/// Roughly the deeds of a run that recovers: which of them it makes depends on the leftovers.
const RECOVERY_DEEDS: [&str; 7] = [
    "open",
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "unlink",
    "close",
];

/// Makes `kills` kills.
pub(crate) fn run(
    bench: &Bench,
    report: &Report,
    ways: &[Way],
    kills: usize,
) -> anyhow::Result<()> {
    if kills == 0 {
        return Ok(());
    }
    let strace = calls::has_strace(report);
    let mut of_ways: Vec<(Way, Pace, Calls)> = Vec::new();
    for way in ways {
        let calls = if strace {
            calls::of_a_login(bench, *way)?
        } else {
            Calls::default()
        };
        of_ways.push((*way, pace(bench, *way), calls));
    }
    for moment in [Moment::Random.name(), Moment::Call.name(), RECOVERY] {
        for way in ways {
            report.count(Table::Kills, [moment, way.name()], "kills", 0);
        }
    }
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..Bench::workers() {
            scope.spawn(|| {
                let mut scene = Scene::new(bench);
                while done.load(Ordering::Relaxed) < kills {
                    if !scene.has_devices(4) {
                        scene = Scene::new(bench);
                    }
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let mut dice = Dice::new(bench.seed, 2, number);
                    let (way, pace, calls) = &of_ways[number % of_ways.len()];
                    // One kill in three happens at a call.
                    let step = number / of_ways.len();
                    let at_call = step.is_multiple_of(3).then(|| calls.nth(step / 3));
                    let call = at_call.flatten();
                    let one = One {
                        report,
                        trial: Trial::new(&scene, *way, &mut dice, ""),
                        way: *way,
                        pace: *pace,
                        strace,
                    };
                    one.harm(&mut dice, call, &done);
                }
            });
        }
    });
    Ok(())
}

/// Measures undisturbed logins.
pub(crate) fn pace(bench: &Bench, way: Way) -> Pace {
    let scene = Scene::new(bench);
    let mut dice = Dice::new(bench.seed, 3, 0);
    let trial = Trial::new(&scene, way, &mut dice, "");
    let mut pace = Pace {
        whole: Duration::ZERO,
        save: Duration::ZERO,
        status: Duration::ZERO,
    };
    for _ in 0..4 {
        let device = scene.device();
        let connections = scene.aws.connections();
        let begin = Instant::now();
        let mut child = spawn(&mut trial.command(Name::First, &device.login(TARGET)));
        wait_for_request(&scene, connections, &mut child);
        let asked = Instant::now();
        process::end(child);
        pace.save = pace.save.max(asked.elapsed());
        pace.whole = pace.whole.max(begin.elapsed());
        let begin = Instant::now();
        process::finish(trial.command(Name::First, &["status"]));
        pace.status = pace.status.max(begin.elapsed());
    }
    pace
}

/// Waits until a run has connected to AWS, or has ended without.
pub(crate) fn wait_for_request(scene: &Scene, connections: usize, child: &mut Child) {
    while scene.aws.connections() == connections && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_micros(50));
    }
}

/// One login that comes to harm.
struct One<'a> {
    report: &'a Report,
    trial: Trial<'a>,
    way: Way,
    pace: Pace,
    strace: bool,
}

impl One<'_> {
    fn harm(&self, dice: &mut Dice, call: Option<&Call>, done: &AtomicUsize) {
        let device = self.trial.scene.device();
        let login = device.login(TARGET);
        let (moment, what, killed) = match call {
            Some(call) => {
                let (_, trace) = calls::run(&self.trial, &login, Some(call));
                let killed = trace.contains("killed by SIGKILL");
                (
                    Moment::Call,
                    format!("{}, the {}th", call.0, call.1),
                    killed,
                )
            }
            None => {
                let connections = self.trial.scene.aws.connections();
                let begin = Instant::now();
                let mut child = spawn(&mut self.trial.command(Name::First, &login));
                let moment = if dice.one_in(4) {
                    begin + dice.up_to(self.pace.whole)
                } else {
                    wait_for_request(self.trial.scene, connections, &mut child);
                    Instant::now() + dice.up_to(self.pace.save)
                };
                wait_until(moment);
                let after = begin.elapsed();
                let _ = child.kill();
                let killed = process::end(child).killed;
                (Moment::Random, format!("after {after:?}"), killed)
            }
        };
        if !killed {
            return;
        }
        done.fetch_add(1, Ordering::Relaxed);
        let row = [moment.name(), self.way.name()];
        self.count(row, "kills");
        let mut story = format!("a login was killed at {what}");
        let serials = [device.serial.clone()];
        if let Err(broken) = self.trial.is_new(TARGET, &serials) {
            // A rename is complete at every moment.
            if !self.way.is_in_place() {
                return self.tell(row, broken, &story);
            }
            self.count(row, "cut short until the next run");
        }
        let recovered = self.kill_recoveries(dice, done, &mut story);
        let row = if recovered == 0 {
            row
        } else {
            [RECOVERY, self.way.name()]
        };
        match self.check(&serials) {
            Ok(true) => self.count(row, "new file"),
            Ok(false) => self.count(row, "old file"),
            Err(broken) => self.tell(row, broken, &story),
        }
    }

    fn tell(&self, row: [&str; 2], broken: Broken, story: &str) {
        let story = format!("{}\n  {story}", broken.story);
        let broken = Broken { story, ..broken };
        self.report.broken(Table::Kills, row, &broken);
    }

    /// Kills some of the runs that find the killed login's leftovers, and returns how many.
    fn kill_recoveries(&self, dice: &mut Dice, done: &AtomicUsize, story: &mut String) -> usize {
        let row = [RECOVERY, self.way.name()];
        let mut kills = 0;
        while dice.one_in(3) {
            let run: &[&str] = if dice.one_in(2) {
                &["status"]
            } else {
                &["login", "--profile", "dev", "--force", "--no-input"]
            };
            let killed = if self.strace && dice.one_in(2) {
                let call = (
                    expression(&[*dice.pick(&RECOVERY_DEEDS)]),
                    1 + dice.below(12),
                );
                let (_, trace) = calls::run(&self.trial, run, Some(&call));
                *story += &format!(", then {} at {call:?}", run[0]);
                trace.contains("killed by SIGKILL")
            } else {
                let moment = Instant::now() + dice.up_to(self.pace.status);
                let mut child = spawn(&mut self.trial.command(Name::First, run));
                wait_until(moment);
                let _ = child.kill();
                *story += &format!(", then {} at some moment", run[0]);
                process::end(child).killed
            };
            if killed {
                kills += 1;
                done.fetch_add(1, Ordering::Relaxed);
                self.count(row, "kills");
            }
        }
        kills
    }

    /// Lets the next runs find the leftovers. Returns `true` if the new file is there, with its session.
    fn check(&self, serials: &[String]) -> Result<bool, Broken> {
        let status = process::finish(self.trial.command(Name::First, &["status"]));
        if !status.succeeded() {
            return Err(self.trial.tell_of("the next status fails", &status));
        }
        let is_new = self.trial.is_new(TARGET, serials)?;
        self.trial.check_surroundings()?;
        self.trial.logs_in()?;
        self.trial.check_cleared()?;
        Ok(is_new)
    }

    fn count(&self, row: [&str; 2], column: &str) {
        self.report.count(Table::Kills, row, column, 1);
    }
}
