//! Runs the command `setup`: leads a user who has only an access key to a session, and reports the state
//! of the profile. It never shows a secret.

use super::common::{Common, ProfileWord, named_profile};
use super::output::SessionJson;
use super::ready;
use super::sign_in_options::{LOGIN_MARGIN, SignInOptions};
use crate::exit::{Exit, Failure, Result};
use crate::setup::{self, Done, KeyFile, Request};
use crate::signin::Unkept;
use crate::value::Made;
use crate::world::Context;
use clap::{Args, ValueHint};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  awsmfa setup                         asks for all that profile default lacks
  awsmfa setup dev --from-csv keys.csv  with the file that AWS gave you
  pass show aws/dev | awsmfa setup dev --region eu-central-1 --no-input
  awsmfa setup dev --no-login          the keys alone, no session";

/// Set up a profile: store its access key, and sign in
///
/// For somebody who has an access key of an IAM user and nothing else. Asks for the region, the
/// access key id and the secret, asks AWS whose they are, stores them in your AWS files, and goes on
/// with a session. What is there already is not asked for, and nothing is replaced: a profile that holds
/// other keys, or is there for something else, is left as it is. Run it again and it goes on where it
/// stopped; with everything there it says so and changes nothing.
///
/// The region comes first, since keys of AWS China and of GovCloud are known only there. It becomes
/// the profile's where that has none.
///
/// The keys come from --from-csv, else from standard input where that is a pipe or a file: the id on the
/// first line, the secret on the second. Else you are asked, and the secret is not shown. Nothing is
/// written before AWS has said whose they are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Setup {
    #[command(flatten)]
    profile: ProfileWord,

    /// Take the keys from the file that AWS gave you, - for standard input
    ///
    /// As the IAM console offers it for download, in UTF-8 or UTF-16. Of several keys in it one is asked
    /// for. It is neither changed nor deleted.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from_csv: Option<PathBuf>,

    /// Which of several keys in that file
    #[arg(long, value_name = "ID", requires = "from_csv")]
    access_key_id: Option<String>,

    /// Store the keys, and don't sign in
    #[arg(long, conflicts_with = "code_source")]
    no_login: bool,

    #[command(flatten)]
    sign_in: SignInOptions,

    /// Print the result as JSON, without secrets
    #[arg(long)]
    json: bool,
}

/// Sets up the profile, and reports what there is.
pub(crate) async fn run(setup: Setup, common: Common, context: Context) -> Result<()> {
    let named = setup.profile.or(common.profile)?;
    let mut sign_in = setup
        .sign_in
        .request(named.clone(), context, LOGIN_MARGIN)?;
    sign_in.unkept = Unkept::Refused;
    let profile = named_profile(named, context)?.unwrap_or_default();
    if profile.as_str().starts_with("arn:") {
        return Err(Failure::new(
            Exit::Usage,
            format!("{profile} is an ARN, and not the name of a profile"),
        )
        .hint("a role needs no keys: name it as role_arn in a profile, with source_profile"));
    }
    let file = setup.from_csv.map(|path| match path.as_os_str() == "-" {
        true => KeyFile::Stdin,
        false => KeyFile::Path(path),
    });
    let request = Request {
        profile,
        file,
        access_key_id: setup.access_key_id,
        tells: !setup.json,
        login: !setup.no_login,
        sign_in,
    };
    let done = setup::set_up(context, request).await?;
    if setup.json {
        context.ui.data(&as_json(&done, context))?;
    } else if let Some(ready) = &done.session {
        ready::say(ready, context);
    }
    let in_use = done.session.as_ref().map(|ready| &ready.profile);
    ready::warn_of_keys_before(in_use.unwrap_or(&done.profile), context);
    Ok(())
}

fn as_json(done: &Done, context: Context) -> String {
    let session = done.session.as_ref();
    let none = Made::default();
    let made = session.map_or(&none, |ready| &ready.session.made);
    let expiration = session.and_then(|ready| ready.session.expiration);
    let in_profile = session.map(|ready| ready.profile.as_str());
    SessionJson::new(Some(&done.profile), made, expiration, context.now())
        .with_device(made)
        .with("account", done.identity.account.as_str())
        .with("arn", done.identity.arn.as_str())
        .with("access_key_id", done.access_key_id.as_str())
        .with("region", done.region.as_str())
        .with("stored", done.stored)
        .with("session_profile", in_profile)
        .value()
        .to_string()
}
