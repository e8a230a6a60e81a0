//! Makes the document that denies changes to instances with a tag. It grants nothing.

use super::super::document::{Choice, Condition, Document, Effect, Operator, Statement};
use super::super::options::Tag;
use super::super::pattern::{Pattern, Piece, text};

pub(super) const LIMITS: [&str; 4] = [
    "It covers requests to EC2 alone. Auto Scaling can still end an instance, Systems Manager can run commands on it, and a role can do what the user may not.",
    "It knows an instance by its tag: one without the tag is not protected. Changing the tags of protected instances is denied.",
    "ec2:CreateImage stays open, for backups, though it reboots an instance unless told not to.",
    "It allows nothing: users need another policy to work with instances at all.",
];

pub(super) fn document(tag: &Tag) -> Document {
    let instances = [
        text("arn:"),
        Piece::Partition,
        text(":ec2:*:"),
        Piece::Account,
        text(":instance/*"),
    ];
    let statement = Statement {
        sid: "DenyChangingProtectedInstances",
        why: "In every region, these actions end an instance, change it, take away its disk or network, give it another role, or remove the tag that protects it.",
        effect: Effect::Deny,
        principal: None,
        actions: Choice::These(vec![
            "ec2:AssociateAddress",
            "ec2:AssociateIamInstanceProfile",
            "ec2:AttachNetworkInterface",
            "ec2:AttachVolume",
            "ec2:CreateDelegateMacVolumeOwnershipTask",
            "ec2:CreateMacSystemIntegrityProtectionModificationTask",
            "ec2:CreateReplaceRootVolumeTask",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DetachNetworkInterface",
            "ec2:DetachVolume",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:ModifyInstance*",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:ModifyPrivateDnsNameOptions",
            "ec2:PauseVolumeIO",
            "ec2:RebootInstances",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:ResetInstanceAttribute",
            "ec2:SendDiagnosticInterrupt",
            "ec2:SendSpotInstanceInterruptions",
            "ec2:StartInstances",
            "ec2:StopInstances",
            "ec2:TerminateInstances",
        ]),
        resources: Some(Choice::These(vec![Pattern::of(instances)])),
        conditions: vec![Condition::new(
            Operator::StringLike,
            &format!("aws:ResourceTag/{}", tag.key.0),
            tag.value.0.clone(),
        )],
    };
    Document {
        statements: vec![statement],
    }
}
