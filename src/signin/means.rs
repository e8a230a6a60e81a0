//! Decides where the code comes from: given, read from somewhere, or asked for at the terminal. It reads
//! none.

use super::new_device::NewDevice;
use super::patience;
use super::plan::Plan;
use super::request::Request;
use super::turn::Before;
use crate::code::CodeSource;
use crate::exit::{Exit, Failure, Result};
use crate::profile::setting;
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::asking::{Asking, Nowhere};
use crate::world::tty::Terminal;

/// Where the code comes from.
pub(super) enum Means {
    /// The user is asked for it.
    Prompt(Terminal),
    /// It comes from elsewhere. If there is a terminal, the user can still be asked which of several
    /// devices it is for.
    Elsewhere(CodeSource, Option<Terminal>),
    /// It is known already, from a device that was just enabled.
    NewDevice(NewDevice),
}

/// Why no code is available.
pub(super) enum NoMeans {
    /// The given value is not a code.
    Unusable(Failure),
    /// It would have to be asked for, and there is no terminal.
    NowhereToAsk(Failure),
    /// It can be asked for once this process is in the terminal's foreground.
    InBackground(Failure),
}

impl From<NoMeans> for Failure {
    fn from(none: NoMeans) -> Self {
        match none {
            NoMeans::Unusable(failure)
            | NoMeans::NowhereToAsk(failure)
            | NoMeans::InBackground(failure) => failure,
        }
    }
}

impl Means {
    /// Finds the means that are available now.
    pub(super) fn find(plan: &Plan, request: &Request, context: Context) -> Result<Self, NoMeans> {
        if let Some(new) = &request.new_device {
            return Ok(Self::NewDevice(new.clone()));
        }
        let mfa_process = plan
            .profiles()
            .get(&plan.source.profile, setting::MFA_PROCESS);
        let source = CodeSource::choose(request.code.as_ref(), context.env, mfa_process)
            .map_err(NoMeans::Unusable)?;
        match (source, request.asking.place()) {
            (Some(source), place) => Ok(Self::Elsewhere(source, place.ok())),
            (None, Ok(terminal)) => Ok(Self::Prompt(terminal)),
            (None, Err(nowhere)) => {
                let failure = nowhere_to_ask(plan, request, nowhere, context);
                Err(match request.asking.waits_out(nowhere) {
                    true => NoMeans::InBackground(failure),
                    false => NoMeans::NowhereToAsk(failure),
                })
            }
        }
    }

    /// The means once it is this run's turn: those that were found `early`, or those that are available
    /// now.
    ///
    /// Fails if the sign-in that this run waited for has failed, unless the user is there to decide: a
    /// code that was refused to one caller would be refused to fifty, and after nine AWS accepts no more
    /// for three minutes.
    pub(super) fn for_turn(
        early: Option<Self>,
        plan: &Plan,
        request: &Request,
        before: Before,
        context: Context,
    ) -> Result<Self, NoMeans> {
        let means = match early {
            Some(early) if early.is_still_there() => Ok(early),
            _ => Self::find(plan, request, context),
        };
        let is_read = match &means {
            // Nobody else has tried this code.
            Ok(Self::NewDevice(_)) => return means,
            Ok(Self::Elsewhere(..)) => true,
            Ok(Self::Prompt(_)) | Err(_) => false,
        };
        if before == Before::Failure && (is_read || request.asking != Asking::Yes) {
            return Err(NoMeans::Unusable(other_failed(&plan.target)));
        }
        means
    }

    /// The terminal, if the user can be asked there.
    pub(super) fn terminal(&self) -> Option<&Terminal> {
        match self {
            Self::Prompt(terminal) => Some(terminal),
            Self::Elsewhere(_, terminal) => terminal.as_ref(),
            Self::NewDevice(_) => None,
        }
    }

    /// Whether the terminal is still ours: another program may have got it while this run waited for its
    /// turn.
    fn is_still_there(&self) -> bool {
        self.terminal().is_none_or(Terminal::is_ours)
    }
}

fn other_failed(target: &ProfileName) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!(
            "the other awsmfa that signed in to {target} got no session, so no code was tried here"
        ),
    )
    .hint("see what the other one says, then run this again with a new code")
}

fn nowhere_to_ask(plan: &Plan, request: &Request, nowhere: Nowhere, context: Context) -> Failure {
    let needed = format!("{} needs a code, and {nowhere}", plan.source.holder());
    // The user may think that there is a session.
    let why = plan.why_renewed(request, context);
    let message = why.map_or(needed.clone(), |why| format!("{why}: {needed}"));
    let failure = Failure::new(Exit::CodeNeeded, message);
    match request.asking {
        // A code has no place in a `credential_process` line.
        Asking::InForeground(_) => failure.hint(patience::sign_in_first(plan)),
        Asking::Yes | Asking::No => {
            failure.hint("give one with --code-stdin, --code-command, --code or AWSMFA_CODE")
        }
    }
}
