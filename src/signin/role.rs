//! Reaches a role: with the MFA session of the profile that begins its chain, then from role to
//! role. It keeps none of the sessions between.

use super::plan::Plan;
use super::request::Request;
use super::run::{Outer, Run};
use super::turn::Before;
use crate::aws::{Fault, Refusal};
use crate::exit::{Failure, Result};
use crate::profile::role::{Chain, Role};
use crate::profile::{device, maker, session_profile, setting};
use crate::value::{Keys, Made, Serial, Session};
use crate::world::runtime::heed_ctrl_c;

impl Run {
    /// Signs in at the base of `chain`, where that is not done yet, and assumes its roles in turn.
    /// Returns the session of the last one.
    pub(super) async fn assume(
        &self,
        chain: &Chain,
        plan: &Plan,
        request: &Request,
        outer: &Outer,
        before: Before,
    ) -> Result<Session> {
        let outer = Outer {
            before,
            device: role_device(chain, plan)?,
            in_progress: outer.in_progress.and_turn(&plan.target),
        };
        let base = request.for_base(chain);
        let base = Box::pin(self.sign_in(&base, &outer)).await?.session;
        let mut keys = base.keys;
        for role in &chain.before {
            keys = self
                .assume_one(role, &keys, chain, plan, request)
                .await?
                .keys;
        }
        let session = self
            .assume_one(&chain.last, &keys, chain, plan, request)
            .await?;
        // Whose keys made the session before is known from that session alone.
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
        keys: &Keys,
        chain: &Chain,
        plan: &Plan,
        request: &Request,
    ) -> Result<Session> {
        if let Some(asked) = role.cut_from {
            self.context.ui.say(&format!(
                "asking for a session of {} that lasts {}, not {asked}: AWS grants no more to a role reached from another role",
                role.profile, role.lifetime
            ));
        }
        let partition = Some(role.arn.partition());
        let settings =
            self.reach
                .settings(plan.profiles(), &role.profile, &[&chain.base], partition)?;
        self.context.ui.step(&settings.to_string());
        self.context.ui.step(&format!(
            "asking AWS for a session of {} in role {}",
            role.lifetime, role.arn
        ));
        heed_ctrl_c().await;
        let aws = self.reach.aws(&settings, keys)?;
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

/// The device that the chain's profiles name, the last role's first.
fn role_device(chain: &Chain, plan: &Plan) -> Result<Option<Serial>> {
    for role in chain.roles().rev() {
        let named = device::named(plan.profiles(), &role.profile, setting::MFA_SERIAL)?;
        if named.is_some() {
            return Ok(named);
        }
    }
    Ok(None)
}

/// `--force` renews the role alone, so the hint says how the session before it is renewed.
fn ended(failure: Failure, chain: &Chain) -> Failure {
    let (base, session) = (&chain.base, &chain.session_profile);
    let command = session_profile::sign_in_command(base, session);
    failure.hint(format!(
        "the session of {session} is no longer valid: sign in again with `{command} --force`"
    ))
}
