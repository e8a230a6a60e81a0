//! Runs the command `whoami`: shows who AWS says the caller is, and what the files tell beside it.
//! It writes nothing.

mod in_use;
mod key_owner;

use super::common::{Common, ProfileHelp, ProfileWord, RegionOption, warn_of_two_profiles};
use super::output::SessionJson;
use crate::aws::Identity;
use crate::aws::settings::Settings;
use crate::caller::Reach;
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::profile::{Profiles, device, header, setting};
use crate::text::escape_lines;
use crate::value::{AccessKeyId, ProfileName, Serial, expiry};
use crate::world::Context;
use crate::world::runtime::heed_ctrl_c;
use clap::Args;
use in_use::{InUse, KeysFrom};

const EXAMPLES: &str = "\
Examples:
  awsmfa whoami                        the keys that AWS tools would use here
  awsmfa whoami dev-mfa --json         those of a profile
  awsmfa whoami --access-key-id AKIA…  the account that a key belongs to";

/// What `--profile` means here.
pub(crate) const PROFILE: ProfileHelp = [
    "Use the keys of this profile; a session profile means the session itself",
    "[variables: AWS_PROFILE, AWS_DEFAULT_PROFILE, after the keys in the environment; otherwise `default`]",
];

/// Show who AWS says you are, and with which keys
///
/// Shows the account, the ARN, whether MFA was used, when the keys end and where they came from.
/// The keys are those that AWS tools would use: of the profile given with --profile, otherwise
/// those in the environment, otherwise those of AWS_PROFILE or AWS_DEFAULT_PROFILE. Here a session
/// profile means the session itself, and a role is assumed in memory, as AWS tools do. If tools
/// other than the AWS CLI use other keys, a warning says so.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Whoami {
    #[command(flatten)]
    profile: ProfileWord,

    /// Show the account that this access key belongs to
    ///
    /// Asks AWS with the long-term keys of the profile. If AWS denies that, as it does under
    /// policies that enforce MFA, the account is read from the id itself, and a line says so. Older
    /// ids don't contain it.
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,

    #[command(flatten)]
    region: RegionOption,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Asks AWS and shows the answer.
pub(crate) async fn run(whoami: Whoami, common: Common, context: Context) -> Result<()> {
    let id = whoami.access_key_id.as_deref().map(parse_id).transpose()?;
    let named = whoami.profile.or(common.profile)?;
    warn_of_two_profiles(named.as_ref(), context);
    let files = Files::find(context)?;
    files.warn_of_links(context.ui);
    let contents = files.read()?;
    heed_ctrl_c().await;
    let profiles = contents.profiles();
    let reach = Reach::new(context, whoami.region.region);
    match id {
        Some(id) => {
            let owner = key_owner::find(&id, named, profiles, &reach, context).await?;
            owner.show(&id, whoami.json, context)
        }
        None => {
            let (identity, in_use) = ask_identity(named, profiles, reach, context).await?;
            context.ui.data(&if whoami.json {
                as_json(&identity, &in_use, context)
            } else {
                as_lines(&identity, &in_use, context)
            })
        }
    }
}

/// The id of `--access-key-id`. clap would repeat what is no id, and that may be a secret.
fn parse_id(text: &str) -> Result<AccessKeyId> {
    text.parse()
        .map_err(|why: String| Failure::new(Exit::Usage, format!("--access-key-id: {why}")))
}

/// Asks whose the keys are that AWS tools would use.
async fn ask_identity(
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    reach: Reach,
    context: Context,
) -> Result<(Identity, InUse)> {
    let in_use = InUse::find(named, profiles, &reach, context).await?;
    let reach = match in_use.keys_from {
        // The region and the endpoints that were exported with them go with them.
        KeysFrom::Environment => reach.like_tools(),
        _ => reach,
    };
    if let Some(header) = header::wrong(profiles, &in_use.settings_of) {
        context.ui.warn(&header.to_string());
    }
    let settings = settings(&in_use.settings_of, &in_use.then, profiles, &reach)?;
    context.ui.step(&format!(
        "asking AWS in {} who owns the keys of {} (sts:GetCallerIdentity)",
        settings.region, in_use.keys_from
    ));
    let aws = reach.aws(&settings, &in_use.keys)?;
    Ok((aws.get_caller_identity().await?, in_use))
}

fn as_lines(identity: &Identity, in_use: &InUse, context: Context) -> String {
    let mfa = match in_use.mfa(identity) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let mut lines = vec![
        format!("account  {}", identity.account),
        format!("arn      {}", identity.arn),
        format!("user id  {}", identity.user_id),
        format!("mfa      {mfa}"),
        format!(
            "keys     {} ({})",
            in_use.keys_from, in_use.keys.access_key_id
        ),
    ];
    if let Some(at) = in_use.expiration() {
        let left = expiry::remaining(at, context.now()).rounded();
        lines.push(format!("until    {} ({left} left)", context.local_time(at)));
    }
    escape_lines(&lines)
}

fn as_json(identity: &Identity, in_use: &InUse, context: Context) -> String {
    let made = &in_use.made();
    SessionJson::new(in_use.profile(), made, in_use.expiration(), context.now())
        .with_device(made)
        .with("account", identity.account.as_str())
        .with("arn", identity.arn.as_str())
        .with("user_id", identity.user_id.as_str())
        .with("mfa", in_use.mfa(identity))
        .with("access_key_id", in_use.keys.access_key_id.as_str())
        .with("keys_from", in_use.keys_from.name())
        .value()
        .to_string()
}

/// How AWS is reached for `profile`. What that does not say the profiles of `then` do: a session
/// profile's source, as at the sign-in.
fn settings(
    profile: &ProfileName,
    then: &[ProfileName],
    profiles: Profiles<'_>,
    reach: &Reach,
) -> Result<Settings> {
    let all = || [profile].into_iter().chain(then);
    let device = [setting::MFA_SERIAL, setting::DEVICE]
        .into_iter()
        .flat_map(|setting| all().map(move |profile| (profile, setting)))
        .find_map(|(profile, setting)| device::named(profiles, profile, setting).transpose())
        .and_then(Result::ok);
    let partition = device.as_ref().and_then(Serial::partition);
    reach.settings(
        profiles,
        profile,
        &then.iter().collect::<Vec<_>>(),
        partition,
    )
}
