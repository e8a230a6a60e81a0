//! Owns the command `whoami`: who AWS says the caller is, and what the files know beside it.

mod caller;

use super::options::or_variable;
use crate::aws::settings::{Settings, Sources};
use crate::aws::{self, Aws, Identity};
use crate::cli::Common;
use crate::exit::Failure;
use crate::files::Files;
use crate::profile::source::{Ambient, Origin, Source, source_of};
use crate::profile::{Profiles, key};
use crate::signin::ambient_keys;
use crate::value::ProfileName;
use crate::value::Serial;
use crate::value::expiry;
use crate::world::Context;
use anyhow::anyhow;
use caller::Caller;
use chrono::Local;
use clap::Args;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  awsmfa whoami                        the keys that AWS tools would use here
  awsmfa whoami -p dev-mfa --json      those of a profile
  awsmfa whoami --access-key-id AKIA…  the account that a key belongs to";

/// Show who AWS says you are, and with which keys
///
/// Account, ARN, MFA or not, when the keys end and where they came from. The keys are those that
/// AWS tools would use: of the profile that --profile names, else the environment's, else of
/// AWS_PROFILE. A session profile means the session itself here.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Whoami {
    /// Show the account that this access key belongs to
    ///
    /// Asked with the long-term keys of the profile.
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,

    /// The region whose AWS endpoints are asked
    ///
    /// [variables: AWS_REGION, AWS_DEFAULT_REGION; otherwise the profile's, or the first of the
    /// device's partition]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Asks AWS and shows the answer.
pub(crate) fn run(whoami: Whoami, common: Common, context: Context) -> anyhow::Result<()> {
    let (config, credentials) = Files::locate(context.env)?.read()?;
    let profiles = Profiles::new(&config, &credentials);
    aws::runtime::block_on(async {
        let asked = async {
            match &whoami.access_key_id {
                Some(id) => key_owner(id, &whoami, common.profile, profiles, context).await,
                None => identity(&whoami, common.profile, profiles, context).await,
            }
        };
        tokio::select! {
            done = asked => done,
            cancelled = aws::runtime::cancelled() => Err(cancelled.into()),
        }
    })?
}

async fn identity(
    whoami: &Whoami,
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<()> {
    let caller = Caller::find(named, profiles, context).await?;
    caller.check_not_expired(context.now())?;
    let settings = settings(&caller.settings_of, whoami, profiles, context)?;
    context.ui.step(&format!(
        "asking AWS in {} whose keys those of {} are (sts:GetCallerIdentity)",
        settings.region, caller.keys_from
    ));
    let aws = Aws::new(&settings, &caller.keys)?;
    let identity = aws.get_caller_identity().await.map_err(Failure::from)?;
    if whoami.json {
        return Ok(context.ui.data(&as_json(&identity, &caller, context))?);
    }
    let now = context.now();
    let mfa = match caller.mfa(&identity) {
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
            caller.keys_from, caller.keys.access_key_id
        ),
    ];
    if let Some(at) = caller.expiration() {
        let left = expiry::remaining(at, now).rounded();
        lines.push(format!(
            "until    {} ({left} left)",
            expiry::local_time(at, now, &Local)
        ));
    }
    Ok(context.ui.data(&crate::text::escape_lines(&lines))?)
}

fn as_json(identity: &Identity, caller: &Caller, context: Context) -> String {
    let remaining = |at| expiry::remaining(at, context.now()).as_seconds();
    let session = caller.session.as_ref();
    let source = session.and_then(|session| session.source.as_ref());
    json!({
        "profile": caller.profile().map(ProfileName::as_str),
        "source_profile": source.map(ProfileName::as_str),
        "account": identity.account,
        "arn": identity.arn.as_str(),
        "user_id": identity.user_id,
        "mfa": caller.mfa(identity),
        "mfa_serial": session.and_then(|session| session.mfa_serial.as_deref()),
        "access_key_id": caller.keys.access_key_id,
        "keys_from": caller.keys_from.name(),
        "expiration": caller.expiration().map(expiry::format),
        "remaining_seconds": caller.expiration().map(remaining),
        "managed": session.is_some_and(|session| session.managed),
    })
    .to_string()
}

/// Asks, with the long-term keys, which account the access key `id` belongs to.
async fn key_owner(
    id: &str,
    whoami: &Whoami,
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<()> {
    let named = or_variable(named, context, "AWS_PROFILE")?;
    let ambient = Ambient {
        keys: ambient_keys(context),
    };
    let mut source = Source::resolve(profiles, named, ambient)?;
    if let Origin::Role(chain) = source.origin {
        source = Source::resolve(profiles, Some(chain.base), Ambient::default())?;
    }
    let origin = match source.origin {
        Origin::Environment(_) => "the environment".to_owned(),
        _ => format!("profile {}", source.profile),
    };
    let keys = match source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => keys,
        Origin::Process(command) => aws::process::keys(source.profile.as_str(), &command).await?,
        Origin::Role(_) => return Err(anyhow!("a chain of roles begins with long-term keys")),
    };
    let settings = settings(&source.profile, whoami, profiles, context)?;
    context.ui.step(&format!(
        "asking AWS in {} for the account of a key, with those of {origin} (sts:GetAccessKeyInfo)",
        settings.region
    ));
    let aws = Aws::new(&settings, &keys)?;
    let account = aws.get_access_key_info(id).await.map_err(Failure::from)?;
    let text = if whoami.json {
        json!({ "access_key_id": id, "account": account }).to_string()
    } else {
        crate::text::escape(&account)
    };
    Ok(context.ui.data(&text)?)
}

fn settings(
    profile: &ProfileName,
    whoami: &Whoami,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<Settings> {
    // What a session profile does not say its source does, as at the sign-in.
    let source = source_of(profiles, profile);
    let both = || [Some(profile), source.as_ref()].into_iter().flatten();
    let setting = |key: &str| both().find_map(|profile| profiles.get(profile, key));
    let serial = setting("mfa_serial").or_else(|| setting(key::MFA_SERIAL));
    let serial = serial.and_then(|text| text.parse::<Serial>().ok());
    Ok(Settings::resolve(&Sources {
        env: &|name| context.env.text(name),
        profile: &setting,
        service: &|service, key| both().find_map(|profile| profiles.service(profile, service, key)),
        profile_name: profile.as_str(),
        region_flag: whoami.region.as_deref(),
        partition: serial.as_ref().and_then(Serial::partition),
    })?)
}
