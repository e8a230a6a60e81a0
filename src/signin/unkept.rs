//! Decides what becomes of a session that can't be kept because the credentials file can't be
//! written. It writes nothing.

use super::turn::Before;
use crate::exit::{Exit, Failure, Result};
use crate::value::ProfileName;

/// What a command does with a session that can't be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unkept {
    /// It is of no use: none is made.
    Refused,
    /// It goes to whatever the command hands it to.
    HandedOut,
    /// The same, but not for a run that waited for another's: of many that run at once each would ask
    /// for a code of its own, one after the other.
    HandedOutToOne,
}

impl Unkept {
    /// What follows, before a code is asked for, from the reason `why` the session for `target` can't
    /// be kept: a failure, or a warning. `before` is what came of a sign-in that was waited for.
    pub(super) fn foreseen(
        self,
        why: Failure,
        target: &ProfileName,
        before: Before,
    ) -> Result<String> {
        match self {
            Self::Refused => Err(or_hand_out(why)),
            Self::HandedOutToOne if before == Before::Success => Err(Failure {
                exit: Exit::CodeNeeded,
                message: format!(
                    "the session of the other awsmfa that signed in to {target} is not saved: {}",
                    why.message
                ),
                ..why
            }),
            Self::HandedOut | Self::HandedOutToOne => Ok(not_kept(&why.message)),
        }
    }

    /// The same once AWS has issued the session: a code is spent.
    pub(super) fn unforeseen(self, why: Failure) -> Result<String> {
        match self {
            Self::Refused => Err(or_hand_out(not_saved(why))),
            // The hint may say where the old content of the file is.
            Self::HandedOut | Self::HandedOutToOne => Ok(match why.hint {
                Some(hint) => not_kept(&format!("{}; {hint}", why.message)),
                None => not_kept(&why.message),
            }),
        }
    }
}

/// The code is spent and nothing shows for it: that is said with the reason.
pub(super) fn not_saved(failure: Failure) -> Failure {
    Failure {
        message: format!(
            "AWS issued a session, but it was not saved: {}",
            failure.message
        ),
        ..failure
    }
}

fn not_kept(why: &str) -> String {
    format!("the session can't be saved: {why}")
}

/// Adds to the hint which commands need no file that can be written.
fn or_hand_out(failure: Failure) -> Failure {
    failure.further_hint("`awsmfa exec` and `awsmfa export` hand out a session without saving it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Failure {
        Failure::failed("the disk is full").hint("make room")
    }

    fn foreseen(unkept: Unkept, before: Before) -> Result<String> {
        unkept.foreseen(full(), &"dev-mfa".parse().expect("a name"), before)
    }

    const WARNING: &str = "the session can't be saved: the disk is full";

    #[test]
    fn a_command_that_only_keeps_sessions_refuses_before_and_after_with_the_other_ways() {
        for before in [Before::Nothing, Before::Success, Before::Failure] {
            let failure = foreseen(Unkept::Refused, before).expect_err("refused");
            assert_eq!(failure.exit, Exit::Failed);
            assert_eq!(failure.message, "the disk is full");
            let hint = failure.hint.expect("a hint");
            assert!(hint.starts_with("make room; ") && hint.contains("awsmfa export"));
        }
        let failure = Unkept::Refused.unforeseen(full()).expect_err("refused");
        assert!(failure.message.contains("issued a session"));
        assert!(failure.hint.expect("a hint").contains("awsmfa exec"));
    }

    #[test]
    fn one_that_hands_out_warns_and_says_afterwards_what_to_do_with_the_file() {
        for before in [Before::Nothing, Before::Success, Before::Failure] {
            let warning = foreseen(Unkept::HandedOut, before);
            assert_eq!(warning.as_deref(), Ok(WARNING));
        }
        for unkept in [Unkept::HandedOut, Unkept::HandedOutToOne] {
            let warning = unkept.unforeseen(full());
            assert_eq!(warning, Ok(format!("{WARNING}; make room")));
        }
    }

    #[test]
    fn one_with_many_callers_fails_for_those_that_waited_for_another_that_did_not_fail() {
        for before in [Before::Nothing, Before::Failure] {
            let warning = foreseen(Unkept::HandedOutToOne, before);
            assert_eq!(warning.as_deref(), Ok(WARNING));
        }
        let failure = foreseen(Unkept::HandedOutToOne, Before::Success).expect_err("it waited");
        assert_eq!(failure.exit, Exit::CodeNeeded);
        assert!(failure.message.contains("the disk is full"));
    }
}
