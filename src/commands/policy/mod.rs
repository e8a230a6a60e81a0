//! Runs the commands `policy …`, one file each. None of them imports another; `choices` has the options
//! that two of them share, `place` finds the account that a document is for.

mod bundle;
mod check;
mod choices;
mod list;
mod place;
mod show;

use super::common::Common;
use crate::exit::{Exit, Result};
use crate::world::Context;
use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  awsmfa policy list                        the policies there are
  awsmfa policy show force-mfa --explain    what it does, and why
  awsmfa policy show manage-mfa             the document, for your account
  awsmfa policy bundle > awsmfa.json        five groups as one stack
  awsmfa policy check                       what AWS says is open without MFA";

/// Print policies that enforce MFA, and check yours
///
/// They work together, and were tested against the known ways around MFA policies. awsmfa only
/// prints them: an administrator attaches them. `policy check` asks AWS what is open without MFA.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: PolicyCommand,
}

/// What is to be printed, or asked.
#[derive(Debug, Subcommand)]
enum PolicyCommand {
    List(list::List),
    Show(Box<show::Show>),
    Bundle(bundle::Bundle),
    Check(Box<check::Check>),
}

/// Runs the command that was named. A check that did not fail ends in what it found.
pub(crate) async fn run(policy: Policy, common: Common, context: Context) -> Result<Exit> {
    match policy.command {
        PolicyCommand::List(list) => list::run(&list, context),
        PolicyCommand::Show(show) => show::run(*show, common, context).await,
        PolicyCommand::Bundle(bundle) => bundle::run(bundle, context),
        PolicyCommand::Check(check) => return check::run(*check, common, context).await,
    }
    .map(|()| Exit::Done)
}
