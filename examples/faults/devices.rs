//! Harms enrolments and replacements of devices: kills them at each of their requests and file calls,
//! has each answer refused or lost once, and runs two at once. It checks that a user with a usable
//! device always keeps one, that the next run names or settles the leftovers, and that no other user's
//! device is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use totp_rs::{Builder, Secret};

use crate::calls::{self, Call};
use crate::process::{self, Ended, wrap};
use crate::report::{Broken, Report, Table};
use crate::scene::Bench;
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::calls::expression;
use crate::support::home::Home;

/// The seed of the device that the user already has.
const OLD_SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OLD: &str = "arn:aws:iam::123456789012:mfa/old-phone";

/// Another user's devices: one in use, and one that was never finished.
const OTHERS: [(&str, Option<&str>); 2] = [
    ("arn:aws:iam::123456789012:mfa/bob", Some("bob")),
    ("arn:aws:iam::123456789012:mfa/bob-2", None),
];

/// How many run at once: most of the time they wait for AWS to accept a device.
const WORKERS: usize = 16;

/// The task to harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    First,
    Further,
    Replace,
}

const TASKS: [Task; 3] = [Task::First, Task::Further, Task::Replace];

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::First => "enrol the first",
            Self::Further => "enrol a further one",
            Self::Replace => "replace",
        }
    }

    /// The words of the command, for the phone with this number.
    fn words(self, home: &Home, bench: &Bench, phone: usize) -> Vec<String> {
        let seed = phone_path(home, phone);
        let secret = format!("cat > {}", seed.display());
        let code = format!("{} {}", bench.codes().display(), seed.display());
        let task: &[&str] = match self {
            Self::First | Self::Further => &["device", "enroll", "dev"],
            Self::Replace => &["device", "replace", "old-phone", "-p", "dev"],
        };
        let options = [
            "--secret-format",
            "base32",
            "--secret-command",
            &secret,
            "--code-command",
            &code,
            "--no-input",
        ];
        let words = task.iter().chain(&options);
        words.map(|it| (*it).to_owned()).collect()
    }
}

/// The harm done in a trial.
#[derive(Clone, Debug)]
enum Harm {
    /// Kills the run at this call.
    Kill(Call),
    /// Makes this happen to the request of this action.
    Answer(String, Fault),
    /// Runs two at once.
    Two,
}

impl Harm {
    fn name(&self) -> &'static str {
        match self {
            Self::Kill(_) => "killed at a call",
            Self::Answer(_, Fault::LoseAnswer | Fault::Gateway(_)) => "an answer is lost",
            Self::Answer(..) => "a request is refused",
            Self::Two => "two at once",
        }
    }
}

/// Prints the next code of the phone whose seed is in a file. The phone runs ahead of the clock, so that
/// nobody has to wait. Returns `false` if there is no seed.
pub(crate) fn show_code() -> anyhow::Result<()> {
    let path = PathBuf::from(std::env::args_os().nth(1).context("a file with a seed")?);
    let seed = fs::read_to_string(&path).context("the seed")?;
    let last = path.with_extension("last");
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 30;
    let before = fs::read_to_string(&last)
        .ok()
        .and_then(|it| it.parse::<u64>().ok());
    // AWS accepts two steps on either side.
    let step = before.map_or(now - 1, |it| it + 1).max(now - 1);
    fs::write(&last, step.to_string())?;
    println!("{}", totp(seed.trim())?.generate(step * 30));
    Ok(())
}

fn totp(seed: &str) -> anyhow::Result<totp_rs::Totp> {
    let secret = Secret::try_from_base32(seed).ok().context("base32")?;
    Builder::new()
        .with_secret(secret)
        .build()
        .ok()
        .context("a seed")
}

fn phone_path(home: &Home, phone: usize) -> PathBuf {
    home.path().join(format!("phone-{phone}.seed"))
}

/// A user with or without a device, and that user's files.
struct Trial<'a> {
    bench: &'a Bench,
    task: Task,
    aws: Aws,
    home: Home,
}

impl<'a> Trial<'a> {
    fn new(bench: &'a Bench, task: Task) -> anyhow::Result<Self> {
        let account = Aws::builder()
            .user("bob")
            .device("bob", OLD_SEED)
            .unassigned("bob-2", OLD_SEED)
            .user(USER)
            .key(KEY_ID, SECRET_KEY);
        let aws = match task {
            Task::First => account.start(),
            Task::Further | Task::Replace => account.device("old-phone", OLD_SEED).start(),
        };
        let config = match task {
            Task::First => "# theirs\n[profile dev]\nregion = eu-central-1\n".to_owned(),
            _ => format!(
                "# theirs\n[profile dev]\nregion = eu-central-1\nmfa_serial = {OLD}\n\n[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = dev\nmfa_serial = {OLD}\n"
            ),
        };
        let home = Home::with(&aws)
            .program(bench.program())
            .credentials(format!("# mine\n[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s\n"))
            .config(config);
        let trial = Self {
            bench,
            task,
            aws,
            home,
        };
        if task != Task::First {
            let code = trial.aws.code("old-phone");
            let ended = trial.run(&["login", "--profile", "dev", "--code", &code]);
            ensure!(ended.succeeded(), "the login of before: {}", ended.text);
        }
        Ok(trial)
    }

    fn run(&self, words: &[&str]) -> Ended {
        process::finish(self.home.command(words))
    }

    /// The command of the task for a phone, not started yet.
    fn command(&self, phone: usize) -> Command {
        self.home
            .command(self.task.words(&self.home, self.bench, phone))
    }

    /// The seeds that phones have received.
    fn handed(&self) -> Vec<String> {
        (0..PHONES)
            .filter_map(|it| fs::read_to_string(phone_path(&self.home, it)).ok())
            .map(|seed| seed.trim().to_owned())
            .collect()
    }

    /// Alice's devices: the serials of those that somebody can use, and of the others, whose seed nobody
    /// has or which are not assigned.
    fn devices(&self) -> (Vec<String>, Vec<String>) {
        let handed = self.handed();
        let all = self.aws.devices().into_iter();
        let own = all.filter(|(serial, _)| !OTHERS.iter().any(|it| it.0 == serial.as_str()));
        let (usable, left): (Vec<_>, Vec<_>) = own.partition(|(serial, user)| {
            let name = serial.rsplit('/').next().unwrap_or_default();
            let has_phone = serial == OLD || handed.contains(&self.aws.seed(name));
            user.as_deref() == Some(USER) && has_phone
        });
        let serials = |list: Vec<(String, _)>| list.into_iter().map(|it| it.0).collect();
        (serials(usable), serials(left))
    }

    /// Checks what must hold at every moment.
    fn check(&self) -> Result<(), Broken> {
        for (serial, user) in OTHERS {
            let there = self.aws.devices();
            let is_as_before = there
                .iter()
                .any(|it| it.0 == serial && it.1.as_deref() == user);
            if !is_as_before {
                return Err(self.tell("another user's device was touched"));
            }
        }
        if self.task != Task::First && self.devices().0.is_empty() {
            return Err(self.tell("the user has no usable device any more"));
        }
        let credentials = self.home.read_credentials();
        let is_whole = credentials.contains("# mine\n")
            && credentials.contains("[other]\naws_access_key_id = AKIAOTHER\n")
            && self.home.read_config().starts_with("# theirs\n");
        if !is_whole {
            return Err(self.tell("a line of another profile is gone"));
        }
        Ok(())
    }

    /// Lets the next run find the leftovers, and checks that it settles or names them. Returns `true` if
    /// the task is done in the end.
    fn go_on(&self) -> Result<bool, Broken> {
        let (_, left) = self.devices();
        self.aws.heal();
        let ended = process::finish(self.command(PHONES - 1));
        let Some(0..=7) = ended.code else {
            return Err(self.tell_of("the next run ends oddly", &ended));
        };
        self.check()?;
        let (_, still) = self.devices();
        for serial in left.iter().filter(|it| still.contains(it)) {
            let name = serial.rsplit('/').next().unwrap_or_default();
            if !ended.text.contains(name) {
                let what = format!("the next run does not name {serial}");
                return Err(self.tell_of(&what, &ended));
            }
        }
        Ok(ended.succeeded())
    }

    fn tell(&self, what: &str) -> Broken {
        let devices = format!("{:#?}\n{:#?}\n", self.aws.devices(), self.aws.actions());
        Broken::from(what.to_owned())
            .with("devices", devices)
            .with("credentials-now", self.home.read_credentials())
            .with("config-now", self.home.read_config())
    }

    fn tell_of(&self, what: &str, ended: &Ended) -> Broken {
        self.tell(&format!("{what}\n  exit {:?}: {}", ended.code, ended.text))
    }
}

/// The phones of a trial: one each for two runs at once, and one for the next run.
const PHONES: usize = 3;

/// Tries each harm of each task once: a kill at every call if `kills` is large enough, otherwise only
/// `kills` of them.
pub(crate) fn run(bench: &Bench, report: &Report, kills: usize) -> anyhow::Result<()> {
    if kills == 0 {
        return Ok(());
    }
    let mut trials: Vec<(Task, Harm)> = Vec::new();
    let strace = calls::has_strace(report);
    for task in TASKS {
        let (actions, calls) = learn(bench, task, strace)?;
        trials.extend(
            actions
                .iter()
                .flat_map(|action| HARMS.map(|fault| (task, Harm::Answer(action.clone(), fault)))),
        );
        trials.extend((0..4).map(|_| (task, Harm::Two)));
        let step = calls.len().div_ceil(kills.div_ceil(TASKS.len())).max(1);
        trials.extend(
            calls
                .into_iter()
                .step_by(step)
                .map(|it| (task, Harm::Kill(it))),
        );
    }
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((task, harm)) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = [task.name(), harm.name()];
                    if let Err(error) = one(bench, report, *task, harm, row) {
                        *failed.lock().expect("no holder panics") = Some(error);
                    }
                }
            });
        }
    });
    failed
        .into_inner()
        .expect("no holder panics")
        .map_or(Ok(()), Err)
}

/// The faults that happen to each request once.
const HARMS: [Fault; 6] = [
    Fault::LoseAnswer,
    Fault::Gateway(504),
    Fault::CloseBefore,
    Fault::Throttled,
    Fault::Status(500),
    Fault::Denied { explicit: true },
];

/// The actions of an undisturbed run, each listed once, and its calls beginning with the first request.
fn learn(bench: &Bench, task: Task, strace: bool) -> anyhow::Result<(Vec<String>, Vec<Call>)> {
    let trial = Trial::new(bench, task)?;
    let before = trial.aws.actions().len();
    let log = trial.home.path().join("trace");
    let command = match strace {
        true => traced(&trial.command(0), &log, None),
        false => trial.command(0),
    };
    let ended = process::finish(command);
    ensure!(ended.succeeded(), "{}: {}", task.name(), ended.text);
    ensure!(trial.go_on().is_ok(), "{}: the next run", task.name());
    let mut actions: Vec<String> = trial.aws.actions().split_off(before);
    let mut seen = Vec::new();
    actions.retain(|it| {
        !seen.contains(it) && {
            seen.push(it.clone());
            true
        }
    });
    let trace = fs::read_to_string(&log).unwrap_or_default();
    Ok((actions, calls::numbered(&trace, "connect(")))
}

/// The deeds at which a run is killed, besides those with files.
const NETWORK: [&str; 4] = ["connect", "sendto", "sendmsg", "recvfrom"];

fn traced(command: &Command, log: &Path, kill: Option<&Call>) -> Command {
    let deeds = [&calls::DEEDS[..], &NETWORK].concat();
    let trace = format!("trace={}", expression(&deeds));
    let inject = kill.map(|(name, number)| format!("inject={name}:signal=KILL:when={number}"));
    let log = log.to_str().expect("UTF-8");
    // Children are not traced: the commands for the secret and the codes make calls of their own.
    let mut args = vec!["-q", "-o", log, "-e", &trace];
    args.extend(inject.iter().flat_map(|it| ["-e", it]));
    wrap("strace", &args, command)
}

fn one(
    bench: &Bench,
    report: &Report,
    task: Task,
    harm: &Harm,
    row: [&str; 2],
) -> anyhow::Result<()> {
    let trial = Trial::new(bench, task)?;
    let count = |column| report.count(Table::Devices, row, column, 1);
    let ended = match harm {
        Harm::Kill(call) => {
            let log = trial.home.path().join("trace");
            let ended = process::finish(traced(&trial.command(0), &log, Some(call)));
            let trace = fs::read_to_string(&log).unwrap_or_default();
            if !trace.contains("killed by SIGKILL") {
                return Ok(());
            }
            ended
        }
        Harm::Answer(action, fault) => {
            trial.aws.fault(action, *fault);
            process::finish(trial.command(0))
        }
        Harm::Two => {
            let both = [0, 1].map(|phone| process::spawn(&mut trial.command(phone)));
            let [one, other] = both.map(process::end);
            if one.succeeded() { other } else { one }
        }
    };
    count("runs");
    if ended.succeeded() {
        count("done");
    }
    let went_on = trial.check().and_then(|()| trial.go_on());
    match went_on {
        Ok(true) => count("settled by the next run"),
        Ok(false) => count("named by the next run"),
        Err(mut broken) => {
            broken.story += &format!(
                "\n  {harm:?}\n  the run before: exit {:?}: {}",
                ended.code, ended.text
            );
            report.broken(Table::Devices, row, &broken);
        }
    }
    Ok(())
}
