//! Works out from both files, at one moment, what a request leads to: the source, the profile that the
//! session goes to, and whether the session there is good enough. It writes and asks nothing.

use super::request::{DURATION_FLAG, Request};
use super::run::Ready;
use crate::caller::nested::InProgress;
use crate::caller::{Reach, keys};
use crate::exit::{Exit, Failure, Result};
use crate::files::{Contents, Files};
use crate::profile::session_profile::{self, SessionProfile, Unusable};
use crate::profile::{KeySource, Profiles, Source, Way, maker, setting};
use crate::value::maker::Verdict;
use crate::value::session::State;
use crate::value::{Lifetime, Made, Maker, ProfileName, Session, expiry};
use crate::world::Context;

/// The content of both files at one moment, and what follows from it for a request.
pub(super) struct Plan {
    /// The content of both files.
    pub(super) contents: Contents,
    /// The region for tools that use the session, if the user or the files name one.
    pub(super) region: Option<String>,
    /// The source of the sign-in.
    pub(super) source: Source,
    /// The profile that the session goes to.
    pub(super) target: ProfileName,
    /// The maker of a session made now. A session of another maker is not kept.
    pub(super) maker: Maker,
    /// The lifetime to request.
    lifetime: Lifetime,
}

/// `source` with the lifetime that the user wants for a role's session. Fails if no role session can
/// last that long.
fn lasting(source: Source, request: &Request) -> Result<Source> {
    match (source.way, request.duration) {
        (Way::Role(chain), Some(duration)) => {
            let duration = duration
                .for_role()
                .map_err(|why| Failure::new(Exit::Usage, format!("{DURATION_FLAG}: {why}")))?;
            Ok(Source {
                way: Way::Role(chain.lasting(duration)),
                ..source
            })
        }
        (way, _) => Ok(Source { way, ..source }),
    }
}

impl Plan {
    /// Reads both files and refuses impossible requests before asking anything.
    pub(super) fn make(files: &Files, request: &Request, context: Context) -> Result<Self> {
        let contents = files.read_what_is_there()?;
        let profiles = contents.profiles();
        let source = match &request.named {
            Some(base) if request.is_base => Source::of_base(profiles, base),
            named => keys::source(profiles, named.as_ref(), context.env),
        };
        // If the file has no place, say that instead: it can't name a source.
        let source = source.map_err(|failure| files.or_no_place(failure))?;
        let source = lasting(source, request)?;
        if let Way::Keys(KeySource::Process(_)) = source.way {
            InProgress::outside(context.env).check_keys(&source.profile)?;
        }
        let target = session_profile::target(profiles, &source, request.session_profile.as_ref())?;
        if source.session_profile.as_ref() == Some(&target) {
            session_profile::check_user_session(profiles, &target, &source.profile)?;
        }
        session_profile::check_writable(profiles, &target, &source.profile, request.force)?;
        if let Way::Role(chain) = &source.way
            && [
                chain.base.session_profile(),
                chain.base.user_session_profile(),
            ]
            .contains(&chain.session_profile)
        {
            let rename = |failure: Failure| {
                failure.hint(format!(
                    "rename profile `{}`: letters, digits and _ - / . % @ : +",
                    chain.base
                ))
            };
            session_profile::usual(profiles, &chain.base).map_err(rename)?;
        }
        if let Way::Role(chain) = &source.way
            && target == chain.session_profile
        {
            return Err(Failure::failed(format!(
                "the session of {} can't go to profile {target}: that is for the session of {}, which this one is made with",
                source.profile, chain.base
            ))
            .hint("choose another profile for the session with --session-profile"));
        }
        let lifetime = match &source.way {
            Way::Role(chain) => {
                // A role begins with a user's session, so an unusable lifetime for that is refused now.
                request.lifetime.clone()?;
                chain.last.lifetime
            }
            Way::Keys(_) => request.user_lifetime()?,
        };
        let maker = maker::of(profiles, &source);
        Ok(Self {
            region: region(profiles, &target, &source.profile, request, context)?,
            contents,
            source,
            target,
            maker,
            lifetime,
        })
    }

    /// Both files, read as one.
    pub(super) fn profiles(&self) -> Profiles<'_> {
        self.contents.profiles()
    }

    /// Whether `other`, made a moment before, leads to the same session in the same way.
    pub(super) fn comes_to_the_same(&self, other: &Self) -> bool {
        let is_role = |plan: &Self| matches!(plan.source.way, Way::Role(_));
        self.target == other.target && is_role(self) == is_role(other)
    }

    /// The access key of the stored session, usable or not, which tells one session from the next.
    pub(super) fn stored_key(&self) -> Option<String> {
        self.profiles().get(&self.target, setting::ACCESS_KEY_ID)
    }

    /// Whether the stored session is known to come from a different maker than the one wanted here.
    pub(super) fn is_anothers(&self) -> bool {
        maker::stored(self.profiles(), &self.target).compare(&self.maker) == Verdict::Another
    }

    /// The stored session, if it is good enough for `request` and `force` does not renew it.
    pub(super) fn keep(&self, request: &Request, force: bool, context: Context) -> Option<Ready> {
        if force {
            return None;
        }
        let session = self.stored().ok()?;
        (self.state_of(&session, request, context) == State::Valid).then(|| Ready {
            profile: self.target.clone(),
            session: self.complete(session),
            region: self.region.clone(),
            renewed: false,
            contents: self.contents.clone(),
        })
    }

    /// Why the stored session is not good enough for `request`, in words; `None` if there is none, or it
    /// is good enough.
    pub(super) fn why_renewed(&self, request: &Request, context: Context) -> Option<String> {
        let target = &self.target;
        // For a guessed end, this uses the one that `status` shows.
        let uncertain = || {
            let shown = SessionProfile::read(self.profiles(), target).expiration();
            Some(match shown {
                Some(at) if at <= context.now() => format!("{target} has expired"),
                Some(_) => format!("it is not certain when {target} ends"),
                None => format!("it is not known when {target} ends"),
            })
        };
        let session = match self.stored() {
            Err(Unusable::Nothing) => return None,
            Err(Unusable::Anothers) => {
                return Some(format!(
                    "{target} was made with different keys, or for a different role, than {} has now",
                    self.source.profile
                ));
            }
            Err(Unusable::WithoutEnd) => return uncertain(),
            Ok(session) => session,
        };
        match (
            self.state_of(&session, request, context),
            session.expiration,
        ) {
            (State::Ending, Some(at)) => {
                let left = expiry::remaining(at, context.now()).rounded();
                Some(format!("{target} ends in {left}"))
            }
            (State::Expired, _) => Some(format!("{target} has expired")),
            (State::Unknown | State::Ending, _) => uncertain(),
            (State::Valid | State::Absent, _) => None,
        }
    }

    fn stored(&self) -> Result<Session, Unusable> {
        let source = &self.source.profile;
        session_profile::usable(self.profiles(), &self.target, source, &self.maker)
    }

    fn state_of(&self, session: &Session, request: &Request, context: Context) -> State {
        session.state_for(context.now(), request.min_remaining, self.lifetime)
    }

    /// `session` with the source of the plan.
    pub(super) fn complete(&self, session: Session) -> Session {
        let made = Made {
            source: Some(self.source.profile.clone()),
            ..session.made
        };
        Session { made, ..session }
    }
}

/// The region for tools that use the session, chosen as AWS tools do: the user's flag or variable takes
/// precedence over both profiles.
///
/// Both are checked although the first one counts: the source's is the region that AWS is asked in.
fn region(
    profiles: Profiles<'_>,
    target: &ProfileName,
    source: &ProfileName,
    request: &Request,
    context: Context,
) -> Result<Option<String>> {
    let reach = Reach::new(context, request.region.clone());
    let of_target = reach.named_region(profiles, target)?;
    let of_source = reach.named_region(profiles, source)?;
    Ok(of_target.or(of_source))
}
