//! Finds the account that an access key belongs to: AWS is asked, and where it denies that, the id is
//! read. It never passes what an id says off as AWS's answer.

use super::settings;
use crate::aws::{Fault, Refusal};
use crate::caller::nested::InProgress;
use crate::caller::{Reach, keys};
use crate::commands::common::named_profile;
use crate::exit::{Failure, Result};
use crate::profile::{KeySource, Profiles};
use crate::text::escape;
use crate::value::{AccessKeyId, ProfileName};
use crate::world::Context;
use serde_json::json;

/// The account of an access key, told apart by who says so.
pub(super) enum Owner {
    Aws(String),
    /// AWS denied the question, and the id holds the account.
    Id(String, Failure),
    /// AWS denied the question, and the id does not hold the account.
    Unknown(Failure),
}

/// Asks AWS, with the long-term keys, which account the access key `id` belongs to.
///
/// # Errors
/// When AWS could not be asked, or did not get as far as the question. The number from the id would
/// then hide what is wrong from a script: the hint has it for people.
pub(super) async fn find(
    id: &AccessKeyId,
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    reach: &Reach,
    context: Context,
) -> Result<Owner> {
    let failure = match ask(id, named, profiles, reach, context).await {
        Ok(Ok(account)) => return Ok(Owner::Aws(account)),
        Ok(Err(Fault::Refused {
            refusal: Refusal::Denied | Refusal::NotForSessions,
            failure,
        })) => {
            return Ok(match id.account() {
                Some(account) => Owner::Id(account, failure),
                None => Owner::Unknown(failure.further_hint(
                    "the account can't be read from the id either: only newer key ids contain it",
                )),
            });
        }
        // What AWS says of the id itself counts more than what is in it.
        Ok(Err(
            fault @ Fault::Refused {
                refusal: Refusal::Malformed(_) | Refusal::Other,
                ..
            },
        )) => return Err(fault.into()),
        Ok(Err(fault)) => fault.into(),
        Err(failure) => failure,
    };
    Err(match id.account() {
        Some(account) => failure.further_hint(format!("the id itself contains account {account}")),
        None => failure,
    })
}

async fn ask(
    id: &AccessKeyId,
    named: Option<ProfileName>,
    profiles: Profiles<'_>,
    reach: &Reach,
    context: Context,
) -> Result<Result<String, Fault>> {
    let named = named_profile(named, context)?;
    let (profile, source) = keys::source(profiles, named.as_ref(), context.env)?.base(profiles)?;
    let origin = match source {
        KeySource::Environment(_) => "the environment".to_owned(),
        _ => format!("profile {profile}"),
    };
    let in_progress = InProgress::outside(context.env);
    let keys = keys::obtain(&source, &profile, &in_progress).await?;
    let settings = settings(&profile, &[], profiles, reach)?;
    context.ui.step(&format!(
        "asking AWS in {} for the account of a key, with the keys of {origin} (sts:GetAccessKeyInfo)",
        settings.region
    ));
    let aws = reach.aws(&settings, &keys)?;
    Ok(aws.get_access_key_info(id.as_str()).await)
}

impl Owner {
    /// Prints the account, and who says so where that is not AWS.
    ///
    /// # Errors
    /// When the account is not known.
    pub(super) fn show(self, id: &AccessKeyId, as_json: bool, context: Context) -> Result<()> {
        let (account, from) = match &self {
            Self::Aws(account) => (Some(account), Some("aws")),
            Self::Id(account, _) => (Some(account), Some("access_key_id")),
            Self::Unknown(_) => (None, None),
        };
        if as_json {
            context.ui.data(
                &json!({ "access_key_id": id.as_str(), "account": account, "account_from": from })
                    .to_string(),
            )?;
        } else if let Some(account) = account {
            context.ui.data(&escape(account))?;
        }
        match self {
            Self::Aws(_) => Ok(()),
            Self::Id(_, denied) => {
                // A program has `account_from`.
                if !as_json {
                    context.ui.say(
                        "the account was read from the id and not confirmed by AWS, which denied sts:GetAccessKeyInfo",
                    );
                }
                context.ui.step(&denied.message);
                if let Some(detail) = &denied.detail {
                    context.ui.step(detail);
                }
                Ok(())
            }
            Self::Unknown(denied) => Err(denied),
        }
    }
}
