//! Makes the document that lets users look after their own devices, keys and password. It denies
//! nothing: force-mfa does.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::Rules;
use super::super::pattern::{Pattern, Piece, text};
use super::{own_devices, own_user, sorted};

pub(super) const LIMITS: [&str; 3] = [
    "It grants, and stops nobody: force-mfa is what denies the rest without MFA.",
    "Whoever holds the key of a user that has no device can enroll a device of their own first. Once there is one, AWS itself wants MFA to add or remove another.",
    "A user whose password has to be changed at the first sign-in can't enroll before that: see --allow-password-change.",
];

pub(super) fn document(rules: Rules) -> Document {
    let account = Piece::Account;
    let grant = |sid, why, actions, resources, conditions| Statement {
        sid,
        why,
        effect: Effect::Allow,
        principal: None,
        actions: Choice::These(actions),
        resources: Some(Choice::These(resources)),
        conditions,
    };
    let fresh = || {
        let age = rules.max_age.map(|it| {
            let key = "aws:MultiFactorAuthAge";
            Condition::new(Operator::NumericLessThanEquals, key, it.pattern())
        });
        [Condition::with_mfa()].into_iter().chain(age).collect()
    };
    let password = rules.password_change.then_some("iam:ChangePassword");
    let own = [
        "iam:EnableMFADevice",
        "iam:GetMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice",
    ];
    let mut statements = vec![
        grant(
            "ReadAndEnrolOwnMfa",
            "Enrolling a device, and making it work again when its clock is off, can't wait for MFA. AWS judges the list of devices by the user that is named, so tools have to name one's own.",
            sorted(&own, password),
            own_user(&account),
            Vec::new(),
        ),
        grant(
            "CreateAndDiscardOwnVirtualDevices",
            "A device that was made and not enrolled is in the way of the next attempt, so users may delete it. One that is assigned can't be deleted, and the name says whose it is.",
            vec!["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
            own_devices(&account),
            Vec::new(),
        ),
    ];
    if rules.console_enrolment {
        statements.push(grant(
            "CreateVirtualDevicesOfAnyName",
            "The console asks for a name of one's choice. Who knows the name of another user may take it; deleting that device takes an administrator.",
            vec!["iam:CreateVirtualMFADevice"],
            vec![Pattern::iam(account.clone(), [text("mfa/*")])],
            Vec::new(),
        ));
    }
    statements.extend([
        grant(
            "RemoveOwnDevicesWithMfa",
            "With a stolen key alone nobody shall take the device away that stops them.",
            vec!["iam:DeactivateMFADevice"],
            own_user(&account),
            fresh(),
        ),
        grant(
            "ManageOwnPasswordAndKeysWithMfa",
            "Users change their own keys, which limits what a lost one is worth; a stolen key must not make another. iam:UpdateLoginProfile is not among them: it sets a password without the old one.",
            vec![
                "iam:ChangePassword",
                "iam:CreateAccessKey",
                "iam:DeleteAccessKey",
                "iam:GetAccessKeyLastUsed",
                "iam:GetLoginProfile",
                "iam:ListAccessKeys",
                "iam:UpdateAccessKey",
            ],
            own_user(&account),
            fresh(),
        ),
        grant(
            "ReadPasswordRules",
            "To choose a password one has to know the rules for it. These requests are about the account, and can't be limited to oneself.",
            sorted(
                &["iam:GetAccountPasswordPolicy"],
                rules
                    .console_enrolment
                    .then_some("iam:ListVirtualMFADevices"),
            ),
            vec![Pattern::text("*")],
            Vec::new(),
        ),
    ]);
    Document { statements }
}
