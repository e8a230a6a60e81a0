//! Derives from both files, at a moment, what a request comes to: the source, the profile that the
//! session goes to, and whether the session there is good enough. It writes and asks nothing.

use super::request::Request;
use super::run::Ready;
use crate::aws::settings::{Sources, named_region};
use crate::caller::keys;
use crate::caller::nested::InProgress;
use crate::exit::{Failure, Result};
use crate::files::{Contents, Files};
use crate::profile::{KeySource, Profiles, Source, Way, session_profile, setting};
use crate::value::{Made, ProfileName, Session};
use crate::world::Context;

/// What both files say at a moment, and what follows from it for a request.
pub(super) struct Plan {
    /// What both files hold.
    pub(super) contents: Contents,
    /// The region for tools that use the session, where the person or the files name one.
    pub(super) region: Option<String>,
    /// What the sign-in begins with.
    pub(super) source: Source,
    /// The profile that the session goes to.
    pub(super) target: ProfileName,
}

impl Plan {
    /// Reads both files and refuses what must not be done, before anything is asked.
    pub(super) fn make(files: &Files, request: &Request, context: Context) -> Result<Self> {
        let contents = files.read_what_is_there()?;
        let profiles = contents.profiles();
        let source = match &request.named {
            Some(base) if request.is_base => Source::of_base(profiles, base),
            named => keys::source(profiles, named.as_ref(), context.env),
        };
        // A file that is nowhere names no source.
        let source = source.map_err(|failure| files.check_places().err().unwrap_or(failure))?;
        if let Way::Keys(KeySource::Process(_)) = source.way {
            InProgress::outside(context.env).check_keys(&source.profile)?;
        }
        let asked_for = request.session_profile.as_ref();
        let chosen = asked_for.or(source.session_profile.as_ref());
        let target = session_profile::target(&source.profile, chosen)?;
        if source.session_profile.as_ref() == Some(&target) {
            session_profile::check_user_session(profiles, &target, &source.profile)?;
        }
        session_profile::check_writable(profiles, &target, &source.profile, request.force)?;
        if let Way::Role(chain) = &source.way
            && target == chain.session_profile
        {
            return Err(Failure::failed(format!(
                "the session of {} can't go to profile {target}: that is for the session of {}, which it is made with",
                source.profile, chain.base
            ))
            .hint("choose another profile for the session with --session-profile"));
        }
        Ok(Self {
            region: region(profiles, &target, &source.profile, request, context)?,
            contents,
            source,
            target,
        })
    }

    /// Both files, read as one.
    pub(super) fn profiles(&self) -> Profiles<'_> {
        self.contents.profiles()
    }

    /// Whether `other`, made a moment before, led to the same session by the same way.
    pub(super) fn comes_to_the_same(&self, other: &Self) -> bool {
        let is_role = |plan: &Self| matches!(plan.source.way, Way::Role(_));
        self.target == other.target && is_role(self) == is_role(other)
    }

    /// The access key of the session that is there, good or not: tells one from the next.
    pub(super) fn stored_key(&self) -> Option<String> {
        self.profiles().get(&self.target, setting::ACCESS_KEY_ID)
    }

    /// The stored session, when it is good enough for `request`, and not to be renewed by `force`.
    pub(super) fn keep(&self, request: &Request, force: bool, context: Context) -> Option<Ready> {
        if force {
            return None;
        }
        let session = session_profile::usable(self.profiles(), &self.target, &self.source.profile)?;
        let lifetime = match &self.source.way {
            Way::Role(chain) => chain.last.lifetime,
            Way::Keys(_) => request.lifetime,
        };
        let is_kept = session.is_kept(context.now(), request.min_remaining, lifetime);
        is_kept.then(|| Ready {
            profile: self.target.clone(),
            session: self.complete(session),
            region: self.region.clone(),
            renewed: false,
            contents: self.contents.clone(),
        })
    }

    /// `session` with what the plan knows of how it was made.
    pub(super) fn complete(&self, session: Session) -> Session {
        let account = match &self.source.way {
            Way::Role(chain) => chain.last.arn.account().map(str::to_owned),
            Way::Keys(_) => session.made.account.clone(),
        };
        let made = Made {
            source: Some(self.source.profile.clone()),
            account,
            ..session.made
        };
        Session { made, ..session }
    }
}

/// The region for tools that use the session: as AWS tools choose it, so what the person says by flag
/// or variable wins over both profiles.
///
/// Each is checked although the first counts: the source's is the one that AWS is asked in.
fn region(
    profiles: Profiles<'_>,
    target: &ProfileName,
    source: &ProfileName,
    request: &Request,
    context: Context,
) -> Result<Option<String>> {
    let named_for = |profile: &ProfileName| {
        named_region(&Sources {
            env: &|name| context.env.text(name),
            is_set: &|name| context.env.is_set(name),
            profile: &|key| profiles.get(profile, key),
            service: &|_, _| None,
            profile_name: profile.as_str(),
            region_flag: request.region.as_deref(),
            partition: None,
        })
    };
    let (of_target, of_source) = (named_for(target)?, named_for(source)?);
    Ok(of_target.or(of_source))
}
