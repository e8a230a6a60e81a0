//! Owns the command `whoami`: who AWS says the caller is, and what the files know beside it.

use crate::aws::settings::{Settings, Sources};
use crate::aws::{self, Aws, Identity};
use crate::cli::Common;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::keys::Keys;
use crate::profile::source::{Origin, Source, source_of};
use crate::profile::{ProfileName, Profiles, session_profile, sessions};
use crate::session;
use crate::signin::ambient_keys;
use chrono::{DateTime, Local, Utc};
use clap::Args;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  awsmfa whoami                               the keys of the environment, else of AWS_PROFILE
  awsmfa whoami -p dev-mfa --json             those of a profile
  awsmfa whoami --access-key-id AKIA…         the account that a key belongs to";

/// Show who AWS says you are: account, ARN, MFA, expiry, and where the keys came from
///
/// Uses the keys that AWS tools would use: those of the profile that --profile names, else the
/// environment's, else those of AWS_PROFILE. A session profile means the session itself here.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Whoami {
    /// Show the account that this access key belongs to; asked with the long-term keys
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,

    /// The region whose AWS endpoint is asked
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Keys to ask with, and what the files know of them.
struct Caller {
    keys: Keys,
    /// The profile whose settings apply.
    profile: ProfileName,
    /// Where the keys came from, for people.
    origin: String,
    /// Whether MFA was in the session; none where we can't know.
    mfa: Option<bool>,
    expiration: Option<DateTime<Utc>>,
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
    let caller = caller(named, profiles, context).await?;
    let aws = Aws::new(
        &settings(&caller.profile, whoami, profiles, context)?,
        &caller.keys,
    )?;
    let identity = aws.get_caller_identity().await.map_err(Failure::from)?;
    if whoami.json {
        return Ok(context.ui.data(&as_json(&identity, &caller, context))?);
    }
    let now = context.now();
    let mfa = match caller.mfa {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let mut lines = vec![
        format!("account  {}", identity.account),
        format!("arn      {}", identity.arn),
        format!("user id  {}", identity.user_id),
        format!("mfa      {mfa}"),
        format!("keys     {} ({})", caller.origin, caller.keys.access_key_id),
    ];
    if let Some(at) = caller.expiration {
        let left = session::remaining(at, now).rounded();
        lines.push(format!(
            "until    {} ({left} left)",
            session::local_time(at, now, &Local)
        ));
    }
    Ok(context.ui.data(&crate::ui::escape_lines(&lines))?)
}

fn as_json(identity: &Identity, caller: &Caller, context: Context) -> String {
    let remaining = |at| session::remaining(at, context.now()).as_seconds();
    json!({
        "profile": caller.profile.as_str(),
        "account": identity.account,
        "arn": identity.arn,
        "user_id": identity.user_id,
        "mfa": caller.mfa,
        "access_key_id": caller.keys.access_key_id,
        "keys_from": caller.origin,
        "expiration": caller.expiration.map(session::format_expiration),
        "remaining_seconds": caller.expiration.map(remaining),
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
    let named = super::options::or_variable(named, context, "AWS_PROFILE")?;
    let ambient = crate::profile::source::Ambient {
        keys: ambient_keys(context),
    };
    let source = Source::resolve(profiles, named, ambient)?;
    let keys = match source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => keys,
        Origin::Process(command) => aws::process::keys(source.profile.as_str(), &command).await?,
        Origin::Role(_) => {
            let profile = &source.profile;
            return Err(Failure::new(
                Exit::Failed,
                format!("profile {profile} holds no long-term keys: it is a role"),
            )
            .hint("name the profile that does with --profile")
            .into());
        }
    };
    let aws = Aws::new(
        &settings(&source.profile, whoami, profiles, context)?,
        &keys,
    )?;
    let account = aws.get_access_key_info(id).await?;
    let text = if whoami.json {
        json!({ "access_key_id": id, "account": account }).to_string()
    } else {
        crate::ui::escape(&account)
    };
    Ok(context.ui.data(&text)?)
}

/// The keys that AWS tools would use.
async fn caller(
    flag: Option<ProfileName>,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<Caller> {
    let profile = super::options::profile_or_default(flag.clone(), context)?;
    if let (None, Some(keys)) = (&flag, ambient_keys(context)) {
        // A session in the environment that is one of ours is known by its access key.
        let known = sessions::list(profiles).into_iter().find(|session| {
            let id = profiles.get(&session.profile, "aws_access_key_id");
            id.as_ref() == Some(&keys.access_key_id)
        });
        return Ok(Caller {
            mfa: if keys.session_token.is_none() {
                Some(false)
            } else {
                known
                    .as_ref()
                    .and_then(|session| session.managed.then_some(true))
            },
            expiration: known.and_then(|session| session.expiration),
            origin: "the environment".into(),
            profile,
            keys,
        });
    }
    let listed = sessions::look(profiles, &profile);
    if listed.present {
        let keys = session_profile::keys(profiles, &profile);
        let keys = keys.ok_or_else(|| {
            Failure::new(
                Exit::NoSession,
                format!("profile {profile} holds half a session"),
            )
        })?;
        return Ok(Caller {
            keys,
            origin: format!("profile {profile}"),
            mfa: listed.managed.then_some(true),
            expiration: listed.expiration,
            profile,
        });
    }
    if sessions::is_session_profile(profiles, &profile) {
        let source = source_of(profiles, &profile).unwrap_or_else(|| profile.clone());
        return Err(
            Failure::new(Exit::NoSession, format!("{profile} holds no session"))
                .hint(format!("sign in with `awsmfa login --profile {source}`"))
                .into(),
        );
    }
    long_term(profile, profiles).await
}

async fn long_term(profile: ProfileName, profiles: Profiles<'_>) -> anyhow::Result<Caller> {
    let source = Source::resolve(profiles, Some(profile.clone()), Default::default())?;
    let (keys, origin) = match source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => (keys, format!("profile {profile}")),
        Origin::Process(command) => (
            aws::process::keys(profile.as_str(), &command).await?,
            format!("the credential_process of profile {profile}"),
        ),
        Origin::Role(_) => {
            return Err(Failure::new(
                Exit::NoSession,
                format!("profile {profile} is a role, and holds no session"),
            )
            .hint(format!(
                "sign in with `awsmfa login --profile {profile}`, then name {}",
                profile.session_profile()
            ))
            .into());
        }
    };
    let mfa = keys.session_token.is_none().then_some(false);
    Ok(Caller {
        keys,
        profile,
        origin,
        mfa,
        expiration: None,
    })
}

fn settings(
    profile: &ProfileName,
    whoami: &Whoami,
    profiles: Profiles<'_>,
    context: Context,
) -> anyhow::Result<Settings> {
    let serial = profiles
        .get(profile, "mfa_serial")
        .or_else(|| profiles.get(profile, "awsmfa_mfa_serial"));
    let serial = serial.and_then(|text| text.parse::<crate::serial::Serial>().ok());
    Settings::resolve(&Sources {
        env: &|name| context.env.text(name),
        profile: &|key| profiles.get(profile, key),
        service: &|service, key| profiles.service(profile, service, key),
        profile_name: profile.as_str(),
        region_flag: whoami.region.as_deref(),
        partition: serial.as_ref().and_then(crate::serial::Serial::partition),
    })
}
