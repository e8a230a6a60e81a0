//! Runs the command `credential-process`: gives a session to an AWS tool that runs awsmfa by
//! itself. It never asks once its caller may have given up.

use super::common::{Common, ProfileWord};
use super::sign_in_options::{MARGIN, SignInOptions};
use crate::exit::Result;
use crate::handover::process_json;
use crate::signin::{self, Unkept};
use crate::world::Context;
use crate::world::asking::Asking;
use clap::Args;

const EXAMPLES: &str = "\
Example, in ~/.aws/config:
  [profile work]
  credential_process = awsmfa credential-process --profile dev

Then every AWS tool signs in by itself: aws --profile work s3 ls";

/// Give a session to AWS tools that run awsmfa themselves
///
/// For the setting `credential_process` of a third profile: neither the source profile nor the
/// session profile. Renews the session when less than --min-remaining is left. Asks for the code at
/// the terminal itself, for at most 50 seconds, if awsmfa is in the foreground and no full-screen
/// program has the terminal; otherwise it fails with exit code 7. If many start at once, one asks
/// and the rest share its session. If the credentials file can't be written, only the one that
/// asked gets the session; those that waited for it exit with 7.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CredentialProcess {
    #[command(flatten)]
    profile: ProfileWord,

    #[command(flatten)]
    sign_in: SignInOptions,
}

/// Prints the session, signing in first when needed.
pub(crate) async fn run(
    command: CredentialProcess,
    common: Common,
    context: Context,
) -> Result<()> {
    let mut request =
        command
            .sign_in
            .request(command.profile.or(common.profile)?, context, MARGIN)?;
    request.unkept = Unkept::HandedOutToOne;
    if request.asking == Asking::Yes {
        request.asking = Asking::for_caller();
    }
    let ready = signin::sign_in(context, request).await?;
    context.ui.data(&process_json::json(&ready.session))
}
