//! Makes the document that lets users make roles which stay within a boundary. It never lets them take
//! the boundary off.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::{Boundary, RolePath};
use super::super::pattern::{Pattern, Piece, text};

pub(super) const LIMITS: [&str; 3] = [
    "No policy can say whom a new role trusts: a user may make one that strangers can assume. The boundary limits what that is worth.",
    "The path must hold only roles that have the boundary: every role in it can be passed to the services that are named.",
    "It is for a group that force-mfa is attached to as well: reading roles and policies needs no MFA by this document.",
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
        // China's; which of the two EC2 uses there we could not verify.
        "ec2.amazonaws.com.cn",
        "ecs-tasks.amazonaws.com",
        "lambda.amazonaws.com",
    ];
    let services = services.map(Pattern::text).to_vec();
    Document {
        statements: vec![
            statement(
                "ReadRolesAndPolicies",
                "To make a role one has to see the roles and policies there are.",
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
                "A role is made with the boundary, and only roles that have it are given permissions or lose them: so whatever is attached, none can do more than the boundary allows. Users and groups can't be given anything.",
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
                "A new policy grants nothing until it is attached, which only roles in the path can have done to them here.",
                Effect::Allow,
                vec!["iam:CreatePolicy"],
                in_path("policy"),
                vec![Condition::with_mfa()],
            ),
            statement(
                "PassOnlyRolesInPathToServices",
                "A service that is given a role has its permissions. So it is a role of the path, and a service that these users run programs on.",
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
                "Whatever else the user has been granted: a role of the path keeps its boundary.",
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
                "Nor may the boundary itself be widened.",
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
