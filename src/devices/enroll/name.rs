//! Chooses the name of a new virtual device: the one asked for, else the user's own, with a number if
//! necessary. It asks neither AWS nor the user.

use crate::aws::Identity;
use crate::exit::{Failure, Result};
use crate::text::quoted;
use crate::value::Serial;
use std::str::FromStr;

/// The name of a virtual device, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceName(String);

impl DeviceName {
    /// The name as AWS takes it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceName {
    type Err = String;

    /// The pattern of `VirtualMFADeviceName` in CreateVirtualMFADevice, limited to ASCII and to what a
    /// serial can hold.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if (1..=200).contains(&text.len()) && text.chars().all(is_allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{} is not a device name: letters, digits and _+=,.@- are allowed",
            quoted(text)
        ))
    }
}

/// Higher numbers are not tried: a user has at most eight devices, and perhaps as many unfinished ones.
const LAST: usize = 20;

/// The names to try, in order.
pub(super) struct Names {
    left: std::vec::IntoIter<DeviceName>,
    /// Whether the user chose the name.
    is_wish: bool,
}

impl Names {
    /// Only `wish`, if there is one; else the name of `user`, and that with numbers. Names of the
    /// devices `taken` are left out.
    ///
    /// Fails if the user already has a device of the wished name.
    pub(super) fn new(
        user: &str,
        identity: &Identity,
        taken: &[&Serial],
        wish: Option<&DeviceName>,
    ) -> Result<Self> {
        // IAM ignores case in names.
        let is_theirs = |name: &DeviceName| {
            let serial = serial(identity, name);
            let is_same = |serial: &Serial, other: &Serial| {
                serial.as_str().eq_ignore_ascii_case(other.as_str())
            };
            serial.is_ok_and(|serial| taken.iter().any(|it| is_same(it, &serial)))
        };
        let is_wish = wish.is_some();
        let names = match wish {
            Some(name) if is_theirs(name) => {
                let text = format!("{user} already has a device named {}", name.as_str());
                return Err(Failure::failed(text).hint("choose another name with --name"));
            }
            Some(name) => vec![name.clone()],
            None => {
                let numbered = (2..=LAST).map(|number| format!("{user}-{number}"));
                let names = [user.to_owned()].into_iter().chain(numbered);
                let names = names.filter_map(|name| name.parse().ok());
                names.filter(|name| !is_theirs(name)).collect()
            }
        };
        Ok(Self {
            left: names.into_iter(),
            is_wish,
        })
    }

    /// The name to try next, if one is left.
    pub(super) fn upcoming(&self) -> Option<&DeviceName> {
        self.left.as_slice().first()
    }

    /// The next name.
    pub(super) fn take(&mut self) -> Result<DeviceName> {
        let is_wish = self.is_wish;
        self.left.next().ok_or_else(|| {
            let text = if is_wish {
                "the device with that name belongs to another user"
            } else {
                "no device name is free"
            };
            Failure::failed(text).hint("choose another name with --name")
        })
    }
}

/// The serial of a device with that name in the account of `identity`.
pub(super) fn serial(identity: &Identity, name: &DeviceName) -> Result<Serial> {
    let partition = identity.arn.partition();
    Serial::of_virtual(partition, &identity.account, name.as_str()).map_err(Failure::failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            account: "123456789012".into(),
            arn: "arn:aws-cn:iam::123456789012:user/team/alice"
                .parse()
                .expect("an ARN"),
            user_id: "AIDAEXAMPLE".into(),
        }
    }

    fn device(resource: &str) -> Serial {
        let serial = format!("arn:aws-cn:iam::123456789012:{resource}");
        serial.parse().expect("a serial")
    }

    fn first_two(taken: &[Serial]) -> [String; 2] {
        let taken: Vec<&Serial> = taken.iter().collect();
        let names = Names::new("alice", &identity(), &taken, None).expect("names");
        let mut names = names.left.map(|name| name.as_str().to_owned());
        [(); 2].map(|()| names.next().expect("a name"))
    }

    #[test]
    fn a_device_is_named_after_its_user_and_further_ones_get_a_number() {
        assert_eq!(first_two(&[]), ["alice", "alice-2"]);
        assert_eq!(first_two(&[device("mfa/alice")]), ["alice-2", "alice-3"]);
        let some = [device("mfa/Alice"), device("mfa/alice-3")];
        assert_eq!(first_two(&some), ["alice-2", "alice-4"]);
        // A device with a path has another serial, and so does a passkey.
        let others = [device("mfa/sec/alice"), device("u2f/user/alice/alice")];
        assert_eq!(first_two(&others), ["alice", "alice-2"]);
    }

    #[test]
    fn a_requested_name_is_the_only_one_tried_and_must_not_exist() {
        let wish = "phone".parse().expect("a name");
        let names = |taken: Serial| Names::new("alice", &identity(), &[&taken], Some(&wish));
        let mut wished = names(device("mfa/alice")).expect("names");
        assert_eq!(wished.take().expect("one"), wish);
        assert!(wished.take().is_err());
        assert!(names(device("mfa/phone")).is_err());
    }

    #[test]
    fn a_name_is_accepted_exactly_if_aws_accepts_it() {
        for name in ["a", "j.d_o-e=x,y@example.com", "A+1"] {
            assert!(name.parse::<DeviceName>().is_ok(), "{name}");
        }
        for name in ["", "a b", "a/b", "\u{e9}", "a\n", &"x".repeat(201)] {
            assert!(name.parse::<DeviceName>().is_err(), "{name}");
        }
    }

    #[test]
    fn the_serial_belongs_to_the_partition() {
        let name = "alice".parse().expect("a name");
        let serial = serial(&identity(), &name).expect("a serial");
        assert_eq!(serial.as_str(), "arn:aws-cn:iam::123456789012:mfa/alice");
    }
}
