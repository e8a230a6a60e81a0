//! Runs the command `policy bundle`: prints the stack of groups, and lists the administrator's steps. It
//! deploys nothing.

use super::choices::{RuleOptions, TagOptions};
use crate::exit::Result;
use crate::policy::bundle;
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa policy bundle > awsmfa.json
  aws cloudformation deploy --stack-name awsmfa --template-file awsmfa.json \\
    --capabilities CAPABILITY_NAMED_IAM \\
    --parameter-overrides ManageMFAMembers=alice,bob";

/// Print five groups with their policies as one CloudFormation stack
///
/// ManageMFA, ForceMFA, ReadOnly, Ec2RestrictAccess and CreateIamRole, the last with the boundary for its
/// roles. The stack has parameters for the members of each group (nobody by default), a prefix for names,
/// paths, and to leave out the last three groups. The steps of a rollout are printed to standard error.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Bundle {
    #[command(flatten)]
    rules: RuleOptions,

    #[command(flatten)]
    tag: TagOptions,
}

/// Prints the stack.
pub(super) fn run(command: Bundle, context: Context) -> Result<()> {
    let template = bundle::bundle(command.rules.rules(), command.tag.tag());
    for line in bundle::ORDER {
        context.ui.say(line);
    }
    context.ui.data(&template)
}
