//! Decides the verdict on a request from what the simulator says in each situation. It asks nobody.

use super::requests::{Should, Situation};
use crate::aws::{Decision, Simulated};

/// What hides the effect of a user's own policies on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hider {
    /// A permissions boundary.
    Boundary,
    /// A service control policy of the organization.
    Organization,
    /// One of the two; AWS did not say which.
    Unknown,
    /// A condition on something that the request does not say: with another value it may pass.
    Condition,
}

/// What the simulator says about a request in one situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Allowed,
    /// One of the user's policies denies it.
    Denied,
    /// None of the user's policies allows it.
    NotGranted,
    /// Something else stops it, and hides what the user's policies say.
    Hidden(Hider),
}

impl Outcome {
    /// The outcome of `simulated`, for a request that a document in the call allows if `is_allowed`, and
    /// that could satisfy conditions with further keys if it `may_say_more`.
    pub(super) fn of(simulated: &Simulated, is_allowed: bool, may_say_more: bool) -> Self {
        match simulated.decision {
            Decision::Allowed => Self::Allowed,
            _ if simulated.by_organization == Some(false) => Self::Hidden(Hider::Organization),
            _ if may_say_more => Self::Hidden(Hider::Condition),
            Decision::ExplicitDeny => Self::Denied,
            Decision::ImplicitDeny if simulated.by_boundary == Some(false) => {
                Self::Hidden(Hider::Boundary)
            }
            Decision::ImplicitDeny if is_allowed => Self::Hidden(Hider::Unknown),
            Decision::ImplicitDeny => Self::NotGranted,
        }
    }
}

/// The findings about a request in one situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What AWS would do.
    pub(crate) outcome: Outcome,
    /// What AWS would do without the organization's policies, if these hide it and the question was
    /// possible.
    pub(super) behind: Option<Outcome>,
}

impl Found {
    /// Whether a condition decides on something that the request does not say.
    pub(super) fn is_unclear(self) -> bool {
        self.outcome == Outcome::Hidden(Hider::Condition)
    }

    fn is_allowed(self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// What stops it, if it is not allowed.
    fn stopped(self) -> Stopped {
        match (self.outcome, self.behind) {
            (Outcome::Allowed, _) => Stopped::No,
            (Outcome::Denied | Outcome::NotGranted, _) => Stopped::ByOwn,
            (Outcome::Hidden(_), Some(Outcome::Denied | Outcome::NotGranted)) => Stopped::ByOwn,
            // If only a condition would let it pass without them, they certainly stop it.
            (Outcome::Hidden(hider), Some(Outcome::Hidden(Hider::Condition))) => Stopped::By(hider),
            (Outcome::Hidden(_), Some(Outcome::Hidden(hider))) => Stopped::By(hider),
            (Outcome::Hidden(hider), _) => Stopped::By(hider),
        }
    }
}

/// What stops a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stopped {
    No,
    ByOwn,
    By(Hider),
}

/// A request in every situation, in the order of [`Situation::ALL`].
pub(crate) type Row4 = [Found; 4];

/// The verdict on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It needs MFA.
    Closed,
    /// It needs MFA, but not because of the user's own policies.
    ClosedBy(Hider),
    /// It passes without MFA.
    OpenWithoutMfa,
    /// It passes without MFA, but reveals only what users need who enroll in the console.
    OpenForEnrolment,
    /// It passes with MFA older than allowed.
    OpenWithOldMfa,
    /// It passes with MFA, but not with old MFA.
    OpenWithFreshMfa,
    /// It does not pass with MFA either.
    NotGranted,
    /// Something else stops it with and without MFA, and hides what the user's policies say.
    CannotTell(Hider),
}

impl Verdict {
    /// The verdict on a request with the findings `row`. Old MFA that passes is a hole only if it
    /// `has_max_age`.
    pub(super) fn of(row: &Row4, should: Should, has_max_age: bool) -> Self {
        let [with_key, without, fresh, old] = *row;
        let stops = [with_key.stopped(), without.stopped()];
        if stops.contains(&Stopped::No) {
            return match should {
                Should::BeClosedOrEnrol => Self::OpenForEnrolment,
                Should::BeClosed | Should::StayOpen => Self::OpenWithoutMfa,
            };
        }
        let hider = stops.into_iter().find_map(|it| match it {
            Stopped::By(hider) => Some(hider),
            Stopped::No | Stopped::ByOwn => None,
        });
        let on_condition = Stopped::By(Hider::Condition);
        let may_pass = stops.contains(&on_condition);
        let may_pass_with_old = has_max_age && old.stopped() == on_condition;
        let passes_with_mfa = fresh.is_allowed() || old.is_allowed();
        match hider {
            _ if old.is_allowed() && has_max_age => Self::OpenWithOldMfa,
            _ if may_pass || may_pass_with_old => Self::CannotTell(Hider::Condition),
            Some(hider) if !passes_with_mfa => Self::CannotTell(hider),
            None if !passes_with_mfa => Self::NotGranted,
            Some(hider) => Self::ClosedBy(hider),
            None if old.is_allowed() => Self::Closed,
            None => Self::OpenWithFreshMfa,
        }
    }

    /// For people.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Closed => "closed".to_owned(),
            Self::ClosedBy(hider) => format!("closed ({})", hider.words()),
            Self::OpenWithoutMfa => "OPEN without MFA".to_owned(),
            Self::OpenForEnrolment => "open: enrollment only".to_owned(),
            Self::OpenWithOldMfa => "OPEN with old MFA".to_owned(),
            Self::OpenWithFreshMfa => "open only with fresh MFA".to_owned(),
            Self::NotGranted => "not granted either way".to_owned(),
            Self::CannotTell(hider) => format!("can't tell ({})", hider.words()),
        }
    }

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Closed | Self::ClosedBy(_) => "closed",
            Self::OpenWithoutMfa => "open_without_mfa",
            Self::OpenForEnrolment => "open_for_enrolment",
            Self::OpenWithOldMfa => "open_with_old_mfa",
            Self::OpenWithFreshMfa => "open_only_with_fresh_mfa",
            Self::NotGranted => "not_granted",
            Self::CannotTell(_) => "cannot_tell",
        }
    }

    /// What else decides it.
    pub(crate) fn hider(self) -> Option<Hider> {
        match self {
            Self::ClosedBy(hider) | Self::CannotTell(hider) => Some(hider),
            Self::Closed
            | Self::OpenWithoutMfa
            | Self::OpenForEnrolment
            | Self::OpenWithOldMfa
            | Self::OpenWithFreshMfa
            | Self::NotGranted => None,
        }
    }

    /// Whether it passes although it should be closed.
    pub(crate) fn is_open(self) -> bool {
        matches!(
            self,
            Self::OpenWithoutMfa | Self::OpenForEnrolment | Self::OpenWithOldMfa
        )
    }

    /// What it means for whether MFA is enforced. What is open for enrollment only was chosen to be.
    pub(super) fn conclusion(self) -> Conclusion {
        match self {
            Self::Closed
            | Self::ClosedBy(_)
            | Self::OpenWithFreshMfa
            | Self::NotGranted
            | Self::OpenForEnrolment => Conclusion::Enforced,
            Self::OpenWithoutMfa | Self::OpenWithOldMfa => Conclusion::Open,
            Self::CannotTell(_) => Conclusion::CannotTell,
        }
    }
}

/// Whether a user's policies enforce MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Conclusion {
    /// They do, whatever else is attached.
    Enforced,
    /// Something hides whether they do.
    CannotTell,
    /// They don't.
    Open,
}

impl Hider {
    /// For people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Boundary => "permissions boundary",
            Self::Organization => "SCP",
            Self::Unknown => "permissions boundary or SCP",
            Self::Condition => "other conditions",
        }
    }

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boundary => "permissions_boundary",
            Self::Organization => "scp",
            Self::Unknown => "unknown",
            Self::Condition => "condition",
        }
    }
}

impl Outcome {
    /// For people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::NotGranted => "not granted",
            Self::Hidden(Hider::Boundary) => "boundary",
            Self::Hidden(Hider::Organization) => "SCP",
            Self::Hidden(Hider::Unknown) => "hidden",
            Self::Hidden(Hider::Condition) => "may be denied",
        }
    }

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::NotGranted => "not_granted",
            Self::Hidden(hider) => hider.name(),
        }
    }
}

/// The index of a situation in a row.
pub(super) fn place(situation: Situation) -> usize {
    let mut all = Situation::ALL.iter();
    all.position(|it| *it == situation).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Allowed, Denied, Hidden, NotGranted};

    const SCP: Outcome = Hidden(Hider::Organization);
    const BOUNDARY: Outcome = Hidden(Hider::Boundary);
    const MAYBE: Outcome = Hidden(Hider::Condition);

    fn found(outcome: Outcome) -> Found {
        Found {
            outcome,
            behind: None,
        }
    }

    #[test]
    fn each_row_has_its_verdict() {
        let organization = Hider::Organization;
        for (row, has_max_age, verdict) in [
            ([Denied, Denied, Allowed, Allowed], false, Verdict::Closed),
            (
                [Denied, Denied, Allowed, Allowed],
                true,
                Verdict::OpenWithOldMfa,
            ),
            (
                [Denied, Denied, Allowed, Denied],
                true,
                Verdict::OpenWithFreshMfa,
            ),
            (
                [Denied, Denied, Denied, Allowed],
                true,
                Verdict::OpenWithOldMfa,
            ),
            ([Denied, Denied, Denied, Allowed], false, Verdict::Closed),
            (
                [MAYBE, MAYBE, Allowed, Allowed],
                false,
                Verdict::CannotTell(Hider::Condition),
            ),
            (
                [Denied, MAYBE, Denied, Denied],
                false,
                Verdict::CannotTell(Hider::Condition),
            ),
            (
                [SCP, MAYBE, Allowed, Allowed],
                false,
                Verdict::CannotTell(Hider::Condition),
            ),
            (
                [Denied, Denied, Allowed, MAYBE],
                true,
                Verdict::CannotTell(Hider::Condition),
            ),
            (
                [Denied, Denied, Allowed, MAYBE],
                false,
                Verdict::OpenWithFreshMfa,
            ),
            (
                [MAYBE, MAYBE, Allowed, Allowed],
                true,
                Verdict::OpenWithOldMfa,
            ),
            ([Denied; 4], false, Verdict::NotGranted),
            ([NotGranted; 4], false, Verdict::NotGranted),
            (
                [Allowed, Denied, Allowed, Allowed],
                false,
                Verdict::OpenWithoutMfa,
            ),
            (
                [Denied, Allowed, Allowed, Allowed],
                false,
                Verdict::OpenWithoutMfa,
            ),
            ([SCP; 4], false, Verdict::CannotTell(organization)),
            ([BOUNDARY; 4], false, Verdict::CannotTell(Hider::Boundary)),
            (
                [SCP, SCP, Allowed, Allowed],
                false,
                Verdict::ClosedBy(organization),
            ),
            (
                [Denied, SCP, Allowed, Allowed],
                true,
                Verdict::OpenWithOldMfa,
            ),
            (
                [Denied, BOUNDARY, Denied, Denied],
                false,
                Verdict::CannotTell(Hider::Boundary),
            ),
        ] {
            let row = row.map(found);
            let said = Verdict::of(&row, Should::BeClosed, has_max_age);
            assert_eq!(said, verdict, "{row:?}");
        }
    }

    #[test]
    fn behind_an_organizations_denial_the_policies_decide() {
        for (behind, verdict) in [
            (Some(Denied), Verdict::NotGranted),
            (Some(Allowed), Verdict::CannotTell(Hider::Organization)),
            (Some(BOUNDARY), Verdict::CannotTell(Hider::Boundary)),
            (Some(MAYBE), Verdict::CannotTell(Hider::Organization)),
            (None, Verdict::CannotTell(Hider::Organization)),
        ] {
            let row = [Found {
                outcome: SCP,
                behind,
            }; 4];
            assert_eq!(Verdict::of(&row, Should::BeClosed, false), verdict);
        }
    }

    #[test]
    fn requests_for_enrolment_are_distinguished() {
        let row = [Allowed; 4].map(found);
        let verdict = Verdict::of(&row, Should::BeClosedOrEnrol, true);
        assert_eq!(verdict, Verdict::OpenForEnrolment);
        assert_eq!(verdict.conclusion(), Conclusion::Enforced);
    }
}
