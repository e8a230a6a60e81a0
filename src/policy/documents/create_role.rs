//! Makes the document that lets users create roles within a boundary. It never lets them remove the
//! boundary.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::{Boundary, RolePath};
use super::super::pattern::{Pattern, Piece, text};

pub(super) const LIMITS: [&str; 3] = [
    "No policy can limit whom a new role trusts: a user may create one that strangers can assume. The boundary limits what they gain.",
    "The path must hold only roles with the boundary: every role in it can be passed to the services above.",
    "Reading roles and policies needs no MFA here: attach force-mfa to the same users.",
];

pub(super) fn document(path: &RolePath, boundary: &Boundary) -> Document {
    let in_path = |kind: &str| {
        let pieces = [text(kind)].into_iter().chain(path.0.pieces());
        Pattern::iam(Piece::Account, pieces.chain([text("*")]))
    };
    let limit = Pattern::iam(
        Piece::Account,
        [text("policy")].into_iter().chain(boundary.pieces()),
    );
    let statement = |sid, why, effect, actions, resource, conditions| Statement {
        sid,
        why,
        effect,
        principal: None,
        actions: Choice::These(actions),
        resources: Some(Choice::These(vec![resource])),
        conditions,
    };
    let services = [
        "ec2.amazonaws.com",
        // China's; we could not verify which of the two EC2 uses there.
        "ec2.amazonaws.com.cn",
        "ecs-tasks.amazonaws.com",
        "lambda.amazonaws.com",
    ];
    let services = services.map(Pattern::text).to_vec();
    Document {
        statements: vec![
            statement(
                "ReadRolesAndPolicies",
                "To create a role, users have to see the roles and policies that exist.",
                Effect::Allow,
                vec![
                    "ec2:DescribeIamInstanceProfileAssociations",
                    "iam:GetPolicy",
                    "iam:GetPolicyVersion",
                    "iam:GetRole",
                    "iam:GetRolePolicy",
                    "iam:ListAttachedRolePolicies",
                    "iam:ListEntitiesForPolicy",
                    "iam:ListInstanceProfiles",
                    "iam:ListPolicyVersions",
                    "iam:ListRolePolicies",
                ],
                Pattern::text("*"),
                Vec::new(),
            ),
            statement(
                "ChangeOnlyRolesUnderTheBoundary",
                "A role has to be created with the boundary, and only roles that have it can be changed: whatever is attached, they can do no more than the boundary allows. Permissions of users and groups can't be changed.",
                Effect::Allow,
                vec![
                    "iam:AttachRolePolicy",
                    "iam:CreateRole",
                    "iam:DeleteRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePolicy",
                ],
                in_path("role"),
                vec![
                    Condition::new(
                        Operator::StringEquals,
                        "iam:PermissionsBoundary",
                        limit.clone(),
                    ),
                    Condition::with_mfa(),
                ],
            ),
            statement(
                "CreatePoliciesInPath",
                "A new policy does nothing until it is attached, and these users can attach it only to roles in the path.",
                Effect::Allow,
                vec!["iam:CreatePolicy"],
                in_path("policy"),
                vec![Condition::with_mfa()],
            ),
            statement(
                "PassOnlyRolesInPathToServices",
                "A service that gets a role has its permissions. So only roles in the path can be passed, and only to services that run these users' programs.",
                Effect::Allow,
                vec!["iam:PassRole"],
                in_path("role"),
                vec![
                    Condition::one_of(Operator::StringEquals, "iam:PassedToService", services),
                    Condition::with_mfa(),
                ],
            ),
            statement(
                "DenyTakingTheBoundaryOff",
                "A role in the path keeps its boundary, whatever else users are allowed.",
                Effect::Deny,
                vec![
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:PutRolePermissionsBoundary",
                ],
                in_path("role"),
                Vec::new(),
            ),
            statement(
                "DenyChangingTheBoundary",
                "Users can't widen the boundary itself either.",
                Effect::Deny,
                vec![
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicy",
                    "iam:DeletePolicyVersion",
                    "iam:SetDefaultPolicyVersion",
                ],
                limit,
                Vec::new(),
            ),
        ],
    }
}
