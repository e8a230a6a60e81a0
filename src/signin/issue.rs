//! Owns everything of a user's sign-in that talks to AWS, and to the person meanwhile.

use super::exchange::Exchange;
use super::{Issued, Plan, Request, device, nested, patience};
use crate::aws::settings::{Settings, Sources};
use crate::aws::{self, Aws};
use crate::code;
use crate::exit::{Exit, Failure};
use crate::profile::Profiles;
use crate::profile::source::Origin;
use crate::value::Keys;
use crate::value::ProfileName;
use crate::value::Serial;
use crate::world::Context;
use crate::world::tty::Terminal;
use anyhow::anyhow;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Makes a session of the plan's source. Ctrl-C ends it.
pub(super) fn run(
    plan: &Plan,
    request: &Request,
    code: code::Source,
    terminal: Option<Terminal>,
    context: Context,
) -> anyhow::Result<Issued> {
    aws::runtime::block_on(async {
        let screen = terminal.as_ref().map(Terminal::again).transpose()?;
        // Asked once before anything else: from then on Ctrl-C is ours, also at a question that
        // has just been shown.
        let mut cancelled = pin!(aws::runtime::cancelled());
        if let Poll::Ready(at_once) = poll_fn(|it| Poll::Ready(cancelled.as_mut().poll(it))).await {
            return Err(at_once.into());
        }
        tokio::select! {
            // A session that is there is kept, even if Ctrl-C came at the same moment.
            biased;
            issued = converse(plan, request, code, terminal, context) => issued,
            cancelled = &mut cancelled => {
                // The terminal has shown `^C` behind the question.
                if let Some(mut screen) = screen {
                    screen.end_line();
                }
                Err(cancelled.into())
            }
        }
    })?
}

async fn converse(
    plan: &Plan,
    request: &Request,
    code: code::Source,
    terminal: Option<Terminal>,
    context: Context,
) -> anyhow::Result<Issued> {
    let profile = &plan.source.profile;
    let ask_until = patience::until(request);
    let known = device::known(plan, request)?;
    let partition = known.as_ref().and_then(Serial::partition);
    let settings = settings(plan.profiles(), &[profile], request, partition, context)?;
    let keys = match &plan.source.origin {
        Origin::Profile(keys) | Origin::Environment(keys) => keys.clone(),
        Origin::Process(command) => {
            let command = nested::marked(command, profile, context);
            let keys = aws::process::keys(profile.as_str(), &command).await?;
            long_term(profile, keys)?
        }
        Origin::Role(_) => return Err(anyhow!("a role has no long-term keys")),
    };
    let aws = Aws::new(&settings, &keys)?;
    let serial = match known {
        Some(serial) => serial,
        None => {
            let asking = device::discover(&aws, profile, terminal.as_ref(), context);
            patience::answer(ask_until, profile, asking).await?
        }
    };
    let exchange = Exchange {
        aws: &aws,
        profile,
        serial: &serial,
        lifetime: request.lifetime,
        ask_until,
        context,
    };
    let (issued, identity) = exchange.run(code, terminal).await?;
    Ok(Issued {
        keys: issued.keys,
        expiration: issued
            .expiration
            .ok_or_else(|| anyhow!("AWS names when a session ends"))?,
        mfa_serial: Some(serial.to_string()),
        arn: identity.map(|identity| identity.arn.to_string()),
    })
}

/// The keys that a `credential_process` printed, unless they are a session's: AWS would refuse
/// those, and the code would be asked for in vain.
fn long_term(profile: &ProfileName, keys: Keys) -> anyhow::Result<Keys> {
    if keys.session_token.is_none() {
        return Ok(keys);
    }
    Err(Failure::new(
        Exit::Failed,
        format!("the credential_process of profile {profile} hands out a session, and a session can't be made from a session"),
    )
    .hint("name the profile that holds your long-term keys (they begin with AKIA) with --profile")
    .into())
}

/// How to reach AWS for the first of `profiles`; what it does not say, the next one does.
pub(super) fn settings(
    files: Profiles<'_>,
    profiles: &[&ProfileName],
    request: &Request,
    partition: Option<&str>,
    context: Context,
) -> anyhow::Result<Settings> {
    let first = profiles
        .first()
        .map_or("default", |profile| profile.as_str());
    let settings = Settings::resolve(&Sources {
        env: &|name| context.env.text(name),
        profile: &|key| profiles.iter().find_map(|profile| files.get(profile, key)),
        service: &|service, key| {
            profiles
                .iter()
                .find_map(|profile| files.service(profile, service, key))
        },
        profile_name: first,
        region_flag: request.region.as_deref(),
        partition,
    })?;
    context.ui.step(&settings.to_string());
    Ok(settings)
}
