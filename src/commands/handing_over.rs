//! Makes of a session that is ready what `exec` and `export` hand over: the session's variables,
//! those of the profile's settings, and what is cleared. It sets and prints none of them.

use crate::exit::Result;
use crate::handover::environment::{Before, Change};
use crate::handover::settings::{self, Users};
use crate::handover::variables::{self, GRANTED_PREFIX, Variable};
use crate::profile::paired;
use crate::signin::Ready;
use crate::world::Context;

/// The variables of the session alone.
pub(super) fn session(ready: &Ready) -> Result<Vec<Variable>> {
    variables::for_session(&ready.session, ready.region.as_deref())
}

/// How the environment changes when it is handed `session` and the settings of its profile. What
/// can't be handed over is warned of.
pub(super) fn change(ready: &Ready, session: Vec<Variable>, context: Context) -> Change {
    let env = context.env;
    let value = |name: &str| env.text(name);
    let of_service = format!("{}_", paired::ENDPOINT.variables[0]);
    let endpoints = env.names_with_prefix(&of_service);
    let users = Users {
        value: &value,
        names_endpoint_of_service: endpoints.iter().any(|name| env.text(name).is_some()),
    };
    let mut of = vec![&ready.profile];
    of.extend(&ready.session.made.source);
    let settings = settings::of_profiles(ready.contents.profiles(), &of, users);
    for warning in &settings.warnings {
        context.ui.warn(warning);
    }
    let before = Before {
        users: &value,
        exported: env.exported(),
        granted: env.names_with_prefix(GRANTED_PREFIX),
    };
    Change::to(session, settings.set, &before)
}
