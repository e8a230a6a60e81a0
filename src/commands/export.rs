//! Owns the command `export`: prints a session for a shell, a program or a CI job.

use super::options::{MARGIN, SignInOptions};
use crate::cli::Common;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::shell::Shell;
use crate::signin::{self, Ready};
use crate::{github, process, variables};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

const EXAMPLES: &str = "\
Examples:
  eval \"$(awsmfa export -p dev)\"                              sh, bash, zsh
  awsmfa export -p dev --format fish | source                 fish
  awsmfa export -p dev --format powershell | Out-String | Invoke-Expression
  awsmfa export -p dev --format nu | from nuon | load-env     Nushell
  awsmfa export -p dev --format github                        a step of GitHub Actions
  eval \"$(awsmfa export --unset)\"                             back to before";

/// Print a session for a shell, a program or a CI job
///
/// Signs in first when there is no good session, and asks at the terminal itself, so that it works
/// inside `eval`. The text for a shell also clears AWS_PROFILE and what else would win over the
/// session; when the sign-in fails it makes the evaluation fail.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "env")]
    format: Format,

    /// Print what clears the variables again
    #[arg(long)]
    unset: bool,

    #[command(flatten)]
    sign_in: SignInOptions,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug)]
enum Format {
    Shell(Shell),
    /// The JSON of a `credential_process`.
    Process,
    /// An object of the variables.
    Json,
    /// The files of GitHub Actions.
    Github,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Format; 9] = [
            Format::Shell(Shell::Env),
            Format::Shell(Shell::EnvNoExport),
            Format::Shell(Shell::Fish),
            Format::Shell(Shell::Powershell),
            Format::Shell(Shell::WindowsCmd),
            Format::Shell(Shell::Nu),
            Format::Process,
            Format::Json,
            Format::Github,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Shell(shell) => shell.to_possible_value(),
            Self::Process => {
                Some(PossibleValue::new("process").help("the JSON of a credential_process"))
            }
            Self::Json => Some(PossibleValue::new("json").help("an object of the variables")),
            Self::Github => Some(
                PossibleValue::new("github").help("GITHUB_ENV of GitHub Actions, secrets masked"),
            ),
        }
    }
}

/// Prints the session, signing in first when needed.
pub(crate) fn run(export: Export, common: Common, context: Context) -> anyhow::Result<()> {
    if export.unset {
        return unset(export.format, context);
    }
    let request = export.sign_in.request(common.profile, context, MARGIN)?;
    match signin::sign_in(context, request) {
        Ok(ready) => print(export.format, &ready, context),
        Err(error) => {
            if let Format::Shell(shell) = export.format {
                context.ui.raw(shell.failure())?;
            }
            Err(error)
        }
    }
}

fn print(format: Format, ready: &Ready, context: Context) -> anyhow::Result<()> {
    let variables = variables::of(ready);
    let pairs: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    match format {
        Format::Shell(shell) => context.ui.raw(&shell.script(&pairs, &variables::OTHERS))?,
        Format::Process => context.ui.data(&process::json(ready))?,
        Format::Json => {
            let object: Map<String, Value> = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                .collect();
            context.ui.data(&Value::from(object).to_string())?;
        }
        Format::Github => github::hand_over(&pairs, context)?,
    }
    Ok(())
}

fn unset(format: Format, context: Context) -> anyhow::Result<()> {
    match format {
        Format::Shell(shell) if shell != Shell::EnvNoExport => {
            Ok(context.ui.raw(&shell.script(&[], &variables::OURS))?)
        }
        _ => Err(Failure::new(
            Exit::Usage,
            "--unset needs the format of a shell that can clear variables",
        )
        .hint("one of env, fish, powershell, windows-cmd, nu")
        .into()),
    }
}
