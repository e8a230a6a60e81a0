//! Runs the command `exec`: starts a program with a session in its environment and no other AWS
//! credentials. It never shows a key.

use super::common::{Common, ProfileWord};
use super::handing_over;
use super::sign_in_options::{MARGIN, SignInOptions};
use crate::exit::{Exit, Failure, Result};
use crate::handover::environment::Change;
use crate::handover::variables;
use crate::signin;
use crate::text::io_message;
use crate::world::Context;
use clap::Args;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::process::Command;

const EXAMPLES: &str = "\
Examples:
  awsmfa exec dev -- aws s3 ls
  awsmfa exec dev -- terraform apply
  awsmfa exec dev -- bash              a shell with the session

The exit code is the command's own, 126 when it can't be run, 127 when it is not
found, and awsmfa's when the sign-in fails.";

/// Run a command with a session in its environment
///
/// Signs in first if there is no valid session. The command gets it in AWS_ACCESS_KEY_ID and the
/// related variables, and the profile's other settings in theirs, unless they are already set;
/// every other variable that gives AWS tools credentials is removed, including AWS_PROFILE. On Unix
/// awsmfa becomes the command. If the credentials file can't be written, the command gets the
/// session all the same, with a warning that it was not saved.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Exec {
    #[command(flatten)]
    profile: ProfileWord,

    #[command(flatten)]
    sign_in: SignInOptions,

    /// The command and its arguments, after `--`
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Signs in, where that is needed, and makes the command ready to be started.
pub(crate) async fn prepare(exec: Exec, common: Common, context: Context) -> Result<Command> {
    let Some((program, args)) = exec.command.split_first() else {
        return Err(Failure::new(Exit::Usage, "there is no command to run"));
    };
    let request = exec
        .sign_in
        .request(exec.profile.or(common.profile)?, context, MARGIN)?;
    let ready = signin::sign_in(context, request).await?;
    let session = handing_over::session(&ready)?;
    let change = handing_over::change(&ready, session, context);
    Ok(command(program, args, &change))
}

/// Starts the command and returns its exit code. On Unix it does not return when the command could
/// be run: awsmfa has become it.
pub(crate) fn start(mut command: Command) -> Result<u8> {
    let started = become_command(&mut command);
    started.map_err(|error| not_run(command.get_program(), &error))
}

fn not_run(program: &OsStr, error: &io::Error) -> Failure {
    let program = program.to_string_lossy();
    if error.kind() == ErrorKind::NotFound {
        return Failure::new(
            Exit::CommandNotFound,
            format!("can't run {program}: it was not found, or something it needs to run was not"),
        )
        .hint(if cfg!(windows) {
            "is its folder in PATH? a script needs its full name, such as npm.cmd"
        } else {
            "is its folder in PATH? shell aliases and functions can't be run"
        });
    }
    Failure::new(
        Exit::CommandNotRun,
        format!("can't run {program}: {}", io_message(error)),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is what the person asked for"
)]
fn command(program: &OsStr, args: &[OsString], change: &Change) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    for name in variables::OURS {
        command.env_remove(name);
    }
    for name in &change.clear {
        command.env_remove(name);
    }
    let set = change.set.iter();
    command.envs(set.map(|(name, value)| (&**name, value.as_str())));
    command
}

/// Becomes the command; returns only when that can't be done.
///
/// The command has the signals ignored that our caller ignores: we install no handler for one of
/// those (`signals`). SIGPIPE alone has its default whatever the caller does: std sees to that.
#[cfg(unix)]
fn become_command(command: &mut Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// Waits for the command, and ends as it ended.
#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "an exit code of Windows has 32 bits, what `run` returns has 8"
)]
fn become_command(command: &mut Command) -> io::Result<u8> {
    // Ctrl-C is for the command: while this listens it does not end awsmfa before the command.
    let _listener = tokio::signal::windows::ctrl_c()?;
    let code = command.status()?.code().unwrap_or(1);
    std::process::exit(code)
}
