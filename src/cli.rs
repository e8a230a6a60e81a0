//! Owns the top level of the command line: the flags that every command takes, the commands, and
//! what the help says of exit codes and variables.

use crate::commands::{
    completions, credential_process, exec, export, login, logout, man, status, whoami,
};
use crate::value::ProfileName;
use clap::{Args, Parser, Subcommand};
use clap_complete::ArgValueCandidates;

const EXAMPLES: &str = "\
Examples:
  awsmfa login --profile dev       asks for a code; the session is dev-mfa
  awsmfa status                    which sessions there are, and until when
  awsmfa exec -p dev -- CMD        one command with the session
  eval \"$(awsmfa export -p dev)\"   the session in this shell

`awsmfa COMMAND --help` tells the rest.";

/// What the long help ends with.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed: a file, a setting
    2  the command line makes no sense
    3  no valid session
    4  AWS refused the code or the device
    5  AWS refused the keys or the permission
    6  AWS can't be reached, or its answer can't be used
    7  a code is needed and none can be asked for
  126  exec: the command can't be run
  127  exec: there is no such command
  130  cancelled";

/// Sign in to AWS with multi-factor authentication, and keep the session in your AWS files.
///
/// `awsmfa login --profile dev` uses the long-term keys of profile dev and a code of your MFA
/// device, and leaves a profile dev-mfa that every AWS tool can use. Nothing else in your files
/// changes.
#[derive(Debug, Parser)]
#[command(name = "awsmfa", version, arg_required_else_help = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The profile; a session profile means its source
    ///
    /// dev-mfa, which holds the session of dev, means dev.
    /// [variable: AWS_PROFILE; otherwise `default`]
    #[arg(long, short, global = true, value_name = "NAME", add = ArgValueCandidates::new(completions::profile_names))]
    pub(crate) profile: Option<ProfileName>,

    /// Print nothing but warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Show the steps and the requests, never keys or codes
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Login(Box<login::Login>),
    Status(status::Status),
    Logout(logout::Logout),
    Export(Box<export::Export>),
    Exec(Box<exec::Exec>),
    CredentialProcess(Box<credential_process::CredentialProcess>),
    Whoami(whoami::Whoami),
    Completions(completions::Completions),
    Man(man::Man),
}
