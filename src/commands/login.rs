//! Runs the command `login`: signs in, and says what is ready until when. It never shows a secret.

use super::common::{Common, variable_before_aws_profile};
use super::output::SessionJson;
use super::sign_in_options::SignInOptions;
use crate::exit::Result;
use crate::signin::{self, Ready, Unkept};
use crate::value::session::State;
use crate::value::{Lifetime, expiry};
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa login --profile dev           asks for a code; the session is dev-mfa
  awsmfa login -p dev --duration 36h   as long as AWS allows
  awsmfa login -p dev --code-command 'ykman oath accounts code -s aws'
  echo \"$CODE\" | awsmfa login -p dev --code-stdin --json
  awsmfa login -p admin                admin is a role: its source first

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
    sign_in: SignInOptions,

    /// Print the result as JSON, without secrets
    #[arg(long)]
    json: bool,
}

/// How much of a session must be left for `login` to keep it, unless the person says otherwise.
const MARGIN: Lifetime = Lifetime::seconds(3_600);

/// Signs in and says what is ready until when.
pub(crate) async fn run(login: Login, common: Common, context: Context) -> Result<()> {
    let mut request = login.sign_in.request(common.profile, context, MARGIN)?;
    request.unkept = Unkept::Refused;
    let ready = signin::sign_in(context, request).await?;
    warn_of_environment(&ready, context);
    if login.json {
        context.ui.data(&as_json(&ready, context))?;
    } else {
        say(&ready, context);
    }
    Ok(())
}

fn say(ready: &Ready, context: Context) {
    let Ready { profile, .. } = ready;
    if let Some(at) = ready.session.expiration {
        let until = context.local_time(at);
        let left = expiry::remaining(at, context.now()).rounded();
        context.ui.say(&if ready.renewed {
            format!("{profile} is ready until {until} ({left} from now)")
        } else {
            format!("{profile} is still good until {until} ({left} left); --force makes a new one")
        });
    }
    let other = variable_before_aws_profile(profile, context);
    context.ui.say(&if cfg!(windows) {
        let unset = other.map(|it| format!("Remove-Item Env:{it}; "));
        let unset = unset.unwrap_or_default();
        format!("use it with: {unset}$env:AWS_PROFILE = \"{profile}\"")
    } else {
        let unset = other.map(|it| format!("unset {it}; ")).unwrap_or_default();
        format!("use it with: {unset}export AWS_PROFILE={profile}")
    });
}

/// After a login the new profile is expected to count; in the AWS CLI and the SDKs the
/// environment's keys win over `AWS_PROFILE`.
fn warn_of_environment(ready: &Ready, context: Context) {
    if context.env.text("AWS_ACCESS_KEY_ID").is_some() {
        context.ui.warn(&format!(
            "AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE={}; unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
            ready.profile
        ));
    }
}

fn as_json(ready: &Ready, context: Context) -> String {
    let Ready {
        profile, session, ..
    } = ready;
    let made = &session.made;
    SessionJson::new(Some(profile), made, session.expiration, context.now())
        .with_device(made)
        .with("state", State::Valid.name())
        .with("arn", made.arn.as_ref().map(|arn| arn.as_str()))
        .with("renewed", ready.renewed)
        .value()
        .to_string()
}
