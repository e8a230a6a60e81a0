//! Lists the requests that the simulator is asked about, and the situations in which they are made. It
//! asks nobody.
//!
//! The resources need not exist. sts:GetSessionToken is left out: AWS allows it to everybody whatever
//! the policies say, which simulators don't know.

use crate::aws::{Entry, Kind};
use crate::policy::MaxAge;
use crate::value::Arn;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The action.
    pub(crate) action: &'static str,
    /// The resource.
    pub(crate) on: On,
    /// What should happen to it without MFA.
    pub(super) should: Should,
}

/// The resource of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Anything,
    OwnUser,
    OtherUser,
    OwnDevice,
    OtherDevice,
}

/// What should happen to a request without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Should {
    /// It is denied.
    BeClosed,
    /// It is denied, unless users enroll in the console: it only reveals the names of devices, or makes
    /// a device that belongs to nobody.
    BeClosedOrEnrol,
    /// It is allowed; otherwise nobody could enroll.
    StayOpen,
}

use On::{Anything, OtherDevice, OtherUser, OwnDevice, OwnUser};
use Should::{BeClosed, BeClosedOrEnrol, StayOpen};

/// The requests by resource: the simulator is called once for each.
pub(super) const GROUPS: [(On, &[(&str, Should)]); 5] = [
    (
        Anything,
        &[
            ("ec2:TerminateInstances", BeClosed),
            ("ec2:DescribeInstances", BeClosed),
            ("s3:GetObject", BeClosed),
            ("lambda:UpdateFunctionCode", BeClosed),
            ("iam:CreateRole", BeClosed),
            ("iam:CreateUser", BeClosed),
            ("iam:PassRole", BeClosed),
            ("iam:CreatePolicyVersion", BeClosed),
            ("iam:RemoveUserFromGroup", BeClosed),
            ("iam:ListUsers", BeClosed),
            ("iam:GetAccountSummary", BeClosed),
            ("iam:ListVirtualMFADevices", BeClosedOrEnrol),
            ("sts:AssumeRole", BeClosed),
            ("sts:GetFederationToken", BeClosed),
        ],
    ),
    (
        OwnUser,
        &[
            ("iam:AttachUserPolicy", BeClosed),
            ("iam:PutUserPolicy", BeClosed),
            ("iam:CreateAccessKey", BeClosed),
            ("iam:ListAccessKeys", BeClosed),
            ("iam:UpdateLoginProfile", BeClosed),
            ("iam:CreateLoginProfile", BeClosed),
            ("iam:UploadSSHPublicKey", BeClosed),
            ("iam:DeactivateMFADevice", BeClosed),
            ("iam:EnableMFADevice", StayOpen),
            ("iam:ListMFADevices", StayOpen),
            ("iam:ResyncMFADevice", StayOpen),
        ],
    ),
    (
        OtherUser,
        &[
            ("iam:EnableMFADevice", BeClosed),
            ("iam:DeactivateMFADevice", BeClosed),
            ("iam:CreateAccessKey", BeClosed),
            ("iam:GetUser", BeClosed),
        ],
    ),
    (OwnDevice, &[("iam:CreateVirtualMFADevice", StayOpen)]),
    (
        OtherDevice,
        &[
            ("iam:CreateVirtualMFADevice", BeClosedOrEnrol),
            ("iam:DeleteVirtualMFADevice", BeClosed),
        ],
    ),
];

/// What a user's own request never says, with whatever keys it is signed: it is said by services, of
/// services, or of others than users. Policies that ask for it get the same answer always.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const NEVER_SAID: [&str; 14] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    // Of iam:CreateServiceLinkedRole alone, which is not asked about.
    "iam:awsservicename",
];

/// What is told in each situation as it is there, or is not there as it is not in such requests.
const OF_MFA: [&str; 2] = ["aws:multifactorauthage", "aws:multifactorauthpresent"];

/// Whether a request that asks for `action` may say something of `key`, which a policy asks for and
/// which was not told.
pub(super) fn may_say(action: &str, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    if NEVER_SAID.contains(&key.as_str()) || OF_MFA.contains(&key.as_str()) {
        return false;
    }
    match (key.split_once(':'), action.split_once(':')) {
        // Every service has its own keys beside those of all.
        (Some((of, _)), Some((service, _))) => of == "aws" || of == service,
        _ => true,
    }
}

impl On {
    /// For people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::OwnUser => "their own user",
            Self::OtherUser => "another user",
            Self::OwnDevice => "their own device",
            Self::OtherDevice => "another user's device",
        }
    }

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Anything => "any",
            Self::OwnUser => "own_user",
            Self::OtherUser => "other_user",
            Self::OwnDevice => "own_device",
            Self::OtherDevice => "other_device",
        }
    }

    /// Whether it belongs to somebody else.
    pub(crate) fn is_of_another(self) -> bool {
        matches!(self, Self::OtherUser | Self::OtherDevice)
    }

    /// The ARN of the resource, for the user `arn` with this `name`.
    pub(super) fn resource(self, arn: &Arn, name: &str) -> String {
        // Nothing of the user's own begins like these names; their own begin with their name.
        let other = match name.starts_with("nobody") {
            true => "somebody-else",
            false => "nobody",
        };
        let account = arn.account().unwrap_or_default();
        let of = |kind: &str, name: &str| {
            format!("arn:{}:iam::{account}:{kind}/{name}", arn.partition())
        };
        match self {
            Self::Anything => "*".to_owned(),
            Self::OwnUser => arn.as_str().to_owned(),
            Self::OtherUser => of("user", other),
            Self::OwnDevice => of("mfa", name),
            Self::OtherDevice => of("mfa", other),
        }
    }
}

/// How the one who makes a request has signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    /// Not at all: with a long-term key, whose requests say nothing about MFA.
    WithKey,
    /// Without MFA, in the console or for a session: the request says so.
    WithoutMfa,
    /// With MFA, a minute ago.
    FreshMfa,
    /// With MFA, a second longer ago than allowed, or than the longest session.
    OldMfa,
}

/// An age of MFA that is always recent enough, in seconds.
const FRESH: u64 = 60;

/// The duration of the longest session, in seconds.
const LONGEST: u64 = 129_600;

impl Situation {
    /// All of them, in the order of the columns.
    pub(crate) const ALL: [Self; 4] = [
        Self::WithKey,
        Self::WithoutMfa,
        Self::FreshMfa,
        Self::OldMfa,
    ];

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WithKey => "key",
            Self::WithoutMfa => "no_mfa",
            Self::FreshMfa => "fresh_mfa",
            Self::OldMfa => "old_mfa",
        }
    }

    /// The context of a request by the user `arn` with this `name`, in `region`.
    pub(super) fn context(
        self,
        arn: &Arn,
        name: &str,
        region: &str,
        max_age: Option<MaxAge>,
    ) -> Vec<Entry> {
        let entry = |key: &str, kind, value: String| Entry {
            key: key.to_owned(),
            kind,
            values: vec![value],
        };
        let text = |key, value: &str| entry(key, Kind::Text, value.to_owned());
        let flag = |key, value: bool| entry(key, Kind::Boolean, value.to_string());
        let mut entries = vec![
            text("aws:username", name),
            text("aws:PrincipalArn", arn.as_str()),
            text("aws:PrincipalAccount", arn.account().unwrap_or_default()),
            text("aws:PrincipalType", "User"),
            flag("aws:PrincipalIsAWSService", false),
            flag("aws:SecureTransport", true),
            text("aws:RequestedRegion", region),
            flag("aws:ViaAWSService", false),
            text("iam:PassedToService", "ec2.amazonaws.com"),
        ];
        let mut mfa = |present, age: Option<u64>| {
            entries.push(flag("aws:MultiFactorAuthPresent", present));
            let age =
                age.map(|age| entry("aws:MultiFactorAuthAge", Kind::Numeric, age.to_string()));
            entries.extend(age);
        };
        match self {
            Self::WithKey => {}
            Self::WithoutMfa => mfa(false, None),
            Self::FreshMfa => mfa(true, Some(FRESH)),
            Self::OldMfa => mfa(true, Some(max_age.map_or(LONGEST, MaxAge::seconds) + 1)),
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, On, Should, may_say};

    #[test]
    fn there_are_28_requests_to_close_and_4_to_keep_open() {
        let all = || GROUPS.iter().flat_map(|(_, asked)| *asked);
        let open = all().filter(|(_, should)| *should == Should::StayOpen);
        assert_eq!((all().count(), open.count()), (32, 4));
    }

    #[test]
    fn a_key_that_a_request_never_has_hides_nothing() {
        for (action, key, may) in [
            ("s3:GetObject", "aws:SourceIp", true),
            ("s3:GetObject", "AWS:sourceip", true),
            ("s3:GetObject", "s3:ExistingObjectTag/a", true),
            ("s3:GetObject", "ec2:ResourceTag/a", false),
            ("ec2:TerminateInstances", "ec2:ResourceTag/a", true),
            ("iam:CreateUser", "iam:PermissionsBoundary", true),
            ("iam:CreateUser", "iam:AWSServiceName", false),
            ("iam:CreateUser", "aws:CalledVia", false),
            ("iam:CreateUser", "aws:MultiFactorAuthAge", false),
            ("iam:CreateUser", "what is this", true),
        ] {
            assert_eq!(may_say(action, key), may, "{action} {key}");
        }
    }

    #[test]
    fn another_user_never_has_ones_own_name_or_device() {
        for name in ["alice", "nobody", "nobody-1", "n", "awsmfa"] {
            let arn = format!("arn:aws:iam::123456789012:user/team/{name}");
            let arn = arn.parse().expect("an ARN");
            for on in [On::OtherUser, On::OtherDevice] {
                let other = on.resource(&arn, name);
                let other = other.rsplit('/').next().expect("a name");
                assert!(other != name && !other.starts_with(&format!("{name}-")));
            }
        }
    }
}
