//! Weighs the policies that apply to a request: the user's, the boundary, the organization's and a
//! role's trust policy. It never knows where they come from.

use super::context::Context;
use super::document::{Document, Effect, Named, Statement};

/// A request to decide on.
pub(crate) struct Request {
    /// The ARN of the principal.
    pub(crate) principal: String,
    pub(crate) action: String,
    /// An ARN, or `*`.
    pub(crate) resource: String,
    pub(crate) context: Context,
}

/// The decision of some policies; later ones are stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Decision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

/// The policies that apply to a request.
pub(crate) struct Policies<'a> {
    /// The policies of the user and of their groups.
    pub(crate) identity: Vec<&'a Document>,
    pub(crate) boundary: Option<&'a Document>,
    /// The service control policies of each level, from the root of the organization down to the
    /// account; none outside of an organization.
    pub(crate) organization: Option<Vec<Vec<&'a Document>>>,
    /// The trust policy of the requested role.
    pub(crate) trust: Option<&'a Document>,
}

/// The decision of each kind of policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judgement {
    pub(crate) identity: Decision,
    pub(crate) boundary: Option<Decision>,
    pub(crate) organization: Option<Decision>,
    trust: Option<Trust>,
}

#[derive(Clone, Copy, Debug)]
struct Trust {
    denied: bool,
    allowed: Option<Named>,
}

/// Why a request is denied, in AWS's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Denial {
    pub(crate) explicit: bool,
    pub(crate) policy: &'static str,
}

impl Policies<'_> {
    /// Weighs the policies. A deny wins, and anything not allowed is denied.
    pub(crate) fn judge(&self, request: &Request) -> Judgement {
        let of = |documents: &[&Document]| {
            let statements = documents.iter().flat_map(|it| &it.statements);
            decide(statements.filter(|it| it.concerns(request)))
        };
        Judgement {
            identity: of(&self.identity),
            boundary: self.boundary.map(|it| of(&[it])),
            organization: self
                .organization
                .as_ref()
                .map(|levels| strictest(levels.iter().map(|it| of(it)))),
            trust: self.trust.map(|it| Trust::of(it, request)),
        }
    }
}

/// The decision that counts if all have to allow.
pub(crate) fn strictest(decisions: impl Iterator<Item = Decision>) -> Decision {
    decisions.max().unwrap_or(Decision::Allowed)
}

fn decide<'a>(statements: impl Iterator<Item = &'a Statement>) -> Decision {
    let mut decision = Decision::ImplicitDeny;
    for statement in statements {
        match statement.effect {
            Effect::Deny => return Decision::ExplicitDeny,
            Effect::Allow => decision = Decision::Allowed,
        }
    }
    decision
}

impl Trust {
    fn of(document: &Document, request: &Request) -> Self {
        let mut trust = Self {
            denied: false,
            allowed: None,
        };
        let statements = document.statements.iter();
        for statement in statements.filter(|it| it.concerns(request)) {
            let named = statement.names(&request.principal);
            match (statement.effect, named) {
                (_, None) => {}
                (Effect::Deny, Some(_)) => trust.denied = true,
                (Effect::Allow, Some(Named::Directly)) => trust.allowed = named,
                (Effect::Allow, Some(Named::Account)) => trust.allowed = trust.allowed.or(named),
            }
        }
        trust
    }
}

impl Judgement {
    /// The overall decision.
    pub(crate) fn decision(&self) -> Decision {
        match self.denial() {
            None => Decision::Allowed,
            Some(Denial { explicit: true, .. }) => Decision::ExplicitDeny,
            Some(_) => Decision::ImplicitDeny,
        }
    }

    /// Whether the trust policy, if there is one, lets the principal in.
    pub(crate) fn is_trusted(&self) -> bool {
        self.trust
            .is_none_or(|it| !it.denied && it.allowed.is_some())
    }

    /// Why it is denied; none if it is allowed.
    pub(crate) fn denial(&self) -> Option<Denial> {
        let directly = self
            .trust
            .is_some_and(|it| it.allowed == Some(Named::Directly));
        let trust = self.trust.map(|it| match (it.denied, it.allowed) {
            (true, _) => Decision::ExplicitDeny,
            (false, Some(_)) => Decision::Allowed,
            (false, None) => Decision::ImplicitDeny,
        });
        // A principal that the resource names itself needs no permission from their own policies or
        // boundary.
        let own = |decision| match decision {
            Decision::ImplicitDeny if directly => Decision::Allowed,
            decision => decision,
        };
        let kinds = [
            ("service control policy", self.organization),
            ("resource-based policy", trust),
            ("identity-based policy", Some(own(self.identity))),
            ("permissions boundary", self.boundary.map(own)),
        ];
        let find = |wanted| {
            let kind = kinds.iter().find(|(_, decision)| *decision == Some(wanted));
            kind.map(|(policy, _)| *policy)
        };
        let denial = |explicit| move |policy| Denial { explicit, policy };
        find(Decision::ExplicitDeny)
            .map(denial(true))
            .or_else(|| find(Decision::ImplicitDeny).map(denial(false)))
    }
}
