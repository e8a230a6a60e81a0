//! Turns a session that is ready into what `exec` and `export` hand over: the session's variables, those
//! of its profile's settings, and those to clear. It sets and prints none of them.

use crate::exit::Result;
use crate::handover::environment::{Before, Change};
use crate::handover::settings::{self, Users};
use crate::handover::variables::{self, GRANTED_PREFIX, Variable};
use crate::profile::paired;
use crate::signin::Ready;
use crate::world::Context;

/// The variables of the session itself.
pub(super) fn session(ready: &Ready) -> Result<Vec<Variable>> {
    variables::for_session(&ready.session, ready.region.as_deref())
}

/// How the environment changes for `session` and the settings of its profile. Settings that can't be
/// handed over cause a warning.
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
