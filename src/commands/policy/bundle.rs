//! Runs the command `policy bundle`: prints the stack of groups, and says what an administrator does
//! with it. It deploys nothing.

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
/// ManageMFA, ForceMFA, ReadOnly, Ec2RestrictAccess and CreateIamRole, the last of these with the boundary
/// of the roles that it makes. The parameters of the stack are the members of each group (nobody, unless
/// named), a prefix for the names, paths, and whether there are the last three. What to do with it, and in
/// which order, is said on standard error.
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
