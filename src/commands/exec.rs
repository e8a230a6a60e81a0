//! Owns the command `exec`: runs a program with a session in its environment and nothing else of
//! AWS credentials.

use super::options::{MARGIN, SignInOptions};
use crate::cli::Common;
use crate::exit::{Exit, Failure};
use crate::handover::variables::{self, Variable};
use crate::signin;
use crate::world::Context;
use clap::Args;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::process::Command;

const EXAMPLES: &str = "\
Examples:
  awsmfa exec -p dev -- aws s3 ls
  awsmfa exec -p dev -- terraform apply
  awsmfa exec -p dev -- bash           a shell that has the session

The exit code is the command's own, 126 when it can't be run, 127 when there is
none of that name, and awsmfa's when the sign-in fails.";

/// Run a command with a session in its environment
///
/// Signs in first when there is no good session. The command gets it in AWS_ACCESS_KEY_ID and the
/// variables beside it; every other variable by which AWS tools find credentials is removed,
/// AWS_PROFILE too. On Unix awsmfa becomes the command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Exec {
    #[command(flatten)]
    sign_in: SignInOptions,

    /// The command and its arguments, after `--`
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command and returns its exit code. On Unix it does not return when the command could be
/// run: awsmfa has become it.
pub(crate) fn run(exec: Exec, common: Common, context: Context) -> anyhow::Result<u8> {
    let request = exec.sign_in.request(common.profile, context, MARGIN)?;
    let ready = signin::sign_in(context, request)?;
    let Some((program, args)) = exec.command.split_first() else {
        return Err(Failure::new(Exit::Usage, "there is no command to run").into());
    };
    let command = command(program, args, &variables::of(&ready)?);
    drop(ready);
    start(command).map_err(|error| not_run(program, &error).into())
}

fn not_run(program: &OsStr, error: &io::Error) -> Failure {
    let program = program.to_string_lossy();
    if error.kind() == ErrorKind::NotFound {
        return Failure::new(
            Exit::CommandNotFound,
            format!("can't run {program}: there is no such command, or not what it needs to run"),
        )
        .hint(if cfg!(windows) {
            "is its folder in PATH? a script needs its whole name, such as npm.cmd"
        } else {
            "is its folder in PATH? an alias or a function of a shell is no command"
        });
    }
    Failure::new(Exit::CommandNotRun, format!("can't run {program}: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is what the person asked for"
)]
fn command(program: &OsStr, args: &[OsString], session: &[Variable]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    for name in variables::OTHERS.iter().chain(&variables::OURS) {
        command.env_remove(name);
    }
    command.envs(session.iter().map(|(name, value)| (name, value.as_str())));
    command
}

/// Becomes the command; returns only when that can't be done.
///
/// The command has the signals ignored that our caller ignores: we install no handler for one of
/// those (`signals`). SIGPIPE alone has its default whatever the caller does: std sees to that.
#[cfg(unix)]
fn start(mut command: Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// Waits for the command, and ends as it ended.
#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "an exit code of Windows has 32 bits, what `run` returns has 8"
)]
fn start(mut command: Command) -> io::Result<u8> {
    // Ctrl-C is for the command: while this listens it does not end awsmfa before the command.
    let _listener = tokio::signal::windows::ctrl_c()?;
    let code = command.status()?.code().unwrap_or(1);
    std::process::exit(code)
}
