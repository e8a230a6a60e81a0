//! Owns what follows from both files for a request, at a moment: the source, the profile that the
//! session goes to, and whether the session there is good enough.

use super::{Ready, Request, ambient_keys, nested};
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::ini::Document;
use crate::profile::session_profile;
use crate::profile::source::{Ambient, Origin, Source};
use crate::profile::{Profiles, key};
use crate::value::ProfileName;
use crate::value::Serial;
use crate::value::expiry;
use crate::world::Context;
use std::sync::Arc;

/// What both files say at a moment, and what follows from it for a request.
pub(super) struct Plan {
    pub(super) config: Arc<Document>,
    pub(super) credentials: Arc<Document>,
    pub(super) source: Source,
    pub(super) target: ProfileName,
}

impl Plan {
    /// Reads both files and refuses what must not be done, before anything is asked.
    pub(super) fn make(files: &Files, request: &Request, context: Context) -> anyhow::Result<Self> {
        let (config, credentials) = files.read()?;
        let profiles = Profiles::new(&config, &credentials);
        let ambient = Ambient {
            keys: ambient_keys(context),
        };
        let source = Source::resolve(profiles, request.named.clone(), ambient)?;
        nested::check(&source, context)?;
        let target = session_profile::name(&source.profile, request.session_profile.clone())?;
        session_profile::check_writable(profiles, &target, &source.profile, request.force)?;
        if let Origin::Role(chain) = &source.origin
            && target == chain.session_profile()
        {
            return Err(Failure::new(
                Exit::Failed,
                format!(
                    "the session of {} can't go to profile {target}: that is for the session of {}, which it is made with",
                    source.profile, chain.base
                ),
            )
            .hint("choose another profile for the session with --session-profile")
            .into());
        }
        Ok(Self {
            config,
            credentials,
            source,
            target,
        })
    }

    pub(super) fn profiles(&self) -> Profiles<'_> {
        Profiles::new(&self.config, &self.credentials)
    }

    /// The access key of the session that is there, good or not: tells one from the next.
    pub(super) fn session(&self) -> Option<String> {
        self.profiles().get(&self.target, key::ACCESS_KEY_ID)
    }

    /// The stored session, when it is good enough for `request`, and not to be renewed by `force`.
    pub(super) fn kept(&self, request: &Request, force: bool, context: Context) -> Option<Ready> {
        let stored = session_profile::stored(self.profiles(), &self.target, &self.source.profile)?;
        let lifetime = match &self.source.origin {
            Origin::Role(chain) => chain.lifetime(),
            _ => request.lifetime,
        };
        let margin = request.min_remaining.min(lifetime.quarter());
        let kept = expiry::remaining(stored.expiration, context.now()) > margin;
        (kept && !force).then(|| Ready {
            source: self.source.profile.clone(),
            profile: self.target.clone(),
            keys: stored.keys,
            expiration: stored.expiration,
            account: self.account(stored.mfa_serial.as_deref()),
            mfa_serial: stored.mfa_serial,
            arn: None,
            region: self.region(request, context),
            renewed: false,
            managed: stored.managed,
        })
    }

    /// The account that the role or the device names.
    pub(super) fn account(&self, mfa_serial: Option<&str>) -> Option<String> {
        match &self.source.origin {
            Origin::Role(chain) => chain.account().map(str::to_owned),
            _ => mfa_serial?
                .parse::<Serial>()
                .ok()?
                .account()
                .map(str::to_owned),
        }
    }

    /// The region for tools that use the session: as AWS tools choose it, so what the person says
    /// by flag or variable wins over the profile.
    pub(super) fn region(&self, request: &Request, context: Context) -> Option<String> {
        let variable = |name| context.env.text(name);
        let setting = |profile| self.profiles().get(profile, "region");
        request
            .region
            .clone()
            .or_else(|| variable("AWS_REGION"))
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(|| setting(&self.target))
            .or_else(|| setting(&self.source.profile))
    }
}
