//! Finds the stored session of a profile, and tells whether it is the one that its source would make
//! now. It renews none.

use super::keys;
use crate::exit::{Exit, Result};
use crate::profile::{Profiles, SessionProfile, maker, sessions};
use crate::value::ProfileName;
use crate::value::maker::Verdict;
use crate::world::env::Env;

/// The session of the profile named by flag or variable, else of `default`, which need not exist: the
/// keys may come from the environment. `chosen` is where a sign-in would store it, if the user said so.
pub(crate) fn session_of(
    named: Option<&ProfileName>,
    profiles: Profiles<'_>,
    chosen: Option<ProfileName>,
) -> Result<SessionProfile> {
    match named {
        Some(named) => sessions::of(profiles, named, chosen),
        None => {
            let profile = ProfileName::default();
            match sessions::of(profiles, &profile, chosen) {
                Err(failure) if failure.exit != Exit::NoSession => {
                    Ok(SessionProfile::read(profiles, &profile.session_profile()))
                }
                found => found,
            }
        }
    }
}

/// Whether a session is known to have another maker than its source has now, so that a sign-in would not
/// use it. `named` is the profile that the user named.
pub(crate) fn is_anothers(
    session: &SessionProfile,
    profiles: Profiles<'_>,
    named: Option<&ProfileName>,
    env: Env,
) -> bool {
    let made = session.made();
    let (Some(source), true) = (&made.source, made.maker.is_known()) else {
        return false;
    };
    // Keys in the environment count only if no profile is named.
    let is_named = named.is_some() || !source.is_default();
    // By its own name, because the user's own keys of a role profile have a session too.
    let source = keys::source(profiles, is_named.then_some(&session.name), env);
    source.is_ok_and(|source| {
        let wanted = maker::of(profiles, &source);
        session.session().is_some() && made.maker.compare(&wanted) == Verdict::Another
    })
}

/// What is wrong with a session of another maker.
pub(crate) fn not_its(session: &SessionProfile) -> String {
    let source = session.made().source.clone().unwrap_or_default();
    format!(
        "the session of {} was made with different keys, or for a different role, than {source} has now",
        session.name
    )
}
