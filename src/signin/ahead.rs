//! Looks ahead at a sign-in: what the files and the environment settle about it, and what in them would
//! make it fail before a code is asked for. It asks nobody, connects to nothing and runs no command.

use super::device::{self, Device};
use super::plan::Plan;
use super::request::Request;
use super::run::Ready;
use super::{issue, role};
use crate::caller::Reach;
use crate::exit::Result;
use crate::files::Files;
use crate::profile::Way;
use crate::world::Context;

/// The stored session because of which a sign-in by `request` needs no code: its own or, for a role, that
/// of the profile that its chain begins with.
///
/// Fails if the sign-in would fail before it asks for a code, unless only a code, a terminal, the keys
/// of a `credential_process` or room for the session is missing.
pub(crate) fn look_ahead(
    files: &Files,
    context: Context,
    request: &Request,
) -> Result<Option<Ready>> {
    let plan = Plan::make(files, request, context)?;
    if let Some(ready) = plan.keep(request, false, context) {
        return Ok(Some(ready));
    }
    let reach = Reach::new(context, request.region.clone());
    if let Way::Role(chain) = &plan.source.way {
        role::settings(&reach, chain, &plan)?;
    }
    let base = Base::of(plan, files, context, request)?;
    if let Some(ready) = base.plan.keep(&base.request, false, context) {
        return Ok(Some(ready));
    }
    let device = base.device()?;
    let settings = issue::settings(&reach, &base.plan, device.as_ref())?;
    reach.without_keys(&settings)?;
    Ok(None)
}

/// The device that a sign-in by `request` uses without asking AWS, even if a session is kept.
///
/// Fails if there can be no such sign-in.
pub(crate) fn device_ahead(
    files: &Files,
    context: Context,
    request: &Request,
) -> Result<Option<Device>> {
    let plan = Plan::make(files, request, context)?;
    Base::of(plan, files, context, request)?.device()
}

/// The user's sign-in that a sign-in begins with.
struct Base {
    plan: Plan,
    request: Request,
    /// The device of the role that it is for.
    of_role: Option<Device>,
}

impl Base {
    fn of(plan: Plan, files: &Files, context: Context, request: &Request) -> Result<Self> {
        let Way::Role(chain) = &plan.source.way else {
            return Ok(Self {
                plan,
                request: request.clone(),
                of_role: None,
            });
        };
        let request = request.for_base(chain);
        Ok(Self {
            of_role: role::device(chain, &plan)?,
            plan: Plan::make(files, &request, context)?,
            request,
        })
    }

    fn device(&self) -> Result<Option<Device>> {
        device::known(&self.plan, &self.request, self.of_role.as_ref())
    }
}
