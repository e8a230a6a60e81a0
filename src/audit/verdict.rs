//! Decides what a request comes to, from what the simulator says of it in each situation. It asks nobody.

use super::requests::{Should, Situation};
use crate::aws::{Decision, Simulated};

/// What somebody else put over a user's own policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hider {
    /// A permissions boundary.
    Boundary,
    /// A service control policy of the organization.
    Organization,
    /// One of the two; AWS did not say which.
    Unknown,
}

/// What the simulator says of a request in a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Allowed,
    /// A policy of the user's denies it.
    Denied,
    /// No policy of the user's allows it.
    NotGranted,
    /// It is stopped by something else, which hides what the user's policies say.
    Hidden(Hider),
}

impl Outcome {
    /// What `simulated` says, of a request that a document of the call allows if `is_allowed`.
    pub(super) fn of(simulated: &Simulated, is_allowed: bool) -> Self {
        match simulated.decision {
            Decision::Allowed => Self::Allowed,
            _ if simulated.by_organization == Some(false) => Self::Hidden(Hider::Organization),
            Decision::ExplicitDeny => Self::Denied,
            Decision::ImplicitDeny if simulated.by_boundary == Some(false) => {
                Self::Hidden(Hider::Boundary)
            }
            Decision::ImplicitDeny if is_allowed => Self::Hidden(Hider::Unknown),
            Decision::ImplicitDeny => Self::NotGranted,
        }
    }
}

/// What is found of a request in a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What AWS would do.
    pub(crate) outcome: Outcome,
    /// What it would do without the organization's policies, where these hide it and it could be asked.
    pub(super) behind: Option<Outcome>,
}

impl Found {
    fn is_allowed(self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// What stops it, where it is not allowed.
    fn stopped(self) -> Stopped {
        match (self.outcome, self.behind) {
            (Outcome::Allowed, _) => Stopped::No,
            (Outcome::Denied | Outcome::NotGranted, _) => Stopped::ByOwn,
            (Outcome::Hidden(_), Some(Outcome::Denied | Outcome::NotGranted)) => Stopped::ByOwn,
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

/// A request in each situation, in the order of [`Situation::ALL`].
pub(crate) type Row4 = [Found; 4];

/// What a request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It needs MFA.
    Closed,
    /// It needs MFA, but that is not the doing of the user's policies.
    ClosedBy(Hider),
    /// It passes without MFA.
    OpenWithoutMfa,
    /// It passes without MFA, and gives nothing away but what users need who enrol in the console.
    OpenForEnrolment,
    /// It passes with MFA that is older than is allowed.
    OpenWithOldMfa,
    /// It passes with MFA, but not with old MFA.
    OpenWithFreshMfa,
    /// It does not pass with MFA either.
    NotGranted,
    /// Something else stops it with and without MFA, and hides what the user's policies say.
    CannotTell(Hider),
}

impl Verdict {
    /// The verdict of a request that comes to `row`. Old MFA that is allowed is a hole only where it
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
        match hider {
            _ if old.is_allowed() && has_max_age => Self::OpenWithOldMfa,
            Some(hider) if !fresh.is_allowed() => Self::CannotTell(hider),
            None if !fresh.is_allowed() => Self::NotGranted,
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

    /// What it says of whether MFA is enforced. What is open for enrolment alone is chosen so.
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
        }
    }

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boundary => "permissions_boundary",
            Self::Organization => "scp",
            Self::Unknown => "unknown",
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

/// The place of a situation in a row.
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
    fn what_an_organization_hides_is_what_the_policies_say_behind_it() {
        for (behind, verdict) in [
            (Some(Denied), Verdict::NotGranted),
            (Some(Allowed), Verdict::CannotTell(Hider::Organization)),
            (Some(BOUNDARY), Verdict::CannotTell(Hider::Boundary)),
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
    fn what_is_for_enrolment_is_told_apart() {
        let row = [Allowed; 4].map(found);
        let verdict = Verdict::of(&row, Should::BeClosedOrEnrol, true);
        assert_eq!(verdict, Verdict::OpenForEnrolment);
        assert_eq!(verdict.conclusion(), Conclusion::Enforced);
    }
}
