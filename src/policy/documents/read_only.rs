//! Makes the document that lets users see what exists in an account. It grants no content: no objects,
//! messages, mail or secrets.

use super::super::document::{Choice, Document, Effect, Statement};
use super::super::pattern::Pattern;

pub(super) const LIMITS: [&str; 2] = [
    "It denies nothing, and needs no MFA: attach force-mfa to the same users.",
    "Some descriptions hold secrets that somebody put there: user data, parameters and outputs of stacks, pre-shared keys of VPN connections, BGP keys.",
];

/// Without `ses:Get*`, which reads archived mail, and `cloudwatch:Get*`, `s3:Get*` and `sqs:*`.
const METADATA: [&str; 43] = [
    "autoscaling:Describe*",
    "cloudformation:Describe*",
    "cloudformation:GetTemplate",
    "cloudformation:List*",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:LookupEvents",
    "cloudwatch:Describe*",
    "cloudwatch:GetDashboard",
    "cloudwatch:GetMetric*",
    "cloudwatch:ListDashboards",
    "cloudwatch:ListMetrics",
    "cloudwatch:ListTagsForResource",
    "directconnect:Describe*",
    "ec2:Describe*",
    "elasticloadbalancing:Describe*",
    "iam:Get*",
    "iam:List*",
    "rds:Describe*",
    "rds:ListTagsForResource",
    "redshift:Describe*",
    "redshift:ViewQueriesInConsole",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "ses:GetAccount*",
    "ses:GetConfigurationSet*",
    "ses:GetCustomVerificationEmailTemplate",
    "ses:GetDedicatedIp*",
    "ses:GetEmailIdentity*",
    "ses:GetEmailTemplate",
    "ses:GetIdentity*",
    "ses:GetSend*",
    "ses:GetTemplate",
    "ses:List*",
    "sns:Get*",
    "sns:List*",
    "sqs:GetQueueAttributes",
    "sqs:ListQueues",
];

pub(super) fn document() -> Document {
    let statement = Statement {
        sid: "ReadMetadata",
        why: "It shows what exists and how it is set up. A wildcard is used only where none of its actions reads content or hands out credentials.",
        effect: Effect::Allow,
        principal: None,
        actions: Choice::These(METADATA.to_vec()),
        resources: Some(Choice::These(vec![Pattern::text("*")])),
        conditions: Vec::new(),
    };
    Document {
        statements: vec![statement],
    }
}
