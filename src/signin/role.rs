//! Reaches a role: with the MFA session of the profile that begins its chain, then from role to role. It
//! keeps none of the sessions in between.

use super::device::Device;
use super::outer::Outer;
use super::plan::Plan;
use super::request::Request;
use super::run::Run;
use super::turn::Before;
use crate::aws::settings::Settings;
use crate::aws::{Fault, Refusal};
use crate::caller::Reach;
use crate::exit::{Failure, Result};
use crate::profile::role::{Chain, Role};
use crate::profile::{maker, session_profile};
use crate::value::{Keys, Made, Session};
use crate::world::runtime::heed_ctrl_c;

impl Run {
    /// Signs in at the base of `chain`, unless that is done already, and assumes its roles in turn.
    /// Returns the session of the last one.
    pub(super) async fn assume(
        &self,
        chain: &Chain,
        plan: &Plan,
        request: &Request,
        outer: &Outer,
        before: Before,
    ) -> Result<Session> {
        // All that can fail here fails before the code is spent.
        let settings = settings(&self.reach, chain, plan)?;
        let outer = Outer {
            before,
            device: device(chain, plan)?,
            in_progress: outer.in_progress.and_turn(&plan.target),
        };
        let base = request.for_base(chain);
        let base = Box::pin(self.sign_in(&base, &outer)).await?.session;
        let mut session = base.clone();
        for (role, settings) in chain.roles().zip(&settings) {
            session = self
                .assume_one(role, settings, &session.keys, chain, request)
                .await?;
        }
        // Only the base session itself tells whose keys made it.
        let made = Made {
            device: base.made.device,
            maker: base.made.maker.with_role(maker::of_roles(chain)),
            ..session.made
        };
        Ok(Session { made, ..session })
    }

    async fn assume_one(
        &self,
        role: &Role,
        settings: &Settings,
        keys: &Keys,
        chain: &Chain,
        request: &Request,
    ) -> Result<Session> {
        if let Some(asked) = role.cut_from {
            self.context.ui.say(&format!(
                "asking for a session of {} that lasts {}, not {asked}: AWS grants no more to a role reached from another role",
                role.profile, role.lifetime
            ));
        }
        self.context.ui.step(&settings.to_string());
        self.context.ui.step(&format!(
            "asking AWS for a session of {} in role {}",
            role.lifetime, role.arn
        ));
        heed_ctrl_c().await;
        let aws = self.reach.aws(settings, keys)?;
        aws.assume_role(role).await.map_err(|fault| match fault {
            Fault::Refused { refusal, failure } if refusal.ends_session() => ended(failure, chain),
            Fault::Refused {
                refusal: Refusal::RoleDuration,
                failure,
            } => failure.hint(format!(
                "{} is longer than the role allows: {} in profile {}, or have the role's MaxSessionDuration raised",
                role.lifetime,
                match request.duration {
                    Some(_) => "ask for less with --duration, or with duration_seconds",
                    None => "lower duration_seconds",
                },
                role.profile
            )),
            fault => fault.into(),
        })
    }
}

/// How AWS is reached for each role of the chain. Fails if it can't be for one of them, as far as that
/// can be told without connecting.
pub(super) fn settings(reach: &Reach, chain: &Chain, plan: &Plan) -> Result<Vec<Settings>> {
    let of = |role: &Role| {
        let (profile, partition) = (&role.profile, Some(role.arn.partition()));
        let settings = reach.settings(plan.profiles(), profile, &[&chain.base], partition)?;
        reach.without_keys(&settings)?;
        Ok(settings)
    };
    chain.roles().map(of).collect()
}

/// The device that the profiles of the chain name; the last role's takes precedence.
pub(super) fn device(chain: &Chain, plan: &Plan) -> Result<Option<Device>> {
    for role in chain.roles().rev() {
        let named = Device::set_in(plan.profiles(), &role.profile)?;
        if named.is_some() {
            return Ok(named);
        }
    }
    Ok(None)
}

/// `--force` renews only the role, so the hint tells how to renew the session before it.
fn ended(failure: Failure, chain: &Chain) -> Failure {
    let (base, session) = (&chain.base, &chain.session_profile);
    let command = session_profile::sign_in_command(base, session);
    failure.hint(format!(
        "the session of {session} is no longer valid: sign in again with `{command} --force`"
    ))
}
