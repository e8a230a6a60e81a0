//! Starts programs and waits for them to end. It never judges what they did.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Anything that takes longer than this is hanging.
const PATIENCE: Duration = Duration::from_secs(90);

/// How a program ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// Whether SIGKILL ended it.
    pub(crate) killed: bool,
    /// Its standard output, then its standard error.
    pub(crate) text: String,
}

impl Ended {
    pub(crate) fn succeeded(&self) -> bool {
        self.code == Some(0)
    }
}

/// Starts a command whose output is collected.
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
        .spawn()
        .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()))
}

/// Waits for the end. A program that hangs is killed, and its text says so.
pub(crate) fn end(mut child: Child) -> Ended {
    let begin = Instant::now();
    let mut hangs = false;
    while child
        .try_wait()
        .expect("the child can be waited for")
        .is_none()
    {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            hangs = true;
            break;
        }
        thread::sleep(Duration::from_micros(200));
    }
    let output = child.wait_with_output().expect("it has ended");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut said = text(&output.stdout) + &text(&output.stderr);
    if hangs {
        said += "(it did not end within 90 s)\n";
    }
    Ended {
        code: output.status.code(),
        killed: output.status.signal() == Some(9) && !hangs,
        text: said,
    }
}

/// Suspends a run for a while at `moment`, so that other programs can act between two of its steps.
pub(crate) fn hold(child: &Child, moment: Instant, time: Duration) {
    wait_until(moment);
    let Some(id) = Pid::from_raw(child.id() as i32) else {
        return;
    };
    // It may have ended by then, but nobody has waited for it yet, so its id can't belong to another
    // process.
    if kill_process(id, Signal::STOP).is_ok() {
        thread::sleep(time);
        let _ = kill_process(id, Signal::CONT);
    }
}

/// Waits without losing the moment to the scheduler's next tick.
pub(crate) fn wait_until(moment: Instant) {
    while let Some(left) = moment.checked_duration_since(Instant::now()) {
        if left > Duration::from_micros(300) {
            thread::sleep(left - Duration::from_micros(200));
        } else {
            std::hint::spin_loop();
        }
    }
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Ended {
    end(spawn(&mut command))
}

/// `program` with `args` followed by the words of `command`, in its folder and environment.
pub(crate) fn wrap(program: &str, args: &[&str], command: &Command) -> Command {
    let mut wrapped = Command::new(program);
    wrapped.args(args).arg(command.get_program());
    wrapped.args(command.get_args()).env_clear();
    let set = command.get_envs();
    wrapped.envs(set.filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

/// Whether a command exits with 0.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|it| it.success())
}
