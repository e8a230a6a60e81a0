//! Finds the account and the partition for a document: from the user's options, or else from a device in
//! the files, or else from AWS. It never asks for a code.

use crate::aws::partition_of;
use crate::caller::nested::InProgress;
use crate::caller::{Reach, keys};
use crate::commands::common::named_profile;
use crate::exit::{Failure, Result};
use crate::files::{Contents, Files};
use crate::policy::{Account, Given, Partition, Place};
use crate::profile::source::Holder;
use crate::profile::{KeySource, device, serials, setting};
use crate::value::{Keys, ProfileName, Serial};
use crate::world::Context;
use crate::world::runtime::heed_ctrl_c;

/// What a document needs to know about the account.
#[derive(Clone, Copy)]
pub(super) struct Needs {
    pub(super) account: bool,
    pub(super) partition: bool,
}

/// Options that may help to find it.
pub(super) struct Hints {
    pub(super) given: Given,
    /// `--profile`.
    pub(super) profile: Option<ProfileName>,
    /// `--region`.
    pub(super) region: Option<String>,
}

/// An account that was found.
struct Found {
    account: String,
    partition: String,
    /// Where it comes from, for a message that begins with the account.
    from: String,
}

impl Hints {
    /// The account and partition, as far as they are needed. Values that were not given are reported on
    /// standard error.
    pub(super) async fn find(&self, needs: Needs, context: Context) -> Result<Place> {
        let Given {
            mut partition,
            mut account,
        } = self.given.clone();
        if account.is_none() && needs.account {
            let found = self.account(context).await.map_err(or_given)?;
            context
                .ui
                .say(&format!("account {}: {}", found.account, found.from));
            account = Some(found.account.parse().map_err(Failure::failed)?);
            if partition.is_none() {
                partition = Some(found.partition.parse().map_err(Failure::failed)?);
            }
        } else if partition.is_none() && needs.partition {
            let account = account.clone().unwrap_or_else(Account::any);
            partition = Some(self.partition(&account, context).map_err(or_given)?);
        }
        Ok(Place {
            partition: partition.unwrap_or_else(Partition::commercial),
            account: account.unwrap_or_else(Account::any),
        })
    }

    /// The partition of a known account: that of the profile's device or region.
    fn partition(&self, account: &Account, context: Context) -> Result<Partition> {
        let contents = Files::find(context)?.read_what_is_there()?;
        let profiles = contents.profiles();
        let profile = named_profile(self.profile.clone(), context)?.unwrap_or_default();
        let serial = serial_of(&contents, &profile);
        let serial = serial.filter(|it| account.is_any() || it.account() == Some(account.as_str()));
        let reach = Reach::new(context, self.region.clone());
        let (partition, from) = match serial.as_ref().and_then(Serial::partition) {
            Some(partition) if self.region.is_none() => (
                partition.to_owned(),
                format!("from the MFA device of profile {profile}"),
            ),
            _ => match reach.named_region(profiles, &profile)? {
                Some(region) => (
                    partition_of(&region).to_owned(),
                    format!("from region {region}"),
                ),
                None => return Ok(Partition::commercial()),
            },
        };
        let partition: Partition = partition.parse().map_err(Failure::failed)?;
        // The commercial partition is nearly always the right one, so it is not worth a message.
        if partition != Partition::commercial() {
            let text = format!("partition {}: {from}", partition.as_str());
            context.ui.say(&text);
        }
        Ok(partition)
    }

    /// The account of the profile's device, or else of its keys.
    async fn account(&self, context: Context) -> Result<Found> {
        let contents = Files::find(context)?.read_what_is_there()?;
        let profiles = contents.profiles();
        let named = named_profile(self.profile.clone(), context)?;
        if named.is_none()
            && let Some(keys) = keys::of_environment(context.env)?
        {
            let profile = ProfileName::default();
            return self
                .ask(&contents, &profile, &Holder::Environment, &keys, context)
                .await;
        }
        let profile = named.clone().unwrap_or_default();
        let source = keys::source(profiles, named.as_ref(), context.env);
        let base = source.and_then(|source| {
            let holder = source.holder();
            Ok((holder, source.base(profiles)?))
        });
        let of_base = base.as_ref().ok().map(|(_, (base, _))| base);
        let profiles = [&profile].into_iter().chain(of_base);
        let found = profiles.into_iter().find_map(|profile| {
            let serial = serial_of(&contents, profile)?;
            Found::of(&serial, format!("from the MFA device of profile {profile}"))
        });
        if let Some(found) = found {
            return Ok(found);
        }
        let (holder, (base, source)): (_, (_, KeySource)) = match base {
            Ok(base) => base,
            Err(failure) if named.is_some() => return Err(failure),
            Err(failure) => return only_one(&contents).ok_or(failure),
        };
        heed_ctrl_c().await;
        let keys = keys::obtain(&source, &base, &InProgress::outside(context.env)).await?;
        self.ask(&contents, &base, &holder, &keys, context).await
    }

    /// Asks AWS who owns `keys`.
    async fn ask(
        &self,
        contents: &Contents,
        profile: &ProfileName,
        holder: &Holder,
        keys: &Keys,
        context: Context,
    ) -> Result<Found> {
        heed_ctrl_c().await;
        let reach = Reach::new(context, self.region.clone());
        let settings = reach.settings(contents.profiles(), profile, &[], None)?;
        context.ui.step(&format!(
            "asking AWS in {} for the account of {holder} (sts:GetCallerIdentity)",
            settings.region
        ));
        let identity = reach.aws(&settings, keys)?.get_caller_identity().await?;
        Ok(Found {
            account: identity.account,
            partition: identity.arn.partition().to_owned(),
            from: format!("from AWS, for {holder}"),
        })
    }
}

impl Found {
    fn of(serial: &Serial, from: String) -> Option<Self> {
        Some(Self {
            account: serial.account()?.to_owned(),
            partition: serial.partition()?.to_owned(),
            from,
        })
    }
}

/// The device that a profile names, or the one of its session. A setting that is not a serial says
/// nothing about the account.
fn serial_of(contents: &Contents, profile: &ProfileName) -> Option<Serial> {
    let settings = [setting::MFA_SERIAL, setting::DEVICE].into_iter();
    let mut serials =
        settings.filter_map(|setting| device::named(contents.profiles(), profile, setting).ok()?);
    serials.find(|it| it.account().is_some())
}

/// The account of all devices in the files, if they share one.
fn only_one(contents: &Contents) -> Option<Found> {
    let documents = [&contents.config, &contents.credentials];
    let serials = documents.into_iter().flat_map(|it| serials::named(it));
    let mut found = serials.filter_map(|serial| {
        let from = "from the MFA devices in the AWS files".to_owned();
        Found::of(&serial, from)
    });
    let first = found.next()?;
    found
        .all(|it| (&it.account, &it.partition) == (&first.account, &first.partition))
        .then_some(first)
}

/// If the account can't be found, the flags are the way out.
fn or_given(failure: Failure) -> Failure {
    failure.further_hint("or give --account 123456789012 and --partition aws")
}
