//! Owns the command `exec`: runs a program with a session in its environment and nothing else of
//! AWS credentials.

use super::options::{MARGIN, SignInOptions};
use crate::cli::Common;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::signin;
use crate::variables;
use clap::Args;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::Command;

const EXAMPLES: &str = "\
Examples:
  awsmfa exec -p dev -- aws s3 ls
  awsmfa exec -p dev -- terraform apply
  awsmfa exec -p dev -- bash                  a shell that has the session

The exit code is the command's own; 126 when it can't be run, 127 when it is not there.";

/// Run a command with a session in its environment
///
/// Signs in first when needed. The command gets the keys in AWS_ACCESS_KEY_ID and its kin; every
/// other variable by which AWS tools find credentials is removed, AWS_PROFILE too. On Unix awsmfa
/// becomes the command.
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
    let command = command(program, args, &variables::of(&ready));
    drop(ready);
    start(command).map_err(|error| {
        let exit = match error.kind() {
            ErrorKind::NotFound => Exit::CommandNotFound,
            _ => Exit::CommandNotRun,
        };
        Failure::new(
            exit,
            format!("can't run {}: {error}", program.to_string_lossy()),
        )
        .into()
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is what the person asked for"
)]
fn command(program: &OsString, args: &[OsString], session: &[(&str, String)]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    for name in variables::OTHERS
        .iter()
        .chain(&["AWS_CREDENTIAL_EXPIRATION"])
    {
        command.env_remove(name);
    }
    command.envs(session.iter().map(|(name, value)| (name, value)));
    command
}

#[cfg(unix)]
fn start(mut command: Command) -> std::io::Result<u8> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn start(mut command: Command) -> std::io::Result<u8> {
    let code = command.status()?.code().unwrap_or(1);
    // std can end a process with a byte only: what doesn't fit must not turn into a success.
    Ok(u8::try_from(code).unwrap_or(1))
}
