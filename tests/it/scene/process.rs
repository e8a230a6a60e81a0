//! Runs commands for which [`Run`](crate::support::run::Run) is too strict: several at once, or inside
//! another program. It never checks their output.

#[cfg(target_os = "linux")]
use std::ffi::OsStr;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::run::start;

/// What has not happened by then never happens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a command, collecting its output.
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    start(command).unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()))
}

/// Runs a command to its end.
#[cfg(unix)]
pub(crate) fn finish(mut command: Command) -> Output {
    wait(spawn(&mut command))
}

/// Waits for the end of a run, and kills it if it hangs.
pub(crate) fn wait(mut child: Child) -> Output {
    let begin = Instant::now();
    while child
        .try_wait()
        .expect("the child can be waited for")
        .is_none()
    {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output().expect("it has ended")
}

/// Waits until `met`; panics that `what` did not happen.
pub(crate) fn wait_until(what: &str, met: impl Fn() -> bool) {
    let begin = Instant::now();
    while !met() {
        assert!(
            begin.elapsed() < PATIENCE,
            "{what}: not within {PATIENCE:?}"
        );
        thread::sleep(Duration::from_millis(1));
    }
}

/// The output of a run: standard output, then standard error.
pub(crate) fn output_text(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// `program` with `args` and then the words of `command`, with its folder and environment.
#[cfg(unix)]
pub(crate) fn wrap(program: &str, args: &[&str], command: &Command) -> Command {
    let mut wrapped = Command::new(program);
    wrapped
        .args(args)
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    // Including the folders of the administrator's tools.
    wrapped.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
    wrapped
}

/// Whether a program is installed.
#[cfg(target_os = "linux")]
pub(crate) fn is_installed(program: impl AsRef<OsStr>) -> bool {
    let folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    folders
        .iter()
        .any(|it| Path::new(it).join(program.as_ref()).exists())
}
