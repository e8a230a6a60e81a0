//! Makes the boundary of the roles that users create. It grants nothing by itself: a role needs policies
//! too, and gets what both allow.

use super::super::document::{Choice, Document, Effect, Statement};
use super::super::pattern::Pattern;

pub(super) const LIMITS: [&str; 2] = [
    "It is narrow on purpose. Add what your programs need to its first statement.",
    "Where a resource's own policy names a session of the role, the boundary's first statement has no say; what it denies explicitly stays denied.",
];

pub(super) fn document() -> Document {
    let statement = |sid, why, effect, actions| Statement {
        sid,
        why,
        effect,
        principal: None,
        actions: Choice::These(actions),
        resources: Some(Choice::These(vec![Pattern::text("*")])),
        conditions: Vec::new(),
    };
    Document {
        statements: vec![
            statement(
                "MostThatACreatedRoleMayDo",
                "Programs on instances, in containers and in functions write logs, metrics and traces, and are managed through Systems Manager.",
                Effect::Allow,
                vec![
                    "cloudwatch:PutMetricData",
                    "ec2messages:*",
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                    "ssm:UpdateInstanceInformation",
                    "ssmmessages:*",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments",
                ],
            ),
            statement(
                "NeverIdentityOrOrganization",
                "Even if the list above is widened, or a resource's own policy lets the role in, it can neither take on another identity nor change one.",
                Effect::Deny,
                vec![
                    "account:*",
                    "iam:*",
                    "identitystore:*",
                    "organizations:*",
                    "sso:*",
                    "sso-directory:*",
                    "sts:AssumeRole",
                    "sts:AssumeRoot",
                    "sts:GetDelegatedAccessToken",
                    "sts:GetFederationToken",
                ],
            ),
        ],
    }
}
