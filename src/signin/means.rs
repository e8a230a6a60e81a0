//! Owns whether a code can be had: which source it comes from, and the terminal to ask at.

use super::plan::Plan;
use super::{Asking, Request};
use crate::code::Source;
use crate::exit::{Exit, Failure};
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::tty::Terminal;

/// Where the code comes from; fails when one that is given is no code.
pub(super) fn code(plan: &Plan, request: &mut Request, context: Context) -> anyhow::Result<Source> {
    let mfa_process = plan.profiles().get(&plan.source.profile, "mfa_process");
    Source::choose(std::mem::take(&mut request.code), context.env, mfa_process)
}

/// The terminal to ask at, if any; fails when `code` needs one and there is none.
pub(super) fn terminal(
    code: &Source,
    plan: &Plan,
    request: &Request,
) -> anyhow::Result<Option<Terminal>> {
    let terminal = match request.may_ask {
        Asking::No => None,
        Asking::Yes => Terminal::open(),
        Asking::InForeground(_) => Terminal::open().filter(Terminal::is_ours),
    };
    if matches!(code, Source::Prompt) && terminal.is_none() {
        return Err(nowhere_to_ask(&plan.source.profile, request.may_ask));
    }
    Ok(terminal)
}

/// Fails when another's sign-in was waited for and failed, unless a person is there to decide:
/// a code that was refused to one caller would be refused to fifty, and after nine AWS takes no
/// more for three minutes.
pub(super) fn after_failure(code: &Source, plan: &Plan, request: &Request) -> anyhow::Result<()> {
    match (code, request.may_ask) {
        (Source::Prompt, Asking::Yes) => Ok(()),
        _ => Err(other_failed(&plan.target)),
    }
}

fn other_failed(target: &ProfileName) -> anyhow::Error {
    Failure::new(
        Exit::CodeNeeded,
        format!("the other awsmfa that signed in to {target} got no session, and the same code is not tried twice"),
    )
    .hint("see what the other one says, then run this again with a new code")
    .into()
}

fn nowhere_to_ask(profile: &ProfileName, may_ask: Asking) -> anyhow::Error {
    let why = match may_ask {
        Asking::No => "--no-input forbids to ask",
        Asking::Yes => "there is no terminal to ask at",
        Asking::InForeground(_) => "there is no terminal to ask at, or it is another program's now",
    };
    Failure::new(
        Exit::CodeNeeded,
        format!("profile {profile} needs a code, and {why}"),
    )
    .hint("give one with --code-stdin, --code-command, --code or AWSMFA_CODE")
    .into()
}
