//! Runs the command `login`: signs in, and says what is ready until when. It never shows a secret.

use super::common::{Common, ProfileWord};
use super::ready;
use super::sign_in_options::{LOGIN_MARGIN, SignInOptions};
use super::unnamed;
use crate::devices::enroll::offer;
use crate::exit::{Remedy, Result};
use crate::profile::choice::Purpose;
use crate::signin::{self, Request, Unkept};
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa login dev                     asks for a code; the session is dev-mfa
  awsmfa login                         default's keys; without any you choose
  awsmfa login dev --duration 36h      as long as AWS allows
  awsmfa login dev --code-command 'ykman oath accounts code -s aws'
  echo \"$CODE\" | awsmfa login dev --code-stdin --json
  awsmfa login admin                   admin is a role: its source first

Then, in any AWS tool:
  export AWS_PROFILE=dev-mfa           or: aws --profile dev-mfa …";

/// Sign in with MFA and store the session as a profile
///
/// Reads the long-term keys of the profile, finds its MFA device, takes the code, calls
/// sts:GetSessionToken, and writes the session to the profile NAME-mfa of the AWS credentials
/// file. A session that is still good is kept, without any request, if the same keys made it.
///
/// A profile with `role_arn` and `source_profile` is a role: the source is signed in first, where
/// that is needed, and its session assumes the role into NAME-mfa. One code serves all roles of a
/// source.
///
/// A credentials file that can't be written is an error before a code is asked for: use `exec` or
/// `export` then. A config file that can't costs a warning with the settings to add.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Login {
    #[command(flatten)]
    profile: ProfileWord,

    #[command(flatten)]
    sign_in: SignInOptions,

    /// Print the result as JSON, without secrets
    #[arg(long)]
    json: bool,
}

/// Signs in and says what is ready until when.
pub(crate) async fn run(login: Login, common: Common, context: Context) -> Result<()> {
    let named = login.profile.or(common.profile)?;
    let mut request = login.sign_in.request(named, context, LOGIN_MARGIN)?;
    request.unkept = Unkept::Refused;
    let sign_in = async |request: Request| match signin::sign_in(context, request.clone()).await {
        Err(failure) if failure.remedy == Some(Remedy::Enroll) => {
            offer(failure, request, context).await
        }
        signed_in => signed_in,
    };
    let ready = unnamed::named(request, Purpose::Session, context, sign_in).await?;
    ready::warn_of_environment(&ready, context);
    if login.json {
        let json = ready::as_json(&ready, context).value();
        context.ui.data(&json.to_string())?;
    } else {
        ready::say(&ready, context);
    }
    Ok(())
}
