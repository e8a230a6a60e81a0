//! Resolves how AWS is reached for a profile, and keeps one connection for all requests of a run. It
//! does not choose the keys.

use crate::aws::Aws;
use crate::aws::settings::{Settings, Sources, named_region};
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
        let all = || [profile].into_iter().chain(then.iter().copied());
        resolve(&Sources {
            env: &|name| (self.variable)(self.context.env, name),
            is_set: &|name| self.context.env.is_set(name),
            profile: &|key| all().find_map(|profile| files.get(profile, key)),
            service: &|service, key| all().find_map(|profile| files.service(profile, service, key)),
            profile_name: profile.as_str(),
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
        named_region(&Sources {
            env: &|name| (self.variable)(self.context.env, name),
            is_set: &|name| self.context.env.is_set(name),
            profile: &|key| files.get(profile, key),
            service: &|_, _| None,
            profile_name: profile.as_str(),
            region_flag: self.region.as_deref(),
            partition: None,
        })
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

    /// AWS for a caller without keys. The connection that it opens is reused by those with keys.
    pub(crate) fn without_keys(&self, settings: &Settings) -> Result<Aws> {
        let aws = Aws::without_keys(settings)?;
        *self.last.borrow_mut() = Some(aws.clone());
        Ok(aws)
    }
}
