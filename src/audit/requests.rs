//! Holds the requests that the simulator is asked about, and the situations that they are made in. It asks
//! nobody.
//!
//! Resources need not exist. sts:GetSessionToken is not asked about: AWS lets everybody, whatever a policy
//! says, and simulators don't.

use crate::aws::{Entry, Kind};
use crate::policy::MaxAge;
use crate::value::Arn;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The action.
    pub(crate) action: &'static str,
    /// What it is done to.
    pub(crate) on: On,
    /// What it should come to without MFA.
    pub(super) should: Should,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Anything,
    OwnUser,
    OtherUser,
    OwnDevice,
    OtherDevice,
}

/// What a request should come to without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Should {
    /// It is denied.
    BeClosed,
    /// It is denied, unless users enrol in the console: all that it gives away is the names of devices,
    /// and a new device of nobody's.
    BeClosedOrEnrol,
    /// It is allowed, or nobody could enrol.
    StayOpen,
}

use On::{Anything, OtherDevice, OtherUser, OwnDevice, OwnUser};
use Should::{BeClosed, BeClosedOrEnrol, StayOpen};

/// The requests by what they are about: a call of the simulator each.
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

    /// Whether it is somebody else's.
    pub(crate) fn is_of_another(self) -> bool {
        matches!(self, Self::OtherUser | Self::OtherDevice)
    }

    /// The resource, of the user `arn` whose name is `name`.
    pub(super) fn resource(self, arn: &Arn, name: &str) -> String {
        // Neither may be one of the user's own, which begin with their name.
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

/// How somebody has signed in who makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    /// Not at all, with a long-term key: the request says nothing of MFA.
    WithKey,
    /// Without MFA, in the console or for a session: the request says so.
    WithoutMfa,
    /// With MFA, a minute ago.
    FreshMfa,
    /// With MFA, a second longer ago than is allowed, or than any session lasts.
    OldMfa,
}

/// An age of MFA that is always good enough, in seconds.
const FRESH: u64 = 60;

/// The longest that a session lasts, in seconds.
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

    /// What a request of the user `arn` carries who is called `name`, in `region`.
    pub(super) fn context(
        self,
        arn: &Arn,
        name: &str,
        region: &str,
        max_age: Option<MaxAge>,
    ) -> Vec<Entry> {
        let text = |key, value: &str| Entry {
            key,
            kind: Kind::Text,
            value: value.to_owned(),
        };
        let flag = |key, value: bool| Entry {
            key,
            kind: Kind::Boolean,
            value: value.to_string(),
        };
        let mut entries = vec![
            text("aws:username", name),
            text("aws:PrincipalArn", arn.as_str()),
            text("aws:RequestedRegion", region),
            flag("aws:ViaAWSService", false),
            text("iam:PassedToService", "ec2.amazonaws.com"),
        ];
        let mut mfa = |present, age: Option<u64>| {
            entries.push(flag("aws:MultiFactorAuthPresent", present));
            entries.extend(age.map(|age| Entry {
                key: "aws:MultiFactorAuthAge",
                kind: Kind::Numeric,
                value: age.to_string(),
            }));
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
    use super::{GROUPS, On, Should};

    #[test]
    fn there_are_28_to_be_closed_and_4_to_stay_open() {
        let all = || GROUPS.iter().flat_map(|(_, asked)| *asked);
        let open = all().filter(|(_, should)| *should == Should::StayOpen);
        assert_eq!((all().count(), open.count()), (32, 4));
    }

    #[test]
    fn another_user_has_another_name_and_no_device_of_ones_own() {
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
