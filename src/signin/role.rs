//! Owns how a role is reached: with the MFA session of the profile that begins its chain, then from
//! role to role.

use super::{Issued, Plan, Request, issue, sign_in_with};

use crate::aws::{self, Aws, Fault};
use crate::exit::{Exit, Failure};
use crate::files::Files;
use crate::profile::role::{Chain, Role};
use crate::value::Keys;
use crate::value::Serial;
use crate::value::Session;
use crate::world::Context;

/// Signs in at the base of `chain`, where that is not done yet, and assumes its roles in turn. The
/// session of the last one is returned; those between are not kept.
pub(super) fn assume(
    files: &Files,
    chain: &Chain,
    plan: &Plan,
    request: Request,
    after_failure: bool,
    context: Context,
) -> anyhow::Result<Issued> {
    let base = sign_in_with(
        files,
        context,
        of_base(chain, plan, &request)?,
        after_failure,
    )?;
    let mfa_serial = base.mfa_serial;
    let mut keys = base.keys;
    let mut last = None;
    for role in &chain.roles {
        if let Some(asked) = role.cut_from {
            context.ui.say(&format!(
                "the session of {} lasts {}, not {asked}: AWS cuts a role that is reached from a role",
                role.profile, role.lifetime
            ));
        }
        let assumed = step(role, &keys, chain, plan, &request, context)?;
        keys = assumed.keys.clone();
        last = Some(assumed);
    }
    let assumed = last.ok_or_else(|| anyhow::anyhow!("a chain has at least one role"))?;
    Ok(Issued {
        keys: assumed.keys,
        expiration: assumed
            .expiration
            .ok_or_else(|| anyhow::anyhow!("AWS names when a session ends"))?,
        mfa_serial,
        arn: assumed.made.arn.map(|arn| arn.to_string()),
    })
}

/// The sign-in that the chain begins with. `--force` is meant for the role: one code serves all
/// roles of a source, so a session that is there is used.
fn of_base(chain: &Chain, plan: &Plan, request: &Request) -> anyhow::Result<Request> {
    let mut serials = chain.roles.iter().rev().filter_map(|role| {
        let text = plan.profiles().get(&role.profile, "mfa_serial")?;
        Some((&role.profile, text))
    });
    let role_serial = match serials.next() {
        None => None,
        Some((profile, text)) => Some(text.parse::<Serial>().map_err(|why| {
            Failure::new(
                Exit::Failed,
                format!("mfa_serial of profile {profile}: {why}"),
            )
        })?),
    };
    Ok(Request {
        named: Some(chain.base.clone()),
        session_profile: Some(chain.session_profile()),
        serial: request.serial.clone(),
        role_serial,
        code: request.code.clone(),
        lifetime: request.lifetime,
        min_remaining: request.min_remaining,
        force: false,
        region: request.region.clone(),
        may_ask: request.may_ask,
    })
}

fn step(
    role: &Role,
    keys: &Keys,
    chain: &Chain,
    plan: &Plan,
    request: &Request,
    context: Context,
) -> anyhow::Result<Session> {
    let partition = role.partition();
    let profiles = [&role.profile, &chain.base];
    let settings = issue::settings(plan.profiles(), &profiles, request, partition, context)?;
    context.ui.step(&format!(
        "asking AWS for a session of {} in role {}",
        role.lifetime, role.arn
    ));
    aws::runtime::block_on(async {
        let aws = Aws::new(&settings, keys)?;
        tokio::select! {
            assumed = aws.assume_role(role) => assumed.map_err(|error| match error {
                Fault::Refused { refusal, failure } if refusal.ends_session() => {
                    ended(failure, chain).into()
                }
                fault => Failure::from(fault).into(),
            }),
            cancelled = aws::runtime::cancelled() => Err(cancelled.into()),
        }
    })?
}

/// `--force` renews the role alone, so it is said how the session before it is renewed.
fn ended(failure: Failure, chain: &Chain) -> Failure {
    let (base, session) = (&chain.base, chain.session_profile());
    let elsewhere = if session == base.session_profile() {
        String::new()
    } else {
        format!(" --session-profile {session}")
    };
    failure.hint(format!(
        "the session of {session} is not good any more: sign in again with `awsmfa login --profile {base}{elsewhere} --force`"
    ))
}
