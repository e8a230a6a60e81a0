//! Makes the document that lets users look after their own devices, keys and password. It denies
//! nothing: force-mfa does.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::Rules;
use super::super::pattern::{Pattern, Piece, text};
use super::{own_devices, own_user, sorted};

pub(super) const LIMITS: [&str; 3] = [
    "It only allows: force-mfa is what denies the rest without MFA.",
    "While a user has no device, whoever holds the key can enroll one first. After that, AWS itself wants MFA to add or remove a device.",
    "A user who must change the password at the first sign-in can't do so without MFA, unless you give --allow-password-change.",
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
            "Users enroll a device, or resynchronize one whose clock is off, before they can use MFA. AWS judges a list of devices by the user it names, so tools have to name the user.",
            sorted(&own, password),
            own_user(&account),
            Vec::new(),
        ),
        grant(
            "CreateAndDiscardOwnVirtualDevices",
            "A device that was created but not enrolled blocks the next attempt, so users may delete it. AWS refuses to delete a device that is in use.",
            vec!["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
            own_devices(&account),
            Vec::new(),
        ),
    ];
    if rules.console_enrolment {
        statements.push(grant(
            "CreateVirtualDevicesOfAnyName",
            "The AWS console asks for a name of the user's choice. Somebody may take a name that another user wants: an administrator has to delete that device.",
            vec!["iam:CreateVirtualMFADevice"],
            vec![Pattern::iam(account.clone(), [text("mfa/*")])],
            Vec::new(),
        ));
    }
    statements.extend([
        grant(
            "RemoveOwnDevicesWithMfa",
            "A thief with a key alone must not be able to remove the device that stops them.",
            vec!["iam:DeactivateMFADevice"],
            own_user(&account),
            fresh(),
        ),
        grant(
            "ManageOwnPasswordAndKeysWithMfa",
            "Users rotate their own keys, but a stolen key must not create another. iam:UpdateLoginProfile is left out: it sets a password without asking for the old one.",
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
            "To choose a password, users have to know the rules for it. These requests are about the whole account and can't be limited to one user.",
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
