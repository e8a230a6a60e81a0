//! Makes a session of a user: keys, device, code, GetSessionToken. It does not handle roles.

use super::device::{self, Device, Search};
use super::exchange::Exchange;
use super::means::Means;
use super::outer::Outer;
use super::patience::Patience;
use super::plan::Plan;
use super::request::Request;
use super::run::Run;
use super::warm_up::WarmUp;
use crate::aws::settings::Settings;
use crate::caller::{Reach, keys};
use crate::exit::Result;
use crate::profile::{KeySource, maker};
use crate::value::{Made, Session};
use crate::world::runtime::heed_ctrl_c;

/// How AWS is reached for a sign-in by `plan` with the device, if one is known.
pub(super) fn settings(reach: &Reach, plan: &Plan, device: Option<&Device>) -> Result<Settings> {
    let partition = device.and_then(|it| it.serial.partition());
    reach.settings(plan.profiles(), &plan.source.profile, &[], partition)
}

impl Run {
    /// Exchanges a code, which `means` provides, for a session of the plan's source.
    pub(super) async fn issue(
        &self,
        plan: &Plan,
        source: &KeySource,
        request: &Request,
        outer: &Outer,
        means: Means,
    ) -> Result<Session> {
        // Checked before a question is shown.
        heed_ctrl_c().await;
        let profile = &plan.source.profile;
        let holder = &plan.source.holder();
        let patience = Patience::of(request, plan);
        let known = device::known(plan, request, outer.device.as_ref())?;
        let settings = settings(&self.reach, plan, known.as_ref())?;
        self.context.ui.step(&settings.to_string());
        let in_progress = outer.in_progress.and_turn(&plan.target);
        let keys = keys::long_term(source, profile, &in_progress).await?;
        let aws = self.reach.aws(&settings, &keys)?;
        let mut warm_up = WarmUp::new();
        if let Some(new) = &request.new_device {
            warm_up.met(new.identity.clone());
        }
        let device = match known {
            Some(device) => device,
            None => {
                let search = Search {
                    aws: &aws,
                    holder,
                    terminal: means.terminal(),
                    context: self.context,
                };
                let searching = search.discover(&mut warm_up);
                patience.wait_for(searching).await?
            }
        };
        let exchange = Exchange {
            aws: &aws,
            holder,
            device,
            warm_up,
            tries: request.tries,
            lifetime: request.user_lifetime()?,
            patience: &patience,
            in_progress: &in_progress,
            context: self.context,
        };
        let (session, identity) = exchange.run(means).await?;
        let account = identity.as_ref().map(|identity| identity.account.clone());
        let made = Made {
            account: account.or(session.made.account),
            arn: identity.map(|identity| identity.arn),
            maker: maker::of_keys(source),
            ..session.made
        };
        Ok(Session { made, ..session })
    }
}
