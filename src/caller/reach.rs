//! Resolves how AWS is reached for a profile, and keeps one connection for all requests of a run. It
//! does not choose the keys.

use crate::aws::Aws;
use crate::aws::settings::{InProfile, Settings, Sources, named_region};
use crate::exit::{Failure, Result};
use crate::profile::Profiles;
use crate::value::{Keys, ProfileName};
use crate::world::Context;
use crate::world::env::Env;
use std::cell::RefCell;

/// How a run reaches AWS.
pub(crate) struct Reach {
    context: Context,
    /// `--region`.
    region: Option<String>,
    /// How variables are read.
    variable: fn(Env, &str) -> Option<String>,
    /// The last client: its connection serves the next caller too.
    last: RefCell<Option<Aws>>,
}

impl Reach {
    /// How a run with this `--region` reaches AWS.
    pub(crate) fn new(context: Context, region: Option<String>) -> Self {
        Self {
            context,
            region,
            variable: Env::text,
            last: RefCell::new(None),
        }
    }

    /// The same, counting variables that an earlier `export` set, as AWS tools do.
    pub(crate) fn like_tools(self) -> Self {
        Self {
            variable: Env::as_tools_read,
            ..self
        }
    }

    /// How AWS is reached for `profile`; for settings that it lacks, the profiles `then` count, in turn.
    /// `partition` is that of an ARN in the request, if there is one.
    pub(crate) fn settings(
        &self,
        files: Profiles<'_>,
        profile: &ProfileName,
        then: &[&ProfileName],
        partition: Option<&str>,
    ) -> Result<Settings> {
        self.resolved(files, profile, then, partition, Settings::resolve)
    }

    /// The same, with a list of the settings that can't be used.
    pub(crate) fn settings_or_tell_all(
        &self,
        files: Profiles<'_>,
        profile: &ProfileName,
        then: &[&ProfileName],
        partition: Option<&str>,
    ) -> Result<Settings, Vec<Failure>> {
        let resolve = Settings::resolve_or_tell_all;
        self.resolved(files, profile, then, partition, resolve)
    }

    fn resolved<T>(
        &self,
        files: Profiles<'_>,
        profile: &ProfileName,
        then: &[&ProfileName],
        partition: Option<&str>,
        resolve: impl FnOnce(&Sources<'_>) -> T,
    ) -> T {
        let find = |get: &dyn Fn(&ProfileName) -> Option<String>| {
            let mut all = [profile].into_iter().chain(then.iter().copied());
            all.find_map(|profile| {
                Some(InProfile {
                    value: get(profile)?,
                    profile: profile.to_string(),
                })
            })
        };
        resolve(&Sources {
            env: &|name| (self.variable)(self.context.env, name),
            is_set: &|name| self.context.env.is_set(name),
            profile: &|key| find(&|profile| files.get(profile, key)),
            service: &|service, key| find(&|profile| files.service(profile, service, key)),
            region_flag: self.region.as_deref(),
            partition,
        })
    }

    /// The region that the user, the environment or `profile` names.
    pub(crate) fn named_region(
        &self,
        files: Profiles<'_>,
        profile: &ProfileName,
    ) -> Result<Option<String>> {
        self.resolved(files, profile, &[], None, named_region)
    }

    /// AWS with `keys`. Reuses an open connection to the same host.
    pub(crate) fn aws(&self, settings: &Settings, keys: &Keys) -> Result<Aws> {
        let mut last = self.last.borrow_mut();
        let aws = match last.as_ref() {
            Some(last) => last.with(settings, keys)?,
            None => Aws::new(settings, keys)?,
        };
        *last = Some(aws.clone());
        Ok(aws)
    }

    /// AWS for a caller without keys, which can only be [probed](Aws::probe). The connection that it opens
    /// is reused by those with keys.
    pub(crate) fn without_keys(&self, settings: &Settings) -> Result<Aws> {
        self.aws(settings, &Keys::none())
    }
}
