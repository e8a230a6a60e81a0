//! Lets the user choose a profile if they named none and nothing else says which is meant. It never shows
//! the list if the user could not be asked for a code, too.
//!
//! The command is run first. Only if it fails with [`Remedy::NameProfile`] is the list shown, and the
//! command run again with the chosen profile.

use crate::code::CodeSource;
use crate::exit::{Failure, Remedy, Result};
use crate::files::Files;
use crate::profile::choice::{Candidate, Purpose, candidates};
use crate::signin::Request;
use crate::value::{ProfileName, expiry};
use crate::world::Context;
use crate::world::asking::Asking;
use crate::world::item::Item;
use crate::world::pick::pick;
use crate::world::question::at_terminal;
use crate::world::runtime::heed_ctrl_c;

const QUESTION: &str = "which profile? ";

/// Runs a command for `request`. If that names no profile and needs one, lets the user choose one for
/// `purpose` and runs it again. If they can't be asked, the failure stays.
pub(super) async fn named<T>(
    request: Request,
    purpose: Purpose,
    context: Context,
    run: impl AsyncFn(Request) -> Result<T>,
) -> Result<T> {
    // A named profile costs nothing here, and neither does one that applies by default.
    let failure = match run(request.clone()).await {
        Err(failure) if failure.remedy == Some(Remedy::NameProfile) => failure,
        done => return done,
    };
    let code = CodeSource::choose(request.code.as_ref(), context.env, None);
    let can_be_asked = request.asking == Asking::Yes && request.asking.place().is_ok();
    if !can_be_asked || !matches!(code, Ok(None)) {
        return Err(failure);
    }
    let named = Some(choose(failure, purpose, request.asking, context).await?);
    run(Request { named, ..request }).await
}

/// The profile that the user chooses, or the only one if there is just one. Fails with `failure` if there is
/// none.
async fn choose(
    failure: Failure,
    purpose: Purpose,
    asking: Asking,
    context: Context,
) -> Result<ProfileName> {
    let files = Files::find(context)?;
    let mut candidates = candidates(files.read_what_is_there()?.profiles(), purpose);
    if candidates.len() < 2 {
        let Candidate { name, .. } = candidates.pop().ok_or(failure)?;
        let only = match purpose {
            Purpose::Session => "the only one that can sign in",
            Purpose::User | Purpose::AccessKey => "the only one with long-term keys",
        };
        context
            .ui
            .say(&format!("no profile is named; using {name}, {only}"));
        return Ok(name);
    }
    let item = |candidate: &Candidate| Item {
        name: candidate.name.to_string(),
        note: note(candidate, context),
    };
    let items: Vec<Item> = candidates.iter().map(item).collect();
    heed_ctrl_c().await;
    let chosen = at_terminal(
        asking,
        |_| failure.clone(),
        async |terminal| pick(terminal, context.env, QUESTION, &items).await,
    );
    Ok(candidates.swap_remove(chosen.await?).name)
}

/// What tells one profile from another: whether it is a role, and the state of its session.
fn note(candidate: &Candidate, context: Context) -> String {
    let role = candidate.is_role.then(|| "role".to_owned());
    let now = context.now();
    let session = candidate.expiration.map(|at| match at > now {
        true => format!("{} left", expiry::remaining(at, now).rounded()),
        false => "expired".to_owned(),
    });
    let parts: Vec<String> = [role, session].into_iter().flatten().collect();
    parts.join(", ")
}
