//! Decides how a code can be had: given, read from somewhere, or asked for at the terminal. It
//! reads none.

use super::plan::Plan;
use super::request::{Asking, Request};
use super::turn::Before;
use crate::code::CodeSource;
use crate::exit::{Exit, Failure, Result};
use crate::profile::setting;
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::tty::Terminal;

/// How the code is had.
pub(super) enum Means {
    /// A person is asked for it.
    Prompt(Terminal),
    /// It comes from elsewhere; at the terminal, if there is one, a person can still be asked which
    /// of several devices it is for.
    Elsewhere(CodeSource, Option<Terminal>),
}

/// Why no code can be had.
pub(super) enum NoMeans {
    /// What is given is not a code.
    Unusable(Failure),
    /// It would have to be asked for, and there is no terminal for that.
    NowhereToAsk(Failure),
}

impl From<NoMeans> for Failure {
    fn from(none: NoMeans) -> Self {
        match none {
            NoMeans::Unusable(failure) | NoMeans::NowhereToAsk(failure) => failure,
        }
    }
}

impl Means {
    /// Finds the means, as things stand now.
    pub(super) fn find(plan: &Plan, request: &Request, context: Context) -> Result<Self, NoMeans> {
        let mfa_process = plan
            .profiles()
            .get(&plan.source.profile, setting::MFA_PROCESS);
        let source = CodeSource::choose(request.code.as_ref(), context.env, mfa_process)
            .map_err(NoMeans::Unusable)?;
        let terminal = match request.asking {
            Asking::No => None,
            Asking::Yes => Terminal::open(),
            Asking::InForeground(_) => Terminal::open().filter(Terminal::is_ours),
        };
        match (source, terminal) {
            (Some(source), terminal) => Ok(Self::Elsewhere(source, terminal)),
            (None, Some(terminal)) => Ok(Self::Prompt(terminal)),
            (None, None) => Err(NoMeans::NowhereToAsk(nowhere_to_ask(
                &plan.source.profile,
                request.asking,
            ))),
        }
    }

    /// The means once it is this run's turn: those that were found `early`, or those there are now.
    ///
    /// Fails after another's sign-in that failed, unless a person is there to decide: a code that
    /// was refused to one caller would be refused to fifty, and after nine AWS takes no more for
    /// three minutes.
    pub(super) fn for_turn(
        early: Option<Self>,
        plan: &Plan,
        request: &Request,
        before: Before,
        context: Context,
    ) -> Result<Self> {
        let means = match early {
            Some(early) if early.is_still_there(request) => Ok(early),
            _ => Self::find(plan, request, context),
        };
        let is_read = matches!(means, Ok(Self::Elsewhere(..)));
        if before == Before::Failure && (is_read || request.asking != Asking::Yes) {
            return Err(other_failed(&plan.target));
        }
        Ok(means?)
    }

    /// The terminal, where a person can be asked.
    pub(super) fn terminal(&self) -> Option<&Terminal> {
        match self {
            Self::Prompt(terminal) => Some(terminal),
            Self::Elsewhere(_, terminal) => terminal.as_ref(),
        }
    }

    /// While this run waited for its turn, its terminal may have passed to another program.
    fn is_still_there(&self, request: &Request) -> bool {
        match request.asking {
            Asking::InForeground(_) => self.terminal().is_none_or(Terminal::is_ours),
            Asking::Yes | Asking::No => true,
        }
    }
}

fn other_failed(target: &ProfileName) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!("the other awsmfa that signed in to {target} got no session, and the same code is not tried twice"),
    )
    .hint("see what the other one says, then run this again with a new code")
}

fn nowhere_to_ask(profile: &ProfileName, asking: Asking) -> Failure {
    let why = match asking {
        Asking::No => "--no-input forbids to ask",
        Asking::Yes => "there is no terminal to ask at",
        Asking::InForeground(_) => "there is no terminal to ask at, or it is another program's now",
    };
    Failure::new(
        Exit::CodeNeeded,
        format!("profile {profile} needs a code, and {why}"),
    )
    .hint("give one with --code-stdin, --code-command, --code or AWSMFA_CODE")
}
