//! Finds the stored session of a profile, and tells whether it is the one that its source would make
//! now. It renews none.

use super::keys;
use crate::exit::Result;
use crate::profile::{Profiles, SessionProfile, maker, sessions};
use crate::value::ProfileName;
use crate::value::maker::Verdict;
use crate::world::env::Env;

/// The session of the profile that is named by flag or variable, else of `default`, which need not
/// be there: keys may be the environment's. `chosen` is where a sign-in would store it, where that is
/// said.
pub(crate) fn session_of(
    named: Option<&ProfileName>,
    profiles: Profiles<'_>,
    chosen: Option<ProfileName>,
) -> Result<SessionProfile> {
    match named {
        Some(named) => sessions::of(profiles, named, chosen),
        None => {
            let profile = ProfileName::default();
            Ok(sessions::of(profiles, &profile, chosen)
                .unwrap_or_else(|_| SessionProfile::read(profiles, &profile.session_profile())))
        }
    }
}

/// Whether another maker than the one that its source means now is known to have made a session: a
/// sign-in would not use it. `named` is the profile that the person named.
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
    // The environment's keys count only where no profile is named.
    let is_named = named.is_some() || !source.is_default();
    // By its own name, because the keys of a role's profile have a session too.
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
