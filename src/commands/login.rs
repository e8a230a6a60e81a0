//! Runs the command `login`: signs in, and says which session is ready and until when. It never shows a
//! secret.

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
  awsmfa login                         default's keys, or you choose
  awsmfa login dev --duration 36h      the longest that AWS allows
  awsmfa login dev --code-command 'ykman oath accounts code -s aws'
  echo \"$CODE\" | awsmfa login dev --code-stdin --json
  awsmfa login admin                   a role: signs in its source first

Then, in any AWS tool:
  export AWS_PROFILE=dev-mfa           or: aws --profile dev-mfa …";

/// Sign in with MFA and store the session as a profile
///
/// Reads the long-term keys of the profile, finds its MFA device, takes the code, calls
/// sts:GetSessionToken, and writes the session to the profile NAME-mfa in the AWS credentials file.
/// If there is a valid session made with the same keys, it is kept and no request is made.
///
/// A profile with `role_arn` and `source_profile` is a role: its source is signed in first, if
/// needed, and that session assumes the role into NAME-mfa. One code covers every role of that
/// source.
///
/// If the credentials file can't be written, login fails before it asks for a code: use `exec` or
/// `export` then. If the config file can't be written, a warning shows the settings to add.
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

/// Signs in and says which session is ready and until when.
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
