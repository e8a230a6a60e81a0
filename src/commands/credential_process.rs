//! Owns the command `credential-process`: gives a session to an AWS tool that runs awsmfa by itself.

use super::options::{MARGIN, SignInOptions};
use crate::cli::Common;
use crate::handover::process_json;
use crate::signin::{self, Asking};
use crate::world::Context;
use clap::Args;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Example, in ~/.aws/config:
  [profile work]
  credential_process = awsmfa credential-process --profile dev

Then every AWS tool signs in by itself: aws --profile work s3 ls";

/// Callers give up: the Go SDK after 60 seconds.
const PATIENCE: Duration = Duration::from_secs(50);

/// Give a session to AWS tools that run awsmfa themselves
///
/// For the setting `credential_process` of a third profile: not of the source, and not of the
/// session's. Renews the session when less than --min-remaining is left, and asks for the code at
/// the terminal itself when awsmfa is in its foreground, for at most 50 seconds; else it fails with
/// exit code 7. Many callers at once ask for one code.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    sign_in: SignInOptions,
}

/// Prints the session, signing in first when needed.
pub(crate) fn run(
    command: CredentialProcess,
    common: Common,
    context: Context,
) -> anyhow::Result<()> {
    let mut request = command.sign_in.request(common.profile, context, MARGIN)?;
    if request.may_ask == Asking::Yes {
        request.may_ask = Asking::InForeground(Instant::now() + PATIENCE);
    }
    let ready = signin::sign_in(context, request)?;
    Ok(context.ui.data(&process_json::json(&ready))?)
}
