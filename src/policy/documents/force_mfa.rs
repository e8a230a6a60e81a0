//! Makes the document that denies requests without MFA, for users and for an organization. It grants
//! nothing, so it holds beside any grant.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::{MaxAge, Rules, UserPath};
use super::super::pattern::{Pattern, Piece, text};
use super::{own_devices, own_user, sorted};

/// What a user without a device needs to enroll one. sts:GetSessionToken needs no permission, whatever a
/// policy says; simulators and endpoint policies don't know that.
const ENROLMENT: [&str; 9] = [
    "iam:CreateVirtualMFADevice",
    "iam:DeleteVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

/// Those that concern one user or one device.
const ON_ONESELF: [&str; 6] = [
    "iam:DeleteVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
];

const CALLER_IDENTITY: &str = "AWS answers sts:GetCallerIdentity whatever a policy denies. Anything that logs in with such a request stays open to a stolen key: EKS clusters, and HashiCorp Vault's aws login.";
const FIRST_DEVICE: &str = "While a user has no device, whoever holds the key can enroll one first. Have new users enroll at once, and look for users without a device.";

pub(super) const LIMITS: [&str; 9] = [
    CALLER_IDENTITY,
    FIRST_DEVICE,
    "A machine can't type a code. Programs with an access key of their own would be locked out: keep them out of the group, and give them roles.",
    "It is for users. A role's session never carries MFA, so all of a role's requests would be denied: ask for MFA in the role's trust policy (`awsmfa policy show role-trust`).",
    "A service acting for a user is let through, because the user's own request was judged.",
    "Passkeys and FIDO keys give no codes: a user with nothing else is locked out of the command line.",
    "A user who must change the password at the first sign-in can't do so without MFA, unless you give --allow-password-change. AWS advises against it.",
    "The AWS console asks for a device name of your choice; names that don't begin with the user's are denied unless you give --allow-console-enrolment. awsmfa names devices after their user.",
    "`aws login` is denied without MFA. AWS does not document what its sessions carry, so it has no exemption.",
];

pub(super) const LIMITS_OF_SCP: [&str; 5] = [
    "It does not reach the management account, root users or service-linked roles.",
    CALLER_IDENTITY,
    FIRST_DEVICE,
    "A machine can't type a code. Programs with an access key of their own would be locked out: give people a path, such as /people/, and name it with --path.",
    "AWS documents conditions in service control policies for its commercial regions and GovCloud, not for China.",
];

/// When a statement applies to a request.
#[derive(Clone, Copy)]
enum When {
    /// Without MFA.
    NoMfa,
    /// With MFA older than this.
    OldMfa(MaxAge),
}

/// Who it applies to.
struct Scope {
    account: Piece,
    /// Users with ARNs like these; `None` means whoever has the policy.
    users: Option<Vec<Pattern>>,
}

/// The document for a group.
pub(super) fn document(rules: Rules) -> Document {
    let scope = Scope {
        account: Piece::Account,
        users: None,
    };
    for_scope(rules, &scope)
}

/// The document for an organization. It also meets roles, which must be left alone.
pub(super) fn service_control(rules: Rules, path: &UserPath) -> Document {
    let users = [text("user")].into_iter().chain(path.0.pieces());
    let users = Pattern::iam(text("*"), users.chain([text("*")]));
    let federated = [
        text("arn:"),
        Piece::Partition,
        text(":sts::*:federated-user/*"),
    ];
    let scope = Scope {
        account: text("*"),
        users: Some(vec![users, Pattern::of(federated)]),
    };
    for_scope(rules, &scope)
}

fn for_scope(rules: Rules, scope: &Scope) -> Document {
    let mut statements = pair(rules, scope, When::NoMfa).to_vec();
    if let Some(max_age) = rules.max_age {
        statements.extend(pair(rules, scope, When::OldMfa(max_age)));
    }
    Document { statements }
}

/// The two statements of a condition. An age needs two more: all conditions of one statement have to
/// hold, and no request has both no MFA and old MFA.
fn pair(rules: Rules, scope: &Scope, when: When) -> [Statement; 2] {
    let password = rules.password_change.then_some("iam:ChangePassword");
    let password_rules = rules
        .password_change
        .then_some("iam:GetAccountPasswordPolicy");
    let console = rules
        .console_enrolment
        .then_some("iam:ListVirtualMFADevices");
    let any_name = rules.console_enrolment;
    let create = (!any_name).then_some("iam:CreateVirtualMFADevice");
    let more = password.into_iter().chain(password_rules).chain(console);
    let [all, others] = when.sids();
    let [why_all, why_others] = when.reasons();
    [
        Statement {
            sid: all,
            why: why_all,
            effect: Effect::Deny,
            principal: None,
            actions: Choice::AllBut(sorted(&ENROLMENT, more)),
            resources: Some(Choice::These(vec![Pattern::text("*")])),
            conditions: when.conditions(scope),
        },
        Statement {
            sid: others,
            why: why_others,
            effect: Effect::Deny,
            principal: None,
            actions: Choice::These(sorted(&ON_ONESELF, password.into_iter().chain(create))),
            resources: Some(Choice::AllBut(
                [own_user(&scope.account), own_devices(&scope.account)].concat(),
            )),
            conditions: when.conditions(scope),
        },
    ]
}

impl When {
    fn sids(self) -> [&'static str; 2] {
        match self {
            Self::NoMfa => [
                "DenyAllButEnrolmentWithoutMfa",
                "DenyEnrolmentOfOthersWithoutMfa",
            ],
            Self::OldMfa(_) => [
                "DenyAllButEnrolmentWithOldMfa",
                "DenyEnrolmentOfOthersWithOldMfa",
            ],
        }
    }

    fn reasons(self) -> [&'static str; 2] {
        match self {
            Self::NoMfa => [
                "A stolen access key can do nothing but enroll a device. Requests signed with a long-term key say nothing about MFA, those of a session without MFA say false; IfExists catches both. A service acting for a user is let through, because the user's own request was judged.",
                "The actions above stay open only for the user, and for devices named after that user: otherwise a stolen key could enroll or look up other users' devices. Users and devices may have a path, so each has two forms.",
            ],
            Self::OldMfa(_) => [
                "A session can be stolen too. Once its MFA is older than this, it can do no more than a key without MFA.",
                "The same limit, for the actions left open to old sessions.",
            ],
        }
    }

    fn conditions(self, scope: &Scope) -> Vec<Condition> {
        let first = match self {
            Self::NoMfa => Condition::new(
                Operator::BoolIfExists,
                "aws:MultiFactorAuthPresent",
                Pattern::text("false"),
            ),
            Self::OldMfa(max_age) => Condition::new(
                Operator::NumericGreaterThan,
                "aws:MultiFactorAuthAge",
                max_age.pattern(),
            ),
        };
        let by_a_service = Condition::new(
            Operator::BoolIfExists,
            "aws:ViaAWSService",
            Pattern::text("false"),
        );
        let users = scope
            .users
            .as_ref()
            .map(|users| Condition::one_of(Operator::ArnLike, "aws:PrincipalArn", users.clone()));
        [first, by_a_service].into_iter().chain(users).collect()
    }
}
