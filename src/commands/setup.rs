//! Runs the command `setup`: guides somebody with nothing but an access key to a session, and says what
//! the profile is then. It never shows a secret.

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
  awsmfa setup                         asks for everything profile default lacks
  awsmfa setup dev --from-csv keys.csv  with the file AWS gave you
  pass show aws/dev | awsmfa setup dev --region eu-central-1 --no-input
  awsmfa setup dev --no-login          only store the keys";

/// Set up a profile: store its access key, and sign in
///
/// For when you have an access key of an IAM user and nothing else. Asks for the region, the access
/// key id and the secret, asks AWS whose they are, stores them in your AWS files, and signs in. It
/// does not ask for what is already there, and replaces nothing: a profile that holds other keys,
/// or has another purpose, is left unchanged. If it is interrupted, run it again and it continues
/// where it stopped; if everything is there, it says so and changes nothing.
///
/// The region comes first, because keys of AWS China and GovCloud are known only there. It is
/// stored in the profile if the profile has none.
///
/// The keys come from --from-csv, or from standard input if that is a pipe or a file: the id on the
/// first line, the secret on the second. Otherwise you are asked for them, and the secret is not
/// shown. Nothing is written before AWS has said whose keys they are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Setup {
    #[command(flatten)]
    profile: ProfileWord,

    /// Take the keys from the file AWS gave you, or - for standard input
    ///
    /// The file that the IAM console offers for download, in UTF-8 or UTF-16. If it holds several
    /// keys, you are asked for one. The file is neither changed nor deleted.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from_csv: Option<PathBuf>,

    /// Which key to take from that file, if it holds several
    #[arg(long, value_name = "ID", requires = "from_csv")]
    access_key_id: Option<String>,

    /// Store the keys, but don't sign in
    #[arg(long, conflicts_with = "code_source")]
    no_login: bool,

    #[command(flatten)]
    sign_in: SignInOptions,

    /// Print the result as JSON, without secrets
    #[arg(long)]
    json: bool,
}

/// Sets the profile up, and says what there is.
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
            format!("{profile} is an ARN, not a profile name"),
        )
        .hint(
            "a role needs no keys: set it as role_arn in a profile, together with source_profile",
        ));
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
