//! Parses the serial of an MFA device: an ARN or a hardware serial. It does not check that AWS has
//! such a device.

use super::Arn;
use std::fmt;
use std::str::FromStr;

/// The identification of an MFA device, as GetSessionToken takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Serial {
    /// A virtual device, or a FIDO key, under its ARN.
    Arn(Arn),
    /// What is printed on a hardware device.
    Hardware(String),
}

/// What kind of device a serial belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceKind {
    /// An authenticator app: its serial is an ARN, and it can be deleted.
    Virtual,
    /// A token that shows codes, with its number on it.
    Hardware,
    /// A passkey or FIDO security key, which shows no codes.
    Fido,
}

impl DeviceKind {
    /// The word for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Hardware => "hardware",
            Self::Fido => "fido",
        }
    }
}

impl Serial {
    /// The serial of a virtual device, whose `name` may have a path before it. Fails where that makes no
    /// serial.
    pub(crate) fn of_virtual(partition: &str, account: &str, name: &str) -> Result<Self, String> {
        format!("arn:{partition}:iam::{account}:mfa/{name}").parse()
    }

    /// The serial as AWS spells it.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Arn(arn) => arn.as_str(),
            Self::Hardware(number) => number,
        }
    }

    /// The kind of device. The ARNs of passkeys and FIDO keys keep `u2f` whatever the protocol.
    pub(crate) fn kind(&self) -> DeviceKind {
        match self.arn() {
            None => DeviceKind::Hardware,
            Some(arn) if arn.resource().starts_with("u2f/") => DeviceKind::Fido,
            Some(_) => DeviceKind::Virtual,
        }
    }

    /// Whether it is a passkey or a FIDO security key, which GetSessionToken never takes.
    pub(crate) fn is_fido(&self) -> bool {
        self.kind() == DeviceKind::Fido
    }

    /// The partition of its ARN (`aws`, `aws-cn`, …).
    pub(crate) fn partition(&self) -> Option<&str> {
        self.arn().map(Arn::partition)
    }

    /// The account of its ARN.
    pub(crate) fn account(&self) -> Option<&str> {
        self.arn()?.account()
    }

    /// What a person calls the device: the last part of its ARN, else the whole serial.
    pub(crate) fn device_name(&self) -> &str {
        let text = self.as_str();
        text.rsplit('/').next().unwrap_or(text)
    }

    fn arn(&self) -> Option<&Arn> {
        match self {
            Self::Arn(arn) => Some(arn),
            Self::Hardware(_) => None,
        }
    }
}

impl FromStr for Serial {
    type Err = String;

    /// The pattern of `SerialNumber` in GetSessionToken: 9 to 256 of `[\w+=/:,.@-]`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c);
        let refused = || {
            format!(
                "{} is not an MFA serial; one looks like arn:aws:iam::123456789012:mfa/NAME or GAHT12345678",
                crate::text::quoted(text)
            )
        };
        if !(9..=256).contains(&text.len()) || !text.chars().all(is_allowed) {
            return Err(refused());
        }
        if !text.starts_with("arn:") {
            return Ok(Self::Hardware(text.to_owned()));
        }
        text.parse().map(Self::Arn).map_err(|_| refused())
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Serial;

    fn serial(text: &str) -> Serial {
        text.parse().expect("a serial of the test")
    }

    #[test]
    fn an_arn_names_partition_account_and_device() {
        let device = serial("arn:aws-us-gov:iam::123456789012:mfa/team/alice");
        assert_eq!(device.partition(), Some("aws-us-gov"));
        assert_eq!(device.account(), Some("123456789012"));
        assert_eq!(device.device_name(), "alice");
        assert!(!device.is_fido());
    }

    #[test]
    fn a_hardware_serial_has_no_partition() {
        let device = serial("GAHT12345678");
        assert_eq!(
            (device.partition(), device.account(), device.device_name()),
            (None, None, "GAHT12345678")
        );
    }

    #[test]
    fn a_fido_key_is_known_by_its_arn() {
        assert!(serial("arn:aws:iam::123456789012:u2f/user/alice/key-ABC").is_fido());
        assert!(!serial("arn:aws:iam::123456789012:mfa/u2f/alice").is_fido());
    }

    #[test]
    fn what_sts_would_refuse_is_no_serial() {
        for text in [
            "",
            "short",
            "arn:aws:iam::1:mfa/a b",
            "arn:aws:iam::1:mfa/\u{e9}x",
            "arn::iam::123456789012:mfa/alice",
            "arn:aws:iam::123456789012",
            &"x".repeat(257),
        ] {
            assert!(text.parse::<Serial>().is_err(), "{text}");
        }
    }
}
