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
    fn there_are_28_requests_to_close_and_4_to_keep_open() {
        let all = || GROUPS.iter().flat_map(|(_, asked)| *asked);
        let open = all().filter(|(_, should)| *should == Should::StayOpen);
        assert_eq!((all().count(), open.count()), (32, 4));
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
